//! Tokens, grants and clients that are over are deleted, some rows at a time.
use super::server_sql;
use crate::{Result, access::App};

/// Rows of a table that one statement deletes: D1 is one thread, and others wait for it.
const ROWS: u32 = 500;
/// Batches of one run. What is left is the next run's.
const MAX_BATCHES: usize = 20;

/// Deletes expired tokens, grants whose code or refresh token is over, and clients past their time that have no grant. Gives
/// the number of rows.
///
/// # Errors
/// What the database says; what was deleted until then is deleted.
pub async fn purge(app: &App) -> Result<u64> {
    let mut purged = 0;
    for _ in 0..MAX_BATCHES {
        let all = [server_sql::PURGE_TOKENS, server_sql::PURGE_GRANTS, server_sql::PURGE_CLIENTS];
        let statements = all.map(|sql| sql.bind([app.now.into(), i64::from(ROWS).into()]));
        let done = app.identity().batch(statements.into()).await?;
        let counts: Vec<u64> = done.into_iter().map(|rows| rows.changed).collect();
        purged += counts.iter().sum::<u64>();
        if counts.iter().all(|count| *count < ROWS.into()) {
            break;
        }
    }
    Ok(purged)
}
