//! Rows on their way to the store: checked, and written as it takes them.
use super::{
    append::OnError,
    cell::{self, Cell},
    column::ColumnName,
    reader::{Fields, MAX_ROW_BYTES, SHORTER, Sink},
};
use crate::{
    Error, Result,
    store::{Column, Table},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How long a chunk grows before the next is begun, in bytes: far from the 2 MB that a bound text may have.
const CHUNK_BYTES: usize = 500_000;
/// How many of the rows that were refused are told.
const MAX_ERRORS: usize = 100;
/// The longest part of a value that is told.
const MAX_TOLD: usize = 100;

/// A value that no row can have.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowError {
    /// Which row, from 1, the header not counted.
    pub row: u64,
    /// Which column; null for the whole row.
    pub column: Option<String>,
    /// What was there: its first 100 characters.
    pub value: String,
    /// What would do.
    pub expected: String,
}

/// Checks rows, and gathers those that fit.
pub struct Rows<'a> {
    table: &'a Table,
    on_error: OnError,
    /// Of each column, where a row of CSV has its cell.
    places: Vec<Option<usize>>,
    /// The names that the last object had, in its order, each with its column: the next is likely to have the same.
    names: Vec<(String, usize)>,
    /// Chunks that are full: each a JSON array of arrays.
    chunks: Vec<String>,
    /// The chunk that is being filled, not closed.
    chunk: Vec<u8>,
    /// How many bytes have been gathered.
    bytes: usize,
    fitting: u64,
    refused: u64,
    errors: Vec<RowError>,
    /// Whether rows are still to be gathered, and not only checked.
    is_wanted: bool,
}

/// What became of the rows that did not fit.
pub struct Refused {
    /// How many they are.
    pub count: u64,
    /// The first of them.
    pub errors: Vec<RowError>,
}

type Misfit<'a> = (Cow<'a, str>, &'static str);

impl<'a> Rows<'a> {
    /// None so far.
    #[must_use]
    pub fn new(table: &'a Table, on_error: OnError) -> Self {
        Self {
            table,
            on_error,
            places: vec![],
            names: vec![],
            chunks: vec![],
            chunk: vec![],
            bytes: 0,
            fitting: 0,
            refused: 0,
            errors: vec![],
            is_wanted: true,
        }
    }

    /// How many bytes have been gathered since they were last taken.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes what has been gathered, in chunks.
    ///
    /// # Errors
    /// `Internal`, if it is no text, which is a bug.
    pub fn take(&mut self) -> Result<Vec<String>> {
        self.close()?;
        self.bytes = 0;
        Ok(std::mem::take(&mut self.chunks))
    }

    /// Gathers no more: what is to come is only checked.
    pub fn stop(&mut self) {
        self.is_wanted = false;
        self.chunks.clear();
        self.chunk.clear();
        self.bytes = 0;
    }

    /// What did not fit.
    #[must_use]
    pub fn refused(self) -> Refused {
        Refused { count: self.refused, errors: self.errors }
    }

    /// Whether a row was refused, and so all are.
    #[must_use]
    pub fn are_rejected(&self) -> bool {
        self.refused > 0 && self.on_error == OnError::Reject
    }

    fn close(&mut self) -> Result<()> {
        if !self.chunk.is_empty() {
            self.chunk.push(b']');
            self.chunks.push(String::from_utf8(std::mem::take(&mut self.chunk)).map_err(Error::internal)?);
        }
        Ok(())
    }

    /// Adds a row, if each of its values fits.
    fn add<'v>(&mut self, value: impl Fn(usize, &Column) -> Result<Cell<'v>, Misfit<'v>>) {
        let before = self.chunk.len();
        self.chunk.push(if before == 0 { b'[' } else { b',' });
        let table = self.table;
        for (at, column) in table.columns.iter().enumerate() {
            self.chunk.push(if at == 0 { b'[' } else { b',' });
            match value(at, column) {
                Ok(cell) => cell.write(&mut self.chunk),
                Err((value, expected)) => {
                    self.chunk.truncate(before);
                    return self.tell(Some(&column.name), &value, expected.into());
                }
            }
        }
        self.chunk.push(b']');
        let added = self.chunk.len() - before;
        if added > MAX_ROW_BYTES {
            self.chunk.truncate(before);
            return self.tell(None, "a longer row", SHORTER.into());
        }
        self.fitting += 1;
        if !self.is_wanted {
            self.chunk.truncate(before);
            return;
        }
        self.bytes += added;
        self.split(before);
    }

    /// Begins another chunk with the row that starts at `row`, if it makes this one too long.
    fn split(&mut self, row: usize) {
        if row == 0 || self.chunk.len() <= CHUNK_BYTES {
            return;
        }
        let mut next = self.chunk.split_off(row);
        if let Some(mark) = next.first_mut() {
            *mark = b'[';
        }
        // Of texts that were UTF-8: it never fails.
        let _ = self.close();
        self.chunk = next;
    }

    fn tell(&mut self, column: Option<&str>, value: &str, expected: Cow<'static, str>) {
        self.refused += 1;
        if self.errors.len() < MAX_ERRORS {
            let (row, value) = (self.fitting + self.refused, value.chars().take(MAX_TOLD).collect());
            self.errors.push(RowError { row, column: column.map(str::to_owned), value, expected: expected.into() });
        }
        if self.on_error == OnError::Reject {
            self.stop();
        }
    }

    /// The column of that field of the object; the names of the last object are tried first.
    fn column_of(&mut self, at: usize, name: &str) -> Option<usize> {
        if let Some((_, column)) = self.names.get(at).filter(|(known, _)| known == name) {
            return Some(*column);
        }
        let column = column_named(self.table, name)?;
        self.names.truncate(at);
        if self.names.len() == at {
            self.names.push((name.to_owned(), column));
        }
        Some(column)
    }
}

impl Sink for Rows<'_> {
    fn header(&mut self, names: &[&str]) -> Result<()> {
        self.places = vec![None; self.table.columns.len()];
        for (at, name) in names.iter().enumerate() {
            match column_named(self.table, name).and_then(|column| self.places.get_mut(column)) {
                None => {
                    return Err(Error::invalid(
                        "csv",
                        format!("the header has {name:?}; it takes {}", known(self.table)),
                    ));
                }
                Some(Some(_)) => return Err(Error::invalid("csv", format!("the header has {name:?} twice"))),
                Some(place) => *place = Some(at),
            }
        }
        Ok(())
    }

    fn cells(&mut self, cells: &[&str]) {
        let places = std::mem::take(&mut self.places);
        self.add(|at, column| {
            let place = places.get(at).copied().flatten();
            let text = place.and_then(|place| cells.get(place)).copied().unwrap_or_default();
            cell::of_text(column, text).map_err(|expected| (text.into(), expected))
        });
        self.places = places;
    }

    fn object(&mut self, fields: &Fields<'_>) {
        let mut values: Vec<Option<&RawValue>> = vec![None; self.table.columns.len()];
        for (at, (name, value)) in fields.iter().enumerate() {
            let Some(column) = self.column_of(at, name) else {
                return self.tell(Some(name), name, known(self.table).into());
            };
            if values.get_mut(column).is_some_and(|slot| slot.replace(value).is_some()) {
                return self.tell(Some(name), name, "each column once, whatever its case".into());
            }
        }
        self.add(|at, column| {
            let json = values.get(at).copied().flatten().map_or("null", RawValue::get);
            cell::of_json(column, json).map_err(|expected| (json.into(), expected))
        });
    }

    fn refuse(&mut self, value: &str, expected: Cow<'static, str>) {
        self.tell(None, value, expected);
    }
}

/// The column that the name stands for: itself, whatever the case, or as a header.
fn column_named(table: &Table, name: &str) -> Option<usize> {
    let position = |name: &str| table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    position(name.trim()).or_else(|| position(ColumnName::of_header(name)?.as_str()))
}

fn known(table: &Table) -> String {
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    format!("one of the columns {}", names.join(", "))
}
