-- The tables that tell of tables, under each of their names.

-- refused: there is no dataset named
select * from `sqlite_schema`
select * from sqlite_schema
select * from sqlite_master
select * from SQLITE_MASTER
select * from Sqlite_Schema
select * from "sqlite_schema"
select * from [sqlite_schema]
select * from `sqlite_master`
select * from 'sqlite_master'
select * from sqlite_temp_schema
select * from sqlite_temp_master
select * from sqlite_sequence
select * from sqlite_stat1
select * from sqlite_stat4
select * from sqlite_dbpage
select * from sqlite_dbdata
select * from sqlite_stmt
select * from sqlite_bytecode
select * from sqlite_tables_used
select * from dbstat
select sql from sqlite_schema where name like 'ds_%'
select name from sales, sqlite_schema
select rootpage from sqlite_schema
select (select group_concat(sql) from sqlite_schema)
select count(*) from sales where exists (select 1 from sqlite_schema where name like 'ds_b%')
select * from sales where region in (select name from sqlite_master)
with sqlite_schema as (select * from sqlite_schema) select * from sqlite_schema
with x as (select name from sqlite_master) select * from x
select region from sales order by (select max(rootpage) from sqlite_schema)
select region from sales limit (select count(*) from sqlite_schema)
select * from sqlite_autoindex__dataset_1
select * from ds_a0000000000000000000000000000000_0
select * from _cf_KV
select * from _cf_METADATA
select * from _cf_ALARM
select * from _cf_DO
select * from __cf_kv
select * from "_cf_KV"
select * from d1_migrations
select * from __miniflare_do_name

-- refused: a dataset is named alone
select * from main.sqlite_schema
select * from main.sqlite_master
select * from temp.sqlite_schema
select * from temp.sqlite_master

-- refused: table functions are not supported
select * from bytecode('select 1')
select * from tables_used('select 1')
select * from dbstat('main')
select * from completion('sel')

-- refused: there is no column
select name from sales union select name from sqlite_master
select sqlite_autoindex_sales_1 from sales

-- refused: no table in this FROM is called
select sqlite_schema.name from sales
select sqlite_schema.* from sales

-- answered
with sqlite_schema as (select 1 as name) select name from sqlite_schema
with sqlite_master(name) as (select region from sales) select name from sqlite_master
select sqlite_schema.region from sales as sqlite_schema
select region as sqlite_schema from sales
