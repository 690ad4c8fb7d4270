//! Redirect URIs: which are taken, and when one is one that is registered.
use crate::runtime::Runtime;

/// The longest that is taken, in bytes.
pub const MAX_BYTES: usize = 512;
/// How many a client may have.
pub const MAX: usize = 10;

/// Schemes that a browser runs or reads instead of handing them to an application.
const NO_APPS: &[&str] = &["about", "blob", "data", "file", "filesystem", "ftp", "javascript", "vbscript", "ws", "wss"];

/// Whether a client may have it: `https://…`, `http://` of a loopback address, or an application's own scheme with `://`.
/// None with a fragment, user information, or a letter that is not printed.
pub fn is_taken(uri: &str, runtime: Runtime) -> bool {
    let is_plain = uri.len() <= MAX_BYTES && uri.bytes().all(|b| b.is_ascii_graphic() && b != b'#' && b != b'\\');
    let Some((scheme, rest)) = uri.split_once("://").filter(|_| is_plain) else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let Some(url) = (runtime.parse_url)(uri) else { return false };
    if authority.contains('@') || scheme != url.scheme {
        return false;
    }
    match scheme {
        "https" => url.host == authority.to_ascii_lowercase(),
        "http" => loopback(uri).is_some(),
        scheme => !NO_APPS.contains(&scheme),
    }
}

/// Whether a request may name it: it is one of the registered ones, letter by letter, but for the port of a loopback
/// address, which an application has from its system (RFC 8252 §7.3).
pub fn is_one_of(uri: &str, registered: &[String]) -> bool {
    let is_same = |other: &String| {
        other == uri || loopback(uri).zip(loopback(other)).is_some_and(|(one, registered)| one == registered)
    };
    registered.iter().any(is_same)
}

/// Host and path of `http://127.0.0.1:1234/callback?x`, without the port; nothing if it is none of a loopback address.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let (authority, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
    let host = ["localhost", "127.0.0.1", "[::1]"].into_iter().find(|host| authority.starts_with(host))?;
    let port = authority.strip_prefix(host)?;
    let is_port = |digits: &str| digits.parse::<u16>().is_ok() && digits.bytes().all(|b| b.is_ascii_digit());
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some((host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_would_not_hand_to_the_application_is_not_taken() {
        let runtime = Runtime::for_tests();
        for good in [
            "https://app.example.com/callback",
            "https://app.example.com:8443/callback?x=1",
            "http://localhost/callback",
            "http://127.0.0.1:33418/",
            "http://[::1]:1/cb",
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "com.example.app://cb",
        ] {
            assert!(is_taken(good, runtime), "{good}");
        }
        for bad in [
            "",
            "/callback",
            "http://app.example.com/callback",
            "http://localhost.evil.com/callback",
            "http://127.0.0.1@evil.com/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:+80/",
            "http://0x7f000001/",
            "https://a@app.example.com/",
            "https://app.example.com/#x",
            "https://app.example.com\\@evil.com/",
            "https:app.example.com/",
            "https://app.example.com/a b",
            "https://äpp.example.com/",
            "HTTPS://app.example.com/",
            "javascript://x/%0aalert(1)",
            "javascript:alert(1)",
            "data://text/html,x",
            "file:///etc/passwd",
            &format!("https://app.example.com/{}", "a".repeat(MAX_BYTES)),
        ] {
            assert!(!is_taken(bad, runtime), "{bad}");
        }
    }

    #[test]
    fn a_redirect_is_a_registered_one_but_for_a_loopback_port() {
        let registered: Vec<_> = ["https://app.example.com/cb", "http://127.0.0.1/cb", "http://localhost:1/cb?a=1"]
            .map(str::to_owned)
            .into();
        for good in
            ["https://app.example.com/cb", "http://127.0.0.1/cb", "http://127.0.0.1:8000/cb", "http://localhost/cb?a=1"]
        {
            assert!(is_one_of(good, &registered), "{good}");
        }
        for bad in [
            "https://app.example.com/cb/",
            "https://app.example.com:8443/cb",
            "https://app.example.com/cb?a=1",
            "https://app.example.com/CB",
            "https://evil.com/cb",
            "http://app.example.com/cb",
            "http://127.0.0.1:8000/other",
            "http://127.0.0.1:8000/cb?a=1",
            "http://localhost:8000/cb",
            "http://127.0.0.1.evil.com/cb",
            "https://127.0.0.1/cb",
        ] {
            assert!(!is_one_of(bad, &registered), "{bad}");
        }
    }
}
