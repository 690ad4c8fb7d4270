//! `/oauth/token` and `/oauth/revoke`: what an application holds is exchanged, or given back.
//!
//! Every exchange is one batch: that what is shown is good, that it was not used before, and its use are one step.
use super::{
    client::MAX_ID_BYTES,
    error::{Code, Failure, Refusal},
    metadata,
    params::Params,
    redirect, scope, server_sql,
};
use crate::{
    Result,
    access::{
        App,
        credential::{NewSecret, SecretKind, hash},
    },
    api::{Request, Response},
    db::IdentityStatement,
    policy::Permissions,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// How long an access token lives, in seconds.
const TOKEN_EXPIRES_IN_S: i64 = 600;
/// How long a grant lives after its last exchange, in seconds.
const GRANT_EXPIRES_IN_S: i64 = 30 * 86_400;
/// The longest secret that is read, in bytes: ours are shorter.
const MAX_SECRET_BYTES: usize = 128;
/// How much of a refresh token, after its prefix, says which family it is of; the rest changes with each exchange.
const FAMILY_ENDS_AT: usize = "ort_".len() + 24;

/// `POST /oauth/token`: `{"access_token","token_type","expires_in","refresh_token","scope"}` for a code or a refresh token.
pub async fn exchange(app: &App, request: &Request) -> Result<Response, Failure> {
    let params = Params::posted(request)?;
    let resource = params.get("resource").map(|resource| metadata::target(app, request, resource)).transpose()?;
    let client_id = params.need("client_id", MAX_ID_BYTES)?;
    match params.need("grant_type", MAX_SECRET_BYTES)? {
        "authorization_code" => of_code(app, &params, client_id, resource).await,
        "refresh_token" => of_refresh(app, &params, client_id, resource).await,
        _ => Err(Refusal::new(Code::UnsupportedGrantType, "The grant_type is authorization_code or refresh_token."))?,
    }
}

async fn of_code(app: &App, params: &Params, client: &str, resource: Option<String>) -> Result<Response, Failure> {
    let code = params.need("code", MAX_SECRET_BYTES)?;
    let verifier = params.need("code_verifier", MAX_SECRET_BYTES)?;
    let redirect_uri = params.need("redirect_uri", redirect::MAX_BYTES)?;
    let code = SecretKind::AuthorizationCode.hash_of(code).ok_or_else(invalid_grant)?;
    let refresh = NewSecret::generate(SecretKind::RefreshToken, app.random)?.into_text();
    let redeem = server_sql::REDEEM_CODE.bind([
        code.as_str().into(),
        family_hash(&refresh).into(),
        hash(&refresh).into(),
        app.now.plus_s(GRANT_EXPIRES_IN_S).into(),
        app.now.into(),
        client.into(),
        redirect_uri.into(),
        // The challenge is the verifier's SHA-256 in base64url (RFC 7636 §4.6), as is what we keep of secrets.
        hash(verifier).into(),
        resource.into(),
    ]);
    issue(app, server_sql::CODE_IS_REPLAYED.bind([code.into()]), redeem, refresh).await
}

async fn of_refresh(app: &App, params: &Params, client: &str, resource: Option<String>) -> Result<Response, Failure> {
    let old = params.need("refresh_token", MAX_SECRET_BYTES)?;
    let old_hash = SecretKind::RefreshToken.hash_of(old).ok_or_else(invalid_grant)?;
    let refresh = format!("{}{}", family(old), app.random.alphanumeric(old.len() - family(old).len())?);
    let family = family_hash(old);
    let rotate = server_sql::ROTATE_REFRESH.bind([
        family.as_str().into(),
        old_hash.as_str().into(),
        hash(&refresh).into(),
        app.now.plus_s(GRANT_EXPIRES_IN_S).into(),
        app.now.into(),
        client.into(),
        resource.into(),
    ]);
    issue(app, server_sql::REFRESH_IS_REPLAYED.bind([family.into(), old_hash.into()]), rotate, refresh).await
}

/// Ends the grant if what is shown was used before; else takes it, and issues an access token beside the refresh token: one
/// round trip.
async fn issue(
    app: &App,
    end_if_replayed: IdentityStatement,
    take: IdentityStatement,
    refresh: String,
) -> Result<Response, Failure> {
    let access = NewSecret::generate(SecretKind::AccessToken, app.random)?;
    let token = server_sql::ISSUE_TOKEN.bind([
        family_hash(&refresh).into(),
        hash(&refresh).into(),
        access.hash().into(),
        app.now.plus_s(TOKEN_EXPIRES_IN_S).into(),
    ]);
    let taken = app.identity().batch(vec![end_if_replayed, take, token]).await?.into_iter().nth(1).unwrap_or_default();
    let granted: Granted = taken.decode_first()?.ok_or_else(invalid_grant)?;
    let answer = json!({
        "access_token": access.into_text(),
        "token_type": "Bearer",
        "expires_in": TOKEN_EXPIRES_IN_S,
        "refresh_token": refresh,
        "scope": scope::words(Permissions::of_json(&granted.permissions)).join(" "),
    });
    Ok(Response::json(StatusCode::OK, &answer)?.with_header("cache-control", "no-store"))
}

/// What was agreed to.
#[derive(Deserialize)]
struct Granted {
    permissions: Value,
}

/// `POST /oauth/revoke` (RFC 7009): of an access token that alone, of a refresh token the whole grant. It is 200 whatever
/// the token is.
pub async fn revoke(app: &App, request: &Request) -> Result<Response, Failure> {
    let params = Params::posted(request)?;
    let (client, token) = (params.need("client_id", MAX_ID_BYTES)?, params.need("token", MAX_SECRET_BYTES)?);
    let revoke = if let Some(hash) = SecretKind::AccessToken.hash_of(token) {
        Some(server_sql::REVOKE_TOKEN.bind([hash.into(), client.into()]))
    } else {
        let family = SecretKind::RefreshToken.hash_of(token).map(|_| family_hash(token));
        family.map(|family| server_sql::REVOKE_FAMILY.bind([family.into(), client.into()]))
    };
    if let Some(revoke) = revoke {
        app.identity().run(revoke).await?;
    }
    Ok(Response::empty(StatusCode::OK).with_header("cache-control", "no-store"))
}

/// Which family a refresh token is of: what stays when it is exchanged.
fn family(refresh: &str) -> &str {
    refresh.get(..FAMILY_ENDS_AT).unwrap_or(refresh)
}

/// What a grant is found by when a refresh token of its family is shown, be it the newest or one that was used before.
fn family_hash(refresh: &str) -> String {
    hash(family(refresh))
}

fn invalid_grant() -> Refusal {
    Refusal::new(
        Code::InvalidGrant,
        "The code or refresh token is unknown, used, expired or revoked, or not this client's.",
    )
}
