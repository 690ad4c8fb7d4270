//! Paths with parameters, such as `/api/datasets/{id}` or, in Better Auth's words, `/callback/:id`.

/// The parameters' names and values.
pub type Params = Vec<(&'static str, String)>;

/// The values of the `{name}` or `:name` segments, if `path` has the pattern's shape. A segment is taken as it is: every id that we
/// make has only characters that no one needs to encode.
#[must_use]
pub fn params(pattern: &'static str, path: &str) -> Option<Params> {
    let mut found = vec![];
    let mut given = path.split('/');
    for wanted in pattern.split('/') {
        let segment = given.next()?;
        let name = wanted.strip_prefix('{').and_then(|w| w.strip_suffix('}')).or_else(|| wanted.strip_prefix(':'));
        match name {
            Some(name) if !segment.is_empty() => found.push((name, segment.to_owned())),
            None if wanted == segment => {}
            _ => return None,
        }
    }
    given.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::params;

    #[test]
    fn a_path_has_the_shape_or_not() {
        assert_eq!(params("/a/{id}", "/a/x"), Some(vec![("id", "x".into())]));
        assert_eq!(params("/a/:id", "/a/x"), Some(vec![("id", "x".into())]));
        assert_eq!(params("/a", "/a"), Some(vec![]));
        for other in ["/a", "/a/", "/a/x/", "/a/x/y", "/b/x", "//a/x", ""] {
            assert_eq!(params("/a/{id}", other), None, "{other}");
        }
    }
}
