//! Every statement over `dashboard`.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows.
    LIST = "select id, name, description, created_by, created_at, updated_at from dashboard
        where org_id = ?1 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// No row if the dashboard is another organization's.
    SHOW = "select id, name, description, created_by, created_at, updated_at from dashboard
        where org_id = ?1 and id = ?2";
    /// Returns the new row.
    CREATE = "insert into dashboard (org_id, id, name, description, created_by, created_at, updated_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?6)
        returning id, name, description, created_by, created_at, updated_at";
}

crate::owned_table! {
    /// Whose a dashboard is.
    DASHBOARD = Dashboard "dashboard";
    /// Returns the changed row; none if it is another organization's, or not as old as `?3`. The version always grows,
    /// also within a millisecond.
    UPDATE = "update dashboard set name = coalesce(?5, name), description = iif(?6, ?7, description),
            updated_at = max(?4, strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds'))
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3)
        returning id, name, description, created_by, created_at, updated_at";
    /// Changes one row, or none. The dashboard's widgets go with it: for who may delete every widget.
    DELETE = "delete from dashboard
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
    /// The same, if all its widgets are by `?4`, who may delete his own.
    DELETE_WITH_OWN_WIDGETS = "delete from dashboard
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)
            and not exists (select 1 from widget w
                where w.org_id = ?1 and w.dashboard_id = ?2 and w.created_by is not ?4)";
    /// The same, if it has no widgets: for who may delete none.
    DELETE_EMPTY = "delete from dashboard
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)
            and not exists (select 1 from widget w where w.org_id = ?1 and w.dashboard_id = ?2)";
}
