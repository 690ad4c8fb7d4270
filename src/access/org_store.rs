//! The rows of one organization's datasets.
use super::AuthCtx;
use crate::{
    Error, Result,
    confined_sql::ConfinedSql,
    id::DatasetId,
    policy::{Action, Permission},
    store::{Answer, Append, Appended, Query, Reply, Request, StoreError, Table},
};

/// The rows of one organization's datasets: [`super::OrgDb::store`] is the only way to them, and the organization is the
/// caller's. No request can name another.
///
/// ```compile_fail
/// fn from_thin_air(cx: &orgscope::access::AuthCtx) -> orgscope::access::OrgStore<'_> {
///     orgscope::access::OrgStore { cx, permission: unimplemented!() }
/// }
/// ```
/// ```compile_fail
/// async fn free_text(store: orgscope::access::OrgStore<'_>) {
///     store.select("select 1", &[], (1, 1)).await.unwrap();
/// }
/// ```
pub struct OrgStore<'a> {
    cx: &'a AuthCtx,
    permission: Permission,
}

impl<'a> OrgStore<'a> {
    pub(super) const fn new(cx: &'a AuthCtx, permission: Permission) -> Self {
        Self { cx, permission }
    }

    /// Adds rows to a dataset, or replaces those that it has.
    ///
    /// # Errors
    /// `Conflict` if the organization may have no more, or the dataset has just changed.
    pub async fn append(&self, append: Append) -> Result<Appended> {
        if self.permission.action != Action::Update {
            return Err(Error::internal(format!("{} does not cover an append", self.permission)));
        }
        match self.ask(Request::Append(append)).await {
            Ok(Reply::Appended(appended)) => Ok(appended),
            Ok(_) => Err(Error::internal("the store answered something else")),
            Err(StoreError::Refused(why) | StoreError::Full(why)) => Err(Error::Conflict(why)),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// The rows of a SELECT over `all`, the organization's datasets: so many at most, of so many bytes.
    ///
    /// # Errors
    /// `Invalid`, if the store refuses to run it.
    pub async fn select(
        &self,
        sql: &ConfinedSql,
        all: &[Table],
        (max_rows, max_bytes): (usize, usize),
    ) -> Result<Answer> {
        let query = Query {
            sql: sql.text().to_owned(),
            tables: all.iter().filter(|table| sql.tables().contains(&table.id)).cloned().collect(),
            live: all.iter().map(|table| table.id.clone()).collect(),
            max_rows,
            max_bytes,
            now: self.cx.now(),
        };
        match self.ask(Request::Query(query)).await {
            Ok(Reply::Selected(answer)) => Ok(answer),
            Ok(_) => Err(Error::internal("the store answered something else")),
            Err(StoreError::Refused(why) | StoreError::Full(why)) => Err(Error::invalid("sql", why)),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Forgets the rows of a dataset that is deleted. If the store cannot be told now, it finds out later.
    pub async fn forget(&self, dataset: &DatasetId) {
        if self.permission.action == Action::Delete {
            let _ = self.ask(Request::Drop(dataset.clone())).await;
        }
    }

    async fn ask(&self, request: Request) -> Result<Reply, StoreError> {
        self.cx.app.databases.stores.ask(&self.cx.org_id, request).await
    }
}
