//! The engine: what makes automations run when they are due.
//!
//! A tick asks which automations are due and sends a message about each. Whoever receives one reads in the database what is
//! due, makes runs of the slots, and moves the automation on to the next one, in one batch: so a message that comes twice,
//! late or never loses no slot and runs none twice. He takes up the oldest run, holds it for a while, evaluates it as the
//! member whom the automation runs as, and keeps in one batch how it ended, how the automation stands and what is to be
//! told. If he dies, the hold ends, and the next tick sends another.
use super::{AutomationConfig, Plan, Schedule};
use crate::{
    Error, Result,
    access::{App, AuthCtx, EngineDb, EngineStatement, sql as gate},
    db::{Bind, IdentityStatement, Rows},
    delivery::notice::{self, Ended},
    id::{AutomationId, AutomationRunId, UserId},
    queue::Wake,
    time::Timestamp,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[cfg(test)]
mod delivery_tests;
mod evaluate;
mod settle;
#[cfg(test)]
mod simulation;
pub mod sql;
#[cfg(test)]
mod tests;

pub use settle::{AutomationPhase, MAX_FAILURES, Standing};
use settle::{Outcome, Settled, missed_notice, settle};

/// How many messages a page of a tick sends.
const PAGE: i64 = 500;
/// How many pages a tick has. What is left is the next one's.
const MAX_PAGES: usize = 10;
/// For how long a message is taken to be under way: then another is sent.
const UNDER_WAY_S: i64 = 180;
/// For how long a run is held: longer than any evaluation may take.
const LEASE_S: i64 = 120;
/// How often a run is tried.
const MAX_ATTEMPTS: u32 = 3;
/// How long after the first and the second attempt the next one is made.
const RETRY_AFTER_S: i64 = 30;
/// How many runs one purge deletes at most by each rule, in batches.
const PURGE_BATCHES: usize = 20;
const PURGE_ROWS: u32 = 500;

/// Sends a message about each automation that is due, or has runs that wait. Gives how many.
///
/// # Errors
/// What the database or the queue says. What was not sent is sent once [`UNDER_WAY_S`] have passed.
pub async fn tick(app: &App) -> Result<usize> {
    let queue = app
        .queue
        .as_ref()
        .ok_or_else(|| Error::Misconfigured("The binding AUTOMATIONS is missing in wrangler.toml.".into()))?;
    let mut sent = 0;
    for _ in 0..MAX_PAGES {
        let args = || [app.now.into(), app.now.plus_s(UNDER_WAY_S).into(), PAGE.into()];
        let both = vec![gate::DISPATCH_DUE.bind(args()), gate::DISPATCH_WAITING.bind(args())];
        let mut wakes = vec![];
        for rows in app.identity().batch(both).await? {
            wakes.extend(rows.decode::<Wake>()?);
        }
        let count = wakes.len();
        if count > 0 {
            queue.send(wakes).await.map_err(Error::internal)?;
        }
        sent += count;
        if i64::try_from(count).is_ok_and(|count| count < PAGE) {
            break;
        }
    }
    Ok(sent)
}

/// Deletes runs that ended longer ago than they are kept by the deployment, or by their organization, some at a time. Gives how many.
///
/// # Errors
/// What the database says; what was deleted until then is deleted.
pub async fn purge(app: &App) -> Result<u64> {
    let days = i64::from(app.config.run_retention_days);
    let (before, rows) = (app.now.plus_s(-86_400 * days), i64::from(PURGE_ROWS));
    let by_deployment = || gate::PURGE_RUNS.bind([before.into(), rows.into()]);
    let by_organization = || gate::PURGE_RUNS_OF_ORGANIZATIONS.bind([app.now.into(), rows.into(), days.into()]);
    Ok(purge_by(app, by_deployment).await? + purge_by(app, by_organization).await?)
}

async fn purge_by(app: &App, statement: impl Fn() -> IdentityStatement) -> Result<u64> {
    let mut purged = 0;
    for _ in 0..PURGE_BATCHES {
        let done = app.identity().run(statement()).await?;
        purged += done.changed;
        if done.changed < PURGE_ROWS.into() {
            break;
        }
    }
    Ok(purged)
}

/// What a run would find now, with the caller's rights, and what it would tell, from how the automation stands: nothing is
/// kept, and nobody is told.
///
/// # Errors
/// `Forbidden` if the caller may not do what it does; `Invalid` if there is nothing to be found so.
pub async fn rehearse(cx: &AuthCtx, automation: &Loaded) -> Result<Value> {
    let found = evaluate::evaluate(cx, &automation.config, &automation.schedule.time_zone).await?;
    Ok(settle(automation, None, Outcome::Found(found), cx.now()).result)
}

/// An automation, as the engine reads it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Loaded {
    id: AutomationId,
    name: String,
    is_enabled: bool,
    config: AutomationConfig,
    schedule: Schedule,
    next_run_at: Option<Timestamp>,
    state: Option<Standing>,
    failure_count: u32,
    updated_at: Timestamp,
    is_awaited: bool,
    is_busy: bool,
}

/// A run that is held.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    id: AutomationRunId,
    scheduled_for: Timestamp,
    attempt: u32,
    is_test: bool,
    created_by: Option<UserId>,
}

/// Does what the message is about, if the database says the same: one run at most. Gives a message about what is left to
/// do for the automation, if anything is.
///
/// # Errors
/// What the database says; the message is to be delivered again.
pub async fn receive(app: &App, wake: &Wake) -> Result<Option<Wake>> {
    let db = app.engine(&wake.org_id);
    let seen = db.batch(vec![show(&db, wake)]).await?.pop().unwrap_or_default();
    let Some(seen) = seen.decode_first::<Loaded>()? else { return Ok(None) };
    let due = seen.next_run_at.filter(|at| *at <= app.now);
    if due != Some(wake.slot) && !seen.is_awaited {
        return Ok(None);
    }
    // What is due is planned once what was planned is over: so no automation has many runs that wait.
    let plan = match due {
        Some(due) if !seen.is_busy => Plan::of(&seen.schedule, due, app.now)?,
        _ => Plan { next: seen.next_run_at, ..Plan::default() },
    };
    let mut done = db.batch(claim(app, &db, &seen, &plan, wake)?).await?;
    let automation: Option<Loaded> = done.pop().unwrap_or_default().decode_first()?;
    let held: Option<Held> = done.pop().unwrap_or_default().decode_first()?;
    let next_slot = plan.next.filter(|next| *next <= app.now);
    let (Some(automation), Some(held)) = (automation, held) else {
        // Whoever holds the run that keeps this one from it, or the next tick, goes on.
        return Ok(next_slot.filter(|_| !seen.is_busy).map(|slot| Wake { slot, ..wake.clone() }));
    };
    let left = run(app, &db, &automation, &held).await?;
    Ok(left.or(next_slot).map(|slot| Wake { slot, ..wake.clone() }))
}

fn show(db: &EngineDb<'_>, wake: &Wake) -> EngineStatement {
    db.bind(sql::SHOW, [(&wake.id).into(), wake.slot.into()])
}

/// Makes the runs of the plan, moves the automation on, takes up a run and reads the automation: the last two answer.
fn claim(app: &App, db: &EngineDb<'_>, seen: &Loaded, plan: &Plan, wake: &Wake) -> Result<Vec<EngineStatement>> {
    let (now, id, due) = (app.now, &seen.id, seen.next_run_at);
    let mut batch = vec![];
    if !plan.runs.is_empty() {
        let run = |slot: &Timestamp| Ok(json!({ "id": AutomationRunId::generate(now, app.random)?, "slot": slot }));
        let runs = plan.runs.iter().map(run).collect::<Result<Vec<_>>>()?;
        batch.push(db.bind(sql::ADD_RUNS, [id.into(), Bind::json(&runs)?, due.into(), now.into()]));
    }
    if let Some(missed) = &plan.missed {
        let run = AutomationRunId::generate(now, app.random)?;
        let notice = missed_notice(seen, &run, missed);
        let result = Bind::json(&json!({ "missed": missed, "notice": notice }))?;
        let args = [id.into(), (&run).into(), due.into(), missed.last.into(), result, now.into()];
        batch.push(db.bind(sql::ADD_SKIPPED, args));
        let ended = Ended { run: &run, attempt: 0 };
        batch.extend(notice::keep(app, db, ended, seen.config.channels(), &notice)?);
    }
    batch.push(db.bind(sql::ADVANCE, [id.into(), due.into(), plan.next.into()]));
    batch.push(db.bind(sql::TAKE, [id.into(), now.into(), now.plus_s(LEASE_S).into()]));
    batch.push(show(db, wake));
    Ok(batch)
}

/// Evaluates the run that is held, and keeps how it ended. Gives the slot of another that waits.
async fn run(app: &App, db: &EngineDb<'_>, automation: &Loaded, held: &Held) -> Result<Option<Timestamp>> {
    let outcome = match outcome(db, automation, held).await {
        Ok(outcome) => outcome,
        Err(error) if held.attempt < MAX_ATTEMPTS => {
            (app.runtime.log_fault)(&format!("{error:?}"));
            let again = app.now.plus_s(RETRY_AFTER_S * i64::from(held.attempt));
            db.batch(vec![give_back(app, db, automation, held, again, Some(why(&error)))]).await?;
            return Ok(None);
        }
        Err(error) => {
            (app.runtime.log_fault)(&format!("{error:?}"));
            Outcome::Failed(why(&error))
        }
    };
    let settled = settle(automation, Some(held), outcome, app.now);
    let mut done = db.batch(finish(app, db, automation, held, &settled)?).await?;
    next_waiting(done.pop().unwrap_or_default())
}

/// What to say of an error in a run, which is no request.
fn why(error: &Error) -> String {
    match error {
        Error::Internal(_) => "Something went wrong on our side.".into(),
        other => other.to_string(),
    }
}

/// How it ends; an error if another attempt may end better.
async fn outcome(db: &EngineDb<'_>, automation: &Loaded, held: &Held) -> Result<Outcome> {
    if !automation.is_enabled && held.created_by.is_none() {
        return Ok(Outcome::SwitchedOff);
    }
    if held.attempt > MAX_ATTEMPTS {
        let why =
            format!("It was begun {MAX_ATTEMPTS} times, and each time it was cut off, or the automation was changed.");
        return Ok(Outcome::Failed(why));
    }
    if held.is_test {
        return Ok(Outcome::Tested);
    }
    let found = async {
        let cx = db.enter_as(&automation.id).await?;
        evaluate::evaluate(&cx, &automation.config, &automation.schedule.time_zone).await
    };
    match found.await {
        Ok(found) => Ok(Outcome::Found(found)),
        Err(Error::NotAMember | Error::Unauthenticated) => {
            Ok(Outcome::Refused("The member whom it runs as is gone.".into()))
        }
        Err(Error::Forbidden(permission)) => {
            Ok(Outcome::Refused(format!("The role of the member whom it runs as does not grant {permission}.")))
        }
        Err(error @ (Error::Invalid { .. } | Error::NotFound(_))) => Ok(Outcome::Failed(error.to_string())),
        Err(error) => Err(error),
    }
}

/// Ends the run, and keeps how the automation stands. If that has changed meanwhile, none of it counts, and the run is taken
/// up again. The last statement gives what waits.
fn finish(
    app: &App,
    db: &EngineDb<'_>,
    automation: &Loaded,
    held: &Held,
    settled: &Settled,
) -> Result<Vec<EngineStatement>> {
    let now = app.now;
    let fence =
        || [(&automation.id).into(), (&held.id).into(), i64::from(held.attempt).into(), automation.updated_at.into()];
    let with = |args: [Bind; 4]| {
        let [a, b, c, d] = fence();
        let [e, f, g, h] = args;
        [a, b, c, d, e, f, g, h]
    };
    let (status, result) = (settled.status.word().into(), Bind::json(&settled.result)?);
    let ended = with([status, result, settled.error.as_ref().into(), now.into()]);
    let standing = settled.standing.as_ref().map_or(Ok(Bind::Null), Bind::json)?;
    let failures = i64::from(settled.failure_count).into();
    let stands = with([standing, failures, settled.pauses.into(), now.into()]);
    let mut batch = vec![db.bind(sql::FINISH, ended), db.bind(sql::SETTLE, stands)];
    if let Some(notice) = &settled.notice {
        let notice = notice.clone().with_file(settled.file.as_ref())?;
        let ended = Ended { run: &held.id, attempt: held.attempt };
        batch.extend(notice::keep(app, db, ended, automation.config.channels(), &notice)?);
    }
    batch.push(give_back(app, db, automation, held, now, None));
    batch.push(db.bind(sql::NEXT_WAITING, [(&automation.id).into(), now.into()]));
    Ok(batch)
}

fn give_back(
    app: &App,
    db: &EngineDb<'_>,
    automation: &Loaded,
    held: &Held,
    again: Timestamp,
    why: Option<String>,
) -> EngineStatement {
    let attempt = i64::from(held.attempt).into();
    let args = [(&automation.id).into(), (&held.id).into(), attempt, again.into(), why.into(), app.now.into()];
    db.bind(sql::GIVE_BACK, args)
}

fn next_waiting(rows: Rows) -> Result<Option<Timestamp>> {
    #[derive(Deserialize)]
    struct Waiting {
        slot: Timestamp,
    }
    Ok(rows.decode_first::<Waiting>()?.map(|waiting| waiting.slot))
}
