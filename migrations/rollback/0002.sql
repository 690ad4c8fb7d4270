-- Undoes 0002_create_dataset.sql: every dataset's definition is lost. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a table that refers to datasets is there.
select json('roll back 0003, 0004 and 0008 first') from d1_migrations
  where name in ('0003_create_dashboard.sql', '0004_create_automation.sql', '0008_unlink_widgets.sql');
drop table if exists dataset;
delete from d1_migrations where name = '0002_create_dataset.sql';
