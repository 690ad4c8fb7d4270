//! Better Auth's API, through the whole core over SQLite.
mod accounts;
mod attempts;
mod cache;
mod cors;
mod delete_user;
mod docs;
mod fuzz;
mod gate;
mod hashes;
mod invitations;
mod limits;
mod log;
mod mails;
mod members;
mod organizations;
mod purge;
mod races;
mod resets;
mod roles;
mod sessions;
mod sign;
mod social;
mod teams;

use crate::{
    api::{Request, Response},
    house::world::World,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const ORIGIN: &str = "http://localhost:8787";

/// A browser: it keeps its cookies.
pub(super) struct Browser<'a> {
    pub world: &'a World,
    pub cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub fn new(world: &'a World) -> Self {
        Self { world, cookies: BTreeMap::new() }
    }

    /// With the session of one of [`crate::house::world::PEOPLE`].
    pub fn of(world: &'a World, who: &str) -> Self {
        let cookie = crate::api::cookie::sign(who, &world.app.config.secret);
        Self { world, cookies: [("better-auth.session_token".to_owned(), cookie)].into() }
    }

    pub fn request(&self, method: &str, path: &str, body: &Value) -> Request {
        let mut request = self.world.request("", method, &format!("/api/auth{path}"), body.clone());
        request.headers.retain(|(name, _)| name != "cookie");
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers.push(("cookie".into(), cookies.join("; ")));
        }
        request
    }

    pub fn answer(&mut self, request: &Request) -> Response {
        let response = self.world.answer(request);
        for (_, cookie) in response.headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("; Max-Age=0;") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        response
    }

    pub fn send(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(method, path, &body);
        let response = self.answer(&request);
        (response.status.as_u16(), parsed(&response))
    }

    pub fn post(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.send("POST", path, body)
    }

    pub fn get(&mut self, path: &str) -> (u16, Value) {
        self.send("GET", path, Value::Null)
    }
}

pub(super) fn parsed(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or(Value::Null)
}

pub(super) fn text(response: &Response) -> &str {
    std::str::from_utf8(&response.body).unwrap()
}

pub(super) fn cookies(response: &Response) -> Vec<&str> {
    response.headers.iter().filter(|(name, _)| *name == "set-cookie").map(|(_, value)| value.as_str()).collect()
}

/// Status and code.
pub(super) fn code((status, body): (u16, Value)) -> (u16, String) {
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

pub(super) fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// How many round trips it takes.
pub(super) fn calls<T>(world: &World, run: impl FnOnce() -> T) -> (usize, T) {
    let before = world.db.calls.get();
    let done = run();
    (world.db.calls.get() - before, done)
}

pub(super) fn ada() -> Value {
    json!({ "name": "Ada", "email": "Ada@Ex.co", "password": "password1" })
}
