//! How much work a statement can be at most, by its query plan: loops within loops multiply.
use super::{
    Engine, StoreError, Stored,
    definition::Known,
    engine::whole,
    gate,
    growth::{self, MAX_TEXT},
    measure,
};
use crate::id::Id;
use serde_json::Value;
use std::{cell::RefCell, collections::HashMap};

/// The most steps, each a row of a loop: a second or a few.
const MAX_STEPS: u64 = 100_000_000;
/// The most operations of SQLite's machine, if each step took the whole program.
const MAX_OPERATIONS: u64 = 2_000_000_000;
/// How many bytes of text take about as long as an operation.
const TEXT_PER_OPERATION: u64 = 200;

/// A line of `EXPLAIN QUERY PLAN`.
struct Step {
    id: u64,
    parent: u64,
    detail: String,
}

impl Step {
    fn words(&self) -> Vec<&str> {
        self.detail.split(' ').collect()
    }

    fn is_loop(&self) -> bool {
        ["SCAN ", "SEARCH "].iter().any(|word| self.detail.starts_with(word))
    }

    /// What the rows of this step are called, if it makes rows that others read.
    fn makes(&self) -> Option<&str> {
        ["MATERIALIZE ", "CO-ROUTINE "].iter().find_map(|word| self.detail.strip_prefix(word))
    }
}

/// Refuses a statement that might be more work than can be waited for: nothing could stop it. Its program is `operations`
/// long.
///
/// # Errors
/// `Refused`.
pub fn bounded(engine: &dyn Engine, sql: &str, tables: &[Known], operations: u64) -> Stored<()> {
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
    let plan = Plan { engine, steps: &steps, tables, known: RefCell::default() };
    let taken = plan.within(0)?.taken;
    if taken > MAX_STEPS {
        return Err(StoreError::Refused(format!(
            "it could take {taken} steps, and {MAX_STEPS} are the most: join tables by equal values that are rare in one \
             of them, and filter before joining"
        )));
    }
    let text = plan.longest_text(sql)?;
    let work = taken.saturating_mul(operations).saturating_mul(1 + text / TEXT_PER_OPERATION);
    if work > MAX_OPERATIONS {
        return Err(StoreError::Refused(format!(
            "it could take {work} operations in {taken} steps, and {MAX_OPERATIONS} are the most: filter first, compute \
             less for each row, and make no long texts of others"
        )));
    }
    Ok(())
}

struct Plan<'a> {
    engine: &'a dyn Engine,
    steps: &'a [Step],
    tables: &'a [Known],
    /// What is known of the steps below a step.
    known: RefCell<HashMap<u64, Bound>>,
}

/// Of a query or a part of it.
#[derive(Clone, Copy, Default)]
struct Bound {
    /// Steps that it takes.
    taken: u64,
    /// Rows that it gives.
    rows: u64,
}

impl Bound {
    const fn and(self, other: Self) -> Self {
        Self { taken: self.taken.saturating_add(other.taken), rows: self.rows.saturating_add(other.rows) }
    }
}

impl Plan<'_> {
    /// Of the steps below `parent`: those that loop, in order, one within the other.
    fn within(&self, parent: u64) -> Stored<Bound> {
        if let Some(known) = self.known.borrow().get(&parent) {
            return Ok(*known);
        }
        let mut bound = Bound { taken: 0, rows: 1 };
        for step in self.below(parent) {
            bound = self.after(bound, step)?;
        }
        self.known.borrow_mut().insert(parent, bound);
        Ok(bound)
    }

    fn below(&self, parent: u64) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.parent == parent)
    }

    /// Of the loops `around` and a step within them.
    fn after(&self, around: Bound, step: &Step) -> Stored<Bound> {
        let Bound { taken, rows } = around;
        let looped = |found: u64| {
            let rows = rows.saturating_mul(found);
            Bound { taken: taken.saturating_add(rows), rows }
        };
        Ok(match step.words().as_slice() {
            ["SCAN", "CONSTANT", "ROW"] => around,
            ["SCAN", name, ..] => looped(self.rows_of(name, step)?),
            ["SEARCH", name, ..] => looped(self.found_in(name, step)?),
            // Each of its searches, one after the other.
            ["MULTI-INDEX", ..] => {
                let mut found = 0_u64;
                for index in self.below(step.id) {
                    found = found.saturating_add(self.within(index.id)?.rows);
                }
                looped(found)
            }
            // Once for each row of the loops around it.
            ["CORRELATED", ..] => {
                Bound { taken: taken.saturating_add(rows.saturating_mul(self.within(step.id)?.taken)), rows }
            }
            // It stands for its parts, one after the other.
            ["COMPOUND", ..] | ["MERGE", ..] => {
                let mut parts = Bound::default();
                for part in self.below(step.id) {
                    parts = parts.and(self.within(part.id)?);
                }
                Bound { taken: taken.saturating_add(parts.taken), rows: rows.saturating_mul(parts.rows.max(1)) }
            }
            // A subquery that is made once, an index, a sort.
            _ => Bound { taken: taken.saturating_add(self.within(step.id)?.taken), rows },
        })
    }

    /// The rows of what a plan calls `name`. Names are those that the guard gave: of a dataset or table expression, with a
    /// number behind, or of a subquery. One that tells nothing may be the largest of all.
    fn rows_of(&self, name: &str, reader: &Step) -> Stored<u64> {
        let of = name.rsplit_once('_').map_or(name, |(of, _)| of);
        if let Some(known) = self.tables.iter().find(|known| [of, name].contains(&known.table.id.as_str())) {
            return Ok(known.row_count.max(1));
        }
        let makers = || self.steps.iter().filter(|step| step.id < reader.id && !self.is_above(step, reader));
        let is_named = |step: &&Step| step.makes().is_some_and(|made| made == name || made == of);
        let is_told = makers().any(|step| is_named(&step));
        let mut rows =
            if is_told { 1 } else { self.tables.iter().map(|known| known.row_count).max().unwrap_or(1).max(1) };
        for maker in makers().filter(|step| if is_told { is_named(step) } else { step.makes().is_some() }) {
            rows = rows.max(self.within(maker.id)?.rows);
        }
        Ok(rows)
    }

    fn is_above(&self, step: &Step, below: &Step) -> bool {
        let mut parent = below.parent;
        while parent != 0 && parent != step.id {
            parent = self.steps.iter().find(|above| above.id == parent).map_or(0, |above| above.parent);
        }
        parent == step.id
    }

    /// The rows that one search finds at most: of a column that must equal a value, as many as have the commonest.
    fn found_in(&self, name: &str, step: &Step) -> Stored<u64> {
        let all = self.rows_of(name, step)?;
        if self.steps.iter().any(|step| step.makes().is_some_and(|made| name.starts_with(made))) {
            return Ok(all);
        }
        let conditions = step.detail.rsplit_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let Some((conditions, _)) = conditions else { return Ok(all) };
        let mut found = all;
        for column in conditions.split(" AND ").filter_map(|term| term.strip_suffix("=?")) {
            found = found.min(self.commonest(name, column)?.unwrap_or(all));
        }
        Ok(found)
    }

    /// How many rows have the commonest value of a column of that name, in the table of that name or in any.
    fn commonest(&self, name: &str, column: &str) -> Stored<Option<u64>> {
        let is_told = self.tables.iter().any(|known| name.starts_with(known.table.id.as_str()));
        let mut most = None;
        for known in self.tables.iter().filter(|known| !is_told || name.starts_with(known.table.id.as_str())) {
            let Some(column) = known.table.columns.iter().find(|c| c.name.eq_ignore_ascii_case(column)) else {
                continue;
            };
            most = most.max(Some(measure::commonest(self.engine, known, &column.name)?));
        }
        Ok(most)
    }

    /// The longest text that the statement could come by, in bytes.
    fn longest_text(&self, sql: &str) -> Stored<u64> {
        let growth = growth::of(sql);
        let is_read_again = |step: &Step| {
            step.detail.contains("SUBQUERY") || self.below(step.parent).filter(|step| step.is_loop()).count() > 1
        };
        if growth.gathers && self.steps.iter().any(is_read_again) {
            return Ok(MAX_TEXT);
        }
        let mut longest = growth.literal;
        for known in self.tables {
            longest = longest.max(measure::longest(self.engine, known)?);
        }
        Ok(longest.saturating_mul(growth.factor).min(MAX_TEXT))
    }
}
