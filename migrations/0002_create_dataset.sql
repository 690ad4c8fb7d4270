-- Datasets: named tables of typed columns. Their rows live elsewhere; this is their definition.
-- The name is unique without case, for SQL calls a dataset by it.
create table dataset (
  id          text not null primary key,
  org_id      text not null check (org_id <> '') references organization (id) on delete cascade,
  name        text not null collate nocase,
  description text,
  columns     text not null check (json_valid(columns)),
  created_by  text references "user" (id) on delete set null,
  created_at  text not null,
  updated_at  text not null,
  unique (org_id, id),
  unique (org_id, name)
) strict;
create index dataset_created_by_idx on dataset (created_by);
