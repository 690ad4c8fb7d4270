//! Arrows point down only.
use super::sources::{Source, outside_tests};
use std::collections::BTreeSet;

/// What each module may name, from the top down, beside [`WORDS`].
const LAYERS: &[(&str, &[&str])] = &[
    (
        "edge",
        &[
            "routes",
            "audit",
            "oauth",
            "auth",
            "automation",
            "delivery",
            "agent_thread",
            "access",
            "mail",
            "api",
            "store",
            "db",
            "config",
            "rate_limit",
        ],
    ),
    (
        "routes",
        &["agent", "mcp", "rest", "oauth", "auth", "delivery", "operations", "operation", "access", "api", "config"],
    ),
    (
        "agent",
        &["tools", "operations", "approval", "operation", "agent_thread", "access", "api", "llm", "config", "path"],
    ),
    ("mcp", &["tools", "operation", "access", "api", "config"]),
    ("rest", &["operations", "operation", "access", "api", "path"]),
    ("tools", &["operations", "approval", "operation", "access", "api"]),
    (
        "operations",
        &[
            "agent_thread",
            "approval",
            "api_key",
            "audit",
            "oauth",
            "organization_setting",
            "automation",
            "delivery",
            "dashboard",
            "widget",
            "dataset",
            "operation",
            "access",
        ],
    ),
    ("oauth", &["auth", "operation", "access", "api", "db", "config", "rate_limit"]),
    ("auth", &["access", "mail", "api", "db", "config", "path", "rate_limit"]),
    (
        "automation",
        &[
            "report",
            "delivery",
            "dashboard",
            "widget",
            "dataset",
            "operation",
            "access",
            "mail",
            "confined_sql",
            "store",
            "db",
        ],
    ),
    ("delivery", &["operation", "access", "mail", "api", "db", "config"]),
    ("agent_thread", &["operation", "access", "db", "config"]),
    ("api_key", &["operation", "access", "db"]),
    ("organization_setting", &["operation", "access", "db"]),
    ("audit", &["operation", "access", "db"]),
    ("approval", &["operation", "access", "api", "db"]),
    ("report", &["dashboard", "widget", "dataset", "mail"]),
    ("dashboard", &["widget", "dataset", "operation", "access", "db"]),
    ("widget", &["dataset", "operation", "access", "confined_sql", "store", "db"]),
    ("dataset", &["operation", "access", "confined_sql", "store", "db"]),
    ("operation", &["access", "api", "db"]),
    ("access", &["mail", "api", "confined_sql", "store", "db", "config", "rate_limit"]),
    ("mail", &["config"]),
    ("llm", &["config"]),
    ("api", &["config"]),
    ("confined_sql", &["store"]),
    ("store", &["db"]),
    ("db", &[]),
    ("path", &[]),
    ("rate_limit", &[]),
    ("config", &[]),
];

/// What every module above may name, and what each of them may name itself, from the top down.
const WORDS: &[(&str, &[&str])] = &[
    ("queue", &["id", "time"]),
    ("id", &["random", "time", "error"]),
    ("random", &["error"]),
    ("fetch", &["stream"]),
    ("stream", &["error"]),
    ("error", &["policy"]),
    ("policy", &[]),
    ("html", &[]),
    ("json", &[]),
    ("zone", &["time"]),
    ("time", &[]),
    ("runtime", &[]),
];

/// Whose the macros are, which Rust calls by the crate's name.
const MACROS: &[(&str, &str)] = &[
    ("engine_sql!", "db"),
    ("identity_sql!", "db"),
    ("org_sql!", "db"),
    ("owned_table!", "db"),
    ("operations!", "operation"),
];

#[test]
fn modules_name_only_what_is_below_them() {
    for source in outside_tests() {
        // `lib.rs` names all of them.
        let Some(module) = source.module.first() else { continue };
        let layer = LAYERS.iter().chain(WORDS).find(|(name, _)| name == module);
        let (_, below) = layer.unwrap_or_else(|| panic!("{module} has no layer"));
        let is_word = |name: &str| WORDS.iter().any(|(word, _)| *word == name);
        for name in names(&source) {
            let may = name == *module || below.contains(&name.as_str()) || (!is_word(module) && is_word(&name));
            assert!(may, "{} names {name}", source.module.join("::"));
        }
    }
}

#[test]
fn below_is_below() {
    let rows: Vec<_> = LAYERS.iter().chain(WORDS).collect();
    for (at, (module, below)) in rows.iter().enumerate() {
        for name in *below {
            assert!(rows[at..].iter().skip(1).any(|(lower, _)| lower == name), "{module} is not above {name}");
        }
    }
}

/// The crate's own modules that it names, by `crate::` or by as many `super::` as lead to the root or to its own.
fn names(source: &Source) -> BTreeSet<String> {
    let code = &source.code;
    let from_root = code.split("crate::").skip(1).flat_map(heads);
    let from_here =
        code.match_indices("super::").filter(|(at, _)| !code[..*at].ends_with("super::")).flat_map(|(at, _)| {
            let rest = code[at..].trim_start_matches("super::");
            let supers = (code.len() - at - rest.len()) / "super::".len();
            match source.module.len().checked_sub(supers) {
                Some(0) | None => heads(rest),
                Some(_) => vec![source.module[0].clone()],
            }
        });
    let module = |name: String| match name.as_str() {
        "Error" | "Result" => "error".to_owned(),
        _ => MACROS.iter().find(|(called, _)| *called == name).map_or(name, |(_, module)| (*module).to_owned()),
    };
    from_root.chain(from_here).map(module).collect()
}

/// The first names of a path: of `a::b` it is a, of `{a::b, c::{d, e}}` a and c; of a macro's it is `a!`.
fn heads(path: &str) -> Vec<String> {
    let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == '!');
    let word = |text: &str| text.trim_start().split(end).next().unwrap_or_default().to_owned();
    let Some(list) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut depth, mut from, mut found) = (0, 0, vec![]);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                found.push(word(&list[from..at]));
                from = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    for (path, code, expected) in [
        (
            "auth/mod.rs",
            "use crate::{\n    Result,\n    api::{a, b},\n    routes::x,\n};",
            vec!["api", "error", "routes"],
        ),
        ("auth/session/mod.rs", "mod tests;\nuse super::super::routes::x;", vec!["routes"]),
        ("auth/session/mod.rs", "use super::model;\nfn f() { super::super::edge::y() }", vec!["auth", "edge"]),
        ("auth/session/show.rs", "use super::super::model;", vec!["auth"]),
        ("policy.rs", "use super::{time, rest::z};", vec!["rest", "time"]),
        ("policy.rs", "use super::*;", vec![""]),
        ("api/mod.rs", "crate::identity_sql! {}\nfn f() { $crate::Error::internal() }", vec!["db", "error"]),
    ] {
        assert_eq!(names(&Source::new(path, code)), expected.into_iter().map(str::to_owned).collect(), "{code}");
    }
}
