//! Every statement that reads the audit log.
crate::org_sql! {
    /// A page, newest first, before the event `?2` if there is one; at most `?3`. Of the operation `?4` and with the verdict
    /// `?5`, if there is one.
    LIST = "select seq, at, user_id, actor, door, operation, target_id, arguments_hash, approval_id, verdict, code,
            prev_hash, hash from audit_event
        where org_id = ?1 and seq < coalesce(?2, 9007199254740991) and (?4 is null or operation = ?4)
            and (?5 is null or verdict = ?5)
        order by seq desc limit ?3";
    /// The same, about the row `?6`.
    LIST_ABOUT = "select seq, at, user_id, actor, door, operation, target_id, arguments_hash, approval_id, verdict, code,
            prev_hash, hash from audit_event
        where org_id = ?1 and target_id = ?6 and seq < coalesce(?2, 9007199254740991)
            and (?4 is null or operation = ?4) and (?5 is null or verdict = ?5)
        order by seq desc limit ?3";
    /// The last event that has gone by age; no row if none has.
    ANCHOR = "select seq, hash from audit_anchor where org_id = ?1";
    /// The events from `?2` on, oldest first; at most `?3`.
    FROM = "select seq, at, user_id, actor, door, operation, target_id, arguments_hash, approval_id, verdict, code,
            prev_hash, hash from audit_event
        where org_id = ?1 and seq >= ?2 order by seq limit ?3";
}
