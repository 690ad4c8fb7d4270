//! `link-social`.
use super::{
    provider::{Provider, Tokens},
    resolve::{self, Linked, Vouched},
    sign_in::profile_of,
    start::{self, GivenIdToken, Wanted},
    state::Link,
};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        session::{Caller, require},
    },
};
use serde_json::json;

/// `POST /link-social` `{"provider","callbackURL"?,…}`: where to go to link another account to the caller,
/// `{"url","redirect"}`; or, with `idToken`, it is linked, `{"url":"","status":true,"redirect":false}`.
///
/// # Errors
/// `UNAUTHORIZED`; `PROVIDER_NOT_FOUND`, `ID_TOKEN_NOT_SUPPORTED`; `INVALID_TOKEN`, `FAILED_TO_GET_USER_INFO`,
/// `USER_EMAIL_NOT_FOUND`, `SOCIAL_ACCOUNT_ALREADY_LINKED`, `LINKING_NOT_ALLOWED`, `LINKING_DIFFERENT_EMAILS_NOT_ALLOWED`.
pub async fn link_social(call: &mut Call<'_>) -> Result<Response> {
    let mut wanted = Wanted::read(call)?;
    let (caller, _) = require(call, code::UNAUTHORIZED, |_| vec![]).await?;
    let provider = Provider::find(call.app, &wanted.provider).await.ok_or(code::PROVIDER_NOT_FOUND)?;
    match wanted.id_token.take() {
        Some(given) => by_id_token(call, &provider, given, &caller).await,
        None => {
            let Caller { session, user } = caller;
            let link = Link { user_id: user.id, email: user.email, session_id: session.id };
            start::send_away(call, &provider, wanted, Some(link)).await
        }
    }
}

async fn by_id_token(
    call: &mut Call<'_>,
    provider: &Provider<'_>,
    given: GivenIdToken,
    caller: &Caller,
) -> Result<Response> {
    let profile = profile_of(call, provider, &given).await?;
    let email = profile.email.as_deref().ok_or(code::USER_EMAIL_NOT_FOUND)?;
    let tokens = Tokens { access: given.access, refresh: given.refresh, id: Some(given.token), ..Tokens::default() };
    let vouched = Vouched { provider: provider.options, tokens: &tokens, profile: &profile, scope: None };
    let is_vouched = vouched.may_link() && call.app.config.social.linking.enabled;
    let is_same = is_same_address(call, email, &caller.user.email);
    let who = (&caller.user.id, caller.session.id.as_str());
    match resolve::link(call, &vouched, who, (true, is_vouched && is_same)).await? {
        Linked::Done => call.ok(&json!({ "url": "", "status": true, "redirect": false })),
        Linked::Over => Err(code::UNAUTHORIZED.into()),
        Linked::Others => Err(code::SOCIAL_ACCOUNT_ALREADY_LINKED.into()),
        Linked::Not if !is_vouched => Err(code::LINKING_NOT_ALLOWED.into()),
        Linked::Not => Err(code::LINKING_DIFFERENT_EMAILS_NOT_ALLOWED.into()),
    }
}

/// Whether an account of that address may be linked to the user.
pub(super) fn is_same_address(call: &Call<'_>, email: &str, users: &str) -> bool {
    call.app.config.social.linking.allow_different_emails || email.eq_ignore_ascii_case(users)
}
