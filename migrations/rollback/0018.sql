-- Undoes 0018_create_delivery.sql: every notice, delivery and webhook's secret is gone. docs/operations.md has the
-- procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0019 first') from d1_migrations where name = '0019_create_email_recipient.sql';
drop table if exists delivery;
drop table if exists notice;
drop table if exists webhook_secret;
delete from d1_migrations where name = '0018_create_delivery.sql';
