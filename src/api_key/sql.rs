//! Every statement over `api_key` but the gate's.
crate::org_sql! {
    /// A page, newest first, after the id `?2` if there is one (every id sorts before `~`); at most `?3` rows; only what
    /// `?4` made, if there is one.
    LIST = "select id, name, kind, start, acts_as, permissions as permissions_json, expires_at, last_used_at, created_by,
            created_at, updated_at from api_key
        where org_id = ?1 and id < coalesce(?2, '~') and (?4 is null or created_by = ?4) order by id desc limit ?3";
    /// Returns the new row; none if there are `?12` already. A caller who is no member any more breaks a foreign key.
    CREATE = "insert into api_key (org_id, id, name, kind, start, key_hash, acts_as, permissions, expires_at, created_by,
            created_at, updated_at)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11
        where (select count(*) from api_key where org_id = ?1) < ?12
        returning id, name, kind, start, acts_as, permissions as permissions_json, expires_at, last_used_at, created_by,
            created_at, updated_at";
}

crate::owned_table! {
    /// Whose a key is.
    API_KEY = ApiKey "api_key";
    /// Changes one row, or none. Its service account goes with it, if it has one.
    DELETE = "delete from api_key
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
}
