//! A page of a list.
use super::{Output, input::Limit};
use crate::id::Id;
use schemars::JsonSchema;
use serde::Serialize;

/// A row that a list can be continued after.
pub trait Listed {
    /// The id, by which lists are ordered.
    type Id: Id + Clone;
    /// The row's.
    fn id(&self) -> &Self::Id;
}

/// A page of a list, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "{T}Page")]
pub struct Page<T: Listed> {
    /// The rows.
    pub items: Vec<T>,
    /// Send it as `cursor` for the next page; null on the last.
    #[schemars(with = "Option<String>")]
    pub next_cursor: Option<String>,
}

impl<T: Listed> Page<T> {
    /// Of rows read with `limit.and_one()`.
    #[must_use]
    pub fn of(mut rows: Vec<T>, limit: Limit) -> Self {
        let has_more = rows.len() > limit.get();
        rows.truncate(limit.get());
        let next_cursor = rows.last().filter(|_| has_more).map(|row| row.id().as_str().to_owned());
        Self { items: rows, next_cursor }
    }
}

impl<T: Listed + Serialize + JsonSchema> Output for Page<T> {}
