-- Undoes 0012_create_approval.sql: every approval is gone. docs/operations.md has the procedure.
drop table if exists approval;
delete from d1_migrations where name = '0012_create_approval.sql';
