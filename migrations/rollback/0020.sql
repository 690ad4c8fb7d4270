-- Undoes 0020_create_audit_anchor.sql: where logs begin whose oldest events have gone is forgotten. docs/operations.md has the
-- procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back the later ones first') from d1_migrations where name > '0020_create_audit_anchor.sql';
drop trigger if exists audit_event_leaves_its_anchor;
drop index if exists audit_event_at_idx;
drop table if exists audit_anchor;
delete from d1_migrations where name = '0020_create_audit_anchor.sql';
