//! What is measured of a dataset's rows, once for each version of them.
use super::{Engine, Stored, definition::Known, engine::whole};
use crate::{db::Bind, id::DatasetId, store::ColumnType};

const CREATE: &str =
    "create table if not exists _measure (id text not null, what text not null, version integer not null,
    measured integer not null, primary key (id, what)) strict";

/// How many rows have the commonest value of a column.
pub fn commonest(engine: &dyn Engine, known: &Known, column: &str) -> Stored<u64> {
    let id = &known.table.id;
    let count =
        format!("select max(n) from (select count(*) as n from {id} where `{column}` is not null group by `{column}`)");
    measured(engine, known, &format!("commonest {column}"), &count)
}

/// The longest text in a row, in bytes.
pub fn longest(engine: &dyn Engine, known: &Known) -> Stored<u64> {
    let texts = known.table.columns.iter().filter(|column| column.r#type == ColumnType::Text);
    let lengths: Vec<_> = texts.map(|column| format!("coalesce(max(octet_length(`{}`)), 0)", column.name)).collect();
    if lengths.is_empty() {
        return Ok(0);
    }
    // `max` of one value would be the aggregate.
    let longest = format!("select max(0, {}) from {}", lengths.join(", "), known.table.id);
    measured(engine, known, "longest", &longest)
}

fn measured(engine: &dyn Engine, known: &Known, what: &str, count: &str) -> Stored<u64> {
    engine.run(CREATE, &[])?;
    let id = Bind::from(&known.table.id);
    let number = |number: u64| Bind::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let kept = "select measured from _measure where id = ?1 and what = ?2 and version = ?3";
    let rows = engine.run(kept, &[id.clone(), what.into(), number(known.version)])?;
    if let Some(measured) = rows.first().and_then(|row| row.first()) {
        return Ok(whole(measured));
    }
    let measured = engine.run(count, &[])?.first().and_then(|row| row.first().map(whole)).unwrap_or_default();
    let keep = "insert into _measure (id, what, version, measured)
        values (?1, ?2, cast(?3 as integer), cast(?4 as integer))
        on conflict do update set version = excluded.version, measured = excluded.measured";
    engine.run(keep, &[id, what.into(), number(known.version), number(measured)])?;
    Ok(measured)
}

/// Forgets what was measured of a dataset, or of all of them.
pub fn forget(engine: &dyn Engine, dataset: Option<&DatasetId>) -> Stored<()> {
    let Some(dataset) = dataset else { return engine.run("drop table if exists _measure", &[]).map(drop) };
    engine.run(CREATE, &[])?;
    engine.run("delete from _measure where id = ?1", &[dataset.into()]).map(drop)
}
