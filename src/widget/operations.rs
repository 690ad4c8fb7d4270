//! Widgets' lines of the table of operations.
use super::{NewWidget, Widget, WidgetPageInput, WidgetPatch};
use crate::{
    id::WidgetId,
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
    widget_create POST "/api/widgets" [Create Widget] super::create: NewWidget => Widget;
    /// Show one widget with its query.
    widget_show GET "/api/widgets/{id}" [Read Widget] super::show: ById<WidgetId> => Widget;
    /// Change what a widget draws, how, or where it stands on its dashboard.
    widget_update PATCH "/api/widgets/{id}" [Update Widget] super::update: WidgetPatch => Widget;
    /// Delete a widget.
    widget_delete DELETE "/api/widgets/{id}" [Delete Widget] super::delete:
        DeleteById<WidgetId> => Deleted<WidgetId>;
}
