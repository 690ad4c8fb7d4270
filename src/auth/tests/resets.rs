//! Passwords that are reset by a link in a mail.
use super::{Browser, ada, calls, code, mails::link, races::interrupted, refused};
use crate::{house::world::World, id::UserId};
use serde_json::{Value, json};

const ADA: &str = "ada@ex.co";

fn signed_up<'a>(w: &'a World) -> Browser<'a> {
    let mut browser = Browser::new(w);
    assert_eq!(browser.post("/sign-up/email", ada()).0, 200);
    browser
}

fn request(w: &World, email: &str) -> (u16, Value) {
    Browser::new(w).post("/request-password-reset", json!({ "email": email, "redirectTo": "/r?x=1#f" }))
}

/// A fresh token of Ada's.
fn token(w: &World) -> String {
    request(w, ADA);
    let link = link(w, ADA);
    link.strip_prefix("/reset-password/").unwrap().split_once('?').unwrap().0.to_owned()
}

fn reset(w: &World, token: &str, password: &str) -> (u16, Value) {
    Browser::new(w).post("/reset-password", json!({ "newPassword": password, "token": token }))
}

fn signs_in(w: &World, password: &str) -> bool {
    Browser::new(w).post("/sign-in/email", json!({ "email": ADA, "password": password })).0 == 200
}

fn location(w: &World, path: &str) -> String {
    let mut browser = Browser::new(w);
    let request = browser.request("GET", path, &Value::Null);
    let response = browser.answer(&request);
    assert_eq!((response.status.as_u16(), response.header("content-type")), (302, Some("application/json")), "{path}");
    response.header("location").unwrap().to_owned()
}

#[test]
fn a_reset_tells_no_one_whether_an_address_exists() {
    let w = World::new();
    signed_up(&w);
    let known = calls(&w, || request(&w, "ADA@ex.co"));
    let unknown = calls(&w, || request(&w, "nobody@ex.co"));
    assert_eq!(known, unknown, "one answer, one round trip");
    let message = "If this email exists in our system, check your email for the reset link";
    assert_eq!(known, (1, (200, json!({ "status": true, "message": message }))));
    assert_eq!((w.mails(ADA).len(), w.mails("nobody@ex.co").len()), (1, 0));
    assert_eq!(w.db.query("select count(*) from verification"), ["1"]);
}

/// An address is compared as it is stored, in ASCII: nothing that merely looks or sorts like it gets its mail.
#[test]
fn a_reset_goes_to_the_very_address_and_to_none_that_resembles_it() {
    let w = World::new();
    signed_up(&w);
    for email in ["ada@ex.co ", "àda@ex.co", "ada@ｅx.co", "ada@ex.co,eve@ex.co", "ada@ex.co\r\nBcc: eve@ex.co"] {
        assert_eq!(code(request(&w, email)), refused(400, "VALIDATION_ERROR"), "{email}");
    }
    let list = json!({ "email": [ADA, "eve@ex.co"] });
    assert_eq!(Browser::new(&w).post("/request-password-reset", list).0, 400);
    assert!(w.mails(ADA).is_empty() && w.mails("eve@ex.co").is_empty());
}

#[test]
fn a_link_leads_to_the_page_with_its_token_as_long_as_that_counts() {
    let mut w = World::with(&[("BETTER_AUTH_TRUSTED_ORIGINS", "https://app.co, myapp://")]);
    signed_up(&w);
    let token = token(&w);
    assert_eq!(link(&w, ADA), format!("/reset-password/{token}?callbackURL=%2Fr%3Fx%3D1%23f"));
    assert!(token.len() == 24 && token.chars().all(|c| c.is_ascii_alphanumeric()));
    for (callback, leads) in [
        ("/r%3Fx%3D1%23f", format!("http://localhost:8787/r?x=1&token={token}#f")),
        ("https://app.co", format!("https://app.co/?token={token}")),
        ("https://app.co/r", format!("https://app.co/r?token={token}")),
        ("myapp://reset", format!("myapp://reset?token={token}")),
    ] {
        assert_eq!(location(&w, &format!("/reset-password/{token}?callbackURL={callback}")), leads);
    }
    let invalid = "http://localhost:8787/r?error=INVALID_TOKEN";
    assert_eq!(location(&w, "/reset-password/unknown?callbackURL=/r"), invalid);
    let nowhere = location(&w, &format!("/reset-password/{token}?callbackURL="));
    assert_eq!(nowhere, "http://localhost:8787/api/auth/error?error=INVALID_TOKEN");
    let mut browser = Browser::new(&w);
    let evil = format!("/reset-password/{token}?callbackURL=https://evil.co");
    assert_eq!(code(browser.get(&evil)), refused(403, "INVALID_CALLBACK_URL"));
    assert_eq!(code(browser.get(&format!("/reset-password/{token}"))), refused(400, "VALIDATION_ERROR"));
    assert_eq!(browser.get("/reset-password/").0, 404);
    w.app.now = w.app.now.plus_s(3600);
    assert_eq!(location(&w, &format!("/reset-password/{token}?callbackURL=/r")), invalid);
}

#[test]
fn a_reset_changes_the_password_once_and_says_so() {
    let w = World::new();
    let mut browser = signed_up(&w);
    let (first, second) = (token(&w), token(&w));
    let (trips, answer) = calls(&w, || reset(&w, &first, "password2"));
    assert_eq!((trips, answer), (2, (200, json!({ "status": true }))));
    assert!(signs_in(&w, "password2") && !signs_in(&w, "password1"));
    assert_eq!(w.mails(ADA).pop().unwrap().subject(), "Your password was changed");
    assert_eq!(code(reset(&w, &first, "password3")), refused(400, "INVALID_TOKEN"), "used");
    assert!(browser.get("/get-session").1["user"].is_object(), "sessions stay unless the deployment says otherwise");
    let in_query = format!("/reset-password?token={second}");
    assert_eq!(browser.post(&in_query, json!({ "newPassword": "password3" })).0, 200);
    assert!(signs_in(&w, "password3"));
}

#[test]
fn a_weak_password_does_not_use_the_token_up() {
    let w = World::new();
    signed_up(&w);
    let token = token(&w);
    assert_eq!(code(reset(&w, &token, "1234567")), refused(400, "PASSWORD_TOO_SHORT"));
    assert_eq!(code(reset(&w, &token, &"a".repeat(129))), refused(400, "PASSWORD_TOO_LONG"));
    assert_eq!(code(reset(&w, "unknown", "1234567")), refused(400, "PASSWORD_TOO_SHORT"), "before the token is read");
    assert_eq!(code(reset(&w, "", "password2")), refused(400, "INVALID_TOKEN"));
    assert_eq!(
        code(Browser::new(&w).post("/reset-password", json!({ "newPassword": "1" }))),
        refused(400, "INVALID_TOKEN")
    );
    assert_eq!(reset(&w, &token, "password2").0, 200);
}

#[test]
fn a_token_is_good_for_its_user_and_its_time_alone() {
    let mut w = World::new();
    signed_up(&w);
    let (late, orphan) = (token(&w), token(&w));
    w.db.execute(&format!("update verification set value = 'gone' where identifier = 'reset-password:{orphan}'"))
        .unwrap();
    assert_eq!(code(reset(&w, &orphan, "password2")), refused(400, "USER_NOT_FOUND"));
    w.app.now = w.app.now.plus_s(3600);
    assert_eq!(code(reset(&w, &late, "password2")), refused(400, "INVALID_TOKEN"));
    assert!(signs_in(&w, "password1"));
}

#[test]
fn a_reset_ends_the_sessions_where_asked_and_with_the_password_or_not_at_all() {
    let w = World::with(&[("REVOKE_SESSIONS_ON_PASSWORD_RESET", "true")]);
    let mut browser = signed_up(&w);
    let token = token(&w);
    let before = w.db.dump();
    w.db.execute("create trigger fault before delete on session begin select raise(abort, 'no'); end").unwrap();
    let mut anyone = Browser::new(&w);
    let request = anyone.request("POST", "/reset-password", &json!({ "newPassword": "password2", "token": token }));
    let (failed, _) = pollster::block_on(crate::routes::answer(&w.app, &request));
    assert_eq!(failed.status.as_u16(), 500);
    w.db.execute("drop trigger fault").unwrap();
    assert_eq!(w.db.dump(), before, "the token, the password and the sessions are as they were");
    assert_eq!(anyone.answer(&request).status.as_u16(), 200);
    assert_eq!(browser.get("/get-session"), (200, Value::Null));
    assert!(Browser::of(&w, "owner-a").get("/get-session").1["user"].is_object(), "others' sessions stay");
}

#[test]
fn who_has_no_password_gets_one() {
    let w = World::new();
    signed_up(&w);
    let user: UserId = w.db.query("select id from user where email = 'ada@ex.co'").remove(0).into();
    w.db.execute(&format!("delete from account where userId = '{user}'")).unwrap();
    assert_eq!(reset(&w, &token(&w), "password2").0, 200);
    assert!(signs_in(&w, "password2"));
    assert_eq!(w.db.query("select count(*) from account"), ["1"]);
}

#[test]
fn a_token_is_used_once_though_two_come_at_once() {
    for script in ["delete from verification", "update verification set value = 'u-owner-a'"] {
        let w = World::with(&[("REVOKE_SESSIONS_ON_PASSWORD_RESET", "true")]);
        let mut browser = signed_up(&w);
        let body = json!({ "newPassword": "password2", "token": token(&w) });
        let request = browser.request("POST", "/reset-password", &body);
        let before = w.db.query("select password from account");
        let answer = interrupted(&w, script, &request);
        assert_eq!(answer.status.as_u16(), 400, "{script}");
        assert_eq!(w.db.query("select password from account"), before);
        assert!(browser.get("/get-session").1["user"].is_object());
    }
}

#[test]
fn who_has_been_guessed_at_gets_in_by_a_reset() {
    let w = World::new();
    signed_up(&w);
    assert!(!signs_in(&w, "password0"));
    w.db.execute("update rateLimit set count = 101").unwrap();
    assert!(!signs_in(&w, "password1"));
    let token = token(&w);
    assert_eq!(reset(&w, "another", "password2").0, 400);
    assert!(!signs_in(&w, "password1"), "no token, no end of the count");
    assert_eq!(reset(&w, &token, "password2").0, 200);
    assert!(signs_in(&w, "password2"));
}
