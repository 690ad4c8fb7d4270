-- The rows of an organization's datasets are in its own object. Who deletes the organization tells the object; where that
-- could not be done, or a Better Auth server deleted it, the hourly purge does (src/auth/purge.rs), by this list.
create table deleted_organization (id text not null primary key) strict;
create trigger organization_delete_is_listed after delete on organization begin
  insert or ignore into deleted_organization (id) values (old.id);
end;
