-- Approvals: what a model wants to do that destroys, until a person has decided on it. It is used up by the audit event of
-- what it was for (audit_event.approval_id), in the batch that does it. It goes with the membership of whom the model
-- acts for, and a month after its time with the next one that is asked for.
create table approval (
  id             text not null primary key,
  org_id         text not null check (org_id <> '') references organization (id) on delete cascade,
  actor          text not null,
  operation      text not null,
  permission     text not null,
  arguments      text not null check (json_valid(arguments)),
  arguments_hash text not null,
  status         text not null check (status in ('pending', 'approved', 'denied')),
  expires_at     text not null,
  decided_by     text references "user" (id) on delete set null,
  created_by     text not null,
  created_at     text not null,
  updated_at     text not null,
  unique (org_id, id),
  foreign key (org_id, created_by) references member (organizationId, userId) on delete cascade
) strict;
create index approval_asked_idx on approval (org_id, created_by, operation, arguments_hash);
create index approval_expires_at_idx on approval (org_id, expires_at);
create index approval_decided_by_idx on approval (decided_by);
create trigger approval_insert_forgets_what_is_long_over after insert on approval begin
  delete from approval
    where org_id = new.org_id and expires_at < strftime('%Y-%m-%dT%H:%M:%fZ', new.created_at, '-30 days');
end;
