//! Which URLs belong to an origin that we trust.
//!
//! Source: Better Auth 1.7.25, `auth/trusted-origins` (wire spec §4.4 and §4.5).
use crate::runtime::Runtime;
use std::net::Ipv4Addr;

/// Whether the URL's origin matches the pattern. A relative URL has none, and never does.
///
/// Patterns: `https://app.example.com` (exactly), `https://*.example.com` (any depth of sub-domain, not the apex),
/// `*.example.com` (any scheme), `192.168.*` (an IPv4 address), `myapp://` and `myapp://host/path` (schemes of apps).
#[must_use]
pub fn matches(url: &str, pattern: &str, runtime: Runtime) -> bool {
    if url.starts_with('/') {
        return false;
    }
    let has_wildcard = pattern.contains(['*', '?']);
    let parsed = (runtime.parse_url)(url);
    if has_wildcard && !pattern.contains("://") {
        let host = parsed.map(|url| url.host).filter(|host| !host.is_empty());
        return host.is_some_and(|host| glob(pattern, &host) && admits(pattern, &host));
    }
    match &parsed {
        Some(url) if matches!(url.scheme.as_str(), "http" | "https") => {
            let origin = url.origin();
            if has_wildcard {
                glob(pattern, &origin) && admits(authority(pattern), authority(&origin))
            } else {
                pattern == origin
            }
        }
        Some(_) => matches_app_scheme(url, pattern, has_wildcard),
        None => false,
    }
}

/// Whether the text is a path on our own host, to every browser and router: `/a?x=1`, and not `//host`, `/\host` or
/// `/%2fhost`.
#[must_use]
pub fn is_safe_path(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    url.starts_with('/')
        && !url.starts_with("//")
        && !url.contains(|c: char| c == '\\' || c.is_control())
        && !path.contains("%2f")
        && !path.contains("%5c")
}

fn authority(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, authority)| authority)
}

/// A wildcard host of digits alone names addresses: otherwise `192.168.*` would admit `192.168.evil.com`.
fn admits(pattern_authority: &str, given_authority: &str) -> bool {
    let host = |authority: &str| authority.split(':').next().unwrap_or_default().to_owned();
    let pattern = host(pattern_authority);
    let names_addresses = pattern.contains(|c: char| c.is_ascii_digit())
        && pattern.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '?' | '.'));
    !names_addresses || host(given_authority).parse::<Ipv4Addr>().is_ok()
}

/// A URL of an app's own scheme, split without a URL parser: those differ on such schemes.
struct AppUrl {
    scheme: String,
    authority: String,
    /// percent-decoded, dots resolved; empty for the root
    path: String,
}

impl AppUrl {
    fn parse(text: &str, has_wildcard: bool) -> Option<Self> {
        if text.chars().any(char::is_control) {
            return None;
        }
        let (scheme, rest) = text.split_once(':').filter(|(scheme, _)| !scheme.is_empty())?;
        // In a pattern with wildcards `?` is one of them.
        let (ends_authority, ends_path) =
            if has_wildcard { (&['/', '#'][..], &['#'][..]) } else { (&['/', '?', '#'][..], &['?', '#'][..]) };
        let (authority, rest) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(ends_authority).unwrap_or(rest.len())),
            None => ("", rest),
        };
        let path = rest.split(ends_path).next().unwrap_or_default();
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            authority: authority.to_ascii_lowercase(),
            path: resolve(path),
        })
    }
}

fn resolve(path: &str) -> String {
    let mut segments = vec![];
    let decoded = super::cookie::decode(path);
    for segment in decoded.split('/') {
        match segment {
            ".." => drop(segments.pop()),
            "." | "" => {}
            segment => segments.push(segment),
        }
    }
    segments.into_iter().map(|segment| format!("/{segment}")).collect()
}

fn matches_app_scheme(url: &str, pattern: &str, has_wildcard: bool) -> bool {
    let (Some(url), Some(pattern)) = (AppUrl::parse(url, false), AppUrl::parse(pattern, has_wildcard)) else {
        return false;
    };
    if url.scheme != pattern.scheme {
        return false;
    }
    if !has_wildcard {
        let under = url.path.strip_prefix(&pattern.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        return (pattern.authority.is_empty() || url.authority == pattern.authority) && under;
    }
    let of_authority = pattern.authority.is_empty()
        || glob(&pattern.authority, &url.authority) && admits(&pattern.authority, &url.authority);
    let path = if url.path.is_empty() { "/" } else { &url.path };
    !url.authority.contains('@') && of_authority && (pattern.path.is_empty() || glob(&pattern.path, path))
}

/// `*` is any text, `?` one character. Linear in memory, and at worst the product of the lengths in time.
fn glob(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reached[i]: the pattern so far matches the first i characters.
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for p in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        let mut any_before = false;
        for (i, slot) in next.iter_mut().enumerate() {
            let before = i.checked_sub(1);
            any_before |= reached.get(i).copied().unwrap_or(false);
            let from = before.and_then(|i| reached.get(i)).copied().unwrap_or(false);
            let fits = p == '?' || before.and_then(|i| text.get(i)) == Some(&p);
            *slot = if p == '*' { any_before } else { from && fits };
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::{matches as matches_by, *};
    use proptest::prelude::*;

    fn matches(url: &str, pattern: &str) -> bool {
        matches_by(url, pattern, Runtime::for_tests())
    }

    const TRUSTED: &[&str] = &[
        "http://localhost:3000",
        "https://app.example.com",
        "https://*.wild.com",
        "myapp://",
        "exp://host/cb",
        "192.168.*",
    ];

    fn is_trusted(url: &str) -> bool {
        TRUSTED.iter().any(|pattern| matches(url, pattern))
    }

    /// Wire spec §4.4: the reference's verdicts.
    #[test]
    fn relative_urls_as_the_reference_judges_them() {
        for good in ["/ok", "/a/b?x=1&y=http://z", "/a?x=%2f", "/..//evil.com", "/a/../../b"] {
            assert!(is_safe_path(good), "{good}");
        }
        for bad in [
            "//evil.com",
            "/\\evil.com",
            "/%5cevil.com",
            "/%2fevil.com",
            "/%2Fevil.com",
            "/a%2fb",
            "/a\tb",
            " /ok",
            "foo",
            "?a=1",
            "#a",
            "",
        ] {
            assert!(!is_safe_path(bad), "{bad}");
            assert!(!is_trusted(bad), "{bad}");
        }
    }

    #[test]
    fn absolute_urls_as_the_reference_judges_them() {
        for good in [
            "http://localhost:3000/x",
            "http://LOCALHOST:3000/x",
            "\thttp://localhost:3000",
            "http:/\\localhost:3000",
            "https://app.example.com/any",
            "https://app.example.com:443/any",
            "https://q.wild.com/a",
            "https://a.b.wild.com",
            "myapp://cb",
            "myapp:cb",
            "exp://host/cb/x",
            "http://192.168.1.2",
        ] {
            assert!(is_trusted(good), "{good}");
        }
        for bad in [
            "http://localhost:3000.evil.com",
            "https://app.example.com@evil.com",
            "http://localhost:3001",
            "https://localhost:3000",
            "https://wild.com",
            "http://q.wild.com",
            "https://q.wild.com:8443",
            "https://evil.com/.wild.com",
            "otherapp://cb",
            "exp://host/cb/../evil",
            "exp://host/cbx",
            "exp://other/cb",
            "http://192.168.evil.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "/ok",
        ] {
            assert!(!is_trusted(bad), "{bad}");
        }
    }

    #[test]
    fn a_pattern_without_a_scheme_matches_the_host_of_any() {
        assert!(matches("http://a.host.com", "*.host.com") && matches("https://a.host.com/x", "*.host.com"));
        assert!(!matches("http://host.com", "*.host.com") && !matches("http://a.host.com:81", "*.host.com"));
    }

    #[test]
    fn an_apps_host_with_wildcards_admits_no_user_information() {
        assert!(matches("exp://10.0.0.1:8081/--/a", "exp://10.0.0.*:*/*"));
        assert!(!matches("exp://x@10.0.0.1:8081/a", "exp://*/*"));
        assert!(!matches("exp://10.0.0.evil:1/a", "exp://10.0.0.*:*/*"));
    }

    proptest! {
        #[test]
        fn any_url_and_pattern_has_a_verdict(url in "\\PC{0,40}", pattern in "\\PC{0,20}") {
            let _ = (matches(&url, &pattern), is_safe_path(&url));
        }
        #[test]
        fn a_glob_matches_what_it_was_made_from(text in "[a-z.]{0,12}", at in 0usize..12) {
            let at = at.min(text.len());
            prop_assert!(glob(&text, &text));
            let starred = format!("{}*", &text[..at]);
            prop_assert!(glob(&starred, &text));
        }
    }
}
