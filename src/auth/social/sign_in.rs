//! `sign-in/social`.
use super::{
    profile::Profile,
    provider::{Provider, Tokens},
    resolve::{self, Vouched},
    start::{self, GivenIdToken, Wanted},
};
use crate::{
    Result,
    api::Response,
    auth::{call::Call, code, sign_in::SignedIn},
    error::AuthError,
};

/// `POST /sign-in/social` `{"provider","callbackURL"?,…}`: where to go to sign in, `{"url","redirect"}`; or, with
/// `idToken`, the session itself, `{"redirect":false,"token","user"}`.
///
/// # Errors
/// `PROVIDER_NOT_FOUND`, `ID_TOKEN_NOT_SUPPORTED`; `INVALID_TOKEN`, `FAILED_TO_GET_USER_INFO`, `USER_EMAIL_NOT_FOUND`,
/// `OAUTH_LINK_ERROR`, `EMAIL_NOT_VERIFIED`.
pub async fn sign_in_social(call: &mut Call<'_>) -> Result<Response> {
    let mut wanted = Wanted::read(call)?;
    let provider = Provider::find(call.app, &wanted.provider).await.ok_or(code::PROVIDER_NOT_FOUND)?;
    match wanted.id_token.take() {
        Some(given) => by_id_token(call, &provider, given, wanted.request_sign_up == Some(true)).await,
        None => start::send_away(call, &provider, wanted, None).await,
    }
}

async fn by_id_token(
    call: &mut Call<'_>,
    provider: &Provider<'_>,
    given: GivenIdToken,
    requested: bool,
) -> Result<Response> {
    let profile = profile_of(call, provider, &given).await?;
    // The reference keeps no refresh token here.
    let tokens = Tokens { access: given.access, id: Some(given.token), ..Tokens::default() };
    let vouched = Vouched { provider: provider.options, tokens: &tokens, profile: &profile, scope: None };
    let email = profile.email.as_deref().ok_or(code::USER_EMAIL_NOT_FOUND)?;
    match resolve::sign_in(call, &vouched, email, requested).await? {
        Ok(signed_in) => {
            signed_in.hand_out(call);
            let (token, user) = (&signed_in.session.token, &signed_in.user);
            call.ok(&SignedIn { redirect: false, token, url: None, user })
        }
        Err(resolve::EMAIL_NOT_VERIFIED) => Err(code::EMAIL_NOT_VERIFIED.into()),
        Err(why) => Err(AuthError::new(401, "OAUTH_LINK_ERROR", why).into()),
    }
}

/// Whom an id token is of that the client brings.
///
/// # Errors
/// `ID_TOKEN_NOT_SUPPORTED`, `INVALID_TOKEN`, `FAILED_TO_GET_USER_INFO`.
pub(super) async fn profile_of(call: &Call<'_>, provider: &Provider<'_>, given: &GivenIdToken) -> Result<Profile> {
    if !provider.is_openid() {
        return Err(code::ID_TOKEN_NOT_SUPPORTED.into());
    }
    let claims = provider.claims(call.app, &given.token, given.nonce.as_deref()).await;
    let profile = Profile::of_claims(claims.ok_or(code::INVALID_ID_TOKEN)?);
    Ok(profile.ok_or(code::UNAUTHORIZED_WITHOUT_USER_INFO)?)
}
