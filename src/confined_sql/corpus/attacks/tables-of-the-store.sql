-- The store's own tables, and physical names: what is there, but is not told.

-- refused: there is no dataset named
select * from _dataset
select * from _appended
select * from _measure
select * from _DATASET
select * from "_dataset"
select * from `_appended`
select definition from _dataset
select answer from _appended
select * from sales, _dataset
select * from sales where region in (select id from _dataset)
select (select definition from _dataset limit 1)
select * from ds_a0000000000000000000000000000000
select * from ds_b0000000000000000000000000000000
select * from DS_B0000000000000000000000000000000
select * from "ds_b0000000000000000000000000000000"
select * from [ds_b0000000000000000000000000000000]
select * from `ds_a0000000000000000000000000000000`
select * from ds_a0000000000000000000000000000000_new
select * from ds_c0000000000000000000000000000000
select * from ds_a0000000000000000000000000000000_1
select * from c1
select * from c2
select * from q_1
with x as (select * from c1) select * from x
with x as (select 1) select * from c1
with x as (select 1 a), y as (select * from c1) select * from y

-- refused: no table in this FROM is called
select _dataset.definition from sales
select ds_a0000000000000000000000000000000.amount from sales
select ds_a0000000000000000000000000000000_1.amount from sales
select ds_a0000000000000000000000000000000_1.amount from sales x
select ds_b0000000000000000000000000000000.token from sales
select ds_a0000000000000000000000000000000.* from sales
select c1.amount from (select amount from sales) x
select q_1.amount from (select amount from sales)
select q_1.* from (select amount from sales)
select c1_1.a from (select 1 as a) x

-- refused: there is no column
select row_count from sales
select version from sales

-- answered
with ds_b0000000000000000000000000000000 as (select 1 as token) select token from ds_b0000000000000000000000000000000
with ds_a0000000000000000000000000000000 as (select 2 as amount) select amount from ds_a0000000000000000000000000000000
with ds_a0000000000000000000000000000000 as (select 2 as amount) select amount from sales
with _dataset as (select 1 as definition) select definition from _dataset
with c2 as (select 1 as a), c1 as (select 2 as a) select c1.a, c2.a from c1, c2
with c1 as (select 1 as a) select c1.a from c1 as c1
select q_1.amount from (select amount from sales) q_1
select q_2.amount from (select amount from sales) q_2, (select 1 as one) q_1
select ds_b0000000000000000000000000000000.amount from sales ds_b0000000000000000000000000000000
select c1.amount, c2.region from sales c1, customers c2
select ds_c0000000000000000000000000000000_1.amount from sales ds_c0000000000000000000000000000000_1, customers
select ds_a0000000000000000000000000000000_2.name from customers ds_a0000000000000000000000000000000_2, sales
select amount as definition, region as _dataset from sales
select 1 as ds_b0000000000000000000000000000000
select x._dataset from (select 1 as _dataset) x
