-- Undoes 0020_create_audit_anchor.sql: where logs begin whose oldest events have gone is forgotten. docs/operations.md has the
-- procedure.
drop trigger if exists audit_event_leaves_its_anchor;
drop index if exists audit_event_at_idx;
drop table if exists audit_anchor;
delete from d1_migrations where name = '0020_create_audit_anchor.sql';
