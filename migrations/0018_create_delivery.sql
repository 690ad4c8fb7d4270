-- Notices: what a run of an automation has to tell, one at most for each run.
create table notice (
  run_id     text not null primary key,
  org_id     text not null check (org_id <> '') references organization (id) on delete cascade,
  kind       text not null,
  title      text not null,
  text       text not null,
  data       text not null check (json_valid(data)),
  created_at text not null,
  unique (org_id, run_id),
  foreign key (org_id, run_id) references automation_run (org_id, id) on delete cascade
) strict;

-- The outbox: one row for each notice and destination (an address, a URL), whatever runs twice. It is due from
-- next_attempt_at on: while it waits, its next attempt; while it is sent, the end of the lease of who sends it.
create table delivery (
  id              text not null primary key,
  org_id          text not null check (org_id <> '') references organization (id) on delete cascade,
  run_id          text not null,
  destination     text not null check (json_valid(destination)),
  status          text not null check (status in ('pending', 'sending', 'delivered', 'dead')),
  attempt         integer not null default 0 check (attempt >= 0),
  next_attempt_at text check ((next_attempt_at is null) = (status in ('delivered', 'dead'))),
  lease           text check ((lease is null) = (status <> 'sending')),
  error           text,
  delivered_at    text check ((delivered_at is null) = (status <> 'delivered')),
  created_by      text references "user" (id) on delete set null,
  created_at      text not null,
  updated_at      text not null,
  unique (org_id, id),
  unique (org_id, run_id, destination),
  foreign key (org_id, run_id) references notice (org_id, run_id) on delete cascade
) strict;
create index delivery_due_idx on delivery (next_attempt_at, org_id) where next_attempt_at is not null;
create index delivery_org_id_due_idx on delivery (org_id, next_attempt_at) where next_attempt_at is not null;
create index delivery_created_by_idx on delivery (created_by);

-- Secrets that webhooks are signed with. The secret itself is not here: it is made of the id and the deployment's own.
create table webhook_secret (
  id         text not null primary key,
  org_id     text not null check (org_id <> '') references organization (id) on delete cascade,
  url        text not null,
  created_by text references "user" (id) on delete set null,
  created_at text not null,
  updated_at text not null,
  unique (org_id, id)
) strict;
create index webhook_secret_url_idx on webhook_secret (org_id, url, id);
create index webhook_secret_created_by_idx on webhook_secret (created_by);
