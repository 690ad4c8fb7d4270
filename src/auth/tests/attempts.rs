//! Attempts at passwords: a hundred in a row, of whoever makes them.
use super::{Browser, ada, calls, code, refused};
use crate::{
    auth::attempt::{LAPSES_AFTER_S, MAX},
    house::world::World,
};
use serde_json::{Value, json};

fn sign_in(w: &World, email: &str, password: &str) -> (u16, Value) {
    Browser::new(w).post("/sign-in/email", json!({ "email": email, "password": password }))
}

/// As if so many attempts had failed, the last of them now.
fn fail(w: &World, attempts: u32) {
    let (trips, answer) = calls(w, || sign_in(w, "ada@ex.co", "password0"));
    assert_eq!((trips, code(answer)), (1, refused(401, "INVALID_EMAIL_OR_PASSWORD")));
    w.db.execute(&format!("update rateLimit set count = {attempts}")).unwrap();
}

fn counts(w: &World) -> Vec<String> {
    w.db.query("select count from rateLimit")
}

#[test]
fn a_password_cannot_be_guessed_by_trying_on_and_on() {
    let w = World::new();
    let mut signed_in = Browser::new(&w);
    signed_in.post("/sign-up/email", ada());
    fail(&w, MAX - 1);
    assert_eq!(sign_in(&w, "ada@ex.co", "password1").0, 200, "the hundredth may be right");
    assert!(counts(&w).is_empty(), "and ends the count");

    fail(&w, MAX);
    let wrong = sign_in(&w, "ada@ex.co", "password0");
    let right = sign_in(&w, "ada@ex.co", "password1");
    assert_eq!(right, wrong, "over the limit, the right one is a wrong one");
    assert_eq!(right, sign_in(&w, "nobody@ex.co", "password1"));

    // Nor by another door.
    let change = json!({ "currentPassword": "password1", "newPassword": "password2" });
    for (path, body) in [("/verify-password", json!({ "password": "password1" })), ("/change-password", change)] {
        assert_eq!(code(signed_in.post(path, body)), refused(400, "INVALID_PASSWORD"), "{path}");
    }
    assert_eq!(signed_in.get("/list-accounts").0, 200, "a session goes on");
}

#[test]
fn attempts_at_once_are_no_more_than_one_by_one() {
    let w = World::new();
    Browser::new(&w).post("/sign-up/email", ada());
    fail(&w, MAX - 1);
    // Each is counted in the round trip that looks the password up: no two see the same count.
    assert_eq!(calls(&w, || sign_in(&w, "ada@ex.co", "password0")).0, 1);
    assert_eq!(counts(&w), [MAX.to_string()]);
    assert_eq!(sign_in(&w, "ada@ex.co", "password1").0, 401);
}

#[test]
fn no_one_is_locked_out_for_good() {
    let mut w = World::new();
    Browser::new(&w).post("/sign-up/email", ada());
    fail(&w, MAX);
    // Trying on does not prolong it.
    w.app.now = w.app.now.plus_s(LAPSES_AFTER_S - 1);
    assert_eq!(sign_in(&w, "ada@ex.co", "password1").0, 401);
    assert_eq!(counts(&w), [(MAX + 1).to_string()]);
    w.app.now = w.app.now.plus_s(1);
    assert_eq!(sign_in(&w, "ada@ex.co", "password1").0, 200);
}

#[test]
fn every_door_counts_and_every_right_password_ends_the_count() {
    let w = World::with(&[("DELETE_USER", "true")]);
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let verify = |password: &str| json!({ "password": password });
    let change = |password: &str| json!({ "currentPassword": password, "newPassword": "password1" });
    let sign_in = |password: &str| json!({ "email": "ada@ex.co", "password": password });
    for (path, body) in [
        ("/verify-password", &verify as &dyn Fn(&str) -> Value),
        ("/change-password", &change),
        ("/sign-in/email", &sign_in),
        ("/delete-user", &verify),
    ] {
        browser.post(path, body("password0"));
        browser.post(path, body("password0"));
        assert_eq!(counts(&w), ["2"], "{path}");
        assert_eq!(browser.post(path, body("password1")).0, 200, "{path}");
        assert!(counts(&w).is_empty(), "{path}");
    }
}

#[test]
fn what_is_not_verified_is_no_attempt() {
    let w = World::new();
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let long = "a".repeat(129);
    for (path, body) in [
        ("/verify-password", json!({ "password": long })),
        ("/change-password", json!({ "currentPassword": "password0", "newPassword": "short" })),
        ("/sign-in/email", json!({ "email": "ada@ex.co", "password": long })),
        ("/sign-in/email", json!({ "email": "ada", "password": "password0" })),
        ("/delete-user", json!({ "password": long })),
        ("/delete-user", json!({})),
    ] {
        assert!(browser.post(path, body).0 >= 400, "{path}");
    }
    assert_eq!(Browser::new(&w).post("/verify-password", json!({ "password": "password0" })).0, 401);
    assert!(counts(&w).is_empty());
}

#[test]
fn an_address_that_no_one_has_is_counted_alike_and_not_kept() {
    let w = World::new();
    Browser::new(&w).post("/sign-up/email", ada());
    for _ in 0..2 {
        assert_eq!(calls(&w, || sign_in(&w, "nobody@ex.co", "password1")).0, 1);
    }
    assert_eq!(counts(&w), ["2"]);
    let key = w.db.query("select key from rateLimit").remove(0);
    assert!(key.starts_with("password:") && !key.contains("nobody"), "{key}");
}

#[test]
fn a_right_password_for_an_address_that_is_not_verified_ends_the_count() {
    let w = World::with(&[("REQUIRE_EMAIL_VERIFICATION", "true")]);
    Browser::new(&w).post("/sign-up/email", ada());
    sign_in(&w, "ada@ex.co", "password0");
    assert_eq!(code(sign_in(&w, "ada@ex.co", "password1")), refused(403, "EMAIL_NOT_VERIFIED"));
    assert!(counts(&w).is_empty());
}
