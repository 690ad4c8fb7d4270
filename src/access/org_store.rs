//! The rows of one organization's datasets.
use super::{AuthCtx, Pages};
use crate::{
    Error, Result,
    confined_sql::ConfinedSql,
    id::{DatasetId, UploadId},
    policy::{Action, Permission},
    store::{
        Answer, Append, Appended, ColumnProfile, Limits, Profile, Query, Reply, Request, Stage, Staged, StoreError,
        Table,
    },
    time::Timestamp,
};

/// The rows of one organization's datasets: [`super::OrgDb::store`] is the only way to them, and the organization is the
/// caller's. No request can name another.
///
/// ```compile_fail
/// fn from_thin_air(cx: &orgscope::access::AuthCtx) -> orgscope::access::OrgStore<'_> {
///     orgscope::access::OrgStore { cx, permission: unimplemented!(), is_begun: true }
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
    /// Whether the audit log says that rows are about to change.
    is_begun: bool,
}

/// What the caller is told of the store's error: of a refusal, what `refusal` makes of its words.
pub(super) fn told(error: StoreError, refusal: impl FnOnce(String) -> Error) -> Error {
    match error {
        StoreError::Refused(why) | StoreError::Full(why) => refusal(why),
        StoreError::Changed => Error::Conflict(error.to_string()),
        StoreError::Failed(_) => Error::internal(error),
    }
}

/// Rows that are checked.
pub struct NewRows<'a> {
    /// Of which dataset.
    pub table: &'a Table,
    /// Whether they are to take the place of those that are there.
    pub replaces: bool,
    /// The rows, as [`Append`] takes them.
    pub chunks: Vec<String>,
    /// Rows with the same key are added once.
    pub key: Option<&'a str>,
}

impl<'a> OrgStore<'a> {
    pub(super) const fn new(cx: &'a AuthCtx, permission: Permission, is_begun: bool) -> Self {
        Self { cx, permission, is_begun }
    }

    /// Adds rows to a dataset, or replaces those that it has.
    ///
    /// # Errors
    /// `QuotaExceeded`; `Conflict` if the dataset has just changed, or parts of the rows are gone.
    pub async fn append(&self, rows: NewRows<'_>, staged: Option<Staged>) -> Result<Appended> {
        let NewRows { table, replaces, chunks, key } = rows;
        let (key, table) = (key.map(str::to_owned), table.clone());
        let (limits, now) = (self.limits(), self.cx.now());
        let append = Append { table, replaces, chunks, key, staged, limits, now };
        match self.change(Request::Append(append)).await? {
            Reply::Appended(appended) => Ok(appended),
            _ => Err(Error::internal("the store answered something else")),
        }
    }

    /// Keeps a part of many rows, for [`OrgStore::append`] to add; or gives what their key was answered before.
    ///
    /// # Errors
    /// As [`OrgStore::append`].
    pub async fn stage(
        &self,
        rows: NewRows<'_>,
        upload: &UploadId,
        part: u32,
        now: Timestamp,
    ) -> Result<Option<Appended>> {
        let NewRows { table, replaces, chunks, key } = rows;
        let (key, table, upload) = (key.map(str::to_owned), table.clone(), upload.clone());
        let stage = Stage { table, replaces, upload, part, chunks, key, limits: self.limits(), now };
        match self.change(Request::Stage(stage)).await? {
            Reply::Done => Ok(None),
            Reply::Appended(before) => Ok(Some(before)),
            _ => Err(Error::internal("the store answered something else")),
        }
    }

    /// Drops the parts of rows that are not to be added. If the store cannot be told now, it finds out later.
    pub async fn discard(&self, upload: &UploadId) {
        let _ = self.change(Request::Discard(upload.clone())).await;
    }

    async fn change(&self, request: Request) -> Result<Reply> {
        if self.permission.action != Action::Update || !self.is_begun {
            return Err(Error::internal(format!("{} does not cover rows", self.permission)));
        }
        self.ask(request).await.map_err(|error| match error {
            StoreError::Full(why) => Error::QuotaExceeded(why),
            other => told(other, Error::Conflict),
        })
    }

    fn limits(&self) -> Limits {
        let data = self.cx.app.config.data;
        Limits { rows: data.rows, bytes: data.bytes }
    }

    /// The rows of a SELECT over `all`, the organization's datasets: so many at most, of so many bytes.
    ///
    /// # Errors
    /// `Invalid`, if the store refuses to run it; `Conflict` if a dataset has just changed.
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
            Err(error) => Err(told(error, |why| Error::invalid("sql", why))),
        }
    }

    /// All rows of a dataset of the organization.
    ///
    /// # Errors
    /// `Internal` if the permission does not cover it, which is a bug.
    pub fn pages(&self, table: Table) -> Result<Pages> {
        self.reads()?;
        Ok(Pages::new(self.cx, table))
    }

    /// What the columns with those ids hold.
    ///
    /// # Errors
    /// `Invalid` if they have too many values; `Conflict` if the dataset has just changed.
    pub async fn profile(&self, table: Table, columns: Vec<String>) -> Result<Vec<ColumnProfile>> {
        self.reads()?;
        match self.ask(Request::Profile(Profile { table, columns })).await {
            Ok(Reply::Profiled(columns)) => Ok(columns),
            Ok(_) => Err(Error::internal("the store answered something else")),
            Err(error) => Err(told(error, |why| Error::invalid("columns", why))),
        }
    }

    fn reads(&self) -> Result<()> {
        let covers = self.permission.action == Action::Query;
        if covers { Ok(()) } else { Err(Error::internal(format!("{} does not cover rows", self.permission))) }
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
