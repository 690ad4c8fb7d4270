//! Every statement over an organization's grants.
crate::org_sql! {
    /// A page of those that have been taken up and are not over at `?5`, newest first, after the id `?2` if there is one
    /// (every id sorts before `~`); at most `?3` rows; only what `?4` gave, if there is one.
    LIST = "select id, client_id, client_name, resource, permissions as permissions_json, expires_at, last_used_at,
            created_by, created_at, updated_at from oauth_grant
        where org_id = ?1 and id < coalesce(?2, '~') and (?4 is null or created_by = ?4) and family_hash is not null
            and expires_at > ?5
        order by id desc limit ?3";
}

crate::owned_table! {
    /// Whose a grant is.
    OAUTH_GRANT = OauthGrant "oauth_grant";
    /// Ends one grant, or none, and its tokens with it.
    DELETE = "delete from oauth_grant
        where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
}
