//! The authorization server's statements: over clients, and over grants by what only their holder has.
crate::identity_sql! {
    /// The client `?1`.
    CLIENT = "select id, name, redirect_uris as redirect_uris_json, expires_at from oauth_client where id = ?1";
    /// Registers a client, unless `?6` or more are there that nobody has agreed to: those that end by `?5`, as it does.
    REGISTER_CLIENT = "insert into oauth_client (id, name, redirect_uris, created_at, expires_at)
        select ?1, ?2, ?3, ?4, ?5 where not exists (select 1 from oauth_client
            where expires_at > ?4 and expires_at <= ?5 order by expires_at limit 1 offset ?6 - 1)
        returning id";
    /// Keeps what a metadata document says, until `?5`.
    KEEP_DOCUMENT = "insert into oauth_client (id, name, redirect_uris, created_at, expires_at) values (?1, ?2, ?3, ?4, ?5)
        on conflict (id) do update set name = ?2, redirect_uris = ?3, expires_at = ?5";
    /// Keeps a registered client until `?2`.
    KEEP_CLIENT = "update oauth_client set expires_at = ?2 where id = ?1 and expires_at < ?2";

    /// Who is signed in by the session of the token `?1`.
    PERSON = "select u.email, nullif(s.activeOrganizationId, '') as active_organization_id
        from session s join user u on u.id = s.userId where s.token = ?1 and s.expiresAt > ?2";
    /// The organizations that he may choose.
    ORGANIZATIONS = "select o.id, o.name from session s
        join member m on m.userId = s.userId
        join organization o on o.id = m.organizationId
        where s.token = ?1 and s.expiresAt > ?2 order by o.name, o.id limit 500";

    /// A grant of who is signed in by the session of the token `?1`, now (`?2`), in the organization `?3`, if he is a
    /// member of it and has fewer than `?4` there, for the client `?5`. It ends at `?12`, unless its code is exchanged.
    CREATE_GRANT = "insert into oauth_grant (org_id, id, client_id, client_name, redirect_uri, resource, permissions,
            code_hash, code_challenge, expires_at, created_by, created_at, updated_at)
        select m.organizationId, ?6, c.id, c.name, ?7, ?8, ?9, ?10, ?11, ?12, m.userId, ?2, ?2
        from session s
        join member m on m.userId = s.userId and m.organizationId = ?3
        join oauth_client c on c.id = ?5
        where s.token = ?1 and s.expiresAt > ?2
            and (select count(*) from oauth_grant where org_id = m.organizationId and created_by = m.userId) < ?4
        returning id";

    /// Ends the grant of the code `?1` if it was exchanged before: someone else has it as well.
    CODE_IS_REPLAYED = "delete from oauth_grant where code_hash = ?1 and family_hash is not null";
    /// Takes the code `?1`, if that may be exchanged now, `?5`: the grant goes on until `?4`, with the refresh token `?2 ?3`.
    REDEEM_CODE = "update oauth_grant set family_hash = ?2, refresh_hash = ?3, expires_at = ?4, last_used_at = ?5,
            updated_at = ?5
        where code_hash = ?1 and family_hash is null and expires_at > ?5 and client_id = ?6 and redirect_uri = ?7
            and code_challenge = ?8 and (?9 is null or resource = ?9)
        returning permissions as permissions_json";
    /// Ends the grant of the family `?1` if its refresh token is no longer `?2`: someone else has that as well.
    REFRESH_IS_REPLAYED = "delete from oauth_grant where family_hash = ?1 and refresh_hash <> ?2";
    /// Takes the refresh token `?1 ?2`, if that may be exchanged now, `?5`: the grant goes on until `?4`, with `?1 ?3`.
    ROTATE_REFRESH = "update oauth_grant set refresh_hash = ?3, expires_at = ?4, last_used_at = ?5, updated_at = ?5
        where family_hash = ?1 and refresh_hash = ?2 and expires_at > ?5 and client_id = ?6
            and (?7 is null or resource = ?7)
        returning permissions as permissions_json";
    /// The access token `?3`, until `?4`, beside the refresh token `?1 ?2`, if that was issued in the same batch.
    ISSUE_TOKEN = "insert into oauth_token (org_id, grant_id, token_hash, expires_at)
        select org_id, id, ?3, ?4 from oauth_grant where family_hash = ?1 and refresh_hash = ?2";

    /// Ends the access token `?1` of the client.
    REVOKE_TOKEN = "delete from oauth_token where token_hash = ?1 and exists (select 1 from oauth_grant g
        where g.org_id = oauth_token.org_id and g.id = oauth_token.grant_id and g.client_id = ?2)";
    /// Ends the grant of the refresh tokens' family `?1`, of the client.
    REVOKE_FAMILY = "delete from oauth_grant where family_hash = ?1 and client_id = ?2";

    /// Deletes at most `?2` access tokens that are over.
    PURGE_TOKENS = "delete from oauth_token where token_hash in
        (select token_hash from oauth_token where expires_at <= ?1 order by expires_at limit ?2)";
    /// Deletes at most `?2` grants that are over.
    PURGE_GRANTS = "delete from oauth_grant where id in
        (select id from oauth_grant where expires_at <= ?1 order by expires_at limit ?2)";
    /// Deletes at most `?2` clients that are past their time and have no grant.
    PURGE_CLIENTS = "delete from oauth_client where id in (select c.id from oauth_client c where c.expires_at <= ?1
        and not exists (select 1 from oauth_grant g where g.client_id = c.id) order by c.expires_at limit ?2)";
}
