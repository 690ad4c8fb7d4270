//! Every statement over `widget`.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows.
    LIST = "select id, dashboard_id, dataset_id, title, kind, position as position_json, config as config_json,
            created_by, created_at, updated_at from widget
        where org_id = ?1 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// The same, of the dashboard `?4`.
    LIST_ON_DASHBOARD = "select id, dashboard_id, dataset_id, title, kind, position as position_json,
            config as config_json, created_by, created_at, updated_at from widget
        where org_id = ?1 and dashboard_id = ?4 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// Every widget of the dashboard `?2`, oldest first: as many as [`ROOM`] lets it have.
    ON_DASHBOARD = "select id, dashboard_id, dataset_id, title, kind, position as position_json, config as config_json,
            created_by, created_at, updated_at from widget
        where org_id = ?1 and dashboard_id = ?2 order by id";
    /// The widgets that may draw the dataset `?2`: it is theirs, or its name is in their SQL, quotes and case aside. The
    /// 200 oldest.
    DRAWING = "select w.id, w.dashboard_id, w.dataset_id, w.title, w.kind, w.position as position_json,
            w.config as config_json, w.created_by, w.created_at, w.updated_at
        from dataset d join widget w on w.org_id = ?1 and (w.dataset_id = d.id or instr(
            replace(replace(replace(lower(json_extract(w.config, '$.sql')), char(34), ''), char(96), ''), char(39), ''),
            replace(replace(replace(lower(d.name), char(34), ''), char(96), ''), char(39), '')))
        where d.org_id = ?1 and d.id = ?2 order by w.id limit 200";
    /// No row if the widget is another organization's.
    SHOW = "select id, dashboard_id, dataset_id, title, kind, position as position_json, config as config_json,
            created_by, created_at, updated_at from widget
        where org_id = ?1 and id = ?2";
    /// Whether the dashboard `?2` has room for one more. No row if it is another organization's.
    ROOM = "select (select count(*) from widget w where w.org_id = ?1 and w.dashboard_id = ?2) < 100 as is_left
        from dashboard d where d.org_id = ?1 and d.id = ?2";
    /// Returns the new row; none if the dashboard `?3` is another organization's or full: see [`ROOM`]. Another
    /// organization's dataset breaks the foreign key.
    CREATE = "insert into widget (org_id, id, dashboard_id, dataset_id, title, kind, position, config, created_by,
            created_at, updated_at)
        select ?1, ?2, d.id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10 from dashboard d
        where d.org_id = ?1 and d.id = ?3
            and (select count(*) from widget w where w.org_id = ?1 and w.dashboard_id = ?3) < 100
        returning id, dashboard_id, dataset_id, title, kind, position as position_json, config as config_json,
            created_by, created_at, updated_at";
}

crate::owned_table! {
    /// Whose a widget is.
    WIDGET = Widget "widget";
    /// Returns the changed row; none if it is another organization's, or not as old as `?3`. The version always grows,
    /// also within a millisecond. Another organization's dataset breaks the foreign key.
    UPDATE = "update widget set title = coalesce(?5, title), kind = coalesce(?6, kind),
            position = coalesce(?7, position), dataset_id = iif(?8, ?9, dataset_id), config = coalesce(?10, config),
            updated_at = max(?4, strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds'))
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3)
        returning id, dashboard_id, dataset_id, title, kind, position as position_json, config as config_json,
            created_by, created_at, updated_at";
    /// Changes one row, or none.
    DELETE = "delete from widget
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
}
