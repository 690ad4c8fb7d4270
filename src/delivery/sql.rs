//! Every statement over `notice` and `delivery` but the outbox's.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows; of the run
    /// `?4`, if there is one, and in the status `?5`, if there is one.
    LIST = "select d.id, d.run_id, d.destination as destination_json, n.kind, n.title, d.status, d.attempt,
            d.next_attempt_at, d.attempts as attempts_json, d.error, d.delivered_at, d.created_by, d.created_at, d.updated_at
        from delivery d join notice n on n.org_id = ?1 and n.run_id = d.run_id
        where d.org_id = ?1 and d.id < coalesce(?2, '~') and (?4 is null or d.run_id = ?4)
            and (?5 is null or d.status = ?5)
        order by d.id desc limit ?3";
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
