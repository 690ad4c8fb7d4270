//! What a dataset's columns hold.
use super::{ColumnName, Dataset, sql};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    id::DatasetId,
    operation::{Output, input::Items},
    store::ColumnProfile,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which columns.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProfileInput {
    /// Which dataset.
    pub id: DatasetId,
    /// Their names. Without them: all.
    #[serde(default)]
    pub columns: Option<Items<ColumnName, 1, 100>>,
}

/// What the columns hold.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatasetProfile {
    /// The columns, in order.
    pub columns: Vec<ColumnProfile>,
}

impl Output for DatasetProfile {}

/// Looks at the values of a dataset's columns.
///
/// # Errors
/// `NotFound` if the organization has no such dataset, whoever else may; `Invalid` if it has no such column, or they have
/// too many values to look at together.
pub async fn profile(_: &AuthCtx, db: &OrgDb<'_>, input: ProfileInput) -> Result<DatasetProfile> {
    let dataset: Option<Dataset> = db.first(sql::SHOW, [(&input.id).into()]).await?;
    let table = dataset.ok_or(Error::NotFound("dataset"))?.table();
    let names = input.columns.as_ref().map_or(&[][..], Items::as_slice);
    let of_name = |name: &ColumnName| {
        let column = table.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name.as_str()));
        let column = column.ok_or_else(|| Error::invalid("columns", format!("has no column {}", name.as_str())));
        column.map(|column| column.id.clone())
    };
    let columns: Vec<_> = match names {
        [] => table.columns.iter().map(|column| column.id.clone()).collect(),
        names => names.iter().map(of_name).collect::<Result<_>>()?,
    };
    Ok(DatasetProfile { columns: db.store().profile(table, columns).await? })
}
