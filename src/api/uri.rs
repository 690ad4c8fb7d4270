//! URLs that we write.
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What JavaScript's `encodeURIComponent` leaves alone besides letters and digits.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// JavaScript's `encodeURIComponent`.
#[must_use]
pub fn component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// The URL with one more parameter, before its fragment; its other parameters stay as they are written.
#[must_use]
pub fn with_param(url: &str, name: &str, value: &str) -> String {
    let (rest, fragment) = split_fragment(url);
    let separator = match rest.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{rest}{separator}{}={}{fragment}", component(name), component(value))
}

/// The URL with the parameter set to `value`, whatever it was before; the query is written anew, as JavaScript's
/// `searchParams.set` does.
#[must_use]
pub fn set_param(url: &str, name: &str, value: &str) -> String {
    let (rest, fragment) = split_fragment(url);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut params = form_urlencoded::Serializer::new(String::new());
    let mut is_set = false;
    for (key, old) in form_urlencoded::parse(query.as_bytes()) {
        if key != name {
            params.append_pair(&key, &old);
        } else if !std::mem::replace(&mut is_set, true) {
            params.append_pair(name, value);
        }
    }
    if !is_set {
        params.append_pair(name, value);
    }
    format!("{path}?{}{fragment}", params.finish())
}

/// What is before the fragment, and the fragment with its `#`.
fn split_fragment(url: &str) -> (&str, &str) {
    url.find('#').and_then(|at| url.split_at_checked(at)).unwrap_or((url, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// better-auth 1.7.25, `appendQueryParams`.
    #[test]
    fn a_parameter_goes_before_the_fragment() {
        for (url, expected) in [
            ("/r", "/r?error=X"),
            ("/r?", "/r?error=X"),
            ("/r?x=a%20b", "/r?x=a%20b&error=X"),
            ("/r?x=1&", "/r?x=1&error=X"),
            ("https://a.co/r#f?g", "https://a.co/r?error=X#f?g"),
        ] {
            assert_eq!(with_param(url, "error", "X"), expected);
        }
    }

    #[test]
    fn a_parameter_is_set_once() {
        assert_eq!(set_param("/r?x=1#f", "token", "t"), "/r?x=1&token=t#f");
        assert_eq!(set_param("/r?token=a&x=a%20b&token=c", "token", "t"), "/r?token=t&x=a+b");
        assert_eq!(set_param("/r", "token", "t"), "/r?token=t");
    }

    #[test]
    fn a_component_is_encoded_as_javascript_does() {
        assert_eq!(component("/a?b=c&d#é ~*'()!"), "%2Fa%3Fb%3Dc%26d%23%C3%A9%20~*'()!");
    }
}
