//! Parts of the docs that are made from the code.

/// The OpenAPI document that the Worker serves.
#[test]
fn the_openapi_document_is_that_of_the_table_of_operations() {
    let document = crate::operation::openapi::document(crate::operations::all());
    file_is("docs/openapi.json", &format!("{}\n", serde_json::to_string_pretty(&document).unwrap()));
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
