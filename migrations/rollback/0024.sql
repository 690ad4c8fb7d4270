-- Undoes 0024_create_organization_setting.sql: what organizations have decided is forgotten. docs/operations.md has the
-- procedure.
drop index if exists automation_run_org_id_finished_at_idx;
drop table if exists organization_setting;
delete from d1_migrations where name = '0024_create_organization_setting.sql';
