-- Where an organization's audit log begins, once its oldest events have gone by age: the number and the hash of the last
-- that went. The first event that is left has to follow it (docs/audit.md).
create table audit_anchor (
  org_id text not null primary key check (org_id <> '') references organization (id) on delete cascade,
  seq    integer not null check (seq > 0),
  hash   text not null
) strict;
-- Of logs whose oldest events have gone already.
insert into audit_anchor (org_id, seq, hash)
  select e.org_id, e.seq - 1, e.prev_hash from audit_event e
  where e.seq > 1 and e.seq = (select min(f.seq) from audit_event f where f.org_id = e.org_id);
-- However an event goes, its log's anchor moves on with it; it ends with its organization.
create trigger audit_event_leaves_its_anchor after delete on audit_event
  when exists (select 1 from organization where id = old.org_id) begin
  insert into audit_anchor (org_id, seq, hash) values (old.org_id, old.seq, old.hash)
    on conflict (org_id) do update set seq = excluded.seq, hash = excluded.hash where excluded.seq > seq;
end;
create index audit_event_at_idx on audit_event (at);
