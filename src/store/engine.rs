//! The port to one organization's SQLite: synchronous, as a Durable Object has it.
use super::{Stored, cache::Cache, table::ColumnType};
use crate::db::Bind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One organization's SQLite.
pub trait Engine {
    /// Runs one statement of ours and gives its rows.
    ///
    /// # Errors
    /// `Failed`, with SQLite's words.
    fn run(&self, sql: &str, binds: &[Bind]) -> Stored<Vec<Vec<Value>>>;

    /// Runs a SELECT that has passed the gate, and stops after so many rows or bytes.
    ///
    /// # Errors
    /// `Refused`, with SQLite's words: overflow, for one, shows while it runs.
    fn select(&self, sql: &str, max_rows: usize, max_bytes: usize) -> Stored<Selected>;

    /// The size of the database.
    fn size_bytes(&self) -> u64;

    /// What it has answered before.
    fn cache(&self) -> &Cache;
}

/// The rows of a SELECT.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Selected {
    /// What its columns are called.
    pub names: Vec<String>,
    /// What each column turned out to hold; none if it has only nulls, or texts beside numbers.
    pub types: Vec<Option<ColumnType>>,
    /// The rows: a JSON array of arrays.
    pub rows: String,
    /// How many they are.
    pub count: usize,
    /// Whether there are more.
    pub is_truncated: bool,
    /// How many rows SQLite read for them.
    pub rows_read: u64,
}

/// What was seen of a column.
#[derive(Clone, Copy, Default)]
pub struct Seen {
    whole: bool,
    fraction: bool,
    text: bool,
}

impl Seen {
    /// One more number.
    pub fn number(&mut self, number: f64) {
        if number.fract() == 0.0 { self.whole = true } else { self.fraction = true }
    }

    /// One more text.
    pub const fn text(&mut self) {
        self.text = true;
    }

    /// The type that holds all of it.
    #[must_use]
    pub const fn r#type(self) -> Option<ColumnType> {
        match (self.whole, self.fraction, self.text) {
            (true, false, false) => Some(ColumnType::Integer),
            (_, true, false) => Some(ColumnType::Decimal),
            (false, false, true) => Some(ColumnType::Text),
            _ => None,
        }
    }
}

/// A count that SQLite gives: a number, exact to 2^53.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are small and not negative")]
pub fn whole(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_f64().map(|number| number as u64)).unwrap_or_default()
}
