-- Undoes 0016_run_automations.sql: how alerts stand is lost, and when automations are due. docs/operations.md has the procedure.
-- The first statement fails, as "malformed JSON", and with it the script, while a later migration is there.
select json('roll back 0018 first') from d1_migrations where name = '0018_create_delivery.sql';
drop index if exists automation_due_idx;
drop index if exists automation_run_lease_idx;
drop index if exists automation_run_unfinished_idx;
drop index if exists automation_run_status_idx;
drop index if exists automation_run_finished_at_idx;
alter table automation drop column next_run_at;
alter table automation drop column dispatched_until;
alter table automation drop column state;
alter table automation drop column failure_count;
alter table automation_run drop column lease_until;
delete from d1_migrations where name = '0016_run_automations.sql';
