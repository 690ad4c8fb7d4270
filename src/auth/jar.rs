//! The cookies of an answer.
//!
//! Source: Better Auth 1.7.25, `setSessionCookie`, `deleteSessionCookie` and the bearer plugin (wire spec §2.4, §2.8
//! and §5.25).
use crate::{
    access::{App, credential},
    api::{
        Request, Response,
        cookie::{self, Cookie},
    },
    config::Config,
};

/// How long a browser waits for its provider's answer. Source: Better Auth 1.7.25, `generateGenericState`.
const STATE_MAX_AGE_S: u32 = 300;

/// The cookies that an answer sets: of each name the last that was put in.
pub struct Jar<'a> {
    request: &'a Request,
    config: &'a Config,
    /// Name and `set-cookie` value.
    cookies: Vec<(String, String)>,
    /// What `set-auth-token` will say.
    bearer: Option<String>,
}

impl<'a> Jar<'a> {
    /// An empty one.
    pub fn new(request: &'a Request, app: &'a App) -> Self {
        Self { request, config: &app.config, cookies: vec![], bearer: None }
    }

    /// Hands out the session. `remember` of `None` keeps what the browser chose when it signed in.
    pub fn set_session(&mut self, token: &str, remember: Option<bool>) {
        let was_forgetful = self.is_forgetful();
        let remember = remember.unwrap_or(!was_forgetful);
        let value = cookie::sign(token, &self.config.secret);
        self.put(Cookie::SessionToken, &value, remember.then_some(self.config.session.expires_in_s));
        self.bearer = Some(cookie::signed(token, &self.config.secret));
        if !remember {
            self.put(Cookie::DontRemember, &cookie::sign("true", &self.config.secret), None);
        } else if was_forgetful {
            self.put(Cookie::DontRemember, "", Some(0));
        }
    }

    /// Takes the session back.
    pub fn clear_session(&mut self) {
        self.bearer = None;
        self.put(Cookie::SessionToken, "", Some(0));
        self.put(Cookie::SessionData, "", Some(0));
        self.put(Cookie::DontRemember, "", Some(0));
    }

    /// Expires the copy of the session's data, if the request has one: we keep none, so it is of another server or old.
    pub fn clear_session_data_if_sent(&mut self) {
        let cookies = self.request.header("cookie").unwrap_or_default();
        if cookie::read(cookies, &Cookie::SessionData.name(self.config)).is_some() {
            self.put(Cookie::SessionData, "", Some(0));
        }
    }

    /// Lets the browser, and no other, bring back a provider's answer.
    pub fn set_state(&mut self, state: &str) {
        self.put(Cookie::State, &cookie::sign(state, &self.config.secret), Some(STATE_MAX_AGE_S));
    }

    /// It has brought it.
    pub fn clear_state(&mut self) {
        self.put(Cookie::State, "", Some(0));
    }

    /// Whether the browser asked to be forgotten when it closes.
    pub fn is_forgetful(&self) -> bool {
        credential::signed_cookie(self.request, self.config, Cookie::DontRemember)
            .is_some_and(|value| !value.is_empty())
    }

    /// Writes the headers: the cookies, and the session for those who keep it themselves.
    pub fn put_on(self, mut response: Response) -> Response {
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

    fn put(&mut self, which: Cookie, value: &str, max_age_s: Option<u32>) {
        let name = which.name(self.config);
        self.cookies.retain(|(other, _)| *other != name);
        self.cookies.push((name, which.set(self.config, value, max_age_s)));
    }
}
