//! Every statement over `dataset`.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows.
    LIST = "select id, name, description, columns as columns_json, created_by, created_at, updated_at from dataset
        where org_id = ?1 and id < coalesce(?2, '~') order by id desc limit ?3";
    /// No row if the dataset is another organization's.
    SHOW = "select id, name, description, columns as columns_json, created_by, created_at, updated_at from dataset
        where org_id = ?1 and id = ?2";
    /// Every dataset: what SQL can name.
    ALL_OF_THEM = "select id, name, description, columns as columns_json, created_by, created_at, updated_at from dataset
        where org_id = ?1 order by id";
    /// Returns the new row; none if there are `?8` already.
    CREATE = "insert into dataset (org_id, id, name, description, columns, created_by, created_at, updated_at)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7 where (select count(*) from dataset where org_id = ?1) < ?8
        returning id, name, description, columns as columns_json, created_by, created_at, updated_at";
}

crate::owned_table! {
    /// Whose a dataset is.
    DATASET = Dataset "dataset";
    /// Returns the changed row; none if it is another organization's, or not as old as `?3`. The version always grows,
    /// also within a millisecond.
    UPDATE = "update dataset set name = coalesce(?5, name), description = iif(?6, ?7, description),
            columns = coalesce(?8, columns),
            updated_at = max(?4, strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds'))
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3)
        returning id, name, description, columns as columns_json, created_by, created_at, updated_at";
    /// Changes one row, or none. The widgets that draw it draw it no more: migration 0008.
    DELETE = "delete from dataset
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
    /// The same, if no widget draws it or has its name in its SQL, quotes and case aside.
    DELETE_UNDRAWN = "delete from dataset
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)
            and not exists (select 1 from widget w where w.org_id = ?1 and (w.dataset_id = ?2 or instr(
                replace(replace(replace(lower(json_extract(w.config, '$.sql')), char(34), ''), char(96), ''), char(39), ''),
                replace(replace(replace(lower(dataset.name), char(34), ''), char(96), ''), char(39), ''))))";
}
