//! Every door, by its path.
use crate::{
    Error, Result,
    access::App,
    api::{Request, Response},
    auth, rest,
};
use http::{Method, StatusCode};
use serde_json::json;

/// The OpenAPI document, made from the table of operations by a test. Making it here would cost 45 KB of schema code.
const OPENAPI: &[u8] = include_bytes!("../docs/openapi.json");

/// Answers a request. An error is an answer too; its cause is for the log.
pub async fn answer(app: &App, request: &Request) -> (Response, Option<Error>) {
    match route(app, request).await {
        Ok(response) => (response, None),
        Err(error) => ((&error).into(), Some(error)),
    }
}

async fn route(app: &App, request: &Request) -> Result<Response> {
    if request.body.len() > app.config.max_body_bytes {
        return Err(Error::PayloadTooLarge(app.config.max_body_bytes));
    }
    if let Some(path) = request.path.strip_prefix(auth::BASE_PATH)
        && (path.is_empty() || path.starts_with('/'))
    {
        return auth::answer(app, request, path).await;
    }
    match request.path.as_str() {
        "/api/health" => public(request, || Response::json(StatusCode::OK, &json!({ "status": "ok" }))),
        "/api/openapi.json" => public(request, || {
            let document = Response::json_bytes(StatusCode::OK, OPENAPI.to_vec());
            Ok(document.with_header("cache-control", "public, max-age=300"))
        }),
        _ => rest::answer(app, request).await,
    }
}

fn public(request: &Request, answer: impl FnOnce() -> Result<Response>) -> Result<Response> {
    if request.method == Method::GET { answer() } else { Err(Error::MethodNotAllowed { allow: "GET".into() }) }
}
