//! Better Auth's API: sign-up, sign-in, sessions, organizations.
//!
//! A request passes, in the reference's order: the rate limit (429), the route (404), the body (415, 400), the origin and the URLs that it
//! names (403), its fields (400), the session (401), the handler. Source: Better Auth 1.7.25 (wire spec §4.1).
use crate::{
    Error, Result,
    access::App,
    api::{Request, Response},
};
use http::StatusCode;

mod account;
mod attempt;
mod body;
mod cache;
mod call;
mod change_email;
mod code;
mod delete_user;
mod email_token;
mod input;
mod ip;
mod jar;
mod jwt;
pub mod links;
mod model;
pub mod organization;
mod origin;
mod page;
mod password;
pub mod purge;
pub mod rate_limit;
mod reset_password;
pub mod reset_sql;
pub mod routes;
mod session;
mod sign_in;
mod sign_up;
pub mod social;
pub mod sql;
mod user;
pub mod verification;
mod verify_email;

#[cfg(test)]
mod tests;

use call::Call;

/// Where the API lives; the official client's default.
pub const BASE_PATH: &str = "/api/auth";

/// Answers a request; `path` is without [`BASE_PATH`].
///
/// # Errors
/// What is not one of Better Auth's own answers: those are responses, for they may set cookies.
pub async fn answer(app: &App, request: &Request, path: &str) -> Result<Response> {
    if let Some(refusal) = rate_limit::check(app, request, path).await? {
        return Ok(refusal);
    }
    let Some((route, params)) = routes::find(&request.method, path) else {
        return Ok(Response::empty(StatusCode::NOT_FOUND));
    };
    let body = match body::read(request, route.takes_forms) {
        Ok(body) => body,
        Err(error) => return refusal(error),
    };
    if let Err(error) = origin::check(request, body.as_ref(), &app.config, app.runtime) {
        return refusal(error);
    }
    let mut call = Call::new(app, request, route.path, params, body);
    let answered = (route.handler)(&mut call).await;
    if let Err(Error::Auth(error)) = &answered {
        call.note_denial(error).await;
    }
    let response = answered.or_else(refusal)?;
    Ok(call.jar.put_on(response))
}

fn refusal(error: Error) -> Result<Response> {
    match error {
        Error::Auth(error) => Ok((&error).into()),
        other => Err(other),
    }
}
