-- Undoes 0023_keep_attempts.sql: what came of each attempt is gone. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back the later ones first') from d1_migrations where name > '0023_keep_attempts.sql';
alter table delivery drop column attempts;
delete from d1_migrations where name = '0023_keep_attempts.sql';
