//! What all widgets of a dashboard answer, in one call.
use super::{Dashboard, sql};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    dataset::{self, Dataset, Limits, QueryResult, digest},
    id::{DashboardId, WidgetId},
    operation::{Output, Told},
    policy::{Action, Permission, Resource},
    widget::{self, TimeRange, View, Widget, WidgetKind},
    zone::TimeZone,
};
use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A dashboard, and how to look at it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DashboardQueryInput {
    /// Its id.
    pub id: DashboardId,
    /// How far back rows are drawn, in place of each widget's own `timeRange`.
    #[serde(default)]
    pub time_range: Option<TimeRange>,
    /// The zone of the IANA database whose days count. Without it, UTC.
    #[serde(default)]
    pub time_zone: TimeZone,
}

/// What a dashboard's widgets answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DashboardResult {
    /// The dashboard.
    pub id: DashboardId,
    /// Its name.
    pub name: String,
    /// Its widgets, oldest first.
    pub widgets: Vec<WidgetResult>,
}

/// What one widget answers: a result or an error.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WidgetResult {
    /// The widget.
    pub id: WidgetId,
    /// What is written above it.
    pub title: String,
    /// How it draws.
    pub kind: WidgetKind,
    /// The column along its x axis, for who draws it.
    #[serde(skip)]
    pub x_field: Option<String>,
    /// The column along its y axis.
    #[serde(skip)]
    pub y_field: Option<String>,
    /// What its query answers; null if there is an error.
    pub result: Option<QueryResult>,
    /// What is wrong with it; null if there is a result.
    pub error: Option<Told>,
}

impl Output for DashboardResult {
    fn tag(&self) -> Option<String> {
        let widget = |widget: &WidgetResult| {
            let error = widget.error.as_ref().map(|error| (error.code, &error.message));
            format!(
                "{:?}",
                (&widget.id, &widget.title, widget.kind, widget.result.as_ref().and_then(Output::tag), error)
            )
        };
        let all: String = self.widgets.iter().map(widget).collect();
        Some(format!("W/\"{}\"", digest(&format!("{:?}", (&self.id, &self.name, all)))))
    }
}

/// What all widgets of a dashboard answer. They are asked at once, each by itself, so that none waits for another's fault;
/// together they get no more bytes than one query would.
///
/// # Errors
/// `NotFound` if the organization has no such dashboard, whoever else may; `Forbidden` if the caller may not read widgets
/// or not query datasets.
pub async fn query(cx: &AuthCtx, db: &OrgDb<'_>, input: DashboardQueryInput) -> Result<DashboardResult> {
    query_within(cx, db, input, Limits::default()).await
}

/// The same, with no more than so much together.
///
/// # Errors
/// As [`query`].
pub async fn query_within(
    cx: &AuthCtx,
    db: &OrgDb<'_>,
    input: DashboardQueryInput,
    limits: Limits,
) -> Result<DashboardResult> {
    cx.authorize(Permission { resource: Resource::Widget, action: Action::Read })?;
    cx.authorize(widget::QUERIES)?;
    let all = [
        db.bind(sql::SHOW, [(&input.id).into()]),
        db.bind(widget::sql::ON_DASHBOARD, [(&input.id).into()]),
        db.bind(dataset::sql::ALL_OF_THEM, []),
    ];
    let [dashboard, widgets, datasets] = db.batch(all).await?;
    let Dashboard { id, name, .. } = dashboard.decode_first()?.ok_or(Error::NotFound("dashboard"))?;
    let (widgets, datasets): (Vec<Widget>, Vec<Dataset>) = (widgets.decode()?, datasets.decode()?);
    let tables: Vec<_> = datasets.iter().map(Dataset::table).collect();
    let view = View { time_range: input.time_range, time_zone: input.time_zone };
    let limits = limits.shared_by(widgets.len());
    let answers = join_all(widgets.iter().map(|widget| widget.answer(cx, db, &tables, &view, limits))).await;
    let widgets = widgets.into_iter().zip(answers).map(|(Widget { id, title, kind, config, .. }, answer)| {
        let error = answer.as_ref().err().map(|error| Told::of(error, cx.runtime()));
        let [x_field, y_field] = [config.x_field, config.y_field].map(|name| name.map(|name| name.as_str().to_owned()));
        WidgetResult { id, title, kind, x_field, y_field, result: answer.ok(), error }
    });
    Ok(DashboardResult { id, name, widgets: widgets.collect() })
}
