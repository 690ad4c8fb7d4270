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
            created_at, updated_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?8)
        returning id, name, is_enabled, config as config_json, schedule as schedule_json, run_as, created_by,
            created_at, updated_at";

    /// A page of runs, as [`LIST`].
    LIST_RUNS = "select id, automation_id, scheduled_for, status, attempt, started_at, finished_at,
            result as result_json, error, created_by, created_at, updated_at from automation_run
        where org_id = ?1 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// The same, of the automation `?4`.
    LIST_RUNS_OF_AUTOMATION = "select id, automation_id, scheduled_for, status, attempt, started_at, finished_at,
            result as result_json, error, created_by, created_at, updated_at from automation_run
        where org_id = ?1 and automation_id = ?4 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// No row if the run is another organization's.
    SHOW_RUN = "select id, automation_id, scheduled_for, status, attempt, started_at, finished_at,
            result as result_json, error, created_by, created_at, updated_at from automation_run
        where org_id = ?1 and id = ?2";
}

crate::owned_table! {
    /// Whose an automation is.
    AUTOMATION = Automation "automation";
    /// Returns the changed row; none if it is another organization's, or not as old as `?3`. The version always grows,
    /// also within a millisecond. The config as in [`CREATE`].
    UPDATE = "update automation set name = coalesce(?5, name), is_enabled = coalesce(?6, is_enabled),
            config = coalesce(?7, config), schedule = coalesce(?8, schedule), run_as = coalesce(?9, run_as),
            updated_at = max(?4, strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds'))
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3)
        returning id, name, is_enabled, config as config_json, schedule as schedule_json, run_as, created_by,
            created_at, updated_at";
    /// Changes one row, or none. The automation's runs go with it.
    DELETE = "delete from automation
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
}
