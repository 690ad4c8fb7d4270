//! What an organization decides for itself, within what the deployment allows.
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    operation::{
        Output, caller_is_gone,
        input::{Nothing, Whole, nullable},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod operations;
pub mod sql;
#[cfg(test)]
mod tests;

/// What counts in an organization.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationSettings {
    /// For how many days runs of automations are kept after they have ended, with what they told.
    pub run_retention_days: u32,
    /// The most that this may be: the deployment's `RUN_RETENTION_DAYS`, which counts without a decision.
    pub max_run_retention_days: u32,
}

impl Output for OrganizationSettings {}

/// What may change. A field that is left out stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganizationSettingsPatch {
    /// For how many days runs are kept: from 1 to `maxRunRetentionDays`; null for as long as the deployment does. What is older
    /// is gone within the hour.
    #[serde(default, deserialize_with = "nullable")]
    pub run_retention_days: Option<Option<Whole<1, 3650>>>,
}

/// What is kept of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    run_retention_days: Option<u32>,
}

/// What counts in the caller's organization.
pub async fn show(cx: &AuthCtx, db: &OrgDb<'_>, _: Nothing) -> Result<OrganizationSettings> {
    Ok(in_force(cx, db.first(sql::SHOW, []).await?))
}

/// Changes it.
///
/// # Errors
/// `Invalid` if runs are to be kept for longer than the deployment keeps them, or there is nothing to change; `NotAMember` if the
/// caller is gone by now.
pub async fn update(cx: &AuthCtx, db: &OrgDb<'_>, patch: OrganizationSettingsPatch) -> Result<OrganizationSettings> {
    let Some(days) = patch.run_retention_days else {
        return Err(Error::invalid("input", "give runRetentionDays"));
    };
    let (days, max) = (days.map(|days| days.get()), cx.max_run_retention_days());
    if days.is_some_and(|days| days > max) {
        return Err(Error::invalid(
            "runRetentionDays",
            format!("must be at most {max}: this deployment keeps no run longer"),
        ));
    }
    let row = [days.map(i64::from).into(), cx.user_id().into(), cx.now().into()];
    let kept = db.first(sql::UPDATE, row).await.map_err(caller_is_gone)?;
    Ok(in_force(cx, kept))
}

/// The deployment may allow less by now than the organization once chose.
fn in_force(cx: &AuthCtx, kept: Option<Kept>) -> OrganizationSettings {
    let max = cx.max_run_retention_days();
    let chosen = kept.and_then(|kept| kept.run_retention_days);
    OrganizationSettings { run_retention_days: chosen.map_or(max, |days| days.min(max)), max_run_retention_days: max }
}
