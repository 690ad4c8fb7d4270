//! Threads that no one has gone on with for long.
use crate::{Result, access::App};

/// How many rows one batch deletes, and how many batches one run of the purge has.
const ROWS: u32 = 100;
const MAX_BATCHES: u32 = 10;

crate::identity_sql! {
    /// Deletes threads of any organization that have not changed since `?1`, at most `?2`.
    PURGE = "delete from agent_thread
        where id in (select id from agent_thread where updated_at < ?1 order by updated_at limit ?2)";
}

/// Deletes threads whose last entry is older than `AGENT_THREAD_DAYS`; what is left when it stops is for the next hour.
/// Gives their number.
///
/// # Errors
/// What the database says; what was deleted until then is deleted.
pub async fn purge(app: &App) -> Result<u64> {
    let since = app.now.plus_s(-i64::from(app.config.agent.thread_days) * 24 * 60 * 60);
    let mut purged = 0;
    for _ in 0..MAX_BATCHES {
        let statement = PURGE.bind([since.into(), i64::from(ROWS).into()]);
        let gone = app.identity().run(statement).await?.changed;
        purged += gone;
        if gone < ROWS.into() {
            break;
        }
    }
    Ok(purged)
}
