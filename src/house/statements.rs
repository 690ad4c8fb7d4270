//! Every statement, by what it may reach.
use crate::{
    access, auth, automation, dashboard, dataset,
    db::{IdentitySql, OrgSql, OwnedTable, confined, sqlite::Sqlite},
    widget,
};

/// Every statement over organizations' rows.
const ORG: &[&[OrgSql]] = &[dataset::sql::ALL, dashboard::sql::ALL, widget::sql::ALL, automation::sql::ALL];

/// Every statement over the identity tables.
const IDENTITY: &[&[IdentitySql]] = &[access::sql::ALL, auth::sql::ALL, auth::organization::sql::ALL];

/// The statements that cross organizations, each to see a foreign row in order to refuse the change aimed at it. They
/// give whose the row is and when it changed, nothing else. One a table that is changed.
const OWNERS: &[OwnedTable] =
    &[dataset::sql::DATASET, dashboard::sql::DASHBOARD, widget::sql::WIDGET, automation::sql::AUTOMATION];

/// The tables that belong to no single organization.
const IDENTITY_TABLES: &[&str] = &[
    "user",
    "session",
    "account",
    "verification",
    "organization",
    "organizationRole",
    "team",
    "teamMember",
    "member",
    "invitation",
];

/// The tables whose every row is an organization's.
const ORG_TABLES: &[&str] = &["dataset", "dashboard", "widget", "automation", "automation_run"];

/// A name as SQLite reads it: `"User"` is `user`.
fn plain(name: &str) -> String {
    name.trim_matches(['"', '`', '[', ']', '\'']).to_lowercase()
}

#[test]
fn every_statement_that_is_declared_is_in_these_lists() {
    let listed: Vec<&str> = ORG.iter().copied().flatten().map(|sql| sql.name).collect();
    let listed: Vec<&str> = IDENTITY.iter().copied().flatten().map(|sql| sql.name).chain(listed).collect();
    let mut owners = 0;
    for file in super::layers::files().into_iter().filter(|file| !file.starts_with("db") && !file.starts_with("house"))
    {
        let text = std::fs::read_to_string(format!("{}/src/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        owners += text.matches("owned_table!(").count();
        if text.contains("org_sql! {") || text.contains("identity_sql! {") {
            let module = format!("orgscope::{}::", file.trim_end_matches(".rs").replace('/', "::"));
            let declared = text.matches("\";\n").count();
            let found = listed.iter().filter(|name| name.starts_with(&module)).count();
            assert_eq!(found, declared, "{file} declares statements that no test walks");
        }
    }
    assert_eq!(owners, OWNERS.len());
}

#[test]
fn every_org_table_has_an_organization_in_each_row() {
    let db = Sqlite::migrated();
    for table in ORG_TABLES {
        let columns = db.query(&format!("select name, type, \"notnull\" from pragma_table_info('{table}')"));
        assert!(columns.contains(&"org_id|TEXT|1".to_owned()), "{table}: {columns:?}");
    }
}

#[test]
fn every_org_statement_is_confined_to_the_organization() {
    for sql in ORG.iter().copied().flatten() {
        for (table, confined) in confined::tables(sql.text()).unwrap_or_else(|why| panic!("{}: {why}", sql.name)) {
            assert!(confined, "{}: {table} is not confined to the organization", sql.name);
            assert!(ORG_TABLES.contains(&plain(&table).as_str()), "{}: {table} is no organization's table", sql.name);
        }
    }
}

#[test]
fn every_identity_statement_reaches_identity_tables_alone() {
    for sql in IDENTITY.iter().copied().flatten() {
        for (table, _) in confined::tables(sql.text).unwrap_or_else(|why| panic!("{}: {why}", sql.name)) {
            let is_identity = IDENTITY_TABLES.iter().any(|known| known.to_lowercase() == plain(&table));
            assert!(is_identity, "{}: {table} is no identity table", sql.name);
        }
    }
}

#[test]
fn every_statement_finds_its_rows_by_an_index() {
    let db = Sqlite::migrated();
    let org = ORG.iter().copied().flatten().map(|sql| (sql.name, sql.text()));
    let identity = IDENTITY.iter().copied().flatten().map(|sql| (sql.name, sql.text));
    let owners = OWNERS.iter().map(|table| (table.resource.word(), table.owner));
    for (name, text) in org.chain(identity).chain(owners) {
        // `SCAN json_each` reads the statement's own argument; `SCAN CONSTANT ROW` reads nothing.
        let is_scan =
            |step: &String| step.contains("SCAN ") && !step.contains("json_each") && !step.contains("CONSTANT");
        let plan = db.query(&format!("explain query plan {text}"));
        assert!(!plan.iter().any(is_scan), "{name}: {plan:?}");
    }
}

#[test]
fn every_change_heeds_the_version_and_every_delete_whose_the_row_is() {
    for sql in ORG.iter().copied().flatten() {
        let text = sql.text().split_whitespace().collect::<Vec<_>>().join(" ");
        if text.starts_with("update") || text.starts_with("delete") {
            assert!(text.contains("id = ?2 and (?3 is null or updated_at = ?3)"), "{}", sql.name);
        }
        if text.starts_with("delete") {
            assert!(text.contains("and (?4 is null or created_by = ?4)"), "{}", sql.name);
        }
    }
}
