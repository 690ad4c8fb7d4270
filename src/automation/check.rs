//! What of an alert is checked before it is saved, so that it does not fail at its first run.
use super::ThresholdAlert;
use crate::{
    Error, Result,
    confined_sql::ConfinedSql,
    store::{ColumnType, Table},
    time::Timestamp,
};

/// What to say of another value than a number.
pub const NO_NUMBER: &str = "must give a number";
/// What to say of other columns.
pub const COLUMNS: &str = "must give one column, the number, or two, the group and its number";

/// Checks the alert against the organization's datasets, as they are now.
///
/// # Errors
/// `Invalid`, with the field, and of SQL with the place.
pub fn alert(alert: &ThresholdAlert, tables: &[Table], now: Timestamp) -> Result<()> {
    if !tables.iter().any(|table| table.id == alert.dataset_id) {
        return Err(no_such_dataset());
    }
    let sql = confined(alert, tables, now)?;
    // Of a join that makes one column of two, only the engine knows the columns.
    let Some(columns) = sql.columns() else { return Ok(()) };
    let number = match columns {
        [number] | [_, number] => number,
        _ => return Err(Error::invalid("config.sql", COLUMNS)),
    };
    match number.r#type {
        Some(ColumnType::Text | ColumnType::Date) => {
            Err(Error::invalid("config.sql", format!("{NO_NUMBER}, and {} is none", number.name)))
        }
        _ => Ok(()),
    }
}

/// The alert's query.
///
/// # Errors
/// `Invalid`, with the place.
pub fn confined(alert: &ThresholdAlert, tables: &[Table], now: Timestamp) -> Result<ConfinedSql> {
    let refused = |why: crate::confined_sql::Refusal| Error::invalid("config.sql", why.to_string());
    ConfinedSql::new(alert.sql.as_str(), tables, &[], now).map_err(refused)
}

/// What to say of a dataset that is not there, or another organization's.
pub fn no_such_dataset() -> Error {
    Error::invalid("config.datasetId", "no such dataset in your organization")
}
