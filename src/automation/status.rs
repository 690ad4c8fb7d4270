//! How an automation stands, running one now, and trying its channels out.
use super::{
    engine::{AutomationPhase, Standing, rehearse},
    run::AutomationRun,
    sql,
};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    error::Constraint,
    id::{AutomationId, AutomationRunId},
    operation::{Output, caller_is_gone, input::ById},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How an automation stands.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AutomationStatus {
    /// The automation.
    pub id: AutomationId,
    /// Whether the schedule counts.
    pub is_enabled: bool,
    /// When it is due next; null while it is switched off.
    pub next_run_at: Option<Timestamp>,
    /// How it stands as a whole; null before its first run. It is no column, but follows of `state`.
    pub phase: Option<AutomationPhase>,
    /// How its alert stands, group by group; null before its first run.
    pub state: Option<Standing>,
    /// How many of its runs failed in a row.
    pub failure_count: u32,
    /// How many of its runs are not over.
    pub waiting_runs: u32,
}

impl Output for AutomationStatus {}

/// How an automation stands.
///
/// # Errors
/// `NotFound` if the organization has no such automation, whoever else may.
pub async fn status(_: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<AutomationId>) -> Result<AutomationStatus> {
    let status: Option<AutomationStatus> = db.first(sql::SHOW_STATUS, [(&id).into()]).await?;
    let status = status.ok_or(Error::NotFound("automation"))?;
    Ok(AutomationStatus { phase: status.state.as_ref().map(Standing::phase), ..status })
}

/// What a run would find and tell.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsal {
    /// As a run's `result`: what was found, and under `notice` what would be told, if anything.
    pub result: Value,
}

impl Output for Rehearsal {}

/// What a run would find now and what it would tell: with the caller's own rights. Nothing is kept, and nobody is told.
///
/// # Errors
/// `NotFound`, `OrgPermission`; `Forbidden` if the caller may not do what it does; `Invalid` if it would fail.
pub async fn test(cx: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<AutomationId>) -> Result<Rehearsal> {
    let (automation, []) = db.first_owned_and(sql::AUTOMATION, sql::SHOW_FOR_ENGINE, &id, []).await?;
    Ok(Rehearsal { result: rehearse(cx, &automation).await? })
}

/// What people may ask for, and how often an organization may within an hour: each run mails as many people as an alert.
struct Asked {
    is_test: bool,
    max: i64,
    /// What to say of one more.
    too_many: &'static str,
}

const WITHIN_S: u32 = 3600;
const RUN: Asked = Asked {
    is_test: false,
    max: 60,
    too_many: "Your organization has asked for 60 runs within an hour, the most that it may. Wait, then try again.",
};
const TEST: Asked = Asked {
    is_test: true,
    max: 20,
    too_many: "Your organization has sent 20 tests within an hour, the most that it may. Wait, then try again.",
};

/// Has an automation run now, as the schedule would: with the rights of whom it runs as, switched on or not.
///
/// # Errors
/// `NotFound`, `OrgPermission`; `Conflict` if it was asked for in the same millisecond; `NotAMember` if the caller is gone;
/// `TooManyRequests`.
pub async fn run_now(cx: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<AutomationId>) -> Result<AutomationRun> {
    ask(cx, db, &id, RUN).await
}

/// Sends a test to each address and URL of the automation's channels. Nothing is evaluated, and how the automation stands does
/// not change.
///
/// # Errors
/// As for [`run_now`].
pub async fn test_send(cx: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<AutomationId>) -> Result<AutomationRun> {
    ask(cx, db, &id, TEST).await
}

/// Adds a run, and has it begin before the next tick.
async fn ask(cx: &AuthCtx, db: &OrgDb<'_>, id: &AutomationId, asked: Asked) -> Result<AutomationRun> {
    let (run, now) = (AutomationRunId::generate(cx.now(), cx.random())?, cx.now());
    // Whole minutes are the schedule's: what is asked for takes no slot.
    let due = Timestamp::from_unix_ms(now.unix_ms() + i64::from(now.unix_ms() % 60_000 == 0));
    let since = now.plus_s(-i64::from(WITHIN_S));
    let (user, is_test) = (cx.user_id().into(), asked.is_test.into());
    let args = [(&run).into(), id.into(), user, now.into(), due.into(), is_test, since.into(), asked.max.into()];
    let made: Result<Option<AutomationRun>> = db.add_to_owned(sql::AUTOMATION, id, db.bind(sql::ADD_RUN, args)).await;
    let made = made.map_err(|error| match error {
        Error::Constraint(Constraint::Unique(_)) => {
            Error::Conflict("This automation has been asked to run at this very moment.".into())
        }
        other => caller_is_gone(other),
    })?;
    let made = made.ok_or(Error::TooManyRequests { why: asked.too_many, wait_s: WITHIN_S })?;
    cx.wake(id, made.scheduled_for).await;
    Ok(made)
}
