-- Undoes 0019_create_email_recipient.sql: who has agreed to mails is forgotten. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back the later ones first') from d1_migrations where name > '0019_create_email_recipient.sql';
drop table if exists email_recipient;
delete from d1_migrations where name = '0019_create_email_recipient.sql';
