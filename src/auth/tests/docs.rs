//! `docs/compatibility.md` says what the table of routes and the list of differences on purpose have.
use crate::auth::routes::ROUTES;
use crate::house::docs::section_is;
use serde::Deserialize;
use std::collections::BTreeSet;

/// `tests/conformance/compatibility.json`; which answers each difference is seen in is the conformance tests' affair.
#[derive(Deserialize)]
struct Compatibility {
    differences: Vec<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    /// The endpoints that differ in it; none if it is of all.
    #[serde(default)]
    endpoints: Vec<String>,
    reference: String,
    orgscope: String,
    why: String,
}

#[test]
fn compatibility_lists_every_endpoint_and_every_difference() {
    let Compatibility { differences } =
        serde_json::from_str(include_str!("../../../tests/conformance/compatibility.json")).unwrap();
    let endpoints: Vec<String> = ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(endpoints.iter().collect::<BTreeSet<_>>().len(), endpoints.len(), "a route is there twice");
    let named = differences.iter().flat_map(|difference| &difference.endpoints);
    let unknown: Vec<_> = named.filter(|endpoint| !endpoints.contains(endpoint)).collect();
    assert!(unknown.is_empty(), "{unknown:?} are no routes");

    let rows = endpoints.iter().map(|endpoint| {
        let its = differences.iter().zip(1..).filter(|(difference, _)| difference.endpoints.contains(endpoint));
        let links: Vec<_> = its.map(|(_, number)| format!("[{number}](#d{number})")).collect();
        let state = if links.is_empty() { "same" } else { "different" };
        format!("| `{endpoint}` | {state} | {} |\n", links.join(", "))
    });
    let table = format!("| endpoint | state | differences |\n|---|---|---|\n{}", rows.collect::<String>());
    section_is("docs/compatibility.md", "endpoints", &table);

    let rows = differences.iter().zip(1..).map(|(Difference { endpoints, reference, orgscope, why }, number)| {
        let whose = if endpoints.is_empty() { "all" } else { "" };
        format!("| <a id=\"d{number}\"></a>{number} | {whose} | {reference} | {orgscope} | {why} |\n")
    });
    let table = format!("| | of | reference | Orgscope | why |\n|---|---|---|---|---|\n{}", rows.collect::<String>());
    section_is("docs/compatibility.md", "differences", &table);
}
