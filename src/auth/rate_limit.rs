//! How often a client may ask Better Auth's API, decided before anything else is done for him.
//!
//! Source: Better Auth 1.7.25, `onRequestRateLimit` (wire spec §4.6).
use super::{ip, routes};
use crate::{
    Error, Result,
    access::App,
    api::{Request, Response},
    error::AuthError,
    rate_limit::Rule,
};

const TOO_MANY_REQUESTS: AuthError = AuthError::without_code(429, "Too many requests. Please try again later.");

/// Where passwords are tried and users are made.
const STRICT: Rule = Rule { window_s: 10, max: 3 };
/// What sends mail.
const MAIL: Rule = Rule { window_s: 60, max: 3 };
/// The rest.
const DEFAULT: Rule = Rule { window_s: 10, max: 100 };

/// All clients whose address is unknown are one.
const NO_TRUSTED_IP: &str = "no-trusted-ip";

/// The answer to one request too many: 429, with the seconds to wait in `X-Retry-After`.
///
/// # Errors
/// `Misconfigured` if requests are to be counted and nothing counts them: then none is answered.
pub async fn check(app: &App, request: &Request, path: &str) -> Result<Option<Response>> {
    let (bucket, rule) = bucket(path);
    let wait_s = take(app, request, &bucket, rule).await?;
    Ok(wait_s.map(|s| Response::from(&TOO_MANY_REQUESTS).with_header("x-retry-after", s.to_string())))
}

/// Counts a request of its client in that bucket: the seconds to wait if it is one too many.
///
/// # Errors
/// `Misconfigured` if requests are to be counted and nothing counts them.
pub async fn take(app: &App, request: &Request, bucket: &str, rule: Rule) -> Result<Option<u32>> {
    if !app.config.rate_limit {
        return Ok(None);
    }
    let limiter = app.limiter.as_deref().ok_or_else(|| {
        Error::Misconfigured(
            "The binding RATE_LIMITER is missing in wrangler.toml. RATE_LIMIT=false does without.".into(),
        )
    })?;
    let address = ip::address(request);
    let client = if address.is_empty() { NO_TRUSTED_IP } else { &address };
    limiter.take(client, bucket, rule).await
}

/// Where a request to the path is counted, and by which rule. What is no route shares a bucket with all that is none: a
/// client cannot make us remember the paths that he makes up.
fn bucket(path: &str) -> (String, Rule) {
    let path = path.trim_end_matches('/');
    let rule = rule(path);
    let route = routes::template(path).map(str::to_owned);
    (route.unwrap_or_else(|| format!("*{}/{}", rule.max, rule.window_s)), rule)
}

fn rule(path: &str) -> Rule {
    let begins = |starts: &[&str]| starts.iter().any(|start| path.starts_with(start));
    if begins(&["/sign-in", "/sign-up", "/change-password", "/change-email"]) {
        STRICT
    } else if ["/request-password-reset", "/send-verification-email"].contains(&path) || begins(&["/forget-password"]) {
        MAIL
    } else {
        DEFAULT
    }
}
