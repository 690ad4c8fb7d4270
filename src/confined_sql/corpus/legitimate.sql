select 1
select 1 + 2 * 3 as seven
select * from sales
select amount from sales
select AMOUNT from SALES
select "amount" from "sales"
select [amount] from [sales]
select `amount` from `sales`
select sales.amount from sales
select s.amount from sales s
select s.amount from sales as s
select s.* from sales s
select day, sum(amount) from sales group by day
select day, sum(amount) as total from sales group by day order by total desc
select day, sum(amount) from sales group by 1 order by 2 desc nulls last
select region, count(*) from sales group by region having count(*) > 1
select count(*) from sales
select count(distinct region) from sales
select min(amount), max(amount), avg(amount), total(amount) from sales
select * from sales where amount > 10 and region = 'north'
select * from sales where amount between 1 and 20
select * from sales where region in ('north', 'south')
select * from sales where region not in (select region from customers where region is not null)
select * from sales where region is null or region is not 'north'
select * from sales where region like 'n%'
select * from sales where region not like '%o_th' escape '\'
select * from sales where region glob 'n*'
select * from sales where exists (select 1 from customers c where c.region = sales.region)
select s.amount, c.name from sales s join customers c on c.id = s.customer
select s.amount, c.name from sales s left join customers c on c.id = s.customer
select s.amount, c.name from sales s left outer join customers c on c.id = s.customer where c.name is null
select s.amount, c.name from sales s right join customers c on c.id = s.customer
select s.amount, c.name from sales s full outer join customers c on c.id = s.customer
select s.amount, c.name from sales s, customers c where c.id = s.customer
select amount, region from sales join customers using (region)
select * from sales natural join customers
select a.amount from sales a cross join customers b where a.customer = b.id
select x.t from (select sum(amount) as t from sales) x
select x.region, x.n from (select region, count(*) n from sales group by region) as x where n > 1
with m as (select substr(day, 1, 7) as month, amount from sales) select month, sum(amount) from m group by month
with a as (select amount from sales), b as (select max(amount) top from a) select a.amount / b.top from a, b
with a(x, y) as (select region, amount from sales) select x, sum(y) from a group by x
with sales as (select * from sales where amount > 5) select count(*) from sales
with c1 as (select 1 as x) select x from c1
with x as materialized (select region from sales) select * from x union select region from customers
select region from sales union all select region from customers
select region from sales intersect select region from customers
select region from sales except select region from customers order by region limit 3
select region from sales union select region from customers union select 'x' union select 'y' union select 'z'
select amount, row_number() over (order by amount desc) as place from sales
select region, amount, rank() over (partition by region order by amount) from sales
select day, sum(amount) over (order by day rows between 6 preceding and current row) from sales
select day, sum(amount) over w, avg(amount) over w from sales window w as (partition by region order by day)
select day, amount - lag(amount, 1, 0) over (order by day) as change from sales
select count(*) filter (where amount > 10) from sales
select case when amount > 10 then 'big' else 'small' end as size, count(*) from sales group by size
select case region when 'north' then 1 else 0 end from sales
select coalesce(region, 'none'), ifnull(amount, 0), nullif(amount, 0), iif(amount > 1, 'a', 'b') from sales
select upper(region) || '-' || lower(region) || trim(' x ') from sales
select substr(region, 1, 2), length(region), instr(region, 'o'), replace(region, 'o', '0') from sales
select round(amount, 1), abs(amount), ceil(amount), floor(amount), amount % 3 from sales
select cast(amount as integer), cast(paid as text), cast(region as real) from sales
select date(day), strftime('%Y-%m', day), julianday(day) from sales
select * from sales where day >= date('now', '-7 days')
select * from sales where day < current_date
select group_concat(region, ', ') from sales
select region, group_concat(distinct customer) from sales group by region
select paid = true, paid is not false from sales
select not paid, -amount, +amount, ~customer from sales
select (select max(amount) from sales) as top
select amount, (select name from customers c where c.id = s.customer) as who from sales s
select distinct region, paid from sales order by region collate nocase desc
select * from sales order by amount limit 5 offset 1
select * from sales; --
select "Name with space" from "Odd name"
select o."Name with space" as "A `quoted` one" from "Odd name" o
select 'it''s', '"', '`', 'a;b', '--c', '/*d*/'
select 1.5, .5, 1e3, 0x10
select (1, 2) = (1, 2), (amount, region) in (select amount, region from sales) from sales
select sum(amount) /* what */ from sales -- all of it
select sum(amount) from sales;
select max(amount, customer, 3), min(amount, 1) from sales
select t.region from (sales s join customers c on c.id = s.customer) join customers t on t.id = c.id
with a as (with b as (select amount from sales) select * from b) select * from a
select * from (select * from (select amount, region from sales) where amount > 1) where region = 'north'
select a.region from sales a join (select region, max(amount) m from sales group by region) b on a.region = b.region and a.amount = b.m
select 10 / 3, 10 / 3.0, 10 % 3, 1 << 4, 6 & 3, 6 | 1
select region from sales group by region having sum(amount) > (select avg(amount) from sales)
select first_value(amount) over (partition by region order by day), ntile(4) over (order by amount) from sales
select day, amount from sales order by amount limit 1, 2
select "offset" from (select 1 as "offset") limit 0, 2
select s.amount from sales s union select c.id from customers c order by s.amount
select x.amount, (select count(*) from sales x where x.region = 'north') as n from sales x where x.amount > 5
