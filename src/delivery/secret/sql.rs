//! Every statement over `webhook_secret` but the outbox's.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows.
    LIST = "select id, url, created_by, created_at, updated_at from webhook_secret
        where org_id = ?1 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// Returns the new row; none if there are `?6` already.
    CREATE = "insert into webhook_secret (org_id, id, url, created_by, created_at, updated_at)
        select ?1, ?2, ?3, ?4, ?5, ?5 where (select count(*) from webhook_secret where org_id = ?1) < ?6
        returning id, url, created_by, created_at, updated_at";
}

crate::owned_table! {
    /// Whose a secret is.
    WEBHOOK_SECRET = Automation "webhook_secret" as "webhook secret";
    /// Changes one row, or none.
    DELETE = "delete from webhook_secret
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
}
