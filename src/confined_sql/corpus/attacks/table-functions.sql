-- Functions that stand where a table does.

-- refused: there is no dataset named
select * from pragma_table_list
select * from pragma_database_list
select * from pragma_function_list
select * from pragma_module_list
select * from pragma_pragma_list
select * from pragma_collation_list
select * from pragma_compile_options
select * from pragma_stats
select * from pragma_user_version
select * from pragma_integrity_check
select * from pragma_schema_version
select * from "pragma_table_list"
select * from PRAGMA_TABLE_LIST
select * from pragma_table_info
select * from pragma_table_info where arg = 'sales'
select (select group_concat(name) from pragma_table_list)
with x as (select * from pragma_table_list) select * from x
select 1 union select name from pragma_table_list
select * from json_each
select * from json_each where json = '[1]'
select value from generate_series
select * from fts5vocab
select * from rtreecheck
select * from wholenumber

-- refused: table functions are not supported
select * from pragma_table_list()
select * from pragma_table_info('sales')
select * from pragma_table_xinfo('sales')
select * from pragma_index_list('sales')
select * from pragma_foreign_key_list('sales')
select name from sales, pragma_table_info(sales.region)
select * from sales join pragma_table_info(sales.region) on 1
select * from json_each('[1,2]')
select * from json_tree('{}')
select * from jsonb_each('[1]')
select * from jsonb_tree('[1]')
select * from sales, json_each(sales.region)
select value from sales left join json_each('[1]') on 1
select * from sales where amount in (select value from json_each('[1]'))
select * from generate_series(1, 10)
select * from fts5('x')
select * from fts3tokenize('simple')
select * from sales('x')
select * from sales()
select * from main.sales()
with x as (select 1) select * from x(1)
select * from carray(1, 2)
select * from unnest('[1]')
select * from fsdir('/')
select * from zipfile('x')
select * from csv('x')

-- refused: write `in (select
select * from sales where region in pragma_table_list
select * from sales where region in pragma_table_info('sales')

-- refused: syntax error
select * from (select 1)()
select * from lateral (select 1)
select * from sales s, lateral (select s.amount)
select * from sales s cross apply (select s.amount)
select * from sales tablesample (10)

-- refused: INDEXED BY is not supported
select * from sales indexed by i
select * from sales indexed by sqlite_autoindex_sales_1
select * from sales not indexed
select * from sales x indexed by ds_a0000000000000000000000000000000_0

-- refused: VALUES is not supported
values (1), (2)
values ((select token from secrets))
select * from (values (1), (2))
select * from (values ((select token from secrets)))
with v as (values (1)) select * from v
with v(a) as (values (1) union select token from secrets) select * from v
select * from sales where amount in (values (1))
select * from sales where (amount, region) in (values (1, 2))
select (values (1))
select exists (values (1))
select 1 union values (2)
values (1) union select token from secrets
