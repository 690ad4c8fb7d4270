//! Every statement over `notice` and `delivery` but the outbox's.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows.
    LIST = "select d.id, d.run_id, d.destination as destination_json, n.kind, n.title, d.status, d.attempt,
            d.next_attempt_at, d.attempts as attempts_json, d.error, d.delivered_at, d.created_by, d.created_at, d.updated_at
        from delivery d join notice n on n.org_id = ?1 and n.run_id = d.run_id
        where d.org_id = ?1 and d.id < coalesce(?2, '~') order by d.id desc limit ?3";
    /// The same, of the run `?4`. (`+` has SQLite look among the run's, which are few, and not go through the organization's.)
    LIST_OF_RUN = "select d.id, d.run_id, d.destination as destination_json, n.kind, n.title, d.status, d.attempt,
            d.next_attempt_at, d.attempts as attempts_json, d.error, d.delivered_at, d.created_by, d.created_at, d.updated_at
        from delivery d join notice n on n.org_id = ?1 and n.run_id = d.run_id
        where d.org_id = ?1 and d.run_id = ?4 and +d.id < coalesce(?2, '~') order by +d.id desc limit ?3";
    /// The same as [`LIST`], in the status `?4`.
    LIST_OF_STATUS = "select d.id, d.run_id, d.destination as destination_json, n.kind, n.title, d.status, d.attempt,
            d.next_attempt_at, d.attempts as attempts_json, d.error, d.delivered_at, d.created_by, d.created_at, d.updated_at
        from delivery d join notice n on n.org_id = ?1 and n.run_id = d.run_id
        where d.org_id = ?1 and d.status = ?4 and d.id < coalesce(?2, '~') order by d.id desc limit ?3";
    /// The same as [`LIST_OF_RUN`], in the status `?5`.
    LIST_OF_RUN_AND_STATUS = "select d.id, d.run_id, d.destination as destination_json, n.kind, n.title, d.status, d.attempt,
            d.next_attempt_at, d.attempts as attempts_json, d.error, d.delivered_at, d.created_by, d.created_at, d.updated_at
        from delivery d join notice n on n.org_id = ?1 and n.run_id = d.run_id
        where d.org_id = ?1 and d.run_id = ?4 and +d.status = ?5 and +d.id < coalesce(?2, '~') order by +d.id desc limit ?3";
    /// No row if the delivery is another organization's.
    SHOW = "select d.id, d.run_id, d.destination as destination_json, n.kind, n.title, d.status, d.attempt,
            d.next_attempt_at, d.attempts as attempts_json, d.error, d.delivered_at, d.created_by, d.created_at, d.updated_at, n.text,
            n.data as data_json
        from delivery d join notice n on n.org_id = ?1 and n.run_id = d.run_id
        where d.org_id = ?1 and d.id = ?2";
}

crate::owned_table! {
    /// Whose a delivery is.
    DELIVERY = Automation "delivery" as "delivery";
    /// Has a dead one due at once, `?4`, as if it were new; any other stays as it is. Returns the row; none if it is
    /// another organization's, or not as old as `?3`.
    RESEND = "update delivery set attempt = iif(status = 'dead', 0, attempt), error = iif(status = 'dead', null, error),
            next_attempt_at = iif(status = 'dead', ?4, next_attempt_at),
            updated_at = iif(status = 'dead', max(?4, strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds')),
                updated_at),
            status = iif(status = 'dead', 'pending', status)
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3)
        returning id, run_id, destination as destination_json, (select n.kind from notice n where n.org_id = ?1
            and n.run_id = delivery.run_id) as kind, (select n.title from notice n where n.org_id = ?1
            and n.run_id = delivery.run_id) as title, status, attempt, next_attempt_at,
            attempts as attempts_json, error, delivered_at, created_by, created_at, updated_at";
}
