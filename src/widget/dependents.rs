//! Changes of datasets, seen from the widgets that draw them: what would break one is told before it does.
use super::{Widget, query::View, sql};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    dataset::{self, Dataset, DatasetPatch},
    error::BrokenWidget,
    id::{DatasetId, Id},
    operation::{Deleted, input::Flag},
    store::Table,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The dataset to delete.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteDataset {
    /// Its id.
    pub id: DatasetId,
    /// Delete it only if it has not changed since: the `updatedAt` that you read. REST: the header `If-Match`.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Delete it also if widgets draw it, which then answer an error. Without it, no.
    #[serde(default)]
    pub force: Flag,
}

/// Changes a dataset's name, description or columns.
///
/// # Errors
/// Those of [`dataset::update`]; `WidgetsBreak` if a widget that draws would not any more, unless it is forced.
pub async fn update_dataset(cx: &AuthCtx, db: &OrgDb<'_>, mut patch: DatasetPatch) -> Result<Dataset> {
    if patch.name.is_some() || patch.columns.is_some() {
        let (current, all, drawing) = read(db, &patch.id).await?;
        // Of another organization's there is none; the change itself then says so.
        if let Some(current) = current {
            let next = patch.planned(&current, cx.random())?;
            if !patch.force.0 {
                let after = all.iter().map(|table| if table.id == next.id { next.clone() } else { table.clone() });
                unbroken(broken(&drawing, &all, &after.collect::<Vec<_>>(), cx.now()))?;
            }
        }
    }
    dataset::update(cx, db, patch).await
}

/// Deletes a dataset and its rows.
///
/// # Errors
/// Those of [`dataset::delete`]; `WidgetsBreak` if widgets draw it, unless it is forced.
pub async fn delete_dataset(cx: &AuthCtx, db: &OrgDb<'_>, gone: DeleteDataset) -> Result<Deleted<DatasetId>> {
    let DeleteDataset { id, updated_at, force } = gone;
    if !force.0 {
        match dataset::delete(db, dataset::sql::DELETE_UNDRAWN, &id, updated_at).await {
            Err(Error::Conflict(_)) => {}
            done => return done,
        }
        // Some widget draws it, or has its name in its SQL.
        let (_, all, drawing) = read(db, &id).await?;
        let after: Vec<_> = all.iter().filter(|table| table.id != id).cloned().collect();
        let draws = |widget: &&Widget| widget.dataset_id.as_ref() == Some(&id);
        let drawn = drawing.iter().filter(draws).map(|widget| told(widget, "it draws this dataset".into()));
        let others: Vec<_> = drawing.iter().filter(|widget| !draws(widget)).collect();
        unbroken(drawn.chain(broken(others, &all, &after, cx.now())).collect())?;
    }
    dataset::delete(db, dataset::sql::DELETE, &id, updated_at).await
}

/// The dataset, all datasets as tables, and the widgets that may draw it.
async fn read(db: &OrgDb<'_>, id: &DatasetId) -> Result<(Option<Dataset>, Vec<Table>, Vec<Widget>)> {
    let reads = [
        db.bind(dataset::sql::SHOW, [id.into()]),
        db.bind(dataset::sql::ALL_OF_THEM, []),
        db.bind(sql::DRAWING, [id.into()]),
    ];
    let [current, all, drawing] = db.batch(reads).await?;
    let all: Vec<Dataset> = all.decode()?;
    Ok((current.decode_first()?, all.iter().map(Dataset::table).collect(), drawing.decode()?))
}

/// Of those that draw over `before`, those that would not over `after`.
fn broken<'a>(
    widgets: impl IntoIterator<Item = &'a Widget>,
    before: &[Table],
    after: &[Table],
    now: Timestamp,
) -> Vec<BrokenWidget> {
    let breaks = |widget: &'a Widget| {
        let over = |tables| widget.drawn().confined(tables, &View::default(), now);
        let problem = over(after).err()?;
        over(before).is_ok().then(|| told(widget, problem.to_string()))
    };
    widgets.into_iter().filter_map(breaks).collect()
}

fn told(widget: &Widget, problem: String) -> BrokenWidget {
    BrokenWidget { id: widget.id.as_str().to_owned(), title: widget.title.clone(), problem }
}

fn unbroken(widgets: Vec<BrokenWidget>) -> Result<()> {
    if widgets.is_empty() { Ok(()) } else { Err(Error::WidgetsBreak(widgets)) }
}
