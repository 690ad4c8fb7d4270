//! `request-password-reset`, the link that it mails, and `reset-password`.
//!
//! Source: Better Auth 1.7.25, `requestPasswordReset` and `resetPassword` (wire spec §5.15 to §5.17).
use super::{
    call::Call,
    code,
    input::{ANY, Root},
    links, origin,
    password::Password,
    reset_sql as sql,
    verification::{self, Verification},
};
use crate::{
    Result,
    api::{Response, uri::set_param},
    id::{Id, UserId},
    mail::templates::{self, Link},
    time::Timestamp,
};
use serde::Deserialize;
use serde_json::json;

/// What the token is filed under.
fn identifier(token: &str) -> String {
    format!("reset-password:{token}")
}

/// `POST /request-password-reset` `{"email","redirectTo"?}`: mails a link to the user of the address. The answer is the
/// same, after the same round trip, if there is none.
///
/// # Errors
/// `RESET_PASSWORD_DISABLED`.
pub async fn request_password_reset(call: &mut Call<'_>) -> Result<Response> {
    let (email, redirect_to) =
        call.body(Root::Object, |body| (body.email("email"), body.optional_text("redirectTo", ANY)))?;
    if call.app.mailer.is_none() {
        return Err(code::RESET_PASSWORD_DISABLED.into());
    }
    let expires_in_s = call.app.config.email_and_password.reset_password_token_expires_in_s;
    let token = call.app.random.alphanumeric(24)?;
    let url = links::reset_password(call, &token, redirect_to.as_deref());
    let mail = templates::reset_password(&email, Link { url: &url, expires_in_s })?;
    let create = verification::create_for_email(call.app, &identifier(&token), &email, expires_in_s)?;
    if call.app.identity().run(create).await?.changed == 1 {
        call.app.send(mail);
    }
    let message = "If this email exists in our system, check your email for the reset link";
    call.ok(&json!({ "status": true, "message": message }))
}

/// `GET /reset-password/:token?callbackURL=`, where that link leads: on to the page that asks for the new password, with
/// `token=`, or with `error=INVALID_TOKEN`. The token stays.
///
/// # Errors
/// `INVALID_CALLBACK_URL`.
pub async fn follow_link(call: &mut Call<'_>) -> Result<Response> {
    let callback_url = call.query(|query| query.text("callbackURL", ANY))?;
    origin::check_callback(&callback_url, call.request, &call.app.config, call.app.runtime)?;
    if callback_url.is_empty() {
        return Ok(call.redirect(&call.endpoint("/error?error=INVALID_TOKEN")));
    }
    let token = call.param("token");
    let found: Option<Verification> =
        call.app.identity().run(verification::peek(&identifier(token))).await?.decode_first()?;
    let (name, value) = match found {
        Some(found) if found.is_live(call.app.now) => ("token", token),
        _ => ("error", "INVALID_TOKEN"),
    };
    Ok(call.redirect(&set_param(&absolute(call, &callback_url), name, value)))
}

/// The URL with our origin before a path, and with a path after an origin.
fn absolute(call: &Call<'_>, url: &str) -> String {
    if url.starts_with('/') {
        return format!("{}{url}", call.origin());
    }
    let (origin, rest) = url.split_at_checked(url.find(['?', '#']).unwrap_or(url.len())).unwrap_or((url, ""));
    let is_bare = origin.starts_with("http") && origin.split_once("://").is_some_and(|(_, host)| !host.contains('/'));
    if is_bare { format!("{origin}/{rest}") } else { url.to_owned() }
}

/// Whose password a token resets.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reset {
    expires_at: Timestamp,
    user_id: Option<UserId>,
    email: Option<String>,
}

/// `POST /reset-password` `{"newPassword","token"?}`, the token else in the query: `{"status":true}`. The token is used up,
/// the sessions ended if the configuration says so, and the password written: all of it or nothing.
///
/// # Errors
/// `INVALID_TOKEN`, `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`, `USER_NOT_FOUND`.
pub async fn reset_password(call: &mut Call<'_>) -> Result<Response> {
    let in_query = call.query(|query| query.optional_text("token", ANY))?;
    let (password, token) =
        call.body(Root::Object, |body| (body.text("newPassword", ANY), body.optional_text("token", ANY)))?;
    let token = token.filter(|token| !token.is_empty()).or(in_query).filter(|token| !token.is_empty());
    let identifier = identifier(&token.ok_or(code::INVALID_RESET_TOKEN)?);
    let password = Password::chosen(&password, call.app.runtime)?;

    let found: Option<Reset> =
        call.app.identity().run(sql::RESET.bind([(&identifier).into()])).await?.decode_first()?;
    let found = found.filter(|reset| reset.expires_at > call.app.now).ok_or(code::INVALID_RESET_TOKEN)?;
    let (user, email) = found.user_id.zip(found.email).ok_or(code::USER_OF_RESET_NOT_FOUND)?;
    let (hash, account_id) = (password.hash(call.app.random)?, call.app.random.alphanumeric(32)?);
    let notice = templates::password_changed(&email)?;

    let now = call.app.now;
    let mut statements = vec![
        sql::UPDATE_PASSWORD.bind([(&user).into(), (&identifier).into(), now.into(), (&hash).into()]),
        sql::CREATE_ACCOUNT.bind([(&user).into(), (&identifier).into(), now.into(), hash.into(), account_id.into()]),
        sql::END_ATTEMPTS.bind([(&user).into(), (&identifier).into(), now.into()]),
    ];
    if call.app.config.email_and_password.revoke_sessions_on_password_reset {
        statements.push(sql::REVOKE_SESSIONS.bind([(&user).into(), (&identifier).into(), now.into()]));
    }
    statements.push(verification::consume(&identifier, user.as_str(), now));
    let used = call.app.identity().batch(statements).await?.pop().unwrap_or_default();
    if used.changed == 0 {
        return Err(code::INVALID_RESET_TOKEN.into());
    }
    call.app.send(notice);
    call.ok(&json!({ "status": true }))
}
