//! The gate's statement.
crate::identity_sql! {
    /// The session's user and, of the organization that `?3` names (id, else slug) or else the active one, his role and
    /// the roles of the organization's own making that he may have: `Roles` decides. No row if the session is unknown or
    /// over.
    MEMBERSHIP = "select u.id as user_id, u.email, nullif(s.activeOrganizationId, '') as active_organization_id,
            m.organizationId as org_id, m.role,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = m.organizationId
                and instr(m.role, r.role) > 0) as dynamic_roles_json
        from session s
        join user u on u.id = s.userId
        left join member m on m.userId = u.id and m.organizationId = case when ?3 is null then s.activeOrganizationId
            else coalesce((select id from organization where id = ?3), (select id from organization where slug = ?3)) end
        where s.token = ?1 and s.expiresAt > ?2
        limit 1";
}
