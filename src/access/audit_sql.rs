//! Every statement that writes the audit log.
crate::org_sql! {
    /// The event of the change just before it in the batch; returns nothing if that changed no row.
    OF_CHANGE = "insert into audit_event (org_id, seq, at, user_id, actor, door, operation, target_id, arguments_hash,
            approval_id, verdict, code, prev_hash, hash)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14 where changes() > 0
        returning seq";
    /// The event of rows on their way to the dataset `?8`; returns nothing if it is another organization's.
    OF_ROWS = "insert into audit_event (org_id, seq, at, user_id, actor, door, operation, target_id, arguments_hash,
            approval_id, verdict, code, prev_hash, hash)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?7, d.id, ?9, ?10, ?11, ?12, ?13, ?14 from dataset d
        where d.org_id = ?1 and d.id = ?8
        returning seq";
    /// An event by itself.
    ALONE = "insert into audit_event (org_id, seq, at, user_id, actor, door, operation, target_id, arguments_hash,
            approval_id, verdict, code, prev_hash, hash)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        returning seq";
    /// The end of the chain; no row if there is no event.
    HEAD = "select seq, hash from audit_event where org_id = ?1 order by seq desc limit 1";
}
