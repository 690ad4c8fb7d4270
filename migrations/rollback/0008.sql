-- Undoes 0008_unlink_widgets.sql: nothing is lost. docs/operations.md has the procedure.
drop trigger if exists dataset_delete_unlinks_widgets;
delete from d1_migrations where name = '0008_unlink_widgets.sql';
