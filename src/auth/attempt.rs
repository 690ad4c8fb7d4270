//! At most [`MAX`] attempts in a row at one account's password, whoever makes them and from wherever.
//!
//! Each is counted by the statement that looks the password up, before it is verified, so that any number at once are no
//! more. A right password ends the count. What is over the limit is verified all the same, against no one's password:
//! neither the answer nor its time tells that there is a limit, or an account. An address that no one has is counted as
//! well, under its hash.
//!
//! Who fails on purpose for someone else can so keep him from signing in anew, for a day after the last attempt that
//! counted; not from the sessions that he has, and not from a reset of his password, which ends the count.
use super::sql;
use crate::{
    Result,
    db::{Bind, IdentityStatement, Rows},
    id::UserId,
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Source: NIST SP 800-63B §5.2.2.
pub const MAX: u32 = 100;
/// After so long without an attempt that counts, the count begins anew.
pub const LAPSES_AFTER_S: i64 = 86_400;

/// Counts an attempt at the password of whoever has the address and looks it up, for [`stored_password`].
pub fn at_address(now: Timestamp, email: &str) -> IdentityStatement {
    let no_one = URL_SAFE_NO_PAD.encode(Sha256::digest(email));
    let [now_ms, lapsed_ms, max] = limits(now);
    sql::ATTEMPT_AT_ADDRESS.bind([now_ms, lapsed_ms, max, email.into(), no_one.into()])
}

/// The same, of whoever has the session of the token, if it is live.
pub fn by_session(now: Timestamp, token: &str) -> IdentityStatement {
    let [now_ms, lapsed_ms, max] = limits(now);
    sql::ATTEMPT_BY_SESSION.bind([now_ms, lapsed_ms, max, token.into(), now.into()])
}

fn limits(now: Timestamp) -> [Bind; 3] {
    [now.unix_ms().into(), now.plus_s(-LAPSES_AFTER_S).unix_ms().into(), i64::from(MAX).into()]
}

/// A row of `rateLimit`, and the password that it is about.
#[derive(Deserialize)]
struct Attempt {
    count: f64,
    password: Option<String>,
}

/// The password (hash) to verify the attempt against, if the account has one; over the limit, one that nobody has.
///
/// # Errors
/// `Internal`.
pub fn stored_password(found: Option<Rows>) -> Result<Option<String>> {
    let attempt: Option<Attempt> = found.unwrap_or_default().decode_first()?;
    Ok(attempt.and_then(|Attempt { count, password }| match password {
        Some(password) if count > f64::from(MAX) => Some(format!("{password}!")),
        password => password,
    }))
}

/// Ends the count, for the password was right or is a new one.
pub fn end(user: &UserId) -> IdentityStatement {
    sql::END_ATTEMPTS.bind([user.into()])
}
