-- Undoes 0011_create_audit_event.sql: the audit log is gone. docs/operations.md has the procedure.
drop table if exists audit_event;
delete from d1_migrations where name = '0011_create_audit_event.sql';
