//! OAuth 2.1: an application acts for a person in one organization, as far as he has agreed to, and no further.
//!
//! The Worker is the authorization server of its own resources. Sources: OAuth 2.1 (draft-ietf-oauth-v2-1), RFC 7591
//! (registration), 7636 (PKCE), 8252 (loopback), 8414 and 9728 (metadata), 8707 (resource), 9207 (`iss`), 7009
//! (revocation), Client ID Metadata Documents, and the authorization of MCP 2026-07-28. What is made here is looked up by
//! the gate (`access`).
use crate::{
    Error, Result,
    access::App,
    api::{Request, Response},
    auth::rate_limit,
    rate_limit::Rule,
};
use http::Method;

mod asked;
mod client;
mod consent;
mod document;
mod error;
mod grant;
pub mod metadata;
pub mod operations;
mod page;
mod params;
pub mod purge;
mod redirect;
mod register;
mod scope;
pub mod server_sql;
mod sign_in;
pub mod sql;
#[cfg(test)]
mod tests;
mod token;

use error::{Code, Failure, Refusal};
pub use grant::OauthGrant;

/// Where a person is asked.
const AUTHORIZE: &str = "/oauth/authorize";
/// Where he signs in, if he has to, before he is asked.
const SIGN_IN: &str = "/oauth/sign-in";
/// Where a code or a refresh token is exchanged.
const TOKEN: &str = "/oauth/token";
/// Where an application gives a token back.
const REVOKE: &str = "/oauth/revoke";
/// Where an application registers.
const REGISTER: &str = "/oauth/register";

/// A registration makes a row that nobody has agreed to.
const REGISTRATIONS: Rule = Rule { window_s: 3600, max: 20 };
/// The rest.
const DEFAULT: Rule = Rule { window_s: 10, max: 100 };

/// The longest body of any of these endpoints, in bytes.
const MAX_BODY_BYTES: usize = 16 << 10;

/// Answers a request that is for the authorization server; nothing if it is not.
pub async fn answer(app: &App, request: &Request) -> Option<Result<Response>> {
    if let Some(document) = metadata::answer(app, request) {
        return Some(document);
    }
    let allow = match request.path.as_str() {
        AUTHORIZE => "GET, HEAD, POST",
        SIGN_IN | TOKEN | REVOKE | REGISTER => "POST",
        _ => return None,
    };
    if !allow.split(", ").any(|method| method == request.method.as_str()) {
        return Some(Err(Error::MethodNotAllowed { allow: allow.into() }));
    }
    Some(match endpoint(app, request).await {
        Ok(response) => Ok(response),
        // A person reads the one, a program the other.
        Err(Failure::Refused(refusal)) if [AUTHORIZE, SIGN_IN].contains(&request.path.as_str()) => {
            Ok(page::refused(&refusal))
        }
        Err(Failure::Refused(refusal)) => Ok(refusal.into()),
        Err(Failure::Broken(error)) => Err(error),
    })
}

async fn endpoint(app: &App, request: &Request) -> Result<Response, Failure> {
    request.within(MAX_BODY_BYTES)?;
    let rule = if request.path == REGISTER { REGISTRATIONS } else { DEFAULT };
    if let Some(wait_s) = rate_limit::take(app, request, &request.path, rule).await? {
        let refusal = Refusal::new(Code::TooManyRequests, "Too many requests. Try again later.");
        return Ok(Response::from(refusal).with_header("retry-after", wait_s.to_string()));
    }
    match request.path.as_str() {
        AUTHORIZE if request.method == Method::GET => consent::ask(app, request).await,
        AUTHORIZE => consent::decide(app, request).await,
        SIGN_IN => sign_in::sign_in(app, request).await,
        TOKEN => token::exchange(app, request).await,
        REVOKE => token::revoke(app, request).await,
        _ => register::register(app, request).await,
    }
}
