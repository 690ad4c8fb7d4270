//! Widgets' lines of the table of operations.
use super::{
    NewWidget, Widget, WidgetPageInput, WidgetPatch, WidgetQueryInput,
    dependents::{self, DeleteDataset},
};
use crate::{
    dataset::{Dataset, DatasetPatch, QueryResult},
    id::{DatasetId, WidgetId},
    operation::{
        Deleted,
        input::{ById, DeleteById},
        page::Page,
    },
};

crate::operations! {
    /// List the organization's widgets, newest first; those of one dashboard, if you name it.
    widget_list GET "/api/widgets" [Read Widget] super::list: WidgetPageInput => Page<Widget>;
    /// Put a new widget on a dashboard, which holds at most 100.
    /// Its SQL, fields and dataset are checked. Needs dataset:query as well.
    widget_create POST "/api/widgets" [Create Widget] super::create: NewWidget => Widget;
    /// Show one widget with its query.
    widget_show GET "/api/widgets/{id}" [Read Widget] super::show: ById<WidgetId> => Widget;
    /// Change what a widget draws, how, or where it stands on its dashboard.
    /// A new config or dataset is checked, and needs dataset:query as well.
    widget_update PATCH "/api/widgets/{id}" [Update Widget] super::update: WidgetPatch => Widget;
    /// Delete a widget.
    widget_delete DELETE "/api/widgets/{id}" [Delete Widget] super::delete:
        DeleteById<WidgetId> => Deleted<WidgetId>;
    /// What a widget draws: the rows of its query, within its time range, and by its aggregate one row for each x.
    /// Dates along the x axis are taken together by day (7d, 30d), week (90d) or month (all), or as the widget's `bucket`
    /// says. Needs dataset:query as well.
    widget_query GET "/api/widgets/{id}/query" [Read Widget] super::query: WidgetQueryInput => QueryResult;
    /// Change a dataset's name, description or columns.
    /// Refused with the list of widgets that it would break, unless `force` is true.
    dataset_update PATCH "/api/datasets/{id}" [Update Dataset] dependents::update_dataset: DatasetPatch => Dataset;
    /// Delete a dataset and its rows.
    /// Refused with the list of widgets that draw it, unless `force` is true; and while an automation watches it.
    dataset_delete DELETE "/api/datasets/{id}" [Delete Dataset] dependents::delete_dataset:
        DeleteDataset => Deleted<DatasetId>;
}
