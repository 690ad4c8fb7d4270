//! Uploads that are under way: rows that came in several requests, in a table of their own until all are there. No query
//! sees it. What is left of an upload that broke off is swept away.
use super::{
    Append, Appended, Engine, Stage, Staged, StoreError, Stored, Table,
    append::{answered, insert, rows_of},
    definition,
};
use crate::{
    db::Bind,
    id::{DatasetId, Id, UploadId},
    time::Timestamp,
};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The store's list of uploads: of which dataset each is, when its last part came, and how many those are.
const CREATE: &str = "create table if not exists _upload (id text primary key, dataset text not null, at text not null,
    parts integer not null) strict";

/// How long after its last part an upload has broken off: longer than a request takes.
const SWEEP_AFTER_S: i64 = 900;

pub fn prepare(engine: &dyn Engine) -> Stored<()> {
    engine.run(CREATE, &[]).map(drop)
}

/// Keeps a part of an upload. If its key was answered before, it keeps nothing and gives that answer.
pub fn stage(engine: &dyn Engine, stage: &Stage) -> Stored<Option<Appended>> {
    definition::prepare(engine)?;
    sweep(engine, stage.now)?;
    let name = stage.upload.as_str();
    if stage.part == 0 {
        if let Some(answer) = answered(engine, &stage.table.id, stage.key.as_deref(), stage.now)? {
            return Ok(Some(answer));
        }
        definition::create(engine, &stage.table, name)?;
        let binds = [name.into(), (&stage.table.id).into(), stage.now.into()];
        engine.run("insert into _upload (id, dataset, at, parts) values (?1, ?2, ?3, 0)", &binds)?;
    }
    find(engine, &stage.upload, &stage.table.id, stage.part)?;
    insert(engine, &stage.table, name, &stage.chunks)?;
    engine.run("update _upload set parts = parts + 1, at = ?2 where id = ?1", &[name.into(), stage.now.into()])?;
    within_limits(engine, stage)?;
    Ok(None)
}

/// Brings the staged rows into their table. To replace rows, they take the place of the table itself.
pub fn take(engine: &dyn Engine, append: &Append, staged: &Staged) -> Stored<()> {
    find(engine, &staged.upload, &append.table.id, staged.parts)?;
    let (table, upload) = (append.table.id.as_str(), staged.upload.as_str());
    if append.replaces {
        engine.run(&format!("drop table {table}"), &[])?;
        engine.run(&format!("alter table {upload} rename to {table}"), &[])?;
    } else {
        engine.run(&format!("insert into {table} select * from {upload}"), &[])?;
    }
    discard(engine, &staged.upload)
}

/// Drops what has come of an upload.
pub fn discard(engine: &dyn Engine, upload: &UploadId) -> Stored<()> {
    engine.run(&format!("drop table if exists {upload}"), &[])?;
    engine.run("delete from _upload where id = ?1", &[upload.into()]).map(drop)
}

/// Drops the uploads of a dataset, or of all.
pub fn forget(engine: &dyn Engine, dataset: Option<&DatasetId>) -> Stored<()> {
    drop_each(engine, "select id from _upload where dataset = coalesce(?1, dataset)", dataset.into())
}

/// Drops what broke off.
pub fn sweep(engine: &dyn Engine, now: Timestamp) -> Stored<()> {
    drop_each(engine, "select id from _upload where at < ?1", now.plus_s(-SWEEP_AFTER_S).into())
}

fn drop_each(engine: &dyn Engine, which: &str, bind: Bind) -> Stored<()> {
    for row in engine.run(which, &[bind])? {
        let id = row.into_iter().next().unwrap_or_default();
        discard(engine, &serde_json::from_value(id).map_err(|error| StoreError::Failed(error.to_string()))?)?;
    }
    Ok(())
}

/// That the upload is there, with so many parts: none may be missing in the middle.
fn find(engine: &dyn Engine, upload: &UploadId, dataset: &DatasetId, parts: u32) -> Stored<()> {
    let binds = [upload.into(), dataset.into(), Bind::Integer(parts.into())];
    let found = engine.run("select 1 from _upload where id = ?1 and dataset = ?2 and parts = ?3", &binds)?;
    match found.first().and_then(|row| row.first()) {
        Some(Value::Number(_)) => Ok(()),
        _ => Err(StoreError::Refused("The upload was interrupted, and nothing was added. Send it again.".into())),
    }
}

/// Whether there will be room for the rows. Those that they are to replace are there as long.
fn within_limits(engine: &dyn Engine, stage: &Stage) -> Stored<()> {
    let Table { id, .. } = &stage.table;
    let replaced = if stage.replaces { Some(id) } else { None };
    let others = "select coalesce(sum(row_count), 0) from _dataset where ?1 is null or id <> ?1";
    let others = engine.run(others, &[replaced.into()])?;
    let others = others.first().and_then(|row| row.first()).map_or(0, super::engine::whole);
    let room = if stage.replaces { 2 } else { 1 };
    stage.limits.hold(others + rows_of(engine, stage.upload.as_str())?, engine.size_bytes() / room)
}
