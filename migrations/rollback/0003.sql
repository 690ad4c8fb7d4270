-- Undoes 0003_create_dashboard.sql: every dashboard and widget is lost. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a table that refers to dashboards is
-- there.
select json('roll back 0004 and 0008 first') from d1_migrations where name in ('0004_create_automation.sql', '0008_unlink_widgets.sql');
drop table if exists widget;
drop table if exists dashboard;
delete from d1_migrations where name = '0003_create_dashboard.sql';
