//! Sessions: found, renewed, ended.
use super::{Browser, calls, code, cookies, parsed, refused, text};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

const DAY_S: i64 = 86_400;

#[test]
fn a_session_is_shown_as_the_reference_shows_it_and_never_stored_by_caches() {
    let w = World::new();
    let request = Browser::of(&w, "owner-a").request("GET", "/get-session", &Value::Null);
    let (trips, response) = calls(&w, || w.answer(&request));
    assert_eq!(trips, 1);
    assert_eq!(
        text(&response),
        format!(
            r#"{{"session":{{"expiresAt":"2027-01-01T00:00:00.000Z","token":"owner-a","createdAt":"{NOW}","updatedAt":"{NOW}","ipAddress":null,"userAgent":null,"userId":"u-owner-a","activeOrganizationId":"a","activeTeamId":null,"id":"s-owner-a"}},"user":{{"name":"owner-a","email":"owner-a@x.co","emailVerified":false,"image":null,"createdAt":"{NOW}","updatedAt":"{NOW}","id":"u-owner-a"}}}}"#
        )
    );
    assert_eq!((response.header("cache-control"), response.header("pragma")), (Some("no-store"), Some("no-cache")));
    assert!(cookies(&response).is_empty());
}

#[test]
fn no_session_is_null_and_a_dead_one_clears_its_cookies_and_its_row() {
    let w = World::new();
    let mut nobody = Browser::new(&w);
    let request = nobody.request("GET", "/get-session", &Value::Null);
    let (trips, response) = calls(&w, || nobody.answer(&request));
    assert_eq!((trips, text(&response), cookies(&response).len()), (0, "null", 0));

    let mut late = Browser::of(&w, "expired-a");
    let request = late.request("GET", "/get-session", &Value::Null);
    let (trips, response) = calls(&w, || late.answer(&request));
    assert_eq!((trips, text(&response)), (2, "null"));
    let cleared = |name: &str| format!("better-auth.{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!(cookies(&response), ["session_token", "session_data", "dont_remember"].map(cleared));
    assert_eq!(w.db.query("select count(*) from session where token = 'expired-a'"), ["0"]);

    assert_eq!(code(Browser::of(&w, "unknown").get("/list-sessions")), refused(401, "UNAUTHORIZED"));
}

#[test]
fn a_forged_or_foreign_cookie_is_no_session() {
    let w = World::new();
    let mut browser = Browser::new(&w);
    for value in ["owner-a", "owner-a.", "owner-a.AAAA", "owner-a.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D"] {
        browser.cookies.insert("better-auth.session_token".into(), value.into());
        assert_eq!(browser.get("/get-session"), (200, Value::Null), "{value}");
    }
}

#[test]
fn a_copy_of_the_session_that_we_did_not_make_is_expired() {
    let w = World::new();
    let mut browser = Browser::of(&w, "owner-a");
    browser.cookies.insert("better-auth.session_data".into(), "x".into());
    assert_eq!(browser.get("/get-session").1["user"]["id"], "u-owner-a");
    assert!(!browser.cookies.contains_key("better-auth.session_data"));
}

#[test]
fn a_session_is_renewed_when_a_day_of_it_is_used_by_whatever_endpoint() {
    for (method, path, body) in [
        ("GET", "/get-session", Value::Null),
        ("GET", "/organization/list", Value::Null),
        ("POST", "/revoke-session", json!({ "token": "another" })),
        ("POST", "/revoke-other-sessions", Value::Null),
    ] {
        let mut w = World::new();
        w.db.execute("update session set expiresAt = '2026-01-08T03:04:05.678Z' where token = 'owner-a'").unwrap();
        w.app.now = NOW.parse::<crate::time::Timestamp>().unwrap().plus_s(-1);
        let request = Browser::of(&w, "owner-a").request(method, path, &body);
        let (trips, response) = calls(&w, || w.answer(&request));
        assert_eq!((trips, cookies(&response).len()), (1, 0), "a second too early");

        w.app.now = NOW.parse().unwrap();
        let (trips, response) = calls(&w, || w.answer(&request));
        assert_eq!(trips, 2);
        assert!(cookies(&response)[0].contains("; Max-Age=604800;") && response.header("set-auth-token").is_some());
        let row = w.db.query("select expiresAt, updatedAt from session where token = 'owner-a'");
        assert_eq!(row, [format!("2026-01-09T03:04:05.678Z|{NOW}")]);
        assert_eq!(calls(&w, || w.answer(&request)).0, 1, "once");
    }
}

#[test]
fn a_session_is_not_renewed_for_who_wants_to_be_forgotten_or_asks_for_it() {
    let w = World::new();
    w.db.execute("update session set expiresAt = '2026-01-03T00:00:00.000Z' where token = 'owner-a'").unwrap();
    let mut browser = Browser::of(&w, "owner-a");
    assert_eq!(calls(&w, || browser.get("/get-session?disableRefresh=false")).0, 1);
    let forget = crate::api::cookie::sign("true", &w.app.config.secret);
    browser.cookies.insert("better-auth.dont_remember".into(), forget);
    assert_eq!(calls(&w, || browser.get("/get-session")).0, 1);
    assert_eq!(w.db.query("select expiresAt from session where token = 'owner-a'"), ["2026-01-03T00:00:00.000Z"]);

    let request = browser.request("POST", "/update-user", &json!({ "name": "A" }));
    let set = browser.answer(&request);
    assert_eq!(cookies(&set).len(), 2);
    assert!(cookies(&set).iter().all(|cookie| !cookie.contains("Max-Age")), "the choice is inherited");
}

#[test]
fn a_bearer_token_is_a_session_without_cookies_and_without_an_origin() {
    let w = World::new();
    let signed = crate::api::cookie::signed("owner-a", &w.app.config.secret);
    let encoded = crate::api::cookie::sign("owner-a", &w.app.config.secret);
    let answer = |authorization: &str, cookies: bool| {
        let browser = if cookies { Browser::of(&w, "owner-b") } else { Browser::new(&w) };
        let mut request = browser.request("GET", "/get-session", &Value::Null);
        request.headers.push(("authorization".into(), authorization.into()));
        parsed(&w.answer(&request))["user"]["id"].as_str().map(str::to_owned)
    };
    for good in ["Bearer owner-a", "bearer  owner-a ", &format!("BEARER {signed}"), &format!("Bearer {encoded}")] {
        assert_eq!(answer(good, true).as_deref(), Some("u-owner-a"), "{good}");
    }
    let unpadded = format!("Bearer {}", signed.trim_end_matches('='));
    assert_eq!(answer(&unpadded, false), None);
    assert_eq!(answer("Bearer owner-a.forged", true).as_deref(), Some("u-owner-b"), "a wrong signature is ignored");
    assert_eq!(answer("Bearer unknown", true), None, "an unknown token overrides a good cookie");

    let mut request = Browser::new(&w).request("POST", "/sign-out", &json!({}));
    request.headers.retain(|(name, _)| name != "origin");
    request.headers.push(("authorization".into(), "Bearer owner-a".into()));
    assert_eq!(w.answer(&request).status.as_u16(), 200);
    assert_eq!(answer("Bearer owner-a", false), None);
}

/// Three sessions of one user.
fn three(w: &World) {
    for n in [1, 2] {
        w.db.execute(&format!(
            "insert into session (id, token, userId, expiresAt, createdAt, updatedAt)
             values ('s{n}', 'more-{n}', 'u-owner-a', '2027-01-01T00:00:00.000Z', '{NOW}', '{NOW}')"
        ))
        .unwrap();
    }
}

fn tokens(w: &World) -> Vec<String> {
    w.db.query("select token from session where userId in ('u-owner-a', 'u-owner-b') order by token")
}

#[test]
fn one_session_of_ones_own_is_revoked_and_no_one_elses() {
    let w = World::new();
    three(&w);
    let mut owner = Browser::of(&w, "owner-a");
    for token in ["owner-b", "unknown"] {
        let (trips, answer) = calls(&w, || owner.post("/revoke-session", json!({ "token": token })));
        assert_eq!((trips, answer), (1, (200, json!({ "status": true }))));
    }
    assert_eq!(tokens(&w).len(), 4);
    owner.post("/revoke-session", json!({ "token": "more-1" }));
    assert_eq!(tokens(&w), ["more-2", "owner-a", "owner-b"]);
    assert!(!owner.cookies.is_empty());
    owner.post("/revoke-session", json!({ "token": "owner-a" }));
    assert!(owner.cookies.is_empty(), "his own clears his cookies");
}

#[test]
fn a_session_that_is_over_revokes_nothing() {
    for path in ["/revoke-session", "/revoke-sessions", "/revoke-other-sessions"] {
        let w = World::new();
        three(&w);
        w.db.execute(&format!("update session set expiresAt = '{NOW}' where token = 'owner-a'")).unwrap();
        let late = Browser::of(&w, "owner-a").post(path, json!({ "token": "more-2" }));
        assert_eq!(
            (code(late), tokens(&w)),
            (refused(401, "UNAUTHORIZED"), vec!["more-1".into(), "more-2".into(), "owner-b".into()])
        );
    }
}

#[test]
fn all_or_all_other_sessions_are_revoked_in_one_round_trip() {
    let w = World::new();
    three(&w);
    let mut owner = Browser::of(&w, "owner-a");
    let (trips, answer) = calls(&w, || owner.post("/revoke-other-sessions", Value::Null));
    assert_eq!((trips, answer.0, tokens(&w)), (1, 200, vec!["owner-a".to_owned(), "owner-b".to_owned()]));
    let (trips, answer) = calls(&w, || owner.post("/revoke-sessions", Value::Null));
    assert_eq!((trips, answer.0, tokens(&w)), (1, 200, vec!["owner-b".to_owned()]));
    assert!(owner.cookies.is_empty());
}

#[test]
fn sessions_are_listed_for_who_signed_in_today_only() {
    let mut w = World::new();
    three(&w);
    let (trips, (status, list)) = calls(&w, || Browser::of(&w, "owner-a").get("/list-sessions"));
    assert_eq!((trips, status), (1, 200));
    let listed: Vec<_> = list.as_array().unwrap().iter().map(|session| session["token"].as_str().unwrap()).collect();
    assert_eq!(listed, ["owner-a", "more-1", "more-2"]);
    w.app.now = w.app.now.plus_s(DAY_S);
    assert_eq!(code(Browser::of(&w, "owner-a").get("/list-sessions")), refused(403, "SESSION_NOT_FRESH"));
}

#[test]
fn post_get_session_is_405() {
    let w = World::new();
    let answer = Browser::of(&w, "owner-a").post("/get-session", json!({}));
    assert_eq!(code(answer), refused(405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED"));
}

#[test]
fn a_user_changes_his_name_and_picture_and_nothing_else() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    let (trips, answer) = calls(&w, || owner.post("/update-user", json!({ "name": "O", "image": "https://x.co/o" })));
    assert_eq!((trips, answer), (1, (200, json!({ "status": true }))));
    let sent = json!({ "image": null, "emailVerified": true, "id": "x" });
    assert_eq!(owner.post("/update-user", sent).0, 200);
    let row = w.db.query("select id, name, emailVerified, image from user where id = 'u-owner-a'");
    assert_eq!(row, ["u-owner-a|O|0|null"]);

    assert_eq!(
        code(owner.post("/update-user", json!({ "name": "X", "email": "x@x.co" }))),
        refused(400, "EMAIL_CAN_NOT_BE_UPDATED")
    );
    assert_eq!(owner.post("/update-user", json!({ "id": "x" })), (400, json!({ "message": "No fields to update" })));
    assert_eq!(
        owner.post("/update-user", json!([])).1["message"],
        "[body] Invalid input: expected record, received array"
    );
    assert_eq!(code(owner.post("/update-user", json!({ "name": 7 }))), refused(400, "VALIDATION_ERROR"));
    assert_eq!(code(Browser::new(&w).post("/update-user", json!({ "name": "X" }))), refused(401, "UNAUTHORIZED"));
    assert_eq!(
        code(Browser::of(&w, "expired-a").post("/update-user", json!({ "name": "X" }))),
        refused(401, "UNAUTHORIZED")
    );
    assert_eq!(w.db.query("select count(*) from user where name = 'X'"), ["0"]);
}
