-- Undoes 0019_create_email_recipient.sql: who has agreed to mails is forgotten. docs/operations.md has the procedure.
drop table if exists email_recipient;
delete from d1_migrations where name = '0019_create_email_recipient.sql';
