//! The ways in which a user signs in, and his password asked again.
use super::{Browser, ada, calls, code, races::interrupted, refused, text};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

/// Gives `owner-a` accounts of these ids, with every secret that an account may have.
fn linked(w: &World, ids: &[&str]) {
    for id in ids {
        w.db.execute(&format!(
            "insert into account (id, accountId, providerId, userId, accessToken, refreshToken, idToken, scope, password,
                 createdAt, updatedAt)
             values ('{id}', 'p-{id}', 'github', 'u-owner-a', 'SECRET', 'SECRET', 'SECRET', 'openid, email,', 'SECRET',
                 '{NOW}', '{NOW}')"
        ))
        .unwrap();
    }
}

fn accounts(w: &World) -> Vec<String> {
    w.db.query("select id from account order by id")
}

#[test]
fn accounts_are_listed_without_their_secrets_to_their_user_alone() {
    let w = World::new();
    linked(&w, &["one"]);
    let request = Browser::of(&w, "owner-a").request("GET", "/list-accounts", &Value::Null);
    let (trips, response) = calls(&w, || w.answer(&request));
    assert_eq!(trips, 1);
    let expected = format!(
        r#"[{{"accountId":"p-one","providerId":"github","userId":"u-owner-a","createdAt":"{NOW}","updatedAt":"{NOW}","id":"one","scopes":["openid","email"]}}]"#
    );
    assert_eq!(text(&response), expected);
    assert_eq!(Browser::of(&w, "owner-b").get("/list-accounts"), (200, json!([])));
    assert_eq!(code(Browser::new(&w).get("/list-accounts")), refused(401, "UNAUTHORIZED"));

    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    assert_eq!(browser.get("/list-accounts").1[0]["scopes"], json!([]));
}

#[test]
fn an_account_is_unlinked_by_its_user_alone_and_never_the_last() {
    let w = World::new();
    let unlink = |who: &str, id: &str| code(Browser::of(&w, who).post("/unlink-account", json!({ "accountId": id })));
    assert_eq!(unlink("owner-a", "one"), refused(400, "ACCOUNT_NOT_FOUND"));
    linked(&w, &["one", "two"]);
    assert_eq!(unlink("owner-b", "one"), refused(400, "ACCOUNT_NOT_FOUND"));
    assert_eq!(unlink("owner-a", "p-one"), refused(400, "ACCOUNT_NOT_FOUND"));
    assert_eq!(accounts(&w), ["one", "two"]);
    let (trips, answer) =
        calls(&w, || Browser::of(&w, "owner-a").post("/unlink-account", json!({ "accountId": "one" })));
    assert_eq!((trips, answer), (2, (200, json!({ "status": true }))));
    for id in ["two", "unknown"] {
        assert_eq!(unlink("owner-a", id), refused(400, "FAILED_TO_UNLINK_LAST_ACCOUNT"), "{id}");
    }
    assert_eq!(accounts(&w), ["two"]);

    let w = World::with(&[("ALLOW_UNLINKING_ALL", "true")]);
    linked(&w, &["one"]);
    assert_eq!(Browser::of(&w, "owner-a").post("/unlink-account", json!({ "accountId": "one" })).0, 200);
    assert_eq!(accounts(&w), [""; 0]);
}

#[test]
fn two_unlinks_at_once_leave_one_account() {
    let w = World::new();
    linked(&w, &["one", "two"]);
    let request = Browser::of(&w, "owner-a").request("POST", "/unlink-account", &json!({ "accountId": "one" }));
    let answer = interrupted(&w, "delete from account where id = 'two'", &request);
    assert_eq!(super::parsed(&answer)["code"], "FAILED_TO_UNLINK_LAST_ACCOUNT");
    assert_eq!(accounts(&w), ["one"]);
}

#[test]
fn a_session_that_is_revoked_meanwhile_or_is_old_unlinks_nothing() {
    let mut w = World::new();
    linked(&w, &["one", "two"]);
    w.app.now = w.app.now.plus_s(86_400);
    let old = Browser::of(&w, "owner-a").post("/unlink-account", json!({ "accountId": "one" }));
    assert_eq!(code(old), refused(403, "SESSION_NOT_FRESH"));

    let w = World::new();
    linked(&w, &["one", "two"]);
    let request = Browser::of(&w, "owner-a").request("POST", "/unlink-account", &json!({ "accountId": "one" }));
    assert_eq!(interrupted(&w, "delete from session where token = 'owner-a'", &request).status.as_u16(), 400);
    assert_eq!(accounts(&w), ["one", "two"]);
}

#[test]
fn a_password_is_verified_for_its_user_and_bounded_before_it_is_hashed() {
    let w = World::new();
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let mut verify = |password: &str| browser.post("/verify-password", json!({ "password": password }));
    let (trips, answer) = calls(&w, || verify("password1"));
    assert_eq!((trips, answer), (2, (200, json!({ "status": true }))), "and the count of attempts ends");
    assert_eq!(code(verify("password2")), refused(400, "INVALID_PASSWORD"));
    assert_eq!(code(verify("")), refused(400, "INVALID_PASSWORD"));
    assert_eq!(code(verify(&"a".repeat(129))), refused(400, "PASSWORD_TOO_LONG"));
    let verify = |who: &str| code(Browser::of(&w, who).post("/verify-password", json!({ "password": "password1" })));
    assert_eq!(verify("owner-a"), refused(400, "INVALID_PASSWORD"), "who has none is told no more");
    assert_eq!(verify("expired-a"), refused(401, "UNAUTHORIZED"));
}

#[test]
fn the_active_organization_is_not_set_past_its_own_endpoint() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    let mut update = |body: Value| owner.post("/update-session", body);
    let before = w.db.dump();
    for field in ["activeOrganizationId", "activeTeamId"] {
        let (status, body) = update(json!({ "token": "x", field: "b" }));
        let message = format!("{field} is not allowed to be set");
        assert_eq!((status, body), (400, json!({ "message": message, "code": "FIELD_NOT_ALLOWED" })));
    }
    for nothing in [json!({}), json!({ "activeTeamId": null, "token": "x", "expiresAt": NOW, "userId": "u-owner-b" })] {
        assert_eq!(update(nothing), (400, json!({ "message": "No fields to update" })));
    }
    assert_eq!(update(json!([])).1["message"], "[body] Invalid input: expected record, received array");
    assert_eq!(code(Browser::new(&w).post("/update-session", json!({}))), refused(401, "UNAUTHORIZED"));
    assert_eq!(w.db.dump(), before);
}
