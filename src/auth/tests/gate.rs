//! What every endpoint has in front of it: route, body, origin, URLs.
use super::{Browser, ada, code, refused, text};
use crate::{auth::routes::ROUTES, house::world::World};
use http::Method;
use serde_json::{Value, json};

#[test]
fn an_unknown_path_or_method_is_an_empty_404() {
    let w = World::new();
    for (method, path) in [
        ("GET", "/ok/"),
        ("GET", "//ok"),
        ("POST", "/ok"),
        ("HEAD", "/ok"),
        ("OPTIONS", "/ok"),
        ("GET", ""),
        ("GET", "/sign-out"),
    ] {
        let response = w.answer(&Browser::new(&w).request(method, path, &Value::Null));
        assert_eq!(
            (response.status.as_u16(), text(&response), response.headers.len()),
            (404, "", 0),
            "{method} {path}"
        );
    }
    assert_eq!(Browser::new(&w).get("/ok"), (200, json!({ "ok": true })));
}

#[test]
fn a_body_is_json_and_of_sign_in_and_sign_up_also_a_form() {
    let w = World::new();
    let send = |path: &str, content_type: Option<&str>, body: &str| {
        let mut request = Browser::of(&w, "owner-a").request("POST", path, &Value::Null);
        request.headers.retain(|(name, _)| name != "content-type");
        request.headers.extend(content_type.map(|value| ("content-type".to_owned(), value.to_owned())));
        request.body = body.into();
        let response = w.answer(&request);
        (response.status.as_u16(), super::parsed(&response)["message"].as_str().unwrap_or_default().to_owned())
    };
    let message = |status: u16, text: &str| (status, text.to_owned());
    assert_eq!(
        send("/revoke-session", Some("text/plain"), "x"),
        message(415, "Content-Type \"text/plain\" is not allowed. Allowed types: application/json")
    );
    assert_eq!(
        send("/revoke-session", None, "x"),
        message(415, "Content-Type is required. Allowed types: application/json")
    );
    assert_eq!(
        send("/sign-in/email", Some("text/plain"), "x"),
        message(
            415,
            "Content-Type \"text/plain\" is not allowed. Allowed types: application/x-www-form-urlencoded, application/json"
        )
    );
    assert_eq!(send("/revoke-session", Some("Application/JSON; x"), "{"), message(400, "Invalid JSON in request body"));
    assert_eq!(
        send("/revoke-session", None, ""),
        message(400, "[body] Invalid input: expected object, received undefined")
    );
    assert_eq!(
        send("/sign-in/email", Some("application/x-www-form-urlencoded"), "email=a%40x.co&rememberMe=false"),
        message(
            400,
            "[body.password] Invalid input: expected string, received undefined; \
             [body.rememberMe] Invalid input: expected boolean, received string"
        )
    );
    assert_eq!(
        send("/sign-in/email", Some("application/x-www-form-urlencoded"), "email=nobody%40x.co&password=password1"),
        message(401, "Invalid email or password")
    );
}

/// Wire spec §4.1: malformed JSON before origin before fields before session.
#[test]
fn what_is_wrong_is_said_in_the_references_order() {
    let w = World::new();
    let mut stranger = Browser::new(&w);
    let mut request = stranger.request("POST", "/organization/check-slug", &json!({ "slug": 1 }));
    assert_eq!(super::parsed(&stranger.answer(&request))["code"], "VALIDATION_ERROR", "before the session");
    request.headers.push(("cookie".into(), "a=b".into()));
    request.headers.retain(|(name, _)| name != "origin");
    assert_eq!(super::parsed(&stranger.answer(&request))["code"], "MISSING_OR_NULL_ORIGIN", "before the fields");
    request.body = "{".into();
    assert_eq!(super::parsed(&stranger.answer(&request))["code"], "BAD_REQUEST", "before the origin");
}

#[test]
fn every_change_is_refused_from_a_foreign_origin_and_changes_nothing() {
    let w = World::new();
    let before = w.db.dump();
    for route in ROUTES.iter().filter(|route| route.method == Method::POST) {
        let mut request = Browser::of(&w, "owner-a").request("POST", route.path, &json!({ "organizationId": "a" }));
        request.headers.retain(|(name, _)| name != "origin");
        request.headers.push(("origin".into(), "https://evil.com".into()));
        let response = w.answer(&request);
        assert_eq!(
            (response.status.as_u16(), &super::parsed(&response)["code"]),
            (403, &json!("INVALID_ORIGIN")),
            "{}",
            route.path
        );
    }
    assert_eq!(w.db.dump(), before);
}

#[test]
fn every_change_checks_the_urls_that_it_names() {
    let w = World::new();
    for route in ROUTES.iter().filter(|route| route.method == Method::POST) {
        for (field, wrong) in [
            ("callbackURL", "INVALID_CALLBACK_URL"),
            ("redirectTo", "INVALID_REDIRECT_URL"),
            ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
            ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
        ] {
            let mut nobody = Browser::new(&w);
            assert_eq!(
                code(nobody.post(route.path, json!({ field: "//evil.com" }))),
                refused(403, wrong),
                "{}",
                route.path
            );
            let (status, body) = nobody.post(route.path, json!({ field: 7 }));
            assert_eq!(status, 400, "{body}");
            assert!(body["message"].as_str().unwrap().ends_with(": expected a string"), "{body}");
        }
    }
    let mut nobody = Browser::new(&w);
    assert_eq!(code(nobody.post("/sign-out?callbackURL=//evil.com", json!({}))), refused(403, "INVALID_CALLBACK_URL"));
    assert_eq!(nobody.post("/sign-out", json!({ "callbackURL": "/ok" })).0, 200);
}

/// Wire spec §4.3. The address is malformed, so what passes is 400 and costs no hash.
#[test]
fn a_page_elsewhere_cannot_sign_its_reader_in() {
    let w = World::new();
    let verdict = |headers: &[(&str, &str)]| {
        let mut request =
            Browser::new(&w).request("POST", "/sign-in/email", &json!({ "email": "x", "password": "password1" }));
        request.headers.retain(|(name, _)| name != "origin");
        request.headers.extend(headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        super::parsed(&w.answer(&request))["code"].as_str().unwrap().to_owned()
    };
    let own = ("origin", super::ORIGIN);
    for (headers, expected) in [
        (&[][..], "INVALID_EMAIL"),
        (&[own], "INVALID_EMAIL"),
        (&[own, ("sec-fetch-site", "same-origin")], "INVALID_EMAIL"),
        (&[("origin", "https://evil.com")], "INVALID_ORIGIN"),
        (&[("referer", "https://evil.com/x")], "INVALID_ORIGIN"),
        (&[("sec-fetch-mode", "cors")], "MISSING_OR_NULL_ORIGIN"),
        (&[("sec-fetch-site", " ")], "INVALID_EMAIL"),
        (
            &[own, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
            "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
        ),
    ] {
        assert_eq!(verdict(headers), expected, "{headers:?}");
    }
}

#[test]
fn the_error_page_shows_nothing_that_a_browser_would_run() {
    let w = World::new();
    let show =
        |w: &World, query: &str| w.answer(&Browser::new(w).request("GET", &format!("/error?{query}"), &Value::Null));
    let page = show(&w, "error=<b>&error_description=<script>'%22%26");
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, Some("text/html")));
    assert!(text(&page).contains("<code>UNKNOWN</code>") && text(&page).contains("&lt;script&gt;&#39;&quot;&amp;"));
    let w = World::with(&[("ENVIRONMENT", "production")]);
    let home = show(&w, "error=state_mismatch&error_description=a b");
    let location = Some("/?error=state_mismatch&error_description=a+b");
    assert_eq!((home.status.as_u16(), home.header("location")), (302, location));
}

#[test]
fn a_sign_up_with_no_fields_says_all_that_is_missing() {
    let w = World::new();
    let (status, body) = Browser::new(&w).post("/sign-up/email", json!({ "rememberMe": "no" }));
    assert_eq!(status, 400);
    assert_eq!(
        body["message"],
        "[body.name] Invalid input: expected string, received undefined; \
         [body.email] Invalid input: expected string, received undefined; \
         [body.password] Invalid input: expected string, received undefined; \
         [body.rememberMe] Invalid input: expected boolean, received string"
    );
    let mut short = ada();
    short["password"] = json!("1234567");
    assert_eq!(code(Browser::new(&w).post("/sign-up/email", short)), refused(400, "PASSWORD_TOO_SHORT"));
}
