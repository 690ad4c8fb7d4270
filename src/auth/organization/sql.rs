//! Statements over `organization`, `member`, `team` and the session's choice of them.
crate::identity_sql! {
    /// The organization of the id `?2`, else of the slug `?3`, else the active one of the session of the token `?1`,
    /// with the role of the session's user in it, if he has one, and the roles of its own making that he has.
    TARGET = "select o.name, o.slug, o.logo, o.createdAt, o.metadata, o.id, m.role,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = m.organizationId
                and instr(m.role, r.role) > 0) as dynamic_roles_json
        from session s
        join organization o on o.id = case when ?2 is not null then ?2
            when ?3 is not null then (select id from organization where slug = ?3) else s.activeOrganizationId end
        left join member m on m.organizationId = o.id and m.userId = s.userId
        where s.token = ?1 limit 1";
    /// One row if the slug is taken.
    SLUG_IS_TAKEN = "select 1 as taken from organization where slug = ?1";
    /// The organizations of the user whose session has the token, in the order in which he joined.
    LIST = "select o.name, o.slug, o.logo, o.createdAt, o.metadata, o.id
        from session s join member m on m.userId = s.userId join organization o on o.id = m.organizationId
        where s.token = ?1 order by m.rowid";
    /// Of the roles of the making of the organization `?2`, else of the session's active one, those with the names `?3`
    /// (JSON): one row, `[[name, permission], …]`.
    NAMED_ROLES = "select json_group_array(json_array(r.role, r.permission)) as roles_json
        from session s join organizationRole r on r.organizationId = coalesce(?2, s.activeOrganizationId)
            and r.role in (select value from json_each(?3))
        where s.token = ?1";
    /// The member that the user of the session of the token `?1` is in his active organization.
    ACTIVE_MEMBER = "select m.organizationId, m.userId, m.role, m.createdAt, m.id,
            json_object('id', u.id, 'name', u.name, 'email', u.email, 'image', u.image) as user_json
        from session s join member m on m.userId = s.userId and m.organizationId = s.activeOrganizationId
        join user u on u.id = m.userId where s.token = ?1 limit 1";
    /// At most `?2` members of the organization.
    LIST_MEMBERS = "select m.organizationId, m.userId, m.role, m.createdAt, m.id,
            json_object('id', u.id, 'name', u.name, 'email', u.email, 'image', u.image) as user_json
        from member m join user u on u.id = m.userId where m.organizationId = ?1 order by m.rowid limit ?2";
    /// The organization's invitations, whatever became of them: the latest 1,000, in the order in which they were made.
    LIST_INVITATIONS = "select organizationId, email, role, teamId, status, expiresAt, createdAt, inviterId, id
        from invitation where rowid in (select rowid from invitation
            where organizationId = ?1 order by rowid desc limit 1000)
        order by rowid";
    /// The organization's teams.
    LIST_TEAMS = "select name, memberCount, organizationId, createdAt, updatedAt, id
        from team where organizationId = ?1 order by rowid";

    /// In how many organizations the user of the session of the token `?1` is.
    COUNT_MINE = "select count(*) as count from session s join member m on m.userId = s.userId where s.token = ?1";
    /// A new organization of the user `?9`, if he is in fewer than `?8` and the session of the token `?7`, where one is
    /// given, is his and still live.
    CREATE = "insert into organization (id, name, slug, logo, metadata, createdAt)
        select ?1, ?2, ?3, ?4, ?5, ?6 from user where id = ?9
            and (?7 is null or exists (select 1 from session where token = ?7 and userId = ?9 and expiresAt > ?6))
            and (?8 is null or (select count(*) from member m where m.userId = ?9) < ?8)";
    /// Its owner, if it was made.
    CREATE_OWNER = "insert into member (id, organizationId, userId, role, createdAt)
        select ?1, id, ?3, 'owner', ?4 from organization where id = ?2";
    /// Its team, named as it is, if it was made.
    CREATE_DEFAULT_TEAM = "insert into team (id, name, memberCount, organizationId, createdAt)
        select ?1, name, 1, id, ?3 from organization where id = ?2";
    /// The owner's place in that team, if it was made.
    CREATE_TEAM_MEMBER = "insert into teamMember (id, teamId, userId, membershipKey, createdAt)
        select ?1, id, ?3, ?4, ?5 from team where id = ?2";
    /// Makes both the active ones of the session of the token `?1`, if the organization was made.
    /// Returns the session.
    ACTIVATE = "update session set activeOrganizationId = ?2, activeTeamId = ?3, updatedAt = ?4
        where token = ?1 and exists (select 1 from organization where id = ?2)
        returning expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId, activeOrganizationId,
            activeTeamId, id";

    /// Makes the organization the active one, if the session's user is a member. Another organization's team goes.
    /// Returns the session.
    SET_ACTIVE = "update session set activeOrganizationId = ?2,
            activeTeamId = iif(activeOrganizationId = ?2, activeTeamId, null), updatedAt = ?3
        where token = ?1 and exists (select 1 from member m where m.organizationId = ?2 and m.userId = session.userId)
        returning expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId, activeOrganizationId,
            activeTeamId, id";
    /// Leaves the session without one. Returns the session.
    CLEAR_ACTIVE = "update session set activeOrganizationId = null, activeTeamId = null, updatedAt = ?2
        where token = ?1
        returning expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId, activeOrganizationId,
            activeTeamId, id";
    /// Changes what is given, if the user `?2` still has the role `?3`. Returns the row.
    UPDATE = "update organization set name = coalesce(?4, name), slug = coalesce(?5, slug),
            logo = iif(?6, ?7, logo), metadata = coalesce(?8, metadata)
        where id = ?1 and exists (select 1 from member where organizationId = ?1 and userId = ?2 and role = ?3)
        returning name, slug, logo, createdAt, metadata, id";
    /// Takes the organization out of its members' sessions, if the user `?2` still has the role `?3`.
    CLEAR_ACTIVE_OF_MEMBERS = "update session set activeOrganizationId = null, activeTeamId = null, updatedAt = ?4
        where userId in (select userId from member where organizationId = ?1) and activeOrganizationId = ?1
            and exists (select 1 from member where organizationId = ?1 and userId = ?2 and role = ?3)";
    /// Deletes the organization and, by cascade, all that is its own, if the user `?2` still has the role `?3`.
    DELETE = "delete from organization
        where id = ?1 and exists (select 1 from member where organizationId = ?1 and userId = ?2 and role = ?3)";
}
