-- Blobs, numbers, casts, collations and parameters.

-- refused: has more parameters than
select amount from sales where region = ?
select ?1
select ?
select ?0
select ?99999
select ?-1
select ?1a

-- refused: binary values are not supported
select x'00'
select X'414243'
select x'736563726574' = region from sales

-- refused: cast to text, integer
select cast('a' as blob)
select cast(region as any thing) from sales
select cast(region as none) from sales
select cast(region as "integer; drop table sales") from sales
select cast(region as) from sales

-- refused: syntax error
select cast(region integer) from sales
select region from sales order by region collate (select token from secrets)
select %s

-- refused: write date(x) or datetime(x)
select cast(day as date) from sales

-- refused: write a parameter as
select region::text from sales
select $a::b(c)
select @@version
select ${a}

-- refused: collate binary
select region collate mine from sales
select region collate "nocase; drop table sales" from sales
select region collate unicode from sales

-- refused: write the parameter
select :a
select @a
select $a
select #1

-- refused: this is not SQL
select {a}

-- refused: this is not a number
select 1__0
select 1_
select 1e
select 1e+
select 0x
select 0xg
select 1a
select 12abc from sales

-- refused: there is no column
select true, false, true + true, not true, "true" from sales

-- refused: no table in this FROM is called
select true.amount from sales

-- refused: the pattern of LIKE or GLOB must be a text
select 'a' like 'A', 'a' glob 'A', 'a' like null, null like 'a%'

-- stopped: hex literal too big
select 0x10000000000000000

-- stopped: integer overflow
select abs(-9223372036854775808)
select abs(-9223372036854775807 - 1)
select sum(9223372036854775807) from sales

-- stopped: must be a positive integer
select nth_value(amount, 0) over (order by day) from sales
select nth_value(amount, -1) over (order by day) from sales
select ntile(0) over (order by day) from sales

-- stopped: must be a non-negative
select sum(amount) over (order by day rows between -1 preceding and current row) from sales
select sum(amount) over (order by amount range between 'a' preceding and current row) from sales

-- stopped: datatype mismatch
select * from sales limit 'a'
select * from sales limit 1.5
select * from sales limit null

-- stopped: no such column
select * from sales limit amount

-- stopped: row value misused
select (1, 2) < (1, 3), (1, 2) = (1, 2, 3)
select (1, 2)
select (1, (2, 3)) = (1, (2, 3))

-- stopped: sub-select returns
select (select 1, 2)
select 1 in (select 1, 2)

-- stopped: ESCAPE expression
select 'a%' like 'a\%' escape '\', 'a' like 'a' escape 'ab'
select 'a' like 'a' escape ''

-- answered
select cast(region as varchar(10)) from sales
select 99999999999999999999999999
select -9223372036854775808
select - -9223372036854775808
select 9223372036854775807 + 1
select 9223372036854775807 * 2, -9223372036854775807 - 10
select -9223372036854775808 / -1, -9223372036854775808 % -1
select sum(customer * 9223372036854775807) over (order by day) from sales
select cast(9e18 as integer) + 9e18
select 1e308 * 10, -1e308 * 10, 0 * (1e308 * 10)
select 1e999, -1e999, 1e-999
select 1 / 0, 1 % 0, 1.0 / 0, 0 / 0
select 1 << 64, 1 << -1, 1 << 9223372036854775807, -1 >> 100
select 0x7fffffffffffffff, 0xffffffffffffffff, 0x8000000000000000
select ~0, ~9223372036854775807
select 1_000, 0x1_0, 1_0.0_1
select .5, 5., 5.e1, 00012
select round(1e300, 400), round(0.5, -400)
select substr('abc', -9223372036854775808, 9223372036854775807), substr('abc', 0, 0)
select substr(region, 9223372036854775807, 1) from sales
select lag(amount, 9223372036854775807) over (order by day), lead(amount, -5) over (order by day) from sales
select sum(amount) over (order by day rows between 9223372036854775807 preceding and 1 preceding) from sales
select * from sales limit -1
select * from sales limit 9223372036854775807 offset 9223372036854775807
select * from sales limit 1 offset -1
select 'a' = 'A' collate nocase, 'a ' = 'a' collate rtrim, 'a' = 'A' collate binary
select region from sales order by region collate "nocase"
select max(region collate nocase), min(region) from sales
select cast('9e99' as integer), cast('0x10' as integer), cast('1 2' as integer), cast('' as real)
select cast(1e99 as integer), cast(-1e99 as integer), cast('nan' as real)
select cast(amount as numeric(10, 2)), cast(amount as decimal) from sales
select typeof(1), typeof('1'), typeof(1.0), typeof(null), typeof(amount) from sales
select 1 = '1', amount = '10.5', region = 1 from sales
select null = null, null is null, null in (null), 1 in (), null not in ()
select exists (select 1, 2, 3 from sales)
select 'a' || null, 'a' + 1, 'a' * 'b', -'a', +'a', ~'a'
select current_date = date('now'), current_timestamp > '2000'
