//! Every statement over `approval`. That one is used says the audit log: an event has its id.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows.
    LIST = "select a.id, a.actor, a.operation, a.permission, a.arguments as arguments_json, a.arguments_hash,
            iif(exists (select 1 from audit_event e where e.org_id = ?1 and e.approval_id = a.id), 'used', a.status) as status,
            a.expires_at, a.decided_by, a.created_by, a.created_at, a.updated_at from approval a
        where a.org_id = ?1 and a.id < coalesce(?2, '~') order by a.id desc limit ?3";
    /// No row if the approval is another organization's.
    SHOW = "select a.id, a.actor, a.operation, a.permission, a.arguments as arguments_json, a.arguments_hash,
            iif(exists (select 1 from audit_event e where e.org_id = ?1 and e.approval_id = a.id), 'used', a.status) as status,
            a.expires_at, a.decided_by, a.created_by, a.created_at, a.updated_at from approval a
        where a.org_id = ?1 and a.id = ?2";
    /// What was asked before of the operation `?4` with arguments of the hash `?5`, by the user `?2` through `?3`, and is
    /// neither used nor over at `?6`.
    ASKED = "select a.id, a.actor, a.operation, a.permission, a.arguments as arguments_json, a.arguments_hash, a.status,
            a.expires_at, a.decided_by, a.created_by, a.created_at, a.updated_at from approval a
        where a.org_id = ?1 and a.created_by = ?2 and a.actor = ?3 and a.operation = ?4 and a.arguments_hash = ?5
            and a.expires_at > ?6
            and not exists (select 1 from audit_event e where e.org_id = ?1 and e.approval_id = a.id)
        order by a.id desc limit 1";
    /// Returns the new row; none if there is one that [`ASKED`] finds, or `?11` of the user's are not over yet.
    ASK = "insert into approval (org_id, id, actor, operation, permission, arguments, arguments_hash, status, expires_at,
            created_by, created_at, updated_at)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?7, 'pending', ?8, ?9, ?10, ?10
        where not exists (select 1 from approval a
                where a.org_id = ?1 and a.created_by = ?9 and a.actor = ?3 and a.operation = ?4 and a.arguments_hash = ?7
                    and a.expires_at > ?10
                    and not exists (select 1 from audit_event e where e.org_id = ?1 and e.approval_id = a.id))
            and (select count(*) from approval a where a.org_id = ?1 and a.created_by = ?9 and a.expires_at > ?10) < ?11
        returning id, actor, operation, permission, arguments as arguments_json, arguments_hash, status, expires_at,
            decided_by, created_by, created_at, updated_at";
}

crate::owned_table! {
    /// Whose an approval is.
    APPROVAL = Approval "approval";
    /// Returns the row, decided by `?6`; none if it is another organization's, not as old as `?3`, decided already, or over.
    DECIDE = "update approval set status = ?5, decided_by = ?6,
            updated_at = max(?4, strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds'))
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and status = 'pending' and expires_at > ?4
        returning id, actor, operation, permission, arguments as arguments_json, arguments_hash, status, expires_at,
            decided_by, created_by, created_at, updated_at";
}
