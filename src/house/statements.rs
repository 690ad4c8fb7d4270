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
fn every_statement_reaches_only_what_it_may() {
    for sql in ORG.iter().copied().flatten() {
        confined::is_the_organizations(sql.text()).unwrap_or_else(|why| panic!("{}: {why}", sql.name));
    }
    for sql in IDENTITY.iter().copied().flatten() {
        confined::is_identitys(sql.text).unwrap_or_else(|why| panic!("{}: {why}", sql.name));
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

/// That a change is of the row `?2`, in the version `?3`, and a delete of the row of `?4`.
fn heeds(text: &str) -> Result<(), String> {
    let mut needed = vec!["org_id = ?1", "id = ?2", "?3 IS NULL OR updated_at = ?3"];
    if text.starts_with("delete") {
        needed.push("?4 IS NULL OR created_by = ?4");
    }
    let holds = confined::conditions_of_change(text);
    match needed.into_iter().find(|condition| !holds.iter().any(|held| held == condition)) {
        Some(condition) => Err(format!("lacks {condition}")),
        None => Ok(()),
    }
}

#[test]
fn every_change_heeds_the_version_and_every_delete_whose_the_row_is() {
    for sql in ORG.iter().copied().flatten() {
        if sql.text().starts_with("update") || sql.text().starts_with("delete") {
            heeds(sql.text()).unwrap_or_else(|why| panic!("{}: {why}", sql.name));
        }
    }
}

#[test]
fn a_change_of_another_row_is_refused() {
    let rest = "(?3 is null or updated_at = ?3) and (?4 is null or created_by = ?4)";
    assert_eq!(heeds(&format!("delete from widget where org_id = ?1 and id = ?2 and {rest}")), Ok(()));
    for text in [
        format!("delete from widget where org_id = ?1 and dashboard_id = ?2 and {rest}"),
        format!("delete from widget where org_id = ?1 and id = ?2 or id = ?2 and {rest}"),
        "delete from widget where org_id = ?1 and id = ?2 and (?3 is null or updated_at = ?3)".to_owned(),
        "update widget set title = ?4 where org_id = ?1 and id = ?2 and updated_at = ?3".to_owned(),
        "update widget set title = ?4 where org_id = ?1 and id = ?20 and (?3 is null or updated_at = ?3)".to_owned(),
    ] {
        assert!(heeds(&text).is_err(), "{text}");
    }
}
