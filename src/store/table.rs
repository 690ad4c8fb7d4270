//! What a dataset's rows look like to the database that holds them.
use crate::{id::DatasetId, time::Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Any text.
    Text,
    /// A whole number from -(2^53 - 1) to 2^53 - 1.
    Integer,
    /// A number.
    Decimal,
    /// A day or an instant, ISO 8601.
    Date,
    /// True or false.
    Boolean,
}

impl ColumnType {
    /// Whether every value of this type is one of the other as well.
    #[must_use]
    pub fn widens_to(self, other: Self) -> bool {
        use ColumnType::{Boolean, Decimal, Integer, Text};
        self == other || other == Text || matches!((self, other), (Boolean, Integer | Decimal) | (Integer, Decimal))
    }
}

/// A column of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Which column it is, whatever it is called.
    pub id: String,
    /// What SQL calls it.
    pub name: String,
    /// What it holds.
    pub r#type: ColumnType,
    /// Whether a row may leave it empty.
    pub nullable: bool,
}

/// A dataset as the database that holds its rows knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// The dataset: the name of the table as well.
    pub id: DatasetId,
    /// What SQL calls it.
    pub name: String,
    /// The version of this definition.
    pub defined_at: Timestamp,
    /// The columns, in order.
    pub columns: Vec<Column>,
}
