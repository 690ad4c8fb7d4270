-- What would never end, or fill the memory, over 20,000 sales and 1,000 customers. None of it may start.

-- refused: recursive queries are not run
with recursive r(n) as (select 1 union all select n + 1 from r) select n from r
with recursive r as (select 1) select * from r
with recursive r(n) as (values (1) union all select n + 1 from r limit 1000000000) select max(n) from r
with recursive a(x, y) as (select 1, 1 union all select y, x + y from a) select * from a order by x
with recursive r(t) as (select 'x' union all select t || t from r) select length(t) from r
select * from (with recursive r(n) as (select 1 union all select n from r) select n from r)
select (with recursive r(n) as (select 1 union all select n from r) select count(*) from r) from sales

-- refused: there is no dataset named
with r(n) as (select 1 union all select n + 1 from r) select n from r
with r(n) as (select 1 union select n + 1 from r where n < 1e18) select count(*) from r
with a(n) as (select n from b), b(n) as (select n + 1 from a) select * from a
with r(n) as (select 1 union all select a.n + b.n from r a, r b) select n from r

-- refused: the pattern of LIKE or GLOB must be a text
select count(*) from sales a join sales b on a.region like b.region
select count(*) from sales where upper((select group_concat(region) from sales)) like '%' || region
select count(*) from sales where region like region || '%a%a%a%a%a%a%a%a%a%a%a%a%b'
select count(*) from sales where region like (select group_concat('%a') from sales)

-- refused: is too large once
with a as (select region || region || region || region || region || region || region || region as t from sales), b as (select t || t || t || t || t || t || t || t as t from a), c as (select t || t || t || t || t || t || t || t as t from b), d as (select t || t || t || t || t || t || t || t as t from c), e as (select t || t || t || t || t || t || t || t as t from d) select sum(length(t)) from e
with a as materialized (select region || region || region || region || region || region || region || region as t from sales), b as materialized (select t || t || t || t || t || t || t || t as t from a), c as materialized (select t || t || t || t || t || t || t || t as t from b), d as materialized (select t || t || t || t || t || t || t || t as t from c), e as materialized (select t || t || t || t || t || t || t || t as t from d) select sum(length(t)) from e

-- refused: replace takes texts of at most
select replace(region, 'r', 'rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr') from sales
select replace(region, 'r', region || region) from sales

-- refused: is not supported
select zeroblob(1000000000)
select length(zeroblob(1000000000))
select hex(zeroblob(1000000))
select length(hex(zeroblob(1e6))) from sales
select randomblob(1000000000)
select quote(zeroblob(500000000))
select printf('%1000000000d', 1)
select printf('%.*c', 1000000000, 'x')
select printf('%*d', 1000000000, amount) from sales
select format('%1000000000d', 1)
select char(1, 2, 3) || hex(region) from sales
select soundex(printf('%.1000000000c', 'x'))
select unhex(hex(zeroblob(1000000)))
select json_group_array(a.region) from sales a, sales b
select json_group_object(region, region) from sales

-- refused: table functions are not supported
select value from json_each(replace('[1]', '1', '1,1,1,1,1,1,1'))
select count(*) from generate_series(1, 1000000000)
select count(*) from sales, json_each('[1,2,3]'), json_each('[1,2,3]')

-- refused: a pattern has at most
select 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa' like '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%b'
select count(*) from sales where region glob '*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b'

-- refused: REGEXP is not supported
select count(*) from sales where region regexp '(a+)+$'

-- refused: EXCLUDE is not supported
select sum(amount) over (order by day rows between 10000 preceding and 10000 following exclude current row) from sales

-- refused: cannot stand over a window
select group_concat(region) over (order by day) from sales
select group_concat(region) over (rows between unbounded preceding and current row) from sales

-- refused: VALUES is not supported
values (1), (2), (3)

-- refused: combines more than 5
select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6

-- refused: names more than 40 tables
with w1 as (select 1 a), w2 as (select x.a from w1 x, w1 y), w3 as (select x.a from w2 x, w2 y), w4 as (select x.a from w3 x, w3 y), w5 as (select x.a from w4 x, w4 y), w6 as (select x.a from w5 x, w5 y), w7 as (select x.a from w6 x, w6 y) select a from w7

-- stopped: steps
select count(*) from sales a, sales b
select count(*) from sales a join sales b
select count(*) from sales a cross join sales b
select count(*) from sales a left join sales b on 1
select count(*) from sales a full join sales b on a.amount < b.amount
select count(*) from sales a right join sales b on a.amount <> b.amount
select count(*) from sales a, sales b, sales c limit 1
select 1 from sales a, sales b, customers c order by a.amount limit 1
select distinct a.region from sales a, sales b
select count(*) from sales a join sales b on a.paid = b.paid
select count(*) from sales a join sales b on a.paid = b.paid and a.amount <> b.amount
select count(*) from sales a join sales b using (paid)
select count(*) from sales a left join sales b using (paid)
select count(*) from sales a natural join (select paid from sales) b
select count(*) from sales a join sales b on a.customer < b.customer
select count(*) from sales a join sales b on a.customer between b.customer and b.customer + 1
select count(*) from sales a join sales b on a.customer = b.customer or a.amount = b.amount
select count(*) from sales a join sales b on a.customer + 0 = b.customer + 0
select count(*) from sales a join sales b on upper(a.region) = upper(b.region)
select count(*) from sales a join sales b on a.day > b.day
select count(*) from sales a where exists (select 1 from sales b where b.amount + a.amount = -1)
select count(*) from sales a where a.amount > (select avg(b.amount) from sales b where b.amount < a.amount)
select count(*) from sales a where a.customer in (select b.customer from sales b where b.region = a.region)
select count(*) from sales a where a.customer not in (select b.customer + a.amount from sales b)
select (select count(*) from sales b where b.customer < a.customer) from sales a
select sum((select max(b.amount) from sales b where b.amount < a.amount)) from sales a
select amount from sales a order by (select count(*) from sales b where b.amount > a.amount)
select count(*) from sales a group by (select count(*) from sales b where b.amount > a.amount)
select region from sales a group by region having (select count(*) from sales b, sales c where b.region = a.region) > 1
select case when (select count(*) from sales b where b.amount > a.amount) > 1 then 1 end from sales a
select sum(amount) filter (where exists (select 1 from sales b where b.amount = a.amount + 0.5)) from sales a
select sum((select count(*) from sales b where b.amount > a.amount)) over () from sales a
select count(*) from sales limit (select count(*) from sales a, sales b)
with c as materialized (select region from sales) select count(*) from c x, c y
with c as (select a.amount from sales a, sales b limit 100000000) select count(*) from c
with c as materialized (select a.id from customers a, customers b) select count(*) from c x, c y
with c as (select a.id from customers a, customers b limit 1000000) select count(*) from c x, c y where x.id > y.id
with a as (select id from customers), b as (select x.id from a x, a y), c as (select x.id from b x, b y) select count(*) from c
with a as not materialized (select id from customers) select count(*) from a x, a y, a z
select count(*) from (select a.id from customers a, customers b limit 999999) as "two words", (select a.id from customers a, customers b limit 999999) as "two more"
select count(*) from (select id from customers) x, (select a.id from customers a, customers b limit 999999) y
select count(*) from customers as "CONSTANT", customers as "CONSTANT ROW", customers as "CONSTANT ROW 2"
select count(*) from (select amount from sales union all select amount from sales) a, sales b
select count(*) from (select amount from sales union select amount from sales) a, (select amount from sales except select 1) b
select a.amount, b.amount from sales a, sales b union select 1, 2
select a.amount from sales a, sales b intersect select amount from sales
select sum(b.amount) over (order by b.amount) from sales a, sales b
select row_number() over (order by a.amount, b.amount) from sales a, sales b
select group_concat(a.region) from sales a, sales b
select a.region, group_concat(b.region) from sales a join sales b using (region) group by a.region
select count(*) from sales a, (select group_concat(region) as long from sales) b where upper(b.long) > a.region
with g as (select group_concat(region, 'xxxxxxxxxxxxxxxx') as long from sales) select max(length(long || long)) from sales, g
select sum(length(upper((select group_concat(name) from customers)) || region)) from sales
select length(replace(replace(replace(replace(replace(region, 'r', 'rrrrrrrrrrrrrrrr'), 'r', 'rrrrrrrrrrrrrrrr'), 'r', 'rrrrrrrrrrrrrrrr'), 'r', 'rrrrrrrrrrrrrrrr'), 'r', 'rrrrrrrrrrrrrrrr')) from sales
with a as (select replace(region, 'r', 'rrrrrrrrrrrrrrrr') as t from sales), b as (select replace(t, 'r', 'rrrrrrrrrrrrrrrr') as t from a), c as (select replace(t, 'r', 'rrrrrrrrrrrrrrrr') as t from b), d as (select replace(t, 'r', 'rrrrrrrrrrrrrrrr') as t from c) select sum(length(replace(t, 'r', 'rrrrrrrrrrrrrrrr'))) from d
select count(*) from sales a, sales b where a.customer = 1 or b.customer = 1
select max(a.amount * b.amount) from sales a, sales b where a.amount * b.amount < 100
select count(*) from (sales a join sales b on a.amount < b.amount) join customers c on c.id = a.customer
select count(*) from customers c left join (sales a join sales b on a.amount < b.amount) on c.id = a.customer
select count(distinct a.amount + b.amount) from sales a, sales b
select a.day, count(*) from sales a join sales b on b.day <= a.day group by a.day
select count(*) from sales a join customers b join customers c
select count(*) from customers a, customers b, customers c
select count(*) from customers a, customers b where a.id < b.id and exists (select 1 from sales where amount + 0 = a.id + b.id)
