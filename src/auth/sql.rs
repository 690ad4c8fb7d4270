//! Statements over `user`, `session`, `account` and `rateLimit`.
crate::identity_sql! {
    /// The session of the token `?1`, over or not.
    SESSION = "select expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId, activeOrganizationId,
            activeTeamId, id
        from session where token = ?1";
    /// The user of that session.
    SESSION_USER = "select u.name, u.email, u.emailVerified, u.image, u.createdAt, u.updatedAt, u.id
        from session s join user u on u.id = s.userId where s.token = ?1";
    /// The unexpired sessions of the user whose session has the token `?1`.
    LIST_SESSIONS = "select s.expiresAt, s.token, s.createdAt, s.updatedAt, s.ipAddress, s.userAgent, s.userId,
            s.activeOrganizationId, s.activeTeamId, s.id
        from session mine join session s on s.userId = mine.userId
        where mine.token = ?1 and s.expiresAt > ?2 order by s.rowid limit 100";
    /// Renews the session if it is still there.
    REFRESH_SESSION = "update session set expiresAt = ?2, updatedAt = ?3 where token = ?1";
    /// Makes a session, if the user still has the password (hash) `?8` that was asked for it. If `?9` and he is in one
    /// organization alone, that is the active one. Returns the row.
    CREATE_SESSION = "insert into session (id, token, userId, expiresAt, createdAt, updatedAt, ipAddress, userAgent,
            activeOrganizationId)
        select ?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7,
            iif(?9, (select max(organizationId) from member where userId = ?3 having count(*) = 1), null) from account
        where userId = ?3 and providerId = 'credential' and accountId = ?3 and password = ?8
        returning expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId, activeOrganizationId,
            activeTeamId, id";
    /// The same for a user who still has the verified address `?8`.
    CREATE_SESSION_BY_ADDRESS = "insert into session (id, token, userId, expiresAt, createdAt, updatedAt, ipAddress,
            userAgent, activeOrganizationId)
        select ?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7,
            iif(?9, (select max(organizationId) from member where userId = ?3 having count(*) = 1), null) from user
        where id = ?3 and email = ?8 and emailVerified = 1
        returning expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId, activeOrganizationId,
            activeTeamId, id";
    /// Ends the session of the token.
    DELETE_SESSION = "delete from session where token = ?1";
    /// Ends the session of the token `?1` if it belongs to the user whose live session has the token `?2`.
    REVOKE_SESSION = "delete from session where token = ?1
        and userId = (select userId from session where token = ?2 and expiresAt > ?3)";
    /// Ends all sessions of the user whose live session has the token `?1`.
    REVOKE_SESSIONS = "delete from session
        where userId = (select userId from session where token = ?1 and expiresAt > ?2)";
    /// Ends all of them but that one.
    REVOKE_OTHER_SESSIONS = "delete from session
        where userId = (select userId from session where token = ?1 and expiresAt > ?2) and token <> ?1";
    /// Ends all sessions of the user `?1` if he has the password (hash) `?2`.
    REVOKE_SESSIONS_OF_USER = "delete from session where userId = ?1 and exists (select 1 from account
        where userId = ?1 and providerId = 'credential' and accountId = ?1 and password = ?2)";

    /// The user of an address.
    USER_BY_EMAIL = "select name, email, emailVerified, image, createdAt, updatedAt, id from user where email = ?1";
    /// Counts an attempt, of now (`?1`, in ms), at the password of the user of the address `?4`; without such a user,
    /// under the name `?5`. After `?3` of them the count is full and does not move, until the last that moved it is as old
    /// as `?2`. Returns the count and the password (hash).
    ATTEMPT_AT_ADDRESS = "insert into rateLimit (id, key, count, lastRequest)
        values (lower(hex(randomblob(16))), 'password:' || coalesce((select id from user where email = ?4), ?5), 1, ?1)
        on conflict (key) do update set count = iif(lastRequest <= ?2, 1, min(count, ?3) + 1),
            lastRequest = iif(lastRequest > ?2 and count >= ?3, lastRequest, ?1)
        returning count, (select a.password from user u join account a on a.userId = u.id
            where u.email = ?4 and a.providerId = 'credential' and a.accountId = u.id) as password";
    /// The same, for the user of the session of the token `?4`, if it is live at `?5`.
    ATTEMPT_BY_SESSION = "insert into rateLimit (id, key, count, lastRequest)
        select lower(hex(randomblob(16))), 'password:' || userId, 1, ?1 from session where token = ?4 and expiresAt > ?5
        on conflict (key) do update set count = iif(lastRequest <= ?2, 1, min(count, ?3) + 1),
            lastRequest = iif(lastRequest > ?2 and count >= ?3, lastRequest, ?1)
        returning count, (select a.password from session s join account a on a.userId = s.userId
            where s.token = ?4 and a.providerId = 'credential' and a.accountId = s.userId) as password";
    /// Deletes at most `?2` sessions that are over at `?1`.
    PURGE_SESSIONS = "delete from session
        where id in (select id from session where expiresAt <= ?1 order by expiresAt limit ?2)";
    /// The same, of verifications.
    PURGE_VERIFICATIONS = "delete from verification
        where id in (select id from verification where expiresAt <= ?1 order by expiresAt limit ?2)";
    /// The same, of invitations that no one has answered.
    PURGE_INVITATIONS = "delete from invitation where id in (select id from invitation
        where status = 'pending' and expiresAt <= ?1 order by expiresAt limit ?2)";
    /// The same, of counts that have not moved since `?1`, in ms.
    PURGE_ATTEMPTS = "delete from rateLimit
        where id in (select id from rateLimit where lastRequest <= ?1 order by lastRequest limit ?2)";
    /// At most `?1` deleted organizations whose stores may not be empty. One that was restored is none. Every id is
    /// more than '': with that, SQLite walks the index that orders them.
    LIST_DELETED_ORGANIZATIONS = "select d.id from deleted_organization d
        where d.id > '' and not exists (select 1 from organization o where o.id = d.id) order by d.id limit ?1";
    /// Strikes those of the JSON list `?1` off.
    FORGET_DELETED_ORGANIZATIONS = "delete from deleted_organization where id in (select value from json_each(?1))";
    /// Ends the count of the user `?1`.
    END_ATTEMPTS = "delete from rateLimit where key = 'password:' || ?1";
    /// A new user.
    CREATE_USER = "insert into user (id, name, email, emailVerified, image, createdAt, updatedAt)
        values (?1, ?2, ?3, 0, ?4, ?5, ?5)";
    /// His password (hash).
    CREATE_ACCOUNT = "insert into account (id, accountId, providerId, userId, password, createdAt, updatedAt)
        values (?1, ?2, 'credential', ?2, ?3, ?4, ?4)";
    /// The accounts of the user whose session has the token.
    LIST_ACCOUNTS = "select a.accountId, a.providerId, a.userId, a.createdAt, a.updatedAt, a.id, a.scope
        from session s join account a on a.userId = s.userId where s.token = ?1 order by a.rowid limit 100";
    /// Deletes the account `?1` of the user whose live session has the token `?2`; his last one only if `?4`.
    UNLINK_ACCOUNT = "delete from account
        where id = ?1 and userId = (select userId from session where token = ?2 and expiresAt > ?3)
            and (?4 or exists (select 1 from account other where other.userId = account.userId and other.id <> ?1))";
    /// Changes name and, if `?4`, image of the user whose live session has the token `?1`. Returns the row.
    UPDATE_USER = "update user set name = coalesce(?3, name), image = iif(?4, ?5, image), updatedAt = ?2
        where id = (select userId from session where token = ?1 and expiresAt > ?2)
        returning name, email, emailVerified, image, createdAt, updatedAt, id";
    /// Replaces the password (hash) `?2` by `?3`, if it is still that.
    UPDATE_PASSWORD = "update account set password = ?3, updatedAt = ?4
        where userId = ?1 and providerId = 'credential' and accountId = ?1 and password = ?2";

    /// The user of an id.
    USER_BY_ID = "select name, email, emailVerified, image, createdAt, updatedAt, id from user where id = ?1";
    /// One row if the address `?2` is taken; asked for the session of the token `?1`.
    EMAIL_IS_TAKEN = "select 1 as taken from session s join user u on u.email = ?2 where s.token = ?1";
    /// The address `?2` of the user `?1` is his, if he still has it.
    VERIFY_EMAIL = "update user set emailVerified = 1, updatedAt = ?3 where id = ?1 and email = ?2";
    /// Replaces the address `?2` of the user `?1` by `?3`, if he still has it. Unless `?4`, it counts as not verified.
    UPDATE_EMAIL = "update user set email = ?3, emailVerified = iif(?4, emailVerified, 0), updatedAt = ?5
        where id = ?1 and email = ?2";
    /// What stands in the way of deleting the user whose session has the token `?1`: that the delete token filed under
    /// `?2` is not his or over; an organization with other members of whom none is an owner. Of a role that is oddly
    /// written he is taken for an owner in doubt, and another is not.
    OBSTACLES = "select exists (select 1 from verification v
                where v.identifier = ?2 and v.value = s.userId and v.expiresAt > ?3) as is_token_good,
            (select o.name from member mine join organization o on o.id = mine.organizationId
              where mine.userId = s.userId and instr(',' || replace(mine.role, ' ', '') || ',', ',owner,') > 0
                and exists (select 1 from member other
                    where other.organizationId = mine.organizationId and other.userId <> mine.userId)
                and not exists (select 1 from member other
                    where other.organizationId = mine.organizationId and other.userId <> mine.userId
                        and instr(',' || replace(replace(trim(other.role), ', ', ','), ' ,', ',') || ',', ',owner,') > 0)
              order by mine.rowid limit 1) as only_owner_of
        from session s where s.token = ?1";
    /// Ends the live session `?2` of the user `?1` now, `?3`, if he may be deleted: no organization with other members is
    /// left without an owner, his password (hash) is still `?4` if one was shown, and the delete token filed under `?5` is
    /// his if one was. All that follows in the batch hangs on it.
    END_SESSION_TO_DELETE = "update session set expiresAt = ?3
        where token = ?2 and userId = ?1 and expiresAt > ?3
            and (?4 is null or exists (select 1 from account
                where userId = ?1 and providerId = 'credential' and accountId = ?1 and password = ?4))
            and (?5 is null or exists (select 1 from verification
                where identifier = ?5 and value = ?1 and verification.expiresAt > ?3))
            and not exists (select 1 from member mine
                where mine.userId = ?1 and instr(',' || replace(mine.role, ' ', '') || ',', ',owner,') > 0
                    and exists (select 1 from member other
                        where other.organizationId = mine.organizationId and other.userId <> mine.userId)
                    and not exists (select 1 from member other
                        where other.organizationId = mine.organizationId and other.userId <> mine.userId
                            and instr(',' || replace(replace(trim(other.role), ', ', ','), ' ,', ',') || ',', ',owner,') > 0))";
    /// Deletes the organizations of which the user `?1` is the only member, if his session `?2` ended now, `?3`, and gives
    /// their ids.
    DELETE_ORGANIZATIONS_OF_ONE = "delete from organization
        where id in (select mine.organizationId from member mine where mine.userId = ?1
                and not exists (select 1 from member other
                    where other.organizationId = mine.organizationId and other.userId <> mine.userId))
            and exists (select 1 from session where token = ?2 and expiresAt = ?3)
        returning id";
    /// Counts him out of his teams, on the same condition.
    LEAVE_TEAMS = "update team
        set memberCount = (select count(*) from teamMember where teamId = team.id and userId <> ?1)
        where id in (select teamId from teamMember where userId = ?1)
            and exists (select 1 from session where token = ?2 and expiresAt = ?3)";
    /// Deletes the delete token filed under `?4`, on the same condition.
    DELETE_TOKEN = "delete from verification where identifier = ?4 and value = ?1
        and exists (select 1 from session where token = ?2 and session.expiresAt = ?3)";
    /// Ends his other sessions, on the same condition.
    END_OTHER_SESSIONS = "delete from session where userId = ?1 and token <> ?2
        and exists (select 1 from session where token = ?2 and expiresAt = ?3)";
    /// Deletes him, on the same condition; by cascade his session, accounts, memberships and invitations.
    DELETE_USER = "delete from user
        where id = ?1 and exists (select 1 from session where token = ?2 and expiresAt = ?3)";
}
