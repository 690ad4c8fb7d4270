-- What is no SELECT, or no single one.

-- refused: only a SELECT is run
insert into sales select * from sales returning *
drop table sales
drop table if exists sales
drop view sales
drop index i
drop trigger t
delete from sales
delete from sales returning *
delete from sales where 1 returning amount
update sales set amount = 0
update sales set amount = 0 returning *
update sales set amount = 0 from customers returning *
update or replace sales set amount = 1
insert into sales values (1)
insert into sales select * from sales
insert into sales default values
insert into sales (amount) values (1) returning amount
insert or replace into sales (amount) values (1)
insert into sales (amount) values (1) on conflict do nothing
insert into sqlite_schema values (1, 2, 3, 4, 5)
replace into sales values (1)
with x as (select 1) insert into sales select * from x
with x as (select 1) insert into sales select * from x returning *
with x as (select 1) delete from sales
with x as (select 1) delete from sales where 1 in x returning *
with x as (select 1) update sales set amount = 1
with x as (select 1) update sales set amount = 1 returning *
create table x (a)
create table x as select * from sales
create temp table x as select 1
create view v as select * from sales
create temp view sales as select 1
create trigger t after insert on sales begin select 1; end
create virtual table f using fts5(a)
create virtual table r using rtree(id, a, b)
create index i on sales (amount)
create unique index i on sales (amount)
alter table sales rename to x
alter table sales rename column amount to x
alter table sales add column x
alter table sales drop column amount
pragma table_list
pragma table_info(sales)
pragma foreign_keys = off
pragma writable_schema = on
pragma journal_mode = delete
pragma case_sensitive_like = on
pragma reverse_unordered_selects = on
pragma ignore_check_constraints = on
pragma query_only = off
pragma main.table_info('sales')
attach database 'file.db' as x
attach ':memory:' as x
attach 'file:/etc/passwd?mode=ro' as x
detach main
vacuum
vacuum into 'x'
reindex
reindex sales
analyze
analyze main
begin
begin exclusive
commit
end
rollback
savepoint a
release a
rollback to a
begin; select 1; commit

-- refused: syntax error
with x as (delete from sales returning *) select * from x
with x as (insert into sales values (1) returning *) select * from x
with x as (update sales set amount = 1 returning *) select * from x
select * from (delete from sales returning *)
select (insert into sales values (1) returning amount)
explain explain select 1
select 1 select 2
select 1 drop table sales
select 1, drop table sales
selec 1
selectt 1
select from sales
select * frm sales
select amount from sales where amount = = 1
select * sales
select , 1
select ()
select * from ()
from sales
from sales select *
(select 1)
((select 1)) union (select 2)
table sales
show tables
describe sales
.tables
.read x
copy sales to 'x'
exec sp_help
call x()
declare x int
set x = 1
use main
grant all on sales to public
merge into sales using customers on 1
truncate table sales
load_extension('x')
select 1 into x
select * into x from sales
select * into outfile 'x' from sales
select top 5 * from sales
select * from sales for update
select * from sales lock in share mode
select * from sales returning *
select * from sales limit 1 returning amount
select * from sales fetch first 1 rows only
select * from sales offset 1
select * from sales limit all
select all * from sales where * = 1
select distinct on (region) * from sales
select * except (amount) from sales
select * from sales qualify row_number() over () = 1
select * from sales pivot (sum(amount) for region in ('a'))

-- refused: EXPLAIN is not run
explain select 1
explain query plan select 1
explain delete from sales

-- refused: there is more than one statement
select 1; select 2
select 1; drop table sales
select 1;; drop table sales
;select 1; select 2
select 1; commit
select 1; pragma foreign_keys = off
select 1; attach ':memory:' as x
select 1; explain select 2

-- refused: unexpected end of input
select
select * from
select * from sales where
select 1,
select * from sales limit 1 offset

-- refused: this is not SQL
\d sales

-- refused: a JOIN clause is required before ON
select * from sales on conflict do nothing

-- answered
select 1;;
