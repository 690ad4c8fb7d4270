//! How the engine of automations enters: for no member, to its own rows; and as the member whom an automation runs as.
use super::{Actor, App, AuthCtx, Door, Membership, sql};
use crate::{
    Error, Result,
    db::{Bind, EngineSql, MAX_BINDS, Rows, SqlError, Statement},
    id::{AutomationId, OrgId},
};

/// The automations and runs of one organization, through statements declared by [`crate::engine_sql!`]: for what happens
/// when no member asks for it. The rest of the organization's rows are not to be had through it.
///
/// ```compile_fail
/// async fn another(db: &orgscope::access::EngineDb<'_>) {
///     db.bind(orgscope::dataset::sql::SHOW, []);
/// }
/// ```
pub struct EngineDb<'a> {
    app: &'a App,
    org_id: &'a OrgId,
}

/// A statement bound to the organization, for [`EngineDb::batch`].
pub struct EngineStatement(Statement);

impl App {
    /// The automations and runs of the organization.
    #[must_use]
    pub const fn engine<'a>(&'a self, org_id: &'a OrgId) -> EngineDb<'a> {
        EngineDb { app: self, org_id }
    }
}

impl EngineDb<'_> {
    /// Binds the organization to `?1` and `args` from `?2`.
    #[must_use]
    pub fn bind<const N: usize>(&self, sql: EngineSql, args: [Bind; N]) -> EngineStatement {
        const { assert!(N < MAX_BINDS, "D1 binds at most 100 values, the organization among them") };
        EngineStatement(sql.bind(self.org_id, args))
    }

    /// Runs the statements in order, atomically, in one round trip.
    ///
    /// # Errors
    /// What the database says.
    pub async fn batch(&self, statements: Vec<EngineStatement>) -> Result<Vec<Rows>, SqlError> {
        self.app.databases.sql.batch(statements.into_iter().map(|statement| statement.0).collect()).await
    }

    /// Enters as the member whom the automation runs as, with the rights that he has now: read here, and not when it was
    /// made. There is no way to enter as anyone else.
    ///
    /// # Errors
    /// `NotAMember` if he is gone, or is no member any more.
    pub async fn enter_as(&self, automation: &AutomationId) -> Result<AuthCtx> {
        let statement = sql::AUTOMATION_MEMBERSHIP.bind([self.org_id.into(), automation.into()]);
        let mut found: Membership =
            self.app.identity().run(statement).await?.decode_first()?.ok_or(Error::NotAMember)?;
        let (Some(org_id), Some(role)) = (found.org_id.take(), found.role.take()) else {
            return Err(Error::NotAMember);
        };
        let by = (Actor::Automation(automation.clone()), Door::Automation);
        Ok(found.caller(org_id, &role, None, by, self.app))
    }
}
