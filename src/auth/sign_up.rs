//! `sign-up/email`.
use super::{
    call::Call,
    code,
    input::{ANY, Root},
    model::{Session, User},
    organization::create::{Founding, NAME, personal},
    origin,
    password::Password,
    session::NewSession,
    sql,
};
use crate::{Error, Result, api::Response, config::SignUpOrganization, db::SqlError, error::Constraint, id::UserId};
use serde::Serialize;

/// What someone says who signs up.
struct NewUser {
    name: String,
    email: String,
    password: String,
    image: Option<String>,
    remember: bool,
}

/// The answer.
#[derive(Serialize)]
struct SignedUp<'a> {
    token: &'a str,
    user: &'a User,
}

/// `POST /sign-up/email` `{"name","email","password","image"?,"rememberMe"?}`: a user with his session and, unless the
/// deployment says otherwise, an organization of his own, active; all of it or nothing. `{"token","user"}`.
///
/// # Errors
/// `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`; `USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`.
pub async fn sign_up_email(call: &mut Call<'_>) -> Result<Response> {
    let new = read(call)?;
    let hash = Password::chosen(&new.password, call.app.runtime)?.hash(call.app.random)?;
    let now = call.app.now;
    let user = User {
        name: new.name,
        email: new.email,
        email_verified: false,
        image: new.image,
        created_at: now,
        updated_at: now,
        id: UserId::generate(call.app.random)?,
    };
    let session = NewSession::of(call, &user.id, &hash, new.remember)?;
    let account_id = call.app.random.alphanumeric(32)?;
    let mut statements = vec![
        sql::CREATE_USER.bind([
            (&user.id).into(),
            (&user.name).into(),
            (&user.email).into(),
            user.image.as_ref().into(),
            now.into(),
        ]),
        sql::CREATE_ACCOUNT.bind([account_id.into(), (&user.id).into(), hash.into(), now.into()]),
        session.create,
    ];
    if call.app.config.sign_up_organization == SignUpOrganization::Personal {
        let organization = personal(call.app, &user)?;
        statements.extend(Founding::of(call.app, &organization, &user.id, &session.token, None)?.activated());
    }
    let done = call.app.identity().batch(statements).await.map_err(email_taken)?;
    call.jar.set_session(&session.token, Some(new.remember));
    // Either last statement gives the session as it is now.
    if let Some(made) = done.into_iter().next_back().unwrap_or_default().decode_first::<Session>()? {
        call.jar.set_copy(&made, &user);
    }
    call.ok(&SignedUp { token: &session.token, user: &user })
}

fn read(call: &Call<'_>) -> Result<NewUser> {
    let new = call.body(Root::ObjectAndRecord, |body| {
        let new = NewUser {
            name: body.text("name", 0..=*NAME.end()),
            email: body.email("email"),
            password: body.text("password", 1..=usize::MAX),
            image: body.optional_text("image", super::user::IMAGE),
            remember: true,
        };
        body.optional_text("callbackURL", ANY);
        NewUser { remember: body.optional_boolean("rememberMe").unwrap_or(true), ..new }
    })?;
    origin::check_sign_in(call.request, &call.app.config, call.app.runtime)?;
    Ok(new)
}

/// No other unique key can stand for this one: it is named by its column.
fn email_taken(error: SqlError) -> Error {
    match error {
        SqlError::Constraint(Constraint::Unique(columns)) if columns == "user.email" => {
            code::USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL.into()
        }
        other => other.into(),
    }
}
