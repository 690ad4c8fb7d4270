//! Every statement that the engine runs for an organization without a member.
//!
//! A run is held by whoever has its `attempt`: what he says of it later counts only while it is running, with that very
//! attempt, and while its automation (`updated_at`) is what he evaluated.
//!
//! Where the oldest run that is not over is looked for, the index of those alone is named: left to choose, SQLite 3.51 walks
//! through all runs that the automation has ever had.
crate::engine_sql! {
    /// An automation as the engine needs it; `is_awaited` tells whether it has a run of the slot `?3` that is not over,
    /// `is_busy` whether it has any such. No row if the organization has none such.
    SHOW = "select a.id, a.name, a.is_enabled, a.config as config_json, a.schedule as schedule_json, a.next_run_at,
            a.state as state_json, a.failure_count, a.updated_at,
            exists (select 1 from automation_run r where r.org_id = ?1 and r.automation_id = ?2 and r.scheduled_for = ?3
                and r.lease_until is not null) as is_awaited,
            exists (select 1 from automation_run r indexed by automation_run_unfinished_idx where r.org_id = ?1
                and r.automation_id = ?2 and r.lease_until is not null) as is_busy
        from automation a where a.org_id = ?1 and a.id = ?2";
    /// Makes runs of the slots in `?3`, `[{"id","slot"}, …]`, at `?5`, if the automation is still due at `?4`. A slot that
    /// has a run gets no second one.
    ADD_RUNS = "insert into automation_run (org_id, id, automation_id, scheduled_for, status, lease_until, created_at, updated_at)
        select ?1, value ->> 'id', ?2, value ->> 'slot', 'queued', ?5, ?5, ?5 from json_each(?3)
        where exists (select 1 from automation a where a.org_id = ?1 and a.id = ?2 and a.next_run_at = ?4)
            and not exists (select 1 from automation_run r where r.org_id = ?1 and r.automation_id = ?2
                and r.scheduled_for = value ->> 'slot')";
    /// The same of one slot `?5`, as a run `?3` that is over: what it missed is `?6`.
    ADD_SKIPPED = "insert into automation_run (org_id, id, automation_id, scheduled_for, status, result, finished_at, created_at, updated_at)
        select ?1, ?3, a.id, ?5, 'skipped', ?6, ?7, ?7, ?7 from automation a
        where a.org_id = ?1 and a.id = ?2 and a.next_run_at = ?4
            and not exists (select 1 from automation_run r where r.org_id = ?1 and r.automation_id = ?2 and r.scheduled_for = ?5)";
    /// Moves the automation on from the slot `?3` to `?4`, if it is still due at that. No message about it is under way.
    ADVANCE = "update automation set next_run_at = iif(next_run_at is ?3, ?4, next_run_at), dispatched_until = null
        where org_id = ?1 and id = ?2";
    /// Takes up the automation's oldest run that is not over, until `?4`, and returns it: unless that, or another, is held.
    TAKE = "update automation_run set status = 'running', attempt = attempt + 1, started_at = ?3, lease_until = ?4, updated_at = ?3
        where org_id = ?1 and lease_until <= ?3
            and id = (select r.id from automation_run r indexed by automation_run_unfinished_idx where r.org_id = ?1 and r.automation_id = ?2
                and r.lease_until is not null order by r.scheduled_for limit 1)
            and not exists (select 1 from automation_run h where h.org_id = ?1 and h.automation_id = ?2
                and h.lease_until > ?3 and h.status = 'running')
        returning id, scheduled_for, attempt, is_test, created_by";
    /// Ends the run `?3`, if it is held with the attempt `?4` and its automation is as old as `?5`.
    FINISH = "update automation_run set status = ?6, result = ?7, error = ?8, finished_at = ?9, lease_until = null, updated_at = ?9
        where org_id = ?1 and id = ?3 and status = 'running' and attempt = ?4
            and exists (select 1 from automation a where a.org_id = ?1 and a.id = ?2 and a.updated_at = ?5)";
    /// Keeps how the automation stands, after [`FINISH`] in its batch and if that took effect; switches it off if `?8`.
    SETTLE = "update automation set state = ?6, failure_count = ?7, is_enabled = iif(?8, 0, is_enabled),
            next_run_at = iif(?8, null, next_run_at),
            updated_at = iif(?8, max(?9, strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds')), updated_at)
        where org_id = ?1 and id = ?2 and updated_at = ?5
            and exists (select 1 from automation_run r where r.org_id = ?1 and r.id = ?3 and r.attempt = ?4
                and r.status <> 'running' and r.finished_at = ?9)";
    /// Gives the run `?3` back, if it is held with the attempt `?4`, to be taken up again from `?5` on: for the reason `?6`.
    GIVE_BACK = "update automation_run set status = 'queued', lease_until = ?5, error = coalesce(?6, error), updated_at = ?7
        where org_id = ?1 and automation_id = ?2 and id = ?3 and status = 'running' and attempt = ?4";
    /// The slot of the automation's oldest run that is not over, if anyone may take it up at `?3`.
    NEXT_WAITING = "select r.scheduled_for as slot from automation_run r indexed by automation_run_unfinished_idx
        where r.org_id = ?1 and r.automation_id = ?2 and r.lease_until <= ?3
        order by r.scheduled_for limit 1";
}
