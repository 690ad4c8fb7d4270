-- OAuth 2.1: applications that act for a person in one organization, as far as he has agreed. Of codes and tokens only
-- hashes are kept.

-- Applications that asked for access: registered (RFC 7591), or known by a metadata document whose URL is the id. What is
-- past expires_at, and has no grant, is deleted. Of a document, it is when it is to be fetched again.
create table oauth_client (
  id            text not null primary key,
  name          text not null,
  redirect_uris text not null check (json_valid(redirect_uris)),
  created_at    text not null,
  expires_at    text not null
) strict;
create index oauth_client_expires_at_idx on oauth_client (expires_at);

-- What a person has agreed to. It goes with his membership. It begins with a code; once that is exchanged, a refresh token
-- keeps it: family_hash tells whose a refresh token is, refresh_hash which one is the newest.
create table oauth_grant (
  id             text not null primary key,
  org_id         text not null check (org_id <> '') references organization (id) on delete cascade,
  client_id      text not null references oauth_client (id) on delete cascade,
  client_name    text not null,
  redirect_uri   text not null,
  resource       text not null,
  permissions    text not null check (json_valid(permissions)),
  code_hash      text not null unique,
  code_challenge text not null,
  family_hash    text unique,
  refresh_hash   text,
  expires_at     text not null,
  last_used_at   text,
  created_by     text not null,
  created_at     text not null,
  updated_at     text not null,
  unique (org_id, id),
  check ((family_hash is null) = (refresh_hash is null)),
  foreign key (org_id, created_by) references member (organizationId, userId) on delete cascade
) strict;
create index oauth_grant_org_id_created_by_idx on oauth_grant (org_id, created_by);
create index oauth_grant_client_id_idx on oauth_grant (client_id);
create index oauth_grant_expires_at_idx on oauth_grant (expires_at);

-- Access tokens, each of a grant.
create table oauth_token (
  token_hash text not null primary key,
  org_id     text not null check (org_id <> ''),
  grant_id   text not null,
  expires_at text not null,
  foreign key (org_id, grant_id) references oauth_grant (org_id, id) on delete cascade
) strict;
create index oauth_token_org_id_grant_id_idx on oauth_token (org_id, grant_id);
create index oauth_token_expires_at_idx on oauth_token (expires_at);
