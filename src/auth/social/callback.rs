//! `callback/:id`: a user comes back from his provider.
use super::{
    link::is_same_address,
    profile::Profile,
    provider::{Provider, Tokens},
    redirect_uri,
    resolve::{self, Linked, Vouched},
    state::{self, Brought, Link, State},
};
use crate::{
    Error, Result,
    api::Response,
    auth::{
        call::Call,
        input::{ANY, Fields, Root},
    },
};
use form_urlencoded::Serializer;

/// The parameters that a provider may send, in the reference's order.
const PARAMETERS: [&str; 7] = ["code", "error", "device_id", "error_description", "state", "user", "iss"];

/// Why a user is sent to where he is told that it failed.
enum Stop {
    /// For this reason, and in the provider's words.
    Refused(String, Option<String>),
    /// It is not his failure.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

fn refuse(code: &str) -> Stop {
    Stop::Refused(code.to_owned(), None)
}

/// `POST /callback/:id`: the same as a GET, for providers that answer with a form. A cross-site form comes without
/// cookies, so it is sent on to where the browser brings them.
pub async fn post_callback(call: &mut Call<'_>) -> Result<Response> {
    let (body, query) = (call.body(Root::OptionalObject, read)?, call.query(read)?);
    let mut params = Serializer::new(String::new());
    for ((name, body), query) in PARAMETERS.into_iter().zip(body).zip(query) {
        params.extend_pairs(query.or(body).map(|value| (name, value)));
    }
    Ok(call.redirect(&format!("{}?{}", redirect_uri(call, call.param("id")), params.finish())))
}

fn read(fields: &mut Fields<'_>) -> [Option<String>; 7] {
    PARAMETERS.map(|name| fields.optional_text(name, ANY))
}

/// `GET /callback/:id?code&state&iss`: exchanges the code, signs the user in or links the account, and sends him on to
/// where he wanted to go; or, with `error=`, to where he wanted to be told.
pub async fn callback(call: &mut Call<'_>) -> Result<Response> {
    let [code, error, _, description, given, _, issuer] = call.query(read)?;
    let error_page = call.endpoint("/error");
    let Some(given) = given.filter(|state| !state.is_empty()) else {
        return Ok(call.redirect(&with_error(&error_page, "state_not_found", None)));
    };
    let state = match state::consume(call, &given).await? {
        Brought::Good(state) => state,
        Brought::Bad(error_url) => {
            let page = error_url.as_deref().unwrap_or(&error_page);
            return Ok(call.redirect(&with_error(page, "state_mismatch", None)));
        }
    };
    let done = match (error.filter(|error| !error.is_empty()), code.filter(|code| !code.is_empty())) {
        (Some(error), _) => Err(Stop::Refused(error, description)),
        (None, None) => Err(refuse("no_code")),
        (None, Some(code)) => finish(call, &state, &code, issuer.as_deref()).await,
    };
    match done {
        Ok(url) => Ok(call.redirect(&url)),
        Err(Stop::Failed(error)) => Err(error),
        Err(Stop::Refused(code, description)) => {
            let page = state.error_url.as_deref().unwrap_or(&error_page);
            Ok(call.redirect(&with_error(page, &code, description.as_deref())))
        }
    }
}

/// Where the user goes on to.
async fn finish(call: &mut Call<'_>, state: &State, code: &str, issuer: Option<&str>) -> Result<String, Stop> {
    let id = call.param("id").to_owned();
    if state.provider != id {
        // He was sent to another provider, whose code this one is to exchange (RFC 9700 §4.4).
        return Err(refuse("state_mismatch"));
    }
    let provider = Provider::find(call.app, &id).await.ok_or_else(|| refuse("oauth_provider_not_found"))?;
    let (tokens, profile) = exchange(call, &provider, state, code, issuer).await?;
    let vouched = Vouched {
        provider: provider.options,
        tokens: &tokens,
        profile: &profile,
        scope: Some(tokens.scopes.join(",")),
    };
    match &state.link {
        Some(link) => {
            finish_link(call, &vouched, link).await?;
            Ok(state.callback_url.clone())
        }
        None => finish_sign_in(call, &vouched, state).await,
    }
}

async fn exchange(
    call: &Call<'_>,
    provider: &Provider<'_>,
    state: &State,
    code: &str,
    issuer: Option<&str>,
) -> Result<(Tokens, Profile), Stop> {
    match issuer.filter(|issuer| !issuer.is_empty()) {
        Some(issuer) if provider.is_openid() && !provider.issuers.iter().any(|ours| ours == issuer) => {
            return Err(refuse("issuer_mismatch"));
        }
        None if provider.says_issuer => return Err(refuse("issuer_missing")),
        _ => {}
    }
    if provider.is_openid() && state.id_token_nonce.is_none() {
        return Err(refuse("nonce_binding_missing"));
    }
    let redirect_uri = redirect_uri(call, &provider.options.id);
    let tokens = provider.exchange(call.app, code, &state.code_verifier, &redirect_uri).await;
    let tokens = tokens.ok_or_else(|| refuse("invalid_code"))?;
    let profile = provider.profile(call.app, &tokens, state.id_token_nonce.as_deref()).await;
    let profile = profile.ok_or_else(|| refuse("unable_to_get_user_info"))?;
    Ok((tokens, profile))
}

async fn finish_sign_in(call: &mut Call<'_>, vouched: &Vouched<'_>, state: &State) -> Result<String, Stop> {
    let email = vouched.profile.email.as_deref().ok_or_else(|| refuse("email_not_found"))?;
    match resolve::sign_in(call, vouched, email, state.request_sign_up == Some(true)).await? {
        Ok(signed_in) => {
            signed_in.hand_out(call);
            let new_user_url = state.new_user_url.as_ref().filter(|_| signed_in.is_new);
            Ok(new_user_url.unwrap_or(&state.callback_url).clone())
        }
        Err(why) => Err(refuse(&why.replace(' ', "_"))),
    }
}

async fn finish_link(call: &Call<'_>, vouched: &Vouched<'_>, link: &Link) -> Result<(), Stop> {
    let is_vouched = vouched.may_link() && call.app.config.social.linking.enabled;
    let email = vouched.profile.email.as_deref().unwrap_or_default();
    let is_same = is_same_address(call, email, &link.email);
    let may = is_vouched && is_same;
    match resolve::link(call, vouched, (&link.user_id, &link.session_id), (may, may)).await? {
        Linked::Over => Err(refuse("unable_to_link_account")),
        _ if !is_vouched => Err(refuse("unable_to_link_account")),
        _ if !is_same => Err(refuse("email_does_not_match")),
        Linked::Done => Ok(()),
        Linked::Others => Err(refuse("account_already_linked_to_different_user")),
        Linked::Not => Err(refuse("unable_to_link_account")),
    }
}

/// The URL with one more parameter or two, before its fragment.
fn with_error(url: &str, code: &str, description: Option<&str>) -> String {
    let mut params = Serializer::new(String::new());
    params.append_pair("error", code);
    params.extend_pairs(description.filter(|text| !text.is_empty()).map(|text| ("error_description", text)));
    let (page, fragment) = url.split_once('#').map_or((url, String::new()), |(page, rest)| (page, format!("#{rest}")));
    let joint = match page.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{page}{joint}{}{fragment}", params.finish())
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_error_goes_before_the_fragment_and_behind_the_query() {
        for (url, expected) in [
            ("/x", "/x?error=a+b"),
            ("/x?", "/x?error=a+b"),
            ("/x?y=1", "/x?y=1&error=a+b"),
            ("/x?y=1&", "/x?y=1&error=a+b"),
            ("https://a.co/x#top?z", "https://a.co/x?error=a+b#top?z"),
        ] {
            assert_eq!(super::with_error(url, "a b", None), expected);
        }
        assert_eq!(super::with_error("/x", "a", Some("no & no")), "/x?error=a&error_description=no+%26+no");
    }
}
