//! `POST /oauth/register`: an application makes itself known (RFC 7591), as a public client.
use super::{
    client::{Client, MAX_NAME_CHARS},
    error::{Code, Failure, Refusal},
    redirect, server_sql,
};
use crate::{
    Result,
    access::App,
    api::{Request, Response},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

/// How long a client is kept that nobody has agreed to, in seconds.
const KEPT_S: i64 = 86_400;
/// How many of those there may be.
const MAX_UNUSED: i64 = 10_000;

/// What an application says of itself. Other metadata are not kept.
#[derive(Deserialize)]
struct Metadata {
    redirect_uris: Vec<String>,
    client_name: Option<String>,
    #[serde(default)]
    grant_types: Vec<String>,
    #[serde(default)]
    response_types: Vec<String>,
}

/// Registers a client. Whatever way to prove itself it asked for, it gets none: it has no secret.
pub async fn register(app: &App, request: &Request) -> Result<Response, Failure> {
    if request.media_type().as_deref() != Some("application/json") {
        return Err(refusal("Send the metadata as JSON, with the header content-type: application/json.").into());
    }
    let metadata: Metadata = serde_json::from_slice(&request.body)
        .map_err(|error| refusal(format!("The metadata are no JSON object with redirect_uris: {error}.")))?;
    let client = checked(app, metadata)?;
    let [id, name, uris, now, expires_at] = client.row(app.now)?;
    let register = server_sql::REGISTER_CLIENT.bind([id, name, uris, now, expires_at, MAX_UNUSED.into()]);
    if app.identity().run(register).await?.rows.is_empty() {
        return Err(Refusal::new(Code::TooManyClients, "Too many clients are registered. Try again in a day.").into());
    }
    let registered = json!({
        "client_id": client.id,
        "client_id_issued_at": app.now.unix_ms() / 1000,
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    Ok(Response::json(StatusCode::CREATED, &registered)?.with_header("cache-control", "no-store"))
}

fn checked(app: &App, metadata: Metadata) -> Result<Client, Failure> {
    let uris = &metadata.redirect_uris;
    if !(1..=redirect::MAX).contains(&uris.len()) || !uris.iter().all(|uri| redirect::is_taken(uri, app.runtime)) {
        let needed = "One to ten redirect_uris: https, http of a loopback address, or the scheme of an application with \
                      ://; without a fragment, of at most 512 letters.";
        return Err(Refusal::new(Code::InvalidRedirectUri, needed).into());
    }
    let lacks = |all: &[String], needed: &str| !all.is_empty() && !all.iter().any(|one| one == needed);
    if lacks(&metadata.grant_types, "authorization_code") || lacks(&metadata.response_types, "code") {
        return Err(refusal("The client must use the grant type authorization_code and the response type code.").into());
    }
    let name = metadata.client_name.filter(|name| !name.trim().is_empty()).unwrap_or("An application".into());
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(refusal("The client_name has more than 100 letters.").into());
    }
    let id = format!("oc_{}", app.random.alphanumeric(32)?);
    Ok(Client { id, name, redirect_uris: metadata.redirect_uris, expires_at: app.now.plus_s(KEPT_S) })
}

fn refusal(description: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(Code::InvalidClientMetadata, description)
}
