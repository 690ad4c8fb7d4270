//! `update-user`, `change-password` and `verify-password`.
use super::{
    attempt::{self, stored_password},
    call::Call,
    code,
    input::{ANY, Root},
    model::{Session, User},
    organization::create::NAME,
    password::Password,
    session::{NewSession, require},
    sql,
};
use crate::{Result, api::Response, mail::templates};
use serde::Serialize;
use serde_json::json;
use std::ops::RangeInclusive;

/// How long the URL of a picture may be. Some clients send the picture itself, as a `data:` URL.
pub(super) const IMAGE: RangeInclusive<usize> = 0..=65_536;

/// `POST /update-user` `{"name"?,"image"?}`; null clears the image. `{"status":true}`, and the session's cookie again.
///
/// # Errors
/// `EMAIL_CAN_NOT_BE_UPDATED`, `NO_FIELDS_TO_UPDATE`; `UNAUTHORIZED`.
pub async fn update_user(call: &mut Call<'_>) -> Result<Response> {
    let (has_email, name, image) = call.body(Root::Record, |body| {
        (body.is_truthy("email"), body.optional_text("name", 0..=*NAME.end()), body.nullable_text("image", IMAGE))
    })?;
    let (now, is_nothing) = (call.app.now, name.is_none() && image.is_none());
    let changes = |token: &str| {
        let changes = [name.into(), image.is_some().into(), image.flatten().into()];
        let [name, has_image, image] = changes;
        vec![sql::UPDATE_USER.bind([token.into(), now.into(), name, has_image, image])]
    };
    let change = |token: &str| if has_email || is_nothing { vec![] } else { changes(token) };
    let (caller, rows) = require(call, code::UNAUTHORIZED, change).await?;
    if has_email {
        return Err(code::EMAIL_CAN_NOT_BE_UPDATED.into());
    }
    if is_nothing {
        return Err(code::NO_FIELDS_TO_UPDATE.into());
    }
    call.jar.set_session(&caller.session.token, None);
    if let Some(changed) = rows.into_iter().next().unwrap_or_default().decode_first::<User>()? {
        call.jar.set_copy(&caller.session, &changed);
    }
    call.ok(&json!({ "status": true }))
}

/// The answer.
#[derive(Serialize)]
struct Changed<'a> {
    token: Option<&'a str>,
    user: &'a User,
}

/// `POST /change-password` `{"newPassword","currentPassword","revokeOtherSessions"?}`: `{"token","user"}`; with
/// `revokeOtherSessions` every session ends and the token is a new one's, together with the password or not at all. A mail
/// says that it was changed.
///
/// # Errors
/// `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`, `CREDENTIAL_ACCOUNT_NOT_FOUND`, `INVALID_PASSWORD`; `UNAUTHORIZED`.
pub async fn change_password(call: &mut Call<'_>) -> Result<Response> {
    let (chosen, current, revoke) = call.body(Root::Object, |body| {
        let (chosen, current) = (body.text("newPassword", ANY), body.text("currentPassword", ANY));
        (chosen, current, body.optional_boolean("revokeOtherSessions").unwrap_or(false))
    })?;
    let given = Password::chosen(&chosen, call.app.runtime)
        .and_then(|chosen| Ok((chosen, Password::given(&current, call.app.runtime)?)));
    // What is not verified is no attempt.
    let now = call.app.now;
    let attempt = |token: &str| given.iter().map(|_| attempt::by_session(now, token)).collect();
    let (caller, rows) = require(call, code::UNAUTHORIZED, attempt).await?;
    let (chosen, current) = given?;
    let old = stored_password(rows.into_iter().next())?.ok_or(code::CREDENTIAL_ACCOUNT_NOT_FOUND)?;
    let new = chosen.hash(call.app.random)?;
    if !current.is(&old)? {
        return Err(code::INVALID_PASSWORD.into());
    }
    let (user, notice) = (&caller.user.id, templates::password_changed(&caller.user.email)?);
    let update = sql::UPDATE_PASSWORD.bind([user.into(), old.into(), (&new).into(), now.into()]);
    let mut statements = vec![update, attempt::end(user)];
    let session = if revoke { Some(NewSession::of(call, user, &new, !call.jar.is_forgetful())?) } else { None };
    let token = session.map(|session| {
        // Both hang on the new password: if another request was quicker, nothing happens here.
        statements.extend([sql::REVOKE_SESSIONS_OF_USER.bind([user.into(), (&new).into()]), session.create]);
        session.token
    });
    let done = call.app.identity().batch(statements).await?;
    if done.first().is_none_or(|update| update.changed == 0) {
        return Err(code::INVALID_PASSWORD.into());
    }
    call.app.send(notice);
    if let Some(token) = &token {
        call.jar.set_session(token, None);
        if let Some(made) = done.into_iter().next_back().unwrap_or_default().decode_first::<Session>()? {
            call.jar.set_copy(&made, &caller.user);
        }
    }
    call.ok(&Changed { token: token.as_deref(), user: &caller.user })
}

/// `POST /verify-password` `{"password"}`: `{"status":true}` if it is the caller's.
///
/// # Errors
/// `PASSWORD_TOO_LONG`, `INVALID_PASSWORD`, also if he has none; `UNAUTHORIZED`.
pub async fn verify_password(call: &mut Call<'_>) -> Result<Response> {
    let given = call.body(Root::Object, |body| body.text("password", ANY))?;
    let given = Password::given(&given, call.app.runtime);
    let now = call.app.now;
    let attempt = |token: &str| given.iter().map(|_| attempt::by_session(now, token)).collect();
    let (caller, rows) = require(call, code::UNAUTHORIZED, attempt).await?;
    let given = given?;
    match stored_password(rows.into_iter().next())? {
        Some(stored) if given.is(&stored)? => {
            call.app.identity().run(attempt::end(&caller.user.id)).await?;
            call.ok(&json!({ "status": true }))
        }
        _ => Err(code::INVALID_PASSWORD.into()),
    }
}
