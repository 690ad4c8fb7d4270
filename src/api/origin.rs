//! May a request that carries cookies come from where it says it comes from?
//!
//! Source: Better Auth 1.7.25, `originCheckMiddleware` (wire spec §4.2).
use super::{Request, trusted};
use crate::{Result, config::Config, error::AuthError, runtime::Runtime};

const MISSING_OR_NULL_ORIGIN: AuthError = AuthError::new(403, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin");
const INVALID_ORIGIN: AuthError = AuthError::new(403, "INVALID_ORIGIN", "Invalid origin");

/// Refuses a change that a browser sends, with cookies, from an origin that is not trusted. A request without cookies
/// carries no authority that another site could borrow, and passes.
///
/// # Errors
/// Better Auth's `MISSING_OR_NULL_ORIGIN` or `INVALID_ORIGIN`, both 403.
pub fn check(request: &Request, config: &Config, runtime: Runtime) -> Result<()> {
    if request.is_safe() || request.header("cookie").is_none() {
        return Ok(());
    }
    require(request, config, runtime)
}

/// Refuses a request whose `Origin`, or `Referer` without one, is not trusted.
///
/// # Errors
/// As [`check`].
pub fn require(request: &Request, config: &Config, runtime: Runtime) -> Result<()> {
    let present = |name: &str| request.header(name).filter(|value| !value.is_empty());
    let given = match present("origin").or_else(|| present("referer")) {
        // The browser vouches that the page is of the host that it sends to, though it hides the origin.
        Some("null") if request.header("sec-fetch-site") == Some("same-origin") => &request.origin,
        Some(given) if given != "null" => given,
        _ => return Err(MISSING_OR_NULL_ORIGIN.into()),
    };
    if is_trusted(given, request, config, runtime) { Ok(()) } else { Err(INVALID_ORIGIN.into()) }
}

/// Whether the URL's origin is our own or matches one of the trusted ones. A relative URL has no origin.
#[must_use]
pub fn is_trusted(url: &str, request: &Request, config: &Config, runtime: Runtime) -> bool {
    let own = config.base_url.as_deref().unwrap_or(&request.origin);
    // Written as URLs write it: in lower case, without the default port.
    let own = (runtime.parse_url)(own).map_or_else(|| own.to_owned(), |own| own.origin());
    trusted::matches(url, &own, runtime)
        || config.trusted_origins.iter().any(|pattern| trusted::matches(url, pattern, runtime))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;

    fn config() -> Config {
        let vars = [
            ("BETTER_AUTH_SECRET", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"),
            ("BETTER_AUTH_TRUSTED_ORIGINS", "https://app.example.com, https://*.wild.com, myapp://"),
        ];
        Config::read(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).into())).unwrap()
    }

    fn verdict(method: Method, headers: &[(&str, &str)]) -> Result<(), &'static str> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request { method, origin: "https://api.example.com".into(), headers, ..Request::default() };
        check(&request, &config(), Runtime::for_tests()).map_err(|error| match error {
            crate::Error::Auth(AuthError { code: Some(code), .. }) => code,
            other => panic!("{other}"),
        })
    }

    /// Wire spec §4.2.
    #[test]
    fn a_change_with_cookies_comes_from_a_trusted_origin() {
        const COOKIE: (&str, &str) = ("cookie", "theme=dark");
        for (headers, expected) in [
            (&[COOKIE, ("origin", "https://api.example.com")][..], Ok(())),
            (&[COOKIE, ("origin", "https://app.example.com")], Ok(())),
            (&[COOKIE, ("origin", "https://x.wild.com")], Ok(())),
            (&[COOKIE, ("origin", "myapp://")], Ok(())),
            (&[COOKIE, ("referer", "https://app.example.com/a?b")], Ok(())),
            (&[COOKIE, ("origin", "null"), ("sec-fetch-site", "same-origin")], Ok(())),
            (&[("authorization", "Bearer x"), ("origin", "https://evil.com")], Ok(())),
            (&[COOKIE], Err("MISSING_OR_NULL_ORIGIN")),
            (&[COOKIE, ("origin", "null")], Err("MISSING_OR_NULL_ORIGIN")),
            (&[COOKIE, ("origin", "null"), ("sec-fetch-site", "cross-site")], Err("MISSING_OR_NULL_ORIGIN")),
            (&[COOKIE, ("origin", "https://evil.com")], Err("INVALID_ORIGIN")),
            (&[COOKIE, ("origin", "https://evil.com"), ("referer", "https://app.example.com")], Err("INVALID_ORIGIN")),
            (&[COOKIE, ("origin", "/")], Err("INVALID_ORIGIN")),
            (&[COOKIE, ("origin", "https://api.example.com.evil.com")], Err("INVALID_ORIGIN")),
        ] {
            assert_eq!(verdict(Method::POST, headers), expected, "{headers:?}");
        }
        assert_eq!(verdict(Method::GET, &[COOKIE]), Ok(()), "a read changes nothing");
    }
}
