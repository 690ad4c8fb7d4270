-- Datasets that the caller does not have, in each place that can name a table.

-- refused: there is no dataset named
select 'x' from 'secrets'
select * from sales as secrets, secrets
with x as (select token from secrets union select 'a') select token from x
select * from secrets
select * from SECRETS
select * from "secrets"
select * from [secrets]
select * from `secrets`
select * from 'secrets'
select token from secrets
select (select token from secrets)
select ((select token from secrets))
select (select (select token from secrets))
select 1 + (select count(*) from secrets)
select -(select count(*) from secrets)
select not exists (select 1 from secrets)
select (1, 2) = (select token, token from secrets)
select amount between 0 and (select count(*) from secrets) from sales
select amount between (select min(token) from secrets) and 9 from sales
select case when (select 1 from secrets) then 1 end
select case (select token from secrets) when 'secret' then 1 end
select case when 1 then (select token from secrets) end
select case when 0 then 1 else (select token from secrets) end
select cast((select token from secrets) as integer)
select (select token from secrets) collate nocase
select (select token from secrets) is null
select (select token from secrets) like 's%'
select 'secret' like 's%' escape (select token from secrets)
select (select token from secrets) glob 's*'
select coalesce(null, (select token from secrets))
select iif((select 1 from secrets), 1, 0)
select upper((select token from secrets))
select substr((select token from secrets), 1, 1)
select instr((select token from secrets), 's')
select length((select token from secrets))
select count((select token from secrets)) from sales
select count(distinct (select token from secrets)) from sales
select max(amount, (select count(*) from secrets)) from sales
select lag((select token from secrets)) over (order by day) from sales
select sum(amount) filter (where (select 1 from secrets)) from sales
select sum(amount) over (partition by (select token from secrets)) from sales
select sum(amount) over (order by (select token from secrets)) from sales
select sum(amount) over (rows (select count(*) from secrets) preceding) from sales
select sum(amount) over (rows between 1 preceding and (select count(*) from secrets) following) from sales
select sum(amount) over w from sales window w as (order by (select token from secrets))
select sum(amount) over w from sales window w as (partition by (select token from secrets)), v as ()
select group_concat(region order by (select token from secrets)) from sales
select group_concat(region, (select token from secrets)) from sales
select * from sales, secrets
select * from secrets, sales
select * from sales join secrets
select * from sales left join secrets on 1
select * from sales right join secrets on 1
select * from sales full join secrets on 1
select * from sales natural join secrets
select * from sales cross join secrets
select * from sales inner join secrets using (token)
select * from sales join customers on (select 1 from secrets)
select * from sales left join customers on exists (select 1 from secrets)
select * from (sales join secrets on 1)
select * from (secrets)
select * from ((secrets))
select * from (select * from secrets)
select * from (select 1) x, (select * from secrets) y
select * from sales where amount in (select token from secrets)
select * from sales where (amount, region) in (select token, token from secrets)
select * from sales where exists (select 1 from secrets)
select * from sales where exists (select * from secrets where token like 's%')
select * from sales where amount > (select count(*) from secrets)
select * from sales group by (select token from secrets)
select count(*) from sales group by region having (select 1 from secrets)
select count(*) from sales having (select 1 from secrets)
select * from sales order by (select token from secrets)
select * from sales order by (select token from secrets) collate nocase desc nulls last
select * from sales limit (select count(*) from secrets)
select * from sales limit 1 offset (select count(*) from secrets)
select * from sales limit (select count(*) from secrets), 1
select 1 union select token from secrets
select 1 union all select token from secrets
select 1 except select token from secrets
select 1 intersect select token from secrets
select 1 union select 2 union select 3 union select 4 union select token from secrets
select region from sales union select region from customers order by (select token from secrets)
with x as (select * from secrets) select * from x
with x as (select * from secrets) select 1
with x as not materialized (select * from secrets) select * from x
with x as (select 1) select * from secrets
with x as (select 1), y as (select * from x, secrets) select * from y
with x as (with y as (select * from secrets) select * from y) select * from x
select * from (with y as (select * from secrets) select * from y)
select (with y as (select token from secrets) select token from y)
select * from sales where amount in (with y as (select token from secrets) select token from y)

-- refused: no table in this FROM is called
select secrets.* from sales
select secrets.token from sales

-- refused: there is no column
select token from sales
select * from sales where amount not in (secrets)

-- refused: has no column
select s.token from sales s
select * from sales s where s.token = 1

-- refused: write `in (select
select * from sales where amount in secrets
select * from sales where amount in "secrets"
select * from sales where (amount, region) in secrets
