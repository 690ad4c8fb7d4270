-- Undoes 0004_create_automation.sql: every automation and run is lost. docs/operations.md has the procedure.
drop table if exists automation_run;
drop table if exists automation;
delete from d1_migrations where name = '0004_create_automation.sql';
