-- Letters that look like others, that fold to others, or that are not seen.

-- refused: there is no dataset named
select * from sаles
select * from ѕales
select * from ｓａｌｅｓ
select * from salés
select * from sale\u{17f}
select * from \u{17f}ales
select * from ſecrets
select * from sa\u{200b}les
select * from \u{feff}sales
select * from sales\u{200d}
select * from sales\u{ad}
select * from sal\u{65}\u{301}s
select * from ＳＥＣＲＥＴＳ
select * from main\u{ff0e}sales
select * from main\u{2024}sales
select * from \u{202e}selas
select * from "\u{1f4a9}"

-- refused: a dataset is named alone
select * from mаin.sales

-- refused: has a NUL character
select * from "sales\u{0}"
select * from sales\u{0}
select 1\u{0}; drop table sales
select 'a\u{0}b'
select \u{0}1
\u{0}select 1

-- refused: syntax error
\u{feff}drop table sales
select * from sales where amount ＞ 1
select * from sales\u{a0}where 1
select\u{a0}* from sales
select\u{3000}* from sales
select *\u{2028}from secrets
select * from sales\u{85}limit 1
ѕelect 1
SELECT\u{200b} 1
select * fr\u{43e}m sales
\u{feff}select 1

-- refused: there is no column
select * from sales where amount = １
select \u{2018}north\u{2019} from sales
select \u{201c}amount\u{201d} from sales
select \u{ff40}amount\u{ff40} from sales
select amоunt from sales
select AMOUNT\u{307} from sales
select аmount from sales
select ＡＭＯＵＮＴ from sales
select * from customers where \u{131}d = 1
select * from customers where \u{130}d = 1
select \u{212a}ind from (select 1 as kind)
select \u{1f4a9} from sales
select \u{fffd} from sales
select \u{10ffff} from sales

-- refused: this is not a number
select 1； drop table sales
select 1\u{37e} drop table sales

-- refused: this is not SQL
select\u{b}* from sales

-- refused: is not supported
select cоunt(*) from sales
select ｕpper(region) from sales
select ßum(amount) from sales

-- answered
with sаles as (select 1 as amount) select amount from sаles
select "аmount".amount from sales as "аmount"
select amount as "\u{202e}tnuoma" from sales
select amount as \u{1f4a9} from sales
select amount as "\u{200b}" from sales
select '\u{202e}secrets', '\u{0131}\u{130}', '\u{1f4a9}', '\u{feff}' from sales
select upper('\u{df}'), lower('\u{130}'), length('\u{1f468}\u{200d}\u{1f469}') from sales
select '\u{e9}' = '\u{65}\u{301}', '\u{e9}' = '\u{c9}' collate nocase
select region from sales where region like '\u{212a}%'
select\u{c}1,\u{9}2,\u{d}\u{a}3
