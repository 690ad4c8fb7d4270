//! The columns of a dataset: what `dataset.columns` holds.
use crate::operation::input::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// D1 and SQLite Durable Objects allow no more columns in a table.
const MAX_COLUMNS: usize = 100;
const MAX_NAME: usize = 63;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// A day or an instant, ISO 8601.
    Date,
    /// True or false.
    Boolean,
}

/// One column, such as `{"name":"amount","type":"decimal","nullable":false}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ColumnDef {
    /// Its name; SQL calls it by this.
    pub name: ColumnName,
    /// What it holds.
    pub r#type: ColumnType,
    /// Whether a row may leave it empty.
    pub nullable: bool,
    /// What it means, for people and agents who write SQL: at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 500))]
    pub description: Option<Text<0, 500, true>>,
}

/// A column's name: a letter or `_`, then up to 62 letters, digits or `_`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(!try_from, inline)]
pub struct ColumnName(#[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"))] String);

impl TryFrom<String> for ColumnName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if starts && text.len() <= MAX_NAME && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            Ok(Self(text))
        } else {
            Err("must be a letter or _, then up to 62 letters, digits or _")
        }
    }
}

/// The columns, in order: 1 to 100, no name twice, whatever its case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<ColumnDef>")]
#[schemars(!try_from, inline)]
pub struct Columns(#[schemars(length(min = 1, max = 100))] Vec<ColumnDef>);

impl TryFrom<Vec<ColumnDef>> for Columns {
    type Error = String;

    fn try_from(columns: Vec<ColumnDef>) -> Result<Self, String> {
        if columns.is_empty() || columns.len() > MAX_COLUMNS {
            return Err(format!("must have 1 to {MAX_COLUMNS} columns"));
        }
        let mut seen = HashSet::new();
        match columns.iter().find(|column| !seen.insert(column.name.0.to_ascii_lowercase())) {
            Some(twice) => Err(format!("has two columns named {}, which differ in case at most", twice.name.0)),
            None => Ok(Self(columns)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn columns(value: serde_json::Value) -> std::result::Result<Columns, serde_json::Error> {
        serde_json::from_value(value)
    }

    #[test]
    fn a_column_reads_and_writes_as_documented() {
        let value = json!([{ "name": "amount", "type": "decimal", "nullable": false }]);
        assert_eq!(serde_json::to_value(columns(value.clone()).unwrap()).unwrap(), value);
    }

    #[test]
    fn what_is_no_column_is_refused() {
        let column = |name: &str| json!({ "name": name, "type": "text", "nullable": true });
        for bad in [
            json!([]),
            json!([column("a"), column("A")]),
            json!([column("")]),
            json!([column("1a")]),
            json!([column("a b")]),
            json!([column("ä")]),
            json!([column(&"a".repeat(64))]),
            json!([{ "name": "a", "type": "money", "nullable": true }]),
            json!([{ "name": "a", "type": "text" }]),
            json!([{ "name": "a", "type": "text", "nullable": true, "primary": true }]),
            (0..=100).map(|i| column(&format!("c{i}"))).collect(),
        ] {
            assert!(columns(bad.clone()).is_err(), "{bad}");
        }
        assert!(columns((0..100).map(|i| column(&format!("c{i}"))).collect()).is_ok());
        assert!(columns(json!([column(&"a".repeat(63))])).is_ok());
    }
}
