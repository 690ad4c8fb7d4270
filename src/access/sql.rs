//! The gate's statement.
crate::identity_sql! {
    /// The session's user and, of the organization that `?3` names (id, else slug) or else the active one, his role and
    /// the roles of the organization's own making that he may have: `Roles` decides; and the end of its audit log. No row
    /// if the session is unknown or over.
    MEMBERSHIP = "select u.id as user_id, u.email, nullif(s.activeOrganizationId, '') as active_organization_id,
            m.organizationId as org_id, m.role,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = m.organizationId
                and instr(m.role, r.role) > 0) as dynamic_roles_json,
            (select json_object('seq', a.seq, 'hash', a.hash) from audit_event a where a.org_id = m.organizationId
              order by a.seq desc limit 1) as head_json
        from session s
        join user u on u.id = s.userId
        left join member m on m.userId = u.id and m.organizationId = case when ?3 is null then s.activeOrganizationId
            else coalesce((select id from organization where id = ?3), (select id from organization where slug = ?3)) end
        where s.token = ?1 and s.expiresAt > ?2
        limit 1";
    /// The same of an API key, by its hash: the member whom it acts as, in its organization alone. `?3` may name that one,
    /// and finds no membership with any other.
    KEY_MEMBERSHIP = "select u.id as user_id, u.email, k.org_id as active_organization_id, m.organizationId as org_id, m.role,
            k.id as key_id, k.permissions as scope_json,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = m.organizationId
                and instr(m.role, r.role) > 0) as dynamic_roles_json,
            (select json_object('seq', a.seq, 'hash', a.hash) from audit_event a where a.org_id = m.organizationId
              order by a.seq desc limit 1) as head_json
        from api_key k
        join user u on u.id = k.acts_as
        left join member m on m.organizationId = k.org_id and m.userId = k.acts_as and (?3 is null or k.org_id
            = coalesce((select id from organization where id = ?3), (select id from organization where slug = ?3)))
        where k.key_hash = ?1 and (k.expires_at is null or k.expires_at > ?2)
        limit 1";
    /// Notes that the key is used now, `?2`, unless it was noted since `?3`.
    KEY_IS_USED = "update api_key set last_used_at = ?2
        where key_hash = ?1 and (expires_at is null or expires_at > ?2) and coalesce(last_used_at <= ?3, 1)";
}
