//! Widgets: what stands on a dashboard and draws the rows of a query.
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    dataset::{self, Dataset},
    db::{Bind, Rows},
    error::Constraint,
    id::{DashboardId, DatasetId, UserId, WidgetId},
    operation::{
        Deleted, Output, caller_is_gone,
        input::{ById, DeleteById, Limit, Name, bounded_json, nullable},
        page::{Listed, Page},
    },
    store::Table,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod config;
mod dependents;
pub mod operations;
mod query;
#[cfg(test)]
mod query_tests;
pub mod sql;
#[cfg(test)]
mod tests;

pub use config::{Position, TimeRange, WidgetConfig, WidgetKind};
pub use query::{Drawn, QUERIES, View, WidgetQueryInput, query};

/// What stands on a dashboard and draws the rows of a query.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Widget {
    /// Its id.
    pub id: WidgetId,
    /// The dashboard that it stands on.
    pub dashboard_id: DashboardId,
    /// The dataset that it draws; null once that is deleted by force.
    pub dataset_id: Option<DatasetId>,
    /// What is written above it.
    pub title: String,
    /// How it draws.
    pub kind: WidgetKind,
    /// Where it stands.
    pub position: Position,
    /// What it draws.
    pub config: WidgetConfig,
    /// Who made it; null once he is deleted.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed: its version.
    pub updated_at: Timestamp,
}

impl Output for Widget {
    fn version(&self) -> Option<Timestamp> {
        Some(self.updated_at)
    }
}

impl Listed for Widget {
    type Id = WidgetId;
    fn id(&self) -> &WidgetId {
        &self.id
    }
}

/// A page of widgets. Newest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WidgetPageInput {
    /// Only those that stand on this dashboard.
    #[serde(default)]
    pub dashboard_id: Option<DashboardId>,
    /// How many at most: 1 to 100.
    #[serde(default)]
    pub limit: Limit,
    /// Where the page before it ended: its `nextCursor`.
    #[serde(default)]
    pub cursor: Option<WidgetId>,
}

/// What a new widget needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewWidget {
    /// The dashboard that it is to stand on, for good.
    pub dashboard_id: DashboardId,
    /// The dataset that it draws.
    #[serde(default)]
    pub dataset_id: Option<DatasetId>,
    /// What is written above it.
    pub title: Name,
    /// How it draws.
    pub kind: WidgetKind,
    /// Where it stands. Without it: the upper left, 6 columns wide and 4 rows high.
    #[serde(default)]
    pub position: Position,
    /// What it draws: as JSON at most 64 KiB.
    pub config: WidgetConfig,
}

/// What may change of a widget. A field that is left out stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WidgetPatch {
    /// Which widget.
    pub id: WidgetId,
    /// Change it only if it has not changed since: the `updatedAt` that you read. REST: the header `If-Match`.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// The dataset that it draws; null for none.
    #[serde(default, deserialize_with = "nullable")]
    pub dataset_id: Option<Option<DatasetId>>,
    /// What is written above it.
    #[serde(default)]
    pub title: Option<Name>,
    /// How it draws.
    #[serde(default)]
    pub kind: Option<WidgetKind>,
    /// Where it stands.
    #[serde(default)]
    pub position: Option<Position>,
    /// All of what it draws.
    #[serde(default)]
    pub config: Option<WidgetConfig>,
}

/// The organization's widgets, or those of one dashboard, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: WidgetPageInput) -> Result<Page<Widget>> {
    let (after, limit) = (page.cursor.as_ref().into(), page.limit.and_one().into());
    let rows = match &page.dashboard_id {
        Some(dashboard) => db.all(sql::LIST_ON_DASHBOARD, [after, limit, dashboard.into()]).await?,
        None => db.all(sql::LIST, [after, limit]).await?,
    };
    Ok(Page::of(rows, page.limit))
}

/// One widget.
///
/// # Errors
/// `NotFound` if the organization has no such widget, whoever else may.
pub async fn show(_: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<WidgetId>) -> Result<Widget> {
    db.first(sql::SHOW, [(&id).into()]).await?.ok_or(Error::NotFound("widget"))
}

/// Puts a new widget on a dashboard. What it draws is checked against the datasets as they were just before; should one
/// change meanwhile, the widget answers as if it had changed just after.
///
/// # Errors
/// `Forbidden` if the caller may not query datasets; `Invalid` if the organization has no such dashboard or dataset,
/// whoever else may, or if it could not be drawn; `Conflict` if the dashboard is
/// full; `NotAMember` if the caller is gone by now.
pub async fn create(cx: &AuthCtx, db: &OrgDb<'_>, new: NewWidget) -> Result<Widget> {
    cx.authorize(QUERIES)?;
    let config = bounded_json("config", &new.config)?;
    let reads = [db.bind(sql::ROOM, [(&new.dashboard_id).into()]), db.bind(dataset::sql::ALL_OF_THEM, [])];
    let [room, datasets] = db.batch(reads).await?;
    if room.rows.is_empty() {
        return Err(no_such_dashboard());
    }
    Drawn { config: &new.config, dataset: new.dataset_id.as_ref() }.check(&tables(datasets)?, cx.now())?;
    let id = WidgetId::generate(cx.now(), cx.random())?;
    let row = [
        (&id).into(),
        (&new.dashboard_id).into(),
        new.dataset_id.as_ref().into(),
        (&new.title).into(),
        new.kind.into(),
        Bind::json(&new.position)?,
        config,
        cx.user_id().into(),
        cx.now().into(),
    ];
    let room = db.bind(sql::ROOM, [(&new.dashboard_id).into()]);
    let [room, created] = match db.batch([room, db.bind(sql::CREATE, row)]).await {
        Ok(done) => done,
        Err(error) => return Err(refused(error.into(), new.dataset_id.as_ref())),
    };
    match (created.decode_first()?, room.decode_first::<Room>()?) {
        (Some(widget), _) => Ok(widget),
        (None, None) => Err(no_such_dashboard()),
        (None, Some(Room { is_left: false })) => {
            Err(Error::Conflict("This dashboard has 100 widgets, the most it can hold. Delete one first.".into()))
        }
        (None, Some(_)) => Err(Error::internal("an insert returned no row")),
    }
}

fn no_such_dashboard() -> Error {
    Error::invalid("dashboardId", "no such dashboard in your organization")
}

fn tables(datasets: Rows) -> Result<Vec<Table>> {
    let datasets: Vec<Dataset> = datasets.decode()?;
    Ok(datasets.iter().map(Dataset::table).collect())
}

/// What [`sql::ROOM`] gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Room {
    is_left: bool,
}

/// Changes what a widget draws, how, or where it stands.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if what it draws changes and the caller may not query datasets;
/// `Invalid` if the organization has no such dataset, if it could not be drawn, or there is nothing to change.
pub async fn update(cx: &AuthCtx, db: &OrgDb<'_>, patch: WidgetPatch) -> Result<Widget> {
    let WidgetPatch { id, mut updated_at, dataset_id, title, kind, position, config } = patch;
    if dataset_id.is_none() && title.is_none() && kind.is_none() && position.is_none() && config.is_none() {
        return Err(Error::invalid("input", "give at least one of datasetId, title, kind, position and config"));
    }
    let config_json = config.as_ref().map(|config| bounded_json("config", config)).transpose()?;
    if dataset_id.is_some() || config.is_some() {
        cx.authorize(QUERIES)?;
        let datasets = db.bind(dataset::sql::ALL_OF_THEM, []);
        let (current, [datasets]) = db.first_owned_and(sql::WIDGET, sql::SHOW, &id, [datasets]).await?;
        let current: Widget = current;
        let config = config.as_ref().unwrap_or(&current.config);
        let dataset = dataset_id.as_ref().map_or(current.dataset_id.as_ref(), Option::as_ref);
        Drawn { config, dataset }.check(&tables(datasets)?, cx.now())?;
        // What was checked is what is changed.
        updated_at = updated_at.or(Some(current.updated_at));
    }
    let changes = [
        cx.now().into(),
        title.as_ref().into(),
        kind.into(),
        position.as_ref().map(Bind::json).transpose()?.into(),
        dataset_id.is_some().into(),
        dataset_id.as_ref().and_then(Option::as_ref).into(),
        config_json.into(),
    ];
    match db.update_owned(sql::UPDATE, &id, updated_at, changes).await {
        Ok(changed) => Ok(changed),
        Err(error) => Err(refused(error, dataset_id.flatten().as_ref())),
    }
}

/// Deletes a widget.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if the caller may delete only his own.
pub async fn delete(_: &AuthCtx, db: &OrgDb<'_>, gone: DeleteById<WidgetId>) -> Result<Deleted<WidgetId>> {
    db.delete_owned(sql::DELETE, &gone.id, gone.updated_at).await?;
    Ok(Deleted::of(gone.id))
}

/// What to say of a foreign key that broke: that to the dataset, if one was named, else one to the caller.
fn refused(error: Error, dataset: Option<&DatasetId>) -> Error {
    match (error, dataset) {
        (Error::Constraint(Constraint::ForeignKey), Some(_)) => {
            Error::invalid("datasetId", "no such dataset in your organization")
        }
        (other, _) => caller_is_gone(other),
    }
}
