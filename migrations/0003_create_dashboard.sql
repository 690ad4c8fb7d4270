-- Dashboards, and the widgets that stand on them. The composite keys let no widget stand on another organization's
-- dashboard, nor draw another organization's dataset.
-- A dataset that a widget draws stays: "no action" refuses to delete it, but asks only at the end of the statement, so that
-- deleting the organization, which takes the widget too, goes through. With "restrict" that would hang on the order in
-- which SQLite cascades; "set null" would null org_id.
create table dashboard (
  id          text not null primary key,
  org_id      text not null check (org_id <> '') references organization (id) on delete cascade,
  name        text not null,
  description text,
  created_by  text references "user" (id) on delete set null,
  created_at  text not null,
  updated_at  text not null,
  unique (org_id, id)
) strict;
create index dashboard_created_by_idx on dashboard (created_by);

create table widget (
  id           text not null primary key,
  org_id       text not null check (org_id <> '') references organization (id) on delete cascade,
  dashboard_id text not null,
  dataset_id   text,
  title        text not null,
  kind         text not null,
  position     text not null check (json_valid(position)),
  config       text not null check (json_valid(config)),
  created_by   text references "user" (id) on delete set null,
  created_at   text not null,
  updated_at   text not null,
  unique (org_id, id),
  foreign key (org_id, dashboard_id) references dashboard (org_id, id) on delete cascade,
  foreign key (org_id, dataset_id) references dataset (org_id, id) on delete no action
) strict;
create index widget_dashboard_idx on widget (org_id, dashboard_id, id);
create index widget_dataset_idx on widget (org_id, dataset_id);
create index widget_created_by_idx on widget (created_by);
