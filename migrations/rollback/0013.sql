-- Undoes 0013_create_agent_thread.sql: every thread with an agent is gone. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0015 first') from d1_migrations where name = '0015_create_oauth.sql';
drop table if exists agent_entry;
drop table if exists agent_thread;
delete from d1_migrations where name = '0013_create_agent_thread.sql';
