//! Rows that come in.
use super::{
    Dataset,
    rows::{self, Ready, RowError},
    sql,
};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    id::DatasetId,
    operation::{Output, input::Text},
    store,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What becomes of the others when a row does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// None is added.
    #[default]
    Reject,
    /// They are added without it.
    Skip,
}

/// Rows for a dataset: exactly one of rows, csv and ndjson.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRows {
    /// Which dataset.
    pub id: DatasetId,
    /// Rows as objects, such as `{"day":"2026-01-31","amount":9.5}`. A column that is left out is null.
    #[serde(default)]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub rows: Option<Vec<Map<String, Value>>>,
    /// Rows as CSV, the first line naming the columns.
    #[serde(default)]
    pub csv: Option<String>,
    /// Rows as objects, one a line.
    #[serde(default)]
    pub ndjson: Option<String>,
    /// What becomes of the others when a row does not fit. Without it: reject.
    #[serde(default)]
    pub on_error: OnError,
    /// A text of your choice, new for each call: sent again within a day, nothing is added twice.
    #[serde(default)]
    pub idempotency_key: Option<Text<1, 200>>,
}

/// What became of the rows.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Appended {
    /// How many were added.
    pub added: u64,
    /// How many did not fit.
    pub skipped: usize,
    /// The first 100 of those.
    pub errors: Vec<RowError>,
    /// How many rows the dataset has now.
    pub row_count: u64,
    /// Grows with every change of its rows.
    pub version: u64,
}

impl Output for Appended {}

/// Adds rows to a dataset.
///
/// # Errors
/// `NotFound`, `OrgPermission`; `Invalid` if a row does not fit, unless it is to be skipped; `Conflict` if the
/// organization may have no more rows.
pub async fn append(cx: &AuthCtx, db: &OrgDb<'_>, new: NewRows) -> Result<Appended> {
    take(cx, db, new, false).await
}

/// Replaces the rows of a dataset.
///
/// # Errors
/// Those of [`append`].
pub async fn replace(cx: &AuthCtx, db: &OrgDb<'_>, new: NewRows) -> Result<Appended> {
    take(cx, db, new, true).await
}

async fn take(cx: &AuthCtx, db: &OrgDb<'_>, new: NewRows, replaces: bool) -> Result<Appended> {
    let dataset: Dataset = db.first_owned(sql::DATASET, sql::SHOW, &new.id).await?;
    let table = dataset.table();
    let ready = match (&new.rows, &new.csv, &new.ndjson) {
        (Some(objects), None, None) => rows::of_objects(&table, objects),
        (None, Some(csv), None) => rows::of_csv(&table, csv)?,
        (None, None, Some(ndjson)) => rows::of_ndjson(&table, ndjson),
        _ => return Err(Error::invalid("input", "give exactly one of rows, csv and ndjson")),
    };
    if ready.refused > 0 && new.on_error == OnError::Reject {
        return Err(refused(&ready));
    }
    let key = new.idempotency_key.map(|key| key.as_str().to_owned());
    let append = store::Append { table, replaces, chunks: ready.chunks, key, now: cx.now() };
    let store::Appended { added, row_count, version } = db.store().append(append).await?;
    Ok(Appended { added, skipped: ready.refused, errors: ready.errors, row_count, version })
}

/// Tells the first few.
fn refused(ready: &Ready) -> Error {
    let told = ready.errors.iter().take(5).map(|RowError { row, column, value, expected }| {
        let column = column.as_ref().map(|column| format!(", column {column}")).unwrap_or_default();
        format!("row {row}{column}: {value:?} is not {expected}")
    });
    let told: Vec<_> = told.collect();
    let more = ready.refused - told.len();
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Error::invalid("rows", format!("{}{more}. Nothing was added.", told.join("; ")))
}
