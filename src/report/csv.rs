//! A dashboard as CSV: a block for each widget, with its title, its columns and its rows, and an empty line between.
use super::{Drawn, MAX_BYTES};
use crate::dataset::csv_text;
use serde_json::Value;

const END: &str = "\r\n";

/// The file.
pub(super) fn file(widgets: &[Drawn<'_>]) -> String {
    let share = MAX_BYTES / widgets.len().max(1);
    let blocks: Vec<_> = widgets.iter().map(|drawn| block(drawn, share)).collect();
    blocks.join(END)
}

fn block(drawn: &Drawn<'_>, max_bytes: usize) -> String {
    let mut lines = vec![csv_text(&drawn.widget.title).into_owned()];
    if let Some(error) = &drawn.widget.error {
        lines.push(csv_text(&error.message).into_owned());
    } else {
        lines.push(line(drawn.columns().iter().map(|column| csv_text(&column.name).into_owned())));
        let rows = drawn.within(max_bytes);
        lines.extend(rows.iter().map(|row| line(row.iter().map(cell))));
        if rows.len() < drawn.rows.len() || drawn.is_truncated() {
            lines.push("(more rows were left out)".to_owned());
        }
    }
    lines.into_iter().map(|line| line + END).collect()
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(",")
}

/// Nothing for null; numbers as they are, for a spreadsheet to count with.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => csv_text(text).into_owned(),
        other => other.to_string(),
    }
}
