//! Sessions: found by their token, renewed when a day of them is used, made when someone signs in.
//!
//! Source: Better Auth 1.7.25, `getSession` and `createSession` (wire spec §2.4 to §2.7).
use super::{
    call::Call,
    code, ip,
    model::{Session, User},
    social, sql,
};
use crate::{
    Error, Result,
    access::credential,
    config::SignUpOrganization,
    db::{Bind, IdentityStatement, Rows},
    error::AuthError,
    id::UserId,
};

pub mod endpoints;
pub mod revoke;

/// Seconds a session lives that ends with the browser. It is not renewed.
const FORGETFUL_EXPIRES_IN_S: u32 = 86_400;

/// Who asks: a live session and its user, read now.
pub struct Caller {
    /// The session.
    pub session: Session,
    /// The user.
    pub user: User,
}

/// What came of looking a session up.
pub enum Found {
    /// The request claims none.
    Nothing,
    /// There is no such session any more; the browser's cookies are cleared.
    Over,
    /// A live session, and the rows of the statements that were run with it.
    Live(Box<Caller>, Vec<Rows>),
}

/// Finds the session that the request claims and runs `with` in the same round trip. Those statements run before anyone
/// has looked at the session, so they must hang on its token. An expired row is deleted, in one more.
///
/// # Errors
/// `Internal`.
pub async fn find(call: &mut Call<'_>, with: impl FnOnce(&str) -> Vec<IdentityStatement>) -> Result<Found> {
    let Some(token) = credential::session_token(call.request, &call.app.config) else {
        return Ok(Found::Nothing);
    };
    let with = with(&token);
    Ok(match look_up(call, &token, with).await? {
        (Some(caller), rows) => Found::Live(Box::new(caller), rows),
        (None, _) => Found::Over,
    })
}

/// The session that the request may have, renewed if that is due. `beside` is run in the same round trip, whether there is
/// a session or not.
///
/// # Errors
/// `Internal`.
pub async fn current(
    call: &mut Call<'_>,
    beside: Vec<IdentityStatement>,
) -> Result<(Option<Caller>, std::vec::IntoIter<Rows>)> {
    let Some(token) = credential::session_token(call.request, &call.app.config) else {
        return Ok((None, call.app.identity().batch(beside).await?.into_iter()));
    };
    let (caller, rows) = look_up(call, &token, beside).await?;
    let rows = rows.into_iter();
    let Some(mut caller) = caller else { return Ok((None, rows)) };
    Ok(match refresh(call, &mut caller).await? {
        Refreshed::Live => (Some(caller), rows),
        Refreshed::Gone => (None, rows),
    })
}

/// The live session of the token, and the rows of `with`. Of one that is over, what is left is cleared away.
async fn look_up(
    call: &mut Call<'_>,
    token: &str,
    with: Vec<IdentityStatement>,
) -> Result<(Option<Caller>, Vec<Rows>)> {
    let mut statements = vec![sql::SESSION.bind([token.into()]), sql::SESSION_USER.bind([token.into()])];
    statements.extend(with);
    let mut done = call.app.identity().batch(statements).await?.into_iter();
    let session: Option<Session> = done.next().unwrap_or_default().decode_first()?;
    let user: Option<User> = done.next().unwrap_or_default().decode_first()?;
    match (session, user) {
        (Some(session), Some(user)) if session.expires_at > call.app.now => {
            Ok((Some(Caller { session, user }), done.collect()))
        }
        (expired, _) => {
            if expired.is_some() {
                call.app.identity().run(sql::DELETE_SESSION.bind([token.into()])).await?;
            }
            call.jar.clear_session();
            Ok((None, done.collect()))
        }
    }
}

/// Finds the session as [`find`] does and renews it if that is due.
///
/// # Errors
/// `unauthorized` without a live session.
pub async fn require(
    call: &mut Call<'_>,
    unauthorized: AuthError,
    with: impl FnOnce(&str) -> Vec<IdentityStatement>,
) -> Result<(Caller, Vec<Rows>)> {
    let found = find(call, with).await?;
    require_live(call, unauthorized, found).await
}

/// Not generic, as [`look_up`].
async fn require_live(call: &mut Call<'_>, unauthorized: AuthError, found: Found) -> Result<(Caller, Vec<Rows>)> {
    match found {
        Found::Live(mut caller, rows) => match refresh(call, &mut caller).await? {
            Refreshed::Gone => Err(unauthorized.into()),
            Refreshed::Live => Ok((*caller, rows)),
        },
        Found::Nothing | Found::Over => Err(unauthorized.into()),
    }
}

/// What came of renewing a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refreshed {
    /// It lives, renewed or not.
    Live,
    /// It was revoked meanwhile; the browser's cookies are cleared.
    Gone,
}

/// Renews the session if a day of it is used, its browser wants to be remembered, and the query does not forbid it.
async fn refresh(call: &mut Call<'_>, caller: &mut Caller) -> Result<Refreshed> {
    let (now, options) = (call.app.now, &call.app.config.session);
    let is_due = caller.session.expires_at <= now.plus_s((options.expires_in_s - options.update_age_s).into());
    if !is_due || is_set(call, "disableRefresh") || call.jar.is_forgetful() {
        return Ok(Refreshed::Live);
    }
    let expires_at = now.plus_s(options.expires_in_s.into());
    let token = &caller.session.token;
    let done =
        call.app.identity().run(sql::REFRESH_SESSION.bind([token.into(), expires_at.into(), now.into()])).await?;
    if done.changed == 0 {
        call.jar.clear_session();
        return Ok(Refreshed::Gone);
    }
    call.jar.set_session(token, Some(true));
    caller.session.expires_at = expires_at;
    caller.session.updated_at = now;
    Ok(Refreshed::Live)
}

/// Whether the query has this flag. As in the reference, any text sets it, also `false`.
fn is_set(call: &Call<'_>, flag: &str) -> bool {
    call.request.query(flag).is_some_and(|text| !text.is_empty())
}

/// A session that is to be made for a user who has shown who he is.
pub struct NewSession {
    /// Its token.
    pub token: String,
    /// Makes it, if what he showed still holds. Gives its row, or none.
    pub create: IdentityStatement,
}

impl NewSession {
    /// For the user whose password is stored as `hash`.
    ///
    /// # Errors
    /// `Internal` if the platform has no randomness.
    pub fn of(call: &Call<'_>, user: &UserId, hash: &str, remember: bool) -> Result<Self> {
        Self::new(call, remember, user.into(), hash.into(), |values| sql::CREATE_SESSION.bind(values))
    }

    /// For the user who has just shown that the address is his.
    ///
    /// # Errors
    /// `Internal` if the platform has no randomness.
    pub fn of_address(call: &Call<'_>, user: &UserId, email: &str, remember: bool) -> Result<Self> {
        Self::new(call, remember, user.into(), email.into(), |values| sql::CREATE_SESSION_BY_ADDRESS.bind(values))
    }

    /// For the user of the account, whom the provider has just vouched for; if verified addresses are required, only if
    /// his is.
    ///
    /// # Errors
    /// `Internal` if the platform has no randomness.
    pub fn of_account(call: &Call<'_>, provider_id: &str, subject: &str, remember: bool) -> Result<Self> {
        let any_address = !call.app.config.email_and_password.require_email_verification;
        Self::new(call, remember, provider_id.into(), subject.into(), |values| {
            let [id, token, provider, end, now, ip, agent, subject, choose] = values;
            let values = [id, token, provider, end, now, ip, agent, subject, choose, any_address.into()];
            social::sql::CREATE_SESSION.bind(values)
        })
    }

    fn new(
        call: &Call<'_>,
        remember: bool,
        whose: Bind,
        shown: Bind,
        create: impl FnOnce([Bind; 9]) -> IdentityStatement,
    ) -> Result<Self> {
        let (random, now) = (call.app.random, call.app.now);
        let (id, token) = (random.alphanumeric(32)?, random.alphanumeric(32)?);
        let expires_in_s = if remember { call.app.config.session.expires_in_s } else { FORGETFUL_EXPIRES_IN_S };
        let create = create([
            id.into(),
            (&token).into(),
            whose,
            now.plus_s(expires_in_s.into()).into(),
            now.into(),
            ip::address(call.request).into(),
            ip::user_agent(call.request).into(),
            shown,
            (call.app.config.sign_up_organization == SignUpOrganization::Personal).into(),
        ]);
        Ok(Self { token, create })
    }
}

impl Caller {
    /// Whether the session is as young as the configuration calls fresh (by default a day), renewed or not.
    pub fn is_fresh(&self, call: &Call<'_>) -> bool {
        let fresh_age_s = call.app.config.session.fresh_age_s;
        fresh_age_s == 0 || call.app.now < self.session.created_at.plus_s(fresh_age_s.into())
    }

    /// Refuses a session that is not fresh.
    ///
    /// # Errors
    /// `SESSION_NOT_FRESH`.
    pub fn require_fresh(&self, call: &Call<'_>) -> Result<()> {
        if self.is_fresh(call) { Ok(()) } else { Err(Error::Auth(code::SESSION_NOT_FRESH)) }
    }
}
