-- Threads: what a user and an agent have said, in one organization. A thread is its user's own, goes with his membership,
-- and is found by the four of its key alone. Its log is only ever added to: messages, and when runs start, are to stop and
-- end.
create table agent_thread (
  id         text not null primary key,
  org_id     text not null check (org_id <> '') references organization (id) on delete cascade,
  created_by text not null,
  agent      text not null,
  thread_key text not null,
  title      text not null,
  created_at text not null,
  updated_at text not null,
  unique (org_id, id),
  unique (org_id, created_by, agent, thread_key),
  foreign key (org_id, created_by) references member (organizationId, userId) on delete cascade
) strict;
create index agent_thread_updated_at_idx on agent_thread (updated_at);
create table agent_entry (
  org_id     text not null,
  thread_id  text not null,
  seq        integer not null,
  run        integer not null,
  kind       text not null check (kind in ('start', 'message', 'stop', 'end')),
  message_id text,
  body       text check (json_valid(body)),
  created_at text not null,
  primary key (org_id, thread_id, seq),
  unique (org_id, thread_id, message_id),
  check ((kind = 'message') = (message_id is not null and body is not null)),
  foreign key (org_id, thread_id) references agent_thread (org_id, id) on delete cascade
) strict;
create trigger agent_entry_insert_touches_thread after insert on agent_entry begin
  update agent_thread set updated_at = new.created_at where org_id = new.org_id and id = new.thread_id;
end;
