//! Rows as they are sent: a list of objects, CSV, or NDJSON.
use super::cell;
use crate::{
    Error, Result,
    store::{Column, Table},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

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
    pub row: usize,
    /// Which column; null for the whole row.
    pub column: Option<String>,
    /// What was there: its first 100 characters.
    pub value: String,
    /// What would do.
    pub expected: String,
}

/// Rows that are ready for the store.
#[derive(Debug, Default)]
pub struct Ready {
    /// As [`crate::store::Append`] takes them.
    pub chunks: Vec<String>,
    /// The first of those that are not among them.
    pub errors: Vec<RowError>,
    /// How many are not.
    pub refused: usize,
    rows: usize,
}

impl Ready {
    /// Adds a row, if each of its values fits.
    fn add(&mut self, table: &Table, value: impl Fn(usize, &Column) -> Result<Value, (String, &'static str)>) {
        let mut cells = vec![];
        for (at, column) in table.columns.iter().enumerate() {
            match value(at, column) {
                Ok(cell) => cells.push(cell),
                Err((value, expected)) => return self.refuse(Some(column.name.clone()), &value, expected),
            }
        }
        self.rows += 1;
        let row = Value::Array(cells).to_string();
        match self.chunks.last_mut().filter(|chunk| chunk.len() + row.len() < CHUNK_BYTES) {
            Some(chunk) => {
                chunk.pop();
                chunk.push(',');
                chunk.push_str(&row);
                chunk.push(']');
            }
            None => self.chunks.push(format!("[{row}]")),
        }
    }

    fn refuse(&mut self, column: Option<String>, value: &str, expected: impl Into<String>) {
        self.rows += 1;
        self.refused += 1;
        if self.errors.len() < MAX_ERRORS {
            let value = value.chars().take(MAX_TOLD).collect();
            self.errors.push(RowError { row: self.rows, column, value, expected: expected.into() });
        }
    }

    /// One row of JSON. A column that it lacks is null; it may have no others.
    fn add_object(&mut self, table: &Table, row: &Map<String, Value>) {
        if let Some(unknown) = row.keys().find(|name| column_named(table, name).is_none()) {
            return self.refuse(Some(unknown.clone()), unknown, known(table));
        }
        self.add(table, |_, column| {
            let value = row.iter().find(|(name, _)| name.eq_ignore_ascii_case(&column.name));
            let value = value.map_or(&Value::Null, |(_, value)| value);
            cell::of_json(column, value).map_err(|expected| (value.to_string(), expected))
        });
    }
}

fn column_named(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
}

fn known(table: &Table) -> String {
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    format!("one of the columns {}", names.join(", "))
}

/// Reads a list of objects.
pub fn of_objects(table: &Table, rows: &[Map<String, Value>]) -> Ready {
    let mut ready = Ready::default();
    rows.iter().for_each(|row| ready.add_object(table, row));
    ready
}

/// Reads an object from each line that is not blank.
pub fn of_ndjson(table: &Table, text: &str) -> Ready {
    let mut ready = Ready::default();
    for line in text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str::<Map<String, Value>>(line) {
            Ok(row) => ready.add_object(table, &row),
            Err(_) => ready.refuse(None, line, "a JSON object on a line of its own"),
        }
    }
    ready
}

/// Reads CSV (RFC 4180) with a header: separated by comma, semicolon or tab, whichever the header has most of; with or
/// without a byte order mark.
///
/// # Errors
/// `Invalid` if the header is not of this dataset.
pub fn of_csv(table: &Table, text: &str) -> Result<Ready> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: u8| first.bytes().filter(|b| *b == mark).count();
    let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|mark| count(*mark)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| Error::invalid("csv", error.to_string()))?.clone();
    let places = places(table, &header)?;
    let mut ready = Ready::default();
    for record in reader.records() {
        // Of bytes that were UTF-8 before: none fails.
        let record = record.map_err(Error::internal)?;
        if record.len() != header.len() {
            let expected = format!("{} cells, as the header has", header.len());
            ready.refuse(None, &format!("{} cells", record.len()), expected);
            continue;
        }
        ready.add(table, |at, column| {
            let text = places.get(at).copied().flatten().and_then(|place| record.get(place)).unwrap_or_default();
            cell::of_text(column, text).map_err(|expected| (text.to_owned(), expected))
        });
    }
    Ok(ready)
}

/// Where each column's cell stands in a record.
fn places(table: &Table, header: &csv::StringRecord) -> Result<Vec<Option<usize>>> {
    let mut places = vec![None; table.columns.len()];
    for (at, name) in header.iter().enumerate() {
        let column = column_named(table, name.trim()).and_then(|column| places.get_mut(column));
        match column {
            None => return Err(Error::invalid("csv", format!("the header has {name:?}; it takes {}", known(table)))),
            Some(Some(_)) => return Err(Error::invalid("csv", format!("the header has {name:?} twice"))),
            Some(place) => *place = Some(at),
        }
    }
    Ok(places)
}
