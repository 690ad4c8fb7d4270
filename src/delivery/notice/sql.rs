//! The statements that keep what a run has to tell, in the batch that ends it.
crate::engine_sql! {
    /// The notice of the run `?2`, if it has ended now, `?7`, in the attempt `?8`, and has none.
    CREATE = "insert into notice (org_id, run_id, kind, title, text, data, created_at)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?7
        where exists (select 1 from automation_run r where r.org_id = ?1 and r.id = ?2 and r.finished_at = ?7
                and r.attempt = ?8)
            and not exists (select 1 from notice n where n.org_id = ?1 and n.run_id = ?2)";
    /// A delivery of that notice, made now, `?4`, to each of the JSON list `?3` of `{\"id\",\"destination\"}`, unless it has
    /// one; due at once.
    CREATE_DELIVERIES = "insert into delivery (org_id, id, run_id, destination, status, attempt, next_attempt_at,
            created_by, created_at, updated_at)
        select ?1, value ->> '$.id', ?2, value ->> '$.destination', 'pending', 0, ?4,
            (select r.created_by from automation_run r where r.org_id = ?1 and r.id = ?2), ?4, ?4 from json_each(?3)
        where exists (select 1 from notice n where n.org_id = ?1 and n.run_id = ?2 and n.created_at = ?4)
            and not exists (select 1 from delivery d where d.org_id = ?1 and d.run_id = ?2
                and d.destination = value ->> '$.destination')";
}
