-- Undoes 0010_create_api_key.sql: every API key is gone, and with those of organizations their service accounts.
-- docs/operations.md has the procedure.
delete from api_key;
drop table if exists api_key;
delete from d1_migrations where name = '0010_create_api_key.sql';
