//! How many steps a statement can take at most, by its query plan: loops within loops multiply.
use super::{Engine, StoreError, Stored, definition::Known, engine::whole, gate};
use crate::id::Id;
use serde_json::Value;

/// The most steps, each a row of a loop: a second or a few.
const MAX_STEPS: u64 = 100_000_000;

/// A line of `EXPLAIN QUERY PLAN`.
struct Step {
    id: u64,
    parent: u64,
    detail: String,
}

/// Refuses a statement that might take more steps than can be waited for: nothing could stop it.
///
/// # Errors
/// `Refused`.
pub fn bounded(engine: &dyn Engine, sql: &str, tables: &[Known]) -> Stored<()> {
    let mut steps = vec![];
    for row in gate::explain(engine, "explain query plan", sql)? {
        let [id, parent, _, Value::String(detail)] = row.as_slice() else {
            return Err(StoreError::Failed("EXPLAIN QUERY PLAN has another shape".into()));
        };
        if detail.contains("RECURSIVE") || detail.contains("VIRTUAL TABLE") {
            return Err(StoreError::Refused("recursive queries and table functions are not run".into()));
        }
        steps.push(Step { id: whole(id), parent: whole(parent), detail: detail.clone() });
    }
    let plan = Plan { engine, steps: &steps, tables };
    let taken = plan.within(0)?.taken;
    if taken > MAX_STEPS {
        return Err(StoreError::Refused(format!(
            "it could take {taken} steps, and {MAX_STEPS} are the most: join tables by equal values that are rare in one \
             of them, and filter before joining"
        )));
    }
    Ok(())
}

struct Plan<'a> {
    engine: &'a dyn Engine,
    steps: &'a [Step],
    tables: &'a [Known],
}

/// Of a query or a part of it.
struct Bound {
    /// Steps that it takes.
    taken: u64,
    /// Rows that it gives.
    rows: u64,
}

impl Plan<'_> {
    /// Of the steps below `parent`: those that loop, in order, one within the other.
    fn within(&self, parent: u64) -> Stored<Bound> {
        let (mut taken, mut rows) = (0_u64, 1_u64);
        for step in self.steps.iter().filter(|step| step.parent == parent) {
            let words: Vec<_> = step.detail.split(' ').collect();
            match words.as_slice() {
                ["SCAN", "CONSTANT", ..] => {}
                ["SCAN", name, ..] => {
                    rows = rows.saturating_mul(self.rows_of(name)?);
                    taken = taken.saturating_add(rows);
                }
                ["SEARCH", name, ..] => {
                    rows = rows.saturating_mul(self.found_in(name, &step.detail)?);
                    taken = taken.saturating_add(rows);
                }
                // Once for each row of the loops around it.
                ["CORRELATED", ..] => taken = taken.saturating_add(rows.saturating_mul(self.within(step.id)?.taken)),
                // It stands for its parts, one after the other.
                ["COMPOUND", ..] | ["MERGE", ..] => {
                    let parts = self.parts(step.id)?;
                    rows = rows.saturating_mul(parts.rows.max(1));
                    taken = taken.saturating_add(parts.taken);
                }
                // A subquery that is made once, an index, a sort.
                _ => taken = taken.saturating_add(self.within(step.id)?.taken),
            }
        }
        Ok(Bound { taken, rows })
    }

    fn parts(&self, parent: u64) -> Stored<Bound> {
        let mut sum = Bound { taken: 0, rows: 0 };
        for part in self.steps.iter().filter(|step| step.parent == parent) {
            let bound = self.within(part.id)?;
            sum = Bound { taken: sum.taken.saturating_add(bound.taken), rows: sum.rows.saturating_add(bound.rows) };
        }
        Ok(sum)
    }

    /// The rows of a table or subquery. A plan calls a table by its alias, so that it may be the largest.
    fn rows_of(&self, name: &str) -> Stored<u64> {
        match self.steps.iter().find(|step| makes(&step.detail, name)) {
            Some(made) => Ok(self.within(made.id)?.rows),
            None => Ok(self.tables.iter().map(|known| known.row_count).max().unwrap_or(1).max(1)),
        }
    }

    /// The rows that one search finds at most: of a column that must equal a value, as many as have the commonest.
    fn found_in(&self, name: &str, detail: &str) -> Stored<u64> {
        let all = self.rows_of(name)?;
        if self.steps.iter().any(|step| makes(&step.detail, name)) {
            return Ok(all);
        }
        let conditions = detail.rsplit_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let Some((conditions, _)) = conditions else { return Ok(all) };
        let mut found = all;
        for column in conditions.split(" AND ").filter_map(|term| term.strip_suffix("=?")) {
            found = found.min(self.commonest(column)?.unwrap_or(all));
        }
        Ok(found)
    }

    /// How many rows have the commonest value of a column of that name.
    fn commonest(&self, column: &str) -> Stored<Option<u64>> {
        let mut most = None;
        for known in self.tables {
            let Some(column) = known.table.columns.iter().find(|c| c.name.eq_ignore_ascii_case(column)) else {
                continue;
            };
            let (id, name) = (known.table.id.as_str(), &column.name);
            let count = format!(
                "select max(n) from (select count(*) as n from {id} where `{name}` is not null group by `{name}`)"
            );
            let rows = self.engine.run(&count, &[])?;
            most = most.max(rows.first().and_then(|row| row.first()).map(whole));
        }
        Ok(most)
    }
}

/// Whether the step makes the rows that the plan calls `name`.
fn makes(detail: &str, name: &str) -> bool {
    ["MATERIALIZE ", "CO-ROUTINE "].iter().any(|word| detail.strip_prefix(word) == Some(name))
}
