//! The REST door: an operation's input from path, query and body; its answer as JSON.
mod body;
#[cfg(test)]
mod tests;

use crate::{
    Error, Result,
    access::{self, App, Door},
    api::{Request, Response, origin},
    operation::{Input, Operation},
    operations, path,
    policy::Action,
    time::Timestamp,
};
use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// Answers a request for an operation.
///
/// # Errors
/// The operation's, and those of a request that is none: see `api::codes`.
pub async fn answer(app: &App, request: &Request) -> Result<Response> {
    let (operation, params) = find(request)?;
    let rows = if operation.takes_rows { body::rows(request) } else { None };
    if rows.is_none() {
        request.within(app.config.max_body_bytes)?;
    }
    origin::check(request, &app.config, app.runtime)?;
    let cx = access::enter(app, request, Door::Rest).await?;
    let answer = operation
        .call(&cx, || {
            let fields = input(operation, request, params, rows.is_some())?;
            let rows = rows.map(|format| body::upload(format, request, app.config.max_upload_bytes)).transpose()?;
            Ok(Input { fields, rows })
        })
        .await?;
    let created = operation.permission.is_some_and(|p| p.action == Action::Create);
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let is_known = |tag: &str| {
        request.method == Method::GET && request.header("if-none-match").is_some_and(|known| knows(known, tag))
    };
    let mut response = match &answer.tag {
        Some(tag) if is_known(tag) => Response::empty(StatusCode::NOT_MODIFIED),
        _ => Response { rest: answer.rest, ..Response::of_type(status, answer.media, answer.body) },
    }
    .with_header("cache-control", "no-store");
    if let Some(file) = answer.file {
        response = response.with_header("content-disposition", attachment(&file));
    }
    Ok(match answer.tag {
        Some(tag) => response.with_header("etag", tag),
        None => response,
    })
}

/// Whether the caller has that answer: by the weak comparison (RFC 9110 §8.8.3.2), as §13.1.2 asks.
fn knows(known: &str, tag: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        let tag = tag.trim();
        tag.strip_prefix("W/").unwrap_or(tag)
    }
    known.trim() == "*" || known.split(',').any(|one| opaque(one) == opaque(tag))
}

/// `attachment`, with the file's name as RFC 6266 writes one that may have any letters.
fn attachment(file: &str) -> String {
    format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(file, NON_ALPHANUMERIC))
}

type Params = Vec<(&'static str, String)>;

fn find(request: &Request) -> Result<(&'static Operation, Params)> {
    let on_path = operations::all().filter_map(|o| Some((o, path::params(o.path, &request.path)?)));
    let on_path: Vec<_> = on_path.collect();
    if on_path.is_empty() {
        return Err(Error::NoSuchRoute);
    }
    let allow: Vec<_> = on_path.iter().map(|(o, _)| o.method.as_str()).collect();
    // `routes` makes a GET of a HEAD.
    let allow = allow.join(", ").replace("GET", "GET, HEAD");
    let found = on_path.into_iter().find(|(o, _)| o.method == request.method);
    found.ok_or(Error::MethodNotAllowed { allow })
}

/// One object from all the places that a request can say something in; nothing may be said twice.
fn input(operation: &Operation, request: &Request, params: Params, has_rows: bool) -> Result<Value> {
    let mut input = if has_rows { Map::new() } else { body::read(request)? };
    let mut add = |name: &str, value: String| match input.insert(name.to_owned(), Value::String(value)) {
        None => Ok(()),
        Some(_) => Err(Error::invalid(name.to_owned(), "is given twice")),
    };
    if operation.takes_rows
        && let Some(key) = request.header("idempotency-key")
    {
        add("idempotencyKey", key.to_owned())?;
    }
    for (name, value) in params {
        add(name, value)?;
    }
    for (name, value) in &request.query {
        add(name, value.clone())?;
    }
    if operation.method != Method::GET
        && let Some(tag) = request.header("if-match").map(str::trim).filter(|tag| *tag != "*")
    {
        add("updatedAt", version(tag).ok_or(Error::Stale(row(operation)))?.to_string())?;
    }
    Ok(Value::Object(input))
}

/// The version that an `ETag` of ours has. Strong or weak, for a proxy that compresses makes ours weak. No other tag, and
/// no list of tags, matches a row.
fn version(tag: &str) -> Option<Timestamp> {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').parse().ok()
}

fn row(operation: &Operation) -> &'static str {
    operation.permission.map_or("row", |permission| permission.resource.word())
}
