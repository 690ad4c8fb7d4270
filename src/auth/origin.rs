//! Where a request may come from, and where it may send its reader.
//!
//! Source: Better Auth 1.7.25, `originCheckMiddleware` and `formCsrfMiddleware` (wire spec §4.2 to §4.4).
use super::{
    code::{
        CROSS_SITE_NAVIGATION_LOGIN_BLOCKED, INVALID_CALLBACK_URL, INVALID_ERROR_CALLBACK_URL,
        INVALID_NEW_USER_CALLBACK_URL, INVALID_REDIRECT_URL,
    },
    input::is_truthy,
};
use crate::{
    Result,
    api::{Request, origin, trusted},
    config::Config,
    error::AuthError,
    runtime::Runtime,
};
use serde_json::Value;

/// Field of the body, its name in the complaint about its type, and the answer if it leads elsewhere.
const URLS: &[(&str, &str, AuthError)] = &[
    ("callbackURL", "Invalid callbackURL: expected a string", INVALID_CALLBACK_URL),
    ("redirectTo", "Invalid redirectURL: expected a string", INVALID_REDIRECT_URL),
    ("errorCallbackURL", "Invalid errorCallbackURL: expected a string", INVALID_ERROR_CALLBACK_URL),
    ("newUserCallbackURL", "Invalid newUserCallbackURL: expected a string", INVALID_NEW_USER_CALLBACK_URL),
];

/// Checks every request that may change something, whatever its endpoint: its origin, and each URL that it names.
///
/// # Errors
/// `MISSING_OR_NULL_ORIGIN`, `INVALID_ORIGIN`, `INVALID_CALLBACK_URL` and its like, 403; 400 for a URL that is no text.
pub fn check(request: &Request, body: Option<&Value>, config: &Config, runtime: Runtime) -> Result<()> {
    if request.is_safe() {
        return Ok(());
    }
    origin::check(request, config, runtime)?;
    for (field, no_text, elsewhere) in URLS {
        let in_body = body.and_then(|body| body.get(field)).filter(|url| is_truthy(url));
        let url = match in_body {
            Some(Value::String(url)) => url,
            Some(_) => return Err(AuthError::without_code(400, no_text).into()),
            None if *field == "callbackURL" => request.query(field).unwrap_or_default(),
            None => continue,
        };
        check_url(url, elsewhere, request, config, runtime)?;
    }
    Ok(())
}

/// Checks where a link in a mail leads on, which a GET follows.
///
/// # Errors
/// `INVALID_CALLBACK_URL`, 403.
pub fn check_callback(url: &str, request: &Request, config: &Config, runtime: Runtime) -> Result<()> {
    check_url(url, &INVALID_CALLBACK_URL, request, config, runtime)
}

fn check_url(url: &str, elsewhere: &AuthError, request: &Request, config: &Config, runtime: Runtime) -> Result<()> {
    if url.is_empty() || trusted::is_safe_path(url) || origin::is_trusted(url, request, config, runtime) {
        Ok(())
    } else {
        Err(elsewhere.clone().into())
    }
}

/// For sign-in and sign-up, which need no cookie to do harm: a page elsewhere could sign its reader in as someone else.
/// Asked after the fields have been read.
///
/// # Errors
/// `CROSS_SITE_NAVIGATION_LOGIN_BLOCKED`, `MISSING_OR_NULL_ORIGIN`, `INVALID_ORIGIN`, 403.
pub fn check_sign_in(request: &Request, config: &Config, runtime: Runtime) -> Result<()> {
    let present = |name: &str| request.header(name).is_some_and(|value| !value.trim().is_empty());
    if request.header("cookie").is_some() {
        return Ok(());
    }
    let is_browser = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"].into_iter().any(present);
    if is_browser
        && request.header("sec-fetch-site") == Some("cross-site")
        && request.header("sec-fetch-mode") == Some("navigate")
    {
        return Err(CROSS_SITE_NAVIGATION_LOGIN_BLOCKED.into());
    }
    if is_browser || present("origin") || present("referer") {
        origin::require(request, config, runtime)
    } else {
        Ok(())
    }
}
