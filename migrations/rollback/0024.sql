-- Undoes 0024_create_organization_setting.sql: what organizations have decided is forgotten. docs/operations.md has the
-- procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back the later ones first') from d1_migrations where name > '0024_create_organization_setting.sql';
drop index if exists automation_run_org_id_finished_at_idx;
drop table if exists organization_setting;
delete from d1_migrations where name = '0024_create_organization_setting.sql';
