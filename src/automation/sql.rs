//! Every statement over `automation` and `automation_run`.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows.
    LIST = "select id, name, is_enabled, config as config_json, schedule as schedule_json, run_as, created_by,
            created_at, updated_at from automation
        where org_id = ?1 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// No row if the automation is another organization's.
    SHOW = "select id, name, is_enabled, config as config_json, schedule as schedule_json, run_as, created_by,
            created_at, updated_at from automation
        where org_id = ?1 and id = ?2";
    /// Returns the new row. Another organization's dataset or dashboard in the config breaks a foreign key.
    CREATE = "insert into automation (org_id, id, name, is_enabled, config, schedule, run_as, created_by,
            created_at, updated_at, next_run_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?8, ?9)
        returning id, name, is_enabled, config as config_json, schedule as schedule_json, run_as, created_by,
            created_at, updated_at";

    /// A page of runs, as [`LIST`], without their evidence: that of a hundred reports is larger than an answer may be.
    LIST_RUNS = "select id, automation_id, scheduled_for, status, attempt, started_at, finished_at,
            json_remove(result, '$.evidence') as result_json, error, is_test, created_by, created_at, updated_at from automation_run
        where org_id = ?1 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// The same, of the automation `?4`.
    LIST_RUNS_OF_AUTOMATION = "select id, automation_id, scheduled_for, status, attempt, started_at, finished_at,
            json_remove(result, '$.evidence') as result_json, error, is_test, created_by, created_at, updated_at from automation_run
        where org_id = ?1 and automation_id = ?4 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// The same as [`LIST_RUNS`], of the status `?4`.
    LIST_RUNS_OF_STATUS = "select id, automation_id, scheduled_for, status, attempt, started_at, finished_at,
            json_remove(result, '$.evidence') as result_json, error, is_test, created_by, created_at, updated_at from automation_run
        where org_id = ?1 and status = ?4 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// The same, of the automation `?4` and the status `?5`.
    LIST_RUNS_OF_AUTOMATION_AND_STATUS = "select id, automation_id, scheduled_for, status, attempt, started_at, finished_at,
            json_remove(result, '$.evidence') as result_json, error, is_test, created_by, created_at, updated_at from automation_run
        where org_id = ?1 and automation_id = ?4 and status = ?5 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// A run of the automation `?3` that someone, `?4`, asks for at `?5`, due at `?6`: returns it. None if the automation is
    /// another organization's, or if the organization has asked for as many tests, or other runs (`?7`), as `?9` since `?8`.
    ADD_RUN = "insert into automation_run (org_id, id, automation_id, scheduled_for, status, lease_until, is_test,
            created_by, created_at, updated_at)
        select ?1, ?2, a.id, ?6, 'queued', ?5, ?7, ?4, ?5, ?5 from automation a where a.org_id = ?1 and a.id = ?3
            and (select count(*) from automation_run r where r.org_id = ?1 and r.is_test = ?7 and r.created_by is not null
                and r.created_at > ?8) < ?9
        returning id, automation_id, scheduled_for, status, attempt, started_at, finished_at, result as result_json, error,
            is_test, created_by, created_at, updated_at";
    /// How the automation stands. No row if it is another organization's.
    SHOW_STATUS = "select a.id, a.is_enabled, a.next_run_at, a.state as state_json, a.failure_count,
            (select count(*) from automation_run r where r.org_id = ?1 and r.automation_id = ?2
                and r.lease_until is not null) as waiting_runs
        from automation a where a.org_id = ?1 and a.id = ?2";
    /// The automation as the engine reads it. No row if it is another organization's.
    SHOW_FOR_ENGINE = "select a.id, a.name, a.is_enabled, a.config as config_json, a.schedule as schedule_json, a.next_run_at,
            a.state as state_json, a.failure_count, a.updated_at, 0 as is_awaited, 0 as is_busy
        from automation a where a.org_id = ?1 and a.id = ?2";
    /// No row if the run is another organization's.
    SHOW_RUN = "select id, automation_id, scheduled_for, status, attempt, started_at, finished_at,
            result as result_json, error, is_test, created_by, created_at, updated_at from automation_run
        where org_id = ?1 and id = ?2";
}

crate::owned_table! {
    /// Whose an automation is.
    AUTOMATION = Automation "automation";
    /// Returns the changed row; none if it is another organization's, or not as old as `?3`. The version always grows,
    /// also within a millisecond. The config as in [`CREATE`]. With another config its alert begins anew; who it runs as
    /// now gets all its failures forgiven, though not that it fails. With another schedule it is due at `?10`, the first slot
    /// of that; when it is switched on, at once, to be looked at: the engine finds the slot.
    UPDATE = "update automation set name = coalesce(?5, name), is_enabled = coalesce(?6, is_enabled),
            config = coalesce(?7, config), schedule = coalesce(?8, schedule), run_as = coalesce(?9, run_as),
            state = case when ?7 is null then state when state ->> '$.failingSince' is null then null
                else json_set(state, '$.series', json('{}')) end,
            failure_count = iif(?9 is null, failure_count, 0),
            next_run_at = case when coalesce(?6, is_enabled) = 0 then null when ?8 <> schedule then ?10
                else coalesce(next_run_at, ?4) end,
            updated_at = max(?4, strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds'))
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3)
        returning id, name, is_enabled, config as config_json, schedule as schedule_json, run_as, created_by,
            created_at, updated_at";
    /// Changes one row, or none. The automation's runs go with it.
    DELETE = "delete from automation
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
}
