//! `list-accounts` and `unlink-account`: the ways in which a user signs in.
use super::{
    call::Call,
    code,
    input::{ANY, Root},
    session::require,
    sql,
};
use crate::{Result, api::Response, id::UserId, time::Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

/// A way to sign in, without its secrets: those are not even read.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    account_id: String,
    provider_id: String,
    user_id: UserId,
    created_at: Timestamp,
    updated_at: Timestamp,
    id: String,
    #[serde(rename(deserialize = "scope"), deserialize_with = "scopes")]
    scopes: Vec<String>,
}

/// Reads `openid, email`.
fn scopes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?.unwrap_or_default();
    Ok(text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
}

/// `GET /list-accounts`: the user's accounts, without passwords and tokens.
///
/// # Errors
/// `UNAUTHORIZED`.
pub async fn list_accounts(call: &mut Call<'_>) -> Result<Response> {
    let list = |token: &str| vec![sql::LIST_ACCOUNTS.bind([token.into()])];
    let (_, rows) = require(call, code::UNAUTHORIZED, list).await?;
    let accounts: Vec<Account> = rows.into_iter().next().unwrap_or_default().decode()?;
    call.ok(&accounts)
}

/// `POST /unlink-account` `{"accountId"}`, the id of its row: `{"status":true}`. Not the last one, unless the
/// configuration lets it go.
///
/// # Errors
/// `FAILED_TO_UNLINK_LAST_ACCOUNT`, `ACCOUNT_NOT_FOUND`; `UNAUTHORIZED`, `SESSION_NOT_FRESH`.
pub async fn unlink_account(call: &mut Call<'_>) -> Result<Response> {
    let id = call.body(Root::Object, |body| body.text("accountId", ANY))?;
    let list = |token: &str| vec![sql::LIST_ACCOUNTS.bind([token.into()])];
    let (caller, rows) = require(call, code::UNAUTHORIZED, list).await?;
    caller.require_fresh(call)?;
    let accounts: Vec<Account> = rows.into_iter().next().unwrap_or_default().decode()?;
    let may_be_last = call.app.config.user.allow_unlinking_all;
    if accounts.len() == 1 && !may_be_last {
        return Err(code::FAILED_TO_UNLINK_LAST_ACCOUNT.into());
    }
    if !accounts.iter().any(|account| account.id == id) {
        return Err(code::ACCOUNT_NOT_FOUND.into());
    }
    let token = &caller.session.token;
    let unlink = sql::UNLINK_ACCOUNT.bind([id.into(), token.into(), call.app.now.into(), may_be_last.into()]);
    if call.app.identity().run(unlink).await?.changed == 0 {
        // Another request was quicker: with this one, or with the one that would have stayed.
        return Err(if may_be_last { code::ACCOUNT_NOT_FOUND } else { code::FAILED_TO_UNLINK_LAST_ACCOUNT }.into());
    }
    call.ok(&json!({ "status": true }))
}
