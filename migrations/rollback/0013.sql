-- Undoes 0013_create_agent_thread.sql: every thread with an agent is gone. docs/operations.md has the procedure.
drop table if exists agent_entry;
drop table if exists agent_thread;
delete from d1_migrations where name = '0013_create_agent_thread.sql';
