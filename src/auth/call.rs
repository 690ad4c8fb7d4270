//! One request on its way through an endpoint.
use super::{
    input::{self, Fields, Root},
    jar::Jar,
};
use crate::{
    Result,
    access::App,
    api::{Request, Response},
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
    params: Params,
    body: Option<Value>,
}

impl<'a> Call<'a> {
    /// With no cookies yet.
    pub fn new(app: &'a App, request: &'a Request, params: Params, body: Option<Value>) -> Self {
        Self { app, request, jar: Jar::new(request, app), params, body }
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
