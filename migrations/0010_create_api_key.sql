-- API keys: what a program signs in with, in one organization. Only a hash of the key is kept. A key acts as a member,
-- and goes with the membership. A key of the organization's own acts as a member who is no person (a service account): the
-- triggers make his user and his membership with the key, and end him with it, so that neither is ever without the other.
create table api_key (
  id           text not null primary key,
  org_id       text not null check (org_id <> '') references organization (id) on delete cascade,
  name         text not null,
  kind         text not null check (kind in ('personal', 'organization')),
  start        text not null,
  key_hash     text not null unique,
  acts_as      text not null,
  permissions  text not null check (json_valid(permissions)),
  expires_at   text,
  last_used_at text,
  created_by   text references "user" (id) on delete set null,
  created_at   text not null,
  updated_at   text not null,
  unique (org_id, id),
  foreign key (org_id, acts_as) references member (organizationId, userId) on delete cascade
) strict;
create index api_key_org_id_acts_as_idx on api_key (org_id, acts_as);
create index api_key_created_by_idx on api_key (created_by);
create trigger api_key_insert_makes_service_account before insert on api_key when new.kind = 'organization' begin
  insert into "user" (id, name, email, emailVerified, createdAt, updatedAt)
    values (new.acts_as, new.name, lower(new.acts_as) || '@service.invalid', 0, new.created_at, new.created_at);
  insert into member (id, organizationId, userId, role, createdAt)
    values (new.id, new.org_id, new.acts_as, 'member', new.created_at);
end;
create trigger api_key_delete_ends_service_account after delete on api_key when old.kind = 'organization' begin
  delete from "user" where id = old.acts_as;
end;
