-- Attempts at passwords are counted in the table that Better Auth 1.7.25 has for its rate limits (storage "database"). One
-- that is there may be of 1.3, whose keys are not unique; what it counts is of the last minute. The indexes are ours: what
-- is over is purged without reading what is not.
drop table if exists "rateLimit";
create table "rateLimit" ("id" text not null primary key, "key" text not null unique, "count" integer not null, "lastRequest" bigint not null);

create index if not exists "rateLimit_lastRequest_idx" on "rateLimit" ("lastRequest");
create index if not exists "session_expiresAt_idx" on "session" ("expiresAt");
create index if not exists "verification_expiresAt_idx" on "verification" ("expiresAt");
create index if not exists "invitation_status_expiresAt_idx" on "invitation" ("status", "expiresAt");
