//! Answers that a page of another origin may read (CORS): of the trusted origins, and no other.
//!
//! Source: the Fetch Standard §3.2. The reference leaves this to its host.
use super::{Request, Response, origin};
use crate::{config::Config, runtime::Runtime};
use http::{Method, StatusCode};

const METHODS: &str = "GET, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str = "content-type, authorization, x-organization-id, if-match, idempotency-key, \
    mcp-protocol-version, mcp-method, mcp-name, x-orgscope-tools";
const RESPONSE_HEADERS: &str = "set-auth-token, x-retry-after, etag, location, www-authenticate";
const EXPOSE: &str = "access-control-expose-headers";
/// Seconds for which a browser need not ask again; Chrome takes no more.
const MAX_AGE_S: &str = "7200";

/// The answer to a browser that asks what a page of another origin may send: nothing, unless the origin is trusted; then
/// the request is answered as any other.
#[must_use]
pub fn preflight(request: &Request, config: &Config, runtime: Runtime) -> Option<Response> {
    let asks = request.method == Method::OPTIONS && request.header("access-control-request-method").is_some();
    foreign(request, config, runtime).filter(|_| asks)?;
    let allowed = Response::empty(StatusCode::NO_CONTENT)
        .with_header("access-control-allow-methods", METHODS)
        .with_header("access-control-allow-headers", REQUEST_HEADERS)
        .with_header("access-control-max-age", MAX_AGE_S);
    Some(share(allowed, request, config, runtime))
}

/// Lets a page of a trusted origin read the answer. A cache keeps an answer by the origin that it was for.
#[must_use]
pub fn share(mut response: Response, request: &Request, config: &Config, runtime: Runtime) -> Response {
    if let Some(origin) = foreign(request, config, runtime) {
        response.headers.retain(|(name, _)| *name != EXPOSE);
        response = response
            .with_header("access-control-allow-origin", origin)
            .with_header("access-control-allow-credentials", "true")
            .with_header(EXPOSE, RESPONSE_HEADERS);
    }
    if config.trusted_origins.is_empty() && config.base_url.is_none() {
        response
    } else {
        response.with_header("vary", "origin")
    }
}

/// The origin of the page that sends the request, if it is another than the one it sends to, and trusted.
fn foreign<'a>(request: &'a Request, config: &Config, runtime: Runtime) -> Option<&'a str> {
    let given = request.header("origin").filter(|given| *given != request.origin)?;
    origin::is_trusted(given, request, config, runtime).then_some(given)
}
