//! What we ask of providers: JSON, over https.
use crate::{
    access::App,
    config::Environment,
    fetch::{Outgoing, TIMEOUT_MS},
};
use serde_json::Value;

/// Who we are: GitHub answers no one who does not say.
const USER_AGENT: &str = "orgscope";

/// The JSON at the URL, for the bearer of the token if there is one. Nothing if the provider gives anything else.
pub async fn get(app: &App, url: &str, token: Option<&str>) -> Option<Value> {
    let authorization = token.map(|token| ("authorization", format!("Bearer {token}")));
    send(app, url, authorization, None).await
}

/// The JSON that the form is answered with.
pub async fn post(app: &App, url: &str, form: String, authorization: Option<String>) -> Option<Value> {
    send(app, url, authorization.map(|value| ("authorization", value)), Some(form)).await
}

async fn send(
    app: &App,
    url: &str,
    authorization: Option<(&'static str, String)>,
    body: Option<String>,
) -> Option<Value> {
    if !is_secure(app, url) {
        return None;
    }
    let mut headers = vec![("accept", "application/json".to_owned()), ("user-agent", USER_AGENT.to_owned())];
    headers.extend(authorization);
    if body.is_some() {
        headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
    }
    let answer = app.fetch.fetch(Outgoing { url: url.to_owned(), headers, body, timeout_ms: TIMEOUT_MS }).await.ok()?;
    // A redirect is not followed: it could lead a secret elsewhere.
    if !(200..300).contains(&answer.status) {
        return None;
    }
    serde_json::from_slice(&answer.body).ok()
}

/// Whether no one on the way can read or change it: https, or, in development, this machine itself.
pub fn is_secure(app: &App, url: &str) -> bool {
    let Some(url) = (app.runtime.parse_url)(url) else { return false };
    let is_loopback = || {
        let host = match url.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => &url.host,
        };
        matches!(host, "localhost" | "127.0.0.1" | "[::1]")
    };
    match url.scheme.as_str() {
        "https" => !url.host.is_empty(),
        "http" => app.config.environment == Environment::Development && is_loopback(),
        _ => false,
    }
}
