//! Names as SQLite reads them, and as they are printed.

/// A name without its quotes.
pub fn unquoted(name: &str) -> String {
    let close = match name.chars().next() {
        Some('[') => ']',
        Some(quote @ ('"' | '`' | '\'')) => quote,
        _ => return name.to_owned(),
    };
    let inner = name.get(1..).and_then(|rest| rest.strip_suffix(close)).unwrap_or_default();
    if close == ']' { inner.to_owned() } else { inner.replace(&format!("{close}{close}"), &close.to_string()) }
}

/// Whether it was written in quotes.
pub fn is_quoted(name: &str) -> bool {
    name.starts_with(['"', '`', '\'', '['])
}

/// A name in backticks: never taken for a text, as one in double quotes may be.
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A text as SQL.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether SQLite takes the two for the same: it folds ASCII letters alone.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
