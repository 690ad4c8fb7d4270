//! Secrets that webhooks are signed with, after Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`,
//! `webhook-signature`.
//!
//! A secret is not kept. It is made again of its row's id and the deployment's own secret each time that it signs, so a copy
//! of the database signs nothing, and there is nothing to decrypt. Each is one URL's alone: a receiver that knows its own
//! can sign for no other.
use super::{WebhookUrl, target};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    api::cookie::hmac_sha256,
    id::{Id, UserId, WebhookSecretId},
    operation::{
        Deleted, Output, caller_is_gone,
        input::{DeleteById, PageInput},
        page::{Listed, Page},
    },
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::iter::once;

pub mod sql;
#[cfg(test)]
mod tests;

/// How long a secret goes on signing beside the next one, so that a receiver can change over.
const OVERLAP_S: i64 = 24 * 60 * 60;

/// How many of a URL's secrets sign at most: the header that their signatures are in must stay short.
const MAX_SIGNING: usize = 8;

/// How many secrets an organization may have.
const MAX_SECRETS: u32 = 1000;

/// What the deployment's key is derived for.
pub const PURPOSE: &str = "webhook secret";

/// The secret of a URL, without itself: it was shown once.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookSecret {
    /// Its id.
    pub id: WebhookSecretId,
    /// The URL whose webhooks it signs.
    pub url: String,
    /// Who made it; null once he is deleted.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The same: a secret does not change.
    pub updated_at: Timestamp,
}

impl Output for WebhookSecret {}

impl Listed for WebhookSecret {
    type Id = WebhookSecretId;
    fn id(&self) -> &WebhookSecretId {
        &self.id
    }
}

/// A secret that was just made.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedWebhookSecret {
    /// What the receiver verifies with, `whsec_…`. It is never shown again.
    pub secret: String,
    /// Which it is.
    pub webhook_secret: WebhookSecret,
}

impl Output for CreatedWebhookSecret {}

/// What a new secret needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWebhookSecret {
    /// The URL whose webhooks it is to sign, exactly as the channel has it.
    pub url: WebhookUrl,
}

/// The organization's secrets, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: PageInput<WebhookSecretId>) -> Result<Page<WebhookSecret>> {
    let rows = db.all(sql::LIST, [page.cursor.as_ref().into(), page.limit.and_one().into()]).await?;
    Ok(Page::of(rows, page.limit))
}

/// Makes a secret for a URL, the first or the next.
///
/// # Errors
/// `Invalid` if nothing may be sent to the URL; `QuotaExceeded`; `NotAMember` if the caller is gone by now.
pub async fn create(cx: &AuthCtx, db: &OrgDb<'_>, new: NewWebhookSecret) -> Result<CreatedWebhookSecret> {
    target::check(&new.url, cx.runtime(), cx.webhooks().allows_loopback)
        .map_err(|problem| Error::invalid("url", problem))?;
    let id = WebhookSecretId::generate(cx.now(), cx.random())?;
    let secret = format!("whsec_{}", STANDARD.encode(cx.derived_key(PURPOSE, id.as_str())?));
    let row =
        [(&id).into(), new.url.as_str().into(), cx.user_id().into(), cx.now().into(), i64::from(MAX_SECRETS).into()];
    let made: Option<WebhookSecret> = db.first(sql::CREATE, row).await.map_err(caller_is_gone)?;
    let full = || {
        Error::QuotaExceeded(format!("An organization may have {MAX_SECRETS} webhook secrets. Delete the old ones."))
    };
    Ok(CreatedWebhookSecret { secret, webhook_secret: made.ok_or_else(full)? })
}

/// Deletes a secret: it signs nothing from now on.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if the caller may delete only his own.
pub async fn delete(
    _: &AuthCtx,
    db: &OrgDb<'_>,
    gone: DeleteById<WebhookSecretId>,
) -> Result<Deleted<WebhookSecretId>> {
    db.delete_owned(sql::DELETE, &gone.id, gone.updated_at).await?;
    Ok(Deleted::of(gone.id))
}

/// A row of a URL's secrets, for the sender.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretRow {
    id: WebhookSecretId,
    created_at: Timestamp,
}

/// Of a URL's secrets those that sign now: the newest, and each other until a day after the next one was made. So a receiver
/// has a day to change over, however many are made meanwhile.
pub fn active(secrets: &[SecretRow], now: Timestamp) -> Vec<&WebhookSecretId> {
    let mut newest_first: Vec<_> = secrets.iter().collect();
    newest_first.sort_by(|a, b| b.id.cmp(&a.id));
    let replaced_at = once(None).chain(newest_first.iter().map(|next| Some(next.created_at)));
    let each = newest_first.iter().zip(replaced_at);
    let signing = each.take_while(|(_, at)| at.is_none_or(|at| now < at.plus_s(OVERLAP_S))).take(MAX_SIGNING);
    signing.map(|(secret, _)| &secret.id).collect()
}

/// The header `webhook-signature`: one signature of each key, over the id, the second and the body.
#[must_use]
pub fn signatures(keys: &[[u8; 32]], id: &str, timestamp_s: i64, body: &str) -> String {
    let signed = format!("{id}.{timestamp_s}.{body}");
    let macs = keys.iter().filter_map(|key| hmac_sha256(key, signed.as_bytes()));
    macs.map(|mac| format!("v1,{}", STANDARD.encode(mac))).collect::<Vec<_>>().join(" ")
}
