-- Undoes 0015_create_oauth.sql: every grant to an application is gone, and with it its tokens.
-- docs/operations.md has the procedure.
drop table if exists oauth_token;
drop table if exists oauth_grant;
drop table if exists oauth_client;
delete from d1_migrations where name = '0015_create_oauth.sql';
