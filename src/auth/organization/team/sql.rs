//! Statements over `team` and `teamMember`.
crate::identity_sql! {
    /// The team of the id.
    TEAM = "select name, organizationId, createdAt, updatedAt, id from team where id = ?1";
    /// The teams of the organization `?2`, else of the active one of the session of the token `?1`.
    LIST = "select t.name, t.organizationId, t.createdAt, t.updatedAt, t.id
        from session s join team t on t.organizationId = coalesce(?2, s.activeOrganizationId)
        where s.token = ?1 order by t.rowid limit 1000";
    /// A new team, if the user `?5` still has the role `?6` and there are fewer than `?7` (null: any number).
    CREATE = "insert into team (id, name, memberCount, organizationId, createdAt, updatedAt)
        select ?1, ?2, 0, ?3, ?4, ?4
        where exists (select 1 from member where organizationId = ?3 and userId = ?5 and role = ?6)
            and (?7 is null or (select count(*) from team where organizationId = ?3) < ?7)";
    /// Renames the organization's team if a name is given, if the user `?5` still has the role `?6`. Returns the row.
    UPDATE = "update team set name = coalesce(?3, name), updatedAt = ?4 where id = ?1 and organizationId = ?2
            and exists (select 1 from member where organizationId = ?2 and userId = ?5 and role = ?6)
        returning name, organizationId, createdAt, updatedAt, id";
    /// Takes the team out of its members' sessions, on the conditions of [`DELETE`].
    CLEAR_ACTIVE_OF_MEMBERS = "update session set activeTeamId = null, updatedAt = ?6
        where activeTeamId = ?1 and userId in (select userId from teamMember where teamId = ?1)
            and exists (select 1 from team where id = ?1 and organizationId = ?2)
            and (?5 or exists (select 1 from team where organizationId = ?2 and id <> ?1))
            and exists (select 1 from member where organizationId = ?2 and userId = ?3 and role = ?4)";
    /// Deletes the organization's team, if the user `?3` still has the role `?4` and it is not the last one, unless `?5`.
    DELETE = "delete from team where id = ?1 and organizationId = ?2
            and (?5 or exists (select 1 from team other where other.organizationId = ?2 and other.id <> ?1))
            and exists (select 1 from member where organizationId = ?2 and userId = ?3 and role = ?4)";
    /// Takes the team, once it is gone, out of the organization's pending invitations.
    LEAVE_INVITATIONS = "update invitation
        set teamId = nullif(trim(replace(',' || teamId || ',', ',' || ?1 || ',', ','), ','), '')
        where organizationId = ?2 and status = 'pending' and instr(',' || teamId || ',', ',' || ?1 || ',') > 0
            and not exists (select 1 from team where id = ?1)";

    /// The team `?2`, else the active one, of the active organization of the session of the token `?1`, and whether its
    /// user is in it.
    ACTIVE_TEAM = "select t.name, t.organizationId, t.createdAt, t.updatedAt, t.id,
            exists (select 1 from teamMember where teamId = t.id and userId = s.userId) as is_member
        from session s join team t on t.id = coalesce(?2, s.activeTeamId) and t.organizationId = s.activeOrganizationId
        where s.token = ?1";
    /// Makes the team the active one, if the session's user is in it and it is of the active organization.
    SET_ACTIVE = "update session set activeTeamId = ?2, updatedAt = ?3
        where token = ?1 and exists (select 1 from team t join teamMember tm on tm.teamId = t.id
            where t.id = ?2 and t.organizationId = session.activeOrganizationId and tm.userId = session.userId)";
    /// Leaves the session without one.
    CLEAR_ACTIVE = "update session set activeTeamId = null, updatedAt = ?2 where token = ?1";

    /// The teams of the user `?3` in the organization `?2`, else in the active one; where he is the user of the session
    /// of the token `?1`, or is not named, in every organization of which he is a member.
    TEAMS_OF_USER = "select t.name, t.organizationId, t.createdAt, t.updatedAt, t.id
        from session s
        join member m on m.userId = coalesce(?3, s.userId)
        join team t on t.organizationId = m.organizationId
        join teamMember tm on tm.teamId = t.id and tm.userId = m.userId
        where s.token = ?1 and (m.organizationId = coalesce(?2, s.activeOrganizationId)
            or ?2 is null and m.userId = s.userId) order by t.rowid limit 1000";
    /// One row if the user is a member of the organization `?2`, else of the active one.
    MEMBERSHIP = "select 1 as is_member from session s
        join member m on m.organizationId = coalesce(?2, s.activeOrganizationId) and m.userId = ?3 where s.token = ?1";

    /// The team `?2`, else the active one, and whether the session's user is in it and in its organization.
    TEAM_OF_CALLER = "select exists (select 1 from teamMember tm join member m on m.userId = tm.userId
            where tm.teamId = t.id and tm.userId = s.userId and m.organizationId = t.organizationId) as is_member
        from session s join team t on t.id = coalesce(?2, s.activeTeamId) where s.token = ?1";
    /// Who is in the team `?2`, else in the active one.
    LIST_MEMBERS = "select tm.teamId, tm.userId, tm.createdAt, tm.id
        from session s join teamMember tm on tm.teamId = coalesce(?2, s.activeTeamId)
        where s.token = ?1 order by tm.rowid limit 1000";
    /// The place of the user `?2` in the team.
    TEAM_MEMBER = "select teamId, userId, createdAt, id from teamMember where teamId = ?1 and userId = ?2 limit 1";
    /// A place in the organization's team for its member `?3`, if he has none, the user `?7` still has the role `?8`, and
    /// fewer than `?9` (null: any number) are in it.
    ADD_MEMBER = "insert into teamMember (id, teamId, userId, membershipKey, createdAt) select ?1, id, ?3, ?4, ?5
        from team where id = ?2 and organizationId = ?6
            and exists (select 1 from member where organizationId = ?6 and userId = ?3)
            and exists (select 1 from member where organizationId = ?6 and userId = ?7 and role = ?8)
            and not exists (select 1 from teamMember where teamId = ?2 and userId = ?3)
            and (?9 is null or (select count(*) from teamMember where teamId = ?2) < ?9)";
    /// Takes the user `?2` out of the organization's team, if the user `?4` still has the role `?5`.
    REMOVE_MEMBER = "delete from teamMember where teamId = ?1 and userId = ?2
            and exists (select 1 from team where id = ?1 and organizationId = ?3)
            and exists (select 1 from member where organizationId = ?3 and userId = ?4 and role = ?5)";
    /// Takes the team out of the user's sessions, if he is not in it.
    CLEAR_ACTIVE_OF_USER = "update session set activeTeamId = null, updatedAt = ?3 where userId = ?2
        and activeTeamId = ?1 and not exists (select 1 from teamMember where teamId = ?1 and userId = ?2)";
    /// Counts who is in the team: exact, whatever the row said (it says 0 in databases of Better Auth 1.6).
    COUNT_MEMBERS = "update team set memberCount = (select count(*) from teamMember where teamId = ?1) where id = ?1";
}
