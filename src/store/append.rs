//! Rows that come in.
use super::{Append, Appended, Engine, MAX_ROWS, MAX_STORED_BYTES, StoreError, Stored, definition, engine::whole};
use crate::{db::Bind, id::Id};
use serde_json::Value;

/// Adds the rows, or takes them in the place of those that are there: all of them, or none.
pub fn append(engine: &dyn Engine, append: &Append) -> Stored<Appended> {
    definition::prepare(engine)?;
    let table = &append.table;
    if let Some(answer) = answered(engine, append)? {
        return Ok(answer);
    }
    let known = definition::reconcile(engine, table)?;
    if append.replaces {
        engine.run(&format!("delete from {}", table.id), &[])?;
    }
    let before = if append.replaces { 0 } else { known.row_count };
    let names: Vec<_> = table.columns.iter().map(|column| format!("`{}`", column.name)).collect();
    let values: Vec<_> = (0..names.len()).map(|at| format!("value ->> {at}")).collect();
    let insert =
        format!("insert into {} ({}) select {} from json_each(?1)", table.id, names.join(", "), values.join(", "));
    for chunk in &append.chunks {
        engine.run(&insert, &[chunk.into()])?;
    }
    definition::index(engine, table)?;
    let count = engine.run(&format!("select count(*) from {}", table.id), &[])?;
    let row_count = count.first().and_then(|row| row.first()).map_or(0, whole);
    let answer = Appended { added: row_count - before, row_count, version: known.version + 1 };
    definition::counted(engine, &table.id, row_count, answer.version)?;
    within_quota(engine)?;
    keep(engine, append, &answer)?;
    Ok(answer)
}

fn within_quota(engine: &dyn Engine) -> Stored<()> {
    let rows = engine.run("select coalesce(sum(row_count), 0) from _dataset", &[])?;
    if rows.first().and_then(|row| row.first()).map_or(0, whole) > MAX_ROWS {
        return Err(StoreError::Full(format!("An organization's datasets hold at most {MAX_ROWS} rows together.")));
    }
    if engine.size_bytes() > MAX_STORED_BYTES {
        return Err(StoreError::Full(format!(
            "An organization's datasets fill at most {MAX_STORED_BYTES} bytes together."
        )));
    }
    Ok(())
}

/// What the key was answered before, if it was within a day.
fn answered(engine: &dyn Engine, append: &Append) -> Stored<Option<Appended>> {
    let Some(key) = &append.key else { return Ok(None) };
    engine.run("delete from _appended where at < ?1", &[append.now.plus_s(-86_400).into()])?;
    let binds = [Bind::from(append.table.id.as_str()), key.into()];
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
