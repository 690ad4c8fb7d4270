-- What an organization has decided for itself; without a row, what the deployment has.
create table organization_setting (
  org_id             text not null primary key check (org_id <> '') references organization (id) on delete cascade,
  run_retention_days integer check (run_retention_days between 1 and 3650),
  updated_by         text references "user" (id) on delete set null,
  updated_at         text not null
) strict;
create index organization_setting_run_retention_days_idx on organization_setting (run_retention_days, org_id)
  where run_retention_days is not null;
create index organization_setting_updated_by_idx on organization_setting (updated_by);
-- A decision takes the place of the one before.
create trigger organization_setting_replaces before insert on organization_setting
begin
  delete from organization_setting where org_id = new.org_id;
end;
-- An organization's own runs, by when they ended.
create index automation_run_org_id_finished_at_idx on automation_run (org_id, finished_at);
