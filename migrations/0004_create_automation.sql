-- Automations, and their runs. What an automation watches or reports is named in its config; the generated columns make
-- a foreign key of that, so that it cannot name another organization's dataset or dashboard, nor one that is gone.
-- It runs with the rights of run_as: of whoever last said what it does and when, for its creator has not seen that.
create table automation (
  id           text not null primary key,
  org_id       text not null check (org_id <> '') references organization (id) on delete cascade,
  name         text not null,
  is_enabled   integer not null check (is_enabled in (0, 1)),
  config       text not null check (json_valid(config)),
  schedule     text not null check (json_valid(schedule)),
  dataset_id   text generated always as (config ->> '$.datasetId') stored,
  dashboard_id text generated always as (config ->> '$.dashboardId') stored,
  run_as       text references "user" (id) on delete set null,
  created_by   text references "user" (id) on delete set null,
  created_at   text not null,
  updated_at   text not null,
  unique (org_id, id),
  foreign key (org_id, dataset_id) references dataset (org_id, id) on delete no action,
  foreign key (org_id, dashboard_id) references dashboard (org_id, id) on delete no action
) strict;
create index automation_dataset_idx on automation (org_id, dataset_id);
create index automation_dashboard_idx on automation (org_id, dashboard_id);
create index automation_run_as_idx on automation (run_as);
create index automation_created_by_idx on automation (created_by);

-- One row for each time that an automation is due: the unique key lets no slot run twice.
create table automation_run (
  id            text not null primary key,
  org_id        text not null check (org_id <> '') references organization (id) on delete cascade,
  automation_id text not null,
  scheduled_for text not null,
  status        text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'skipped')),
  attempt       integer not null default 0 check (attempt >= 0),
  started_at    text,
  finished_at   text,
  result        text check (json_valid(result)),
  error         text,
  created_by    text references "user" (id) on delete set null,
  created_at    text not null,
  updated_at    text not null,
  unique (org_id, id),
  unique (automation_id, scheduled_for),
  foreign key (org_id, automation_id) references automation (org_id, id) on delete cascade
) strict;
create index automation_run_automation_idx on automation_run (org_id, automation_id, id);
create index automation_run_created_by_idx on automation_run (created_by);
