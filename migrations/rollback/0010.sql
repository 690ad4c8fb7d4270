-- Undoes 0010_create_api_key.sql: every API key is gone, and with those of organizations their service accounts.
-- docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0016, 0018 and 0019 first') from d1_migrations
  where name in ('0016_run_automations.sql', '0018_create_delivery.sql', '0019_create_email_recipient.sql');
delete from api_key;
drop table if exists api_key;
delete from d1_migrations where name = '0010_create_api_key.sql';
