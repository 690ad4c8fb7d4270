//! `sign-in/email`.
use super::{
    call::{Call, location},
    code,
    input::{ANY, Root, is_email},
    model::{Session, User},
    origin,
    password::Password,
    session::NewSession,
    sql,
};
use crate::{Result, api::Response};
use serde::{Deserialize, Serialize};

/// The answer.
#[derive(Serialize)]
struct SignedIn<'a> {
    redirect: bool,
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    user: &'a User,
}

/// A row of `account` with a password.
#[derive(Deserialize)]
pub(super) struct Credential {
    /// its hash
    pub password: String,
}

/// `POST /sign-in/email` `{"email","password","callbackURL"?,"rememberMe"?}`: a new session, its cookies,
/// `{"redirect","token","url"?,"user"}`.
///
/// # Errors
/// `INVALID_EMAIL`, `PASSWORD_TOO_LONG`; `INVALID_EMAIL_OR_PASSWORD`, after the time of one hash whatever is wrong.
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
    let session = NewSession::of(call, &user.id, &hash, remember)?;
    let made: Option<Session> = call.app.identity().run(session.create).await?.decode_first()?;
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
    let lookups = vec![sql::USER_BY_EMAIL.bind([email.into()]), sql::PASSWORD_BY_EMAIL.bind([email.into()])];
    let mut found = call.app.identity().batch(lookups).await?.into_iter();
    let user: Option<User> = found.next().unwrap_or_default().decode_first()?;
    let credential: Option<Credential> = found.next().unwrap_or_default().decode_first()?;
    let Some((user, Credential { password: hash })) = user.zip(credential) else {
        password.hash(call.app.random)?;
        return Err(code::INVALID_EMAIL_OR_PASSWORD.into());
    };
    if password.is(&hash)? { Ok((user, hash)) } else { Err(code::INVALID_EMAIL_OR_PASSWORD.into()) }
}
