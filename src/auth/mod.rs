//! Better Auth's API: sign-up, sign-in, sessions, organizations.
use crate::{
    Result,
    access::App,
    api::{Request, Response},
};
use http::StatusCode;

/// Where the API lives; the official client's default.
pub const BASE_PATH: &str = "/api/auth";

/// Answers a request; `path` is without [`BASE_PATH`].
///
/// # Errors
/// Better Auth's own codes.
pub async fn answer(_app: &App, _request: &Request, _path: &str) -> Result<Response> {
    Ok(Response::empty(StatusCode::NOT_FOUND))
}
