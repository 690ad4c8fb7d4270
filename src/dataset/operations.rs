//! Datasets' lines of the table of operations.
use super::{Appended, Dataset, NewDataset, NewRows, QueryInput, QueryResult};
use crate::{
    id::DatasetId,
    operation::{
        input::{ById, PageInput},
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
    /// Add rows to a dataset: as `rows`, `csv` with a header, or `ndjson`. REST also takes them as the body, with
    /// `content-type: text/csv` or `application/x-ndjson` and the rest in the query.
    /// All rows are added or none, unless `onError` is `skip`. With an `idempotencyKey` (REST: the header
    /// `Idempotency-Key`), sent again within a day, the same rows are added once.
    dataset_append POST "/api/datasets/{id}/append" [Update Dataset] super::append: NewRows => Appended;
    /// Replace all rows of a dataset, in one step. Takes what dataset_append takes.
    dataset_replace POST "/api/datasets/{id}/replace" [Update Dataset] super::replace: NewRows => Appended;
    /// Run one SELECT over the organization's datasets, each a table by its name.
    /// SQLite's dialect, read-only: joins, CTEs that are not recursive, subqueries, window functions and aggregates. Dates
    /// are texts such as 2026-01-31, booleans 0 and 1.
    dataset_query POST "/api/query" [Query Dataset] super::query: QueryInput => QueryResult;
}
