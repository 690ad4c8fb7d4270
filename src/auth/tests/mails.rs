//! Verified addresses, changed ones, and what a link in a mail does.
use super::{Browser, ada, calls, code, cookies, parsed, refused};
use crate::{
    auth::email_token::{CONFIRMATION, EmailToken, VERIFICATION},
    house::world::World,
    id::UserId,
    runtime::SLEPT_MS,
};
use serde_json::{Value, json};

const ADA: &str = "ada@ex.co";
const NEW: &str = "new@ex.co";

/// The path, after the base, of the link in the last mail to the address.
pub fn link(w: &World, to: &str) -> String {
    let mail = w.mails(to).pop().unwrap_or_else(|| panic!("no mail to {to}"));
    let link = mail.text().lines().find(|line| line.starts_with("http")).unwrap().to_owned();
    link.strip_prefix("http://localhost:8787/api/auth").unwrap().to_owned()
}

fn subjects(w: &World, to: &str) -> Vec<String> {
    w.mails(to).into_iter().map(|mail| mail.subject().to_owned()).collect()
}

fn credentials() -> Value {
    json!({ "email": ADA, "password": "password1" })
}

/// Signed up and in, verified or not.
fn signed_up<'a>(w: &'a World, is_verified: bool) -> Browser<'a> {
    let mut browser = Browser::new(w);
    assert_eq!(browser.post("/sign-up/email", ada()).0, 200);
    w.db.execute(&format!("update user set emailVerified = {} where email = '{ADA}'", u8::from(is_verified))).unwrap();
    browser
}

fn id(w: &World) -> UserId {
    w.db.query(&format!("select id from user where email in ('{ADA}', '{NEW}')")).remove(0).into()
}

fn verified(w: &World) -> Vec<String> {
    w.db.query("select email || ' ' || emailVerified from user where email like '%@ex.co' order by email")
}

fn signed(w: &World, token: &EmailToken) -> String {
    token.sign(&w.app.config.secret, w.app.now, 3600).unwrap()
}

#[test]
fn with_verification_required_one_signs_up_verifies_and_signs_in() {
    let w = World::with(&[("REQUIRE_EMAIL_VERIFICATION", "true"), ("SEND_VERIFICATION_ON_SIGN_IN", "true")]);
    let mut browser = Browser::new(&w);
    let mut new = ada();
    new["callbackURL"] = json!("/welcome?x=1");
    let (trips, (status, answer)) = calls(&w, || browser.post("/sign-up/email", new));
    assert_eq!((trips, status, &answer["token"]), (1, 200, &Value::Null));
    assert!(browser.cookies.is_empty());
    assert_eq!(
        w.db.query("select count(*) from member m join user u on u.id = m.userId where u.email = 'ada@ex.co'"),
        ["1"]
    );
    assert!(link(&w, ADA).ends_with("&callbackURL=%2Fwelcome%3Fx%3D1"));

    let wrong = json!({ "email": ADA, "password": "password2" });
    assert_eq!(code(browser.post("/sign-in/email", wrong)), refused(401, "INVALID_EMAIL_OR_PASSWORD"));
    assert_eq!(w.mails(ADA).len(), 1, "who does not know the password causes no mail");
    assert_eq!(code(browser.post("/sign-in/email", credentials())), refused(403, "EMAIL_NOT_VERIFIED"));
    assert_eq!(w.mails(ADA).len(), 2);
    assert!(browser.cookies.is_empty());

    let follow = browser.request("GET", &link(&w, ADA), &Value::Null);
    let (trips, response) = calls(&w, || browser.answer(&follow));
    assert_eq!((trips, response.status.as_u16(), response.header("location")), (2, 302, Some("/")));
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert!(browser.cookies.is_empty(), "a link is no session unless the deployment says so");
    assert_eq!(verified(&w), ["ada@ex.co 1"]);
    assert_eq!(browser.post("/sign-in/email", credentials()).0, 200);
}

#[test]
fn who_signs_up_does_not_learn_that_an_address_is_taken() {
    for vars in [("REQUIRE_EMAIL_VERIFICATION", "true"), ("AUTO_SIGN_IN", "false")] {
        let w = World::with(&[vars, ("SEND_VERIFICATION_ON_SIGN_UP", "true")]);
        let (trips, first) = calls(&w, || Browser::new(&w).post("/sign-up/email", ada()));
        let before = (w.db.dump(), w.mails(ADA).len());
        let mut eve = Browser::new(&w);
        let request = eve.request("POST", "/sign-up/email", &ada());
        let (trips_again, response) = calls(&w, || eve.answer(&request));
        assert_eq!((trips_again, response.headers.len()), (trips, 1), "content-type alone");
        let mut again = parsed(&response);
        assert_ne!(again["user"]["id"], first.1["user"]["id"]);
        assert_eq!(again["user"]["id"].as_str().unwrap().len(), 32);
        again["user"]["id"] = first.1["user"]["id"].clone();
        assert_eq!((200, again), first);
        assert_eq!((w.db.dump(), w.mails(ADA).len()), before, "nothing is written or sent");
    }
}

#[test]
fn sign_up_can_be_turned_off() {
    let w = World::with(&[("DISABLE_SIGN_UP", "true")]);
    let mut browser = Browser::new(&w);
    assert_eq!(code(browser.post("/sign-up/email", ada())), refused(400, "EMAIL_PASSWORD_SIGN_UP_DISABLED"));
    assert_eq!(code(browser.post("/sign-up/email", json!({}))), refused(400, "VALIDATION_ERROR"));
}

#[test]
fn a_link_signs_in_if_the_deployment_wants_it() {
    let w = World::with(&[("AUTO_SIGN_IN_AFTER_VERIFICATION", "true"), ("REQUIRE_EMAIL_VERIFICATION", "true")]);
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let link = link(&w, ADA).replace("&callbackURL=%2F", "");
    let (trips, answer) = calls(&w, || browser.get(&link));
    assert_eq!((trips, answer), (2, (200, json!({ "status": true, "user": null }))));
    let (_, found) = browser.get("/get-session");
    assert_eq!(
        (&found["user"]["emailVerified"], found["session"]["activeOrganizationId"].is_string()),
        (&json!(true), true)
    );
    let mut other = Browser::new(&w);
    assert_eq!(other.get(&link), (200, json!({ "status": true, "user": null })));
    assert!(other.cookies.is_empty(), "a used link is no session");
}

#[test]
fn a_link_keeps_the_session_of_its_user_and_replaces_anothers() {
    let w = World::with(&[("AUTO_SIGN_IN_AFTER_VERIFICATION", "true")]);
    let mut browser = signed_up(&w, false);
    let token = signed(&w, &EmailToken::of_address(&id(&w), ADA));
    let before = browser.get("/get-session").1["session"]["token"].clone();
    browser.get(&format!("/verify-email?token={token}"));
    let (_, found) = browser.get("/get-session");
    assert_eq!((&found["session"]["token"], &found["user"]["emailVerified"]), (&before, &json!(true)));

    w.db.execute("update user set emailVerified = 0").unwrap();
    let mut owner = Browser::of(&w, "owner-a");
    owner.get(&format!("/verify-email?token={token}"));
    assert_eq!(owner.get("/get-session").1["user"]["email"], ADA);
}

#[test]
fn a_mail_is_asked_for_by_anyone_and_no_one_learns_whether_it_was_sent() {
    let w = World::new();
    let mut ada = signed_up(&w, false);
    let ask = |browser: &mut Browser<'_>, email: &str| {
        let before = SLEPT_MS.get();
        let (trips, answer) = calls(&w, || browser.post("/send-verification-email", json!({ "email": email })));
        (trips, answer, SLEPT_MS.get() - before)
    };
    let ok = (200, json!({ "status": true }));
    let mut nobody = Browser::new(&w);
    for email in [ADA, "nobody@ex.co", "ADA@EX.CO"] {
        assert_eq!(ask(&mut nobody, email), (1, ok.clone(), 500), "{email}: as long, as many round trips");
    }
    assert_eq!(subjects(&w, ADA), ["Verify your e-mail address"; 2]);
    assert!(w.mails("nobody@ex.co").is_empty());
    assert_eq!(ask(&mut ada, ADA), (1, ok.clone(), 0));
    assert_eq!(code(ask(&mut ada, "owner-a@x.co").1), refused(400, "EMAIL_MISMATCH"));
    w.db.execute("update user set emailVerified = 1").unwrap();
    assert_eq!(code(ask(&mut ada, ADA).1), refused(400, "EMAIL_ALREADY_VERIFIED"));
    assert_eq!(ask(&mut nobody, ADA), (1, ok, 500));
    assert_eq!(w.mails(ADA).len(), 3);
}

#[test]
fn without_a_mailer_what_needs_one_says_so() {
    let mut w = World::with(&[("CHANGE_EMAIL", "true"), ("UPDATE_EMAIL_WITHOUT_VERIFICATION", "true")]);
    w.app.mailer = None;
    let mut browser = signed_up(&w, true);
    let address = json!({ "email": ADA });
    assert_eq!(
        code(browser.post("/send-verification-email", address.clone())),
        refused(400, "VERIFICATION_EMAIL_NOT_ENABLED")
    );
    assert_eq!(code(browser.post("/request-password-reset", address)), refused(400, "RESET_PASSWORD_DISABLED"));
    let enabled = json!({ "message": "Verification email isn't enabled" });
    assert_eq!(browser.post("/change-email", json!({ "newEmail": NEW })), (400, enabled.clone()));
    assert_eq!(browser.post("/change-email", json!({ "newEmail": "owner-a@x.co" })), (400, enabled), "taken or not");
    w.db.execute("update user set emailVerified = 0").unwrap();
    assert_eq!(browser.post("/change-email", json!({ "newEmail": NEW })).0, 200);
    assert_eq!(verified(&w), ["new@ex.co 0"]);
}

#[test]
fn a_token_that_does_not_count_says_why_here_or_there() {
    let w = World::new();
    signed_up(&w, false);
    let token =
        |token: &EmailToken, now_s: i64| token.sign(&w.app.config.secret, w.app.now.plus_s(now_s), 3600).unwrap();
    let address = EmailToken::of_address(&id(&w), ADA);
    let stranger = UserId::from("u-owner-a".to_owned());
    for (token, code) in [
        ("junk".to_owned(), "INVALID_TOKEN"),
        (token(&address, -3600), "TOKEN_EXPIRED"),
        (token(&EmailToken::of_address(&id(&w), "nobody@ex.co"), 0), "USER_NOT_FOUND"),
        (token(&EmailToken::of_address(&stranger, ADA), 0), "INVALID_TOKEN"),
        (token(&EmailToken::of_change(&stranger, ADA, NEW, VERIFICATION), 0), "INVALID_TOKEN"),
        (
            token(&EmailToken { user_id: None, ..EmailToken::of_change(&stranger, ADA, NEW, VERIFICATION) }, 0),
            "INVALID_TOKEN",
        ),
        (token(&EmailToken::of_change(&"gone".to_owned().into(), ADA, NEW, VERIFICATION), 0), "USER_NOT_FOUND"),
    ] {
        let mut browser = Browser::new(&w);
        assert_eq!(super::code(browser.get(&format!("/verify-email?token={token}"))), refused(401, code));
        let there =
            browser.request("GET", &format!("/verify-email?token={token}&callbackURL=/done%3Fx=1%23f"), &Value::Null);
        let response = browser.answer(&there);
        let location = format!("/done?x=1&error={code}#f");
        assert_eq!((response.status.as_u16(), response.header("location")), (302, Some(location.as_str())));
    }
    assert_eq!(verified(&w), ["ada@ex.co 0"]);
    let mut browser = Browser::new(&w);
    let elsewhere = format!("/verify-email?token={}&callbackURL=https://evil.co", token(&address, 0));
    assert_eq!(code(browser.get(&elsewhere)), refused(403, "INVALID_CALLBACK_URL"));
    assert_eq!(verified(&w), ["ada@ex.co 0"], "not even with a good token");
    let legacy = token(&EmailToken { user_id: None, ..address }, 0);
    assert_eq!(browser.get(&format!("/verify-email?token={legacy}")).0, 200);
    assert_eq!(verified(&w), ["ada@ex.co 1"]);
}

const CHANGE: (&str, &str) = ("CHANGE_EMAIL", "true");

fn change(browser: &mut Browser<'_>) -> (u16, Value) {
    browser.post("/change-email", json!({ "newEmail": "NEW@ex.co", "callbackURL": "/done" }))
}

#[test]
fn a_change_of_address_is_refused_in_the_references_order() {
    let w = World::new();
    let mut browser = signed_up(&w, true);
    assert_eq!(code(Browser::new(&w).post("/change-email", json!({ "newEmail": NEW }))), refused(401, "UNAUTHORIZED"));
    assert_eq!(code(change(&mut browser)), refused(400, "CHANGE_EMAIL_DISABLED"));
    let w = World::with(&[CHANGE]);
    let same = signed_up(&w, true).post("/change-email", json!({ "newEmail": "ADA@EX.CO" }));
    assert_eq!(same, (400, json!({ "message": "Email is the same" })));
}

#[test]
fn a_verified_address_agrees_then_the_new_one_and_then_it_is_changed() {
    let w = World::with(&[CHANGE, ("CHANGE_EMAIL_CONFIRMATION", "true")]);
    let mut browser = signed_up(&w, true);
    let (trips, answer) = calls(&w, || change(&mut browser));
    assert_eq!((trips, answer), (1, (200, json!({ "status": true }))));
    assert_eq!(subjects(&w, ADA), ["Confirm your new e-mail address"]);
    assert!(w.mails(ADA)[0].text().contains(NEW) && w.mails(NEW).is_empty());

    let confirm = link(&w, ADA);
    let mut anywhere = Browser::new(&w);
    let (trips, answer) = calls(&w, || anywhere.get(&confirm.replace("&callbackURL=%2Fdone", "")));
    assert_eq!((trips, answer), (1, (200, json!({ "status": true }))));
    assert_eq!(verified(&w), ["ada@ex.co 1"], "not yet");
    assert_eq!(subjects(&w, NEW), ["Verify your new e-mail address"]);

    let verify = link(&w, NEW);
    let (trips, (status, answer)) = calls(&w, || browser.get(&verify.replace("&callbackURL=%2F", "")));
    assert_eq!((trips, status, &answer["user"]["email"]), (2, 200, &json!(NEW)));
    assert_eq!(verified(&w), ["new@ex.co 1"]);
    assert_eq!(browser.get("/get-session").1["user"]["email"], NEW);
    for used in [confirm, verify] {
        let again = anywhere.request("GET", &used, &Value::Null);
        assert!(anywhere.answer(&again).header("location").unwrap().ends_with("error=INVALID_TOKEN"), "once changed");
    }
}

#[test]
fn a_change_of_address_verifies_nothing_mints_no_session_and_works_under_no_other() {
    let w = World::with(&[CHANGE, ("AUTO_SIGN_IN_AFTER_VERIFICATION", "true")]);
    let mut browser = signed_up(&w, false);
    change(&mut browser);
    assert!(w.mails(ADA).is_empty());
    let verify = link(&w, NEW).replace("&callbackURL=%2Fdone", "");
    let mut owner = Browser::of(&w, "owner-a");
    assert_eq!(code(owner.get(&verify)), refused(401, "INVALID_USER"));
    assert_eq!(verified(&w), ["ada@ex.co 0"]);

    let mut anywhere = Browser::new(&w);
    let request = anywhere.request("GET", &verify, &Value::Null);
    let response = anywhere.answer(&request);
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (200, 0));
    assert_eq!(parsed(&response)["user"]["emailVerified"], false);
    assert_eq!(verified(&w), ["new@ex.co 0"]);
}

#[test]
fn an_address_that_is_not_verified_is_replaced_at_once_where_that_is_allowed() {
    let w = World::with(&[CHANGE, ("UPDATE_EMAIL_WITHOUT_VERIFICATION", "true")]);
    let mut browser = signed_up(&w, false);
    let (trips, answer) = calls(&w, || change(&mut browser));
    assert_eq!((trips, answer), (2, (200, json!({ "status": true }))));
    assert_eq!(subjects(&w, NEW), ["Verify your e-mail address"]);
    assert_eq!(browser.get("/get-session").1["user"]["email"], NEW);
    let verify = link(&w, NEW);
    browser.get(&verify);
    assert_eq!(verified(&w), ["new@ex.co 1"]);
}

#[test]
fn a_change_of_address_does_not_reveal_that_one_is_taken() {
    for (vars, is_verified) in [
        (&[CHANGE][..], true),
        (&[CHANGE, ("CHANGE_EMAIL_CONFIRMATION", "true")], true),
        (&[CHANGE, ("UPDATE_EMAIL_WITHOUT_VERIFICATION", "true")], false),
    ] {
        let w = World::with(vars);
        let mut browser = signed_up(&w, is_verified);
        let before = w.db.dump();
        let answer = browser.post("/change-email", json!({ "newEmail": "Owner-A@x.co" }));
        assert_eq!(answer, (200, json!({ "status": true })));
        assert_eq!((w.db.dump(), w.mails(ADA).len(), w.mails("owner-a@x.co").len()), (before, 0, 0));
    }
}

#[test]
fn an_address_that_is_taken_by_the_time_of_the_link_stays_its_users() {
    let w = World::with(&[CHANGE]);
    let mut browser = signed_up(&w, true);
    change(&mut browser);
    w.db.execute("update user set email = 'new@ex.co' where id = 'u-owner-a'").unwrap();
    let verify = link(&w, NEW).replace("&callbackURL=%2Fdone", "");
    assert_eq!(code(browser.get(&verify)), refused(401, "INVALID_TOKEN"));
    assert_eq!(verified(&w), ["ada@ex.co 1", "new@ex.co 0"]);
}

/// Better Auth before 1.4 sent these.
#[test]
fn a_token_without_a_request_type_changes_the_address_and_asks_for_a_proof() {
    let w = World::new();
    let mut browser = signed_up(&w, true);
    let token = EmailToken { request_type: None, ..EmailToken::of_change(&id(&w), ADA, NEW, CONFIRMATION) };
    let (status, answer) = browser.get(&format!("/verify-email?token={}", signed(&w, &token)));
    assert_eq!((status, &answer["user"]["emailVerified"]), (200, &json!(false)));
    assert_eq!(verified(&w), ["new@ex.co 0"]);
    assert_eq!(subjects(&w, NEW), ["Verify your e-mail address"]);
}
