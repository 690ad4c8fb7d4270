-- What the engine needs to run automations: when each is due next (null while it is switched off), until when a message
-- about it is under way, how its alert stands, and how often it has failed in a row. A run that is not over is held until
-- lease_until; then anyone may take it up. The partial indexes hold what is due and what waits, so that looking for it
-- costs what there is of it, not what there is of automations.
alter table automation add column next_run_at text;
alter table automation add column dispatched_until text;
alter table automation add column state text check (json_valid(state));
alter table automation add column failure_count integer not null default 0;
alter table automation_run add column lease_until text;
create index automation_due_idx on automation (next_run_at, org_id, dispatched_until, id) where next_run_at is not null;
create index automation_run_lease_idx on automation_run (lease_until, automation_id) where lease_until is not null;
create index automation_run_unfinished_idx on automation_run (automation_id, scheduled_for, lease_until) where lease_until is not null;
create index automation_run_status_idx on automation_run (org_id, status, id);
create index automation_run_finished_at_idx on automation_run (finished_at);
-- To be looked at by the next tick, which finds when they are due.
update automation set next_run_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') where is_enabled = 1;
update automation_run set lease_until = created_at where status in ('queued', 'running');
