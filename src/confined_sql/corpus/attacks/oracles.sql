-- Questions whose error, order, count or time would tell of another's rows.

-- refused: there is no dataset named
select case when (select count(*) from secrets) > 0 then abs(-9223372036854775808) else 1 end
select case when exists (select 1 from sqlite_schema where name like 'ds_b%') then sum(9223372036854775807) end from sales
select 1 / (select count(*) from secrets)
select amount from sales order by case when (select token from secrets) > 'm' then amount else -amount end
select amount from sales limit (select length(token) from secrets)
select substr((select token from secrets), 1, 1) > 'm'
select (select count(*) from secrets a, secrets b, secrets c) > 0
select cast((select token from secrets) as real)
select 'a' like 'a' escape (select token from secrets)
select date((select token from secrets))
select nth_value(amount, (select count(*) from secrets)) over () from sales
select * from sales where amount > 1 and (select count(*) from ds_b0000000000000000000000000000000)
select * from no_such_table
select * from sales join no_such_table using (region)

-- refused: the pattern of LIKE or GLOB must be a text
select count(*) from sales where (select token from secrets) like region || '%'

-- refused: there is no column
select * from sales where token = 'secret' or 1 = 1
select (select no_such_column from sales)
select count(*) from sales group by no_such_column
select region from sales having no_such_alias > 1
select region from sales window w as (order by no_such_column)

-- refused: is not supported
select region from sales where no_such_function(1)

-- stopped: integer overflow
select case when (select count(*) from sales) > 0 then abs(-9223372036854775807 - 1) else 1 end
select sum(9223372036854775807) from sales having count(*) > 1

-- stopped: term out of range
select amount from sales order by 2
select amount from sales group by 3

-- stopped: do not have the same number
select 1 union select 1, 2

-- answered
select amount from sales
select region from sales limit 2
select region from sales group by region
select distinct region from sales
select region from sales union select region from customers
select region from sales except select 'north'
select max(day), amount from sales
select region, amount from sales group by region
select count(*), count(amount), count(distinct region), total(amount), sum(amount), avg(amount) from sales
select group_concat(region) from sales
select group_concat(distinct region) from sales
select first_value(region) over () from sales
select row_number() over (), rank() over (order by 1), dense_rank() over (order by region) from sales
select sum(amount) over (order by region range between unbounded preceding and current row) from sales
select percent_rank() over (order by amount), cume_dist() over (order by amount) from sales
select amount from sales order by 1 + 1
select amount from sales order by 'amount'
select amount from sales order by null
select region from sales order by amount, region nulls first limit 1
select 1 from sales where 1 = 1 limit 0
select * from (select 1 as a union select 2) where a in (select customer from sales)
select region from sales where region in (select c.region from customers c where c.region = sales.region)
select (select c.name from customers c where c.region = s.region order by c.name limit 1) from sales s
select (select sum(x.amount) from sales x where x.day <= s.day) from sales s
select (select max(c.id) from customers c having max(c.id) > s.customer) from sales s
select * from sales s where amount = (select max(amount) from sales x where x.region = s.region)
select * from sales where not exists (select 1 from customers where customers.region = sales.region)
select count(*) from sales a left join sales b on a.amount = b.amount and a.region <> b.region
select count(*) from sales a full join customers b on a.customer = b.id where b.id is null
select a.region from sales a right join customers b using (region) order by 1
select iif(region like 'n%', 'a', 'b'), count(*) from sales group by 1 having count(*) > 0 order by 2 desc, 1
-- refused: there is none
select *
with x as materialized (select region from sales) select * from x union select *
