-- What people ask for is counted, tests and other runs apart.
drop index automation_run_test_idx;
create index automation_run_asked_for_idx on automation_run (org_id, is_test, created_at) where created_by is not null;
