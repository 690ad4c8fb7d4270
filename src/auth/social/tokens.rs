//! `get-access-token`, `refresh-token`, `account-info`: what an account is good for at its provider.
use super::{
    provider::{Provider, Tokens, configured},
    sql,
};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{Fields, Root},
        session::require,
    },
    error::AuthError,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A row of `account`, with its tokens.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    id: String,
    provider_id: String,
    account_id: String,
    access_token: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    access_token_expires_at: Option<Timestamp>,
    refresh_token_expires_at: Option<Timestamp>,
    scope: Option<String>,
}

/// Milliseconds before its end from which an access token is replaced. Source: Better Auth 1.7.25.
const REFRESH_BEFORE_MS: i64 = 5000;

/// The answer of `get-access-token`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessToken {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_expires_at: Option<Timestamp>,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// `POST /get-access-token` `{"accountId"}`: a token that is still good, refreshed if need be:
/// `{"accessToken","accessTokenExpiresAt"?,"scopes","idToken"?}`.
///
/// # Errors
/// 401; `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`, `FAILED_TO_GET_ACCESS_TOKEN`.
pub async fn get_access_token(call: &mut Call<'_>) -> Result<Response> {
    let chosen = call.body(Root::OneOf, account_id)?;
    let account = find(call, chosen).await?;
    let token = access_token(call, &account).await?;
    call.ok(&token)
}

/// The answer of `refresh-token`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refreshed<'a> {
    access_token: Option<&'a str>,
    refresh_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_expires_at: Option<Timestamp>,
    refresh_token_expires_at: Option<Timestamp>,
    scope: Option<&'a str>,
    id_token: Option<&'a str>,
    provider_id: &'a str,
    account_id: &'a str,
}

/// `POST /refresh-token` `{"accountId"}`: new tokens, whatever the old ones are good for.
///
/// # Errors
/// 401; `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_SUPPORTED`, `REFRESH_TOKEN_NOT_FOUND`, `FAILED_TO_REFRESH_ACCESS_TOKEN`.
pub async fn refresh_token(call: &mut Call<'_>) -> Result<Response> {
    let chosen = call.body(Root::OneOf, account_id)?;
    let account = find(call, chosen).await?;
    if configured(call.app, &account.provider_id).is_none() {
        return Err(not_supported(&account));
    }
    let old = account.refresh_token.as_deref().filter(|token| !token.is_empty());
    let old = old.ok_or(code::REFRESH_TOKEN_NOT_FOUND)?;
    let new = refresh(call, &account, old).await?.ok_or(code::FAILED_TO_REFRESH_ACCESS_TOKEN)?;
    call.ok(&Refreshed {
        access_token: new.access.as_deref(),
        refresh_token: new.refresh.as_deref().unwrap_or(old),
        access_token_expires_at: new.access_expires_at,
        refresh_token_expires_at: new.refresh_expires_at.or(account.refresh_token_expires_at),
        scope: account.scope.as_deref(),
        id_token: new.id.as_deref().or(account.id_token.as_deref()),
        provider_id: &account.provider_id,
        account_id: &account.id,
    })
}

/// `GET /account-info?accountId=`: what the provider says of the account's user now: `{"user","data","account"}`.
///
/// # Errors
/// 401; `ACCOUNT_NOT_FOUND`, `PROVIDER_NOT_CONFIGURED`, `FAILED_TO_GET_ACCESS_TOKEN`, `ACCESS_TOKEN_NOT_FOUND`,
/// `FAILED_TO_GET_USER_INFO`.
pub async fn account_info(call: &mut Call<'_>) -> Result<Response> {
    let chosen = call.query(account_id)?;
    let account = find(call, chosen).await?;
    let options = configured(call.app, &account.provider_id).ok_or(code::PROVIDER_NOT_CONFIGURED)?;
    let token = access_token(call, &account).await?.access_token;
    if token.is_empty() {
        return Err(code::ACCESS_TOKEN_NOT_FOUND.into());
    }
    let provider = Provider::of(call.app, options).await.ok_or(code::UNAUTHORIZED_WITHOUT_USER_INFO)?;
    let profile = provider.current_profile(call.app, &token).await;
    let profile = profile.filter(|profile| profile.subject == account.account_id);
    let profile = profile.ok_or(code::UNAUTHORIZED_WITHOUT_USER_INFO)?;
    let Account { id, provider_id, account_id, .. } = account;
    let account = json!({ "id": id, "providerId": provider_id, "accountId": account_id });
    call.ok(&json!({ "user": profile.shown(), "data": profile.data, "account": account }))
}

/// Exactly `accountId`, or `useAccountCookie: true`; with either, a `userId` that no one heeds. We set no account's
/// cookie, so the second chooses nothing.
fn account_id(fields: &mut Fields<'_>) -> Option<String> {
    let is_user = fields.value("userId").is_none_or(Value::is_string);
    let chosen = fields.value("accountId").and_then(Value::as_str).map(str::to_owned);
    let by_cookie = fields.value("useAccountCookie") == Some(&Value::Bool(true));
    match (&chosen, by_cookie) {
        (Some(_), false) if is_user && fields.value("useAccountCookie").is_none() => {
            fields.only(&["accountId", "userId"]);
        }
        (None, true) if is_user && fields.value("accountId").is_none() => {
            fields.only(&["useAccountCookie", "userId"]);
        }
        _ => fields.misfit(),
    }
    chosen
}

/// The caller's account of that id.
async fn find(call: &mut Call<'_>, chosen: Option<String>) -> Result<Account> {
    let look_up = |token: &str| vec![sql::ACCOUNT.bind([token.into(), chosen.into()])];
    let (_, rows) = require(call, code::UNAUTHORIZED_EMPTY, look_up).await?;
    let account: Option<Account> = rows.into_iter().next().unwrap_or_default().decode_first()?;
    Ok(account.ok_or(code::ACCOUNT_NOT_FOUND)?)
}

/// The account's access token, which may be empty; refreshed if it is about to end.
async fn access_token(call: &Call<'_>, account: &Account) -> Result<AccessToken> {
    if configured(call.app, &account.provider_id).is_none() {
        return Err(not_supported(account));
    }
    let end = account.access_token_expires_at;
    let is_over = end.is_some_and(|end| end.unix_ms() - call.app.now.unix_ms() < REFRESH_BEFORE_MS);
    let new = match account.refresh_token.as_deref().filter(|token| is_over && !token.is_empty()) {
        Some(old) => refresh(call, account, old).await?.ok_or(code::FAILED_TO_GET_ACCESS_TOKEN)?,
        None => Tokens::default(),
    };
    let scopes = account.scope.as_deref().unwrap_or_default().split(',').map(str::trim);
    Ok(AccessToken {
        access_token: new.access.or_else(|| account.access_token.clone()).unwrap_or_default(),
        access_token_expires_at: new.access_expires_at.or(end),
        scopes: scopes.filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
        id_token: new.id.or_else(|| account.id_token.clone()),
    })
}

/// New tokens from the provider, kept if the account still has the refresh token that they were got with. Nothing if the
/// provider gives none.
async fn refresh(call: &Call<'_>, account: &Account, old: &str) -> Result<Option<Tokens>> {
    let Some(provider) = Provider::find(call.app, &account.provider_id).await else { return Ok(None) };
    let Some(new) = provider.refresh(call.app, old).await else { return Ok(None) };
    let keep = sql::REFRESH.bind([
        (&account.id).into(),
        old.into(),
        new.access.as_ref().into(),
        new.refresh.as_ref().into(),
        new.id.as_ref().into(),
        new.access_expires_at.into(),
        new.refresh_expires_at.into(),
        call.app.now.into(),
    ]);
    call.app.identity().run(keep).await?;
    Ok(Some(new))
}

fn not_supported(account: &Account) -> crate::Error {
    let message = format!("Provider {} is not supported.", account.provider_id);
    AuthError { message: Some(message.into()), ..AuthError::new(400, "PROVIDER_NOT_SUPPORTED", "") }.into()
}
