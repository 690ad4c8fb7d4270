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
    /// How many rows were read for it.
    pub rows_read: u64,
    /// The same for the same statement and values.
    pub statement_hash: String,
    /// The version of each dataset that was read: it grows with every change of its rows.
    #[schemars(with = "BTreeMap<String, u64>")]
    pub dataset_versions: BTreeMap<DatasetId, u64>,
}

impl Output for QueryResult {}

/// A column of the result.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QueryColumn {
    /// Its name.
    pub name: String,
    /// What it holds; null if that cannot be told.
    pub r#type: Option<ColumnType>,
}

/// The most rows of a result.
const MAX_ROWS: Whole<1, 10_000> = Whole::at::<10_000>();

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
    run(cx, db, &confined, &tables, input.limit.unwrap_or(MAX_ROWS).get() as usize).await
}

/// Runs what is confined.
async fn run(cx: &AuthCtx, db: &OrgDb<'_>, sql: &ConfinedSql, all: &[Table], max_rows: usize) -> Result<QueryResult> {
    let clock = cx.runtime().clock_ms;
    let begun = clock();
    let answer = db.store().select(sql, all, max_rows).await?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration: small and not negative")]
    let elapsed_ms = (clock() - begun).max(0.0) as u64;
    let known = |at: usize| sql.columns().and_then(|columns| columns.get(at)).and_then(|column| column.r#type);
    let selected = answer.selected;
    let columns = selected.names.into_iter().zip(selected.types).enumerate();
    let columns = columns.map(|(at, (name, seen))| QueryColumn { name, r#type: known(at).or(seen) });
    let hash: String = Sha256::digest(sql.text()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Ok(QueryResult {
        columns: columns.collect(),
        rows: RawValue::from_string(selected.rows).map_err(Error::internal)?,
        truncated: selected.is_truncated,
        elapsed_ms,
        rows_read: selected.rows_read,
        statement_hash: hash,
        dataset_versions: answer.versions.into_iter().collect(),
    })
}
