//! Automations: what watches a number, or sends a dashboard, on a schedule. They are kept and checked here; `engine` runs
//! them.
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    dataset::{self, Dataset},
    db::Bind,
    delivery,
    error::Constraint,
    id::{AutomationId, UserId},
    operation::{
        Deleted, Output, Sends, caller_is_gone,
        input::{ById, DeleteById, Name, PageInput, bounded_json},
        page::{Listed, Page},
    },
    store::Table,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod alert;
mod check;
mod config;
pub mod engine;
pub mod operations;
mod preview;
pub mod run;
mod schedule;
mod slots;
pub mod sql;
mod status;
#[cfg(test)]
mod tests;

pub use config::{AutomationConfig, NoData, OnError, Operator, ScheduledReport, ThresholdAlert};
pub use schedule::{Cron, MissedRule, Preset, Schedule};
pub use slots::{Missed, Plan, Slots};

/// What watches a number, or sends a dashboard, on a schedule.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Automation {
    /// Its id.
    pub id: AutomationId,
    /// Its name.
    pub name: String,
    /// Whether the schedule counts.
    pub is_enabled: bool,
    /// What it does.
    pub config: AutomationConfig,
    /// When it is due.
    pub schedule: Schedule,
    /// It runs with the rights that this user has on the day: whoever made it, or last changed its config or schedule
    /// or switched it on. Null once he is deleted: then it does not run.
    pub run_as: Option<UserId>,
    /// Who made it; null once he is deleted.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed: its version.
    pub updated_at: Timestamp,
}

impl Output for Automation {
    fn version(&self) -> Option<Timestamp> {
        Some(self.updated_at)
    }
}

impl Listed for Automation {
    type Id = AutomationId;
    fn id(&self) -> &AutomationId {
        &self.id
    }
}

/// What a new automation needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAutomation {
    /// Its name.
    pub name: Name,
    /// Whether the schedule counts. Without it: yes.
    #[serde(default = "enabled")]
    pub is_enabled: bool,
    /// What it does: as JSON at most 64 KiB.
    pub config: AutomationConfig,
    /// When it is due.
    pub schedule: Schedule,
}

impl Sends for NewAutomation {
    /// Every automation has someone to tell.
    fn sends(&self) -> bool {
        true
    }
}

const fn enabled() -> bool {
    true
}

/// What may change of an automation. A field that is left out stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutomationPatch {
    /// Which automation.
    pub id: AutomationId,
    /// Change it only if it has not changed since: the `updatedAt` that you read. REST: the header `If-Match`.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Its new name.
    #[serde(default)]
    pub name: Option<Name>,
    /// Whether the schedule counts.
    #[serde(default)]
    pub is_enabled: Option<bool>,
    /// All of what it does.
    #[serde(default)]
    pub config: Option<AutomationConfig>,
    /// All of when it is due.
    #[serde(default)]
    pub schedule: Option<Schedule>,
}

impl Sends for AutomationPatch {
    /// Unless it only renames, or switches off: else it says what is told to whom and when, and it runs with the rights of
    /// who calls from then on.
    fn sends(&self) -> bool {
        self.config.is_some() || self.schedule.is_some() || self.is_enabled == Some(true)
    }
}

/// The organization's automations, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: PageInput<AutomationId>) -> Result<Page<Automation>> {
    let rows = db.all(sql::LIST, [page.cursor.as_ref().into(), page.limit.and_one().into()]).await?;
    Ok(Page::of(rows, page.limit))
}

/// One automation.
///
/// # Errors
/// `NotFound` if the organization has no such automation, whoever else may.
pub async fn show(_: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<AutomationId>) -> Result<Automation> {
    db.first(sql::SHOW, [(&id).into()]).await?.ok_or(Error::NotFound("automation"))
}

/// Creates an automation. An alert's query is checked against the datasets as they were just before; should one change
/// meanwhile, its runs fail as if it had changed just after.
///
/// # Errors
/// `Invalid` if the organization has no such dataset or dashboard as the config names, whoever else may, or if the query
/// could give no number; `NotAMember` if the caller is gone by now.
pub async fn create(cx: &AuthCtx, db: &OrgDb<'_>, new: NewAutomation) -> Result<Automation> {
    delivery::check_channels(cx, "config.channels", new.config.channels())?;
    may_run(cx, Some(&new.config))?;
    let config = bounded_json("config", &new.config)?;
    if let AutomationConfig::ThresholdAlert(alert) = &new.config {
        check::alert(alert, &tables(db.all(dataset::sql::ALL_OF_THEM, []).await?), cx.now())?;
    }
    let id = AutomationId::generate(cx.now(), cx.random())?;
    let next_run_at = if new.is_enabled { Slots::of(&new.schedule)?.after(cx.now()) } else { None };
    let row = [
        (&id).into(),
        (&new.name).into(),
        new.is_enabled.into(),
        config,
        Bind::json(&new.schedule)?,
        cx.user_id().into(),
        cx.now().into(),
        next_run_at.into(),
    ];
    match db.first(sql::CREATE, row).await {
        Ok(created) => created.ok_or_else(|| Error::internal("an insert returned no row")),
        Err(error) => Err(refused(error, Some(&new.config))),
    }
}

/// Changes an automation's name, config or schedule, or switches it on or off. Who says what it does or when, or
/// switches it on, is who it runs as from now on: else a member could have the owner's rights work for him.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Invalid` as for [`create`], or if there is nothing to change; `NotAMember` if the
/// caller is gone by now.
pub async fn update(cx: &AuthCtx, db: &OrgDb<'_>, patch: AutomationPatch) -> Result<Automation> {
    let is_his_now = patch.sends();
    let AutomationPatch { id, updated_at, name, is_enabled, config, schedule } = patch;
    if name.is_none() && is_enabled.is_none() && config.is_none() && schedule.is_none() {
        return Err(Error::invalid("input", "give at least one of name, isEnabled, config and schedule"));
    }
    if let Some(config) = &config {
        delivery::check_channels(cx, "config.channels", config.channels())?;
    }
    if is_his_now {
        may_run(cx, config.as_ref())?;
    }
    let config_json = config.as_ref().map(|config| bounded_json("config", config)).transpose()?;
    if let Some(AutomationConfig::ThresholdAlert(alert)) = &config {
        let datasets = db.bind(dataset::sql::ALL_OF_THEM, []);
        let (_, [datasets]): (Automation, _) = db.first_owned_and(sql::AUTOMATION, sql::SHOW, &id, [datasets]).await?;
        check::alert(alert, &tables(datasets.decode()?), cx.now())?;
    }
    let next_run_at = match &schedule {
        Some(schedule) => Slots::of(schedule)?.after(cx.now()),
        None => None,
    };
    let changes = [
        cx.now().into(),
        name.as_ref().into(),
        is_enabled.into(),
        config_json.into(),
        schedule.as_ref().map(Bind::json).transpose()?.into(),
        is_his_now.then(|| cx.user_id()).into(),
        next_run_at.into(),
    ];
    match db.update_owned(sql::UPDATE, &id, updated_at, changes).await {
        Ok(changed) => Ok(changed),
        Err(error) => Err(refused(error, config.as_ref())),
    }
}

/// Deletes an automation and its runs.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if the caller may delete only his own.
pub async fn delete(_: &AuthCtx, db: &OrgDb<'_>, gone: DeleteById<AutomationId>) -> Result<Deleted<AutomationId>> {
    db.delete_owned(sql::DELETE, &gone.id, gone.updated_at).await?;
    Ok(Deleted::of(gone.id))
}

fn tables(datasets: Vec<Dataset>) -> Vec<Table> {
    datasets.iter().map(Dataset::table).collect()
}

/// Who has an automation run as him must himself be granted what it needs, by his API key too if that is how he signed in:
/// else a key would reach by automations what it does not grant. Without a config, what any may need.
fn may_run(cx: &AuthCtx, config: Option<&AutomationConfig>) -> Result<()> {
    let needs = config.map_or(config::ALL_NEEDS, AutomationConfig::needs);
    needs.iter().try_for_each(|permission| cx.authorize(*permission).map(drop))
}

/// What to say of a foreign key that broke: that to what the config names, if there is one, else one to the caller.
fn refused(error: Error, config: Option<&AutomationConfig>) -> Error {
    match (error, config) {
        (Error::Constraint(Constraint::ForeignKey), Some(AutomationConfig::ThresholdAlert(_))) => {
            check::no_such_dataset()
        }
        (Error::Constraint(Constraint::ForeignKey), Some(AutomationConfig::ScheduledReport(_))) => {
            Error::invalid("config.dashboardId", "no such dashboard in your organization")
        }
        (other, _) => caller_is_gone(other),
    }
}
