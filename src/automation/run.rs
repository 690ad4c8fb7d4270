//! Runs of automations: one for each time that an automation was due. They are read here; `engine` makes them.
use super::sql;
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    id::{AutomationId, AutomationRunId, UserId},
    operation::{
        Output,
        input::{ById, Limit},
        page::{Listed, Page},
    },
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// It is due, and waits for its turn.
    Queued,
    /// It is at work.
    Running,
    /// It has done what it had to; `result` says what.
    Succeeded,
    /// It has given up; `error` says why.
    Failed,
    /// It was due when it could not run, and will not be made up for.
    Skipped,
}

impl RunStatus {
    /// The word, as it is stored and written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One time that an automation was due.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AutomationRun {
    /// Its id.
    pub id: AutomationRunId,
    /// The automation.
    pub automation_id: AutomationId,
    /// When it was due. An automation has one run for each such instant.
    pub scheduled_for: Timestamp,
    /// How far it has come.
    pub status: RunStatus,
    /// How many times it was tried; 0 before the first.
    pub attempt: u32,
    /// When the last attempt began.
    pub started_at: Option<Timestamp>,
    /// When it succeeded or failed.
    pub finished_at: Option<Timestamp>,
    /// What came out; in a list without its `evidence`.
    pub result: Option<Value>,
    /// What went wrong in the last attempt.
    pub error: Option<String>,
    /// Whether it is a test of the automation's channels: it tells that, and evaluates nothing.
    pub is_test: bool,
    /// Who asked for it; null if the schedule did, or once he is deleted.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Output for AutomationRun {
    fn version(&self) -> Option<Timestamp> {
        Some(self.updated_at)
    }
}

impl Listed for AutomationRun {
    type Id = AutomationRunId;
    fn id(&self) -> &AutomationRunId {
        &self.id
    }
}

/// A page of runs. Newest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutomationRunPageInput {
    /// Only those of this automation.
    #[serde(default)]
    pub automation_id: Option<AutomationId>,
    /// Only those that have come so far.
    #[serde(default)]
    pub status: Option<RunStatus>,
    /// How many at most: 1 to 100.
    #[serde(default)]
    pub limit: Limit,
    /// Where the page before it ended: its `nextCursor`.
    #[serde(default)]
    pub cursor: Option<AutomationRunId>,
}

/// The runs of the organization's automations, or of one, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: AutomationRunPageInput) -> Result<Page<AutomationRun>> {
    let (after, limit) = (page.cursor.as_ref().into(), page.limit.and_one().into());
    let status = page.status.map(RunStatus::word);
    let rows = match (&page.automation_id, status) {
        (Some(automation), Some(status)) => {
            let args = [after, limit, automation.into(), status.into()];
            db.all(sql::LIST_RUNS_OF_AUTOMATION_AND_STATUS, args).await?
        }
        (Some(automation), None) => db.all(sql::LIST_RUNS_OF_AUTOMATION, [after, limit, automation.into()]).await?,
        (None, Some(status)) => db.all(sql::LIST_RUNS_OF_STATUS, [after, limit, status.into()]).await?,
        (None, None) => db.all(sql::LIST_RUNS, [after, limit]).await?,
    };
    Ok(Page::of(rows, page.limit))
}

/// One run.
///
/// # Errors
/// `NotFound` if the organization has no such run, whoever else may.
pub async fn show(_: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<AutomationRunId>) -> Result<AutomationRun> {
    db.first(sql::SHOW_RUN, [(&id).into()]).await?.ok_or(Error::NotFound("automation run"))
}
