//! Parts of the docs that are made from the code.

/// The OpenAPI document that the Worker serves.
#[test]
fn the_openapi_document_is_that_of_the_table_of_operations() {
    let document = crate::operation::openapi::document(crate::operations::all());
    file_is("docs/openapi.json", &format!("{}\n", serde_json::to_string_pretty(&document).unwrap()));
}

/// The tools that the Worker serves, each on a line.
#[test]
fn the_tools_are_those_of_the_table_of_operations() {
    let tools: Vec<_> = crate::tools::document().iter().map(ToString::to_string).collect();
    file_is("docs/tools.json", &format!("[\n{}\n]\n", tools.join(",\n")));
}

/// Asserts that the file has this text. With `UPDATE_DOCS=1` it writes it.
fn file_is(path: &str, text: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, text).unwrap();
    } else {
        let is_same = std::fs::read_to_string(&file).unwrap() == text;
        assert!(is_same, "{path} is out of date: run UPDATE_DOCS=1 cargo test, and read the difference");
    }
}

/// Asserts that the docs have `text` between `<!-- name -->` and `<!-- /name -->`. With `UPDATE_DOCS=1` it writes it.
pub fn section_is(path: &str, name: &str, text: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let docs = std::fs::read_to_string(&file).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = docs.split_once(&open).unwrap_or_else(|| panic!("{path} has no {open}"));
    let (section, after) = rest.split_once(&close).unwrap_or_else(|| panic!("{path} has no {close}"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, format!("{before}{open}{text}{close}{after}")).unwrap();
    } else {
        assert_eq!(section, text, "{path} is out of date: run UPDATE_DOCS=1 cargo test");
    }
}

/// Each test that the security model names is there.
#[test]
fn the_tests_that_the_docs_name_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = super::sources::with_tests().into_iter().flat_map(|text| {
        let name = |line: &str| line.trim_start().strip_prefix("fn ")?.split('(').next().map(str::to_owned);
        text.lines().filter_map(name).collect::<Vec<_>>()
    });
    let tests: std::collections::BTreeSet<_> = tests.collect();
    let docs = include_str!("../../docs/security.md");
    let proofs = docs.lines().filter(|line| line.starts_with("| ")).filter_map(|line| line.rsplit(" | ").next());
    let names = proofs.flat_map(|proof| proof.split('`').skip(1).step_by(2)).collect::<Vec<_>>();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert!(tests.contains(name) || name.ends_with(".spec.ts") && root.join(name).is_file(), "{name}");
    }
}
