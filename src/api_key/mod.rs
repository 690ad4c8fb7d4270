//! API keys: what a program signs in with, in one organization and with no more than the permissions that it was made with.
//! The gate reads them (`access`); here they are made, listed and revoked.
use crate::{
    Error, Result,
    access::{
        AuthCtx, OrgDb,
        credential::{NewSecret, SecretKind},
    },
    db::Bind,
    id::{ApiKeyId, UserId},
    operation::{
        Deleted, Output, caller_is_gone,
        input::{DeleteById, Name, PageInput},
        page::{Listed, Page},
    },
    policy::{Action, Permission, Permissions, Resource},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub mod operations;
pub mod sql;
#[cfg(test)]
mod tests;

/// How many keys an organization may have.
const MAX_KEYS: u32 = 1000;

/// Whom a key acts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum ApiKeyKind {
    /// Who made it: what his roles grant of what it grants. It goes with his membership.
    #[default]
    Personal,
    /// The organization: a member of its own, who is no person and cannot sign in. It outlives who made it.
    Organization,
}

impl From<ApiKeyKind> for Bind {
    fn from(kind: ApiKeyKind) -> Self {
        match kind {
            ApiKeyKind::Personal => "personal",
            ApiKeyKind::Organization => "organization",
        }
        .into()
    }
}

/// Actions by resource, such as `{"dataset":["read","query"]}`: Better Auth's form.
type Grants = BTreeMap<String, Vec<String>>;

/// An API key, without what it is used with: that was shown once.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// Whom it acts as.
    pub kind: ApiKeyKind,
    /// How it begins, to know it by.
    pub start: String,
    /// The user that it acts as.
    pub acts_as: UserId,
    /// What it grants, as far as the roles of whom it acts as do too: actions by resource.
    pub permissions: Grants,
    /// From when on it is refused; null: never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute; null: never.
    pub last_used_at: Option<Timestamp>,
    /// Who made it; null once he is deleted.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Output for ApiKey {}

impl Listed for ApiKey {
    type Id = ApiKeyId;
    fn id(&self) -> &ApiKeyId {
        &self.id
    }
}

/// A key that was just made.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedApiKey {
    /// What to send, as `Authorization: Bearer osk_…`. It is not kept, and never shown again.
    pub key: String,
    /// The key.
    pub api_key: ApiKey,
}

impl Output for CreatedApiKey {}

/// What a new key needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiKey {
    /// Its name.
    pub name: Name,
    /// Whom it acts as: you, unless you say `organization`.
    #[serde(default)]
    pub kind: ApiKeyKind,
    /// What it grants, such as `{"dataset":["read","query"]}`: actions by resource, of dataset, dashboard, widget and
    /// automation. Without it: to read and query.
    #[serde(default)]
    pub permissions: Option<Grants>,
    /// In how many seconds it is refused: at least 60, at most ten years. Without it: never.
    #[serde(default)]
    #[schemars(range(min = 60, max = MAX_EXPIRES_IN_S))]
    pub expires_in: Option<u32>,
}

const MAX_EXPIRES_IN_S: u32 = 10 * 366 * 24 * 60 * 60;

/// The organization's keys, newest first; to who may not delete others', his own.
pub async fn list(cx: &AuthCtx, db: &OrgDb<'_>, page: PageInput<ApiKeyId>) -> Result<Page<ApiKey>> {
    let sees_all = cx.permissions().has(Permission { resource: Resource::ApiKey, action: Action::Delete });
    let only_of = (!sees_all).then(|| cx.user_id());
    let rows = db.all(sql::LIST, [page.cursor.as_ref().into(), page.limit.and_one().into(), only_of.into()]).await?;
    Ok(Page::of(rows, page.limit))
}

/// Makes a key.
///
/// # Errors
/// `Invalid` for permissions that there are not, or that its holder could not have; `Forbidden` if it is to be the
/// organization's and the caller may not add members; `QuotaExceeded`; `NotAMember` if the caller is gone by now.
pub async fn create(cx: &AuthCtx, db: &OrgDb<'_>, new: NewApiKey) -> Result<CreatedApiKey> {
    let acts_as = match new.kind {
        ApiKeyKind::Personal => cx.user_id().clone(),
        ApiKeyKind::Organization => {
            cx.authorize(Permission { resource: Resource::Member, action: Action::Create })?;
            UserId::generate(cx.random())?
        }
    };
    let permissions = permissions(cx, new.kind, new.permissions.as_ref())?;
    let expires_at = new.expires_in.map(|seconds| expires_at(cx.now(), seconds)).transpose()?;
    let key = NewSecret::generate(SecretKind::ApiKey, cx.random())?;
    let row = [
        (&ApiKeyId::generate(cx.now(), cx.random())?).into(),
        (&new.name).into(),
        new.kind.into(),
        key.start().into(),
        key.hash().into(),
        (&acts_as).into(),
        Bind::json(&permissions.to_json())?,
        expires_at.into(),
        cx.user_id().into(),
        cx.now().into(),
        i64::from(MAX_KEYS).into(),
    ];
    let made: Option<ApiKey> = db.first(sql::CREATE, row).await.map_err(caller_is_gone)?;
    let full = || {
        Error::QuotaExceeded(format!("An organization may have {MAX_KEYS} API keys. Delete those that are not used."))
    };
    Ok(CreatedApiKey { key: key.into_text(), api_key: made.ok_or_else(full)? })
}

/// Revokes a key: it is refused from the next request on. A service account goes with its key.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if the caller may delete only his own.
pub async fn delete(_: &AuthCtx, db: &OrgDb<'_>, gone: DeleteById<ApiKeyId>) -> Result<Deleted<ApiKeyId>> {
    db.delete_owned(sql::DELETE, &gone.id, gone.updated_at).await?;
    Ok(Deleted::of(gone.id))
}

fn expires_at(now: Timestamp, seconds: u32) -> Result<Timestamp> {
    if (60..=MAX_EXPIRES_IN_S).contains(&seconds) {
        Ok(now.plus_s(seconds.into()))
    } else {
        Err(Error::invalid("expiresIn", format!("must be from 60 to {MAX_EXPIRES_IN_S} seconds")))
    }
}

/// What the key is to grant: no more than whom it acts as may have now, so that nobody is surprised later.
fn permissions(cx: &AuthCtx, kind: ApiKeyKind, asked: Option<&Grants>) -> Result<Permissions> {
    let Some(asked) = asked else { return Ok(Permissions::read_only()) };
    let holder = match kind {
        ApiKeyKind::Personal => cx.permissions(),
        ApiKeyKind::Organization => cx.permissions().and(Permissions::of_built_in_role("member")),
    };
    let mut granted = Permissions::default();
    for (resource, actions) in asked {
        for action in actions {
            let found =
                Permissions::for_keys().iter().find(|p| p.resource.word() == resource && p.action.word() == action);
            let permission = found.ok_or_else(|| {
                let problem =
                    format!("there is no permission {resource}:{action} for API keys; docs/permissions.md lists them");
                Error::invalid("permissions", problem)
            })?;
            if !holder.has(permission) {
                let who = if kind == ApiKeyKind::Personal { "you do not have" } else { "a member does not have" };
                return Err(Error::invalid("permissions", format!("{who} {permission}")));
            }
            granted = granted.with(Permissions::one(permission));
        }
    }
    Ok(granted)
}
