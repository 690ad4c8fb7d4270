//! One request on its way through an endpoint.
use super::{
    input::{self, Fields, Root},
    jar::Jar,
};
use crate::{
    Result,
    access::{App, Called, OrgLog},
    api::{Request, Response},
    db::{IdentityStatement, Rows, SqlError},
    error::AuthError,
    path::Params,
};
use http::StatusCode;
use percent_encoding::{CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Map, Value};

/// A request that has passed the route, the body's type and the origin; and the cookies that its answer will set,
/// whether it succeeds or not.
pub struct Call<'a> {
    /// What handlers are given.
    pub app: &'a App,
    /// The request.
    pub request: &'a Request,
    /// The cookies of the answer.
    pub jar: Jar<'a>,
    /// The log of the organization that the request is about, once that is known: then it has what is changed there, and
    /// what is refused to a member.
    pub log: Option<OrgLog>,
    operation: &'static str,
    params: Params,
    body: Option<Value>,
}

impl<'a> Call<'a> {
    /// With no cookies yet; `path` is the route's.
    pub fn new(app: &'a App, request: &'a Request, path: &'static str, params: Params, body: Option<Value>) -> Self {
        let operation = path.trim_start_matches('/');
        Self { app, request, jar: Jar::new(request, app), log: None, operation, params, body }
    }

    /// The value of a `:name` segment of the route's path; empty if the route has none of that name.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| value)
    }

    /// The fields of the body.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`.
    pub fn body<T>(&self, root: Root, shape: impl FnOnce(&mut Fields<'_>) -> T) -> Result<T> {
        input::read("body", self.body.as_ref(), root, shape)
    }

    /// The fields of the query: texts, or a list where a name is given twice.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`.
    pub fn query<T>(&self, shape: impl FnOnce(&mut Fields<'_>) -> T) -> Result<T> {
        let mut fields = Map::new();
        for (name, value) in &self.request.query {
            let value = Value::String(value.clone());
            match fields.get_mut(name) {
                None => drop(fields.insert(name.clone(), value)),
                Some(Value::Array(all)) => all.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        input::read("query", Some(&Value::Object(fields)), Root::Object, shape)
    }

    /// Runs a statement that changes something in the organization whose log is open, about the row of that id; and with it
    /// its event.
    ///
    /// # Errors
    /// What the database says; a constraint is for the caller to name.
    pub async fn change(&self, statement: IdentityStatement, target: &str) -> Result<Rows, SqlError> {
        Ok(self.change_by(vec![statement], 0, target).await?.pop().unwrap_or_default())
    }

    /// The same, of several statements: the one at `deciding` says by the rows that it changes whether anything is.
    ///
    /// # Errors
    /// As [`Call::change`].
    pub async fn change_by(
        &self,
        statements: Vec<IdentityStatement>,
        deciding: usize,
        target: &str,
    ) -> Result<Vec<Rows>, SqlError> {
        let log = self.log.as_ref().ok_or_else(|| SqlError::Other("a change outside of an organization".into()))?;
        self.app.identity().audited(log, statements, deciding, &self.called().on(target)).await
    }

    /// Notes in the organization's log that a member was refused, if it was for his roles.
    pub async fn note_denial(&self, error: &AuthError) {
        if let (Some(log), Some(code)) = (&self.log, error.denial()) {
            log.note_denial(self.app, &self.called().refused(code)).await;
        }
    }

    fn called(&self) -> Called {
        let called = Called::unread(self.operation);
        // Which row it is about says the endpoint, not a field of the body that it may not know.
        match &self.body {
            Some(body) => called.with(body).on(""),
            None => called,
        }
    }

    /// A 200 with this as JSON.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    pub fn ok(&self, value: &impl Serialize) -> Result<Response> {
        Response::json(StatusCode::OK, value)
    }

    /// Sends the reader on; the URL has been checked.
    #[must_use]
    pub fn redirect(&self, url: &str) -> Response {
        Response::json_bytes(StatusCode::FOUND, vec![]).with_header("location", location(url))
    }
}

/// A URL as a header can say it: without the control characters that browsers skip in one, and the rest in ASCII.
#[must_use]
pub fn location(url: &str) -> String {
    let visible: String = url.chars().filter(|c| !c.is_control()).collect();
    utf8_percent_encode(&visible, CONTROLS).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_location_is_a_header_whatever_the_url() {
        assert_eq!(super::location("\thttp://x.co/\r\n→?a=ü b%20"), "http://x.co/%E2%86%92?a=%C3%BC b%20");
    }
}
