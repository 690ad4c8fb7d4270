//! Sending a user to his provider: what `sign-in/social` and `link-social` share.
use super::{
    provider::Provider,
    redirect_uri,
    state::{self, Link, State},
};
use crate::{
    Result,
    api::Response,
    auth::{
        call::{Call, location},
        input::{ANY, Fields, Root},
    },
    config::ProviderKind,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use form_urlencoded::Serializer;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::ops::RangeInclusive;

/// How long a URL is that waits in a row until its user comes back.
const URL: RangeInclusive<usize> = 0..=2048;

/// What we set ourselves: whoever could replace one of these could undo what they are for. Source: Better Auth 1.7.25,
/// `RESERVED_AUTHORIZATION_PARAMS`.
const RESERVED: &[&str] = &[
    "state",
    "client_id",
    "redirect_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "scope",
];

/// What a request asks for.
pub struct Wanted {
    /// The provider's id.
    pub provider: String,
    /// An id token that the user's app has got by itself.
    pub id_token: Option<GivenIdToken>,
    /// Whether he may become a user though the provider makes none by itself.
    pub request_sign_up: Option<bool>,
    callback_url: Option<String>,
    error_url: Option<String>,
    new_user_url: Option<String>,
    stays: bool,
    scopes: Vec<String>,
    login_hint: Option<String>,
    more: Vec<(String, String)>,
}

/// An id token, and what came with it.
pub struct GivenIdToken {
    /// The token.
    pub token: String,
    /// What it must repeat, if the app bound it to its own request.
    pub nonce: Option<String>,
    /// An access token.
    pub access: Option<String>,
    /// A refresh token.
    pub refresh: Option<String>,
}

impl Wanted {
    /// Reads the body.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`.
    pub fn read(call: &Call<'_>) -> Result<Self> {
        call.body(Root::Object, |body| {
            let callback_url = body.optional_text("callbackURL", URL);
            let new_user_url = body.optional_text("newUserCallbackURL", URL);
            let error_url = body.optional_text("errorCallbackURL", URL);
            let provider = body.any_text("provider");
            let stays = body.optional_boolean("disableRedirect").unwrap_or(false);
            let has_token = body.value("idToken").is_some();
            let id_token = has_token.then(|| body.object("idToken", GivenIdToken::read));
            let scopes = body.optional_list("scopes").unwrap_or_default();
            let request_sign_up = body.optional_boolean("requestSignUp");
            let login_hint = body.optional_text("loginHint", ANY);
            let more = body.optional_map("additionalParams").unwrap_or_default();
            if more.iter().any(|(name, _)| RESERVED.contains(&name.as_str())) {
                let reserved = RESERVED.join(", ");
                body.issue(
                    "additionalParams",
                    &format!("additionalParams cannot include reserved OAuth parameters: {reserved}"),
                );
            }
            // The reference keeps it for the server's own hooks, of which there are none here.
            body.optional_record("additionalData", usize::MAX);
            let (callback_url, error_url, new_user_url) = (given(callback_url), given(error_url), given(new_user_url));
            Self {
                provider,
                id_token,
                request_sign_up,
                callback_url,
                error_url,
                new_user_url,
                stays,
                scopes,
                login_hint,
                more,
            }
        })
    }
}

fn given(url: Option<String>) -> Option<String> {
    url.filter(|url| !url.is_empty())
}

impl GivenIdToken {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            token: fields.text("token", ANY),
            nonce: fields.optional_text("nonce", ANY).filter(|nonce| !nonce.is_empty()),
            access: fields.optional_text("accessToken", ANY),
            refresh: fields.optional_text("refreshToken", ANY),
        }
    }
}

/// Remembers what is wanted and answers where to go: `{"url","redirect"}`, with `location` unless the app goes itself.
///
/// # Errors
/// `Internal`.
pub async fn send_away(
    call: &mut Call<'_>,
    provider: &Provider<'_>,
    wanted: Wanted,
    link: Option<Link>,
) -> Result<Response> {
    let random = call.app.random;
    let callback_url = wanted.callback_url.clone().unwrap_or_else(|| call.origin().to_owned());
    let state = State {
        callback_url,
        code_verifier: random.alphanumeric(128)?,
        error_url: wanted.error_url.clone(),
        new_user_url: wanted.new_user_url.clone(),
        link,
        expires_at: state::end(call),
        request_sign_up: wanted.request_sign_up,
        id_token_nonce: if provider.is_openid() { Some(random.alphanumeric(32)?) } else { None },
        oauth_state: random.alphanumeric(32)?,
        provider: provider.options.id.clone(),
    };
    let url = authorization_url(provider, &wanted, &state, &redirect_uri(call, &provider.options.id));
    state::save(call, &state).await?;
    let answer = call.ok(&json!({ "url": url, "redirect": !wanted.stays }))?;
    Ok(if wanted.stays { answer } else { answer.with_header("location", location(&url)) })
}

/// The sign-in page, with what it must hand back. The parameters' order is the reference's.
fn authorization_url(provider: &Provider<'_>, wanted: &Wanted, state: &State, redirect_uri: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&state.code_verifier));
    let scopes = scopes(provider, wanted);
    let ours = [
        ("response_type", Some("code")),
        ("client_id", Some(provider.options.client_id.as_str())),
        ("state", Some(&state.oauth_state)),
        ("scope", Some(scopes.as_str()).filter(|scopes| !scopes.is_empty())),
        ("redirect_uri", Some(redirect_uri)),
        ("login_hint", wanted.login_hint.as_deref().filter(|hint| !hint.is_empty())),
        ("nonce", state.id_token_nonce.as_deref()),
        ("code_challenge_method", Some("S256")),
        ("code_challenge", Some(&challenge)),
        ("include_granted_scopes", Some("true").filter(|_| provider.options.kind == ProviderKind::Google)),
    ];
    let mut params: Vec<(&str, &str)> = ours.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    for (name, value) in &wanted.more {
        match params.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value,
            None => params.push((name, value)),
        }
    }
    // What the endpoint's own query has stays as it is written, but for what we set.
    let (endpoint, own) = provider.authorization.split_once('?').unwrap_or((&provider.authorization, ""));
    let is_ours = |pair: &str| {
        form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| params.iter().any(|(ours, _)| *ours == name))
    };
    let mut query: String =
        own.split('&').filter(|pair| !pair.is_empty() && !is_ours(pair)).map(|pair| format!("{pair}&")).collect();
    query += &Serializer::new(String::new()).extend_pairs(params).finish();
    format!("{endpoint}?{query}")
}

/// Source: Better Auth 1.7.25, `createAuthorizationURL` of each provider.
fn scopes(provider: &Provider<'_>, wanted: &Wanted) -> String {
    let (always, more) = (&provider.options.scopes, &wanted.scopes);
    let mut scopes: Vec<&str> = match provider.options.kind {
        ProviderKind::Google | ProviderKind::GitHub => always.iter().chain(more).map(String::as_str).collect(),
        ProviderKind::Issuer(_) => more.iter().chain(always).map(String::as_str).collect(),
    };
    if provider.is_openid() && !scopes.contains(&"openid") {
        scopes.insert(0, "openid");
    }
    scopes.join(" ")
}
