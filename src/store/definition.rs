//! Tables that follow the definitions of their datasets.
use super::{Column, ColumnType, Engine, StoreError, Stored, Table, engine, measure, upload};
use crate::{
    db::Bind,
    id::{DatasetId, Id},
    time::Timestamp,
};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// What the store knows of its datasets. `version` grows with every change of the rows; `rewritten` is the version at which
/// rows last changed that were there, and not only more were added.
const CREATE: &str = "create table if not exists _dataset (id text primary key, definition text not null,
    row_count integer not null default 0, version integer not null default 0,
    rewritten integer not null default 0) strict";

/// Answers of appends that may be asked for again.
const CREATE_APPENDED: &str =
    "create table if not exists _appended (id text not null, key text not null, at text not null,
    answer text not null, primary key (id, key)) strict";

/// How long after its last definition a table that D1 does not name is swept away: longer than any request takes.
const SWEEP_AFTER_S: i64 = 3600;

/// A dataset as the store knows it.
pub struct Known {
    /// Its definition.
    pub table: Table,
    /// How many rows it has.
    pub row_count: u64,
    /// Grows with every change of its rows.
    pub version: u64,
}

/// The store's own tables.
pub fn prepare(engine: &dyn Engine) -> Stored<()> {
    engine.run(CREATE, &[])?;
    engine.run(CREATE_APPENDED, &[])?;
    upload::prepare(engine)
}

/// Brings the table of the dataset up to its definition; its rows stay. Whatever was interrupted before is made good:
/// only what is there counts.
pub fn reconcile(engine: &dyn Engine, table: &Table) -> Stored<Known> {
    let Some(known) = known(engine, &table.id)? else {
        create(engine, table, table.id.as_str())?;
        remember(engine, table)?;
        return Ok(Known { table: table.clone(), row_count: 0, version: 0 });
    };
    if known.table == *table {
        return Ok(known);
    }
    if known.table.defined_at > table.defined_at {
        return Err(StoreError::Changed);
    }
    if known.table.columns != table.columns {
        rebuild(engine, &known.table, table)?;
    }
    remember(engine, table)?;
    let version = if known.table.columns == table.columns { known.version } else { known.version + 1 };
    counted(engine, &table.id, known.row_count, version)?;
    if known.version != version {
        rewritten(engine, &table.id)?;
    }
    Ok(Known { table: table.clone(), row_count: known.row_count, version })
}

/// What the store knows of a dataset.
pub fn known(engine: &dyn Engine, id: &DatasetId) -> Stored<Option<Known>> {
    let rows = engine.run("select definition, row_count, version from _dataset where id = ?1", &[id.into()])?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let [Value::String(definition), row_count, version] = row.as_slice() else {
        return Err(StoreError::Failed("a dataset is known in another shape".into()));
    };
    let table = serde_json::from_str(definition).map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(Some(Known { table, row_count: engine::whole(row_count), version: engine::whole(version) }))
}

/// Notes how many rows a dataset has, and the version of them.
pub fn counted(engine: &dyn Engine, id: &DatasetId, row_count: u64, version: u64) -> Stored<()> {
    let number = |number: u64| Bind::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let binds = [id.into(), number(row_count), number(version)];
    engine
        .run("update _dataset set row_count = cast(?2 as integer), version = cast(?3 as integer) where id = ?1", &binds)
        .map(drop)
}

/// Notes that rows that were there are others now.
pub fn rewritten(engine: &dyn Engine, id: &DatasetId) -> Stored<()> {
    engine.run("update _dataset set rewritten = version where id = ?1", &[id.into()]).map(drop)
}

fn remember(engine: &dyn Engine, table: &Table) -> Stored<()> {
    let definition = serde_json::to_string(table).map_err(|error| StoreError::Failed(error.to_string()))?;
    let upsert = "insert into _dataset (id, definition) values (?1, ?2) on conflict do update set definition = ?2";
    engine.run(upsert, &[(&table.id).into(), definition.into()]).map(drop)
}

/// Forgets a dataset and its rows.
pub fn forget(engine: &dyn Engine, id: &DatasetId) -> Stored<()> {
    prepare(engine)?;
    upload::forget(engine, Some(id))?;
    engine.run(&format!("drop table if exists {id}"), &[])?;
    engine.run("delete from _appended where id = ?1", &[id.into()])?;
    measure::forget(engine, Some(id))?;
    engine.run("delete from _dataset where id = ?1", &[id.into()]).map(drop)
}

/// Forgets every dataset.
pub fn clear(engine: &dyn Engine) -> Stored<()> {
    prepare(engine)?;
    upload::forget(engine, None)?;
    for row in engine.run("select id from _dataset", &[])? {
        let id = row.first().and_then(Value::as_str).unwrap_or_default();
        engine.run(&format!("drop table if exists {id}"), &[])?;
    }
    engine.run("drop table _upload", &[])?;
    measure::forget(engine, None)?;
    engine.run("drop table _appended", &[])?;
    engine.run("drop table _dataset", &[]).map(drop)
}

/// Forgets the datasets that were deleted while the store could not be told. One that was made after `live` was read is
/// younger than an hour.
pub fn sweep(engine: &dyn Engine, live: &[DatasetId], now: Timestamp) -> Stored<()> {
    upload::sweep(engine, now)?;
    for row in engine.run("select id, definition from _dataset", &[])? {
        let mut texts = row.iter().map(|cell| cell.as_str().unwrap_or_default());
        let (id, definition) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
        // Each query comes by here: only what is not live is worth reading.
        if live.iter().any(|dataset| dataset.as_str() == id) {
            continue;
        }
        let table: Table = serde_json::from_str(definition).map_err(|error| StoreError::Failed(error.to_string()))?;
        if table.defined_at.plus_s(SWEEP_AFTER_S) < now {
            forget(engine, &table.id)?;
        }
    }
    Ok(())
}

/// Makes an empty table of these columns.
pub fn create(engine: &dyn Engine, table: &Table, called: &str) -> Stored<()> {
    let columns: Vec<_> = table.columns.iter().map(declared).collect();
    engine.run(&format!("drop table if exists {called}"), &[])?;
    engine.run(&format!("create table {called} ({}) strict", columns.join(", ")), &[])?;
    Ok(())
}

/// An index on each column of dates, by which time ranges find their rows.
pub fn index(engine: &dyn Engine, table: &Table) -> Stored<()> {
    for (at, column) in table.columns.iter().enumerate().filter(|(_, column)| column.r#type == ColumnType::Date) {
        let (id, name) = (&table.id, &column.name);
        engine.run(&format!("create index if not exists {id}_{at} on {id} (`{name}`)"), &[])?;
    }
    Ok(())
}

/// A column's name has only letters, digits and `_`.
fn declared(column: &Column) -> String {
    let name = &column.name;
    let (r#type, check) = match column.r#type {
        ColumnType::Text => ("text", String::new()),
        ColumnType::Integer => ("integer", String::new()),
        ColumnType::Decimal => ("real", String::new()),
        ColumnType::Date => ("text", format!(" check (`{name}` glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*')")),
        ColumnType::Boolean => ("integer", format!(" check (`{name}` in (0, 1))")),
    };
    format!("`{name}` {type}{}{check}", if column.nullable { "" } else { " not null" })
}

/// Moves the rows to a table of the new definition. A column is the same if its id is.
fn rebuild(engine: &dyn Engine, from: &Table, to: &Table) -> Stored<()> {
    let (old, new) = (to.id.as_str(), format!("{}_new", to.id));
    create(engine, to, &new)?;
    let kept =
        to.columns.iter().filter_map(|column| Some((from.columns.iter().find(|old| old.id == column.id)?, column)));
    let (values, names): (Vec<_>, Vec<_>) =
        kept.map(|(old, new)| (widened(old, new.r#type), format!("`{}`", new.name))).unzip();
    if !names.is_empty() {
        engine
            .run(&format!("insert into {new} ({}) select {} from {old}", names.join(", "), values.join(", ")), &[])?;
    }
    engine.run(&format!("drop table {old}"), &[])?;
    engine.run(&format!("alter table {new} rename to {old}"), &[])?;
    index(engine, to)
}

/// A column's value as the wider type has it.
fn widened(column: &Column, to: ColumnType) -> String {
    let name = format!("`{}`", column.name);
    match (column.r#type, to) {
        (ColumnType::Boolean, ColumnType::Text) => format!("iif({name}, 'true', 'false')"),
        (ColumnType::Integer, ColumnType::Text) => format!("cast({name} as text)"),
        // A cast gives 15 digits; some doubles need 17 to be told from their neighbours.
        (ColumnType::Decimal, ColumnType::Text) => {
            format!("iif(cast(cast({name} as text) as real) = {name}, cast({name} as text), printf('%!.17g', {name}))")
        }
        _ => name,
    }
}
