//! Every statement, by what it may reach.
use super::sources::outside_tests;
use crate::{
    access, auth, automation, dashboard, dataset,
    db::{IdentitySql, OrgSql, OwnedTable, confined, sqlite::Sqlite},
    widget,
};
use std::collections::BTreeSet;

/// Every statement over organizations' rows.
const ORG: &[&[OrgSql]] = &[dataset::sql::ALL, dashboard::sql::ALL, widget::sql::ALL, automation::sql::ALL];

/// Every statement over the identity tables.
const IDENTITY: &[&[IdentitySql]] = &[access::sql::ALL, auth::sql::ALL, auth::organization::sql::ALL];

/// The statements that cross organizations, each to see a foreign row in order to refuse the change aimed at it. They
/// give whose the row is and when it changed, nothing else. One for each table of which rows may be changed.
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

/// Each list above has the statements of every module that declares some.
#[test]
fn no_statement_is_left_out() {
    let declared = |with: &str| -> BTreeSet<String> {
        let sources = outside_tests().into_iter().filter(|source| source.code.contains(with));
        sources.map(|source| format!("orgscope::{}", source.module.join("::"))).collect()
    };
    let module = |name: &'static str| name.rsplit_once("::").unwrap().0.to_owned();
    let org = ORG.iter().copied().flatten().map(|sql| module(sql.name)).collect();
    let identity = IDENTITY.iter().copied().flatten().map(|sql| module(sql.name)).collect();
    assert_eq!((declared("org_sql!"), declared("identity_sql!")), (org, identity));
}

#[test]
fn every_org_statement_is_confined_to_the_organization() {
    for sql in ORG.iter().copied().flatten() {
        for (table, confined) in confined::tables(sql.text()).unwrap_or_else(|why| panic!("{}: {why}", sql.name)) {
            assert!(confined, "{}: {table} is not confined to the organization", sql.name);
            assert!(!IDENTITY_TABLES.contains(&table.as_str()), "{}: {table} is an identity table", sql.name);
        }
    }
}

#[test]
fn every_identity_statement_reaches_identity_tables_alone() {
    for sql in IDENTITY.iter().copied().flatten() {
        for (table, _) in confined::tables(sql.text).unwrap_or_else(|why| panic!("{}: {why}", sql.name)) {
            let table = table.trim_matches('"');
            assert!(IDENTITY_TABLES.contains(&table), "{}: {table} is no identity table", sql.name);
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
