//! Events that are older than the deployment keeps them.
use crate::{
    Result,
    access::{App, sql},
    id::OrgId,
};
use serde::Deserialize;

/// How many events of one log a batch deletes, and of how many logs; and how many batches one run of the purge has.
const EVENTS: u32 = 100;
const LOGS: u32 = 20;
const MAX_BATCHES: u32 = 10;
/// For how much longer an event is kept, so that the database's clock, by which a trigger keeps it for a year, agrees.
const GRACE_S: i64 = 60 * 60;

/// An organization with events to let go of.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldLog {
    org_id: OrgId,
}

/// Deletes events that are older than `AUDIT_RETENTION_DAYS`, each log's from its beginning on, but its newest, after which it
/// goes on. What is left when it stops is for the next hour. Gives their number.
///
/// # Errors
/// What the database says; what was deleted until then is deleted.
pub async fn purge(app: &App) -> Result<u64> {
    let Some(days) = app.config.audit_retention_days else { return Ok(0) };
    let before = app.now.plus_s(-86_400 * i64::from(days) - GRACE_S);
    let mut purged = 0;
    for _ in 0..MAX_BATCHES {
        let old = sql::OLD_LOGS.bind([before.into(), i64::from(LOGS).into(), i64::from(EVENTS * LOGS).into()]);
        let logs: Vec<OldLog> = app.identity().run(old).await?.decode()?;
        if logs.is_empty() {
            break;
        }
        let of_each =
            logs.iter().map(|log| sql::PURGE_LOG.bind([(&log.org_id).into(), before.into(), i64::from(EVENTS).into()]));
        let done = app.identity().batch(of_each.collect()).await?;
        let gone: usize = done.iter().map(|rows| rows.rows.len()).sum();
        // A young event may stand before an old one: that log has to wait.
        if gone == 0 {
            break;
        }
        purged += gone as u64;
    }
    Ok(purged)
}
