//! The store of an organization, and one in which another's datasets stand beside its own.
//!
//! The product never makes the second: each organization has a database of its own. Here both share one, with the store's
//! own tables, so that the guard and the gate must hold by themselves.
use super::{
    ConfinedSql,
    tests::{NOW, OTHERS, own},
};
use crate::store::{Append, Column, ColumnType, Limits, Query, Reply, Request, Stored, Table, native::Native};
use serde_json::{Value, json};

/// The organization's store alone, and with another's datasets in it.
pub struct Two {
    pub alone: Native,
    pub shared: Native,
}

/// With a few rows in each dataset.
pub fn small() -> Two {
    let sales = json!([
        ["2026-01-01", 10.5, "north", 1, 1],
        ["2026-01-01", 20, "south", 2, 0],
        ["2025-12-31", 5, "north", 1, 1],
        ["2025-12-30", null, null, 3, null]
    ]);
    two(&[sales, json!([[1, "Ada", "north"], [2, "Grace", "east"], [3, null, null]]), json!([["odd"]])])
}

/// With 20,000 sales of 10 regions and 100 days, and 1,000 customers.
pub fn crowded() -> Two {
    let day = |i: u32| format!("2026-{:02}-{:02}", i % 100 / 28 + 1, i % 28 + 1);
    let sales = (0..20_000).map(|i| json!([day(i), i, format!("r{}", i % 10), i, 1])).collect();
    let customers = (0..1000).map(|i| json!([i, format!("customer {i}"), format!("r{}", i % 10)])).collect();
    two(&[Value::Array(sales), Value::Array(customers), json!([["odd"]])])
}

fn two(rows: &[Value]) -> Two {
    let two = Two { alone: Native::empty(), shared: Native::empty() };
    let [before, after] = ['b', 'e'].map(others);
    append(&two.shared, &before, &json!([[OTHERS], [OTHERS]]));
    for (table, rows) in own().iter().zip(rows) {
        append(&two.alone, table, rows);
        append(&two.shared, table, rows);
    }
    append(&two.shared, &after, &json!([[OTHERS]]));
    two
}

/// A dataset of the other organization.
fn others(letter: char) -> Table {
    let id = serde_json::from_value(json!(format!("ds_{letter}{}", "0".repeat(31)))).unwrap();
    let column = Column { id: "1".into(), name: "token".into(), r#type: ColumnType::Text, nullable: true };
    Table { id, name: "secrets".into(), defined_at: NOW.parse().unwrap(), columns: vec![column] }
}

fn append(store: &Native, table: &Table, rows: &Value) {
    let chunks = vec![rows.to_string()];
    let append = Append {
        table: table.clone(),
        replaces: false,
        chunks,
        key: Some("key".into()),
        staged: None,
        limits: Limits { rows: u64::MAX, bytes: u64::MAX },
        now: NOW.parse().unwrap(),
    };
    store.answer(Request::Append(append)).unwrap();
}

/// What a store answers to a statement, as `access::OrgStore` asks it.
pub fn ask(store: &Native, sql: &ConfinedSql) -> Stored<Reply> {
    let tables: Vec<_> = own().into_iter().filter(|table| sql.tables().contains(&table.id)).collect();
    let live = own().into_iter().map(|table| table.id).collect();
    store.answer(Request::Query(Query {
        sql: sql.text().into(),
        tables,
        live,
        max_rows: 100,
        max_bytes: 8_000_000,
        now: NOW.parse().unwrap(),
    }))
}
