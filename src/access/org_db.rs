//! One organization's rows.
use super::{AuthCtx, Called, OrgStore, Owner, audit_sql, validate_org_ownership};
use crate::{
    Error, Result,
    db::{Bind, MAX_BINDS, OrgChange, OrgSql, OwnedTable, Rows, SqlError, Statement},
    id::{Id, UserId},
    policy::{Action, Permission, Resource},
    time::Timestamp,
};
use serde::de::DeserializeOwned;

/// One organization's rows. [`AuthCtx::authorize`] is the only way to one, and it does no more than the permission says:
/// bought to read it changes nothing, and only bought to delete it deletes.
///
/// ```compile_fail
/// fn from_thin_air(cx: &orgscope::access::AuthCtx) -> orgscope::access::OrgDb<'_> {
///     orgscope::access::OrgDb { cx, permission: unimplemented!(), only_of: None, called: None }
/// }
/// ```
/// ```compile_fail
/// async fn free_text(db: &orgscope::access::OrgDb<'_>) {
///     let _: Vec<()> = db.all("select * from dataset", []).await.unwrap();
/// }
/// ```
/// ```compile_fail
/// const UNSCOPED: orgscope::db::OrgSql = orgscope::db::OrgSql::new("all", "select * from dataset");
/// ```
/// ```compile_fail
/// # use orgscope::{access::OrgDb, db::{OrgSql, Bind}};
/// const S: OrgSql = OrgSql::new("s", "select 1 from dataset where org_id = ?1");
/// fn too_many(db: &OrgDb<'_>) { db.bind(S, [const { Bind::Null }; 100]); }
/// fn main() { let _: fn(&OrgDb<'_>) = too_many; }
/// ```
/// ```
/// # use orgscope::{access::OrgDb, db::{OrgSql, Bind}};
/// const S: OrgSql = OrgSql::new("s", "select 1 from dataset where org_id = ?1");
/// fn just_enough(db: &OrgDb<'_>) { db.bind(S, [const { Bind::Null }; 99]); }
/// fn main() { let _: fn(&OrgDb<'_>) = just_enough; }
/// ```
pub struct OrgDb<'a> {
    cx: &'a AuthCtx,
    /// What it was bought for.
    permission: Permission,
    /// The caller may delete only what this user made.
    only_of: Option<&'a UserId>,
    /// The call that it serves. Without one, it changes nothing: there would be no event of it.
    called: Option<Called>,
}

/// A statement bound to the organization, for [`OrgDb::batch`].
pub struct OrgStatement(Statement);

impl<'a> OrgDb<'a> {
    pub(super) const fn new(cx: &'a AuthCtx, permission: Permission, only_of: Option<&'a UserId>) -> Self {
        Self { cx, permission, only_of, called: None }
    }

    /// The same, for a call of an operation: what it changes is in the audit log under that name.
    #[must_use]
    pub fn serving(self, called: Called) -> Self {
        Self { called: Some(called), ..self }
    }

    /// The rows of the organization's datasets, to read.
    #[must_use]
    pub const fn store(&self) -> OrgStore<'a> {
        OrgStore::new(self.cx, self.permission, false)
    }

    /// Binds the organization to `?1` and `args` from `?2`.
    #[must_use]
    pub fn bind<const N: usize>(&self, sql: OrgSql, args: [Bind; N]) -> OrgStatement {
        const { assert!(N < MAX_BINDS, "D1 binds at most 100 values, the organization among them") };
        OrgStatement(sql.bind(self.cx.org_id(), args))
    }

    /// Runs the statements in order, atomically, in one round trip. If they change something, the last does, and no
    /// other; its `?2` is the row's id, and its event is in the same transaction.
    ///
    /// # Errors
    /// What the database says; a constraint is for the caller to name.
    pub async fn batch<const N: usize>(&self, statements: [OrgStatement; N]) -> Result<[Rows; N], SqlError> {
        let statements: Vec<_> = statements.into_iter().map(|statement| statement.0).collect();
        if statements.iter().all(Statement::is_read) {
            return exactly(self.cx.batch(statements).await?);
        }
        if self.only_reads() {
            return Err(SqlError::Other(format!("{} does not cover a write", self.permission)));
        }
        exactly(self.change(&statements).await?)
    }

    /// Runs statements that read, or add to the caller's own threads with agents, in one round trip. What is said is no event
    /// of the audit log; what an agent does is, by the operation that does it.
    ///
    /// # Errors
    /// As [`OrgDb::batch`].
    pub async fn say<const N: usize>(&self, statements: [OrgStatement; N]) -> Result<[Rows; N], SqlError> {
        let is_said = |statement: &Statement| statement.is_read() || statement.text().starts_with("insert into agent_");
        let statements: Vec<_> = statements.into_iter().map(|statement| statement.0).collect();
        if self.permission.resource != Resource::AgentThread || self.only_reads() || !statements.iter().all(is_said) {
            return Err(SqlError::Other(format!("{} does not cover what is said", self.permission)));
        }
        exactly(self.cx.batch(statements).await?)
    }

    /// Runs statements of which the last changes a row, and with it its event.
    async fn change(&self, statements: &[Statement]) -> Result<Vec<Rows>, SqlError> {
        let called = self.called.as_ref().ok_or_else(|| SqlError::Other("a change outside of an operation".into()))?;
        match statements {
            [reads @ .., change] if reads.iter().all(Statement::is_read) => {
                self.cx.audited(statements, audit_sql::OF_CHANGE, &called.about(change)).await
            }
            _ => Err(SqlError::Other("a batch changes something before its last statement".into())),
        }
    }

    /// Every row.
    ///
    /// # Errors
    /// As [`OrgDb::batch`].
    pub async fn all<T: DeserializeOwned, const N: usize>(&self, sql: OrgSql, args: [Bind; N]) -> Result<Vec<T>> {
        let [rows] = self.batch([self.bind(sql, args)]).await?;
        rows.decode()
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As [`OrgDb::batch`].
    pub async fn first<T: DeserializeOwned, const N: usize>(&self, sql: OrgSql, args: [Bind; N]) -> Result<Option<T>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// The row `id` of `table`, by `sql`, which must be filtered by the organization (`?1`) and the id (`?2`), for a change
    /// of what belongs to it; and what more statements give in the same round trip, which must read.
    ///
    /// # Errors
    /// `NotFound`; `OrgPermission` if it belongs to another organization.
    pub async fn first_owned_and<T: DeserializeOwned, const N: usize>(
        &self,
        table: OwnedTable,
        sql: OrgSql,
        id: &impl Id,
        more: [OrgStatement; N],
    ) -> Result<(T, [Rows; N])> {
        // One that does not read is left out, and missed below.
        let more = more.into_iter().map(|statement| statement.0).filter(Statement::is_read);
        let all = [table.owner_of(id), sql.bind(self.cx.org_id(), [id.into()])].into_iter().chain(more).collect();
        let mut done = self.cx.batch(all).await?;
        let rest = exactly(done.split_off(done.len().min(2)))?;
        let [owner, row] = exactly(done)?;
        self.owned(table, owner)?;
        let row = row.decode_first()?.ok_or_else(|| Error::internal("a row of the organization is not its own"))?;
        Ok((row, rest))
    }

    /// The dataset `id`, by `sql` as for [`OrgDb::first_owned_and`], and its rows, to change. They are not in this database:
    /// that they are about to change is in the audit log before the first of them does.
    ///
    /// # Errors
    /// As [`OrgDb::first_owned_and`].
    pub async fn begin_rows<T: DeserializeOwned>(
        &self,
        table: OwnedTable,
        sql: OrgSql,
        id: &impl Id,
    ) -> Result<(T, OrgStore<'a>)> {
        let called = self.called.as_ref().ok_or_else(|| Error::internal("rows change outside of an operation"))?;
        let row = sql.bind(self.cx.org_id(), [id.into()]);
        let begun = called.about(&row).begun();
        let [owner, row] = exactly(self.cx.audited(&[table.owner_of(id), row], audit_sql::OF_ROWS, &begun).await?)?;
        self.owned(table, owner)?;
        let row = row.decode_first()?.ok_or_else(|| Error::internal("a row of the organization is not its own"))?;
        Ok((row, OrgStore::new(self.cx, self.permission, true)))
    }

    /// Adds a row to what belongs to the row `id` of `table`, by a statement that adds none unless that is the
    /// organization's, and returns what it adds; none if another of its conditions does not hold.
    ///
    /// # Errors
    /// `NotFound`; `OrgPermission` if it belongs to another organization; a constraint that the statement may break.
    pub async fn add_to_owned<T: DeserializeOwned>(
        &self,
        table: OwnedTable,
        id: &impl Id,
        add: OrgStatement,
    ) -> Result<Option<T>> {
        if self.permission.resource != table.resource() || self.only_reads() {
            return Err(Error::internal(format!("{} does not cover a new row", self.permission)));
        }
        let [owner, added] = exactly(self.change(&[table.owner_of(id), add.0]).await?)?;
        self.owned(table, owner)?;
        added.decode_first()
    }

    /// Updates the row `id` with `sql`, which must return the new row and be filtered by the organization
    /// (`?1`), the id (`?2`), and `(?3 is null or updated_at = ?3)`, where `?3` is `expected`. `args` start at `?4`.
    ///
    /// # Errors
    /// `NotFound`; `OrgPermission` if it belongs to another organization; `Stale` if it has changed since `expected`;
    /// a constraint that `sql` may break.
    pub async fn update_owned<T: DeserializeOwned, const N: usize>(
        &self,
        sql: OrgChange,
        id: &impl Id,
        expected: Option<Timestamp>,
        args: [Bind; N],
    ) -> Result<T> {
        const { assert!(N + 3 <= MAX_BINDS, "D1 binds at most 100 values") };
        let binds = [id.into(), expected.into()].into_iter().chain(args);
        let (_, rows) = self.change_owned(sql, id, binds).await?;
        rows.decode_first()?.ok_or(Error::Stale(sql.table().noun()))
    }

    /// Deletes the row `id` with `sql`, which must be filtered by the organization (`?1`), the id (`?2`),
    /// `(?3 is null or updated_at = ?3)` where `?3` is `expected`, and `(?4 is null or created_by = ?4)` where `?4` is
    /// the caller if he may delete only his own.
    ///
    /// # Errors
    /// `NotFound`; `OrgPermission`; `Stale`; `Forbidden` if it is not the caller's own and he may delete no other;
    /// `Conflict` if a further condition of `sql` does not hold.
    pub async fn delete_owned(&self, sql: OrgChange, id: &impl Id, expected: Option<Timestamp>) -> Result<()> {
        let resource = sql.table().resource();
        let (owner, rows) = self.change_owned(sql, id, [id.into(), expected.into(), self.only_of.into()]).await?;
        match rows.changed {
            0 if self.only_of.is_some() && self.only_of != owner.created_by.as_ref() => {
                Err(Error::Forbidden(Permission { resource, action: Action::Delete }))
            }
            0 if expected.is_some_and(|expected| expected != owner.updated_at) => Err(Error::Stale(sql.table().noun())),
            0 => Err(Error::Conflict(format!("This {} is still in use.", sql.table().noun()))),
            _ => Ok(()),
        }
    }

    /// Reads whose the row is and runs the change, in one transaction. The change is filtered by the organization, so it
    /// has not touched a row that [`validate_org_ownership`] then refuses.
    async fn change_owned(
        &self,
        sql: OrgChange,
        id: &impl Id,
        args: impl IntoIterator<Item = Bind>,
    ) -> Result<(Owner, Rows)> {
        let table = sql.table();
        let is_covered = self.permission.resource == table.resource()
            && !self.only_reads()
            && (self.permission.action == Action::Delete) == sql.is_delete();
        if !is_covered {
            return Err(Error::internal(format!("{} does not cover {}", self.permission, sql.name())));
        }
        let both = [table.owner_of(id), sql.bind(self.cx.org_id(), args)];
        let [owner, changed] = exactly(self.change(&both).await?)?;
        Ok((self.owned(table, owner)?, changed))
    }

    /// Whose the row is, if it is the organization's.
    fn owned(&self, table: OwnedTable, owner: Rows) -> Result<Owner> {
        let word = table.noun();
        let mut owner: Owner = owner.decode_first()?.ok_or(Error::NotFound(word))?;
        owner.kind = word;
        validate_org_ownership(&owner, self.cx)?;
        Ok(owner)
    }

    const fn only_reads(&self) -> bool {
        matches!(self.permission.action, Action::Read | Action::Query)
    }
}

/// As many results as there were statements.
fn exactly<const N: usize>(done: Vec<Rows>) -> Result<[Rows; N], SqlError> {
    done.try_into().map_err(|_| SqlError::Other("a batch answered with another number of results".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::{Door, enter},
        dataset::sql,
        house::world::World,
        id::DatasetId,
        policy::Resource,
    };
    use pollster::block_on;
    use serde_json::{Value, json};

    #[test]
    fn a_handle_does_no_more_than_its_permission() {
        let w = World::new();
        let columns = json!([{ "name": "a", "type": "text", "nullable": true }]);
        let made = w.made("owner-a", "/api/datasets", json!({ "name": "d", "columns": columns }));
        let id: DatasetId = serde_json::from_value(made["id"].clone()).unwrap();
        let request = w.request("owner-a", "GET", "/api/me", Value::Null);
        let cx = block_on(enter(&w.app, &request, Door::Rest)).unwrap();
        let before = w.db.dump();
        for (resource, action, may_update, may_delete) in [
            (Resource::Dataset, Action::Read, false, false),
            (Resource::Dataset, Action::Update, true, false),
            (Resource::Dataset, Action::Delete, false, true),
            (Resource::Widget, Action::Update, false, false),
            (Resource::Widget, Action::Delete, false, false),
        ] {
            let db = cx.authorize(Permission { resource, action }).unwrap().serving(Called::unread("test"));
            // A version that the row never had: what is covered is stale, and changes nothing either.
            let never = Some("2000-01-01T00:00:00.000Z".parse().unwrap());
            let changes = [const { Bind::Null }; 5];
            let updated = block_on(db.update_owned::<Value, 5>(sql::UPDATE, &id, never, changes)).unwrap_err();
            let deleted = block_on(db.delete_owned(sql::DELETE, &id, never)).unwrap_err();
            let swapped = block_on(db.update_owned::<Value, 1>(sql::DELETE, &id, never, [Bind::Null])).unwrap_err();
            let is_stale = |error: &Error| matches!(error, Error::Stale(_));
            assert_eq!((is_stale(&updated), is_stale(&deleted)), (may_update, may_delete), "{resource:?} {action:?}");
            assert_eq!(is_stale(&swapped), may_delete, "{resource:?} {action:?}");
            let said = block_on(db.say([db.bind(sql::SHOW, [(&id).into()])]));
            assert!(said.is_err(), "{resource:?} {action:?}");
            if action == Action::Read {
                let added = block_on(db.batch([db.bind(sql::CREATE, [])])).unwrap_err();
                assert_eq!(added, SqlError::Other("dataset:read does not cover a write".into()));
            }
        }
        let say = Permission { resource: Resource::AgentThread, action: Action::Create };
        let db = cx.authorize(say).unwrap();
        let said = block_on(db.say([db.bind(sql::SHOW, [(&id).into()]), db.bind(sql::CREATE, [])])).unwrap_err();
        assert_eq!(said, SqlError::Other("agentThread:create does not cover what is said".into()));
        assert_eq!(w.db.dump(), before);
    }
}
