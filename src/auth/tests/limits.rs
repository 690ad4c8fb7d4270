//! Rate limits: what they count, and in which order they are asked.
use super::{Browser, ada, calls, parsed, text};
use crate::{api::Response, auth::routes::ROUTES, house::world::World, rate_limit::InMemory, time::Timestamp};
use http::Method;
use serde_json::{Value, json};
use std::rc::Rc;

/// A deployment that limits, and its limiter.
fn limited() -> (World, Rc<InMemory>) {
    let mut w = World::with(&[("RATE_LIMIT", "true")]);
    let limiter = Rc::new(InMemory::new(w.app.now));
    w.app = w.app.limited_by(Some(limiter.clone()), None);
    (w, limiter)
}

fn ask(w: &World, ip: &str, method: &str, path: &str) -> Response {
    let mut request = Browser::new(w).request(method, path, &json!({}));
    request.headers.push(("cf-connecting-ip".into(), ip.into()));
    w.answer(&request)
}

fn later(limiter: &InMemory, ms: i64) {
    limiter.now.set(Timestamp::from_unix_ms(limiter.now.get().unix_ms() + ms));
}

#[test]
fn passwords_are_tried_three_times_in_ten_seconds_and_the_refusal_is_the_references() {
    let (w, limiter) = limited();
    let statuses: Vec<_> = (0..3).map(|_| ask(&w, "203.0.113.7", "POST", "/sign-in/email").status.as_u16()).collect();
    assert_eq!(statuses, [400; 3]);
    let (trips, refused) = calls(&w, || ask(&w, "203.0.113.7", "POST", "/sign-in/email"));
    assert_eq!((trips, refused.status.as_u16()), (0, 429));
    assert_eq!(text(&refused), r#"{"message":"Too many requests. Please try again later."}"#);
    assert_eq!(
        (refused.header("x-retry-after"), refused.header("content-type")),
        (Some("10"), Some("application/json"))
    );
    later(&limiter, 9_001);
    assert_eq!(ask(&w, "203.0.113.7", "POST", "/sign-in/email").header("x-retry-after"), Some("1"));
    later(&limiter, 999);
    assert_eq!(ask(&w, "203.0.113.7", "POST", "/sign-in/email").status.as_u16(), 400);
}

#[test]
fn each_path_has_the_references_rule() {
    for (method, path, max, window_s) in [
        ("POST", "/sign-in/email", 3, 10),
        ("POST", "/sign-up/email", 3, 10),
        ("POST", "/change-password", 3, 10),
        ("POST", "/change-email", 3, 10),
        ("GET", "/sign-in/no-such", 3, 10),
        ("POST", "/sign-in/email/", 3, 10),
        ("POST", "/request-password-reset", 3, 60),
        ("POST", "/send-verification-email", 3, 60),
        ("POST", "/forget-password/x", 3, 60),
        ("GET", "/get-session", 100, 10),
        ("POST", "/get-session", 100, 10),
        ("GET", "/no-such", 100, 10),
        ("GET", "", 100, 10),
    ] {
        let (w, _) = limited();
        for n in 0..max {
            assert_ne!(ask(&w, "203.0.113.7", method, path).status.as_u16(), 429, "{path} {n}");
        }
        let refused = ask(&w, "203.0.113.7", method, path);
        let expected = (429, Some(window_s.to_string()));
        assert_eq!((refused.status.as_u16(), refused.header("x-retry-after").map(str::to_owned)), expected, "{path}");
    }
}

#[test]
fn one_client_or_path_does_not_use_up_anothers_share() {
    let (w, _) = limited();
    let is_refused = |ip: &str, path: &str| ask(&w, ip, "POST", path).status.as_u16() == 429;
    (0..3).for_each(|_| assert!(!is_refused("203.0.113.7", "/sign-in/email")));
    assert!(is_refused("203.0.113.7", "/sign-in/email"));
    assert!(!is_refused("203.0.113.8", "/sign-in/email"));
    assert!(!is_refused("203.0.113.7", "/sign-up/email"));
    // A client has a whole /64 of addresses.
    let network = ["2001:db8:1:2::1", "2001:DB8:1:2:3::3", "2001:db8:1:2:ffff::"];
    network.iter().for_each(|ip| assert!(!is_refused(ip, "/sign-in/email")));
    assert!(is_refused("2001:db8:1:2::4", "/sign-in/email"));
    assert!(!is_refused("2001:db8:1:3::1", "/sign-in/email"));
    // Who is unknown is one.
    (0..3).for_each(|_| assert!(!is_refused("", "/sign-in/email")));
    assert!(is_refused("no address", "/sign-in/email"));
}

#[test]
fn a_client_cannot_make_the_limiter_remember_what_he_makes_up() {
    let (w, limiter) = limited();
    for n in 0..50 {
        ask(&w, "203.0.113.7", "GET", &format!("/{n}"));
        ask(&w, "203.0.113.7", "GET", &format!("/sign-in/{n}"));
    }
    assert_eq!(limiter.kept(), 2);
}

#[test]
fn what_is_refused_costs_nothing() {
    let (w, _) = limited();
    (0..3).for_each(|_| drop(ask(&w, "203.0.113.7", "POST", "/sign-up/email")));
    let before = w.db.dump();
    let mut request = Browser::new(&w).request("POST", "/sign-up/email", &ada());
    request.headers.push(("cf-connecting-ip".into(), "203.0.113.7".into()));
    let (trips, refused) = calls(&w, || w.answer(&request));
    assert_eq!((trips, refused.status.as_u16(), w.db.dump()), (0, 429, before));
}

/// Rather no answer than no limit.
#[test]
fn without_its_limiter_a_deployment_that_limits_answers_nothing() {
    let w = World::with(&[("RATE_LIMIT", "true")]);
    for route in ROUTES {
        let method = if route.method == Method::GET { "GET" } else { "POST" };
        let answer = w.answer(&Browser::of(&w, "owner-a").request(method, route.path, &Value::Null));
        assert_eq!(
            (answer.status.as_u16(), &parsed(&answer)["code"]),
            (500, &json!("MISCONFIGURED")),
            "{}",
            route.path
        );
        assert!(text(&answer).contains("RATE_LIMITER"));
    }
}
