//! Whose an account is that a provider vouches for: found, linked or made in one batch, which decides by itself.
//!
//! Source: Better Auth 1.7.25, `handleOAuthUserInfo` and `linkOAuthAccount`, which read and then write.
use super::{profile::Profile, provider::Tokens, sql};
use crate::{
    Result,
    auth::{
        call::Call,
        model::{Session, User},
        organization::create::{Founding, personal},
        session::NewSession,
        sql as users, verify_email as verification,
    },
    config::{ProviderOptions, SignUpOrganization, SocialSignUp},
    db::{Bind, IdentityStatement, Rows},
    id::UserId,
};
use serde::Deserialize;

/// His address is not verified, and must be.
pub const EMAIL_NOT_VERIFIED: &str = "email_not_verified";
/// Someone has the address, and it does not follow that it is he.
const ACCOUNT_NOT_LINKED: &str = "account not linked";
/// He is new, and the provider makes no users.
const SIGNUP_DISABLED: &str = "signup disabled";

/// What a provider vouches for.
pub struct Vouched<'a> {
    /// The provider.
    pub provider: &'a ProviderOptions,
    /// What it gave for its API.
    pub tokens: &'a Tokens,
    /// Whom it means.
    pub profile: &'a Profile,
    /// What it lets us do, comma-joined.
    pub scope: Option<String>,
}

impl Vouched<'_> {
    /// Whether its address counts as verified when an account is linked.
    pub fn may_link(&self) -> bool {
        self.provider.is_trusted || self.profile.is_email_verified
    }

    /// Provider and subject: what finds an account.
    fn key(&self) -> [Bind; 2] {
        [(&self.provider.id).into(), (&self.profile.subject).into()]
    }

    fn tokens(&self) -> [Bind; 5] {
        let Tokens { access, refresh, id, access_expires_at, refresh_expires_at, .. } = self.tokens;
        [
            access.as_ref().into(),
            refresh.as_ref().into(),
            id.as_ref().into(),
            (*access_expires_at).into(),
            (*refresh_expires_at).into(),
        ]
    }
}

/// Someone who has signed in.
pub struct SignedIn {
    /// He.
    pub user: User,
    /// His session.
    pub session: Session,
    /// Whether he was not here before.
    pub is_new: bool,
}

impl SignedIn {
    /// Gives his browser the session. It stays forgetful if it asked to be.
    pub fn hand_out(&self, call: &mut Call<'_>) {
        call.jar.set_session(&self.session.token, None);
        call.jar.set_copy(&self.session, &self.user);
    }
}

/// Signs in the account's user; who has none yet gets one: the user who has verified the same address, else a new one,
/// with an organization of his own unless the deployment says otherwise. All of it, or nothing. An error is the
/// reference's word for why not. `requested` is that he asked to become a user; a mail that asks him to verify his address
/// leads on to `callback_url`.
///
/// # Errors
/// `Internal`.
pub async fn sign_in(
    call: &mut Call<'_>,
    vouched: &Vouched<'_>,
    email: &str,
    (requested, callback_url): (bool, Option<&str>),
) -> Result<Result<SignedIn, &'static str>> {
    let app = call.app;
    let (now, profile) = (app.now, vouched.profile);
    let may_sign_up = match vouched.provider.sign_up {
        SocialSignUp::Implicit => true,
        SocialSignUp::OnRequest => requested,
        SocialSignUp::Never => false,
    };
    let linking = &app.config.social.linking;
    let may_link = linking.enabled && !linking.disable_implicit && vouched.may_link();
    let new = User {
        name: profile.name.clone(),
        email: email.to_owned(),
        email_verified: profile.is_email_verified,
        image: profile.image.clone(),
        created_at: now,
        updated_at: now,
        id: UserId::generate(app.random)?,
    };
    let session = NewSession::of_account(call, &vouched.provider.id, &profile.subject, !call.jar.is_forgetful())?;
    let mut statements = vec![
        update_tokens(vouched, call),
        create_user(vouched, &new, may_sign_up),
        create_account(vouched, call, &new, may_link)?,
        verify_email(vouched, call, email),
        session.create,
        sql::USER_OF_ACCOUNT.bind(vouched.key()),
        users::USER_BY_EMAIL.bind([email.into()]),
    ];
    let founds = app.config.sign_up_organization == SignUpOrganization::Personal;
    if founds {
        // Of the new user: if there is none, nothing happens. He has a session unless he must verify his address first.
        let has_session = new.email_verified || !app.config.email_and_password.require_email_verification;
        let token = has_session.then_some(session.token.as_str());
        let organization = personal(app, &new)?;
        statements.extend(Founding::of(app, &organization, &new.id, token, None)?.activated());
    }
    let mut done = app.identity().batch(statements).await?.into_iter().skip(4);
    let mut next = || done.next().unwrap_or_default();
    let (made, user, namesake) = (next().decode_first()?, next(), next());
    // The last statement gives the session again if it has made the new organization the active one.
    let activated: Option<Session> = if founds { done.next_back().unwrap_or_default().decode_first()? } else { None };
    let Some(user) = user.decode_first::<User>()? else {
        return Ok(Err(if namesake.rows.is_empty() { SIGNUP_DISABLED } else { ACCOUNT_NOT_LINKED }));
    };
    let is_new = user.id == new.id;
    if asks_to_verify(call, &user, is_new) {
        call.app.send(verification::mail(call, &user.id, &user.email, callback_url)?);
    }
    Ok(activated.or(made).map(|session| SignedIn { user, session, is_new }).ok_or(EMAIL_NOT_VERIFIED))
}

/// Whether he gets a mail: as at sign-up, or as at a sign-in that is refused.
fn asks_to_verify(call: &Call<'_>, user: &User, is_new: bool) -> bool {
    let config = &call.app.config;
    let is_refused = config.email_and_password.require_email_verification;
    !user.email_verified
        && if is_new {
            config.email_verification.send_on_sign_up
        } else {
            is_refused && config.email_verification.send_on_sign_in
        }
}

fn update_tokens(vouched: &Vouched<'_>, call: &Call<'_>) -> IdentityStatement {
    let ([provider, subject], [access, refresh, id, access_end, refresh_end]) = (vouched.key(), vouched.tokens());
    sql::UPDATE_TOKENS.bind([provider, subject, access, refresh, id, access_end, refresh_end, call.app.now.into()])
}

fn create_user(vouched: &Vouched<'_>, new: &User, may_sign_up: bool) -> IdentityStatement {
    let [provider, subject] = vouched.key();
    sql::CREATE_USER.bind([
        (&new.id).into(),
        (&new.name).into(),
        (&new.email).into(),
        new.email_verified.into(),
        new.image.as_ref().into(),
        new.created_at.into(),
        may_sign_up.into(),
        provider,
        subject,
    ])
}

fn create_account(vouched: &Vouched<'_>, call: &Call<'_>, new: &User, may_link: bool) -> Result<IdentityStatement> {
    let ([provider, subject], [access, refresh, id, access_end, refresh_end]) = (vouched.key(), vouched.tokens());
    Ok(sql::CREATE_ACCOUNT.bind([
        call.app.random.alphanumeric(32)?.into(),
        provider,
        subject,
        access,
        refresh,
        id,
        access_end,
        refresh_end,
        vouched.scope.as_ref().into(),
        call.app.now.into(),
        (&new.email).into(),
        (&new.id).into(),
        may_link.into(),
    ]))
}

/// For an address that the provider has not verified it names none, and nothing happens.
fn verify_email(vouched: &Vouched<'_>, call: &Call<'_>, email: &str) -> IdentityStatement {
    let [provider, subject] = vouched.key();
    let verified = vouched.profile.is_email_verified.then_some(email);
    sql::VERIFY_EMAIL.bind([provider, subject, verified.into(), call.app.now.into()])
}

/// What came of linking an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// It is the user's, now or already.
    Done,
    /// The session that asked for it is over.
    Over,
    /// It is someone else's.
    Others,
    /// It is no one's, and was not to be linked.
    Not,
}

/// Links the account to the user, for his live session of that id. `may` says whether an account that is already his gets
/// the new tokens, and whether one that is no one's becomes his.
///
/// # Errors
/// `Internal`.
pub async fn link(
    call: &Call<'_>,
    vouched: &Vouched<'_>,
    (user, session_id): (&UserId, &str),
    (may_update, may_link): (bool, bool),
) -> Result<Linked> {
    let now = call.app.now;
    let mut statements = vec![];
    if may_update {
        let ([provider, subject], [access, refresh, id, access_end, refresh_end]) = (vouched.key(), vouched.tokens());
        let scopes = Bind::json(&vouched.tokens.scopes)?;
        statements.push(sql::UPDATE_LINKED.bind([
            provider,
            subject,
            access,
            refresh,
            id,
            access_end,
            refresh_end,
            now.into(),
            scopes,
            user.into(),
            session_id.into(),
        ]));
    }
    if may_link {
        let ([provider, subject], [access, refresh, id, access_end, refresh_end]) = (vouched.key(), vouched.tokens());
        statements.push(sql::LINK.bind([
            call.app.random.alphanumeric(32)?.into(),
            provider,
            subject,
            access,
            refresh,
            id,
            access_end,
            refresh_end,
            vouched.scope.as_ref().into(),
            now.into(),
            user.into(),
            session_id.into(),
        ]));
    }
    let [provider, subject] = vouched.key();
    statements.push(sql::OWNER.bind([provider, subject, user.into(), session_id.into(), now.into()]));
    let done: Option<Rows> = call.app.identity().batch(statements).await?.pop();
    Ok(match done.unwrap_or_default().decode_first::<Owner>()? {
        None => Linked::Over,
        Some(Owner { owner: None }) => Linked::Not,
        Some(Owner { owner: Some(owner) }) if owner == *user => Linked::Done,
        Some(_) => Linked::Others,
    })
}

#[derive(Deserialize)]
struct Owner {
    owner: Option<UserId>,
}
