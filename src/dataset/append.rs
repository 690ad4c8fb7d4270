//! Rows that come in.
use super::{
    Dataset,
    reader::{Reader, Sink},
    rows::{Refused, RowError, Rows},
    sql,
    upload::Filling,
};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    id::DatasetId,
    operation::{
        Output,
        input::Text,
        upload::{Format, Upload},
    },
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

/// Rows for a dataset: exactly one of rows, csv and ndjson. REST: or none of them, and the rows as the body.
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
    pub skipped: u64,
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
/// `NotFound`, `OrgPermission`; `Invalid` if a row does not fit, unless it is to be skipped; `QuotaExceeded`; `Conflict` if
/// the dataset has just changed.
pub async fn append(cx: &AuthCtx, db: &OrgDb<'_>, new: NewRows, body: Option<Upload>) -> Result<Appended> {
    take(cx, db, new, body, false).await
}

/// Replaces the rows of a dataset.
///
/// # Errors
/// Those of [`append`].
pub async fn replace(cx: &AuthCtx, db: &OrgDb<'_>, new: NewRows, body: Option<Upload>) -> Result<Appended> {
    take(cx, db, new, body, true).await
}

async fn take(cx: &AuthCtx, db: &OrgDb<'_>, new: NewRows, body: Option<Upload>, replaces: bool) -> Result<Appended> {
    let (dataset, store): (Dataset, _) = db.begin_rows(sql::DATASET, sql::SHOW, &new.id).await?;
    let table = dataset.table();
    let key = new.idempotency_key.as_ref().map(Text::as_str);
    let mut rows = Rows::new(&table, new.on_error);
    let mut filling = Filling::new(cx, store, &table, replaces, key)?;
    let read = match (body, &new.rows, &new.csv, &new.ndjson) {
        (Some(body), None, None, None) => filling.fill(&mut rows, body).await,
        (None, Some(objects), None, None) => read_objects(objects, &mut rows),
        (None, None, Some(csv), None) => Reader::read(Format::Csv, csv.as_bytes(), &mut rows),
        (None, None, None, Some(ndjson)) => Reader::read(Format::Ndjson, ndjson.as_bytes(), &mut rows),
        _ => Err(Error::invalid("input", "give the rows once: as rows, csv or ndjson, or as the body")),
    };
    let chunks = read.and_then(|()| rows.take());
    let is_rejected = rows.are_rejected();
    let refused = rows.refused();
    let chunks = if is_rejected { chunks.and_then(|_| Err(rejected(&refused))) } else { chunks };
    let store::Appended { added, row_count, version } = filling.finish(chunks).await?;
    Ok(Appended { added, skipped: refused.count, errors: refused.errors, row_count, version })
}

/// Reads a list that is JSON already. A number that has lost digits by then is refused.
pub fn read_objects(objects: &[Map<String, Value>], sink: &mut dyn Sink) -> Result<()> {
    for object in objects {
        match object.values().find(|value| is_rounded(value)) {
            Some(value) => sink.refuse(&value.to_string(), "a number below 2^64, or the rows as csv or ndjson".into()),
            None => Reader::read(Format::Ndjson, &serde_json::to_vec(object).map_err(Error::internal)?, sink)?,
        }
    }
    Ok(())
}

/// Whether the number may have had more digits than a double has: it was whole, and no 64 bits hold it.
fn is_rounded(value: &Value) -> bool {
    let double = value.as_number().filter(|number| number.is_f64()).and_then(serde_json::Number::as_f64);
    double.is_some_and(|double| double.abs() >= 18_446_744_073_709_551_616.0)
}

/// Tells the first few.
fn rejected(refused: &Refused) -> Error {
    let told = refused.errors.iter().take(5).map(|RowError { row, column, value, expected }| {
        let column = column.as_ref().map(|column| format!(", column {column}")).unwrap_or_default();
        format!("row {row}{column}: {value:?} is not {expected}")
    });
    let told: Vec<_> = told.collect();
    let more = refused.count - told.len() as u64;
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Error::invalid("rows", format!("{}{more}. Nothing was added.", told.join("; ")))
}
