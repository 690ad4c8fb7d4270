//! A confined SELECT, run.
use super::{Answer, Engine, Query, StoreError, Stored, cache::Key, definition, gate};

/// Runs the SELECT, once its tables are as they are defined and the gate lets it pass: nothing can stop it then.
pub fn query(engine: &dyn Engine, query: &Query) -> Stored<Answer> {
    definition::prepare(engine)?;
    definition::sweep(engine, &query.live, query.now)?;
    let mut tables = vec![];
    for table in &query.tables {
        tables.push(definition::reconcile(engine, table)?);
        definition::index(engine, table)?;
    }
    let key = Key::of(query, &tables);
    if let Some(answer) = engine.cache().get(key) {
        return Ok(answer);
    }
    gate::pass(engine, &query.sql, &tables)?;
    // The gate has seen to it that this is one SELECT; on lines of its own, no comment of it reaches ours.
    let limited = format!("select * from (\n{}\n) limit {}", query.sql, query.max_rows + 1);
    let selected = engine.select(&limited, query.max_rows, query.max_bytes).map_err(|error| match error {
        StoreError::Refused(words) => gate::said(&words),
        other => other,
    })?;
    let versions = tables.into_iter().map(|known| (known.table.id, known.version)).collect();
    let answer = Answer { selected, versions };
    // The last step: nothing after it rolls back a version that the key has.
    engine.cache().put(key, &answer);
    Ok(answer)
}
