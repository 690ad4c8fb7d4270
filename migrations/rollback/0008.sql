-- Undoes 0008_unlink_widgets.sql: nothing is lost. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0010 first') from d1_migrations where name = '0010_create_api_key.sql';
drop trigger if exists dataset_delete_unlinks_widgets;
delete from d1_migrations where name = '0008_unlink_widgets.sql';
