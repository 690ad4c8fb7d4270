//! The authorization server, through the whole core over SQLite.
mod consent;
mod grants;
mod registration;
mod tokens;

use crate::{
    access::credential,
    api::{Request, Response},
    house::world::World,
};
use serde_json::{Value, json};

const ORIGIN: &str = "http://localhost:8787";
const CALLBACK: &str = "http://127.0.0.1:33418/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mBqDk2T6gI3wK9lqN0R1xZyVuHsEoA";

/// A request without credentials, and without an origin, as programs send it.
fn program(w: &World, method: &str, path: &str) -> Request {
    let mut request = w.request("", method, path, Value::Null);
    request.headers.clear();
    request
}

/// Posts a form.
fn posted(mut request: Request, fields: &[(&str, &str)]) -> Request {
    request.headers.retain(|(name, _)| name != "content-type");
    request.headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
    request.body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
    request
}

fn json_of(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or(Value::Null)
}

fn text_of(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

/// Status and OAuth's error.
fn error(response: &Response) -> (u16, String) {
    (response.status.as_u16(), json_of(response)["error"].as_str().unwrap_or_default().to_owned())
}

/// A client that registers itself, with those redirect URIs.
fn registered_with(w: &World, redirect_uris: &[&str]) -> String {
    let mut request = program(w, "POST", "/oauth/register");
    request.headers.push(("content-type".into(), "application/json".into()));
    request.body = json!({ "client_name": "Desk <b>", "redirect_uris": redirect_uris }).to_string().into_bytes();
    let response = w.answer(&request);
    assert_eq!(response.status, 201, "{}", text_of(&response));
    json_of(&response)["client_id"].as_str().unwrap().to_owned()
}

fn registered(w: &World) -> String {
    registered_with(w, &["http://127.0.0.1/callback"])
}

/// The parameters of a good request.
fn asked(client: &str) -> Vec<(&'static str, String)> {
    vec![
        ("response_type", "code".into()),
        ("client_id", client.into()),
        ("redirect_uri", CALLBACK.into()),
        ("code_challenge", credential::hash(VERIFIER)),
        ("code_challenge_method", "S256".into()),
        ("resource", format!("{ORIGIN}/mcp")),
        ("scope", "dataset:read dataset:create".into()),
        ("state", "st&te".into()),
    ]
}

/// The same, with another value of one, or without it.
fn but(mut asked: Vec<(&'static str, String)>, name: &'static str, value: Option<&str>) -> Vec<(&'static str, String)> {
    asked.retain(|(other, _)| *other != name);
    asked.extend(value.map(|value| (name, value.to_owned())));
    asked
}

/// The page that asks that person.
fn page(w: &World, who: &str, asked: &[(&str, String)]) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
    w.answer(&w.request(who, "GET", &format!("/oauth/authorize?{query}"), Value::Null))
}

/// The value of a field of a page's form.
fn field(page: &Response, name: &str) -> String {
    let text = text_of(page);
    let (_, rest) = text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {text}"));
    rest.split('"').next().unwrap().replace("&amp;", "&")
}

/// What the person decides on that page, in that organization.
fn decided(w: &World, who: &str, page: &Response, organization: &str, more: &[(&str, &str)]) -> Response {
    let (request, seal) = (field(page, "request"), field(page, "seal"));
    let all = [("request", request.as_str()), ("seal", &seal), ("organization", organization), ("access", "all")];
    let all: Vec<_> = all.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).collect();
    w.answer(&posted(w.request(who, "POST", "/oauth/authorize", Value::Null), &[all, more.to_vec()].concat()))
}

/// The parameters of the answer that the application gets.
fn answered(response: &Response) -> Vec<(String, String)> {
    assert_eq!(response.status, 303, "{}", text_of(response));
    let location = response.header("location").unwrap();
    let query = location.strip_prefix(&format!("{CALLBACK}?")).unwrap_or_else(|| panic!("{location}"));
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The code that the application gets once that person has agreed.
fn code(w: &World, who: &str, client: &str) -> String {
    let page = page(w, who, &asked(client));
    let answer = answered(&decided(w, who, &page, &who[who.len() - 1..], &[("decision", "allow")]));
    answer.into_iter().find(|(name, _)| name == "code").unwrap().1
}

/// The form that exchanges a code.
fn exchange<'a>(code: &'a str, client: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("resource", "http://localhost:8787/mcp"),
    ]
}

fn sent(w: &World, path: &str, form: &[(&str, &str)]) -> Response {
    w.answer(&posted(program(w, "POST", path), form))
}

/// What an application holds.
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn of(response: &Response) -> Self {
        assert_eq!(response.status, 200, "{}", text_of(response));
        let body = json_of(response);
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }

    /// Of a client for which that person has agreed.
    fn granted(w: &World, who: &str, client: &str) -> Self {
        Self::of(&sent(w, "/oauth/token", &exchange(&code(w, who, client), client)))
    }

    fn refreshed(&self, w: &World, client: &str) -> Response {
        sent(w, "/oauth/token", &refresh(&self.refresh, client))
    }
}

fn refresh<'a>(token: &'a str, client: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", client)]
}

/// Calls a tool with the token: the HTTP status, and the code of the tool's error, if it is one.
fn call(w: &World, token: &str, tool: &str, arguments: Value) -> (u16, String) {
    let mut request = program(w, "POST", "/mcp");
    request.headers.push(("content-type".into(), "application/json".into()));
    request.headers.push(("authorization".into(), format!("Bearer {token}")));
    let params = json!({ "name": tool, "arguments": arguments });
    request.body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string().into();
    let response = w.answer(&request);
    let result = json_of(&response)["result"].clone();
    let told: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap_or("null")).unwrap();
    (response.status.as_u16(), told["code"].as_str().unwrap_or_default().to_owned())
}

/// Whether the token opens `/mcp`.
fn opens(w: &World, token: &str) -> bool {
    call(w, token, "me", json!({})).0 == 200
}
