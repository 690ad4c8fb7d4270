//! Every door, by its path.
use crate::{
    Error, Result,
    access::App,
    agent,
    api::{Request, Response, cors},
    auth, delivery, mcp, oauth, rest,
};
use http::{Method, StatusCode};
use serde_json::json;

/// The OpenAPI document, made from the table of operations by a test. Making it here would cost 45 KB of schema code.
const OPENAPI: &[u8] = include_bytes!("../docs/openapi.json");

/// Development's mails, `?to=` an address or all: `[{"to","subject","text","html"}]`, the oldest first.
const OUTBOX: &str = "/__dev/outbox";

/// Answers a request. An error is an answer too; its cause is for the log. A HEAD is answered as a GET without the body
/// (RFC 9110 §9.3.2), but by Better Auth's API, which knows none. A page of a trusted origin may read every answer.
pub async fn answer(app: &App, request: &Request) -> (Response, Option<Error>) {
    if let Some(preflight) = cors::preflight(request, &app.config, app.runtime) {
        return (preflight, None);
    }
    let (response, error) = answer_here(app, request).await;
    (cors::share(response, request, &app.config, app.runtime), error)
}

async fn answer_here(app: &App, request: &Request) -> (Response, Option<Error>) {
    if request.method == Method::HEAD && auth_path(request).is_none() {
        let request = Request { method: Method::GET, ..request.clone() };
        let (response, error) = answer_any(app, &request).await;
        return (Response { body: vec![], rest: None, ..response }, error);
    }
    answer_any(app, request).await
}

async fn answer_any(app: &App, request: &Request) -> (Response, Option<Error>) {
    let answered = if request.path != mcp::PATH {
        route(app, request).await
    } else if let Err(error) = request.within(app.config.max_body_bytes) {
        Err(error)
    } else {
        let (response, error) = mcp::answer(app, request).await;
        return (challenged(response, error.as_ref(), app, request), error);
    };
    match answered {
        Ok(response) => (response, None),
        Err(error) => (challenged((&error).into(), Some(&error), app, request), Some(error)),
    }
}

/// Tells whose credential is refused how to get another. A tool's error is a result, and refuses none.
fn challenged(response: Response, error: Option<&Error>, app: &App, request: &Request) -> Response {
    match error {
        Some(error) if !response.status.is_success() => oauth::metadata::challenge(response, app, request, error),
        _ => response,
    }
}

async fn route(app: &App, request: &Request) -> Result<Response> {
    if let Some(path) = auth_path(request) {
        request.within(app.config.max_body_bytes)?;
        return auth::answer(app, request, path).await;
    }
    if let Some(answered) = oauth::answer(app, request).await {
        return answered;
    }
    if let Some(path) = agent::path_of(request) {
        return agent::answer(app, request, path).await;
    }
    match request.path.as_str() {
        delivery::recipient::PATH => delivery::recipient::answer(app, request).await,
        "/api/health" => public(request, || Response::json(StatusCode::OK, &json!({ "status": "ok" }))),
        "/api/openapi.json" => public(request, || {
            let document = Response::json_bytes(StatusCode::OK, OPENAPI.to_vec());
            Ok(document.with_header("cache-control", "public, max-age=300"))
        }),
        path => match app.outbox().filter(|_| path == OUTBOX) {
            Some(mails) => public(request, || Response::json(StatusCode::OK, &mails.to(request.query("to")))),
            None => rest::answer(app, request).await,
        },
    }
}

/// What follows the base path, if it is one of Better Auth's API.
fn auth_path(request: &Request) -> Option<&str> {
    request.path.strip_prefix(auth::BASE_PATH).filter(|path| path.is_empty() || path.starts_with('/'))
}

fn public(request: &Request, answer: impl FnOnce() -> Result<Response>) -> Result<Response> {
    if request.method == Method::GET { answer() } else { Err(Error::MethodNotAllowed { allow: "GET, HEAD".into() }) }
}
