//! What is over is deleted, some rows at a time.
use super::{attempt, sql};
use crate::{Error, Result, access::App, id::OrgId};
use serde::Deserialize;

/// Rows of a table that one statement deletes: D1 is one thread, and others wait for it.
const ROWS: u32 = 500;
/// Batches of one run. What is left is the next run's.
const MAX_BATCHES: usize = 20;
/// How long an invitation that nobody answered is shown after it has ended.
const INVITATION_KEPT_S: i64 = 30 * 86_400;
/// Stores that one run empties, one after the other.
const MAX_STORES: u32 = 100;

/// Deletes expired sessions and verifications, invitations that ended unanswered 30 days ago, and counts of attempts that
/// have lapsed. Invitations that were answered are their organization's history, and stay. Empties the stores of deleted
/// organizations. Gives the number of rows.
///
/// # Errors
/// What the database says; what was deleted until then is deleted.
pub async fn purge(app: &App) -> Result<u64> {
    let (now, mut purged) = (app.now, 0);
    for _ in 0..MAX_BATCHES {
        let limit = i64::from(ROWS);
        let statements = vec![
            sql::PURGE_SESSIONS.bind([now.into(), limit.into()]),
            sql::PURGE_VERIFICATIONS.bind([now.into(), limit.into()]),
            sql::PURGE_INVITATIONS.bind([now.plus_s(-INVITATION_KEPT_S).into(), limit.into()]),
            sql::PURGE_ATTEMPTS.bind([now.plus_s(-attempt::LAPSES_AFTER_S).unix_ms().into(), limit.into()]),
        ];
        let done = app.identity().batch(statements).await?;
        let counts: Vec<u64> = done.into_iter().map(|rows| rows.changed).collect();
        purged += counts.iter().sum::<u64>();
        if counts.iter().all(|count| *count < ROWS.into()) {
            break;
        }
    }
    Ok(purged + empty_stores(app).await?)
}

/// Empties the stores of organizations that are deleted, and strikes them off the list of migration 0009; a store that
/// cannot be told stays on it for the next run. One that was told at the deletion is told once more, for rows may have been
/// on their way to it.
async fn empty_stores(app: &App) -> Result<u64> {
    let listed = app.identity().run(sql::LIST_DELETED_ORGANIZATIONS.bind([i64::from(MAX_STORES).into()])).await?;
    let mut emptied = vec![];
    for DeletedOrganization { id } in listed.decode()? {
        if app.empty_store(&id).await {
            emptied.push(id);
        }
    }
    if emptied.is_empty() {
        return Ok(0);
    }
    let ids = serde_json::to_string(&emptied).map_err(Error::internal)?;
    Ok(app.identity().run(sql::FORGET_DELETED_ORGANIZATIONS.bind([ids.into()])).await?.changed)
}

/// An organization that is deleted, and whose store is to be emptied.
#[derive(Deserialize)]
pub struct DeletedOrganization {
    /// What its id was.
    pub id: OrgId,
}
