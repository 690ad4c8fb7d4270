-- Undoes 0015_create_oauth.sql: every grant to an application is gone, and with it its tokens.
-- docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0016 first') from d1_migrations where name = '0016_run_automations.sql';
drop table if exists oauth_token;
drop table if exists oauth_grant;
drop table if exists oauth_client;
delete from d1_migrations where name = '0015_create_oauth.sql';
