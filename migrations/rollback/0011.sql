-- Undoes 0011_create_audit_event.sql: the audit log is gone. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0012 first') from d1_migrations where name = '0012_create_approval.sql';
drop table if exists audit_event;
delete from d1_migrations where name = '0011_create_audit_event.sql';
