//! Development's outbox.
use super::world::World;
use crate::mail::templates::{Link, reset_password};
use serde_json::{Value, json};

const LINK: Link<'_> = Link { url: "https://a.co/reset", expires_in_s: 60 };

fn sent(w: &World, to: &str) {
    w.app.mailer.as_ref().unwrap().send(reset_password(to, LINK).unwrap());
}

#[test]
fn development_shows_the_mails_to_an_address() {
    let w = World::new();
    assert_eq!(w.send("", "GET", "/__dev/outbox", Value::Null), (200, json!([])));
    sent(&w, "ada@ex.co");
    sent(&w, "bob@ex.co");
    let (_, mails) = w.send("", "GET", "/__dev/outbox?to=Ada%40ex.co", Value::Null);
    assert_eq!(mails.as_array().unwrap().len(), 1);
    assert_eq!((&mails[0]["to"], &mails[0]["subject"]), (&json!("ada@ex.co"), &json!("Reset your password")));
    assert!(
        mails[0]["text"].as_str().unwrap().contains(LINK.url) && mails[0]["html"].as_str().unwrap().contains(LINK.url)
    );
    assert_eq!(w.send("", "GET", "/__dev/outbox", Value::Null).1.as_array().unwrap().len(), 2);
}

#[test]
fn production_has_no_outbox_whatever_its_mailer() {
    let w = World::with(&[("ENVIRONMENT", "production")]);
    sent(&w, "ada@ex.co");
    let unknown = w.send("owner-a", "GET", "/__dev/other", Value::Null);
    assert_eq!(w.send("owner-a", "GET", "/__dev/outbox", Value::Null), unknown);
    assert_eq!(unknown.0, 404);
}
