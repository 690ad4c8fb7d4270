//! Arrows point down only.
use std::path::{Path, PathBuf};

/// What each module may name besides [`WORDS`], from the top down.
const LAYERS: &[(&str, &[&str])] = &[
    ("edge", &["routes", "access", "api", "db", "config"]),
    ("routes", &["rest", "auth", "operations", "operation", "access", "api", "config"]),
    ("rest", &["operations", "operation", "access", "api", "path"]),
    ("operations", &["automation", "dashboard", "widget", "dataset", "operation", "access"]),
    ("auth", &["access", "api", "db", "config", "path"]),
    ("automation", &["dashboard", "dataset", "operation", "access", "db"]),
    ("dashboard", &["widget", "operation", "access", "db"]),
    ("widget", &["dataset", "operation", "access", "db"]),
    ("dataset", &["operation", "access", "db"]),
    ("operation", &["access", "db"]),
    ("access", &["api", "db", "config"]),
    ("api", &["config"]),
    ("db", &[]),
    ("config", &[]),
    ("path", &[]),
    ("json", &[]),
    ("runtime", &[]),
    ("policy", &[]),
    ("random", &["error"]),
    ("id", &["error", "random", "time"]),
    ("time", &[]),
    ("error", &["policy"]),
];

/// The words at the bottom: every module above them may name them.
const WORDS: &[&str] = &["error", "id", "json", "policy", "random", "runtime", "time"];

#[test]
fn modules_name_only_what_is_below_them() {
    let mut files = vec![];
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    for file in files {
        let path = file.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
        let module = path.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().lines();
        let code = code.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let test_only = ["tests.rs", "tests", "sqlite.rs", "confined.rs"];
        let test_only = path.iter().any(|part| test_only.iter().any(|name| part == *name));
        for used in code.split("crate::").skip(1).flat_map(names).filter(|_| !test_only) {
            let known = LAYERS.iter().any(|(name, _)| *name == used);
            let is_below =
                allowed.contains(&used.as_str()) || (WORDS.contains(&used.as_str()) && !WORDS.contains(&module));
            assert!(used == module || is_below || !known, "{} names {used}", path.display());
        }
    }
}

/// Every file below `src/`, by its path there.
pub fn files() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    walk(&root, &mut files);
    files.iter().map(|file| file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// What follows `crate::`: of `a::b` it is a, of `{a::b, c::{d, e}}` a and c; of a macro
/// nothing.
fn names(rest: &str) -> Vec<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    if !rest.starts_with('{') {
        let name = word(rest);
        let is_macro = rest.get(name.len()..).is_some_and(|after| after.starts_with('!'));
        return if is_macro { vec![] } else { vec![name] };
    }
    let (mut depth, mut from, mut found) = (0, 1, vec![]);
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            ',' if depth == 1 => {
                found.push(word(&rest[from..at]));
                from = at + 1;
            }
            '}' if depth == 1 => {
                found.push(word(&rest[from..at]));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    found
}
