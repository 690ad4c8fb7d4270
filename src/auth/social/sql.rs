//! Statements over `verification`, `account`, `user` and `session` by which other providers' users come in.
//!
//! What becomes of one is decided inside one batch: nothing is read first and built upon later.
crate::identity_sql! {
    /// What a user was sent away with.
    STATE = "select value from verification where identifier = ?1";
    /// Uses it up.
    CONSUME_STATE = "delete from verification where identifier = ?1 returning value";

    /// Puts new tokens into the account of the provider `?1` and the subject `?2`; what is null stays.
    UPDATE_TOKENS = "update account set accessToken = coalesce(?3, accessToken), refreshToken = coalesce(?4, refreshToken),
            idToken = coalesce(?5, idToken), accessTokenExpiresAt = coalesce(?6, accessTokenExpiresAt),
            refreshTokenExpiresAt = coalesce(?7, refreshTokenExpiresAt), updatedAt = ?8
        where providerId = ?1 and accountId = ?2";
    /// A new user, if `?7`, and if neither the account of the provider `?8` and the subject `?9` nor the address is here.
    CREATE_USER = "insert into user (id, name, email, emailVerified, image, createdAt, updatedAt)
        select ?1, ?2, ?3, ?4, ?5, ?6, ?6
        where ?7 and not exists (select 1 from account where providerId = ?8 and accountId = ?9)
            and not exists (select 1 from user where email = ?3)";
    /// The account, if it is not here: of the new user `?12`, or, if `?13`, of him who has verified the address `?11`.
    CREATE_ACCOUNT = "insert into account (id, providerId, accountId, userId, accessToken, refreshToken, idToken,
            accessTokenExpiresAt, refreshTokenExpiresAt, scope, createdAt, updatedAt)
        select ?1, ?2, ?3, u.id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10 from user u
        where u.email = ?11 and (u.id = ?12 or (?13 and u.emailVerified = 1))
            and not exists (select 1 from account where providerId = ?2 and accountId = ?3)";
    /// The account's user has verified his address, if it is the one that the provider has verified.
    VERIFY_EMAIL = "update user set emailVerified = 1, updatedAt = ?4
        where id = (select userId from account where providerId = ?1 and accountId = ?2)
            and email = ?3 and emailVerified = 0";
    /// A session of the account's user: of the provider `?3` and the subject `?8`, if his address is verified or need
    /// not be (`?10`). If `?9` and he is in one organization alone, that is the active one.
    CREATE_SESSION = "insert into session (id, token, userId, expiresAt, createdAt, updatedAt, ipAddress, userAgent,
            activeOrganizationId)
        select ?1, ?2, u.id, ?4, ?5, ?5, ?6, ?7,
            iif(?9, (select max(organizationId) from member where userId = u.id having count(*) = 1), null)
        from account a join user u on u.id = a.userId
        where a.providerId = ?3 and a.accountId = ?8 and (?10 or u.emailVerified = 1)
        returning expiresAt, token, createdAt, updatedAt, ipAddress, userAgent, userId, activeOrganizationId,
            activeTeamId, id";
    /// The account's user.
    USER_OF_ACCOUNT = "select u.name, u.email, u.emailVerified, u.image, u.createdAt, u.updatedAt, u.id
        from account a join user u on u.id = a.userId where a.providerId = ?1 and a.accountId = ?2";

    /// Puts new tokens into the account of the provider `?1` and the subject `?2`, and adds the scopes `?9` (a JSON list)
    /// that it lacks, if it belongs to the user `?10` and his session `?11` is live.
    UPDATE_LINKED = "update account set accessToken = coalesce(?3, accessToken), refreshToken = coalesce(?4, refreshToken),
            idToken = coalesce(?5, idToken), accessTokenExpiresAt = coalesce(?6, accessTokenExpiresAt),
            refreshTokenExpiresAt = coalesce(?7, refreshTokenExpiresAt), updatedAt = ?8,
            scope = iif(?9 = '[]', scope, ltrim(coalesce(scope, '') || coalesce((select group_concat(',' || value, '')
                from json_each(?9) where instr(',' || coalesce(scope, '') || ',', ',' || value || ',') = 0), ''), ','))
        where providerId = ?1 and accountId = ?2 and userId = ?10
            and exists (select 1 from session where id = ?11 and userId = ?10 and expiresAt > ?8)";
    /// The account of the user `?11`, if it is not here and his session `?12` is live.
    LINK = "insert into account (id, providerId, accountId, userId, accessToken, refreshToken, idToken,
            accessTokenExpiresAt, refreshTokenExpiresAt, scope, createdAt, updatedAt)
        select ?1, ?2, ?3, s.userId, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10 from session s
        where s.id = ?12 and s.userId = ?11 and s.expiresAt > ?10
            and not exists (select 1 from account where providerId = ?2 and accountId = ?3)";
    /// Whose the account of the provider `?1` and the subject `?2` is; no row if the user's session `?4` is not live.
    OWNER = "select (select userId from account where providerId = ?1 and accountId = ?2) as owner
        from session where id = ?4 and userId = ?3 and expiresAt > ?5";

    /// The account `?2` of the user whose session has the token `?1`, with its tokens.
    ACCOUNT = "select a.id, a.providerId, a.accountId, a.accessToken, a.refreshToken, a.idToken, a.accessTokenExpiresAt,
            a.refreshTokenExpiresAt, a.scope
        from session s join account a on a.userId = s.userId where s.token = ?1 and a.id = ?2";
    /// Replaces its tokens, if its refresh token is still `?2`; what is null stays.
    REFRESH = "update account set accessToken = ?3, refreshToken = coalesce(?4, refreshToken),
            idToken = coalesce(?5, idToken), accessTokenExpiresAt = coalesce(?6, accessTokenExpiresAt),
            refreshTokenExpiresAt = coalesce(?7, refreshTokenExpiresAt), updatedAt = ?8
        where id = ?1 and refreshToken = ?2";
}
