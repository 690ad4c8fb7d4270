//! The cookies of an answer.
//!
//! Source: Better Auth 1.7.25, `setSessionCookie`, `deleteSessionCookie` and the bearer plugin (wire spec §2.4, §2.8
//! and §5.25).
use super::{
    cache::{self, Copied},
    model::{Session, User},
};
use crate::{
    access::{App, credential},
    api::{
        Request, Response,
        cookie::{self, Cookie},
    },
};

/// How long a browser waits for its provider's answer. Source: Better Auth 1.7.25, `generateGenericState`.
const STATE_MAX_AGE_S: u32 = 300;

/// The cookies that an answer sets: of each name the last that was put in.
pub struct Jar<'a> {
    request: &'a Request,
    app: &'a App,
    /// Name and `set-cookie` value.
    cookies: Vec<(String, String)>,
    /// What `set-auth-token` will say.
    bearer: Option<String>,
    /// What this answer says about being remembered.
    remember: Option<bool>,
    /// [`App::identity_changes`] when the request came.
    changes: u32,
    copy: Copy,
}

/// What becomes of the browser's copy of the session (the cookie cache).
enum Copy {
    /// It stays, unless the request has changed anything: then it may be wrong.
    Kept,
    /// It is made of these rows, unless anything has changed since they were read.
    Made { changes: u32, rows: Box<(Session, User)> },
    /// It has been expired.
    Expired,
}

impl<'a> Jar<'a> {
    /// An empty one.
    pub fn new(request: &'a Request, app: &'a App) -> Self {
        let changes = app.identity_changes();
        Self { request, app, cookies: vec![], bearer: None, remember: None, changes, copy: Copy::Kept }
    }

    /// Hands out the session. `remember` of `None` keeps what the browser chose when it signed in.
    pub fn set_session(&mut self, token: &str, remember: Option<bool>) {
        let config = &self.app.config;
        let was_forgetful = self.is_forgetful();
        let remember = remember.unwrap_or(!was_forgetful);
        self.remember = Some(remember);
        let value = cookie::sign(token, &config.secret);
        self.put(Cookie::SessionToken, &value, remember.then_some(config.session.expires_in_s));
        self.bearer = Some(cookie::signed(token, &config.secret));
        if !remember {
            self.put(Cookie::DontRemember, &cookie::sign("true", &config.secret), None);
        } else if was_forgetful {
            self.put(Cookie::DontRemember, "", Some(0));
        }
    }

    /// Lets the browser keep a copy of these rows, which have just been read or written, if the deployment has the
    /// cookie cache. Without this call, a request that changes anything expires the copy that there is.
    pub fn set_copy(&mut self, session: &Session, user: &User) {
        let changes = self.app.identity_changes();
        self.copy = Copy::Made { changes, rows: Box::new((session.clone(), user.clone())) };
    }

    /// The browser's copy of the session of the token, if it counts; one that does not is expired.
    pub fn copy(&mut self, token: &str) -> Option<Copied> {
        let cache = self.app.config.session.cookie_cache?;
        let value = cache::join(&self.app.config, self.cookies_sent())?;
        let copied = cache::read(self.app, cache, token, &value);
        if copied.is_none() {
            self.clear_copy();
        }
        copied
    }

    /// Takes the session back.
    pub fn clear_session(&mut self) {
        self.bearer = None;
        self.put(Cookie::SessionToken, "", Some(0));
        self.put(Cookie::SessionData, "", Some(0));
        self.clear_copy();
        self.put(Cookie::DontRemember, "", Some(0));
    }

    /// Expires the copy of the session, whole or in chunks, if the request has one.
    pub fn clear_copy(&mut self) {
        self.copy = Copy::Expired;
        for name in cache::sent(&self.app.config, self.cookies_sent()) {
            self.put_as(name, "", Some(0));
        }
    }

    /// Lets the browser, and no other, bring back a provider's answer.
    pub fn set_state(&mut self, state: &str) {
        self.put(Cookie::State, &cookie::sign(state, &self.app.config.secret), Some(STATE_MAX_AGE_S));
    }

    /// It has brought it.
    pub fn clear_state(&mut self) {
        self.put(Cookie::State, "", Some(0));
    }

    /// Whether the browser asked to be forgotten when it closes.
    pub fn is_forgetful(&self) -> bool {
        credential::signed_cookie(self.request, &self.app.config, Cookie::DontRemember)
            .is_some_and(|value| !value.is_empty())
    }

    /// Writes the headers: the cookies, and the session for those who keep it themselves.
    pub fn put_on(mut self, mut response: Response) -> Response {
        self.settle_copy();
        for (_, value) in self.cookies {
            response = response.with_header("set-cookie", value);
        }
        match self.bearer {
            Some(token) => response
                .with_header("set-auth-token", token)
                .with_header("access-control-expose-headers", "set-auth-token"),
            None => response,
        }
    }

    fn settle_copy(&mut self) {
        let now = self.app.identity_changes();
        match std::mem::replace(&mut self.copy, Copy::Expired) {
            Copy::Made { changes, rows } if changes == now => self.write_copy(&rows.0, &rows.1),
            Copy::Kept if self.changes == now => {}
            Copy::Expired => {}
            Copy::Kept | Copy::Made { .. } => self.clear_copy(),
        }
    }

    /// In place of the old one and all of its chunks. Without the copy the database answers, so none is no error.
    fn write_copy(&mut self, session: &Session, user: &User) {
        let Some(cache) = self.app.config.session.cookie_cache else { return self.clear_copy() };
        let remember = self.remember.unwrap_or(!self.is_forgetful());
        let max_age_s = remember.then_some(cache.max_age_s);
        self.clear_copy();
        if let Ok(value) = cache::write(self.app, cache, remember, session, user) {
            for (name, part) in cache::chunks(&self.app.config, &value, max_age_s) {
                self.put_as(name, &part, max_age_s);
            }
        }
    }

    fn cookies_sent(&self) -> &'a str {
        self.request.header("cookie").unwrap_or_default()
    }

    fn put(&mut self, which: Cookie, value: &str, max_age_s: Option<u32>) {
        self.put_as(which.name(&self.app.config), value, max_age_s);
    }

    fn put_as(&mut self, name: String, value: &str, max_age_s: Option<u32>) {
        self.cookies.retain(|(other, _)| *other != name);
        let line = cookie::set(&name, &self.app.config, value, max_age_s);
        self.cookies.push((name, line));
    }
}
