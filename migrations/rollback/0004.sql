-- Undoes 0004_create_automation.sql: every automation and run is lost. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later change of the same tables is there.
select json('roll back 0008 first') from d1_migrations where name = '0008_unlink_widgets.sql';
drop table if exists automation_run;
drop table if exists automation;
delete from d1_migrations where name = '0004_create_automation.sql';
