//! Sign-in by other providers, against a small one that does what a real one must.
mod issuer;
mod linking;
mod profiles;
mod refused;
mod signing_in;
mod tokens;

use super::{Browser, parsed};
use crate::{api::Response, house::world::World};
use issuer::Issuer;
use serde_json::{Value, json};
use std::rc::Rc;

const ACME: (&str, &str) = (
    "OIDC_PROVIDERS",
    r#"[{"id":"acme","issuer":"https://id.acme.co","clientId":"us"},
        {"id":"other","issuer":"https://id.other.co","clientId":"us"}]"#,
);
const SECRET: (&str, &str) = ("OIDC_ACME_CLIENT_SECRET", "hush & hush");

/// A world with providers in it.
fn world(more: &[(&str, &str)]) -> (World, Rc<Issuer>) {
    let issuer = Rc::new(Issuer::new());
    let built_in = [
        ("GOOGLE_CLIENT_ID", "us"),
        ("GOOGLE_CLIENT_SECRET", "hush & hush"),
        ("GITHUB_CLIENT_ID", "us"),
        ("GITHUB_CLIENT_SECRET", "hush & hush"),
    ];
    let mut w = World::with(&[more, &[ACME, SECRET], &built_in].concat());
    w.app.fetch = issuer.clone();
    (w, issuer)
}

/// Asks to sign in: where the provider is.
fn leave(browser: &mut Browser<'_>, provider: &str) -> String {
    let body = json!({
        "provider": provider, "callbackURL": "/home", "errorCallbackURL": "/sorry", "newUserCallbackURL": "/welcome",
    });
    let (status, body) = browser.post("/sign-in/social", body);
    assert_eq!((status, &body["redirect"]), (200, &json!(true)), "{body}");
    body["url"].as_str().unwrap().to_owned()
}

/// Comes back from it.
fn come_back(browser: &mut Browser<'_>, path: &str) -> Response {
    let request = browser.request("GET", path, &Value::Null);
    browser.answer(&request)
}

/// Both; where the browser is sent at last.
fn sign_in(browser: &mut Browser<'_>, issuer: &Issuer, provider: &str) -> String {
    let back = issuer.authorize(&leave(browser, provider));
    place(&come_back(browser, &back))
}

fn place(response: &Response) -> String {
    assert_eq!(response.status, 302, "{:?}", parsed(response));
    response.header("location").unwrap().to_owned()
}

fn has_session(browser: &Browser<'_>) -> bool {
    browser.cookies.contains_key("better-auth.session_token")
}
