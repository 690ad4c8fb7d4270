//! Client ID Metadata Documents: an application's id is the URL of what it says of itself.
//!
//! Source: draft-ietf-oauth-client-id-metadata-document-00.
use super::{
    client::{Client, MAX_NAME_CHARS},
    error::{Code, Failure, Refusal},
    redirect, server_sql,
};
use crate::{
    access::App,
    config::Environment,
    fetch::{Outgoing, TIMEOUT_MS},
    runtime::{Runtime, Url},
};
use serde::Deserialize;

/// How long what it says is taken for true, in seconds.
const KEPT_S: i64 = 300;
/// The longest document, in bytes; the draft advises 5 KB.
const MAX_BYTES: usize = 16 << 10;

/// What a document says. Other fields are for others.
#[derive(Deserialize)]
struct Document {
    client_id: String,
    client_name: Option<String>,
    redirect_uris: Vec<String>,
    token_endpoint_auth_method: Option<String>,
    client_secret: Option<serde_json::Value>,
}

/// Reads the document at the URL, and keeps what it says for a while. Who asks for this is signed in, for it costs a request
/// to a server that he chooses.
///
/// # Errors
/// `invalid_client`: a URL that is not fetched, a server that does not answer with 200, or a document that does not fit.
pub async fn read(app: &App, id: &str) -> Result<Client, Failure> {
    if !is_fetched(id, app) {
        return Err(refusal("The client_id is no URL of a metadata document: https, a public host, a path.").into());
    }
    let headers = vec![("accept", "application/json".to_owned())];
    let answer = app.fetch.fetch(Outgoing { url: id.to_owned(), headers, body: None, timeout_ms: TIMEOUT_MS }).await;
    let answer = answer.ok().filter(|answer| answer.status == 200 && answer.body.len() <= MAX_BYTES);
    let answer = answer.ok_or_else(|| refusal("The metadata document of the client could not be read."))?;
    let document = serde_json::from_slice(&answer.body).map_err(|_| refusal("The metadata document does not fit."))?;
    let client = checked(document, id, app)?;
    app.identity().run(server_sql::KEEP_DOCUMENT.bind(client.row(app.now)?)).await?;
    Ok(client)
}

fn checked(document: Document, id: &str, app: &App) -> Result<Client, Refusal> {
    let host = (app.runtime.parse_url)(id).map(|url| url.host).unwrap_or_default();
    let name = document.client_name.filter(|name| !name.trim().is_empty()).unwrap_or(host);
    let is_public =
        document.client_secret.is_none() && document.token_endpoint_auth_method.is_none_or(|method| method == "none");
    let uris = &document.redirect_uris;
    let are_taken =
        (1..=redirect::MAX).contains(&uris.len()) && uris.iter().all(|uri| redirect::is_taken(uri, app.runtime));
    if document.client_id != id {
        Err(refusal("The metadata document is about another client_id than its URL."))
    } else if !is_public {
        Err(refusal("The client must be public: token_endpoint_auth_method none, and no secret."))
    } else if !are_taken || name.chars().count() > MAX_NAME_CHARS {
        Err(refusal("The metadata document has a name or a redirect URI that is not taken."))
    } else {
        let redirect_uris = document.redirect_uris;
        Ok(Client { id: id.to_owned(), name, redirect_uris, expires_at: app.now.plus_s(KEPT_S) })
    }
}

fn refusal(description: &'static str) -> Refusal {
    Refusal::new(Code::InvalidClient, description)
}

/// Whether a document is fetched from there: by https from a name of the public Internet, on its usual port. No redirect is
/// followed. In development, by http from a loopback address as well.
fn is_fetched(id: &str, app: &App) -> bool {
    let Some((url, rest)) = parsed(id, app.runtime) else { return false };
    let path = rest.split('?').next().unwrap_or_default();
    let has_path = path.len() > 1 && !path.split('/').any(|segment| matches!(segment, "." | ".."));
    let is_loopback = || {
        let host = url.host.split(':').next().unwrap_or_default();
        app.config.environment == Environment::Development
            && url.scheme == "http"
            && matches!(host, "localhost" | "127.0.0.1")
    };
    has_path && (url.scheme == "https" && is_public(&url.host) || is_loopback())
}

/// The URL, and its path and query, if it is written as it is read: no other case, no user information, no escapes that a
/// parser resolves.
fn parsed(id: &str, runtime: Runtime) -> Option<(Url, &str)> {
    let is_plain = id.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'\\' | b'@'));
    let url = (runtime.parse_url)(id).filter(|_| is_plain)?;
    let rest = id.strip_prefix(&url.origin())?;
    (rest.starts_with('/') && !path_of(rest).to_ascii_lowercase().contains("%2e")).then_some((url, rest))
}

fn path_of(rest: &str) -> &str {
    rest.split('?').next().unwrap_or_default()
}

/// Whether the host is a name in the public DNS, and no port is said.
fn is_public(host: &str) -> bool {
    const PRIVATE: &[&str] =
        &["localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "test", "invalid", "onion"];
    let labels: Vec<_> = host.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    labels.len() > 1
        && !host.contains([':', '[', '%'])
        && labels.iter().all(|label| !label.is_empty())
        // The last label of an IPv4 address has digits alone, in whatever way it is written.
        && top.starts_with(|c: char| c.is_ascii_alphabetic())
        && !PRIVATE.contains(&top)
}
