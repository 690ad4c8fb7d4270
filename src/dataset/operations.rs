//! Datasets' lines of the table of operations.
use super::{Dataset, DatasetPatch, NewDataset};
use crate::{
    id::DatasetId,
    operation::{
        Deleted,
        input::{ById, DeleteById, PageInput},
        page::Page,
    },
};

crate::operations! {
    /// List the organization's datasets, newest first.
    dataset_list GET "/api/datasets" [Read Dataset] super::list: PageInput<DatasetId> => Page<Dataset>;
    /// Create an empty dataset with typed columns.
    dataset_create POST "/api/datasets" [Create Dataset] super::create: NewDataset => Dataset;
    /// Show one dataset with its columns.
    dataset_show GET "/api/datasets/{id}" [Read Dataset] super::show: ById<DatasetId> => Dataset;
    /// Change a dataset's name, description or columns.
    dataset_update PATCH "/api/datasets/{id}" [Update Dataset] super::update: DatasetPatch => Dataset;
    /// Delete a dataset.
    /// Refused while a widget draws it or an automation watches it.
    dataset_delete DELETE "/api/datasets/{id}" [Delete Dataset] super::delete:
        DeleteById<DatasetId> => Deleted<DatasetId>;
}
