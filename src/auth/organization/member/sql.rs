//! Statements over members.
crate::identity_sql! {
    /// The role of the user `?4` in the organization of the id `?2`, else of the slug `?3`, else in the active one of the
    /// session of the token `?1`.
    ROLE_OF = "select m.role from session s join member m on m.userId = ?4
            and m.organizationId = case when ?2 is not null then ?2
                when ?3 is not null then (select id from organization where slug = ?3) else s.activeOrganizationId end
        where s.token = ?1";
    /// The member of the id `?2`, of whichever organization, if there is a session of the token `?1`.
    MEMBER = "select m.organizationId, m.userId, m.role, m.createdAt, m.id
        from session s join member m on m.id = ?2 where s.token = ?1";
    /// The member whose address is `?3`, with `user`, of the organization `?2`, else of the session's active one.
    MEMBER_BY_EMAIL = "select m.organizationId, m.userId, m.role, m.createdAt, m.id,
            json_object('id', u.id, 'name', u.name, 'email', u.email, 'image', u.image) as user_json
        from session s join user u on u.email = ?3
        join member m on m.userId = u.id and m.organizationId = coalesce(?2, s.activeOrganizationId)
        where s.token = ?1";
    /// The member that the session's user is of the organization `?2`, with `user`.
    MYSELF = "select m.organizationId, m.userId, m.role, m.createdAt, m.id,
            json_object('id', u.id, 'name', u.name, 'email', u.email, 'image', u.image) as user_json
        from session s join member m on m.userId = s.userId and m.organizationId = ?2
        join user u on u.id = m.userId where s.token = ?1";
    /// Those who may be owners of the organization `?2`, else of the session's active one: `Roles` decides.
    OWNERS = "select m.id, m.role from session s
        join member m on m.organizationId = coalesce(?2, s.activeOrganizationId) and instr(m.role, 'owner') > 0
        where s.token = ?1";

    /// A page of the organization's members of whom `?2 ?3 ?4` holds (column, operator, value; `?5` is the values as a JSON
    /// list): `?8` from the `?9`th on, in the order of the column `?6`, else of their rows, backwards if `?7`.
    LIST = "select m.organizationId, m.userId, m.role, m.createdAt, m.id,
            json_object('id', u.id, 'name', u.name, 'email', u.email, 'image', u.image) as user_json
        from (select organizationId, userId, role, createdAt, id, rowid as at,
                case ?2 when 'organizationId' then organizationId when 'userId' then userId when 'role' then role
                    when 'createdAt' then createdAt when 'id' then id end as filtered,
                case ?6 when 'organizationId' then organizationId when 'userId' then userId when 'role' then role
                    when 'createdAt' then createdAt when 'id' then id end as sorted
            from member where organizationId = ?1) m
        join user u on u.id = m.userId
        where case ?3 when 'eq' then m.filtered = ?4 when 'ne' then m.filtered <> ?4
            when 'lt' then m.filtered < ?4 when 'lte' then m.filtered <= ?4
            when 'gt' then m.filtered > ?4 when 'gte' then m.filtered >= ?4
            when 'in' then m.filtered in (select value from json_each(?5))
            when 'not_in' then m.filtered not in (select value from json_each(?5))
            when 'contains' then m.filtered like '%' || ?4 || '%' when 'starts_with' then m.filtered like ?4 || '%'
            when 'ends_with' then m.filtered like '%' || ?4 else 1 end
        order by iif(?7, null, m.sorted), iif(?7, m.sorted, null) desc, m.at limit ?8 offset ?9";
    /// How many they are on all pages.
    COUNT = "select count(*) as total
        from (select case ?2 when 'organizationId' then organizationId when 'userId' then userId when 'role' then role
                    when 'createdAt' then createdAt when 'id' then id end as filtered
            from member where organizationId = ?1) m
        where case ?3 when 'eq' then m.filtered = ?4 when 'ne' then m.filtered <> ?4
            when 'lt' then m.filtered < ?4 when 'lte' then m.filtered <= ?4
            when 'gt' then m.filtered > ?4 when 'gte' then m.filtered >= ?4
            when 'in' then m.filtered in (select value from json_each(?5))
            when 'not_in' then m.filtered not in (select value from json_each(?5))
            when 'contains' then m.filtered like '%' || ?4 || '%' when 'starts_with' then m.filtered like ?4 || '%'
            when 'ends_with' then m.filtered like '%' || ?4 else 1 end";

    /// Gives the member `?1` of the organization `?2` the roles `?3` in place of `?4`, if the user `?5` still has the role
    /// `?6`, one of the owners `?7` (JSON, `[[id, role], …]`; null: it needs none) is still that, and the organization's own
    /// roles `?8` (JSON, `[[name, permission], …]`) are what they were. Returns the row.
    UPDATE_ROLE = "update member set role = ?3 where id = ?1 and organizationId = ?2 and role = ?4
            and exists (select 1 from member where organizationId = ?2 and userId = ?5 and role = ?6)
            and (?7 is null or exists (select 1 from json_each(?7) join member o on o.id = json_each.value ->> 0
                where o.organizationId = ?2 and o.role = json_each.value ->> 1))
            and not exists (select 1 from json_each(?8) where not exists (select 1 from organizationRole r
                where r.organizationId = ?2 and r.role = json_each.value ->> 0
                    and r.permission = json_each.value ->> 1))
        returning organizationId, userId, role, createdAt, id";
    /// Removes the member `?1` of the organization `?2` with the role `?3`, if the user `?4` still has the role `?5`, and
    /// one of the owners `?6` (as above) is still that.
    REMOVE = "delete from member where id = ?1 and organizationId = ?2 and role = ?3
            and exists (select 1 from member where organizationId = ?2 and userId = ?4 and role = ?5)
            and (?6 is null or exists (select 1 from json_each(?6) join member o on o.id = json_each.value ->> 0
                where o.organizationId = ?2 and o.role = json_each.value ->> 1))";
    /// Takes the organization `?2` out of all sessions of the user `?1`, if he is no member of it.
    CLEAR_ACTIVE = "update session set activeOrganizationId = null, activeTeamId = null, updatedAt = ?3
        where userId = ?1 and activeOrganizationId = ?2
            and not exists (select 1 from member where organizationId = ?2 and userId = ?1)";
    /// Counts its teams without him, on the same condition.
    COUNT_OUT = "update team set memberCount = (select count(*) from teamMember t
            where t.teamId = team.id and t.userId <> ?1)
        where organizationId = ?2 and id in (select teamId from teamMember where userId = ?1)
            and not exists (select 1 from member m where m.organizationId = ?2 and m.userId = ?1)";
    /// Takes him out of them, on the same condition.
    LEAVE_TEAMS = "delete from teamMember
        where userId = ?1 and teamId in (select id from team where organizationId = ?2)
            and not exists (select 1 from member m where m.organizationId = ?2 and m.userId = ?1)";
}
