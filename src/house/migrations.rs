//! Migrations are applied, rolled back and applied again, as docs/operations.md has it.
use super::world::World;
use crate::db::sqlite::migrations;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Migrations of the identity tables, which are never rolled back: they may be Better Auth's, and hold its data.
const IDENTITY: &[&str] = &[
    "0001_create_identity.sql",
    "0005_index_inviters.sql",
    "0006_index_accounts.sql",
    "0007_create_rate_limit.sql",
    "0009_list_deleted_organizations.sql",
];

/// A database as wrangler leaves it: with its own table of what it has applied. Rows of every kind are in it.
fn filled() -> World {
    let w = World::new();
    w.db.execute("create table d1_migrations (id integer primary key autoincrement, name text unique)").unwrap();
    for migration in migrations() {
        w.db.execute(&format!("insert into d1_migrations (name) values ('{}')", name(&migration))).unwrap();
    }
    fill(&w);
    w
}

fn fill(w: &World) {
    let columns = json!([{ "name": "amount", "type": "decimal", "nullable": false }]);
    let dataset = &w.made("owner-a", "/api/datasets", json!({ "name": "sales", "columns": columns }))["id"];
    let dashboard = &w.made("owner-a", "/api/dashboards", json!({ "name": "Sales" }))["id"];
    let config = json!({ "sql": "select 1" });
    let widget = json!({
        "dashboardId": dashboard, "datasetId": dataset, "title": "x", "kind": "bar", "config": config,
    });
    w.made("owner-a", "/api/widgets", widget);
    let channels = json!([{ "type": "email", "to": ["ada@example.com"] }]);
    let report = json!({
        "type": "scheduled_report", "dashboardId": dashboard, "format": "csv", "channels": channels,
    });
    let schedule = json!({ "cron": "0 8 * * *", "timeZone": "UTC" });
    w.made("owner-a", "/api/automations", json!({ "name": "x", "config": report, "schedule": schedule }));
}

fn name(file: &Path) -> String {
    file.file_name().unwrap().to_str().unwrap().to_owned()
}

fn rollback(migration: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/rollback");
    folder.join(format!("{}.sql", migration.split('_').next().unwrap()))
}

/// What has been applied and may be rolled back, newest first.
fn domain(w: &World) -> Vec<String> {
    let applied = w.db.query("select name from d1_migrations order by id desc");
    applied.into_iter().filter(|name| !IDENTITY.contains(&name.as_str())).collect()
}

#[test]
fn a_rollback_takes_its_migrations_tables_and_no_identity() {
    let w = filled();
    let identity = |w: &World| -> Vec<String> {
        let tables = ["user", "session", "organization", "member"];
        w.db.dump().into_iter().filter(|row| tables.iter().any(|table| row.starts_with(&format!("{table}|")))).collect()
    };
    let schema = "select sql from sqlite_schema where sql is not null order by name";
    let (before, tables) = (identity(&w), w.db.query(schema));
    for migration in domain(&w) {
        w.db.execute(&std::fs::read_to_string(rollback(&migration)).unwrap()).unwrap();
    }
    assert_eq!(w.db.query("select name from d1_migrations"), IDENTITY);
    assert_eq!(identity(&w), before);
    assert_eq!(w.send("owner-a", "GET", "/api/auth/get-session", Value::Null).1["user"]["id"], "u-owner-a");
    assert_eq!(w.send("owner-a", "GET", "/api/datasets", Value::Null).1["code"], "MISCONFIGURED");
    for migration in migrations().iter().filter(|file| !IDENTITY.contains(&name(file).as_str())) {
        w.db.execute(&std::fs::read_to_string(migration).unwrap()).unwrap();
    }
    assert_eq!(w.db.query(schema), tables);
    fill(&w);
}

#[test]
fn a_migration_that_another_stands_on_is_not_rolled_back() {
    let w = filled();
    let before = w.db.dump();
    for migration in domain(&w).into_iter().skip(1) {
        let error = w.db.execute(&std::fs::read_to_string(rollback(&migration)).unwrap()).unwrap_err().to_string();
        assert!(error.contains("malformed JSON"), "{migration}: {error}");
    }
    assert_eq!(w.db.dump(), before);
}
