//! `send-verification-email` and `verify-email`, where the links in mails about addresses lead.
//!
//! Source: Better Auth 1.7.25, `sendVerificationEmail` and `verifyEmail` (wire spec §5.18 and §5.19).
use super::{
    call::Call,
    code,
    email_token::{CONFIRMATION, EmailToken, VERIFICATION},
    input::{ANY, Root},
    links,
    model::{Session, User},
    origin,
    session::{Caller, NewSession, current},
    sign_up::email_taken,
    sql,
};
use crate::{
    Error, Result,
    api::{Response, uri::with_param},
    id::UserId,
    mail::{
        Mail,
        templates::{self, Link},
    },
};
use futures_util::future::join;
use serde::Serialize;
use serde_json::json;

/// Milliseconds that `send-verification-email` takes at least, so that its time does not tell whether it sent a mail.
const FLOOR_MS: u32 = 500;

/// The mail that asks for a proof of the user's address.
///
/// # Errors
/// `Internal`.
pub fn mail(call: &Call<'_>, user: &UserId, email: &str, callback_url: Option<&str>) -> Result<Mail> {
    let url = link(call, EmailToken::of_address(user, email), callback_url)?;
    templates::verification(email, lasting(call, &url))
}

/// Where the token of a mail is shown.
///
/// # Errors
/// `Internal`.
pub fn link(call: &Call<'_>, token: EmailToken, callback_url: Option<&str>) -> Result<String> {
    let config = &call.app.config;
    let token = token.sign(&config.secret, call.app.now, config.email_verification.expires_in_s)?;
    Ok(links::verify_email(call, &token, callback_url))
}

/// The link with its lifetime.
pub fn lasting<'a>(call: &Call<'_>, url: &'a str) -> Link<'a> {
    Link { url, expires_in_s: call.app.config.email_verification.expires_in_s }
}

/// `POST /send-verification-email` `{"email","callbackURL"?}`: `{"status":true}`. Without a session that says nothing of
/// the address.
///
/// # Errors
/// `VERIFICATION_EMAIL_NOT_ENABLED`; with a session, `EMAIL_MISMATCH` and `EMAIL_ALREADY_VERIFIED`.
pub async fn send_verification_email(call: &mut Call<'_>) -> Result<Response> {
    let (email, callback_url) =
        call.body(Root::Object, |body| (body.email("email"), body.optional_text("callbackURL", ANY)))?;
    if call.app.mailer.is_none() {
        return Err(code::VERIFICATION_EMAIL_NOT_ENABLED.into());
    }
    let (caller, mut rows) = current(call, vec![sql::USER_BY_EMAIL.bind([(&email).into()])]).await?;
    let send = |user: &User| -> Result<()> {
        call.app.send(mail(call, &user.id, &user.email, callback_url.as_deref())?);
        Ok(())
    };
    match caller {
        Some(Caller { user, .. }) if user.email != email => return Err(code::EMAIL_MISMATCH.into()),
        Some(Caller { user, .. }) if user.email_verified => return Err(code::EMAIL_ALREADY_VERIFIED.into()),
        Some(Caller { user, .. }) => send(&user)?,
        None => {
            let user: Option<User> = rows.next().unwrap_or_default().decode_first()?;
            let sent = async { user.filter(|user| !user.email_verified).map_or(Ok(()), |user| send(&user)) };
            join((call.app.runtime.sleep)(FLOOR_MS), sent).await.1?;
        }
    }
    call.ok(&json!({ "status": true }))
}

/// What came of a token.
enum Outcome {
    /// The address is verified, now or before.
    Verified,
    /// The old address agrees to the change; the new one has been asked.
    Confirmed,
    /// The address is the new one.
    Changed(User),
}

/// The answer to [`Outcome::Changed`].
#[derive(Serialize)]
struct Changed<'a> {
    status: bool,
    user: &'a User,
}

/// `GET /verify-email?token=&callbackURL=`: does what the token says and goes on to `callbackURL`, with `error=` if it
/// cannot; without one, `{"status":true,"user"}`.
///
/// # Errors
/// `INVALID_CALLBACK_URL`; `TOKEN_EXPIRED`, `INVALID_TOKEN`, `USER_NOT_FOUND` and `INVALID_USER`, 401.
pub async fn verify_email(call: &mut Call<'_>) -> Result<Response> {
    let (token, callback_url) =
        call.query(|query| (query.text("token", ANY), query.optional_text("callbackURL", ANY).unwrap_or_default()))?;
    origin::check_callback(&callback_url, call.request, &call.app.config, call.app.runtime)?;
    let callback_url = Some(callback_url.as_str()).filter(|url| !url.is_empty());
    match (act(call, &token, callback_url).await, callback_url) {
        (Ok(_), Some(url)) => Ok(call.redirect(url)),
        (Ok(Outcome::Verified), None) => call.ok(&json!({ "status": true, "user": null })),
        (Ok(Outcome::Confirmed), None) => call.ok(&json!({ "status": true })),
        (Ok(Outcome::Changed(user)), None) => call.ok(&Changed { status: true, user: &user }),
        (Err(Error::Auth(error)), Some(url)) => {
            Ok(call.redirect(&with_param(url, "error", error.code.unwrap_or_default())))
        }
        (Err(error), _) => Err(error),
    }
}

async fn act(call: &mut Call<'_>, token: &str, callback_url: Option<&str>) -> Result<Outcome> {
    let token = EmailToken::verify(token, &call.app.config.secret, call.app.now)?;
    match token.update_to.clone() {
        None => verify(call, &token).await,
        Some(update_to) => change(call, &token, &update_to, callback_url).await,
    }
}

/// The address is verified, and its user signed in if the configuration says so.
async fn verify(call: &mut Call<'_>, token: &EmailToken) -> Result<Outcome> {
    let (signs_in, email) = (call.app.config.email_verification.auto_sign_in_after_verification, &token.email);
    let user = sql::USER_BY_EMAIL.bind([email.into()]);
    let (caller, found) = if signs_in {
        let (caller, mut rows) = current(call, vec![user]).await?;
        (caller, rows.next().unwrap_or_default())
    } else {
        (None, call.app.identity().run(user).await?)
    };
    let user: User = found.decode_first()?.ok_or(code::USER_OF_EMAIL_NOT_FOUND)?;
    if token.user_id.as_ref().is_some_and(|id| *id != user.id) {
        return Err(code::INVALID_EMAIL_TOKEN.into());
    }
    if user.email_verified {
        return Ok(Outcome::Verified);
    }
    let mut statements = vec![sql::VERIFY_EMAIL.bind([(&user.id).into(), email.into(), call.app.now.into()])];
    let own = caller.filter(|caller| caller.user.id == user.id).map(|caller| caller.session);
    if signs_in && own.is_none() {
        statements.push(NewSession::of_address(call, &user.id, email, !call.jar.is_forgetful())?.create);
    }
    let mut done = call.app.identity().batch(statements).await?.into_iter();
    if done.next().is_none_or(|verified| verified.changed == 0) {
        return Err(code::USER_OF_EMAIL_NOT_FOUND.into());
    }
    let session = match own {
        Some(session) => Some(session),
        None => done.next().unwrap_or_default().decode_first()?,
    };
    if let Some(session) = session {
        show_again(call, &session, &User { email_verified: true, updated_at: call.app.now, ..user });
    }
    Ok(Outcome::Verified)
}

/// The address is changed, or the new one asked whether it may be. A session is shown again, and never made.
async fn change(
    call: &mut Call<'_>,
    token: &EmailToken,
    update_to: &str,
    callback_url: Option<&str>,
) -> Result<Outcome> {
    let id = token.user_id.as_ref().ok_or(code::INVALID_EMAIL_TOKEN)?;
    let (caller, mut rows) = current(call, vec![sql::USER_BY_ID.bind([id.into()])]).await?;
    let user: Option<User> = rows.next().unwrap_or_default().decode_first()?;
    let user = user.ok_or(code::USER_OF_EMAIL_NOT_FOUND)?;
    if user.email.to_lowercase() != token.email {
        return Err(code::INVALID_EMAIL_TOKEN.into());
    }
    if caller.as_ref().is_some_and(|caller| caller.user.id != user.id) {
        return Err(code::INVALID_USER.into());
    }
    let keeps_verified = match token.request_type.as_deref() {
        Some(CONFIRMATION) => {
            let next = EmailToken::of_change(&user.id, &user.email, update_to, VERIFICATION);
            let url = link(call, next, callback_url)?;
            call.app.send(templates::change_email_verification(update_to, lasting(call, &url))?);
            return Ok(Outcome::Confirmed);
        }
        kind => kind == Some(VERIFICATION),
    };
    let user = update(call, &user, update_to, keeps_verified).await?.ok_or(code::INVALID_EMAIL_TOKEN)?;
    if !keeps_verified {
        call.app.send(mail(call, &user.id, &user.email, callback_url)?);
    }
    if let Some(caller) = caller {
        show_again(call, &caller.session, &user);
    }
    Ok(Outcome::Changed(user))
}

/// Hands out the session again, with the user as he is now.
pub fn show_again(call: &mut Call<'_>, session: &Session, user: &User) {
    call.jar.set_session(&session.token, None);
    call.jar.set_copy(session, user);
}

/// Gives the user another address; none if it is taken, or if he has not the old one any more.
///
/// # Errors
/// `Internal`.
pub async fn update(call: &Call<'_>, user: &User, email: &str, keeps_verified: bool) -> Result<Option<User>> {
    let now = call.app.now;
    let (id, old) = ((&user.id).into(), (&user.email).into());
    let update = sql::UPDATE_EMAIL.bind([id, old, email.into(), keeps_verified.into(), now.into()]);
    match call.app.identity().run(update).await.map_err(email_taken) {
        Ok(updated) if updated.changed == 1 => Ok(Some(User {
            email: email.to_owned(),
            email_verified: keeps_verified && user.email_verified,
            updated_at: now,
            ..user.clone()
        })),
        Ok(_) | Err(Error::Auth(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
