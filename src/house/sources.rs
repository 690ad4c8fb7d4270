//! Our own source text, for tests that read it.
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of `src/`.
pub struct Source {
    /// Its module's path: of `src/auth/organization/sql.rs` auth, organization, sql; of `src/lib.rs` nothing.
    pub module: Vec<String>,
    /// Its text, without comment lines and without an inline `mod tests`.
    pub code: String,
}

impl Source {
    /// Of the file at this path in `src/`.
    pub fn new(path: &str, text: &str) -> Self {
        let path = path.trim_end_matches(".rs");
        let module = path.split('/').filter(|name| !["mod", "lib"].contains(name)).map(str::to_owned).collect();
        let (mut code, mut is_test) = (String::new(), false);
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            is_test |= line == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.ends_with("mod tests {"));
            if !is_test && !line.trim_start().starts_with("//") {
                code += line;
                code.push('\n');
            }
            is_test &= line != "}";
        }
        Self { module, code }
    }

    /// The modules that it declares for tests alone, each in a file of its own.
    fn tests(&self) -> Vec<Vec<String>> {
        let declared = self.code.split("#[cfg(test)]\n").skip(1).filter_map(|rest| {
            let line = rest.lines().next()?;
            line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')
        });
        declared.map(|name| [self.module.as_slice(), &[name.to_owned()]].concat()).collect()
    }
}

/// Every file that is no test code.
pub fn outside_tests() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    walk(&root, &mut files);
    let source = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        Source::new(file.strip_prefix(&root).unwrap().to_str().unwrap(), &text)
    };
    let mut sources: Vec<_> = files.into_iter().map(source).collect();
    let tests: Vec<_> = sources.iter().flat_map(Source::tests).collect();
    sources.retain(|source| !tests.iter().any(|test| source.module.starts_with(test)));
    sources
}

/// The text of every file, tests and all.
pub fn with_tests() -> Vec<String> {
    let mut files = vec![];
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.into_iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

#[test]
fn test_code_is_left_out_and_nothing_else() {
    let text = "// crate::no\nuse a;\n#[cfg(test)]\nmod tests;\nuse b;\n#[cfg(test)]\nmod tests {\n    x\n}\nuse c;\n";
    let source = Source::new("auth/session/mod.rs", text);
    assert_eq!(source.code, "use a;\n#[cfg(test)]\nmod tests;\nuse b;\nuse c;\n");
    assert_eq!(source.tests(), [["auth", "session", "tests"]]);
    let modules: Vec<_> = outside_tests().into_iter().map(|source| source.module.join("::")).collect();
    for (module, is_there) in [
        ("auth", true),
        ("auth::session", true),
        ("auth::tests::races", false),
        ("db::sqlite", false),
        ("house", false),
    ] {
        assert_eq!(modules.iter().any(|name| name == module), is_there, "{module}");
    }
}
