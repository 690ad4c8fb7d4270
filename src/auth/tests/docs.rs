//! The docs say what the table of routes has.
use crate::auth::routes::ROUTES;
use std::collections::BTreeSet;

#[test]
fn compatibility_lists_every_endpoint_and_those_we_have_as_had() {
    let docs = include_str!("../../../docs/compatibility.md");
    let section = docs.split_once("<!-- endpoints -->").unwrap().1.split_once("<!-- /endpoints -->").unwrap().0;
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let mut listed = BTreeSet::new();
    let mut had = BTreeSet::new();
    for row in &rows {
        let [endpoint, state, why] = row[..] else { panic!("{row:?}") };
        let endpoint = endpoint.trim_matches('`').to_owned();
        assert!(["same", "different", "not yet"].contains(&state), "{row:?}");
        assert!(state != "different" || !why.is_empty(), "{endpoint} has no reason");
        if state != "not yet" {
            had.insert(endpoint.clone());
        }
        assert!(listed.insert(endpoint), "{row:?} is listed twice");
    }
    let routes: BTreeSet<String> = ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(had, routes);
    assert_eq!(routes.len(), ROUTES.len(), "no route twice");
}
