//! `GET /ok` and `GET /error`.
use super::Call;
use crate::{Result, api::Response, config::Environment, html::escaped};
use http::StatusCode;
use serde_json::json;

/// `GET /ok`: `{"ok":true}`.
pub async fn ok(call: &mut Call<'_>) -> Result<Response> {
    call.ok(&json!({ "ok": true }))
}

/// `GET /error?error=&error_description=`: sends the reader home with both, in production; a page in development.
/// Source: Better Auth 1.7.25 (wire spec §5.24).
pub async fn error(call: &mut Call<'_>) -> Result<Response> {
    let given = call.request.query("error").unwrap_or_default();
    let is_code =
        !given.is_empty() && given.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\''));
    let code = if is_code { given } else { "UNKNOWN" };
    let description = call.request.query("error_description").filter(|text| !text.is_empty());
    if call.app.config.environment == Environment::Production {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("error", code).extend_pairs(description.map(|text| ("error_description", text)));
        return Ok(Response::empty(StatusCode::FOUND).with_header("location", format!("/?{}", query.finish())));
    }
    let (code, description) = (escaped(code), escaped(description.unwrap_or("Something went wrong.")));
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Error</title>\
         <h1>Error</h1><p><code>{code}</code></p><p>{description}</p><p><a href=\"/\">Home</a></p></html>"
    );
    Ok(Response::of_type(StatusCode::OK, "text/html", page.into()))
}
