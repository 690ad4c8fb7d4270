-- Undoes 0025_add_indexes.sql: nothing is lost. docs/operations.md has the procedure.
drop index if exists delivery_org_id_status_idx;
drop index if exists automation_run_asked_for_idx;
create index if not exists automation_run_test_idx on automation_run (org_id, created_at) where is_test = 1;
delete from d1_migrations where name = '0025_add_indexes.sql';
