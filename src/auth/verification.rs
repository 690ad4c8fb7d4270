//! Tokens that are kept until they are used: of a password's reset, of an account's deletion, of a sign-in elsewhere.
//!
//! A token is used once: what it allows is written by statements that hang on its row, in one
//! batch with [`consume`], which tells whether it was still there. Source: Better Auth 1.7.25 (wire spec §1.3).
use crate::{
    Result,
    access::App,
    db::{IdentitySql, IdentityStatement},
    time::Timestamp,
};
use serde::Deserialize;

crate::identity_sql! {
    /// A new one.
    CREATE = "insert into verification (id, identifier, value, expiresAt, createdAt, updatedAt)
        values (?1, ?2, ?3, ?4, ?5, ?5)";
    /// A new one for the user of the address `?3`, if there is one.
    CREATE_FOR_EMAIL = "insert into verification (id, identifier, value, expiresAt, createdAt, updatedAt)
        select ?1, ?2, id, ?4, ?5, ?5 from user where email = ?3";
    /// The newest of the identifier, over or not.
    PEEK = "select value, expiresAt from verification where identifier = ?1 order by createdAt desc limit 1";
    /// Deletes what there is of the identifier `?1` for `?2` that is not over at `?3`.
    CONSUME = "delete from verification where identifier = ?1 and value = ?2 and expiresAt > ?3";
}

/// What is kept for a token.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Whom or what it is for.
    pub value: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

impl Verification {
    /// Whether it still counts.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at > now
    }
}

/// Keeps `value` under the identifier, such as `delete-account-<token>`, for so long.
///
/// # Errors
/// `Internal` if the platform has no randomness.
pub fn create(app: &App, identifier: &str, value: &str, expires_in_s: u32) -> Result<IdentityStatement> {
    keep(app, CREATE, identifier, value, expires_in_s)
}

/// Keeps the id of the user of the address in the same way. It changes no row if there is no such user: one round trip, and
/// the time of it, either way.
///
/// # Errors
/// As [`create`].
pub fn create_for_email(app: &App, identifier: &str, email: &str, expires_in_s: u32) -> Result<IdentityStatement> {
    keep(app, CREATE_FOR_EMAIL, identifier, email, expires_in_s)
}

fn keep(app: &App, sql: IdentitySql, identifier: &str, what: &str, expires_in_s: u32) -> Result<IdentityStatement> {
    let id = app.random.alphanumeric(32)?;
    let expires_at = app.now.plus_s(expires_in_s.into());
    Ok(sql.bind([id.into(), identifier.into(), what.into(), expires_at.into(), app.now.into()]))
}

/// Gives a [`Verification`], or no row; it stays.
#[must_use]
pub fn peek(identifier: &str) -> IdentityStatement {
    PEEK.bind([identifier.into()])
}

/// Uses the token up. It changes no row if the token is over, or if another request was quicker: the last statement of
/// the batch, for the others look for the row.
#[must_use]
pub fn consume(identifier: &str, value: &str, now: Timestamp) -> IdentityStatement {
    CONSUME.bind([identifier.into(), value.into(), now.into()])
}
