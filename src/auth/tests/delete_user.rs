//! A user deletes himself.
use super::{Browser, ada, calls, code, parsed, races::interrupted, refused};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

fn world() -> World {
    World::with(&[("DELETE_USER", "true")])
}

fn delete(w: &World, who: &str, body: Value) -> (u16, Value) {
    Browser::of(w, who).post("/delete-user", body)
}

const ONLY_OWNER: &str = "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER";

/// Leaves organization `a` with `owner-a` alone as its owner, among others.
const ONE_OWNER: &str = "update member set role = 'admin' where userId = 'u-expired-a'";

/// Files a delete token for the user.
fn token(w: &World, name: &str, user: &str, expires_at: &str) {
    w.db.execute(&format!(
        "insert into verification values
             ('{name}', 'delete-account-{name}', '{user}', '{expires_at}', '{NOW}', '{NOW}')"
    ))
    .unwrap();
}

/// In which `owner-a` has an organization of his own, another session and two delete tokens.
fn rich() -> World {
    let w = world();
    w.db.execute(&format!(
        "insert into organization (id, name, slug, createdAt) values ('o', 'Own', 'own', '{NOW}');
         insert into member values ('own', 'o', 'u-owner-a', 'owner', '{NOW}');
         insert into session (id, token, userId, expiresAt, createdAt, updatedAt)
             values ('s', 'other', 'u-owner-a', '2027-01-01T00:00:00.000Z', '{NOW}', '{NOW}');"
    ))
    .unwrap();
    token(&w, "mine", "u-owner-a", "2027-01-01T00:00:00.000Z");
    token(&w, "other", "u-owner-a", "2027-01-01T00:00:00.000Z");
    w
}

#[test]
fn no_user_is_deleted_where_that_is_turned_off() {
    let w = World::new();
    let before = w.db.dump();
    let request = Browser::of(&w, "owner-b").request("POST", "/delete-user", &json!({}));
    let answer = w.answer(&request);
    assert_eq!((answer.status.as_u16(), answer.body.len()), (404, 0));
    let (status, body) = Browser::of(&w, "owner-b").get("/delete-user/callback?token=x");
    assert_eq!((status, body), (404, json!({ "message": "Not found", "code": "NOT_FOUND" })));
    assert_eq!(w.db.dump(), before);
}

#[test]
fn a_user_goes_with_all_that_is_his_alone_and_nothing_else() {
    let w = world();
    let mut browser = Browser::new(&w);
    let id = browser.post("/sign-up/email", ada()).1["user"]["id"].as_str().unwrap().to_owned();
    browser.post("/sign-in/email", json!({ "email": "ada@ex.co", "password": "password1" }));
    let token = w.db.query(&format!("select token from session where userId = '{id}'")).remove(0);
    w.made(
        &token,
        "/api/datasets",
        json!({ "name": "own", "columns": [{ "name": "a", "type": "text", "nullable": true }] }),
    );
    w.db.execute(&format!(
        "insert into team values ('t', 'T', 2, 'a', '{NOW}', null), ('z', 'Z', 0, 'a', '{NOW}', null);
         insert into teamMember values ('1', 't', '{id}', 'k', '{NOW}'), ('2', 't', 'u-owner-a', 'l', '{NOW}'),
             ('3', 'z', '{id}', null, '{NOW}');
         insert into member values ('m', 'a', '{id}', 'member', '{NOW}');
         insert into invitation values ('i', 'a', 'x@x.co', 'member', null, 'pending', '{NOW}', '{NOW}', '{id}');
         insert into dataset values ('ds_1', 'a', 'shared', null, '[]', '{id}', '{NOW}', '{NOW}');"
    ))
    .unwrap();
    browser.cookies.insert("better-auth.session_data".into(), "x".into());
    let (trips, answer) = calls(&w, || browser.post("/delete-user", json!({})));
    assert_eq!((trips, answer), (2, (200, json!({ "success": true, "message": "User deleted" }))));
    assert!(browser.cookies.is_empty());
    assert!(!w.db.dump().iter().any(|row| row.contains(&id)));
    assert_eq!(w.db.query("select id from organization order by id"), ["a", "b"], "his own went with him");
    assert_eq!(w.db.query("select id, created_by from dataset"), ["ds_1|null"]);
    assert_eq!(w.db.query("select id, memberCount from team order by id"), ["t|1", "z|0"]);
    assert_eq!(w.db.query("select count(*) from session"), ["6"]);
}

#[test]
fn an_old_session_deletes_no_one_without_the_password() {
    let mut w = world();
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let cookies = browser.cookies;
    w.app.now = w.app.now.plus_s(86_400);
    let before = w.db.query("select id from user order by id");
    let mut browser = Browser { world: &w, cookies };
    let mut delete = |body: Value| browser.post("/delete-user", body);
    for (body, refusal) in [
        (json!({}), "SESSION_EXPIRED"),
        (json!({ "password": "" }), "SESSION_EXPIRED"),
        (json!({ "password": "password2" }), "INVALID_PASSWORD"),
        (json!({ "password": "a".repeat(129) }), "PASSWORD_TOO_LONG"),
    ] {
        assert_eq!(code(delete(body)), refused(400, refusal));
    }
    assert_eq!(w.db.query("select id from user order by id"), before);
    assert_eq!(delete(json!({ "password": "password1" })).0, 200);
    assert_eq!(w.db.query("select id from user order by id").len(), before.len() - 1);

    let w = world();
    let none = Browser::of(&w, "owner-b").post("/delete-user", json!({ "password": "password1" }));
    assert_eq!(code(none), refused(400, "CREDENTIAL_ACCOUNT_NOT_FOUND"));
    assert_eq!(code(Browser::new(&w).post("/delete-user", json!({}))), refused(401, "UNAUTHORIZED"));
}

#[test]
fn the_only_owner_of_an_organization_with_other_members_stays() {
    let w = rich();
    w.db.execute(ONE_OWNER).unwrap();
    let before = w.db.dump();
    let (trips, (status, body)) = calls(&w, || delete(&w, "owner-a", json!({})));
    let message = "You cannot leave the organization as the only owner: A";
    assert_eq!((trips, status, body), (1, 400, json!({ "message": message, "code": ONLY_OWNER })));
    assert_eq!(w.db.dump(), before, "the organization that is his alone stays too");

    w.db.execute("update member set role = ' admin, owner' where userId = 'u-admin-a'").unwrap();
    assert_eq!(delete(&w, "owner-a", json!({})).0, 200);
    assert_eq!(w.db.query("select id from organization order by id"), ["a", "b"]);
    w.db.execute("update member set role = 'owners,own er,co owner-x' where userId = 'u-member-a'").unwrap();
    assert_eq!(code(delete(&w, "admin-a", json!({}))), refused(400, ONLY_OWNER));
}

#[test]
fn a_second_owner_is_seen_behind_a_thousand_members() {
    let w = world();
    w.db.execute(ONE_OWNER).unwrap();
    w.db.execute(&format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)
             insert into user select 'u' || i, '', i || '@x.co', 0, null, '{NOW}', '{NOW}' from n;
         insert into member select 'm' || id, 'a', id, iif(id = 'u1000', 'owner', 'member'), '{NOW}' from user
             where id glob 'u[0-9]*';"
    ))
    .unwrap();
    assert_eq!(delete(&w, "owner-a", json!({})).0, 200);
    assert_eq!(w.db.query("select count(*) from member where organizationId = 'a'"), ["1003"]);
}

/// Each script is what another request does between the two round trips.
#[test]
fn nothing_is_deleted_when_something_comes_in_the_way() {
    let other = "delete from member where userId = 'u-expired-a'";
    for (body, script, status, refusal) in [
        (json!({}), other, 400, ONLY_OWNER),
        (json!({}), ONE_OWNER, 400, ONLY_OWNER),
        (json!({}), "update session set expiresAt = '2026-01-01' where token = 'owner-a'", 401, "UNAUTHORIZED"),
        (json!({}), "delete from session where userId = 'u-owner-a'", 401, "UNAUTHORIZED"),
        (json!({ "token": "mine" }), "delete from verification where id = 'mine'", 404, "INVALID_TOKEN"),
    ] {
        let (expected, w) = (rich(), rich());
        expected.db.execute(script).unwrap();
        let answer = interrupted(&w, script, &Browser::of(&w, "owner-a").request("POST", "/delete-user", &body));
        assert_eq!((answer.status.as_u16(), &parsed(&answer)["code"]), (status, &json!(refusal)), "{script}");
        assert_eq!(w.db.dump(), expected.db.dump(), "{script}");
    }
}

#[test]
fn a_password_that_was_changed_meanwhile_deletes_no_one() {
    let w = world();
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let request = browser.request("POST", "/delete-user", &json!({ "password": "password1" }));
    let answer = interrupted(&w, "update account set password = 'another'", &request);
    assert_eq!(parsed(&answer)["code"], "INVALID_PASSWORD");
    assert_eq!(w.db.query("select count(*) from user where email = 'ada@ex.co'"), ["1"]);
}

#[test]
fn a_token_deletes_the_user_it_was_given_to_and_no_one_else() {
    let w = world();
    token(&w, "mine", "u-owner-a", "2027-01-01T00:00:00.000Z");
    token(&w, "old", "u-owner-b", NOW);
    let before = w.db.dump();
    for token in ["mine", "old", "unknown"] {
        assert_eq!(code(delete(&w, "owner-b", json!({ "token": token }))), refused(404, "INVALID_TOKEN"));
        let callback = Browser::of(&w, "owner-b").get(&format!("/delete-user/callback?token={token}"));
        assert_eq!(code(callback), refused(404, "INVALID_TOKEN"));
    }
    assert_eq!(w.db.dump(), before, "it stays good for its own user");
    let (trips, answer) = calls(&w, || delete(&w, "owner-a", json!({ "token": "mine" })));
    assert_eq!((trips, answer.0), (2, 200));
    assert_eq!(w.db.query("select id from verification"), ["old"]);
    assert_eq!(w.db.query("select count(*) from user where id = 'u-owner-a'"), ["0"]);
}

#[test]
fn the_link_deletes_its_reader_and_leads_on_where_it_may() {
    let w = world();
    let mut owner = Browser::of(&w, "owner-b");
    token(&w, "t", "u-owner-b", "2027-01-01T00:00:00.000Z");
    let path = |url: &str| format!("/delete-user/callback?token=t&callbackURL={url}");
    for elsewhere in ["https://evil.co", "//evil.co", "/%255cevil.co"] {
        assert_eq!(code(owner.get(&path(elsewhere))), refused(403, "INVALID_CALLBACK_URL"), "{elsewhere}");
    }
    assert_eq!(code(Browser::new(&w).get(&path("/bye"))), refused(404, "FAILED_TO_GET_USER_INFO"));
    assert_eq!(code(owner.get("/delete-user/callback")), refused(400, "VALIDATION_ERROR"));
    let request = owner.request("GET", &path("/bye"), &Value::Null);
    let (trips, answer) = calls(&w, || owner.answer(&request));
    assert_eq!((trips, answer.status.as_u16(), answer.header("location")), (2, 302, Some("/bye")));
    assert!(owner.cookies.is_empty());
    assert_eq!(w.db.query("select count(*) from organization where id = 'b'"), ["0"]);

    token(&w, "t", "u-admin-a", "2027-01-01T00:00:00.000Z");
    let answer = Browser::of(&w, "admin-a").get("/delete-user/callback?token=t");
    assert_eq!(answer, (200, json!({ "success": true, "message": "User deleted" })));
}

#[test]
fn with_verification_a_mail_leads_to_the_deletion() {
    let mut w = World::with(&[("DELETE_USER", "true"), ("DELETE_USER_VERIFICATION", "true")]);
    let (trips, answer) = calls(&w, || delete(&w, "owner-b", json!({ "callbackURL": "/bye" })));
    assert_eq!((trips, answer), (2, (200, json!({ "success": true, "message": "Verification email sent" }))));
    let link = super::mails::link(&w, "owner-b@x.co");
    let (_, token) =
        link.strip_suffix("&callbackURL=%2Fbye").unwrap().split_once("/delete-user/callback?token=").unwrap();
    assert!(token.len() == 32 && token.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()), "{token}");
    let mut browser = Browser::of(&w, "owner-b");
    let request = browser.request("GET", &link, &Value::Null);
    assert_eq!(browser.answer(&request).header("location"), Some("/bye"));
    assert_eq!(w.db.query("select count(*) from user where id = 'u-owner-b'"), ["0"]);

    w.app.mailer = None;
    assert_eq!(code(delete(&w, "owner-a", json!({}))), refused(500, "MISCONFIGURED"));
    assert_eq!(w.db.query("select count(*) from user where id = 'u-owner-a'"), ["1"]);
}

#[test]
fn where_a_mail_is_asked_for_no_one_is_deleted_without_it() {
    let vars = [("DELETE_USER", "true"), ("DELETE_USER_VERIFICATION", "true"), ("DELETE_TOKEN_EXPIRES_IN", "7200")];
    let w = World::with(&vars);
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let count =
        |w: &World| w.db.query("select count(*) from user where email in ('ada@ex.co', 'owner-a@x.co')").remove(0);
    let mut ask =
        |password: &str| browser.post("/delete-user", json!({ "callbackURL": "/bye?a=b", "password": password }));
    assert_eq!(code(ask("password2")), refused(400, "INVALID_PASSWORD"));
    let (trips, answer) = calls(&w, || ask("password1"));
    assert_eq!((trips, answer), (2, (200, json!({ "success": true, "message": "Verification email sent" }))));
    assert_eq!((count(&w), w.mails("ada@ex.co").len()), ("2".into(), 1));
    let link = super::mails::link(&w, "ada@ex.co");
    assert!(
        link.starts_with("/delete-user/callback?token=") && link.ends_with("&callbackURL=%2Fbye%3Fa%3Db"),
        "{link}"
    );
    assert_eq!(w.db.query("select expiresAt from verification"), ["2026-01-02T05:04:05.678Z"]);
    assert_eq!(code(Browser::of(&w, "owner-a").get(&link)), refused(404, "INVALID_TOKEN"));
    let request = browser.request("GET", &link, &Value::Null);
    assert_eq!(browser.answer(&request).header("location"), Some("/bye?a=b"));
    assert_eq!(count(&w), "1");

    w.db.execute(ONE_OWNER).unwrap();
    assert_eq!(code(delete(&w, "owner-a", json!({}))), refused(400, ONLY_OWNER));
    assert!(w.mails("owner-a@x.co").is_empty(), "no link that would not work");

    let mut w = World::with(&vars);
    w.app.mailer = None;
    assert_eq!(code(delete(&w, "owner-a", json!({}))), refused(500, "MISCONFIGURED"));
    assert_eq!(count(&w), "1");
}

#[test]
fn deleting_oneself_is_no_way_to_guess_a_password() {
    let w = world();
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    w.db.execute(
        "insert into rateLimit select 'r', 'password:' || id, 101, 1767323045678 from user where email = 'ada@ex.co'",
    )
    .unwrap();
    let right = browser.post("/delete-user", json!({ "password": "password1" }));
    assert_eq!(code(right), refused(400, "INVALID_PASSWORD"));
}
