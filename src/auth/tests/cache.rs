//! The cookie cache: what the browser's copy may answer, and when it must not.
use super::{Browser, ada, calls, cookies, parsed};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

const DATA: &str = "better-auth.session_data";

fn world() -> World {
    World::with(&[("COOKIE_CACHE", "compact")])
}

fn active(browser: &mut Browser<'_>) -> Value {
    browser.get("/get-session").1["session"]["activeOrganizationId"].clone()
}

#[test]
fn a_copy_answers_get_session_without_the_database() {
    for strategy in ["compact", "jwt", "jwe"] {
        let w = World::with(&[("COOKIE_CACHE", strategy), ("COOKIE_CACHE_MAX_AGE", "60")]);
        let mut owner = Browser::of(&w, "owner-a");
        let request = owner.request("GET", "/get-session", &Value::Null);
        let (trips, first) = calls(&w, || owner.answer(&request));
        assert_eq!(trips, 1);
        let [line] = cookies(&first)[..] else { panic!("{strategy}: one cookie") };
        assert!(line.starts_with(DATA) && line.ends_with("; Max-Age=60; Path=/; HttpOnly; SameSite=Lax"), "{line}");

        let request = owner.request("GET", "/get-session", &Value::Null);
        let (trips, second) = calls(&w, || owner.answer(&request));
        assert_eq!((trips, cookies(&second).len()), (0, 0));
        assert_eq!((parsed(&second), second.header("cache-control")), (parsed(&first), Some("no-store")));

        let asked = calls(&w, || owner.get("/get-session?disableCookieCache=false"));
        assert_eq!((asked.0, asked.1.1), (1, parsed(&first)), "any text forbids it");
    }
}

#[test]
fn every_sign_in_and_change_hands_out_a_copy_that_is_true() {
    let w = world();
    let mut browser = Browser::new(&w);
    let change = json!({ "currentPassword": "password1", "newPassword": "password2", "revokeOtherSessions": true });
    for (path, body, trips) in [
        ("/sign-up/email", ada(), 0),
        ("/sign-in/email", json!({ "email": "ada@ex.co", "password": "password1" }), 0),
        ("/update-user", json!({ "name": "Countess" }), 0),
        ("/organization/create", json!({ "name": "Acme", "slug": "acme" }), 0),
        ("/organization/set-active", json!({ "organizationId": null }), 0),
        ("/organization/set-active", json!({ "organizationSlug": "acme" }), 0),
        ("/change-password", change, 0),
        ("/revoke-other-sessions", Value::Null, 1),
    ] {
        assert_eq!(browser.post(path, body).0, 200, "{path}");
        let (cost, (_, copied)) = calls(&w, || browser.get("/get-session"));
        assert_eq!(cost, trips, "{path}");
        let (_, read) = browser.get("/get-session?disableCookieCache=1");
        assert_eq!(copied, read, "{path}");
    }
}

/// The reference leaves the old copy in place for up to its whole life.
#[test]
fn what_a_request_changes_is_seen_by_the_very_next_get_session() {
    let w = world();
    let mut owner = Browser::of(&w, "owner-a");
    assert_eq!(active(&mut owner), "a");
    assert_eq!(owner.post("/organization/delete", json!({ "organizationId": "a" })).0, 200);
    assert!(!owner.cookies.contains_key(DATA), "the copy went with the organization");
    assert_eq!(active(&mut owner), Value::Null);

    // A refusal that changes the session, too.
    let mut removed = Browser::of(&w, "owner-b");
    assert_eq!(active(&mut removed), "b");
    w.db.execute("delete from member where userId = 'u-owner-b'").unwrap();
    assert_eq!(removed.get("/organization/get-full-organization").0, 403);
    assert_eq!(active(&mut removed), Value::Null);
}

#[test]
fn what_changes_nothing_leaves_the_copy_alone() {
    let w = world();
    let mut owner = Browser::of(&w, "owner-a");
    owner.get("/get-session");
    let copy = owner.cookies[DATA].clone();
    for (method, path, body) in [
        ("GET", "/organization/list", Value::Null),
        ("POST", "/organization/check-slug", json!({ "slug": "free" })),
        ("POST", "/update-user", json!({})),
    ] {
        owner.send(method, path, body);
        assert_eq!(owner.cookies.get(DATA), Some(&copy), "{path}");
    }
}

#[test]
fn a_copy_gives_no_authority() {
    let w = world();
    let mut owner = Browser::of(&w, "owner-a");
    owner.get("/get-session");
    w.db.execute("delete from session where token = 'owner-a'").unwrap();
    assert_eq!(calls(&w, || owner.get("/get-session").0), (0, 200));
    let kept = owner.cookies.clone();
    for (method, path, body) in [
        ("GET", "/organization/list", Value::Null),
        ("GET", "/list-sessions", Value::Null),
        ("POST", "/update-user", json!({ "name": "X" })),
    ] {
        owner.cookies.clone_from(&kept);
        assert_eq!(owner.send(method, path, body).0, 401, "{path}");
        assert!(owner.cookies.is_empty(), "{path}: and it goes with the session");
    }
}

#[test]
fn a_copy_is_of_one_session_and_goes_when_it_is_altered_or_over() {
    let mut w = world();
    let copy = {
        let mut owner = Browser::of(&w, "owner-a");
        owner.get("/get-session");
        owner.cookies[DATA].clone()
    };
    for (who, value) in [("owner-b", copy.clone()), ("owner-a", copy.replace("eyJ", "eyK")), ("owner-a", "x".into())] {
        let mut browser = Browser::of(&w, who);
        browser.cookies.insert(DATA.into(), value);
        let (trips, (_, answer)) = calls(&w, || browser.get("/get-session"));
        assert_eq!((trips, &answer["session"]["token"]), (1, &json!(who)));
        assert_eq!(calls(&w, || browser.get("/get-session").0), (0, 200), "a good one in its place");
    }
    w.app.now = w.app.now.plus_s(300);
    let mut late = Browser::of(&w, "owner-a");
    late.cookies.insert(DATA.into(), copy);
    assert_eq!(calls(&w, || late.get("/get-session").0), (1, 200));
}

#[test]
fn who_wants_to_be_forgotten_has_a_copy_that_ends_with_the_browser() {
    for (strategy, lasts_s) in [("compact", 60), ("jwt", 300), ("jwe", 300)] {
        let mut w = World::with(&[("COOKIE_CACHE", strategy), ("COOKIE_CACHE_MAX_AGE", "3600")]);
        w.app.now = "2026-01-02T03:04:05.000Z".parse().unwrap();
        let (cookie, lines) = {
            let mut browser = Browser::new(&w);
            let mut account = ada();
            account["rememberMe"] = json!(false);
            let request = browser.request("POST", "/sign-up/email", &account);
            let answer = browser.answer(&request);
            (browser.cookies.clone(), cookies(&answer).into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        let names: Vec<_> = lines.iter().map(|line| line.split('=').next().unwrap()).collect();
        assert_eq!(names, ["better-auth.session_token", "better-auth.dont_remember", DATA]);
        assert!(lines.iter().all(|line| !line.contains("Max-Age")), "{lines:?}");
        for (after_s, trips) in [(lasts_s - 1, 0), (1, 1)] {
            w.app.now = w.app.now.plus_s(after_s);
            let mut browser = Browser { world: &w, cookies: cookie.clone() };
            assert_eq!(calls(&w, || browser.get("/get-session").0), (trips, 200), "{strategy}");
        }
    }
}

#[test]
fn a_long_copy_goes_in_chunks_and_leaves_none_behind() {
    let w = world();
    let mut owner = Browser::of(&w, "owner-a");
    let names = |owner: &Browser<'_>| -> Vec<String> {
        owner.cookies.keys().filter(|name| name.starts_with(DATA)).cloned().collect()
    };
    let picture = |bytes: usize| json!({ "image": format!("data:{}", "x".repeat(bytes)) });
    for (bytes, expected) in [
        (6000, vec![".0", ".1", ".2"]),
        (3500, vec![".0", ".1"]),
        (10, vec![""]),
        (6000, vec![".0", ".1", ".2"]),
        // Too long to be sent back: the database answers.
        (60_000, vec![]),
    ] {
        assert_eq!(owner.post("/update-user", picture(bytes)).0, 200);
        let expected: Vec<_> = expected.into_iter().map(|suffix| format!("{DATA}{suffix}")).collect();
        assert_eq!(names(&owner), expected, "{bytes}");
        let (trips, (_, answer)) = calls(&w, || owner.get("/get-session"));
        assert_eq!(trips, usize::from(expected.is_empty()));
        assert_eq!(answer["user"]["image"].as_str().unwrap().len(), bytes + 5);
    }
    owner.post("/update-user", picture(6000));
    assert_eq!(owner.post("/sign-out", json!({})).0, 200);
    assert!(owner.cookies.is_empty(), "every chunk is cleared");
}

#[test]
fn with_the_cache_off_a_copy_and_its_chunks_are_expired() {
    let w = World::new();
    for names in [vec![DATA.to_owned()], vec![format!("{DATA}.0"), format!("{DATA}.1")]] {
        let mut browser = Browser::of(&w, "owner-a");
        browser.cookies.extend(names.into_iter().map(|name| (name, "x".to_owned())));
        browser.cookies.insert(format!("{DATA}.01"), "no chunk".into());
        assert_eq!(browser.get("/get-session").1["user"]["id"], "u-owner-a");
        assert_eq!(browser.cookies.len(), 2, "{:?}", browser.cookies);
    }
}

#[test]
fn a_session_that_is_renewed_has_a_copy_of_its_new_end() {
    let w = world();
    w.db.execute("update session set expiresAt = '2026-01-03T00:00:00.000Z' where token = 'owner-a'").unwrap();
    let mut owner = Browser::of(&w, "owner-a");
    assert_eq!(calls(&w, || owner.get("/get-session").0), (2, 200));
    let (trips, (_, answer)) = calls(&w, || owner.get("/get-session"));
    assert_eq!((trips, &answer["session"]["updatedAt"]), (0, &json!(NOW)));
    assert_eq!(answer["session"]["expiresAt"], "2026-01-09T03:04:05.678Z");
}
