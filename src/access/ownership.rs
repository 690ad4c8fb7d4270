//! Whose a row is: the one rule that every update and delete asks.
use super::AuthCtx;
use crate::{
    error::OrgPermissionError,
    id::{OrgId, UserId},
    time::Timestamp,
};
use serde::Deserialize;

/// A row that belongs to an organization.
pub trait OrgOwned {
    /// Its kind, such as `dataset`.
    fn kind(&self) -> &'static str;
    /// The organization.
    fn org_id(&self) -> &OrgId;
}

/// Whose a row is, read in the same transaction as the change that is aimed at it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    #[serde(skip)]
    pub(super) kind: &'static str,
    org_id: OrgId,
    /// Who made it; nobody, once he is deleted.
    pub created_by: Option<UserId>,
    /// When it last changed, before this change.
    pub updated_at: Timestamp,
}

impl OrgOwned for Owner {
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn org_id(&self) -> &OrgId {
        &self.org_id
    }
}

/// Refuses to change a row of another organization than the caller's.
///
/// # Errors
/// [`OrgPermissionError`], which names no organization.
pub fn validate_org_ownership<T: OrgOwned>(record: &T, cx: &AuthCtx) -> Result<(), OrgPermissionError> {
    if record.org_id() == cx.org_id() { Ok(()) } else { Err(OrgPermissionError { kind: record.kind() }) }
}
