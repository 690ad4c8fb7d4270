//! `delete-user`: with a password, a fresh session, or a token that was mailed.
//!
//! Source: Better Auth 1.7.25, `deleteUser` (wire spec §5.20 and §5.21), which leaves organizations without an owner, or
//! without anyone. Here the only owner of an organization that has other members stays, and an organization of which he
//! is the only member goes with him.
use super::{
    attempt::{self, stored_password},
    call::Call,
    code,
    input::{ANY, Root},
    links, origin,
    password::Password,
    purge::DeletedOrganization,
    session::{Caller, require},
    sql, verification,
};
use crate::{
    Error, Result,
    api::Response,
    db::IdentityStatement,
    error::AuthError,
    id::Id,
    mail::templates::{self, Link},
    time::Timestamp,
};
use serde::Deserialize;
use serde_json::json;

/// What stands in the way of a user who would be deleted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Obstacles {
    /// Whether the delete token was given to him, and is not over.
    is_token_good: bool,
    /// The name of an organization that would be left without an owner.
    only_owner_of: Option<String>,
}

impl Obstacles {
    fn look_up(session: &str, token: Option<&str>, now: Timestamp) -> IdentityStatement {
        sql::OBSTACLES.bind([session.into(), token.map(identifier).into(), now.into()])
    }

    fn refuse_token(&self, token: Option<&str>) -> Result<()> {
        if token.is_none() || self.is_token_good { Ok(()) } else { Err(code::INVALID_DELETE_TOKEN.into()) }
    }

    fn refuse_only_owner(&self) -> Result<()> {
        let Some(name) = &self.only_owner_of else { return Ok(()) };
        let refusal = code::YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER;
        let message = refusal.message.unwrap_or_default();
        Err(AuthError { message: Some(format!("{message}: {name}").into()), ..refusal }.into())
    }
}

/// What the delete token is filed under.
fn identifier(token: &str) -> String {
    format!("delete-account-{token}")
}

/// `POST /delete-user` `{"password"?,"token"?,"callbackURL"?}`: `{"success":true,"message":"User deleted"}`; or, where the
/// configuration asks for it, a mail with a link, and `"Verification email sent"`.
///
/// # Errors
/// 404 where it is turned off; `PASSWORD_TOO_LONG`, `CREDENTIAL_ACCOUNT_NOT_FOUND`, `INVALID_PASSWORD`; `INVALID_TOKEN`,
/// 404; `SESSION_EXPIRED`; `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`; `UNAUTHORIZED`.
pub async fn delete_user(call: &mut Call<'_>) -> Result<Response> {
    let (callback_url, password, token) = call.body(Root::Object, |body| {
        let mut filled = |name| body.optional_text(name, ANY).filter(|text| !text.is_empty());
        (filled("callbackURL"), filled("password"), filled("token"))
    })?;
    let (now, token) = (call.app.now, token.as_deref());
    let options = &call.app.config.user;
    let password = password.map(|password| Password::given(&password, call.app.runtime));
    // What is not verified is no attempt.
    let is_attempt = options.delete_user && matches!(password, Some(Ok(_)));
    let look_up = |session: &str| {
        let mut statements = vec![Obstacles::look_up(session, token, now)];
        statements.extend(is_attempt.then(|| attempt::by_session(now, session)));
        statements
    };
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    if !options.delete_user {
        return Err(code::DELETE_USER_DISABLED.into());
    }
    let mut rows = rows.into_iter();
    let obstacles: Option<Obstacles> = rows.next().unwrap_or_default().decode_first()?;
    let obstacles = obstacles.ok_or(code::UNAUTHORIZED)?;
    let stored = stored_password(rows.next())?;
    let hash = password.map(|password| verified(&password?, stored)).transpose()?;
    obstacles.refuse_token(token)?;
    let is_to_be_mailed = token.is_none() && options.delete_user_verification;
    if token.is_none() && !is_to_be_mailed && hash.is_none() && !caller.is_fresh(call) {
        return Err(code::SESSION_EXPIRED.into());
    }
    obstacles.refuse_only_owner()?;
    if is_to_be_mailed {
        mail(call, &caller, callback_url.as_deref().unwrap_or("/")).await?;
        return call.ok(&json!({ "success": true, "message": "Verification email sent" }));
    }
    delete(call, &caller, token, hash).await?;
    call.ok(&json!({ "success": true, "message": "User deleted" }))
}

/// The hash that is stored, if this is the password.
fn verified(password: &Password, stored: Option<String>) -> Result<String> {
    let stored = stored.ok_or(code::CREDENTIAL_ACCOUNT_NOT_FOUND)?;
    if password.is(&stored)? { Ok(stored) } else { Err(code::INVALID_PASSWORD.into()) }
}

/// `GET /delete-user/callback?token=&callbackURL=`, where the mailed link leads: redirects, or answers as
/// [`delete_user`].
///
/// # Errors
/// `INVALID_CALLBACK_URL`; `NOT_FOUND` where it is turned off, `FAILED_TO_GET_USER_INFO` without a session and
/// `INVALID_TOKEN`, each 404; `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`.
pub async fn delete_user_callback(call: &mut Call<'_>) -> Result<Response> {
    let (token, callback_url) =
        call.query(|query| (query.text("token", ANY), query.optional_text("callbackURL", ANY).unwrap_or_default()))?;
    origin::check_callback(&callback_url, call.request, &call.app.config, call.app.runtime)?;
    if !call.app.config.user.delete_user {
        return Err(code::DELETE_USER_CALLBACK_DISABLED.into());
    }
    let (now, token) = (call.app.now, Some(token.as_str()));
    let look_up = |session: &str| vec![Obstacles::look_up(session, token, now)];
    let (caller, rows) = require(call, code::FAILED_TO_GET_USER_INFO, look_up).await?;
    let obstacles: Option<Obstacles> = rows.into_iter().next().unwrap_or_default().decode_first()?;
    let obstacles = obstacles.ok_or(code::FAILED_TO_GET_USER_INFO)?;
    obstacles.refuse_token(token)?;
    obstacles.refuse_only_owner()?;
    delete(call, &caller, token, None).await?;
    if callback_url.is_empty() {
        call.ok(&json!({ "success": true, "message": "User deleted" }))
    } else {
        Ok(call.redirect(&callback_url))
    }
}

/// Deletes the caller with all that is his, or nothing if something came in the way since he was looked up. His session
/// is ended first, and the rest hangs on that it has.
async fn delete(call: &mut Call<'_>, caller: &Caller, token: Option<&str>, hash: Option<String>) -> Result<()> {
    let (session, now) = (&caller.session.token, call.app.now);
    let him = || [(&caller.user.id).into(), session.into(), now.into()];
    let [user, his, at] = him();
    let has_shown_password = hash.is_some();
    let identifier = token.map(identifier);
    let mut statements = vec![
        Obstacles::look_up(session, token, now),
        sql::END_SESSION_TO_DELETE.bind([user, his, at, hash.into(), identifier.as_ref().into()]),
        sql::DELETE_ORGANIZATIONS_OF_ONE.bind(him()),
        sql::LEAVE_TEAMS.bind(him()),
        sql::END_OTHER_SESSIONS.bind(him()),
    ];
    if let Some(identifier) = identifier {
        let [user, his, at] = him();
        statements.push(sql::DELETE_TOKEN.bind([user, his, at, identifier.into()]));
    }
    statements.push(sql::DELETE_USER.bind(him()));
    statements.extend(has_shown_password.then(|| attempt::end(&caller.user.id)));
    let mut done = call.app.identity().batch(statements).await?.into_iter();
    let obstacles: Option<Obstacles> = done.next().unwrap_or_default().decode_first()?;
    if done.next().unwrap_or_default().changed == 0 {
        let obstacles = obstacles.ok_or(code::UNAUTHORIZED)?;
        obstacles.refuse_token(token)?;
        obstacles.refuse_only_owner()?;
        return Err(if has_shown_password { code::INVALID_PASSWORD } else { code::UNAUTHORIZED }.into());
    }
    for DeletedOrganization { id } in done.next().unwrap_or_default().decode()? {
        call.app.empty_store(&id).await;
    }
    call.jar.clear_session();
    Ok(())
}

/// Mails the link that deletes the caller.
async fn mail(call: &Call<'_>, caller: &Caller, callback_url: &str) -> Result<()> {
    if call.app.mailer.is_none() {
        return Err(Error::Misconfigured("DELETE_USER_VERIFICATION needs MAIL_TRANSPORT.".into()));
    }
    let (user, expires_in_s) = (&caller.user, call.app.config.user.delete_token_expires_in_s);
    let token = call.app.random.alphanumeric(32)?.to_ascii_lowercase();
    let url = links::delete_user(call, &token, Some(callback_url));
    let mail = templates::delete_account(&user.email, Link { url: &url, expires_in_s })?;
    let create = verification::create(call.app, &identifier(&token), user.id.as_str(), expires_in_s)?;
    call.app.identity().run(create).await?;
    call.app.send(mail);
    Ok(())
}
