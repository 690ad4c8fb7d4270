//! The columns of a dataset: what `dataset.columns` holds.
use crate::{
    Error,
    operation::input::Text,
    random::Random,
    store::{Column, ColumnType},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// D1 and SQLite Durable Objects allow no more columns in a table.
const MAX_COLUMNS: usize = 100;
const MAX_NAME: usize = 63;

/// One column, such as `{"name":"amount","type":"decimal","nullable":false}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ColumnDef {
    /// Which column it is, whatever it is called: given by us. In a change, without it, the column of that name is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Text<1, 63>>,
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

impl ColumnName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that a header such as `Order date` stands for: `Order_date`. None if nothing of it is left.
    #[must_use]
    pub fn of_header(header: &str) -> Option<Self> {
        let words: Vec<_> =
            header.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut name = words.join("_");
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert(0, '_');
        }
        name.truncate(MAX_NAME);
        Self::try_from(name).ok()
    }
}

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

impl Columns {
    /// The columns, in order.
    pub fn iter(&self) -> impl Iterator<Item = &ColumnDef> {
        self.0.iter()
    }

    /// The columns as the store knows them. Those that were declared before columns had keys are known by their names.
    #[must_use]
    pub fn stored(&self) -> Vec<Column> {
        let stored = |column: &ColumnDef| Column {
            id: column.key.as_ref().map_or(column.name.as_str(), Text::as_str).to_owned(),
            name: column.name.as_str().to_owned(),
            r#type: column.r#type,
            nullable: column.nullable,
        };
        self.0.iter().map(stored).collect()
    }

    /// Gives a key to each column that is new; the others keep that of the column in `current` which they name by key or
    /// else by name. Checks that the rows of `current` fit.
    ///
    /// # Errors
    /// `Invalid` if a key is none of `current`'s, if values of a column would not fit its new type, or if a column that
    /// rows lack may not be null.
    pub fn identified(mut self, current: &[Column], random: Random) -> Result<Self, Error> {
        for (at, column) in self.0.iter_mut().enumerate() {
            let of_name = || current.iter().find(|old| old.name.eq_ignore_ascii_case(column.name.as_str()));
            let old = match &column.key {
                Some(id) => Some(
                    current
                        .iter()
                        .find(|old| old.id == id.as_str())
                        .ok_or_else(|| Error::invalid(format!("columns[{at}].key"), "is no column of this dataset"))?,
                ),
                None => of_name(),
            };
            let id = match old {
                Some(old) => old.id.clone(),
                None => random.alphanumeric(8)?,
            };
            column.key = Text::try_from(id).ok();
            fits(at, column, old, current.is_empty())?;
        }
        let mut seen = HashSet::new();
        match self.0.iter().position(|column| !seen.insert(column.key.as_ref().map(Text::as_str))) {
            Some(at) => Err(Error::invalid(format!("columns[{at}].key"), "is another column's")),
            None => Ok(self),
        }
    }
}

/// Whether the rows that are there fit the column.
fn fits(at: usize, column: &ColumnDef, old: Option<&Column>, is_new: bool) -> Result<(), Error> {
    let Some(old) = old else {
        if is_new || column.nullable {
            return Ok(());
        }
        return Err(Error::invalid(
            format!("columns[{at}].nullable"),
            "must be true: rows that are there lack this column",
        ));
    };
    if !old.r#type.widens_to(column.r#type) {
        let problem = "does not hold every value of the column's type so far; make another column";
        return Err(Error::invalid(format!("columns[{at}].type"), problem));
    }
    if old.nullable && !column.nullable {
        return Err(Error::invalid(format!("columns[{at}].nullable"), "must stay true: rows may lack this column"));
    }
    Ok(())
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
    fn a_header_stands_for_a_name() {
        for (header, name) in [
            ("amount", "amount"),
            (" Order date (UTC) ", "Order_date_UTC"),
            ("2026", "_2026"),
            ("a__b", "a_b"),
            ("Stra\u{df}e", "Stra_e"),
        ] {
            assert_eq!(ColumnName::of_header(header).unwrap().as_str(), name);
        }
        assert!(ColumnName::of_header("\u{20ac}").is_none());
        assert_eq!(ColumnName::of_header(&"a".repeat(70)).unwrap().as_str().len(), MAX_NAME);
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
