-- Names that a schema qualifies: `main.t` walks past a table expression that would hide `t`.

-- refused: a dataset is named alone
select * from main.sales
select * from main.secrets
select * from temp.sales
select * from temp.secrets
select * from "main"."sales"
select * from [main].[sales]
select * from `main`.`sales`
select * from 'main'.'sales'
select * from main . sales
select * from main./**/sales
select * from MAIN.sales
select * from main.sales as sales
select * from other.sales
select * from sales.sales
select * from main.ds_b0000000000000000000000000000000
select * from main."ds_b0000000000000000000000000000000"
select * from main.ds_a0000000000000000000000000000000
with sales as (select 1) select * from main.sales
with main as (select * from sales) select * from main.secrets
select * from sales join main.secrets on 1 = 1
select * from sales, temp.sqlite_temp_schema
select (select token from main.secrets)
select * from sales where amount in (select token from main.secrets)
select * from (select * from (select * from main.secrets))
select 1 union select token from main.secrets
select 1 where exists (select 1 from main.secrets)
select * from main.pragma_table_list
select * from sales_schema.sales
select * from (main.secrets)
select * from (sales, main.secrets)
select * from sales natural join main.secrets
select * from sales left join temp.secrets using (region)

-- refused: write `in (select
select * from sales where amount in main.secrets
select * from sales where amount not in main.secrets

-- refused: a column is named as table.column
select main.sales.amount from sales
select "main"."sales"."amount" from sales
select temp.sales.amount from sales
select main.x.amount from sales x
select main.secrets.token from sales
select 1 from sales order by main.sales.amount
select 1 from sales group by main.sales.region
select sum(main.sales.amount) over () from sales
select * from sales main where main.main.amount > 1

-- refused: no table in this FROM is called
select main.* from sales
select main.amount from sales

-- refused: table functions are not supported
select * from pragma_table_info('sales', 'main')
select * from main.json_each('[1]')
