//! All rows of a dataset, a page at a time: no cursor stays open, for it would lock the table.
use super::{Engine, Extent, Page, PageOf, StoreError, Stored, definition, engine::whole};

/// How many rows a page has at most.
const MAX_ROWS: usize = 10_000;
/// How many bytes it has; a row may be longer than that.
const MAX_BYTES: usize = 1_000_000;
/// The longest row, and more.
const MAX_ROW_BYTES: usize = 8_000_000;

/// Reads a page.
pub fn page(engine: &dyn Engine, asked: &PageOf) -> Stored<Page> {
    definition::prepare(engine)?;
    let known = definition::reconcile(engine, &asked.table)?;
    let id = &asked.table.id;
    let rewritten = engine.run("select rewritten from _dataset where id = ?1", &[id.into()])?;
    let rewritten = rewritten.first().and_then(|row| row.first()).map_or(0, whole);
    let of = asked.of.unwrap_or(Extent { rewritten, until: known.row_count });
    if of.rewritten != rewritten {
        return Err(StoreError::Refused("The rows have been replaced meanwhile. Read them again.".into()));
    }
    let names: Vec<_> = asked.table.columns.iter().map(|column| format!("`{}`", column.name)).collect();
    let select = format!(
        "select {} from {id} where rowid > {} and rowid <= {} order by rowid",
        names.join(", "),
        asked.after,
        of.until
    );
    let mut selected = engine.select(&select, MAX_ROWS, MAX_BYTES)?;
    if selected.count == 0 && selected.is_truncated {
        selected = engine.select(&select, 1, MAX_ROW_BYTES)?;
    }
    if selected.count == 0 && asked.after < of.until {
        return Err(StoreError::Failed("a row is too long for a page".into()));
    }
    Ok(Page { rows: selected.rows, count: selected.count as u64, of })
}
