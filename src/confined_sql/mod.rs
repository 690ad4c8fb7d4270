//! SQL written by people and agents, confined to their organization's datasets.
//!
//! [`ConfinedSql`] is made by [`ConfinedSql::new`] alone: it parses the text with SQLite's own grammar, and prints a new
//! one from the tree. The printer knows a list of things, and what is not on it cannot be printed; a table's name is
//! printed only as the table of a dataset that was handed in, or as a table expression of the statement itself. The new
//! text is parsed and printed once more, and must come out the same. What is left to the engine, which sees only that
//! organization's rows, is a second gate of its own: `store::gate`.
use crate::{
    id::DatasetId,
    store::{ColumnType, Table},
    time::Timestamp,
};
use serde_json::Value;

#[cfg(test)]
mod attacks;
mod expr;
mod function;
#[cfg(test)]
mod fuzz;
mod name;
mod printer;
mod refusal;
mod select;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod two;
mod wrap;

pub use function::NAMES as FUNCTIONS;
pub use refusal::{Place, Refusal};
pub use wrap::{Aggregate, Around, Bucket, Points, Range};

/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 20_000;
/// The most values that a statement may be given.
pub const MAX_PARAMS: usize = 50;

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultColumn {
    /// Its name.
    pub name: String,
    /// What it holds, if the statement tells.
    pub r#type: Option<ColumnType>,
}

/// A SELECT that reads the datasets it was made for and nothing else.
///
/// ```compile_fail
/// let _ = orgscope::confined_sql::ConfinedSql { text: "select * from other".into(), tables: vec![], columns: None };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfinedSql {
    text: String,
    tables: Vec<DatasetId>,
    columns: Option<Vec<ResultColumn>>,
}

impl ConfinedSql {
    /// Confines `text` to `tables`. Its `?` are `params`: null, booleans, numbers and texts. `now` is what its functions
    /// take for the present.
    ///
    /// # Errors
    /// What is not allowed, where it stands, and what would do.
    pub fn new(text: &str, tables: &[Table], params: &[Value], now: Timestamp) -> Result<Self, Refusal> {
        printer::print(text, tables, params, now, None)?.checked(tables, now)
    }

    /// The same, with something around it.
    ///
    /// # Errors
    /// Those of [`ConfinedSql::new`], and a field that is no column of the result.
    pub fn around(text: &str, tables: &[Table], now: Timestamp, around: &Around) -> Result<Self, Refusal> {
        printer::print(text, tables, &[], now, Some(around))?.checked(tables, now)
    }

    /// It comes out the same when it is parsed and printed once more.
    fn checked(self, tables: &[Table], now: Timestamp) -> Result<Self, Refusal> {
        let again: Vec<Table> =
            tables.iter().map(|table| Table { name: table.id.to_string(), ..table.clone() }).collect();
        match printer::print(&self.text, &again, &[], now, None) {
            Ok(same) if same.text == self.text => Ok(self),
            Ok(_) => Err(Refusal::anywhere("is read in two ways; write it more simply")),
            Err(_) => Err(Refusal::anywhere("is too deep or too large; write it more simply")),
        }
    }

    /// The text that the engine runs.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The datasets that it reads.
    #[must_use]
    pub fn tables(&self) -> &[DatasetId] {
        &self.tables
    }

    /// The columns of its result, if the statement tells.
    #[must_use]
    pub fn columns(&self) -> Option<&[ResultColumn]> {
        self.columns.as_deref()
    }
}

/// The SELECT of all rows of a table.
#[must_use]
pub fn rows_of(table: &Table) -> String {
    format!("select * from {}", name::quoted(&table.name))
}

/// The column of that name.
///
/// # Errors
/// That there is none, and the near ones.
pub fn column_named<'a>(columns: &'a [ResultColumn], wanted: &str) -> Result<&'a ResultColumn, String> {
    columns.iter().find(|column| name::same(&column.name, wanted)).ok_or_else(|| {
        let known = refusal::hint(wanted, "columns", columns.iter().map(|column| column.name.as_str()));
        format!("the query has no column {wanted}{known}")
    })
}
