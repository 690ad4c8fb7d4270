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
    sql, verify_email,
};
use crate::{
    Error, Result,
    api::Response,
    config::SignUpOrganization,
    db::{IdentityStatement, SqlError},
    error::Constraint,
    id::UserId,
};
use serde::Serialize;

/// What someone says who signs up.
struct NewUser {
    name: String,
    email: String,
    password: String,
    image: Option<String>,
    callback_url: Option<String>,
    remember: bool,
}

/// The answer.
#[derive(Serialize)]
struct SignedUp<'a> {
    token: Option<&'a str>,
    user: &'a User,
}

/// `POST /sign-up/email` `{"name","email","password","image"?,"callbackURL"?,"rememberMe"?}`: a user with his session and,
/// unless the deployment says otherwise, an organization of his own, active; all of it or nothing. `{"token","user"}`; the
/// token is null, and there is no session, where one signs in separately or has to verify the address first.
///
/// # Errors
/// `EMAIL_PASSWORD_SIGN_UP_DISABLED`, `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`;
/// `USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, but where no session is made: there a taken address looks like any other.
pub async fn sign_up_email(call: &mut Call<'_>) -> Result<Response> {
    let new = read(call)?;
    let (options, now) = (&call.app.config.email_and_password, call.app.now);
    if options.disable_sign_up {
        return Err(code::EMAIL_PASSWORD_SIGN_UP_DISABLED.into());
    }
    let signs_in = options.auto_sign_in && !options.require_email_verification;
    let hash = Password::chosen(&new.password, call.app.runtime)?.hash(call.app.random)?;
    let user = User {
        name: new.name,
        email: new.email,
        email_verified: false,
        image: new.image,
        created_at: now,
        updated_at: now,
        id: UserId::generate(call.app.random)?,
    };
    let mail = if call.app.config.email_verification.send_on_sign_up {
        Some(verify_email::mail(call, &user.id, &user.email, new.callback_url.as_deref())?)
    } else {
        None
    };
    let session = if signs_in { Some(NewSession::of(call, &user.id, &hash, new.remember)?) } else { None };
    let statements = statements(call, &user, hash, session)?;
    let made = match call.app.identity().batch(statements).await.map_err(email_taken) {
        // Either last statement gives the session as it is now.
        Ok(done) => done.into_iter().next_back().filter(|_| signs_in).unwrap_or_default().decode_first::<Session>()?,
        Err(Error::Auth(_)) if !signs_in => return call.ok(&SignedUp { token: None, user: &user }),
        Err(error) => return Err(error),
    };
    mail.into_iter().for_each(|mail| call.app.send(mail));
    if let Some(made) = &made {
        call.jar.set_session(&made.token, Some(new.remember));
        call.jar.set_copy(made, &user);
    }
    call.ok(&SignedUp { token: made.as_ref().map(|made| made.token.as_str()), user: &user })
}

fn statements(
    call: &Call<'_>,
    user: &User,
    hash: String,
    session: Option<NewSession>,
) -> Result<Vec<IdentityStatement>> {
    let now = call.app.now;
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
    ];
    let token = session.map(|session| {
        statements.push(session.create);
        session.token
    });
    if call.app.config.sign_up_organization == SignUpOrganization::Personal {
        let organization = personal(call.app, user)?;
        statements.extend(Founding::of(call.app, &organization, &user.id, token.as_deref(), None)?.activated());
    }
    Ok(statements)
}

fn read(call: &Call<'_>) -> Result<NewUser> {
    let new = call.body(Root::ObjectAndRecord, |body| {
        let new = NewUser {
            name: body.text("name", 0..=*NAME.end()),
            email: body.email("email"),
            password: body.text("password", 1..=usize::MAX),
            image: body.optional_text("image", super::user::IMAGE),
            callback_url: body.optional_text("callbackURL", ANY),
            remember: true,
        };
        NewUser { remember: body.optional_boolean("rememberMe").unwrap_or(true), ..new }
    })?;
    origin::check_sign_in(call.request, &call.app.config, call.app.runtime)?;
    Ok(new)
}

/// No other unique key can stand for this one: it is named by its column.
pub(super) fn email_taken(error: SqlError) -> Error {
    match error {
        SqlError::Constraint(Constraint::Unique(columns)) if columns == "user.email" => {
            code::USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL.into()
        }
        other => other.into(),
    }
}
