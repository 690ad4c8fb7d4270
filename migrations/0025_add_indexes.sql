-- An organization's deliveries in one status, newest first: the dead are few among the many that have arrived.
create index delivery_org_id_status_idx on delivery (org_id, status, id);
-- What people ask for is counted, tests and other runs apart.
drop index automation_run_test_idx;
create index automation_run_asked_for_idx on automation_run (org_id, is_test, created_at) where created_by is not null;
