-- Statements that are large, deep or many before they are anything else.

-- refused: write `limit n offset m`
select offset from (select 1 as offset) limit 1, 2

-- refused: combines more than 5
select 1 union select 2 union select 3 union select 4 union select 5 union select 6
select * from (select 1 union select 2 union select 3 union select 4 union select 5 union select 6)

-- refused: unexpected end of input
select (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
select ----------------------------------------------------------------------------------------------------------------1

-- refused: nests too deep
select - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - 1
select not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not not 1
select ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ ~ 1
select 1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+(1+1)))))))))))))))))))))))))))))))))))))))))))))))))))
select 1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1
select 1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1=1
select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select (select 1))))))))))))))))))))))))))
select case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then case when 1 then 1 end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end end

-- refused: is too large once
with w1 as (select amount a from sales), w2 as (select a*a*a*a*a*a*a*a*a*a a from w1), w3 as (select a*a*a*a*a*a*a*a*a*a a from w2), w4 as (select a*a*a*a*a*a*a*a*a*a a from w3), w5 as (select a*a*a*a*a*a*a*a*a*a a from w4), w6 as (select a*a*a*a*a*a*a*a*a*a a from w5) select a from w6
select a||a||a||a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select a||a||a||a a from (select region a from sales)))))))))

-- refused: names more than 40 tables
with w1 as (select 1 a), w2 as (select x.a from w1 x, w1 y), w3 as (select x.a from w2 x, w2 y), w4 as (select x.a from w3 x, w3 y), w5 as (select x.a from w4 x, w4 y), w6 as (select x.a from w5 x, w5 y), w7 as (select x.a from w6 x, w6 y) select a from w7
with a as (select (select max(amount) from sales) m), b as (select (select m from a) + (select m from a) m), c as (select (select m from b) + (select m from b) m), d as (select (select m from c) + (select m from c) m), e as (select (select m from d) + (select m from d) m), f as (select (select m from e) + (select m from e) m) select (select m from f) + (select m from f)
select 1 from sales s1, sales s2, sales s3, sales s4, sales s5, sales s6, sales s7, sales s8, sales s9, sales s10, sales s11, sales s12, sales s13, sales s14, sales s15, sales s16, sales s17, sales s18, sales s19, sales s20, sales s21, sales s22, sales s23, sales s24, sales s25, sales s26, sales s27, sales s28, sales s29, sales s30, sales s31, sales s32, sales s33, sales s34, sales s35, sales s36, sales s37, sales s38, sales s39, sales s40, sales s41

-- refused: arguments
select coalesce(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21)
select max(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21) from sales
select strftime('%Y', 'now', '1 day', '1 day', '1 day', '1 day', '1 day', '1 day', '1 day', '1 day', '1 day')

-- refused: a pattern has at most
select * from sales where region like '%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a%a'

-- refused: the pattern of LIKE or GLOB must be a text
select * from sales where region like region
select * from sales where region like '%' || region
select * from sales where region like (select region from sales)
select * from sales where region glob region

-- refused: has more parameters than
select * from sales where region like ?

-- refused: replace takes texts of at most
select replace(region, 'a', region) from sales
select replace(region, region, 'a') from sales
select replace(region, '', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') from sales
select replace(region, 'a' || 'a', 'b') from sales
select replace('a', 'a', ?) from sales

-- refused: there is no column
select a from (select a from (select a from (select b from sales))) x

-- stopped: ambiguous column name
select amount + amount - amount from sales, sales y

-- answered
select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select * from (select 1 as a)))))))))))))))))))))))))))
select ((((((((((select 1))))))))))
select 1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1
select region = 'a' or region = 'b' or region = 'c' or region = 'd' or region = 'e' or region = 'f' or region = 'g' or region = 'h' or region = 'i' or region = 'j' or region = 'k' from sales
select region in ('a','b','c','d','e','f','g','h','i','j','k','l','m','n','o','p','q','r','s','t','u','v','w','x','y','z') from sales
