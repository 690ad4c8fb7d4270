//! Reports: what a dashboard's widgets answer, as a file to send: CSV, JSON, or a page with charts.
//!
//! Pure: from a [`DashboardResult`] to text. What is drawn is of bounded size, whatever the rows are.
use crate::{
    Error, Result,
    dashboard::{DashboardResult, WidgetResult},
    dataset::{QueryColumn, QueryResult},
    mail::Attachment,
    time::{Timestamp, civil_from_days},
    widget::TimeRange,
    zone::TimeZone,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;

mod chart;
mod csv;
mod html;
#[cfg(test)]
mod tests;

/// What a report is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReportFormat {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// JSON.
    Json,
    /// A page.
    Html,
}

/// How a dashboard was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// When.
    pub at: Timestamp,
    /// In which zone, whose days count.
    pub time_zone: &'a TimeZone,
    /// How far back, if not each widget by its own.
    pub time_range: Option<TimeRange>,
}

/// The longest CSV or JSON, about: a notice is one row of the database, which has at most 2 MB.
const MAX_BYTES: usize = 400_000;

/// Writes a report.
///
/// # Errors
/// `Internal` if the rows are not what a query answers, which is a bug.
pub fn render(result: &DashboardResult, format: ReportFormat, seen: Seen<'_>) -> Result<Attachment> {
    let widgets = result.widgets.iter().map(Drawn::of).collect::<Result<Vec<_>>>()?;
    let (media_type, extension, text) = match format {
        ReportFormat::Csv => ("text/csv; charset=utf-8", "csv", csv::file(&widgets)),
        ReportFormat::Json => ("application/json", "json", json_file(result, &widgets, seen)),
        ReportFormat::Html => ("text/html; charset=utf-8", "html", html::page(&result.name, &widgets, seen)),
    };
    let name = format!("{}-{}.{extension}", file_name(&result.name), seen.day());
    Ok(Attachment { name, media_type: media_type.into(), text })
}

impl Seen<'_> {
    /// The day, such as `2026-03-29`.
    fn day(self) -> String {
        day(self.time_zone.day(self.at))
    }

    /// Minute and zone, such as `2026-03-29 08:00 Europe/Berlin`.
    fn minute(self) -> String {
        let offset_s = self.time_zone.offsets(self.at, self.at).first_s;
        let local = self.at.plus_s(offset_s.into()).to_string();
        let (date, time) = local.split_once('T').unwrap_or((&local, ""));
        format!("{date} {} {}", time.get(..5).unwrap_or_default(), self.time_zone)
    }

    /// The first and the last day, if the range has some.
    fn days(self) -> Option<(String, String)> {
        let last = self.time_zone.day(self.at);
        let days = self.time_range?.days()?;
        Some((day(last - days + 1), day(last)))
    }
}

/// A day since 1970, as `2026-03-29`.
fn day(since_1970: i64) -> String {
    let (year, month, day) = civil_from_days(since_1970);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A name that any file system takes: letters, digits and dashes.
fn file_name(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.collect::<Vec<_>>().join("-").to_lowercase().chars().take(60).collect();
    if name.is_empty() { "report".to_owned() } else { name }
}

/// A widget with its rows read.
struct Drawn<'a> {
    widget: &'a WidgetResult,
    rows: Vec<Vec<Value>>,
}

impl<'a> Drawn<'a> {
    fn of(widget: &'a WidgetResult) -> Result<Self> {
        let rows = widget.result.as_ref().map(|result| serde_json::from_str(result.rows.get()));
        Ok(Self { widget, rows: rows.transpose().map_err(Error::internal)?.unwrap_or_default() })
    }

    fn columns(&self) -> &[QueryColumn] {
        self.widget.result.as_ref().map_or(&[], |result| result.columns.as_slice())
    }

    fn is_truncated(&self) -> bool {
        self.widget.result.as_ref().is_some_and(|result: &QueryResult| result.truncated)
    }

    /// As many of the first rows as have so many bytes together, as JSON.
    fn within(&self, max_bytes: usize) -> &[Vec<Value>] {
        let mut bytes = 0;
        let fits = |row: &&Vec<Value>| {
            bytes += row.iter().map(|cell| cell.to_string().len() + 1).sum::<usize>();
            bytes <= max_bytes
        };
        let count = self.rows.iter().take_while(fits).count();
        self.rows.get(..count).unwrap_or_default()
    }
}

fn json_file(result: &DashboardResult, widgets: &[Drawn<'_>], seen: Seen<'_>) -> String {
    let share = MAX_BYTES / widgets.len().max(1);
    let widget = |drawn: &Drawn<'_>| {
        let WidgetResult { id, title, kind, error, .. } = drawn.widget;
        let rows = drawn.within(share);
        json!({
            "id": id, "title": title, "kind": kind, "columns": drawn.columns(), "rows": rows,
            "truncated": drawn.is_truncated() || rows.len() < drawn.rows.len(), "error": error,
        })
    };
    let (first, last) = seen.days().unzip();
    json!({
        "dashboardId": result.id, "name": result.name, "madeAt": seen.at, "timeZone": seen.time_zone,
        "timeRange": seen.time_range, "firstDay": first, "lastDay": last,
        "widgets": widgets.iter().map(widget).collect::<Vec<_>>(),
    })
    .to_string()
}

/// A cell as people read it: a text as it is, a number with at most four decimals, nothing for null.
fn shown(cell: &Value) -> Cow<'_, str> {
    match cell {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Number(number) if !number.is_i64() && !number.is_u64() => {
            Cow::Owned(number.as_f64().map_or_else(String::new, shown_number))
        }
        other => Cow::Owned(other.to_string()),
    }
}

/// A number with at most four decimals, or by its power of ten if that would be long or nothing.
fn shown_number(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        return format!("{number:e}");
    }
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// At most so many characters of a text, the last of them an ellipsis if some are left out.
fn shortened(text: &str, max: usize) -> Cow<'_, str> {
    if text.chars().count() <= max {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(max - 1).chain(['…']).collect())
}
