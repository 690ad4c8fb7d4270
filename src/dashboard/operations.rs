//! Dashboards' lines of the table of operations.
use super::{Dashboard, DashboardPatch, DashboardQueryInput, DashboardResult, DashboardWithWidgets, NewDashboard};
use crate::{
    id::DashboardId,
    operation::{
        Deleted,
        input::{ById, DeleteById, PageInput},
        page::Page,
    },
};

crate::operations! {
    /// List the organization's dashboards, newest first, without their widgets.
    dashboard_list GET "/api/dashboards" [Read Dashboard] super::list: PageInput<DashboardId> => Page<Dashboard>;
    /// Create a dashboard, on which to put widgets.
    dashboard_create POST "/api/dashboards" [Create Dashboard] super::create: NewDashboard => Dashboard;
    /// Show one dashboard with its widgets.
    /// Needs widget:read as well.
    dashboard_show GET "/api/dashboards/{id}" [Read Dashboard] super::show:
        ById<DashboardId> => DashboardWithWidgets;
    /// What all widgets of a dashboard draw, in one call: for each what widget_query answers, or its error.
    /// Needs widget:read and dataset:query as well.
    dashboard_query GET "/api/dashboards/{id}/query" [Read Dashboard] super::query:
        DashboardQueryInput => DashboardResult;
    /// Change a dashboard's name or description.
    dashboard_update PATCH "/api/dashboards/{id}" [Update Dashboard] super::update: DashboardPatch => Dashboard;
    /// Delete a dashboard and its widgets.
    /// Refused while an automation reports on it, or while it has widgets that you may not delete.
    dashboard_delete DELETE "/api/dashboards/{id}" [Delete Dashboard] super::delete:
        DeleteById<DashboardId> => Deleted<DashboardId>;
}
