-- Undoes 0012_create_approval.sql: every approval is gone. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0013 first') from d1_migrations where name = '0013_create_agent_thread.sql';
drop table if exists approval;
delete from d1_migrations where name = '0012_create_approval.sql';
