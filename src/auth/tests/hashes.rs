//! A hash takes 32 MiB and 50 ms: what can be refused without one is, and whether one is computed tells nothing.
use super::{Browser, ada, code, refused};
use crate::{house::world::World, runtime::HASHES};
use serde_json::{Value, json};

/// How many hashes it takes.
fn hashes<T>(run: impl FnOnce() -> T) -> (u32, T) {
    let before = HASHES.get();
    let done = run();
    (HASHES.get() - before, done)
}

#[test]
fn no_hash_is_computed_for_input_that_is_refused() {
    let w = World::new();
    Browser::new(&w).post("/sign-up/email", ada());
    let long = "a".repeat(129);
    for (path, body, status, refusal) in [
        ("/sign-in/email", json!({}), 400, "VALIDATION_ERROR"),
        ("/sign-in/email", json!({ "email": "ada", "password": "password1" }), 400, "INVALID_EMAIL"),
        ("/sign-in/email", json!({ "email": "ada@ex.co", "password": 12_345_678 }), 400, "VALIDATION_ERROR"),
        ("/sign-in/email", json!({ "email": "ada@ex.co", "password": long }), 400, "PASSWORD_TOO_LONG"),
        (
            "/sign-in/email",
            json!({ "email": "ada@ex.co", "password": "password1", "callbackURL": "https://evil.co" }),
            403,
            "INVALID_CALLBACK_URL",
        ),
        ("/sign-up/email", json!({ "name": "B", "email": "b", "password": "password1" }), 400, "VALIDATION_ERROR"),
        (
            "/sign-up/email",
            json!({ "name": "B", "email": "b@ex.co", "password": "1234567" }),
            400,
            "PASSWORD_TOO_SHORT",
        ),
        ("/sign-up/email", json!({ "name": "B", "email": "b@ex.co", "password": long }), 400, "PASSWORD_TOO_LONG"),
        ("/sign-up/email", json!({ "name": 1, "email": "b@ex.co", "password": "password1" }), 400, "VALIDATION_ERROR"),
        ("/verify-password", json!({ "password": "password1" }), 401, "UNAUTHORIZED"),
        (
            "/change-password",
            json!({ "currentPassword": "password1", "newPassword": "password2" }),
            401,
            "UNAUTHORIZED",
        ),
        ("/delete-user", json!({ "password": "password1" }), 401, "UNAUTHORIZED"),
        ("/reset-password", json!({ "token": "unknown", "newPassword": "1234567" }), 400, "PASSWORD_TOO_SHORT"),
        ("/reset-password", json!({ "token": "unknown", "newPassword": "password2" }), 400, "INVALID_TOKEN"),
    ] {
        let (count, answer) = hashes(|| code(Browser::new(&w).post(path, body.clone())));
        assert_eq!((count, answer), (0, refused(status, refusal)), "{path} {body}");
    }
    let closed = World::with(&[("DISABLE_SIGN_UP", "true")]);
    assert_eq!(hashes(|| Browser::new(&closed).post("/sign-up/email", ada()).0), (0, 400));
}

#[test]
fn one_hash_whether_the_address_or_the_password_is_unknown() {
    let w = World::new();
    let sign_up = |email: &str| hashes(|| Browser::new(&w).post("/sign-up/email", with_email(email)).0);
    assert_eq!(sign_up("ada@ex.co"), (1, 200));
    assert_eq!(sign_up("ada@ex.co"), (1, 422));
    let sign_in = |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        hashes(|| Browser::new(&w).post("/sign-in/email", body).0)
    };
    assert_eq!(sign_in("ada@ex.co", "password1"), (1, 200));
    assert_eq!(sign_in("ada@ex.co", "password2"), (1, 401));
    assert_eq!(sign_in("nobody@ex.co", "password1"), (1, 401));
    assert_eq!(sign_in("owner-a@x.co", "password1"), (1, 401), "a user without a password");
}

fn with_email(email: &str) -> Value {
    let mut new = ada();
    new["email"] = json!(email);
    new
}
