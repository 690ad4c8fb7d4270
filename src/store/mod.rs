//! The rows of datasets: one SQLite database per organization, each dataset a table of typed columns.
//!
//! The core of the Durable Object `OrgStore`, over a small port ([`Engine`]) so that tests run it natively. The
//! definition of a dataset is D1's; each request brings those that it needs, and [`definition::reconcile`] brings the
//! table up to them before anything else, whatever was lost in between.
use crate::{
    id::{DatasetId, UploadId},
    time::Timestamp,
};
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod append;
pub mod cache;
mod cost;
mod definition;
mod engine;
pub mod gate;
mod growth;
mod measure;
#[cfg(test)]
pub mod native;
mod page;
mod profile;
mod query;
mod table;
#[cfg(test)]
mod tests;
mod upload;

pub use engine::{Engine, Seen, Selected};
pub use table::{Column, ColumnType, Table};

/// What an organization's datasets may be together.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// How many rows.
    pub rows: u64,
    /// How many bytes they fill.
    pub bytes: u64,
}

impl Limits {
    /// Whether so many rows and bytes are within them.
    ///
    /// # Errors
    /// `Full`.
    pub fn hold(self, rows: u64, bytes: u64) -> Stored<()> {
        let full = |what: String| Err(StoreError::Full(format!("Your organization's datasets may {what} together.")));
        if rows > self.rows {
            full(format!("have at most {} rows", self.rows))
        } else if bytes > self.bytes {
            full(format!("fill at most {} bytes", self.bytes))
        } else {
            Ok(())
        }
    }
}

/// What is asked of one organization's store.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Add rows to a dataset, all of them or none.
    Append(Append),
    /// Keep a part of many rows, until the last of them are appended.
    Stage(Stage),
    /// Drop what has come of many rows.
    Discard(UploadId),
    /// Run a confined SELECT.
    Query(Query),
    /// Read a page of all rows of a dataset.
    Page(PageOf),
    /// Look at what columns of a dataset hold.
    Profile(Profile),
    /// Forget a dataset.
    Drop(DatasetId),
    /// Forget everything: the organization is gone.
    Clear,
}

/// Rows for a dataset.
#[derive(Debug, Serialize, Deserialize)]
pub struct Append {
    /// The dataset.
    pub table: Table,
    /// Whether they take the place of the rows that are there.
    pub replaces: bool,
    /// The rows, in chunks: each a JSON array of arrays, whose values are in the order of the columns.
    pub chunks: Vec<String>,
    /// Once rows came with this key, the same key brings the same answer and no more rows.
    pub key: Option<String>,
    /// The rows that came before these, in parts.
    pub staged: Option<Staged>,
    /// How much there may be.
    pub limits: Limits,
    /// The instant of the request.
    pub now: Timestamp,
}

/// Rows that are there in parts.
#[derive(Debug, Serialize, Deserialize)]
pub struct Staged {
    /// Whose they are.
    pub upload: UploadId,
    /// How many parts.
    pub parts: u32,
}

/// A part of many rows.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stage {
    /// The dataset.
    pub table: Table,
    /// Whether they are to take the place of the rows that are there.
    pub replaces: bool,
    /// Whose part it is.
    pub upload: UploadId,
    /// Which one, from 0.
    pub part: u32,
    /// As those of an [`Append`].
    pub chunks: Vec<String>,
    /// As that of the [`Append`] that is to come.
    pub key: Option<String>,
    /// How much there may be.
    pub limits: Limits,
    /// The instant at which it came.
    pub now: Timestamp,
}

/// A confined SELECT.
#[derive(Debug, Serialize, Deserialize)]
pub struct Query {
    /// Its text.
    pub sql: String,
    /// The datasets that it may read.
    pub tables: Vec<Table>,
    /// Every dataset that the organization has. Others that are older than an hour were deleted.
    pub live: Vec<DatasetId>,
    /// How many rows at most.
    pub max_rows: usize,
    /// How many bytes of rows at most.
    pub max_bytes: usize,
    /// The instant of the request.
    pub now: Timestamp,
}

/// Which page of a dataset's rows.
#[derive(Debug, Serialize, Deserialize)]
pub struct PageOf {
    /// The dataset.
    pub table: Table,
    /// How many rows come before it.
    pub after: u64,
    /// Of what: as the first page said, which is asked for without.
    pub of: Option<Extent>,
}

/// The rows that a dataset had when the first page was read. More may have been added since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The version in which rows last changed, and not only more were added.
    pub rewritten: u64,
    /// How many rows there were.
    pub until: u64,
}

/// A page of a dataset's rows.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The rows: a JSON array of arrays.
    pub rows: String,
    /// How many they are.
    pub count: u64,
    /// Of what it is a page.
    pub of: Extent,
}

/// Which columns to look at.
#[derive(Debug, Serialize, Deserialize)]
pub struct Profile {
    /// The dataset.
    pub table: Table,
    /// The ids of its columns.
    pub columns: Vec<String>,
}

/// What a column holds. Of texts, the first 200 characters are told.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// Its type.
    pub r#type: ColumnType,
    /// How many values it has.
    pub count: u64,
    /// How many rows lack one.
    pub nulls: u64,
    /// How many of the values are different.
    pub distinct: u64,
    /// The least value; null if there is none.
    pub min: Value,
    /// The greatest.
    pub max: Value,
    /// The ten commonest values, the commonest first.
    pub top: Vec<CommonValue>,
}

/// A value and how often it is there.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommonValue {
    /// The value.
    pub value: Value,
    /// How many rows have it.
    pub count: u64,
}

/// What the store answers.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The rows are in.
    Appended(Appended),
    /// The rows of a SELECT.
    Selected(Answer),
    /// A page of rows.
    Page(Page),
    /// What each column holds.
    Profiled(Vec<ColumnProfile>),
    /// It is done.
    Done,
}

/// How many rows there are now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Appended {
    /// Rows that this call added.
    pub added: u64,
    /// Rows that the dataset has.
    pub row_count: u64,
    /// Grows with every change of its rows.
    pub version: u64,
}

/// The rows of a SELECT.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The rows and what is known of them.
    pub selected: Selected,
    /// The version of each dataset that was read.
    pub versions: Vec<(DatasetId, u64)>,
}

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum StoreError {
    /// The caller can change what he asks.
    #[error("{0}")]
    Refused(String),
    /// The dataset is not as the caller knows it: asked again, he may know better.
    #[error("The dataset has just changed. Try again.")]
    Changed,
    /// More than an organization may have.
    #[error("{0}")]
    Full(String),
    /// A fault of ours or of the platform.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// The result of what the store does.
pub type Stored<T> = Result<T, StoreError>;

/// The port to all stores: each organization has its own, found by its id alone.
pub trait Stores {
    /// Asks an organization's store.
    fn ask(&self, organization: &crate::id::OrgId, request: Request) -> LocalBoxFuture<'_, Stored<Reply>>;
}

/// Does what is asked, in the organization's own database. Whoever calls it does so within a transaction, and rolls back
/// what fails: all of a request takes effect, or nothing.
///
/// # Errors
/// Why not.
pub fn answer(engine: &dyn Engine, request: Request) -> Stored<Reply> {
    match request {
        Request::Append(append) => append::append(engine, &append).map(Reply::Appended),
        Request::Stage(stage) => {
            upload::stage(engine, &stage).map(|answer| answer.map_or(Reply::Done, Reply::Appended))
        }
        Request::Discard(upload) => upload::discard(engine, &upload).map(|()| Reply::Done),
        Request::Query(query) => query::query(engine, &query).map(Reply::Selected),
        Request::Page(asked) => page::page(engine, &asked).map(Reply::Page),
        Request::Profile(asked) => profile::profile(engine, &asked).map(Reply::Profiled),
        Request::Drop(dataset) => {
            engine.cache().clear();
            definition::forget(engine, &dataset).map(|()| Reply::Done)
        }
        Request::Clear => {
            engine.cache().clear();
            definition::clear(engine).map(|()| Reply::Done)
        }
    }
}
