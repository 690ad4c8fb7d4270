//! A dashboard as a page: nothing but itself is loaded, and no script runs. Below each chart are its numbers, for mail
//! programs that draw none.
use super::{Drawn, Seen, chart, shortened, shown};
use crate::{html::escaped, widget::WidgetKind};
use serde_json::Value;
use std::fmt::Write;

/// As many rows as a table has.
const MAX_ROWS: usize = 50;
/// As many rows as stand below a chart.
const MAX_ROWS_BELOW: usize = 12;
/// As many columns as a table has.
const MAX_COLUMNS: usize = 12;
/// Characters of a cell.
const MAX_CELL: usize = 80;
/// Bytes of widgets; what follows is named, and left out.
const MAX_BYTES: usize = 600_000;

/// On light; a mail program that knows the last rule, and a browser, has a dark form too.
const STYLE: &str = ":root{color-scheme:light dark}\
    body{margin:0 auto;padding:16px;max-width:640px;font:15px/1.5 sans-serif;color:#1f2328;background:#fff}\
    h1{font-size:22px;margin:8px 0}h2{font-size:16px;margin:0 0 8px}\
    section{margin:16px 0;padding:14px;border:1px solid #d0d7de;border-radius:8px}\
    table{border-collapse:collapse;width:100%;font-size:13px}\
    th,td{padding:3px 8px;border-bottom:1px solid #d0d7de;text-align:left;overflow-wrap:anywhere}\
    .n{text-align:right;white-space:nowrap}.big{font-size:36px;font-weight:600}.small{font-size:13px;color:#59636e}\
    @media(max-width:480px){svg{font-size:17px}.o{display:none}}\
    @media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}\
    section,th,td{border-color:#3d444d}.small{color:#9198a1}}";

/// The page.
pub(super) fn page(name: &str, widgets: &[Drawn<'_>], seen: Seen<'_>) -> String {
    let title = escaped(name);
    let range = seen.days().map(|(first, last)| format!(" · {first} to {last}")).unwrap_or_default();
    let minute = escaped(&seen.minute());
    let mut body = String::new();
    if widgets.is_empty() {
        body.push_str("<p>This dashboard has no widgets.</p>");
    }
    for drawn in widgets {
        let heading = escaped(&drawn.widget.title);
        let content = if body.len() > MAX_BYTES { left_out() } else { content(drawn) };
        let _ = write!(body, "<section><h2>{heading}</h2>{content}</section>");
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1><p class=\"small\">{minute}{range}</p>{body}</body></html>"
    )
}

fn left_out() -> String {
    "<p class=\"small\">Left out, for the page would be too long.</p>".to_owned()
}

fn content(drawn: &Drawn<'_>) -> String {
    if let Some(error) = &drawn.widget.error {
        return format!("<p>Could not be drawn: {}</p>", escaped(&error.message));
    }
    if drawn.rows.is_empty() {
        return "<p class=\"small\">No rows.</p>".to_owned();
    }
    if drawn.widget.kind == WidgetKind::Number
        && let Some(number) = chart::number(drawn)
    {
        return format!("<p class=\"big\">{}</p>", escaped(&shortened(&number, MAX_CELL)));
    }
    let Some(svg) = chart::svg(drawn) else { return table(drawn, MAX_ROWS) };
    let more = drawn.rows.len().saturating_sub(chart::MAX_POINTS);
    let note =
        if more > 0 { format!("<p class=\"small\">{more} more points are not drawn.</p>") } else { String::new() };
    format!("{svg}{note}<details><summary class=\"small\">Numbers</summary>{}</details>", table(drawn, MAX_ROWS_BELOW))
}

fn table(drawn: &Drawn<'_>, max_rows: usize) -> String {
    let mut html = String::from("<table><thead><tr>");
    let is_number = |column: usize| drawn.rows.iter().any(|row| row.get(column).is_some_and(Value::is_number));
    let columns: Vec<_> = drawn.columns().iter().enumerate().take(MAX_COLUMNS).collect();
    let class = |column: usize| if is_number(column) { " class=\"n\"" } else { "" };
    let classes: Vec<_> = columns.iter().map(|(at, _)| class(*at)).collect();
    for ((_, column), class) in columns.iter().zip(&classes) {
        let _ = write!(html, "<th{class}>{}</th>", escaped(&shortened(&column.name, MAX_CELL)));
    }
    html.push_str("</tr></thead><tbody>");
    for row in drawn.rows.iter().take(max_rows) {
        html.push_str("<tr>");
        for (cell, class) in row.iter().zip(&classes) {
            let _ = write!(html, "<td{class}>{}</td>", escaped(&shortened(&shown(cell), MAX_CELL)));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>");
    let more = drawn.rows.len().saturating_sub(max_rows);
    let at_least = if drawn.is_truncated() { "at least " } else { "" };
    if more > 0 || drawn.is_truncated() {
        let _ = write!(html, "<p class=\"small\">and {at_least}{more} more rows</p>");
    }
    let columns_more = drawn.columns().len().saturating_sub(MAX_COLUMNS);
    if columns_more > 0 {
        let _ = write!(html, "<p class=\"small\">{columns_more} more columns are not shown.</p>");
    }
    html
}
