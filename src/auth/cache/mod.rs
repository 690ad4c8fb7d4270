//! The cookie cache: a copy of the session's and the user's rows in the browser, which answers `get-session` without the
//! database. It says what was true when it was made and gives no authority: every other endpoint reads the rows.
//!
//! Source: Better Auth 1.7.25, `setCookieCache` and `decodeCookieCache` (wire spec §2.5).
use super::{
    jwt,
    model::{Session, User},
};
use crate::{
    Error, Result,
    access::App,
    config::{CacheStrategy, CookieCache},
    json,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod chunk;
mod compact;
mod jwe;

pub use chunk::{chunks, join, sent};

/// The version of what is copied: a copy of another one does not count.
const VERSION: &str = "1";

/// Seconds that a copy counts which its browser keeps until it closes: of a compact one, and of a token.
const FORGETFUL_MAX_AGE_S: (u32, u32) = (60, 300);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    session: &'a Session,
    user: &'a User,
    updated_at: i64,
    version: &'a str,
}

/// What a copy says.
#[derive(Debug, Deserialize)]
pub struct Copied {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
    version: Option<String>,
}

/// The value of the cookie, made now. `remember` is whether the browser keeps it for the cache's own time.
///
/// # Errors
/// `Internal` if the platform has no randomness or the runtime no AES.
pub fn write(app: &App, cache: CookieCache, remember: bool, session: &Session, user: &User) -> Result<String> {
    let payload = Payload { session, user, updated_at: app.now.unix_ms(), version: VERSION };
    let payload = serde_json::to_string(&payload).map_err(Error::internal)?;
    let (compact, token) = if remember { (cache.max_age_s, cache.max_age_s) } else { FORGETFUL_MAX_AGE_S };
    match cache.strategy {
        CacheStrategy::Compact => compact::write(&payload, app.now.plus_s(compact.into()), &app.config.secret),
        CacheStrategy::Jwt => jwt::sign(&jwt::claims(&payload, app.now, token), &app.config.secret),
        CacheStrategy::Jwe => jwe::write(app, &jwt::claims(&payload, app.now, token)),
    }
}

/// What a cookie's value says of the session of the token, if it is ours, unaltered and still counts.
#[must_use]
pub fn read(app: &App, cache: CookieCache, token: &str, value: &str) -> Option<Copied> {
    let secret = &app.config.secret;
    let (payload, expires_at) = match cache.strategy {
        CacheStrategy::Compact => compact::read(value, secret)?,
        CacheStrategy::Jwt => with_expiry(jwt::verify(value, secret)?)?,
        CacheStrategy::Jwe => with_expiry(jwe::read(app, value)?)?,
    };
    let copied: Copied = json::read(payload).ok()?;
    let is_version = copied.version.as_deref().filter(|version| !version.is_empty()).is_none_or(|v| v == VERSION);
    let counts = expires_at > app.now && copied.session.expires_at > app.now;
    (copied.session.token == token && is_version && counts).then_some(copied)
}

/// A token's claims, and when it ends.
fn with_expiry(claims: Value) -> Option<(Value, Timestamp)> {
    let expires_at = jwt::expires_at(&claims)?;
    Some((claims, expires_at))
}

#[cfg(test)]
mod tests;
