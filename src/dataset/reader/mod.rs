//! Rows out of bytes that come in pieces, whatever the pieces are: CSV, NDJSON, or a JSON list.
//!
//! A reader keeps no more than the row that it is in the middle of.
use crate::{Result, operation::upload::Format};
use serde_json::value::RawValue;
use std::borrow::Cow;

mod csv;
mod json;
#[cfg(test)]
mod tests;

pub use csv::Csv;
pub use json::{List, Ndjson};

/// The longest row, in bytes: what a bound text and a row of SQLite may have is 2 MB.
pub const MAX_ROW_BYTES: usize = 1_800_000;

/// What is expected of a row that is longer.
pub const SHORTER: &str = "a row of at most 1800000 bytes";

/// The fields of an object, in its order: their names and, as JSON, their values.
pub type Fields<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// Who is told of each row.
pub trait Sink {
    /// The header of a CSV.
    ///
    /// # Errors
    /// `Invalid` if no row can follow it.
    fn header(&mut self, names: &[&str]) -> Result<()>;
    /// A row of a CSV: as many cells as the header has names.
    fn cells(&mut self, cells: &[&str]);
    /// A row of JSON. No name is there twice.
    fn object(&mut self, fields: &Fields<'_>);
    /// What is no row: its text, and what was expected.
    fn refuse(&mut self, value: &str, expected: Cow<'static, str>);
}

/// A reader of any format.
pub enum Reader {
    /// Of CSV.
    Csv(Box<Csv>),
    /// Of NDJSON.
    Ndjson(Ndjson),
    /// Of a JSON list.
    List(List),
}

impl Reader {
    /// One that has read nothing.
    #[must_use]
    pub fn new(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv(Box::default()),
            Format::Ndjson => Self::Ndjson(Ndjson::default()),
            Format::Json => Self::List(List::default()),
        }
    }

    /// Reads a piece.
    ///
    /// # Errors
    /// `Invalid` of a header, `NotJson` of what is no list. Of a row, the sink is told.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<()> {
        match self {
            Self::Csv(csv) => csv.push(bytes, sink),
            Self::Ndjson(ndjson) => {
                ndjson.push(bytes, sink);
                Ok(())
            }
            Self::List(list) => list.push(bytes, sink),
        }
    }

    /// Reads what the last piece has left open.
    ///
    /// # Errors
    /// As [`Reader::push`]; and `NotJson` if a list is not closed.
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
        match self {
            Self::Csv(csv) => csv.finish(sink),
            Self::Ndjson(ndjson) => {
                ndjson.finish(sink);
                Ok(())
            }
            Self::List(list) => list.finish(),
        }
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// As [`Reader::finish`].
    pub fn read(format: Format, bytes: &[u8], sink: &mut dyn Sink) -> Result<()> {
        let mut reader = Self::new(format);
        reader.push(bytes, sink)?;
        reader.finish(sink)
    }
}
