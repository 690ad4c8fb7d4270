//! The second gate: what SQLite itself says that a statement would do, before it does it.
//!
//! It trusts nothing of how the statement was made. One statement by a lexer of its own; then `EXPLAIN`: nothing is
//! written, every table that is opened is one of those it may read, every function is on the list; then `EXPLAIN QUERY
//! PLAN`: nothing recurses, and the loops within loops are no more work than can be waited for.
use super::{Engine, StoreError, Stored, cost, definition::Known, engine::whole};
use crate::id::Id;
use serde_json::Value;
use std::collections::BTreeSet;

/// The longest statement, in bytes: SQLite's own limit as Cloudflare runs it.
const MAX_BYTES: usize = 100_000;

/// Functions that a statement may call, by the names that SQLite's bytecode has.
pub const FUNCTIONS: &[&str] = &[
    "abs",
    "avg",
    "ceil",
    "coalesce",
    "count",
    "cume_dist",
    "date",
    "datetime",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "glob",
    "group_concat",
    "ifnull",
    "iif",
    "instr",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "ln",
    "log",
    "log2",
    "lower",
    "ltrim",
    "max",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "percent_rank",
    "pi",
    "pow",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sqrt",
    "strftime",
    "substr",
    "substring",
    "sum",
    "time",
    "total",
    "trim",
    "trunc",
    "typeof",
    "unixepoch",
    "upper",
];

/// Opcodes by which a statement would write, leave the file or run another program. `Delete` and `Insert` are not among
/// them: windows use them on tables of their own, and on any other they need `OpenWrite`.
const FORBIDDEN: &[&str] = &[
    "AutoCommit",
    "Checkpoint",
    "Clear",
    "CreateBtree",
    "Destroy",
    "DropIndex",
    "DropTable",
    "DropTrigger",
    "Expire",
    "IncrVacuum",
    "JournalMode",
    "LoadAnalysis",
    "OpenWrite",
    "ParseSchema",
    "Program",
    "Savepoint",
    "SetCookie",
    "SqlExec",
    "TableLock",
    "VBegin",
    "VCreate",
    "VDestroy",
    "VFilter",
    "VOpen",
    "VRename",
    "VUpdate",
    "Vacuum",
];

/// Lets the statement pass, or says why not.
///
/// # Errors
/// `Refused`.
pub fn pass(engine: &dyn Engine, sql: &str, tables: &[Known]) -> Stored<()> {
    if sql.len() > MAX_BYTES || !is_one_select(sql) {
        return Err(refused("only one SELECT is run"));
    }
    let operations = explained(engine, sql, tables)?;
    cost::bounded(engine, sql, tables, operations)
}

fn refused(problem: impl Into<String>) -> StoreError {
    StoreError::Refused(problem.into())
}

/// What the engine says, in the caller's terms: it names no table but by its alias, and the place that it gives is one of
/// the printed text.
pub fn said(words: &str) -> StoreError {
    let words = words.split(" at offset ").next().unwrap_or_default();
    refused(words.split(": SQLITE_").next().unwrap_or_default())
}

/// Explains the statement.
pub fn explain(engine: &dyn Engine, how: &str, sql: &str) -> Stored<Vec<Vec<Value>>> {
    engine.run(&format!("{how} {sql}"), &[]).map_err(|error| match error {
        StoreError::Failed(words) => said(&words),
        other => other,
    })
}

/// Looks at every operation of the program, and counts them.
fn explained(engine: &dyn Engine, sql: &str, tables: &[Known]) -> Stored<u64> {
    let mut roots = BTreeSet::new();
    for row in engine.run("select rootpage, tbl_name from sqlite_schema", &[])? {
        let [root, Value::String(table)] = row.as_slice() else { continue };
        if tables.iter().any(|known| known.table.id.as_str() == table) {
            roots.insert(whole(root));
        }
    }
    let program = explain(engine, "explain", sql)?;
    for step in &program {
        let [_, Value::String(opcode), _, p2, p3, p4, ..] = step.as_slice() else {
            return Err(StoreError::Failed("EXPLAIN has another shape".into()));
        };
        let p4 = p4.as_str().unwrap_or_default();
        match opcode.as_str() {
            "Transaction" if whole(p2) != 0 => return Err(refused("a SELECT writes nothing")),
            "OpenRead" | "ReopenIdx" if whole(p3) != 0 || !roots.contains(&whole(p2)) => {
                return Err(refused("it reads what is no dataset of your organization"));
            }
            "Function" | "PureFunc" | "AggStep" | "AggStep1" | "AggInverse" | "AggValue" | "AggFinal" => {
                let name = p4.split('(').next().unwrap_or_default();
                if !FUNCTIONS.contains(&name) {
                    return Err(refused(format!("the function {name} is not supported")));
                }
            }
            other if FORBIDDEN.contains(&other) => return Err(refused("a SELECT only reads")),
            "OpenRead" | "ReopenIdx" | "OpenEphemeral" | "OpenAutoindex" | "OpenPseudo" | "OpenDup" => {}
            other if other.starts_with("Open") => return Err(refused("it opens what is no dataset")),
            _ => {}
        }
    }
    Ok(program.len() as u64)
}

/// Whether the text is one SELECT: nothing follows a semicolon, and everything that is opened is closed.
fn is_one_select(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    let first: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    if !["select", "with"].contains(&first.to_ascii_lowercase().as_str()) || sql.contains('\0') {
        return false;
    }
    loop {
        let Some(at) = rest.find(['\'', '"', '`', '[', ';', '-', '/']) else { return true };
        let (mark, after) = (rest.as_bytes().get(at).copied(), rest.get(at + 1..).unwrap_or_default());
        let skipped = match mark {
            Some(b';') => return after.trim().is_empty(),
            // Ours has no comments.
            Some(b'-') if after.starts_with('-') => return false,
            Some(b'/') if after.starts_with('*') => return false,
            Some(b'-' | b'/') => Some(after),
            Some(b'[') => after.split_once(']').map(|(_, rest)| rest),
            // A doubled quote closes and opens again.
            Some(quote) => after.split_once(char::from(quote)).map(|(_, rest)| rest),
            None => None,
        };
        match skipped {
            Some(skipped) => rest = skipped,
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_one_select;

    #[test]
    fn one_select_and_no_more() {
        for one in [
            "select 1",
            "  SELECT 1;",
            "with a as (select 1) select * from a; ",
            "select ';', \"--\", `/*`, [;]",
            "select 1 - -1, 4 / 2",
            "select 'it''s;'",
        ] {
            assert!(is_one_select(one), "{one}");
        }
        for other in [
            "",
            "select 1; select 2",
            "select 1;;",
            "explain select 1",
            "select 1 -- x",
            "select /* */ 1",
            "select 'a",
            "delete from x",
            "selectx",
            "pragma x",
            "select 1\0",
        ] {
            assert!(!is_one_select(other), "{other}");
        }
    }
}
