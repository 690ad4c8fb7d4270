//! Rows that come in.
use super::{Append, Appended, Engine, StoreError, Stored, Table, definition, engine::whole, upload};
use crate::{
    db::Bind,
    id::{DatasetId, Id},
    time::Timestamp,
};
use serde_json::Value;

/// Adds the rows, or takes them in the place of those that are there: all of them, or none.
pub fn append(engine: &dyn Engine, append: &Append) -> Stored<Appended> {
    definition::prepare(engine)?;
    upload::sweep(engine, append.now)?;
    let table = &append.table;
    if let Some(answer) = answered(engine, &table.id, append.key.as_deref(), append.now)? {
        if let Some(staged) = &append.staged {
            upload::discard(engine, &staged.upload)?;
        }
        return Ok(answer);
    }
    let known = definition::reconcile(engine, table)?;
    match &append.staged {
        Some(staged) => upload::take(engine, append, staged)?,
        None if append.replaces => drop(engine.run(&format!("delete from {}", table.id), &[])?),
        None => {}
    }
    insert(engine, table, table.id.as_str(), &append.chunks)?;
    definition::index(engine, table)?;
    let before = if append.replaces { 0 } else { known.row_count };
    let row_count = rows_of(engine, table.id.as_str())?;
    let answer = Appended { added: row_count - before, row_count, version: known.version + 1 };
    definition::counted(engine, &table.id, row_count, answer.version)?;
    if append.replaces {
        definition::rewritten(engine, &table.id)?;
    }
    let total = engine.run("select coalesce(sum(row_count), 0) from _dataset", &[])?;
    append.limits.hold(total.first().and_then(|row| row.first()).map_or(0, whole), engine.size_bytes())?;
    keep(engine, append, &answer)?;
    Ok(answer)
}

/// Adds chunks of rows to a table that has the columns of `table`.
pub fn insert(engine: &dyn Engine, table: &Table, name: &str, chunks: &[String]) -> Stored<()> {
    let names: Vec<_> = table.columns.iter().map(|column| format!("`{}`", column.name)).collect();
    let values: Vec<_> = (0..names.len()).map(|at| format!("value ->> {at}")).collect();
    let insert = format!("insert into {name} ({}) select {} from json_each(?1)", names.join(", "), values.join(", "));
    chunks.iter().try_for_each(|chunk| engine.run(&insert, &[chunk.into()]).map(drop))
}

/// How many rows the table has. They are numbered from 1 without a gap: single rows are never deleted.
pub fn rows_of(engine: &dyn Engine, name: &str) -> Stored<u64> {
    let last = engine.run(&format!("select coalesce(max(rowid), 0) from {name}"), &[])?;
    Ok(last.first().and_then(|row| row.first()).map_or(0, whole))
}

/// What the key was answered before, if it was within a day.
pub fn answered(
    engine: &dyn Engine,
    dataset: &DatasetId,
    key: Option<&str>,
    now: Timestamp,
) -> Stored<Option<Appended>> {
    let Some(key) = key else { return Ok(None) };
    engine.run("delete from _appended where at < ?1", &[now.plus_s(-86_400).into()])?;
    let binds = [Bind::from(dataset.as_str()), key.into()];
    let rows = engine.run("select answer from _appended where id = ?1 and key = ?2", &binds)?;
    let answer = rows.first().and_then(|row| row.first()).and_then(Value::as_str);
    answer.map(|json| serde_json::from_str(json).map_err(|error| StoreError::Failed(error.to_string()))).transpose()
}

fn keep(engine: &dyn Engine, append: &Append, answer: &Appended) -> Stored<()> {
    let Some(key) = &append.key else { return Ok(()) };
    let answer = serde_json::to_string(answer).map_err(|error| StoreError::Failed(error.to_string()))?;
    let binds = [(&append.table.id).into(), key.into(), append.now.into(), answer.into()];
    engine.run("insert into _appended (id, key, at, answer) values (?1, ?2, ?3, ?4)", &binds).map(drop)
}
