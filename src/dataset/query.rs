//! SQL over the organization's datasets.
use super::{Dataset, sql};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    confined_sql::{ConfinedSql, MAX_PARAMS},
    id::DatasetId,
    operation::{
        Output,
        input::{SqlText, Whole},
    },
    store::{ColumnType, Table},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A SELECT and what it needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryInput {
    /// One SELECT, such as `select region, sum(amount) from sales where day >= ? group by region`.
    pub sql: SqlText,
    /// The values of its `?`, in order: null, booleans, numbers and texts, at most 50.
    #[serde(default)]
    pub params: Vec<Value>,
    /// How many rows at most: 1 to 10000. Without it, 10000.
    #[serde(default)]
    pub limit: Option<Whole<1, 10_000>>,
}

/// The rows of a SELECT.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueryResult {
    /// Its columns, in order.
    pub columns: Vec<QueryColumn>,
    /// Its rows: each an array of values, in the order of the columns.
    #[schemars(with = "Vec<Vec<Value>>")]
    pub rows: Box<RawValue>,
    /// Whether there were more rows than are here.
    pub truncated: bool,
    /// How long the rows took, in milliseconds.
    pub elapsed_ms: u64,
    /// How many rows were read for it: none if the answer was still known.
    pub rows_read: u64,
    /// The same for the same statement and values.
    pub statement_hash: String,
    /// The version of each dataset that was read: it grows with every change of its rows.
    #[schemars(with = "BTreeMap<String, u64>")]
    pub dataset_versions: BTreeMap<DatasetId, u64>,
}

impl Output for QueryResult {
    /// Of the same statement over the same versions the rows are the same; how long they took is not.
    fn tag(&self) -> Option<String> {
        let of = (&self.statement_hash, &self.dataset_versions, self.truncated, self.rows.get().len());
        Some(format!("W/\"{}\"", digest(&format!("{of:?}"))))
    }
}

/// A text's hash in 32 hexadecimal digits.
#[must_use]
pub fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A column of the result.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QueryColumn {
    /// Its name.
    pub name: String,
    /// What it holds; null if that cannot be told.
    pub r#type: Option<ColumnType>,
}

/// How much a result may have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows.
    pub max_rows: usize,
    /// Bytes of rows as JSON.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_rows: 10_000, max_bytes: 8_000_000 }
    }
}

impl Limits {
    /// Of each of so many results that are answered together.
    #[must_use]
    pub fn shared_by(self, results: usize) -> Self {
        Self { max_bytes: self.max_bytes / results.max(1), ..self }
    }
}

/// Runs a SELECT.
///
/// # Errors
/// `Invalid`, if it is none, reaches for what it may not, or could take too long.
pub async fn query(cx: &AuthCtx, db: &OrgDb<'_>, input: QueryInput) -> Result<QueryResult> {
    if input.params.len() > MAX_PARAMS {
        return Err(Error::invalid("params", format!("has at most {MAX_PARAMS} values")));
    }
    let datasets: Vec<Dataset> = db.all(sql::ALL_OF_THEM, []).await?;
    let tables: Vec<_> = datasets.iter().map(Dataset::table).collect();
    let confined = ConfinedSql::new(input.sql.as_str(), &tables, &input.params, cx.now());
    let confined = confined.map_err(|refusal| Error::invalid("sql", refusal.to_string()))?;
    let limits = Limits::default();
    let max_rows = input.limit.map_or(limits.max_rows, |limit| limit.get() as usize);
    answer(cx, db, &confined, &tables, Limits { max_rows, ..limits }).await
}

/// Runs what is confined to `all`, the organization's datasets.
///
/// # Errors
/// `Invalid`, if it could take too long or fails while it runs.
pub async fn answer(
    cx: &AuthCtx,
    db: &OrgDb<'_>,
    sql: &ConfinedSql,
    all: &[Table],
    limits: Limits,
) -> Result<QueryResult> {
    let clock = cx.runtime().clock_ms;
    let begun = clock();
    let answer = db.store().select(sql, all, (limits.max_rows, limits.max_bytes)).await?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration: small and not negative")]
    let elapsed_ms = (clock() - begun).max(0.0) as u64;
    let known = |at: usize| sql.columns().and_then(|columns| columns.get(at)).and_then(|column| column.r#type);
    let selected = answer.selected;
    let columns = selected.names.into_iter().zip(selected.types).enumerate();
    let columns = columns.map(|(at, (name, seen))| QueryColumn { name, r#type: known(at).or(seen) });
    Ok(QueryResult {
        columns: columns.collect(),
        rows: RawValue::from_string(selected.rows).map_err(Error::internal)?,
        truncated: selected.is_truncated,
        elapsed_ms,
        rows_read: selected.rows_read,
        statement_hash: digest(sql.text()),
        dataset_versions: answer.versions.into_iter().collect(),
    })
}
