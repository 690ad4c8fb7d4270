//! What an automation finds, with the rights of whom it runs as, by the gate that widgets ask by.
use crate::{
    Error, Result,
    access::AuthCtx,
    automation::{AutomationConfig, ScheduledReport, ThresholdAlert, alert::Seen, check},
    dashboard::{self, DashboardQueryInput},
    dataset::{self, Dataset, Limits, QueryResult},
    mail::Attachment,
    policy::{Action, Permission, Resource},
    report,
    widget::QUERIES,
    zone::TimeZone,
};
use serde_json::{Value, json};

/// How many groups an alert may have.
const MAX_GROUPS: usize = 100;
/// How much a report keeps: a row of D1 has two million bytes, and there is more in it.
const REPORT: Limits = Limits { max_rows: 1000, max_bytes: 400_000 };

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// The numbers, by their groups; a number without one has the group ``.
    pub seen: Vec<(String, Seen)>,
    /// What they come from, to be kept.
    pub evidence: Value,
    /// A report, written.
    pub file: Option<Attachment>,
}

/// Evaluates it now.
///
/// # Errors
/// `Forbidden` if who it runs as may not any more; `Invalid` if there is nothing to be found so.
pub async fn evaluate(cx: &AuthCtx, config: &AutomationConfig, zone: &TimeZone) -> Result<Found> {
    match config {
        AutomationConfig::ThresholdAlert(alert) => numbers(cx, alert).await,
        AutomationConfig::ScheduledReport(report) => shown(cx, report, zone).await,
    }
}

async fn numbers(cx: &AuthCtx, alert: &ThresholdAlert) -> Result<Found> {
    let db = cx.authorize(QUERIES)?;
    let datasets: Vec<Dataset> = db.all(dataset::sql::ALL_OF_THEM, []).await?;
    let tables: Vec<_> = datasets.iter().map(Dataset::table).collect();
    let refused = |problem: String| Error::invalid("config.sql", problem);
    let sql = check::confined(alert, &tables, cx.now())?;
    let limits = Limits { max_rows: MAX_GROUPS + 1, max_bytes: 100_000 };
    let result = dataset::answer(cx, &db, &sql, &tables, limits).await.map_err(|error| match error {
        Error::Invalid { problem, .. } => refused(problem),
        other => other,
    })?;
    Ok(Found { seen: read(&result).map_err(refused)?, evidence: evidence(&result)?, file: None })
}

/// The number of the only row, or that of each group.
fn read(result: &QueryResult) -> Result<Vec<(String, Seen)>, String> {
    let rows: Vec<Vec<Value>> = serde_json::from_str(result.rows.get()).map_err(|error| error.to_string())?;
    let number = |value: &Value| match value {
        Value::Null => Ok(Seen::Nothing),
        Value::Number(number) => number.as_f64().map(Seen::Number).ok_or("gives a number that is too large"),
        _ => Err(check::NO_NUMBER),
    };
    let seen: Vec<(String, Seen)> = match result.columns.len() {
        1 if rows.len() > 1 || result.truncated => {
            return Err(
                "gives more than one row: a number for each group needs two columns, the group and its number".into()
            );
        }
        1 => match rows.first().and_then(|row| row.first()) {
            Some(value) => vec![(String::new(), number(value)?)],
            None => vec![(String::new(), Seen::Nothing)],
        },
        2 if rows.len() > MAX_GROUPS || result.truncated => return Err(format!("gives more than {MAX_GROUPS} groups")),
        2 => {
            let group = |row: &Vec<Value>| match row.as_slice() {
                [Value::String(name), value] => Ok((name.clone(), number(value)?)),
                [name, value] => Ok((name.to_string(), number(value)?)),
                _ => Err(check::NO_NUMBER),
            };
            rows.iter().map(group).collect::<Result<_, _>>()?
        }
        _ => return Err(check::COLUMNS.into()),
    };
    let mut names: Vec<_> = seen.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() == seen.len() { Ok(seen) } else { Err("gives a group more than once: group by its name".into()) }
}

fn evidence(result: &QueryResult) -> Result<Value> {
    let QueryResult { columns, rows, statement_hash, dataset_versions, .. } = result;
    let columns: Vec<_> = columns.iter().map(|column| &column.name).collect();
    let rows: Value = serde_json::from_str(rows.get()).map_err(Error::internal)?;
    Ok(json!({
        "columns": columns, "rows": rows, "statementHash": statement_hash, "datasetVersions": dataset_versions,
    }))
}

async fn shown(cx: &AuthCtx, config: &ScheduledReport, zone: &TimeZone) -> Result<Found> {
    let db = cx.authorize(Permission { resource: Resource::Dashboard, action: Action::Read })?;
    let time_range = config.time_range;
    let input = DashboardQueryInput { id: config.dashboard_id.clone(), time_range, time_zone: zone.clone() };
    let result = dashboard::query_within(cx, &db, input, REPORT).await?;
    // A report without some of its rows would be taken for one of all.
    if result.widgets.iter().filter_map(|widget| widget.error.as_ref()).any(|error| error.is_fault) {
        return Err(Error::internal("a widget's rows could not be reached"));
    }
    let seen = report::Seen { at: cx.now(), time_zone: zone, time_range };
    let file = report::render(&result, config.format, seen)?;
    Ok(Found { seen: vec![], evidence: json!({ "dashboard": result }), file: Some(file) })
}
