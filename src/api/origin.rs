//! May a request that carries cookies come from where it says it comes from?
//!
//! Source: Better Auth 1.7.25, `originCheckMiddleware` (wire spec §4.2).
use super::Request;
use crate::{Result, config::Config, error::AuthError};

const MISSING_OR_NULL_ORIGIN: AuthError = AuthError::new(403, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin");
const INVALID_ORIGIN: AuthError = AuthError::new(403, "INVALID_ORIGIN", "Invalid origin");

/// Refuses a change that a browser sends, with cookies, from an origin that is not trusted. A request without cookies
/// carries no authority that another site could borrow, and passes.
///
/// # Errors
/// Better Auth's `MISSING_OR_NULL_ORIGIN` or `INVALID_ORIGIN`, both 403.
pub fn check(request: &Request, config: &Config) -> Result<()> {
    if request.is_safe() || request.header("cookie").is_none() {
        return Ok(());
    }
    require(request, config)
}

/// Refuses a request whose `Origin`, or `Referer` without one, is not trusted.
///
/// # Errors
/// As [`check`].
pub fn require(request: &Request, config: &Config) -> Result<()> {
    let own = config.base_url.as_deref().unwrap_or(&request.origin);
    let given = match request.header("origin").or_else(|| request.header("referer")) {
        Some("null") if request.header("sec-fetch-site") == Some("same-origin") => own,
        Some(given) if !given.is_empty() && given != "null" => given,
        _ => return Err(MISSING_OR_NULL_ORIGIN.into()),
    };
    if is_trusted(given, own, config) { Ok(()) } else { Err(INVALID_ORIGIN.into()) }
}

/// Whether the URL's origin is our own or one of the trusted ones.
#[must_use]
pub fn is_trusted(url: &str, own: &str, config: &Config) -> bool {
    let origin = origin_of(url);
    origin == own || config.trusted_origins.iter().any(|trusted| *trusted == origin)
}

fn origin_of(url: &str) -> &str {
    let host_from = url.find("://").map_or(0, |at| at + 3);
    let path = url.get(host_from..).and_then(|rest| rest.find(['/', '?', '#']));
    path.and_then(|at| url.get(..host_from + at)).unwrap_or(url)
}
