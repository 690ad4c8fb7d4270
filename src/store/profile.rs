//! What the columns of a dataset hold.
use super::{
    Column, ColumnProfile, ColumnType, CommonValue, Engine, Profile, StoreError, Stored, definition, engine::whole,
};
use crate::id::Id;
use serde_json::Value;

/// The most values that are looked at in one request: a second or a few. One column may have more.
const MAX_CELLS: u64 = 5_000_000;
/// How many of the commonest values are told.
const MAX_COMMON: usize = 10;
/// The longest part of a text that is told, in characters.
const MAX_TOLD: usize = 200;

/// Looks at each of the columns.
pub fn profile(engine: &dyn Engine, asked: &Profile) -> Stored<Vec<ColumnProfile>> {
    definition::prepare(engine)?;
    let known = definition::reconcile(engine, &asked.table)?;
    let columns = asked.table.columns.iter().filter(|column| asked.columns.contains(&column.id));
    let columns: Vec<_> = columns.collect();
    let cells = known.row_count.saturating_mul(columns.len() as u64);
    if cells > MAX_CELLS && columns.len() > 1 {
        return Err(StoreError::Refused(format!(
            "The columns have {cells} values, and {MAX_CELLS} are the most that are looked at together: name fewer columns."
        )));
    }
    columns.into_iter().map(|column| of(engine, asked.table.id.as_str(), column)).collect()
}

fn of(engine: &dyn Engine, table: &str, column: &Column) -> Stored<ColumnProfile> {
    let name = format!("`{}`", column.name);
    let told = |value: &str| match column.r#type {
        ColumnType::Text => format!("substr({value}, 1, {MAX_TOLD})"),
        _ => value.to_owned(),
    };
    let (min, max, value) = (told(&format!("min({name})")), told(&format!("max({name})")), told("v"));
    let bounds = engine.run(&format!("select count(*), count({name}), {min}, {max} from {table}"), &[])?;
    let Some([rows, count, min, max]) = bounds.first().map(Vec::as_slice) else {
        return Err(StoreError::Failed("a count has another shape".into()));
    };
    let groups = engine.run(
        &format!(
            "with g as materialized (select {name} as v, count(*) as n from {table} where {name} is not null group by 1)
             select (select count(*) from g), {value}, n from g order by n desc, v limit {MAX_COMMON}"
        ),
        &[],
    )?;
    let common =
        |row: &Vec<Value>| Some(CommonValue { value: as_told(column, row.get(1)?), count: whole(row.get(2)?) });
    Ok(ColumnProfile {
        name: column.name.clone(),
        r#type: column.r#type,
        count: whole(count),
        nulls: whole(rows) - whole(count),
        distinct: groups.first().and_then(|row| row.first()).map_or(0, whole),
        min: as_told(column, min),
        max: as_told(column, max),
        top: groups.iter().filter_map(common).collect(),
    })
}

/// A value as the column's type has it: of a boolean the store has 0 or 1, and of a whole number the runtime has a float.
fn as_told(column: &Column, value: &Value) -> Value {
    match (column.r#type, value) {
        (ColumnType::Boolean, Value::Number(_)) => (whole(value) == 1).into(),
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within 2^53")]
        (ColumnType::Integer, Value::Number(number)) => {
            number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)).into()
        }
        _ => value.clone(),
    }
}
