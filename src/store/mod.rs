//! The rows of datasets: one SQLite database per organization, each dataset a table of typed columns.
//!
//! The core of the Durable Object `OrgStore`, over a small port ([`Engine`]) so that tests run it natively. The
//! definition of a dataset is D1's; each request brings those that it needs, and [`definition::reconcile`] brings the
//! table up to them before anything else, whatever was lost in between.
use crate::{id::DatasetId, time::Timestamp};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

mod append;
mod cost;
mod definition;
mod engine;
pub mod gate;
mod growth;
mod measure;
#[cfg(test)]
pub mod native;
mod query;
mod table;
#[cfg(test)]
mod tests;

pub use engine::{Engine, Seen, Selected};
pub use table::{Column, ColumnType, Table};

/// The most rows that an organization's datasets may have together.
pub const MAX_ROWS: u64 = 5_000_000;
/// The most bytes that they may fill: a Durable Object holds 10 GB.
pub const MAX_STORED_BYTES: u64 = 2_000_000_000;

/// What is asked of one organization's store.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Add rows to a dataset, all of them or none.
    Append(Append),
    /// Run a confined SELECT.
    Query(Query),
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
    /// The instant of the request.
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
    /// The instant of the request.
    pub now: Timestamp,
}

/// What the store answers.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The rows are in.
    Appended(Appended),
    /// The rows of a SELECT.
    Selected(Answer),
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
#[derive(Debug, PartialEq, Serialize, Deserialize)]
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
        Request::Query(query) => query::query(engine, &query).map(Reply::Selected),
        Request::Drop(dataset) => definition::forget(engine, &dataset).map(|()| Reply::Done),
        Request::Clear => definition::clear(engine).map(|()| Reply::Done),
    }
}
