//! Statements over `organizationRole`.
crate::identity_sql! {
    /// How many roles the organization `?2`, else the active one of the session of the token `?1`, has made.
    COUNT = "select count(*) as count from session s
        join organizationRole r on r.organizationId = coalesce(?2, s.activeOrganizationId) where s.token = ?1";
    /// Its role of the name `?3`, else of the id `?4`. A permission that is no JSON, as only another program can have
    /// written, is null.
    ROLE = "select r.organizationId, r.role, iif(json_valid(r.permission), r.permission, null) as permission_json,
            r.createdAt, r.updatedAt, r.id, r.permission as stored
        from session s join organizationRole r on r.organizationId = coalesce(?2, s.activeOrganizationId)
            and (r.role = ?3 or ?3 is null and r.id = ?4)
        where s.token = ?1";
    /// All of its roles.
    LIST = "select r.organizationId, r.role, iif(json_valid(r.permission), r.permission, null) as permission_json,
            r.createdAt, r.updatedAt, r.id
        from session s join organizationRole r on r.organizationId = coalesce(?2, s.activeOrganizationId)
        where s.token = ?1 order by r.rowid limit 1000";
    /// A new role, if the user `?6` still has the role `?7` and there are fewer than `?8` (null: any number).
    CREATE = "insert into organizationRole (id, organizationId, role, permission, createdAt) select ?1, ?2, ?3, ?4, ?5
        where exists (select 1 from member where organizationId = ?2 and userId = ?6 and role = ?7)
            and (?8 is null or (select count(*) from organizationRole where organizationId = ?2) < ?8)";
    /// Changes what is given, if the user `?6` still has the role `?7` and the permission is still `?8`, if that is given.
    UPDATE = "update organizationRole set role = coalesce(?3, role), permission = coalesce(?4, permission),
            updatedAt = ?5
        where id = ?1 and organizationId = ?2 and (?8 is null or permission = ?8)
            and exists (select 1 from member where organizationId = ?2 and userId = ?6 and role = ?7)";
    /// Deletes the role, if no member has it and the user `?3` still has the role `?4`. Other programs write blanks
    /// between a member's roles.
    DELETE = "delete from organizationRole where id = ?1 and organizationId = ?2
            and exists (select 1 from member where organizationId = ?2 and userId = ?3 and role = ?4)
            and not exists (select 1 from member m where m.organizationId = ?2
                and instr(',' || replace(m.role, ' ', '') || ',', ',' || replace(organizationRole.role, ' ', '') || ',') > 0)";
}
