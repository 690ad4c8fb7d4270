//! SQL as values: statement texts, bound values, rows, and the one port they leave by.
use crate::{Error, Result, error::Constraint, id::Id, json, time::Timestamp};
use futures_util::future::LocalBoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

#[cfg(test)]
pub mod confined;
#[cfg(test)]
pub mod sqlite;
mod statement;

pub use statement::{EngineSql, IdentitySql, IdentityStatement, OrgChange, OrgSql, OwnedTable, Statement};

/// D1 refuses a statement with more bound values than this.
pub const MAX_BINDS: usize = 100;

/// One bound value.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    /// `null`
    Null,
    /// An integer, exact to 2^53: it crosses to D1 as a JavaScript number.
    Integer(i64),
    /// A finite number.
    Real(f64),
    /// Text.
    Text(String),
}

impl Bind {
    /// `value` as JSON, for a column that holds it.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    pub fn json(value: &impl Serialize) -> Result<Self> {
        serde_json::to_string(value).map(Self::Text).map_err(Error::internal)
    }
}

impl<T: Id> From<&T> for Bind {
    fn from(id: &T) -> Self {
        Self::Text(id.as_str().to_owned())
    }
}
impl From<&str> for Bind {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<&String> for Bind {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
impl From<String> for Bind {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Bind {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}
impl From<f64> for Bind {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}
impl From<bool> for Bind {
    fn from(flag: bool) -> Self {
        Self::Integer(flag.into())
    }
}
impl From<Timestamp> for Bind {
    fn from(at: Timestamp) -> Self {
        Self::Text(at.to_string())
    }
}
impl<T: Into<Bind>> From<Option<T>> for Bind {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What one statement did.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The rows, as JSON objects keyed by column.
    pub rows: Vec<Map<String, Value>>,
    /// How many rows it changed.
    pub changed: u64,
}

impl Rows {
    /// Decodes the rows. A column's `snake_case` becomes the field's `camelCase`; of a column `x_json` the parsed JSON
    /// becomes `x`; `is_x` becomes a boolean. This is the only place that knows so.
    ///
    /// # Errors
    /// `Internal` if a row has not the shape of `T`: the schema and the code differ.
    pub fn decode<T: DeserializeOwned>(self) -> Result<Vec<T>> {
        self.rows.into_iter().map(|row| json::read(fields(row)?).map_err(misfit)).collect()
    }

    /// The number in the first row's only column: what `select count(*)` gives. D1 may pass it on as 1.0.
    #[must_use]
    pub fn count(&self) -> u64 {
        let value = self.rows.first().and_then(|row| row.values().next());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of rows")]
        let count = value.and_then(Value::as_f64).unwrap_or_default() as u64;
        count
    }

    /// Decodes the first row, if there is one.
    ///
    /// # Errors
    /// As [`Rows::decode`].
    pub fn decode_first<T: DeserializeOwned>(self) -> Result<Option<T>> {
        Ok(self.decode()?.into_iter().next())
    }
}

/// Where the row does not fit; not what is there, for that is a tenant's and this goes to the log.
fn misfit(misfit: json::Misfit) -> Error {
    Error::internal(format!("a row does not fit its type at {}", misfit.place))
}

fn fields(row: Map<String, Value>) -> Result<Value> {
    let field = |(column, value): (String, Value)| -> Result<(String, Value)> {
        if let (Some(name), Value::String(text)) = (column.strip_suffix("_json"), &value) {
            let value = serde_json::from_str(text);
            return Ok((camel_case(name), value.map_err(|_| Error::internal(format!("{column} holds no JSON")))?));
        }
        let name = camel_case(column.strip_suffix("_json").unwrap_or(&column));
        Ok((name, if column.starts_with("is_") { Value::Bool(value == 1 || value == 1.0) } else { value }))
    };
    Ok(Value::Object(row.into_iter().map(field).collect::<Result<_>>()?))
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// Why the database did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// A row would break the schema.
    #[error(transparent)]
    Constraint(#[from] Constraint),
    /// The table is not there: the migrations were not applied.
    #[error("no such table: {0}")]
    NoSuchTable(String),
    /// Overloaded, reset or unreachable for a moment. A read may be tried again.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// It did not answer in time.
    #[error("the database gave no answer within its deadline")]
    TimedOut,
    /// Anything else: a fault of ours.
    #[error("{0}")]
    Other(String),
}

impl SqlError {
    /// Reads SQLite's text, as D1 and rusqlite both pass it on.
    #[must_use]
    pub fn from_message(message: &str) -> Self {
        let after = |mark: &str| {
            let rest = message.split_once(mark)?.1;
            Some(rest.split(": SQLITE").next().unwrap_or(rest).trim().to_owned())
        };
        if let Some(columns) = after("UNIQUE constraint failed: ") {
            return Constraint::Unique(columns).into();
        }
        if message.contains("FOREIGN KEY constraint failed") {
            return Constraint::ForeignKey.into();
        }
        if let Some(table) = after("no such table: ") {
            return Self::NoSuchTable(table);
        }
        const PASSING: [&str; 5] =
            ["Network connection lost", "overloaded", "to be reset", "storage caused object", "Cannot resolve D1 DB"];
        if PASSING.iter().any(|mark| message.contains(mark)) {
            return Self::Unavailable(message.to_owned());
        }
        Self::Other(message.to_owned())
    }
}

impl From<SqlError> for Error {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Constraint(constraint) => constraint.into(),
            SqlError::NoSuchTable(table) => Self::Misconfigured(format!(
                "The database has no table {table}. Apply the migrations: `npx wrangler d1 migrations apply orgscope` \
                 with --local or --remote."
            )),
            other => Self::internal(other),
        }
    }
}

/// The port to the database. D1 has batches and no open transactions, so a batch is all there is: every statement takes
/// effect, or none does. One batch is one round trip.
pub trait Sql {
    /// Runs the statements in order, atomically.
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, SqlError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_a_struct() {
        let row = serde_json::json!({ "org_id": "o", "columns_json": "[1]", "config_json": null, "is_enabled": 1 });
        let row = row.as_object().unwrap().clone();
        let expected = serde_json::json!({ "orgId": "o", "columns": [1], "config": null, "isEnabled": true });
        assert_eq!(fields(row).unwrap(), expected);
    }

    #[test]
    fn errors_are_told_apart_by_sqlites_own_words() {
        let of = SqlError::from_message;
        assert_eq!(
            of("UNIQUE constraint failed: user.email: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)"),
            Constraint::Unique("user.email".into()).into()
        );
        assert_eq!(of("D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT"), Constraint::ForeignKey.into());
        assert_eq!(of("D1_ERROR: no such table: dataset: SQLITE_ERROR"), SqlError::NoSuchTable("dataset".into()));
        assert!(matches!(of("D1 DB is overloaded. Requests queued for too long."), SqlError::Unavailable(_)));
        assert!(matches!(of("near \"selct\": syntax error"), SqlError::Other(_)));
    }
}
