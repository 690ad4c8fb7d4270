//! Statements that reset a password. Those that write hang on the token `?2`, which must be of the user `?1` and last
//! beyond `?3`; in the same batch it is used up.
crate::identity_sql! {
    /// The newest token of the identifier, over or not, with its user, if he is still there.
    RESET = "select v.expiresAt, u.id as user_id, u.email
        from verification v left join user u on u.id = v.value
        where v.identifier = ?1 order by v.createdAt desc limit 1";
    /// Replaces his password (hash) by `?4`.
    UPDATE_PASSWORD = "update account set password = ?4, updatedAt = ?3
        where userId = ?1 and providerId = 'credential' and accountId = ?1
            and exists (select 1 from verification where identifier = ?2 and value = ?1 and expiresAt > ?3)";
    /// Gives him the first one.
    CREATE_ACCOUNT = "insert into account (id, accountId, providerId, userId, password, createdAt, updatedAt)
        select ?5, id, 'credential', id, ?4, ?3, ?3 from user where id = ?1
            and exists (select 1 from verification where identifier = ?2 and value = ?1 and expiresAt > ?3)
            and not exists (select 1 from account
                where userId = ?1 and providerId = 'credential' and accountId = ?1)";
    /// Ends the count of attempts at his password.
    END_ATTEMPTS = "delete from rateLimit where key = 'password:' || ?1
        and exists (select 1 from verification v where v.identifier = ?2 and v.value = ?1 and v.expiresAt > ?3)";
    /// Ends his sessions.
    REVOKE_SESSIONS = "delete from session where userId = ?1
        and exists (select 1 from verification v where v.identifier = ?2 and v.value = ?1 and v.expiresAt > ?3)";
}
