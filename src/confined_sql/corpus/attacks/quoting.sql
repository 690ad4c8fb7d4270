-- Quotes within quotes, texts for names and names for texts.

-- refused: there is no column
select * from 'sales' where "secrets" = 1
select "no such column" from sales
select `north` from sales
select [north] from sales
select * from sales where region = "north"
select * from sales where region = `north`
select region from sales where "region = 'north'" = 1

-- refused: no table in this FROM is called
select "secrets"."token"

-- refused: has no column
select "sales"."no such" from sales

-- refused: there is no dataset named
select * from "main.sales"
select * from "sales; drop table sales"
select * from "sales "
select * from " sales"
select * from "sales--"
select * from "sa""les"
select '\' from secrets --'
select "\" from secrets --"
select '' from '' union select token from secrets --'
select * from sales where region = '' or 1 = (select 1 from secrets) --'

-- refused: this is not SQL
select * from [sa]les]
select ]

-- refused: this [ is never closed
select * from [sales
select [unterminated
select [

-- refused: this quote is never closed
select * from `sales
select * from "sales
select * from 'sales
select 'it's' from sales
select 'unterminated
select "unterminated
select `unterminated
select '
select "
select `
select 'a''
select "a""
select `a``

-- refused: syntax error
select "a" "b" "c" from sales

-- refused: binary values are not supported
select x'
select x'4'
select x'zz'

-- refused: there is more than one statement
select 'a'';' ; drop table sales
select 'a';'b'
select "a";"b" from sales
select '\'; drop table sales; --'
select * from sales where region = ''; select token from secrets --'

-- answered
select 'a' 'b' from sales
select '''', '"', '`', '[', ']', ';', '--', '/*', '*/'
select ''';drop table sales;--'
select '; select * from secrets; --'
select 'main.secrets', '(select token from secrets)'
select "amount" as "'; drop table sales; --" from sales
select amount as [; drop table sales; --] from sales
select amount as `"; drop table sales` from sales
select amount as "`; drop table sales; --" from sales
select amount as '; select token from secrets' from sales
select x."a`b" from (select 1 as "a`b") x
select x."a]b" from (select 1 as "a]b") x
select x.`a"b` from (select 1 as `a"b`) x
select x."a'b" from (select 1 as 'a''b') x
select * from 'sales'
select * from [sales] where [sales].[region] = 'north'
select 'sales'.'region' from sales
select "sales".'region' from `sales`
select [Name with space] from [Odd name]
select `Name with space` from 'Odd name'
select "NAME WITH SPACE" from "ODD NAME"
select region as region, region as "REGION" from sales
select 'region' from sales
select 'region' = region from sales
select amount as "select", region as "from" from sales order by "select", "from"
select '\', '\\', '\''', '%_\' from sales
select 'multi\u{a}line', '\u{d}\u{a}' from sales
