//! Rows that go out, as CSV or NDJSON.
use super::{Dataset, sql};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    id::DatasetId,
    operation::{Answer, Output},
    store::{Column, ColumnType, Table},
    stream::Stream,
};
use futures_util::stream::unfold;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;

#[cfg(test)]
mod tests;

/// How rows go out.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// RFC 4180 with a header. An empty text and a null look the same.
    #[default]
    Csv,
    /// An object on each line.
    Ndjson,
}

/// What becomes of texts that a spreadsheet would take for a formula.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Formulas {
    /// They get an apostrophe before them.
    #[default]
    Escape,
    /// They stay as they are.
    Keep,
}

/// Which rows, and how.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportInput {
    /// Which dataset.
    pub id: DatasetId,
    /// `csv` or `ndjson`. Without it: csv.
    #[serde(default)]
    pub format: ExportFormat,
    /// Of CSV: what becomes of texts that begin with `=`, `+`, `-`, `@`, a tab or a line end. Without it: escape.
    #[serde(default)]
    pub formulas: Formulas,
}

/// All rows of a dataset: over REST as text. A tool is given this object, with the first of them.
#[derive(Serialize, JsonSchema)]
pub struct Export {
    /// The rows: up to 1 MB of them.
    text: String,
    /// Whether there are more.
    truncated: bool,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    writer: Writer,
    #[serde(skip)]
    rest: Option<Stream>,
}

impl Output for Export {
    const MEDIA: &'static [&'static str] = &[CSV, NDJSON];

    fn into_answer(self) -> Result<Answer> {
        let (media, extension) = match self.writer.format {
            ExportFormat::Csv => (CSV, "csv"),
            ExportFormat::Ndjson => (NDJSON, "ndjson"),
        };
        let file = Some(format!("{}.{extension}", self.name));
        Ok(Answer { media, file, body: self.text.into_bytes(), rest: self.rest, tag: None })
    }
}

const CSV: &str = "text/csv; charset=utf-8";
const NDJSON: &str = "application/x-ndjson";

/// Gives all rows of a dataset, in the order in which they came.
///
/// # Errors
/// `NotFound` if the organization has no such dataset, whoever else may.
pub async fn export(_: &AuthCtx, db: &OrgDb<'_>, input: ExportInput) -> Result<Export> {
    let dataset: Option<Dataset> = db.first(sql::SHOW, [(&input.id).into()]).await?;
    let dataset = dataset.ok_or(Error::NotFound("dataset"))?;
    let writer = Writer { format: input.format, formulas: input.formulas };
    let mut pages = db.store().pages(dataset.table())?;
    let mut first = writer.header(pages.table());
    // Before the status is sent: what fails here can still be told.
    if let Some(rows) = pages.next().await? {
        writer.rows(pages.table(), &rows, &mut first)?;
    }
    let truncated = !pages.are_read();
    let rest = unfold(Some(pages), move |pages| async move {
        let mut pages = pages?;
        let mut page = vec![];
        let written = match pages.next().await {
            Ok(None) => return None,
            Ok(Some(rows)) => writer.rows(pages.table(), &rows, &mut page),
            Err(error) => Err(error),
        };
        match written {
            Ok(()) => Some((Ok(page), Some(pages))),
            Err(error) => Some((Err(error), None)),
        }
    });
    let text = String::from_utf8(first).map_err(Error::internal)?;
    let rest = truncated.then(|| Stream::new(rest));
    Ok(Export { text, truncated, name: dataset.name, writer, rest })
}

/// Writes rows.
#[derive(Clone, Copy, Default)]
struct Writer {
    format: ExportFormat,
    formulas: Formulas,
}

impl Writer {
    fn header(self, table: &Table) -> Vec<u8> {
        let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
        match self.format {
            ExportFormat::Csv => format!("{}\r\n", names.join(",")).into_bytes(),
            ExportFormat::Ndjson => vec![],
        }
    }

    /// Adds rows that are a JSON array of arrays.
    fn rows(self, table: &Table, rows: &str, out: &mut Vec<u8>) -> Result<()> {
        let rows: Vec<Vec<&RawValue>> = serde_json::from_str(rows).map_err(Error::internal)?;
        for row in rows {
            for (at, (column, cell)) in table.columns.iter().zip(row).enumerate() {
                match self.format {
                    ExportFormat::Csv => {
                        out.extend_from_slice(if at == 0 { b"" } else { b"," });
                        self.cell(column, cell.get(), out)?;
                    }
                    ExportFormat::Ndjson => {
                        out.extend_from_slice(if at == 0 { b"{\"" } else { b",\"" });
                        // A column's name has nothing to escape.
                        out.extend_from_slice(column.name.as_bytes());
                        out.extend_from_slice(b"\":");
                        out.extend_from_slice(value(column, cell.get()).as_bytes());
                    }
                }
            }
            out.extend_from_slice(if matches!(self.format, ExportFormat::Csv) { b"\r\n" } else { b"}\n" });
        }
        Ok(())
    }

    /// Adds a cell of CSV.
    fn cell(self, column: &Column, json: &str, out: &mut Vec<u8>) -> Result<()> {
        let value = value(column, json);
        if value == "null" {
            return Ok(());
        }
        if !value.starts_with('"') {
            out.extend_from_slice(value.as_bytes());
            return Ok(());
        }
        let text: Cow<'_, str> = serde_json::from_str(value).map_err(Error::internal)?;
        out.extend_from_slice(text_cell(&text, self.formulas).as_bytes());
        Ok(())
    }
}

/// A text as a cell of CSV that no spreadsheet takes for a formula.
#[must_use]
pub fn csv_text(text: &str) -> Cow<'_, str> {
    text_cell(text, Formulas::Escape)
}

fn text_cell(text: &str, formulas: Formulas) -> Cow<'_, str> {
    let is_escaped = formulas == Formulas::Escape && text.starts_with(FORMULA);
    let mark = if is_escaped { "'" } else { "" };
    if is_escaped || text.is_empty() || text.contains([',', ';', '\t', '"', '\r', '\n']) || text.trim() != text {
        Cow::Owned(format!("\"{mark}{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

/// What a spreadsheet takes for the beginning of a formula. Source: OWASP, "CSV Injection"; also as wide letters.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A value as rows are sent: of a boolean the store has 0 or 1.
fn value<'a>(column: &Column, json: &'a str) -> &'a str {
    match (column.r#type, json) {
        (ColumnType::Boolean, "0") => "false",
        (ColumnType::Boolean, "1") => "true",
        _ => json,
    }
}
