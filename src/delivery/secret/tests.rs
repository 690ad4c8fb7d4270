//! Webhooks' secrets, through the whole core over SQLite.
use super::{SecretRow, active, signatures};
use crate::{
    house::world::{NOW, World},
    id::WebhookSecretId,
    operations,
    random::Random,
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const PATH: &str = "/api/webhook-secrets";

fn new(url: &str) -> Value {
    json!({ "url": url })
}

/// Standard Webhooks' own example (specification 1.0, "Signature scheme"; the library's tests).
#[test]
fn it_signs_as_the_standard_does() {
    let key: [u8; 24] = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap().try_into().unwrap();
    // HMAC pads a key with zeros to the length of a block, so that the 24 bytes and these 32 are one key.
    let mut padded = [0; 32];
    padded[..24].copy_from_slice(&key);
    let signed = signatures(&[padded], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_secret_is_shown_once_and_is_not_in_the_database() {
    let w = World::new();
    let made = w.made("owner-a", PATH, new("https://example.com/hook"));
    let secret = made["secret"].as_str().unwrap();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    assert_eq!(key.len(), 32);
    assert!(w.db.dump().iter().all(|row| !row.contains(&secret[6..])), "the secret is in the database");
    let (_, page) = w.send("member-a", "GET", PATH, Value::Null);
    assert_eq!(page["items"], json!([made["webhookSecret"]]));
    assert_eq!(made["webhookSecret"]["url"], "https://example.com/hook");
    let another = w.made("owner-a", PATH, new("https://example.com/hook"));
    assert_ne!(another["secret"], made["secret"]);
}

#[test]
fn a_secret_depends_on_the_deployments_own() {
    let w = World::new();
    let other = World::with(&[("BETTER_AUTH_SECRET", "another secret of at least thirty-two bytes")]);
    assert_ne!(w.app.derived_key("a", "x").unwrap(), other.app.derived_key("a", "x").unwrap());
    assert_ne!(w.app.derived_key("a", "x").unwrap(), w.app.derived_key("b", "x").unwrap());
    assert_ne!(w.app.derived_key("a", "x").unwrap(), w.app.derived_key("a", "y").unwrap());
}

#[test]
fn an_organizations_secrets_are_its_own() {
    let w = World::new();
    let made = w.made("owner-a", PATH, new("https://example.com/hook"));
    let path = format!("{PATH}/{}", made["webhookSecret"]["id"].as_str().unwrap());
    assert_eq!(w.send("owner-b", "GET", PATH, Value::Null).1["items"], json!([]));
    assert_eq!(w.send("owner-b", "DELETE", &path, Value::Null).1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(w.send("member-a", "DELETE", &path, Value::Null).1["code"], "FORBIDDEN");
    assert_eq!(w.send("owner-a", "DELETE", &path, Value::Null).0, 200);
    let (status, error) = w.send("owner-a", "DELETE", &path, Value::Null);
    assert_eq!((status, &error["message"]), (404, &json!("There is no such webhook secret in your organization.")));
}

#[test]
fn a_model_is_given_no_tool_that_shows_a_secret() {
    assert!(operations::all().any(|operation| operation.path == PATH));
    assert!(operations::tools().all(|operation| !operation.name.contains("secret")));
}

#[test]
fn there_is_none_for_a_url_that_nothing_may_be_sent_to() {
    World::new().refuses_each(&[
        ("POST", PATH, new("https://127.0.0.1/"), "url"),
        ("POST", PATH, new("http://example.com/"), "url"),
        ("POST", PATH, json!({}), "input"),
    ]);
}

#[test]
fn each_operation_is_one_call_and_there_is_an_end_of_secrets() {
    let w = World::new();
    let made = w.made("owner-a", PATH, new("https://example.com/hook"));
    w.each_is_one_call(&[
        ("POST", PATH, new("https://example.com/hook")),
        ("GET", PATH, Value::Null),
        ("DELETE", &format!("{PATH}/{}", made["webhookSecret"]["id"].as_str().unwrap()), Value::Null),
    ]);
    w.db.execute(&format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 999)
         insert into webhook_secret select 'whs_' || i, 'a', 'https://example.com', null, '{NOW}', '{NOW}' from n"
    ))
    .unwrap();
    assert_eq!(w.send("owner-a", "POST", PATH, new("https://example.com")).1["code"], "QUOTA_EXCEEDED");
}

#[test]
fn each_signs_until_a_day_after_the_next_one_was_made() {
    let at = |s: i64| Timestamp::from_unix_ms(1_800_000_000_000).plus_s(s);
    let made = |s| {
        let id = WebhookSecretId::generate(at(s), Random::for_tests()).unwrap();
        SecretRow { id, created_at: at(s) }
    };
    let secrets = [made(20), made(0), made(10)];
    let of = |secrets: &[SecretRow], now| active(secrets, at(now)).into_iter().cloned().collect::<Vec<_>>();
    let [newest, first, second] = secrets.each_ref().map(|secret| secret.id.clone());
    assert_eq!(of(&secrets, 20), [newest.clone(), second.clone(), first.clone()]);
    assert_eq!(of(&secrets, 10 + 86_399), [newest.clone(), second.clone(), first]);
    assert_eq!(of(&secrets, 10 + 86_400), [newest.clone(), second.clone()]);
    assert_eq!(of(&secrets, 20 + 86_399), [newest.clone(), second]);
    assert_eq!(of(&secrets, 20 + 86_400), [newest]);
    assert!(active(&[], at(0)).is_empty());
    assert_eq!(active(&secrets[..1], at(30)).len(), 1);
    let many: Vec<_> = (0..20).map(made).collect();
    assert_eq!(active(&many, at(30)).len(), 8);
}
