drop table sales
delete from sales
delete from sales returning *
update sales set amount = 0
insert into sales values (1)
insert into sales select * from sales returning *
replace into sales values (1)
create table x (a)
create temp table x as select 1
create view v as select * from sales
create trigger t after insert on sales begin select 1; end
create virtual table f using fts5(a)
create index i on sales (amount)
alter table sales rename to x
alter table sales add column x
pragma table_list
pragma foreign_keys = off
pragma writable_schema = on
pragma journal_mode = delete
attach database 'file.db' as x
attach ':memory:' as x
detach main
vacuum
vacuum into 'x'
reindex
analyze
begin
commit
rollback
savepoint a
release a
explain select 1
explain query plan select 1
select 1; select 2
select 1; drop table sales
select 1;; drop table sales
select 1 /* ; */ ; delete from sales
select 1 where 1 = 1; pragma table_list; --
select * from sqlite_schema
select * from sqlite_master
select * from SQLITE_MASTER
select * from "sqlite_schema"
select * from [sqlite_schema]
select * from `sqlite_schema`
select * from main.sqlite_schema
select * from main.sales
select * from "main"."sales"
select * from [main].[sales]
select * from temp.sales
select * from main . sales
select * from sqlite_temp_schema
select * from sqlite_sequence
select * from sqlite_stat1
select * from sqlite_dbpage
select * from dbstat
select * from _cf_KV
select * from _cf_METADATA
select * from _dataset
select * from __miniflare_do_name
select * from ds_b0000000000000000000000000000000
select * from "ds_b0000000000000000000000000000000"
select * from ds_a0000000000000000000000000000000
select * from main.ds_b0000000000000000000000000000000
select * from secrets
select secrets.* from sales
select secrets.token from sales
select token from sales
select (select token from secrets)
select * from sales where amount in secrets
select * from sales where amount in main.secrets
select * from sales where amount in (select token from secrets)
select * from sales where exists (select 1 from secrets)
select * from sales join secrets
select * from sales, secrets
select * from (select * from secrets)
with x as (select * from secrets) select * from x
with x as (select 1) select * from secrets
with secrets as (select * from secrets) select * from secrets
with x as (select * from main.secrets) select * from x
select 1 union select token from secrets
select 1 union all select name from sqlite_schema
select * from sales order by (select token from secrets)
select * from sales limit (select count(*) from secrets)
select * from sales limit 1 offset (select count(*) from secrets)
select * from sales group by (select token from secrets)
select count(*) from sales having (select 1 from secrets)
select case when (select 1 from secrets) then 1 end
select sum(amount) filter (where (select 1 from secrets)) from sales
select sum(amount) over (partition by (select token from secrets)) from sales
select sum(amount) over w from sales window w as (order by (select token from secrets))
select sum(amount) over (rows (select count(*) from secrets) preceding) from sales
select group_concat(region order by (select token from secrets)) from sales
select * from pragma_table_list
select * from pragma_table_list()
select * from pragma_table_info('sales')
select name from pragma_function_list
select * from json_each('[1,2]')
select * from json_tree('{}')
select * from generate_series(1, 10)
select * from sales, json_each(sales.region)
select * from sales, pragma_table_info(sales.region)
select value from sales left join json_each('[1]') on 1
select load_extension('x')
select readfile('/etc/passwd')
select writefile('x', 'y')
select fts3_tokenizer('x')
select sqlite_version()
select sqlite_source_id()
select sqlite_compileoption_get(1)
select sqlite_offset(amount) from sales
select last_insert_rowid()
select changes()
select total_changes()
select randomblob(1000000000)
select zeroblob(1000000000)
select hex(zeroblob(1000000))
select hex(region) from sales
select length(hex(zeroblob(1e6))) from sales
select random()
select printf('%1000000000d', 1)
select printf('%.*c', 1000000000, 'x')
select format('%1000000000d', 1)
select quote(region) from sales
select char(0)
select unhex('00')
select x'00'
select X'414243'
select cast('a' as blob)
select cast(region as any thing) from sales
select json_extract('{}', '$')
select json_group_array(amount) from sales
select json_array(1)
select json('[]')
select jsonb('[]')
select region -> '$.a' from sales
select region ->> '$.a' from sales
select likelihood(amount, 0.5) from sales
select unlikely(amount) from sales
select like('a', 'b')
select glob('a', 'b')
select soundex(region) from sales
select edit_distance('a', 'b')
select raise(abort, 'x')
select raise(ignore)
with recursive r(n) as (select 1 union all select n + 1 from r) select n from r
with recursive r as (select 1) select * from r
with r(n) as (select 1 union all select n + 1 from r) select n from r
with r(n) as (select 1 union select n + 1 from r where n < 1e18) select count(*) from r
with a as (select * from b), b as (select * from a) select * from a
with a as (select * from a) select * from a
values (1), (2)
select * from (values (1), (2))
with v as (values (1)) select * from v
select * from sales where amount in (values (1))
select 1 union select 2 union select 3 union select 4 union select 5 union select 6
select * from sales indexed by i
select * from sales not indexed
select rowid from sales
select _rowid_ from sales
select oid from sales
select sales.rowid from sales
select "rowid" from sales
select * from sales where rowid = 1
select ?1
select ?
select :a
select @a
select $a
select #1
select amount from sales where region = ?
select main.sales.amount from sales
select "main"."sales"."amount" from sales
select * from sales where region match 'x'
select * from sales where region regexp 'x'
select * from sales where region like region
select * from sales where region like '%' || region
select * from sales where region like '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a'
select * from sales where region like '%' like (select region from sales)
select * from sales where region collate mine = 'x'
select region from sales order by region collate unicode
select sum(amount) over (order by day rows unbounded preceding exclude current row) from sales
select group_concat(region) over (order by day) from sales
select row_number() from sales
select rank() from sales
select upper(region) over () from sales
select upper(region) filter (where 1) from sales
select replace(region, 'a', region) from sales
select replace(region, '', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') from sales
select sum(*) from sales
select sum() from sales
select sum(amount, 1) from sales
select nothing(amount) from sales
select count(1, 2) from sales
select (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
select a from (select a from (select a from (select b from sales))) x
select * from ｓａｌｅｓ
select * from sаles
select * from salés
select * from "sales "
select * from " sales"
select * from 'secrets'
select 'x' from 'secrets'
select "secrets"."token"
select * from sales as secrets, secrets
select secrets.amount from sales as s
select * from sales s where s.token = 1
select * from (sales s join customers c on c.id = s.customer) as x
select
select from sales
select * from
select * frm sales
select 'unterminated
select "unterminated
select [unterminated
select /* unterminated
selec 1
;
--
/* nothing */
select 1 select 2
select * from sales where
select amount from sales where amount = = 1
select offset from (select 1 as offset) limit 1, 2
select * from sales returning *
select 1 into x
select top 5 * from sales
select * from sales for update
with w1 as (select amount a from sales), w2 as (select a*a*a*a*a*a*a*a*a*a a from w1), w3 as (select a*a*a*a*a*a*a*a*a*a a from w2), w4 as (select a*a*a*a*a*a*a*a*a*a a from w3), w5 as (select a*a*a*a*a*a*a*a*a*a a from w4), w6 as (select a*a*a*a*a*a*a*a*a*a a from w5) select a from w6
select a||a||a||a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select region a from sales)))))))))
with w1 as (select 1 a), w2 as (select x.a from w1 x, w1 y), w3 as (select x.a from w2 x, w2 y), w4 as (select x.a from w3 x, w3 y), w5 as (select x.a from w4 x, w4 y), w6 as (select x.a from w5 x, w5 y), w7 as (select x.a from w6 x, w6 y) select a from w7
select 1 from sales s1, sales s2, sales s3, sales s4, sales s5, sales s6, sales s7, sales s8, sales s9, sales s10, sales s11, sales s12, sales s13, sales s14, sales s15, sales s16, sales s17, sales s18, sales s19, sales s20, sales s21, sales s22, sales s23, sales s24, sales s25, sales s26, sales s27, sales s28, sales s29, sales s30, sales s31, sales s32, sales s33, sales s34, sales s35, sales s36, sales s37, sales s38, sales s39, sales s40, sales s41
