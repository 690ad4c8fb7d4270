//! `sign-in/email`.
use super::{
    attempt::{self, stored_password},
    call::{Call, location},
    code,
    input::{ANY, Root, is_email},
    model::{Session, User},
    origin,
    password::Password,
    session::NewSession,
    sql, verify_email,
};
use crate::{Result, api::Response};
use serde::Serialize;

/// The answer.
#[derive(Serialize)]
pub(super) struct SignedIn<'a> {
    /// whether the client is to go to `url`
    pub redirect: bool,
    /// the session's token
    pub token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// where to
    pub url: Option<&'a str>,
    /// who has signed in
    pub user: &'a User,
}

/// `POST /sign-in/email` `{"email","password","callbackURL"?,"rememberMe"?}`: a new session, its cookies,
/// `{"redirect","token","url"?,"user"}`.
///
/// # Errors
/// `INVALID_EMAIL`, `PASSWORD_TOO_LONG`; `INVALID_EMAIL_OR_PASSWORD`, after the time of one hash whatever is wrong;
/// `EMAIL_NOT_VERIFIED`, where that is required, to who knows the password.
pub async fn sign_in_email(call: &mut Call<'_>) -> Result<Response> {
    let (email, password, callback_url, remember) = call.body(Root::Object, |body| {
        (
            body.text("email", ANY),
            body.text("password", ANY),
            body.optional_text("callbackURL", ANY),
            body.optional_boolean("rememberMe").unwrap_or(true),
        )
    })?;
    origin::check_sign_in(call.request, &call.app.config, call.app.runtime)?;
    if !is_email(&email) {
        return Err(code::INVALID_EMAIL.into());
    }
    let password = Password::given(&password, call.app.runtime)?;
    let (user, hash) = verify(call, &email.to_ascii_lowercase(), &password).await?;
    if call.app.config.email_and_password.require_email_verification && !user.email_verified {
        call.app.identity().run(attempt::end(&user.id)).await?;
        if call.app.config.email_verification.send_on_sign_in {
            call.app.send(verify_email::mail(call, &user.id, &user.email, callback_url.as_deref())?);
        }
        return Err(code::EMAIL_NOT_VERIFIED.into());
    }
    let session = NewSession::of(call, &user.id, &hash, remember)?;
    let mut done = call.app.identity().batch(vec![attempt::end(&user.id), session.create]).await?;
    let made: Option<Session> = done.pop().unwrap_or_default().decode_first()?;
    // None: the password was changed, or the user deleted, while it was verified.
    let made = made.ok_or(code::INVALID_EMAIL_OR_PASSWORD)?;
    call.jar.set_session(&session.token, Some(remember));
    call.jar.set_copy(&made, &user);
    let url = callback_url.as_deref().filter(|url| !url.is_empty());
    let answer = call.ok(&SignedIn { redirect: url.is_some(), token: &session.token, url, user: &user })?;
    Ok(match url {
        Some(url) => answer.with_header("location", location(url)),
        None => answer,
    })
}

/// The user whose address and password these are, with the hash that the password was verified against.
async fn verify(call: &Call<'_>, email: &str, password: &Password) -> Result<(User, String)> {
    let lookups = vec![sql::USER_BY_EMAIL.bind([email.into()]), attempt::at_address(call.app.now, email)];
    let mut found = call.app.identity().batch(lookups).await?.into_iter();
    let user: Option<User> = found.next().unwrap_or_default().decode_first()?;
    let Some((user, hash)) = user.zip(stored_password(found.next())?) else {
        password.hash(call.app.random)?;
        return Err(code::INVALID_EMAIL_OR_PASSWORD.into());
    };
    if password.is(&hash)? { Ok((user, hash)) } else { Err(code::INVALID_EMAIL_OR_PASSWORD.into()) }
}
