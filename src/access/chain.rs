//! The audit log, as it is written: every change and its event are one batch, and each event has the hash of the one
//! before it.
use super::{App, AuditEvent, AuthCtx, Called, Door, GENESIS, IdentityDb, audit_sql, sql};
use crate::{
    Result,
    db::{IdentityStatement, OrgSql, Rows, SqlError, Statement},
    error::Constraint,
    id::{OrgId, UserId},
};
use serde::Deserialize;
use std::cell::RefCell;

/// The end of an organization's chain.
#[derive(Clone, Debug, Deserialize)]
pub struct Head {
    seq: i64,
    hash: String,
}

impl Default for Head {
    /// That of an empty log.
    fn default() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned() }
    }
}

/// How often a place in the chain that another request took is given up for the next one. Each time, some request has
/// got one: so many at once all get theirs.
const ATTEMPTS: usize = 32;
/// How SQLite names the key that two requests for one place break.
const PLACE: &str = "audit_event.org_id, audit_event.seq";

/// An organization's chain, and who adds to it.
struct Chain<'a> {
    app: &'a App,
    org_id: &'a OrgId,
    user_id: &'a UserId,
    actor: &'a str,
    door: Door,
    head: &'a RefCell<Head>,
}

impl Chain<'_> {
    /// Runs the statements and with them, after so many, the event of the call, in one round trip, unless another request
    /// has taken the event's place in the chain: then, once the new end is read, again. What the event itself answers is
    /// left out.
    async fn add(
        &self,
        statements: &[Statement],
        after: usize,
        how: OrgSql,
        called: &Called,
    ) -> Result<Vec<Rows>, SqlError> {
        let (before, behind) = statements.split_at_checked(after).unwrap_or((statements, &[]));
        for _ in 0..ATTEMPTS {
            let event = self.event(called).map_err(|error| SqlError::Other(error.to_string()))?;
            let added = event.statement(how, self.org_id);
            let all = before.iter().cloned().chain([added]).chain(behind.iter().cloned()).collect();
            match self.app.databases.sql.batch(all).await {
                Err(SqlError::Constraint(Constraint::Unique(columns))) if columns == PLACE => {
                    let rows = self.app.databases.sql.batch(vec![audit_sql::HEAD.bind(self.org_id, [])]).await?;
                    let rows = rows.into_iter().next().unwrap_or_default();
                    let head = rows.decode_first().map_err(|error| SqlError::Other(error.to_string()))?;
                    self.head.replace(head.unwrap_or_default());
                }
                Err(error) => return Err(error),
                Ok(done) => {
                    let mut done = done.into_iter();
                    let mut rows: Vec<Rows> = done.by_ref().take(before.len()).collect();
                    if done.next().is_some_and(|added| !added.rows.is_empty()) {
                        self.head.replace(Head { seq: event.seq, hash: event.hash });
                    }
                    rows.extend(done);
                    return Ok(rows);
                }
            }
        }
        Err(SqlError::Unavailable(format!("the audit log's end has moved {ATTEMPTS} times")))
    }

    /// Notes that the call was refused. Should that fail, it is logged, and the answer is what it was.
    async fn note_denial(&self, called: &Called) {
        if let Err(error) = self.add(&[], 0, audit_sql::ALONE, called).await {
            let problem = format!("a denial of {} is not in the audit log: {error}", called.operation);
            (self.app.runtime.log_fault)(&problem);
        }
    }

    /// The next event of the chain, as far as this request knows where it ends.
    fn event(&self, called: &Called) -> Result<AuditEvent> {
        let head = self.head.borrow();
        let mut event = AuditEvent {
            seq: head.seq + 1,
            at: self.app.now,
            user_id: self.user_id.clone(),
            actor: self.actor.to_owned(),
            door: self.door,
            operation: called.operation.to_owned(),
            target_id: called.target_id.clone(),
            arguments_hash: called.arguments_hash.clone(),
            approval_id: called.approval_id.clone(),
            verdict: called.verdict,
            code: called.code.map(str::to_owned),
            prev_hash: head.hash.clone(),
            hash: String::new(),
        };
        event.hash = event.sealed(self.org_id)?;
        Ok(event)
    }
}

impl AuthCtx {
    fn chain(&self) -> Chain<'_> {
        let Self { app, org_id, user_id, actor, door, head, .. } = self;
        Chain { app, org_id, user_id, actor: actor.as_str(), door: *door, head }
    }

    /// Runs the statements and with them, last, the event of the call, in one round trip.
    pub(super) async fn audited(
        &self,
        statements: &[Statement],
        how: OrgSql,
        called: &Called,
    ) -> Result<Vec<Rows>, SqlError> {
        self.chain().add(statements, statements.len(), how, called).await
    }

    /// Notes that the call was refused. Should that fail, it is logged, and the answer is what it was.
    pub async fn note_denial(&self, called: &Called) {
        self.chain().note_denial(called).await;
    }
}

/// The audit log of an organization, for what a user with a session changes there by Better Auth's endpoints, which have no
/// [`AuthCtx`]: who may, they decide by themselves.
pub struct OrgLog {
    org_id: OrgId,
    user_id: UserId,
    head: RefCell<Head>,
}

/// What [`sql::LOG_END`] gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogEnd {
    org_id: OrgId,
    user_id: UserId,
    head: Option<Head>,
}

impl OrgLog {
    /// Looks up where the log of the organization ends that is named by its id, else by the invitation, else is the active
    /// one of the session of the token.
    #[must_use]
    pub fn end(token: &str, org: Option<&String>, invitation: Option<&String>) -> IdentityStatement {
        sql::LOG_END.bind([token.into(), org.into(), invitation.into()])
    }

    /// The log that was looked up, for the session's user; none if there is no such organization.
    ///
    /// # Errors
    /// `Internal` if the row is none.
    pub fn of(found: Rows) -> Result<Option<Self>> {
        let found: Option<LogEnd> = found.decode_first()?;
        Ok(found.map(|LogEnd { org_id, user_id, head }| Self {
            org_id,
            user_id,
            head: head.unwrap_or_default().into(),
        }))
    }

    /// That of an organization which is about to be made.
    #[must_use]
    pub fn of_new(org_id: OrgId, user_id: UserId) -> Self {
        Self { org_id, user_id, head: RefCell::default() }
    }

    /// Of which organization.
    #[must_use]
    pub const fn org_id(&self) -> &OrgId {
        &self.org_id
    }

    const fn chain<'a>(&'a self, app: &'a App) -> Chain<'a> {
        Chain {
            app,
            org_id: &self.org_id,
            user_id: &self.user_id,
            actor: "session",
            door: Door::Rest,
            head: &self.head,
        }
    }

    /// Notes that the call was refused, as [`AuthCtx::note_denial`].
    pub async fn note_denial(&self, app: &App, called: &Called) {
        self.chain(app).note_denial(called).await;
    }
}

impl IdentityDb<'_> {
    /// Runs the statements as [`IdentityDb::batch`] does, and with them, right after the one at `deciding`, the event of
    /// the call: if that one changes a row.
    ///
    /// # Errors
    /// As [`IdentityDb::batch`].
    pub async fn audited(
        &self,
        log: &OrgLog,
        statements: Vec<IdentityStatement>,
        deciding: usize,
        called: &Called,
    ) -> Result<Vec<Rows>, SqlError> {
        let statements: Vec<Statement> = statements.into_iter().map(Into::into).collect();
        if statements.get(deciding).is_none_or(Statement::is_read) {
            return Err(SqlError::Other("no statement decides whether there is an event".into()));
        }
        self.will_change();
        log.chain(self.app).add(&statements, deciding + 1, audit_sql::OF_CHANGE, called).await
    }
}
