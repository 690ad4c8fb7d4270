-- Undoes 0022_mark_test_runs.sql: tests of channels go, for without the mark they would pass for runs. docs/operations.md has
-- the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back the later ones first') from d1_migrations where name > '0022_mark_test_runs.sql';
delete from automation_run where is_test = 1;
drop index if exists automation_run_test_idx;
alter table automation_run drop column is_test;
delete from d1_migrations where name = '0022_mark_test_runs.sql';
