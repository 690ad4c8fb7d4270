-- The audit log: what was done in an organization, and what was refused, each in the batch that did it. An event has the
-- hash of the one before it, so that none can be changed or taken out unseen (docs/audit.md). It outlives whom it is
-- about: no key refers to users, API keys or rows. It ends with its organization.
create table audit_event (
  org_id         text not null check (org_id <> '') references organization (id) on delete cascade,
  seq            integer not null check (seq > 0),
  at             text not null,
  user_id        text not null,
  actor          text not null,
  door           text not null check (door in ('rest', 'mcp', 'agent', 'automation')),
  operation      text not null,
  target_id      text,
  arguments_hash text,
  approval_id    text,
  verdict        text not null check (verdict in ('done', 'begun', 'denied')),
  code           text check ((code is not null) = (verdict = 'denied')),
  prev_hash      text not null,
  hash           text not null,
  primary key (org_id, seq)
) strict;
create index audit_event_target_idx on audit_event (org_id, target_id, seq);
-- An approval is good for one event.
create unique index audit_event_approval_uidx on audit_event (org_id, approval_id) where approval_id is not null;
create trigger audit_event_is_never_changed before update on audit_event begin
  select raise(abort, 'an audit event is never changed');
end;
-- Two ways out: with its organization, which is gone by the time that its events follow it, and by age.
create trigger audit_event_is_kept_for_a_year before delete on audit_event
  when exists (select 1 from organization where id = old.org_id)
    and old.at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-365 days') begin
  select raise(abort, 'an audit event is kept for a year');
end;
