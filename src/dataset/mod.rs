//! Datasets: named tables of typed columns, which widgets draw and automations watch.
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    db::OrgChange,
    error::Constraint,
    id::{DatasetId, UserId},
    operation::{
        Deleted, Output, caller_is_gone,
        input::{ById, Description, Flag, Name, PageInput, bounded_json, nullable},
        page::{Listed, Page},
    },
    random::Random,
    store::Table,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod append;
mod cell;
mod column;
mod export;
mod infer;
pub mod operations;
mod profile;
mod query;
mod reader;
mod rows;
pub mod sql;
#[cfg(test)]
mod tests;
mod upload;

pub use append::{Appended, NewRows, OnError, append, replace};
pub use column::{ColumnDef, ColumnName, Columns};
pub use export::{Export, ExportInput, csv_text, export};
pub use infer::{Inferred, Sample, infer};
pub use profile::{DatasetProfile, ProfileInput, profile};
pub use query::{Limits, QueryColumn, QueryInput, QueryResult, answer, digest, query};

/// A named table of typed columns.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dataset {
    /// Its id.
    pub id: DatasetId,
    /// Its name, unique in the organization without case: SQL calls it by this.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its columns, in order.
    pub columns: Columns,
    /// Who made it; null once he is deleted.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed: its version.
    pub updated_at: Timestamp,
}

impl Output for Dataset {
    fn version(&self) -> Option<Timestamp> {
        Some(self.updated_at)
    }
}

impl Listed for Dataset {
    type Id = DatasetId;
    fn id(&self) -> &DatasetId {
        &self.id
    }
}

/// What a new dataset needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDataset {
    /// Unique in the organization without case: SQL calls it by this.
    pub name: Name,
    /// What it is for.
    #[serde(default)]
    pub description: Option<Description>,
    /// Its columns, in order: 1 to 100, as JSON at most 64 KiB.
    pub columns: Columns,
}

/// What may change of a dataset. A field that is left out stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DatasetPatch {
    /// Which dataset.
    pub id: DatasetId,
    /// Change it only if it has not changed since: the `updatedAt` that you read. REST: the header `If-Match`.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Its new name.
    #[serde(default)]
    pub name: Option<Name>,
    /// What it is for; null clears it.
    #[serde(default, deserialize_with = "nullable")]
    pub description: Option<Option<Description>>,
    /// All its columns, in order.
    #[serde(default)]
    pub columns: Option<Columns>,
    /// Change it also if that breaks widgets, which then answer an error. Without it, no.
    #[serde(default)]
    pub force: Flag,
}

impl DatasetPatch {
    /// Finds its columns among those of the dataset as it is, which is then what it changes, and gives the table that
    /// comes of it.
    ///
    /// # Errors
    /// `Invalid` if rows that are there would not fit its columns.
    pub fn planned(&mut self, current: &Dataset, random: Random) -> Result<Table> {
        let mut table = current.table();
        if let Some(columns) = self.columns.take() {
            let columns = columns.identified(&table.columns, random)?;
            table.columns = columns.stored();
            self.columns = Some(columns);
            self.updated_at = self.updated_at.or(Some(current.updated_at));
        }
        if let Some(name) = &self.name {
            name.as_str().clone_into(&mut table.name);
        }
        Ok(table)
    }
}

/// The organization's datasets, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: PageInput<DatasetId>) -> Result<Page<Dataset>> {
    let rows = db.all(sql::LIST, [page.cursor.as_ref().into(), page.limit.and_one().into()]).await?;
    Ok(Page::of(rows, page.limit))
}

/// One dataset.
///
/// # Errors
/// `NotFound` if the organization has no such dataset, whoever else may.
pub async fn show(_: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<DatasetId>) -> Result<Dataset> {
    db.first(sql::SHOW, [(&id).into()]).await?.ok_or(Error::NotFound("dataset"))
}

/// Creates an empty dataset.
///
/// # Errors
/// `Conflict` if the name is taken; `QuotaExceeded`; `NotAMember` if the caller or the organization is gone by now.
pub async fn create(cx: &AuthCtx, db: &OrgDb<'_>, new: NewDataset) -> Result<Dataset> {
    let id = DatasetId::generate(cx.now(), cx.random())?;
    let most = cx.data_limits().datasets;
    let row = [
        (&id).into(),
        (&new.name).into(),
        new.description.as_ref().into(),
        bounded_json("columns", &new.columns.identified(&[], cx.random())?)?,
        cx.user_id().into(),
        cx.now().into(),
        i64::from(most).into(),
    ];
    let created = db.first(sql::CREATE, row).await.map_err(|error| caller_is_gone(name_taken(error, &new.name)))?;
    created.ok_or_else(|| {
        Error::QuotaExceeded(format!(
            "Your organization may have at most {most} datasets. Delete one that is no longer used."
        ))
    })
}

/// Changes a dataset's name, description or columns, which [`DatasetPatch::planned`] has found.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Conflict` if the name is taken; `Invalid` if there is nothing to change.
pub async fn update(cx: &AuthCtx, db: &OrgDb<'_>, patch: DatasetPatch) -> Result<Dataset> {
    if patch.name.is_none() && patch.description.is_none() && patch.columns.is_none() {
        return Err(Error::invalid("input", "give at least one of name, description and columns"));
    }
    let changes = [
        cx.now().into(),
        patch.name.as_ref().into(),
        patch.description.is_some().into(),
        patch.description.as_ref().and_then(Option::as_ref).into(),
        patch.columns.as_ref().map(|columns| bounded_json("columns", columns)).transpose()?.into(),
    ];
    let updated = db.update_owned(sql::UPDATE, &patch.id, patch.updated_at, changes).await;
    updated.map_err(|error| match &patch.name {
        Some(name) => name_taken(error, name),
        None => error,
    })
}

/// Deletes a dataset and its rows by `how`, one of this module's statements.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if the caller may delete only his own; `Conflict` while an automation
/// watches it, or if a further condition of `how` does not hold.
pub async fn delete(
    db: &OrgDb<'_>,
    how: OrgChange,
    id: &DatasetId,
    expected: Option<Timestamp>,
) -> Result<Deleted<DatasetId>> {
    db.delete_owned(how, id, expected).await.map_err(|error| match error {
        Error::Constraint(Constraint::ForeignKey) => Error::Conflict(
            "An automation still watches this dataset. Delete it, or give it another dataset, first.".into(),
        ),
        other => other,
    })?;
    db.store().forget(id).await;
    Ok(Deleted::of(id.clone()))
}

impl Dataset {
    /// The dataset as the store knows it.
    #[must_use]
    pub fn table(&self) -> Table {
        Table {
            id: self.id.clone(),
            name: self.name.clone(),
            defined_at: self.updated_at,
            columns: self.columns.stored(),
        }
    }
}

fn name_taken(error: Error, name: &Name) -> Error {
    match error {
        Error::Constraint(Constraint::Unique(_)) => Error::Conflict(format!(
            "Your organization already has a dataset named {}. Choose another name.",
            name.as_str()
        )),
        other => other,
    }
}
