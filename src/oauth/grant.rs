//! What people have agreed to, listed and revoked.
use super::sql;
use crate::{
    Result,
    access::{AuthCtx, OrgDb},
    id::{OauthGrantId, UserId},
    operation::{
        Deleted, Output,
        input::{DeleteById, PageInput},
        page::{Listed, Page},
    },
    policy::{Action, Permission, Resource},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person has agreed to: an application that acts for him in the organization.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OauthGrant {
    /// Its id.
    pub id: OauthGrantId,
    /// The application: a URL if it has a metadata document, else what its registration gave it.
    pub client_id: String,
    /// What the application called itself.
    pub client_name: String,
    /// What its tokens are for, such as `https://api.example.com/mcp`.
    pub resource: String,
    /// What it grants, as far as the roles of who gave it do too: actions by resource.
    pub permissions: BTreeMap<String, Vec<String>>,
    /// When it ends, unless the application asks for another token before.
    pub expires_at: Timestamp,
    /// When the application last got a token.
    pub last_used_at: Timestamp,
    /// Who gave it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Output for OauthGrant {}

impl Listed for OauthGrant {
    type Id = OauthGrantId;
    fn id(&self) -> &OauthGrantId {
        &self.id
    }
}

/// The grants in the organization, newest first; to who may not delete others', his own.
pub async fn list(cx: &AuthCtx, db: &OrgDb<'_>, page: PageInput<OauthGrantId>) -> Result<Page<OauthGrant>> {
    let sees_all = cx.permissions().has(Permission { resource: Resource::OauthGrant, action: Action::Delete });
    let only_of = (!sees_all).then(|| cx.user_id());
    let after = [page.cursor.as_ref().into(), page.limit.and_one().into(), only_of.into(), cx.now().into()];
    Ok(Page::of(db.all(sql::LIST, after).await?, page.limit))
}

/// Revokes a grant: its tokens are refused from the next request on.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if the caller may delete only his own.
pub async fn delete(_: &AuthCtx, db: &OrgDb<'_>, gone: DeleteById<OauthGrantId>) -> Result<Deleted<OauthGrantId>> {
    db.delete_owned(sql::DELETE, &gone.id, gone.updated_at).await?;
    Ok(Deleted::of(gone.id))
}
