//! Statements over invitations.
crate::identity_sql! {
    /// The invitation `?2`, where it leads and who sent it, if there is a session of the token `?1`.
    RECEIVED = "select json_object('organizationId', i.organizationId, 'email', i.email, 'role', i.role,
                'teamId', i.teamId, 'status', i.status, 'expiresAt', i.expiresAt, 'createdAt', i.createdAt,
                'inviterId', i.inviterId, 'id', i.id) as invitation_json,
            o.name as organization_name, o.slug as organization_slug,
            (select count(*) from member c where c.organizationId = i.organizationId) as member_count,
            u.email as inviter_email, m.role as inviter_role,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = i.organizationId
                and (instr(m.role, r.role) > 0 or instr(i.role, r.role) > 0)) as dynamic_roles_json
        from session s join invitation i on i.id = ?2 join organization o on o.id = i.organizationId
        left join member m on m.organizationId = i.organizationId and m.userId = i.inviterId
        left join user u on u.id = m.userId
        where s.token = ?1";
    /// The invitation `?2` with the role of the session's user in its organization, if he has one, and the roles of the
    /// organization's own making that he has.
    SENT = "select json_object('organizationId', i.organizationId, 'email', i.email, 'role', i.role,
                'teamId', i.teamId, 'status', i.status, 'expiresAt', i.expiresAt, 'createdAt', i.createdAt,
                'inviterId', i.inviterId, 'id', i.id) as invitation_json, m.role,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = i.organizationId and instr(m.role, r.role) > 0) as dynamic_roles_json
        from session s join invitation i on i.id = ?2
        left join member m on m.organizationId = i.organizationId and m.userId = s.userId
        where s.token = ?1";
    /// The pending invitations to the address of the session's user, over or not, with the organization's name: the latest
    /// 1,000, in the order in which they were made.
    LIST_RECEIVED = "select json_object('organizationId', i.organizationId, 'email', i.email, 'role', i.role,
                'teamId', i.teamId, 'status', i.status, 'expiresAt', i.expiresAt, 'createdAt', i.createdAt,
                'inviterId', i.inviterId, 'id', i.id) as invitation_json, o.name as organization_name
        from invitation i join organization o on o.id = i.organizationId
        where i.rowid in (select p.rowid from session s join user u on u.id = s.userId
                join invitation p on p.email = lower(u.email) and p.status = 'pending'
            where s.token = ?1 order by p.rowid desc limit 1000)
        order by i.rowid";
    /// What stands in the way of inviting the address `?3` now, `?4`, into the organization `?2`, else the active one of
    /// the session of the token `?1`: that it is a member's; the first invitation that it has pending, and the organization's
    /// own roles that this may give; how many are pending in all, its own left out if `?5`.
    IN_THE_WAY = "select exists (select 1 from user u join member m on m.userId = u.id
                where u.email = ?3 and m.organizationId = o.id) as is_member,
            (select json_object('organizationId', i.organizationId, 'email', i.email, 'role', i.role,
                'teamId', i.teamId, 'status', i.status, 'expiresAt', i.expiresAt, 'createdAt', i.createdAt,
                'inviterId', i.inviterId, 'id', i.id) from invitation i
              where i.organizationId = o.id and i.email = ?3 and i.status = 'pending' and i.expiresAt > ?4
              order by i.rowid limit 1) as pending_json,
            (select json_group_array(json_array(r.role, r.permission)) from organizationRole r
              where r.organizationId = o.id and exists (select 1 from invitation i where i.organizationId = o.id
                and i.email = ?3 and i.status = 'pending' and i.expiresAt > ?4 and instr(i.role, r.role) > 0))
                as pending_roles_json,
            (select count(*) from invitation i where i.organizationId = o.id and i.status = 'pending' and i.expiresAt > ?4
                and not (?5 and i.email = ?3)) as pending_count
        from session s join organization o on o.id = coalesce(?2, s.activeOrganizationId) where s.token = ?1";
    /// How many of the teams `?2` (JSON) the organization `?1` has not, and how many have `?3` members without the user
    /// `?4`.
    TEAMS_IN_THE_WAY = "select count(t.id is null or null) as absent,
            count(((select count(*) from teamMember m where m.teamId = t.id) >= ?3
                and not exists (select 1 from teamMember m where m.teamId = t.id and m.userId = ?4)) or null) as full
        from json_each(?2) left join team t on t.id = json_each.value and t.organizationId = ?1";

    /// A new invitation `?1` of the address `?3` into the organization `?2`, if the inviter `?8` still has the role `?9`,
    /// the organization's own roles `?10` (JSON, `[[name, permission], …]`) are what they were, the address is no member's,
    /// fewer than `?11` others are pending, none of its own is (unless `?12`: they are to be canceled), and each of the
    /// teams `?13` (JSON) is the organization's and has fewer than `?14` members. Returns the row.
    INVITE = "insert into invitation (id, organizationId, email, role, teamId, status, expiresAt, createdAt, inviterId)
        select ?1, organizationId, ?3, ?4, ?5, 'pending', ?6, ?7, userId from member
        where organizationId = ?2 and userId = ?8 and role = ?9
            and not exists (select 1 from json_each(?10) where not exists (select 1 from organizationRole r
                where r.organizationId = ?2 and r.role = json_each.value ->> 0
                    and r.permission = json_each.value ->> 1))
            and not exists (select 1 from user u join member m on m.userId = u.id
                where u.email = ?3 and m.organizationId = ?2)
            and (select count(*) from invitation i where i.organizationId = ?2 and i.status = 'pending'
                and i.expiresAt > ?7 and not (?12 and i.email = ?3)) < ?11
            and (?12 or not exists (select 1 from invitation i
                where i.organizationId = ?2 and i.email = ?3 and i.status = 'pending' and i.expiresAt > ?7))
            and not exists (select 1 from json_each(?13) where not exists (select 1 from team t
                where t.id = json_each.value and t.organizationId = ?2
                    and (?14 is null or (select count(*) from teamMember m where m.teamId = t.id) < ?14)))
        returning organizationId, email, role, teamId, status, expiresAt, createdAt, inviterId, id";
    /// Cancels the other invitations that the address of the invitation `?1` has pending now, `?2`, if that was made.
    CANCEL_OTHERS = "update invitation set status = 'canceled'
        where status = 'pending' and expiresAt > ?2 and id <> ?1
            and (organizationId, email) = (select organizationId, email from invitation where id = ?1)";
    /// Lets the invitation `?1` live until `?2`, if it is still pending and the inviter `?3` still has the role `?4`.
    /// Returns the row.
    RENEW = "update invitation set expiresAt = ?2 where id = ?1 and status = 'pending'
            and exists (select 1 from member m
                where m.organizationId = invitation.organizationId and m.userId = ?3 and m.role = ?4)
        returning organizationId, email, role, teamId, status, expiresAt, createdAt, inviterId, id";
    /// Rejects the invitation `?1`, if it is still pending. Returns the row.
    REJECT = "update invitation set status = 'rejected' where id = ?1 and status = 'pending'
        returning organizationId, email, role, teamId, status, expiresAt, createdAt, inviterId, id";
    /// Cancels the invitation `?1`, if it is still pending and the user `?2` still has the role `?3`. Returns the row.
    CANCEL = "update invitation set status = 'canceled' where id = ?1 and status = 'pending'
            and exists (select 1 from member m
                where m.organizationId = invitation.organizationId and m.userId = ?2 and m.role = ?3)
        returning organizationId, email, role, teamId, status, expiresAt, createdAt, inviterId, id";

    /// Gives the invitation `?1` the status `?2`, which no other request knows: the rest of the batch hangs on it. If it is
    /// still pending now, `?3`, and of the address of the user `?4`; its inviter still has the role `?5`, and the
    /// organization's own roles are still `?6` (JSON, `[[name, permission], …]`); there are fewer than `?7` members; each
    /// of the teams `?8` (JSON, `[[row, team, key], …]`) is the organization's and has fewer than `?9` members, or him.
    CLAIM = "update invitation set status = ?2 where id = ?1 and status = 'pending' and expiresAt >= ?3
            and exists (select 1 from user u where u.id = ?4 and lower(u.email) = lower(invitation.email))
            and exists (select 1 from member m where m.organizationId = invitation.organizationId
                and m.userId = invitation.inviterId and m.role = ?5)
            and not exists (select 1 from json_each(?6) where not exists (select 1 from organizationRole r
                where r.organizationId = invitation.organizationId and r.role = json_each.value ->> 0
                    and r.permission = json_each.value ->> 1))
            and (select count(*) from member m where m.organizationId = invitation.organizationId) < ?7
            and not exists (select 1 from json_each(?8) where not exists (select 1 from team t
                where t.id = json_each.value ->> 1 and t.organizationId = invitation.organizationId
                    and (?9 is null or (select count(*) from teamMember m where m.teamId = t.id) < ?9
                        or exists (select 1 from teamMember m where m.teamId = t.id and m.userId = ?4))))";
    /// Makes the user `?2` a member, if he is none, by the row `?1` with the roles `?3`.
    JOIN = "insert into member (id, organizationId, userId, role, createdAt)
        select ?1, i.organizationId, ?2, ?3, ?4 from invitation i
        where i.id = ?5 and i.status = ?6 and not exists (select 1 from member m
            where m.organizationId = i.organizationId and m.userId = ?2)";
    /// Puts him into the teams `?2` (JSON, `[[row, team, key], …]`) in which he is not.
    JOIN_TEAMS = "insert into teamMember (id, teamId, userId, membershipKey, createdAt)
        select json_each.value ->> 0, json_each.value ->> 1, ?1, json_each.value ->> 2, ?3
        from invitation i join json_each(?2)
        where i.id = ?4 and i.status = ?5 and not exists (select 1 from teamMember m
            where m.teamId = json_each.value ->> 1 and m.userId = ?1)";
    /// Counts those teams anew.
    COUNT_TEAMS = "update team set memberCount = (select count(*) from teamMember m where m.teamId = team.id)
        where id in (select json_each.value ->> 1 from json_each(?1))
            and exists (select 1 from invitation i where i.id = ?2 and i.status = ?3)";
    /// Makes the organization the active one of the session of the token `?1`, and the team `?2` if there is one. Another
    /// organization's team goes.
    ACTIVATE = "update session set updatedAt = ?3,
            activeTeamId = coalesce(?2, iif(activeOrganizationId = (select i.organizationId from invitation i
                where i.id = ?4), activeTeamId, null)),
            activeOrganizationId = (select i.organizationId from invitation i where i.id = ?4)
        where token = ?1 and exists (select 1 from invitation i where i.id = ?4 and i.status = ?5)";
    /// Accepts the invitation that has been claimed. Returns the row.
    ACCEPT = "update invitation set status = 'accepted' where id = ?1 and status = ?2
        returning organizationId, email, role, teamId, status, expiresAt, createdAt, inviterId, id";
    /// The member that the user `?2` is of the organization of the invitation `?1`.
    JOINED = "select m.organizationId, m.userId, m.role, m.createdAt, m.id
        from invitation i join member m on m.organizationId = i.organizationId and m.userId = ?2 where i.id = ?1";
}
