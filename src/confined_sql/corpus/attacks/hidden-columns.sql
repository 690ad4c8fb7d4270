-- Columns that every table has, or that none has.

-- refused: there is no column
select rowid from sales
select _rowid_ from sales
select oid from sales
select ROWID from sales
select "rowid" from sales
select [rowid] from sales
select `oid` from sales
select * from sales where rowid = 1
select * from sales order by rowid desc
select max(rowid) from sales
select count(*) from sales group by rowid % 2
select region from sales where rowid in (1, 2)
select region from (select * from sales) where rowid = 1
select rowid from (select 1)
with x as (select * from sales) select rowid from x
select rank from sales
select sales from sales
select customers from sales, customers
select * from sales where sales = 'x'
select sql from sales
select tbl_name from sales
select type, name, rootpage from sales
select json from sales
select value, key, atom from sales
select hidden from sales
select arg, schema from sales
select docid from sales
select id from sales
select region from sales natural join customers where rowid = 1

-- refused: has no column
select sales.rowid from sales
select s._rowid_ from sales s
select "s"."oid" from sales s
select s.amount from sales s join customers c on c.rowid = s.rowid
select sales.sales from sales
select x.rowid from sales natural join customers x

-- refused: no table in this FROM is called
select amount.region from sales
select amount.sales from sales
select old.amount from sales
select new.amount from sales
select excluded.amount from sales
select * from sales where new.amount = 1

-- refused: a column is named as table.column
select sales.amount.region from sales

-- refused: syntax error
select sales.*.region from sales
select *.* from sales
select sales.* .amount from sales
select (sales).amount from sales
select (sales.*) from sales
select count(sales.*) from sales
select * from sales join customers using (nothing)

-- stopped: cannot join using
select region, id from sales join customers using (id)
select region from sales join customers using (amount)

-- stopped: ambiguous column name
select region from sales join customers on 1
select amount from sales x, sales y

-- answered
select x.rowid from (select amount as rowid from sales) x
select rowid from (select region as rowid from sales)
with x(oid) as (select region from sales) select oid from x
select amount as rowid from sales order by rowid
select amount as _rowid_, region as oid from sales
select region, name from sales join customers using (region)
select sales.region, customers.region from sales join customers using (region)
select * from sales natural join customers
select count(*) from sales natural left join customers
select region from sales where (select region) = 'north'
select amount, amount, amount from sales order by amount
select x.a from (select amount as a, region as a from sales) x
select region from sales where amount = (select amount from customers where id = 1)
select (select amount) from sales
select (select s.amount from (select 1)) from sales s
