//! Datasets' lines of the table of operations.
use super::{
    Appended, Dataset, DatasetProfile, Export, ExportInput, Inferred, NewDataset, NewRows, ProfileInput, QueryInput,
    QueryResult, Sample,
};
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
    /// Add rows to a dataset: as `rows`, `csv` with a header, or `ndjson`. REST also takes them as the body, up to 100 MB:
    /// `text/csv`, `application/x-ndjson`, or a list as `application/json`, with the rest of the input in the query.
    /// All rows are added or none, unless `onError` is `skip`. With an `idempotencyKey` (REST: the header
    /// `Idempotency-Key`), sent again within a day, the same rows are added once.
    dataset_append POST "/api/datasets/{id}/append" [Update Dataset, rows] super::append: NewRows => Appended;
    /// Replace all rows of a dataset, in one step. Takes what dataset_append takes.
    dataset_replace POST "/api/datasets/{id}/replace" [Update Dataset, rows] super::replace: NewRows => Appended;
    /// Propose columns for a dataset from a sample of its rows: `rows`, `csv` with a header, or `ndjson`.
    /// It takes what dataset_append takes, up to 1 MB; nothing is kept.
    dataset_infer POST "/api/infer" [member] super::infer: Sample => Inferred;
    /// Give all rows of a dataset as CSV or NDJSON, in the order in which they came.
    /// Texts that a spreadsheet would take for a formula get an apostrophe before them, unless `formulas` is `keep`.
    dataset_export GET "/api/datasets/{id}/export" [Query Dataset] super::export: ExportInput => Export;
    /// Say what each column of a dataset holds: how many values and nulls, how many are different, the least, the greatest
    /// and the ten commonest.
    dataset_profile POST "/api/datasets/{id}/profile" [Query Dataset] super::profile: ProfileInput => DatasetProfile;
    /// Run one SELECT over the organization's datasets, each a table by its name.
    /// SQLite's dialect, read-only: joins, CTEs that are not recursive, subqueries, window functions and aggregates. Dates
    /// are texts such as 2026-01-31, booleans 0 and 1.
    dataset_query POST "/api/query" [Query Dataset] super::query: QueryInput => QueryResult;
}
