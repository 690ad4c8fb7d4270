//! Which session a request claims: the signed cookie, or a bearer token.
//!
//! Source: Better Auth 1.7.25, `getSignedCookie` and the bearer plugin (wire spec §2.3 and §5.25).
use crate::{
    api::{
        Request,
        cookie::{self, Cookie},
    },
    config::Config,
};

/// A session token has 32 characters; whatever is far longer is not looked up.
const MAX_TOKEN_BYTES: usize = 256;

/// The token of the session that the request claims. A bearer token counts before the cookie, unless it is signed and
/// its signature is wrong.
#[must_use]
pub fn session_token(request: &Request, config: &Config) -> Option<String> {
    let token = bearer_token(request, config).or_else(|| signed_cookie(request, config, Cookie::SessionToken));
    token.filter(|token| !token.is_empty() && token.len() <= MAX_TOKEN_BYTES)
}

/// The payload of one of our signed cookies, if its signature is good.
#[must_use]
pub fn signed_cookie(request: &Request, config: &Config, which: Cookie) -> Option<String> {
    let value = cookie::read(request.header("cookie")?, &which.name(config))?;
    cookie::verify(&value, &config.secret)
}

/// `Authorization: Bearer <token>`: a session token as it is, or `token.signature`, raw or percent-encoded.
fn bearer_token(request: &Request, config: &Config) -> Option<String> {
    let (scheme, token) = request.header("authorization")?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let token = token.trim();
    if token.contains('.') { cookie::verify(&cookie::decode(token), &config.secret) } else { Some(token.to_owned()) }
}
