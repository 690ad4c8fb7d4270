//! Columns that would hold a sample of rows.
use super::{
    ColumnDef, ColumnName, Columns,
    append::read_objects,
    cell,
    reader::{Fields, Reader, Sink},
};
use crate::{
    Error, Result,
    access::AuthCtx,
    operation::{Output, upload::Format},
    store::{Column, ColumnType},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;

#[cfg(test)]
mod tests;

/// A sample of rows: exactly one of rows, csv and ndjson.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sample {
    /// Rows as objects.
    #[serde(default)]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub rows: Option<Vec<Map<String, Value>>>,
    /// Rows as CSV, the first line naming the columns.
    #[serde(default)]
    pub csv: Option<String>,
    /// Rows as objects, one a line.
    #[serde(default)]
    pub ndjson: Option<String>,
}

/// Columns that hold each row of the sample.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Inferred {
    /// As dataset_create takes them. One that the sample leaves empty somewhere may be null.
    pub columns: Columns,
    /// How many rows the sample has.
    pub rows: u64,
}

impl Output for Inferred {}

/// Proposes columns.
///
/// # Errors
/// `Invalid` if no columns hold the sample.
pub async fn infer(_: &AuthCtx, sample: Sample) -> Result<Inferred> {
    let mut guesses = Guesses::default();
    match (&sample.rows, &sample.csv, &sample.ndjson) {
        (Some(objects), None, None) => read_objects(objects, &mut guesses),
        (None, Some(csv), None) => Reader::read(Format::Csv, csv.as_bytes(), &mut guesses),
        (None, None, Some(ndjson)) => Reader::read(Format::Ndjson, ndjson.as_bytes(), &mut guesses),
        _ => Err(Error::invalid("input", "give exactly one of rows, csv and ndjson")),
    }?;
    guesses.inferred()
}

/// From the narrowest to the widest: the first that holds every value is proposed.
const TYPES: [ColumnType; 5] =
    [ColumnType::Boolean, ColumnType::Integer, ColumnType::Decimal, ColumnType::Date, ColumnType::Text];

/// What is known of a column so far.
struct Guess {
    name: ColumnName,
    /// Which of [`TYPES`] hold every value.
    holds: [bool; 5],
    /// How many values there were.
    values: u64,
}

impl Guess {
    /// Whether a type is left, now that this value is to be held too.
    fn narrow(&mut self, holds: impl Fn(&Column) -> bool) -> bool {
        self.values += 1;
        for (is_held, r#type) in self.holds.iter_mut().zip(TYPES) {
            let column = Column { id: String::new(), name: String::new(), r#type, nullable: false };
            *is_held = *is_held && holds(&column);
        }
        self.holds.contains(&true)
    }
}

/// What is known of all columns.
#[derive(Default)]
struct Guesses {
    columns: Vec<Guess>,
    rows: u64,
    /// The first row that no columns hold.
    problem: Option<String>,
}

impl Guesses {
    fn inferred(self) -> Result<Inferred> {
        if let Some(problem) = self.problem {
            return Err(Error::invalid("rows", problem));
        }
        let rows = self.rows;
        let column = |guess: Guess| {
            let r#type = TYPES.into_iter().zip(guess.holds).find(|(_, holds)| *holds && guess.values > 0);
            let r#type = r#type.map_or(ColumnType::Text, |(r#type, _)| r#type);
            let nullable = guess.values == 0 || guess.values < rows;
            ColumnDef { key: None, name: guess.name, r#type, nullable, description: None }
        };
        let columns: Vec<_> = self.columns.into_iter().map(column).collect();
        let columns = Columns::try_from(columns).map_err(|problem| Error::invalid("columns", problem))?;
        Ok(Inferred { columns, rows })
    }

    /// Where the column of that header is; a new one if it has not been seen.
    fn place(&mut self, header: &str) -> Option<usize> {
        let name = ColumnName::of_header(header);
        let Some(name) = name else {
            self.tell(&format!("{header:?} is no name for a column"));
            return None;
        };
        let known = self.columns.iter().position(|guess| guess.name.as_str().eq_ignore_ascii_case(name.as_str()));
        if known.is_none() {
            self.columns.push(Guess { name, holds: [true; 5], values: 0 });
        }
        Some(known.unwrap_or(self.columns.len() - 1))
    }

    fn tell(&mut self, problem: &str) {
        let row = self.rows;
        self.problem.get_or_insert_with(|| format!("row {row}: {problem}"));
    }

    fn narrow(&mut self, at: usize, told: &str, holds: impl Fn(&Column) -> bool) {
        let Some(guess) = self.columns.get_mut(at) else { return };
        if !guess.narrow(holds) {
            let told: String = told.chars().take(100).collect();
            let problem = format!("no type of column holds {told} and what {} has before it", guess.name.as_str());
            self.tell(&problem);
        }
    }
}

impl Sink for Guesses {
    fn header(&mut self, names: &[&str]) -> Result<()> {
        for name in names {
            let before = self.columns.len();
            if self.place(name).is_some() && self.columns.len() == before {
                return Err(Error::invalid(
                    "csv",
                    format!("the header has {name:?} twice, or what stands for the same name"),
                ));
            }
        }
        Ok(())
    }

    fn cells(&mut self, cells: &[&str]) {
        self.rows += 1;
        for (at, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            self.narrow(at, text, |column| match column.r#type {
                // 0 and 1 are numbers more often than not.
                ColumnType::Boolean => ["true", "false"].iter().any(|word| text.trim().eq_ignore_ascii_case(word)),
                ColumnType::Integer | ColumnType::Decimal if is_code(text.trim()) => false,
                _ => cell::of_text(column, text).is_ok(),
            });
        }
    }

    fn object(&mut self, fields: &Fields<'_>) {
        self.rows += 1;
        for (name, value) in fields.iter().filter(|(_, value)| value.get() != "null") {
            if let Some(at) = self.place(name) {
                self.narrow(at, value.get(), |column| cell::of_json(column, value.get()).is_ok());
            }
        }
        for (name, _) in fields.iter().filter(|(_, value)| value.get() == "null") {
            self.place(name);
        }
    }

    fn refuse(&mut self, value: &str, expected: Cow<'static, str>) {
        self.rows += 1;
        self.tell(&format!("{:?} is not {expected}", value.chars().take(100).collect::<String>()));
    }
}

/// Whether it is digits that a number would lose: `007`.
fn is_code(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    text.starts_with('+') || (digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0."))
}
