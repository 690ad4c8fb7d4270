//! The outbox's statements. They are the only ones that reach deliveries of every organization: the sender is nobody's
//! request, and looks for what is due, whosever that is. What it reads of a row goes to that row's destination alone.
crate::identity_sql! {
    /// At most `?2` organizations that have something due at `?1`: in the order of their ids, from the `?3`th on, around and
    /// around. By this index it costs what is due; SQLite would take the other, which orders them, and read all that waits.
    DUE = "select org_id from (select org_id, row_number() over (order by org_id) - 1 as place, count(*) over () as places
            from (select distinct org_id from delivery indexed by delivery_due_idx where next_attempt_at <= ?1))
        order by (place + places - ?3 % places) % places limit ?2";
    /// Gives up what the organization `?1` has had under a lease that ended by `?2`, at the attempt `?3` or a later one, for
    /// the reason `?4`: so that what ends its sender ends too.
    GIVE_UP = "update delivery set status = 'dead', next_attempt_at = null, lease = null, error = ?4,
            attempts = json_set(attempts, '$[#-1].error', ?4), updated_at = ?2
        where org_id = ?1 and next_attempt_at <= ?2 and status = 'sending' and attempt >= ?3";
    /// Takes at most `?5` of what the organization `?1` has due at `?2`, until `?4`, under the lease `?3`: no one else takes
    /// it meanwhile. The attempt begins now; the last `?6` are remembered. Returns what is needed to send it.
    CLAIM = "update delivery set status = 'sending', attempt = attempt + 1, lease = ?3, next_attempt_at = ?4, updated_at = ?2,
            attempts = json_insert(iif(json_array_length(attempts) < ?6, attempts, json_remove(attempts, '$[0]')), '$[#]',
                json_object('at', ?2))
        where id in (select id from delivery where org_id = ?1 and next_attempt_at <= ?2 order by next_attempt_at limit ?5)
        returning id, org_id, run_id, destination as destination_json, attempt, lease,
            (select json_object('kind', n.kind, 'title', n.title, 'text', n.text, 'data', json(n.data), 'createdAt',
                n.created_at) from notice n where n.org_id = delivery.org_id and n.run_id = delivery.run_id) as notice_json,
            (select o.name from organization o where o.id = delivery.org_id) as organization,
            (select json_group_array(json_object('id', s.id, 'createdAt', s.created_at)) from webhook_secret s
                where s.org_id = delivery.org_id and s.url = destination ->> '$.url') as secrets_json,
            (exists (select 1 from email_recipient e where e.org_id = delivery.org_id
                    and e.email = lower(destination ->> '$.to') and e.verified_at is not null)
                or exists (select 1 from user u join member m on m.userId = u.id and m.organizationId = delivery.org_id
                    where u.email = lower(destination ->> '$.to') and u.emailVerified = 1)) as is_verified";
    /// What came of it, and of its last attempt, `?8`, if it is still held under the lease `?2`.
    RECORD = "update delivery set status = ?3, next_attempt_at = ?4, error = ?5, delivered_at = ?6, lease = null, updated_at = ?7,
            attempts = json_set(attempts, '$[#-1]', json(?8))
        where id = ?1 and lease = ?2";
}
