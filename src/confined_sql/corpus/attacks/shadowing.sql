-- Table expressions and aliases that take the names of tables, in and out of reach.

-- refused: a join in parentheses takes no name
select * from (sales s join customers c on c.id = s.customer) as x

-- refused: there is no dataset named
with secrets as (select * from secrets) select * from secrets
with sales as (select * from secrets) select * from sales
with a as (select * from b), b as (select 1) select * from a
with a as (select * from b), b as (select * from a) select * from a
with a as (select * from a) select * from a
with a as (select * from A) select * from a
with a as (select 1 union select * from a) select * from a
with a as (select (select count(*) from a)) select * from a
with a as (select 1 where exists (select 1 from a)) select * from a
select * from (with inner_one as (select 1 as a) select * from inner_one) x, inner_one
select (with hidden as (select 1 as a) select a from hidden) from hidden
with x as (with y as (select 1 as a) select * from y) select * from y
select * from sales where 1 in (with y as (select 1) select * from y) and 1 in (select * from y)

-- refused: no table in this FROM is called
select secrets.amount from sales as s
select sales.amount from sales as s
select sales.amount from sales as secrets
select s.amount from sales
select y.amount from sales x where exists (select 1 from sales y)
select a.amount from (select b.amount from sales a) b
select z.amount from sales order by z.amount
select region from sales group by z.region
select region from sales union select region from customers order by z.region

-- refused: has no column
select x.amount from sales, customers x
select x.amount from (select region from sales) x
select x.amount from sales x where exists (select x.amount from customers x)
select (select x.name from sales x) from customers x

-- refused: two tables of this FROM are called
select x.amount from sales x, customers x
select * from sales, sales
select * from sales x, customers X
select * from sales as "x", customers as [X]
select * from (sales x join customers x on 1)
select * from sales x join (customers x join customers y on 1) on 1

-- refused: there is no column
select total from sales where total > 1
with customers as (select amount from sales), sales as (select id from customers) select * from sales

-- answered
with sales as (select 1 as amount) select amount from sales
with sales as (select amount from sales) select amount from sales
with sales as (select id as amount from customers) select amount from sales where amount > 1
with secrets as (select amount from sales) select amount from secrets
with SECRETS as (select amount from sales) select amount from secrets
with "main" as (select amount from sales) select "main".amount from "main"
with temp as (select amount from sales) select temp.amount from temp
with a as (select 1 as b), b as (select 2 as a) select a.b, b.a from a, b
with a as (select 1 as n) select * from (with a as (select 2 as n) select * from a), a
with a as (select 1 as n) select (with a as (select 3 as n) select n from a), n from a
with a as (select 1 as n), b as (with a as (select 2 as n) select n from a) select b.n, a.n from a, b
with a as (select amount from sales) select x.amount, y.amount from a x, a y where x.amount = y.amount
select secrets.amount from sales secrets
select secrets.amount from sales as "secrets"
select "main".amount from sales as "main"
select [temp].amount from sales [temp]
select sales.name from customers sales
select customers.amount, sales.name from sales customers, customers sales
select sqlite_schema.amount from sales sqlite_schema
select sales.amount from (select amount from sales) sales
select x.amount from sales x where exists (select 1 from customers x where x.id = 1)
select (select x.name from customers x limit 1), x.amount from sales x
select amount as token from sales order by token
select amount as region, region as amount from sales order by region
select "amount" as "sales.region" from sales
select region as "token", token from (select 1 as token, region from sales)
select max(amount) as amount from sales having amount > 1
select region from sales union select name from customers order by region
select s.region from sales s union select c.name from customers c order by 1
select count(*) from sales as "a""b"
select "a""b".amount from sales as "a""b"
select `a``b`.amount from sales as `a``b`
select [a`b].amount from sales as [a`b]
select "x.y".amount from sales as "x.y"
select "select".amount as "from" from sales as "select"
select " ".amount from sales as " "
select "".amount from sales as ""
select amount as "" from sales
select "CONSTANT ROW".amount from sales as "CONSTANT ROW"
select "x LEFT-JOIN".amount from sales as "x LEFT-JOIN"
