//! Pages of other origins.
use super::{Browser, cookies, text};
use crate::{
    api::{Request, Response},
    house::world::World,
};
use serde_json::{Value, json};

const APP: &str = "https://app.example.com";

fn world() -> World {
    World::with(&[("BETTER_AUTH_TRUSTED_ORIGINS", "https://app.example.com,https://*.wild.com,myapp://")])
}

fn from(origin: &str, mut request: Request) -> Request {
    request.headers.retain(|(name, _)| name != "origin");
    request.headers.push(("origin".into(), origin.into()));
    request
}

fn preflight(w: &World, origin: &str, path: &str) -> Response {
    let mut request = from(origin, w.request("", "OPTIONS", path, Value::Null));
    request.headers.retain(|(name, _)| name != "cookie");
    request.headers.push(("access-control-request-method".into(), "POST".into()));
    request.headers.push(("access-control-request-headers".into(), "content-type,x-organization-id".into()));
    w.answer(&request)
}

fn has_cors(response: &Response) -> bool {
    response.headers.iter().any(|(name, _)| name.starts_with("access-control-"))
}

#[test]
fn a_page_of_a_trusted_origin_may_ask_with_cookies() {
    let w = world();
    for path in ["/api/auth/sign-in/email", "/api/auth/no-such", "/api/datasets", "/api/health"] {
        for origin in [APP, "https://a.wild.com", "myapp://"] {
            let answer = preflight(&w, origin, path);
            assert_eq!((answer.status.as_u16(), text(&answer)), (204, ""), "{path} {origin}");
            for (name, value) in [
                ("access-control-allow-origin", origin),
                ("access-control-allow-credentials", "true"),
                ("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE"),
                ("access-control-max-age", "7200"),
                ("vary", "origin"),
            ] {
                assert_eq!(answer.header(name), Some(value), "{path} {origin}");
            }
            let headers = answer.header("access-control-allow-headers").unwrap();
            for name in ["content-type", "authorization", "x-organization-id", "if-match", "idempotency-key"] {
                assert!(headers.split(", ").any(|allowed| allowed == name), "{headers}");
            }
        }
    }
}

#[test]
fn a_page_of_another_origin_may_ask_and_read_nothing() {
    let w = world();
    for origin in [
        "https://evil.com",
        "https://app.example.com.evil.com",
        "http://app.example.com",
        "https://wild.com",
        "null",
        "",
    ] {
        for (path, status) in [("/api/auth/sign-in/email", 404), ("/api/datasets", 405)] {
            let answer = preflight(&w, origin, path);
            assert_eq!((answer.status.as_u16(), has_cors(&answer)), (status, false), "{path} {origin}");
            let read = w.answer(&from(origin, w.request("owner-a", "GET", path, Value::Null)));
            assert!(!has_cors(&read), "{path} {origin}");
        }
    }
    let own = w.answer(&w.request("owner-a", "GET", "/api/datasets", Value::Null));
    assert!(!has_cors(&own) && own.header("vary") == Some("origin"), "a cache must not give it to another");
    let plain = World::new();
    assert_eq!(plain.answer(&plain.request("owner-a", "GET", "/api/datasets", Value::Null)).header("vary"), None);
}

#[test]
fn a_page_of_a_trusted_origin_reads_what_the_client_needs_also_of_a_refusal() {
    let w = world();
    for (method, path, body, status) in [
        ("GET", "/api/auth/get-session", Value::Null, 200),
        ("GET", "/api/datasets", Value::Null, 200),
        ("GET", "/api/no-such", Value::Null, 404),
        ("POST", "/api/auth/organization/check-slug", json!({}), 400),
        ("GET", "/api/auth/no-such", Value::Null, 404),
    ] {
        let answer = w.answer(&from(APP, w.request("owner-a", method, path, body)));
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(APP), "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    }
    let sign_up = from(APP, Browser::new(&w).request("POST", "/sign-up/email", &super::ada()));
    let answer = w.answer(&sign_up);
    let exposed: Vec<_> = answer.headers.iter().filter(|(name, _)| *name == "access-control-expose-headers").collect();
    assert_eq!(exposed.len(), 1);
    for name in ["set-auth-token", "x-retry-after", "etag", "location"] {
        assert!(exposed[0].1.split(", ").any(|header| header == name), "{name}");
    }
    assert!(!cookies(&answer).is_empty());
}

#[test]
fn a_preflight_is_no_request_of_ours_and_an_options_is_none_of_a_browsers() {
    let w = world();
    let options = from(APP, w.request("owner-a", "OPTIONS", "/api/auth/ok", Value::Null));
    assert_eq!(w.answer(&options).status.as_u16(), 404);
    assert_eq!(w.db.calls.get(), 0);
}
