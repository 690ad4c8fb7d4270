//! Every statement, by what it may reach.
use super::sources::outside_tests;
use crate::{
    access, agent_thread, api_key, approval, audit, auth, automation, dashboard, dataset,
    db::{EngineSql, IdentitySql, OrgChange, OrgSql, confined, sqlite::Sqlite},
    delivery,
    id::DatasetId,
    oauth, organization_setting, widget,
};
use std::collections::BTreeSet;

/// Every statement over organizations' rows.
const ORG: &[&[OrgSql]] = &[
    access::audit_sql::ALL,
    dataset::sql::ALL,
    dashboard::sql::ALL,
    widget::sql::ALL,
    automation::sql::ALL,
    api_key::sql::ALL,
    approval::sql::ALL,
    audit::sql::ALL,
    oauth::sql::ALL,
    agent_thread::sql::ALL,
    delivery::sql::ALL,
    delivery::secret::sql::ALL,
    organization_setting::sql::ALL,
];

/// Every statement that the engine runs for an organization without a member.
const ENGINE: &[&[EngineSql]] = &[automation::engine::sql::ALL, delivery::notice::sql::ALL];

/// Every statement over the identity tables.
const IDENTITY: &[&[IdentitySql]] = &[
    access::sql::ALL,
    agent_thread::purge::ALL,
    auth::sql::ALL,
    auth::verification::ALL,
    auth::reset_sql::ALL,
    auth::organization::sql::ALL,
    auth::organization::invitation::sql::ALL,
    auth::organization::member::sql::ALL,
    auth::organization::role::sql::ALL,
    auth::organization::team::sql::ALL,
    auth::social::sql::ALL,
    oauth::server_sql::ALL,
    delivery::outbox::sql::ALL,
    delivery::recipient::sql::ALL,
];

/// Every statement that changes an organization's row, each with its table. The table's own statement crosses
/// organizations, to see a foreign row in order to refuse the change aimed at it; it gives whose the row is and when it
/// changed, nothing else.
const CHANGES: &[&[OrgChange]] = &[
    dataset::sql::CHANGES,
    dashboard::sql::CHANGES,
    widget::sql::CHANGES,
    automation::sql::CHANGES,
    api_key::sql::CHANGES,
    approval::sql::CHANGES,
    oauth::sql::CHANGES,
    agent_thread::sql::CHANGES,
    delivery::sql::CHANGES,
    delivery::secret::sql::CHANGES,
];

/// Name and text of all of an organization's.
fn org() -> impl Iterator<Item = (&'static str, &'static str)> {
    let reads = ORG.iter().copied().flatten().map(|sql| (sql.name(), sql.text()));
    let engine = ENGINE.iter().copied().flatten().map(|sql| (sql.name(), sql.text()));
    reads.chain(engine).chain(CHANGES.iter().copied().flatten().map(|sql| (sql.name(), sql.text())))
}

/// Name and text of all over the identity tables.
fn identity() -> impl Iterator<Item = (&'static str, &'static str)> {
    IDENTITY.iter().copied().flatten().map(|sql| (sql.name(), sql.text()))
}

/// Each list above has the statements of every module that declares some.
#[test]
fn no_statement_is_left_out() {
    let declared = |with: &str| -> BTreeSet<String> {
        let sources = outside_tests().into_iter().filter(|source| source.code.contains(with));
        sources.map(|source| format!("orgscope::{}", source.module.join("::"))).collect()
    };
    let module = |name: &'static str| name.rsplit_once("::").unwrap().0.to_owned();
    assert_eq!(declared("org_sql!"), ORG.iter().copied().flatten().map(|sql| module(sql.name())).collect());
    assert_eq!(declared("owned_table!"), CHANGES.iter().copied().flatten().map(|sql| module(sql.name())).collect());
    assert_eq!(declared("engine_sql!"), ENGINE.iter().copied().flatten().map(|sql| module(sql.name())).collect());
    assert_eq!(declared("identity_sql!"), identity().map(|(name, _)| module(name)).collect());
}

/// So that the lists above have every text there is.
#[test]
fn the_macros_alone_declare_statements() {
    for source in outside_tests().iter().filter(|source| source.module != ["db", "statement"]) {
        for made in ["OrgSql::new", "OrgChange::new", "OwnedTable::new", "IdentitySql::new", "EngineSql::new"] {
            assert!(!source.code.contains(made), "{} has {made}", source.module.join("::"));
        }
    }
}

#[test]
fn every_statement_reaches_only_what_it_may() {
    for (name, text) in org() {
        confined::is_the_organizations(text).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
    for sql in ENGINE.iter().copied().flatten() {
        confined::is_the_engines(sql.text()).unwrap_or_else(|why| panic!("{}: {why}", sql.name()));
    }
    for (name, text) in identity() {
        let checked = match name.rsplit_once("::").map(|(module, _)| module) {
            Some("orgscope::access::sql" | "orgscope::oauth::server_sql") => confined::is_the_gates(text),
            Some("orgscope::agent_thread::purge") => confined::is_a_purge(text, "agent_thread"),
            Some("orgscope::delivery::outbox::sql" | "orgscope::delivery::recipient::sql") => {
                confined::is_the_outboxes(text)
            }
            _ => confined::is_identitys(text),
        };
        checked.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[test]
fn every_statement_finds_its_rows_by_an_index() {
    let db = Sqlite::migrated();
    let nobody: DatasetId = serde_json::from_value(format!("ds_{}", "0".repeat(32)).into()).unwrap();
    let owners = CHANGES.iter().copied().flatten().map(|sql| (sql.name(), sql.table().owner_of(&nobody).text()));
    for (name, text) in org().chain(identity()).chain(owners) {
        // `SCAN json_each` reads the statement's own argument, `SCAN (subquery` what another step has found by its own
        // index, and `SCAN CONSTANT ROW` nothing.
        let harmless = ["json_each", "CONSTANT", "SCAN (subquery"];
        let is_scan = |step: &String| step.contains("SCAN ") && !harmless.iter().any(|word| step.contains(word));
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
    for sql in CHANGES.iter().copied().flatten() {
        heeds(sql.text()).unwrap_or_else(|why| panic!("{}: {why}", sql.name()));
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
