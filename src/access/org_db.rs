//! One organization's rows.
use super::{AuthCtx, Owner, validate_org_ownership};
use crate::{
    Error, Result,
    db::{Bind, MAX_BINDS, OrgSql, OwnedTable, Rows, SqlError, Statement},
    id::{Id, UserId},
    policy::{Action, Permission},
    time::Timestamp,
};
use serde::de::DeserializeOwned;

/// One organization's rows. [`AuthCtx::authorize`] is the only way to one.
///
/// ```compile_fail
/// fn from_thin_air(cx: &orgscope::access::AuthCtx) -> orgscope::access::OrgDb<'_> {
///     orgscope::access::OrgDb { cx, only_of: None }
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
/// const OTHER: orgscope::db::OrgSql = orgscope::db::OrgSql::new("other", "select 1 from dataset where org_id = ?10");
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
    /// The caller may delete only what this user made.
    only_of: Option<&'a UserId>,
}

/// A statement bound to the organization, for [`OrgDb::batch`].
pub struct OrgStatement(Statement);

impl<'a> OrgDb<'a> {
    pub(super) const fn new(cx: &'a AuthCtx, only_of: Option<&'a UserId>) -> Self {
        Self { cx, only_of }
    }

    /// Binds the organization to `?1` and `args` from `?2`.
    #[must_use]
    pub fn bind<const N: usize>(&self, sql: OrgSql, args: [Bind; N]) -> OrgStatement {
        const { assert!(N < MAX_BINDS, "D1 binds at most 100 values, the organization among them") };
        OrgStatement(sql.bind(self.cx.org_id(), args))
    }

    /// Runs the statements in order, atomically, in one round trip.
    ///
    /// # Errors
    /// What the database says; a constraint is for the caller to name.
    pub async fn batch<const N: usize>(&self, statements: [OrgStatement; N]) -> Result<[Rows; N], SqlError> {
        exactly(self.cx.batch(statements.into_iter().map(|s| s.0).collect()).await?)
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

    /// Updates the row `id` of `table` with `sql`, which must return the new row and be filtered by the organization
    /// (`?1`), the id (`?2`), and `(?3 is null or updated_at = ?3)`, where `?3` is `expected`. `args` start at `?4`.
    ///
    /// # Errors
    /// `NotFound`; `OrgPermission` if it belongs to another organization; `Stale` if it has changed since `expected`;
    /// a constraint that `sql` may break.
    pub async fn update_owned<T: DeserializeOwned, const N: usize>(
        &self,
        table: OwnedTable,
        sql: OrgSql,
        id: &impl Id,
        expected: Option<Timestamp>,
        args: [Bind; N],
    ) -> Result<T> {
        const { assert!(N + 3 <= MAX_BINDS, "D1 binds at most 100 values") };
        let args = [id.into(), expected.into()].into_iter().chain(args);
        let (_, rows) = self.change_owned(table, id, sql.bind(self.cx.org_id(), args)).await?;
        rows.decode_first()?.ok_or(Error::Stale(table.resource.word()))
    }

    /// Deletes the row `id` of `table` with `sql`, which must be filtered by the organization (`?1`), the id (`?2`),
    /// `(?3 is null or updated_at = ?3)` where `?3` is `expected`, and `(?4 is null or created_by = ?4)` where `?4` is
    /// the caller if he may delete only his own.
    ///
    /// # Errors
    /// `NotFound`; `OrgPermission`; `Stale`; `Forbidden` if it is not the caller's own and he may delete no other;
    /// `Conflict` if a further condition of `sql` does not hold.
    pub async fn delete_owned(
        &self,
        table: OwnedTable,
        sql: OrgSql,
        id: &impl Id,
        expected: Option<Timestamp>,
    ) -> Result<()> {
        let args = [id.into(), expected.into(), self.only_of.into()];
        let (owner, rows) = self.change_owned(table, id, sql.bind(self.cx.org_id(), args)).await?;
        match rows.changed {
            0 if self.only_of.is_some() && self.only_of != owner.created_by.as_ref() => {
                Err(Error::Forbidden(Permission { resource: table.resource, action: Action::Delete }))
            }
            0 if expected.is_some_and(|expected| expected != owner.updated_at) => {
                Err(Error::Stale(table.resource.word()))
            }
            0 => Err(Error::Conflict(format!("This {} is still in use.", table.resource.word()))),
            _ => Ok(()),
        }
    }

    /// Reads whose the row is and runs the change, in one transaction. The change is filtered by the organization, so it
    /// has not touched a row that [`validate_org_ownership`] then refuses.
    async fn change_owned(&self, table: OwnedTable, id: &impl Id, change: Statement) -> Result<(Owner, Rows)> {
        let [owner, changed] = exactly(self.cx.batch(vec![table.owner_of(id), change]).await?)?;
        let mut owner: Owner = owner.decode_first()?.ok_or(Error::NotFound(table.resource.word()))?;
        owner.kind = table.resource.word();
        validate_org_ownership(&owner, self.cx)?;
        Ok((owner, changed))
    }
}

/// As many results as there were statements.
fn exactly<const N: usize>(done: Vec<Rows>) -> Result<[Rows; N], SqlError> {
    done.try_into().map_err(|_| SqlError::Other("a batch answered with another number of results".into()))
}
