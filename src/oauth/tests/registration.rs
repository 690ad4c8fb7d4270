//! How applications make themselves known, and how they find out where.
use super::*;
use crate::{
    fetch::{Fetch, FetchError, Incoming, Outgoing},
    rate_limit::InMemory,
};
use futures_util::future::LocalBoxFuture;
use std::{cell::RefCell, rc::Rc};

#[test]
fn a_client_finds_the_server_and_the_resources() {
    let w = World::new();
    let get = |w: &World, path: &str| {
        let response = w.answer(&program(w, "GET", path));
        (response.status.as_u16(), json_of(&response))
    };
    for (path, resource) in [("", "/mcp"), ("/mcp", "/mcp"), ("/api", "/api")] {
        let (status, document) = get(&w, &format!("/.well-known/oauth-protected-resource{path}"));
        assert_eq!((status, &document["resource"]), (200, &json!(format!("{ORIGIN}{resource}"))));
        assert_eq!(document["authorization_servers"], json!([ORIGIN]));
        let (status, server) = get(&w, &format!("/.well-known/oauth-authorization-server{path}"));
        assert_eq!((status, &server["issuer"]), (200, &json!(ORIGIN)));
        assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    }
    for path in [
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/other",
        "/.well-known/openid-configuration",
    ] {
        assert_eq!(get(&w, path).0, 404, "{path}");
    }
    assert_eq!(w.answer(&program(&w, "POST", "/.well-known/oauth-protected-resource")).status, 405);
    for (path, allow) in
        [("/oauth/token", "POST"), ("/oauth/register", "POST"), ("/oauth/revoke", "POST"), ("/oauth/sign-in", "POST")]
    {
        let response = w.answer(&program(&w, "GET", path));
        assert_eq!((response.status.as_u16(), response.header("allow")), (405, Some(allow)));
    }
    // The public origin, whatever name a request came by.
    let named = World::with(&[("BETTER_AUTH_URL", "https://api.example.com")]);
    let (_, document) = get(&named, "/.well-known/oauth-protected-resource/mcp");
    assert_eq!(document["resource"], "https://api.example.com/mcp");
    assert_eq!(get(&named, "/.well-known/oauth-authorization-server").1["issuer"], "https://api.example.com");
}

fn register(w: &World, metadata: Value) -> (u16, Value) {
    let mut request = program(w, "POST", "/oauth/register");
    request.headers.push(("content-type".into(), "application/json".into()));
    request.body = metadata.to_string().into_bytes();
    let response = w.answer(&request);
    (response.status.as_u16(), json_of(&response))
}

#[test]
fn a_client_registers_as_a_public_one_and_bad_metadata_are_refused() {
    let w = World::new();
    let uri = json!(["https://app.example.com/cb"]);
    let asks = json!({ "redirect_uris": uri, "token_endpoint_auth_method": "client_secret_basic", "logo_uri": "https://x.co" });
    let (status, client) = register(&w, asks);
    assert_eq!((status, &client["token_endpoint_auth_method"]), (201, &json!("none")));
    assert!(client.get("client_secret").is_none() && client["client_id"].as_str().unwrap().starts_with("oc_"));
    let before = w.db.dump();
    let many: Vec<_> = (0..11).map(|i| format!("https://app.example.com/{i}")).collect();
    for (metadata, expected) in [
        (json!({}), "invalid_client_metadata"),
        (json!({ "redirect_uris": "https://app.example.com" }), "invalid_client_metadata"),
        (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": many }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://app.example.com/cb"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["https://app.example.com/cb", "javascript://x"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": uri, "grant_types": ["client_credentials"] }), "invalid_client_metadata"),
        (json!({ "redirect_uris": uri, "response_types": ["token"] }), "invalid_client_metadata"),
        (json!({ "redirect_uris": uri, "client_name": "x".repeat(101) }), "invalid_client_metadata"),
    ] {
        let (status, error) = register(&w, metadata.clone());
        assert_eq!((status, error["error"].as_str().unwrap()), (400, expected), "{metadata}");
    }
    let (status, error) = register(&w, json!({ "redirect_uris": uri, "client_name": "x".repeat(20_000) }));
    assert_eq!((status, &error["code"]), (413, &json!("PAYLOAD_TOO_LARGE")));
    assert_eq!(w.db.dump(), before);
}

#[test]
fn registrations_are_counted_and_have_an_end() {
    let mut w = World::with(&[("RATE_LIMIT", "true")]);
    w.app.limiter = Some(Rc::new(InMemory::new(w.app.now)));
    let metadata = json!({ "redirect_uris": ["https://app.example.com/cb"] });
    let statuses: Vec<_> = (0..21).map(|_| register(&w, metadata.clone()).0).collect();
    assert_eq!((&statuses[..20], statuses[20]), (&[201; 20][..], 429));
    let w = World::new();
    w.db.execute(&format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 9999)
         insert into oauth_client select 'oc_' || i, 'x', '[]', '{0}', '2026-01-02T12:00:00.000Z' from n",
        crate::house::world::NOW
    ))
    .unwrap();
    assert_eq!(register(&w, metadata.clone()).0, 201);
    let (status, error) = register(&w, metadata.clone());
    assert_eq!((status, error["error"].as_str()), (503, Some("temporarily_unavailable")));
    // One that someone has agreed to does not count.
    w.db.execute("update oauth_client set expires_at = '2026-04-01T00:00:00.000Z' where id = 'oc_1'").unwrap();
    assert_eq!(register(&w, metadata).0, 201);
}

/// A server with one document, which notes what it is asked.
#[derive(Default)]
struct Site {
    asked: RefCell<Vec<String>>,
    status: u16,
    body: RefCell<Vec<u8>>,
}

impl Fetch for Site {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        assert!(request.headers.iter().all(|(name, _)| *name == "accept") && request.body.is_none());
        self.asked.borrow_mut().push(request.url);
        Box::pin(std::future::ready(Ok(Incoming { status: self.status, body: self.body.borrow().clone() })))
    }
}

const DOCUMENT: &str = "https://app.example.com/client.json";

fn document() -> Value {
    json!({
        "client_id": DOCUMENT, "client_name": "Desk", "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none", "contacts": ["x@example.com"],
    })
}

fn world(more: &[(&str, &str)], status: u16, document: &[u8]) -> (World, Rc<Site>) {
    let mut w = World::with(more);
    let site = Rc::new(Site { status, body: RefCell::new(document.into()), ..Site::default() });
    w.app.fetch = site.clone();
    (w, site)
}

#[test]
fn a_metadata_document_is_a_client_and_is_read_again_after_a_while() {
    let (mut w, site) = world(&[], 200, document().to_string().as_bytes());
    page(&w, "nobody", &asked(DOCUMENT));
    assert_eq!(site.asked.borrow().len(), 0, "nobody makes us ask a server of his choice");
    let tokens = Tokens::granted(&w, "owner-a", DOCUMENT);
    assert!(opens(&w, &tokens.access));
    assert_eq!(*site.asked.borrow(), [DOCUMENT], "what was read is kept");
    assert!(text_of(&page(&w, "owner-a", &asked(DOCUMENT))).contains(&format!("described at <code>{DOCUMENT}</code>")));
    let other = document().as_object().unwrap().clone();
    let other = serde_json::Map::from_iter(
        other.into_iter().chain([("redirect_uris".to_owned(), json!(["https://app.example.com/cb"]))]),
    );
    *site.body.borrow_mut() = Value::Object(other).to_string().into_bytes();
    let now = w.app.now;
    w.app.now = now.plus_s(299);
    assert_eq!(page(&w, "owner-a", &asked(DOCUMENT)).status, 200);
    w.app.now = now.plus_s(300);
    assert_eq!(page(&w, "owner-a", &asked(DOCUMENT)).status, 400, "the redirect URI is gone from the document");
    assert_eq!((site.asked.borrow().len(), w.db.query("select count(*) from oauth_client")), (2, vec!["1".to_owned()]));
    // What was granted goes on without it.
    assert_eq!(tokens.refreshed(&w, DOCUMENT).status, 200);
}

#[test]
fn a_document_that_does_not_fit_is_no_client() {
    let with = |name: &str, value: Value| {
        let mut document = document();
        document[name] = value;
        document.to_string().into_bytes()
    };
    let long = [document().to_string().into_bytes(), vec![b' '; 16 << 10]].concat();
    for (status, body) in [
        (404, document().to_string().into_bytes()),
        (301, document().to_string().into_bytes()),
        (200, b"<!doctype html>".to_vec()),
        (200, long),
        (200, with("client_id", json!("https://app.example.com/other.json"))),
        (200, with("client_secret", json!("hush"))),
        (200, with("token_endpoint_auth_method", json!("client_secret_basic"))),
        (200, with("token_endpoint_auth_method", json!("private_key_jwt"))),
        (200, with("redirect_uris", json!([]))),
        (200, with("redirect_uris", json!(["javascript://x"]))),
        (200, with("redirect_uris", Value::Null)),
        (200, with("client_name", json!("x".repeat(101)))),
    ] {
        let (w, site) = world(&[], status, &body);
        let response = page(&w, "owner-a", &asked(DOCUMENT));
        assert_eq!((response.status.as_u16(), site.asked.borrow().len()), (401, 1), "{status} {body:.200?}");
        assert_eq!(w.db.query("select count(*) from oauth_client"), ["0"]);
    }
}

#[test]
fn a_document_is_fetched_from_a_public_name_alone() {
    let bad = [
        "http://app.example.com/client.json",
        "https://app.example.com",
        "https://app.example.com/",
        "https://app.example.com:8443/client.json",
        "https://app.example.com/client.json#x",
        "https://user@app.example.com/client.json",
        "https://app.example.com/../client.json",
        "https://app.example.com/%2e%2e/client.json",
        "https://app.example.com\\@evil.com/x",
        "https:/app.example.com/client.json",
        "https://APP.example.com/client.json",
        "https://localhost/client.json",
        "https://box/client.json",
        "https://box.local/client.json",
        "https://db.internal/client.json",
        "https://x.localhost/client.json",
        "https://127.0.0.1/client.json",
        "https://127.1/client.json",
        "https://2130706433/client.json",
        "https://0x7f.0.0.1/client.json",
        "https://0177.0.0.1/client.json",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/client.json",
        "https://[::1]/client.json",
        "https://[::ffff:127.0.0.1]/client.json",
        "https://１２７.0.0.1/client.json",
        "https://app.example.com./client.json",
        "ftp://app.example.com/client.json",
        "file:///etc/passwd",
        "javascript://app.example.com/%0aalert(1)",
    ];
    let loopback = ["http://localhost:1/client.json", "http://127.0.0.1:8000/client.json"];
    let (production, site) = world(&[("ENVIRONMENT", "production"), ("BETTER_AUTH_URL", ORIGIN)], 200, b"{}");
    for id in bad.iter().chain(&loopback) {
        assert_eq!(page(&production, "owner-a", &asked(id)).status, 401, "{id}");
    }
    assert_eq!(*site.asked.borrow(), [""; 0]);
    let (development, site) = world(&[], 200, b"{}");
    for id in bad.iter().chain(&loopback) {
        page(&development, "owner-a", &asked(id));
    }
    assert_eq!(*site.asked.borrow(), loopback);
}
