-- Undoes 0026_index_runs_asked_for.sql: nothing is lost. docs/operations.md has the procedure.
drop index if exists automation_run_asked_for_idx;
create index if not exists automation_run_test_idx on automation_run (org_id, created_at) where is_test = 1;
delete from d1_migrations where name = '0026_index_runs_asked_for.sql';
