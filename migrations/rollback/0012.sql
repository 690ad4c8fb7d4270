-- Undoes 0012_create_approval.sql: every approval is gone. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0015 first') from d1_migrations where name = '0015_create_oauth.sql';
drop table if exists approval;
delete from d1_migrations where name = '0012_create_approval.sql';
