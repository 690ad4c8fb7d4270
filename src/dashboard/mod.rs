//! Dashboards: what widgets stand on.
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    error::Constraint,
    id::{DashboardId, UserId},
    operation::{
        Deleted, Output, caller_is_gone,
        input::{ById, DeleteById, Description, Name, PageInput, nullable},
        page::{Listed, Page},
    },
    policy::{Action, Permission, Resource},
    time::Timestamp,
    widget::{self, Widget},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod operations;
mod query;
pub mod sql;
#[cfg(test)]
mod tests;

pub use query::{DashboardQueryInput, DashboardResult, WidgetResult, query, query_within};

/// What widgets stand on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    /// Its id.
    pub id: DashboardId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who made it; null once he is deleted.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its name or description last changed: its version. A widget has a version of its own.
    pub updated_at: Timestamp,
}

impl Output for Dashboard {
    fn version(&self) -> Option<Timestamp> {
        Some(self.updated_at)
    }
}

impl Listed for Dashboard {
    type Id = DashboardId;
    fn id(&self) -> &DashboardId {
        &self.id
    }
}

/// A dashboard and all that stands on it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DashboardWithWidgets {
    /// The dashboard.
    #[serde(flatten)]
    pub dashboard: Dashboard,
    /// Its widgets, oldest first: at most 100.
    pub widgets: Vec<Widget>,
}

impl Output for DashboardWithWidgets {
    fn version(&self) -> Option<Timestamp> {
        self.dashboard.version()
    }
}

/// What a new dashboard needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDashboard {
    /// Its name.
    pub name: Name,
    /// What it is for.
    #[serde(default)]
    pub description: Option<Description>,
}

/// What may change of a dashboard. A field that is left out stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DashboardPatch {
    /// Which dashboard.
    pub id: DashboardId,
    /// Change it only if it has not changed since: the `updatedAt` that you read. REST: the header `If-Match`.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Its new name.
    #[serde(default)]
    pub name: Option<Name>,
    /// What it is for; null clears it.
    #[serde(default, deserialize_with = "nullable")]
    pub description: Option<Option<Description>>,
}

/// The organization's dashboards, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: PageInput<DashboardId>) -> Result<Page<Dashboard>> {
    let rows = db.all(sql::LIST, [page.cursor.as_ref().into(), page.limit.and_one().into()]).await?;
    Ok(Page::of(rows, page.limit))
}

/// One dashboard with its widgets, as they were at one instant.
///
/// # Errors
/// `NotFound` if the organization has no such dashboard, whoever else may; `Forbidden` if the caller may not read
/// widgets.
pub async fn show(cx: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<DashboardId>) -> Result<DashboardWithWidgets> {
    // A role made at run time may grant the one without the other.
    cx.authorize(Permission { resource: Resource::Widget, action: Action::Read })?;
    let both = [db.bind(sql::SHOW, [(&id).into()]), db.bind(widget::sql::ON_DASHBOARD, [(&id).into()])];
    let [dashboard, widgets] = db.batch(both).await?;
    let dashboard = dashboard.decode_first()?.ok_or(Error::NotFound("dashboard"))?;
    Ok(DashboardWithWidgets { dashboard, widgets: widgets.decode()? })
}

/// Creates a dashboard without widgets.
///
/// # Errors
/// `NotAMember` if the caller or the organization is gone by now.
pub async fn create(cx: &AuthCtx, db: &OrgDb<'_>, new: NewDashboard) -> Result<Dashboard> {
    let id = DashboardId::generate(cx.now(), cx.random())?;
    let row = [(&id).into(), (&new.name).into(), new.description.as_ref().into(), cx.user_id().into(), cx.now().into()];
    db.first(sql::CREATE, row)
        .await
        .map_err(caller_is_gone)?
        .ok_or_else(|| Error::internal("an insert returned no row"))
}

/// Changes a dashboard's name or description.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Invalid` if there is nothing to change.
pub async fn update(cx: &AuthCtx, db: &OrgDb<'_>, patch: DashboardPatch) -> Result<Dashboard> {
    if patch.name.is_none() && patch.description.is_none() {
        return Err(Error::invalid("input", "give at least one of name and description"));
    }
    let changes = [
        cx.now().into(),
        patch.name.as_ref().into(),
        patch.description.is_some().into(),
        patch.description.as_ref().and_then(Option::as_ref).into(),
    ];
    db.update_owned(sql::UPDATE, &patch.id, patch.updated_at, changes).await
}

/// Deletes a dashboard and its widgets.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if the caller may delete only his own; `Conflict` while it has
/// widgets that he may not delete, or an automation reports on it.
pub async fn delete(cx: &AuthCtx, db: &OrgDb<'_>, gone: DeleteById<DashboardId>) -> Result<Deleted<DashboardId>> {
    let DeleteById { id, updated_at } = gone;
    let may = |resource, action| cx.permissions().has(Permission { resource, action });
    let may_any_widget = may(Resource::Widget, Action::Delete);
    let statement = if may_any_widget {
        sql::DELETE
    } else if may(Resource::Widget, Action::DeleteOwn) && !may(Resource::Dashboard, Action::Delete) {
        sql::DELETE_WITH_OWN_WIDGETS
    } else {
        // `?4` is null for who may delete every dashboard, so that the statement cannot tell which widgets are his.
        sql::DELETE_EMPTY
    };
    match db.delete_owned(statement, &id, updated_at).await {
        Ok(()) => Ok(Deleted::of(id)),
        Err(Error::Constraint(Constraint::ForeignKey)) => Err(Error::Conflict(
            "An automation still reports on this dashboard. Delete it, or give it another dashboard, first.".into(),
        )),
        Err(Error::Conflict(_)) => Err(widgets_of_others()),
        Err(other) => Err(other),
    }
}

fn widgets_of_others() -> Error {
    Error::Conflict(
        "This dashboard has widgets that your role does not let you delete with it. Delete your own one by one, and ask \
         an owner or admin of your organization for the rest."
            .into(),
    )
}
