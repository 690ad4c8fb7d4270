-- A run that someone asks for to try an automation's channels out: it evaluates nothing.
alter table automation_run add column is_test integer not null default 0 check (is_test in (0, 1));
create index automation_run_test_idx on automation_run (org_id, created_at) where is_test = 1;
