//! HTTP as plain values, so that everything behind it runs natively.
use crate::{Error, Result, error::AuthError, stream::Stream};
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::json;

pub mod codes;
pub mod cookie;
pub mod cors;
pub mod origin;
pub mod trusted;
pub mod uri;

/// A request whose body has been read, or as much of it as any route but one for rows takes.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Scheme and host it was sent to, such as `https://api.example.com`.
    pub origin: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What follows, if the body is longer than that.
    pub rest: Option<Stream>,
}

impl Request {
    /// That the body is all there, and no longer than `max_bytes`.
    ///
    /// # Errors
    /// `PayloadTooLarge`.
    pub fn within(&self, max_bytes: usize) -> Result<()> {
        if self.rest.is_some() || self.body.len() > max_bytes { Err(Error::PayloadTooLarge(max_bytes)) } else { Ok(()) }
    }

    /// The first header of that (lower-case) name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The first query parameter of that name.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The media type of the body, in lower case, without parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase())
    }

    /// Whether the method promises to change nothing (RFC 9110 §9.2.1).
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.method.is_safe()
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// Headers, in order; `set-cookie` may repeat.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What follows, if the body is sent in pieces.
    pub rest: Option<Stream>,
}

impl Response {
    /// A body of that media type.
    #[must_use]
    pub fn of_type(status: StatusCode, media: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", media.into())], body, rest: None }
    }

    /// `value` as JSON.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Self> {
        Ok(Self::json_bytes(status, serde_json::to_vec(value).map_err(Error::internal)?))
    }

    /// JSON that is already written.
    #[must_use]
    pub fn json_bytes(status: StatusCode, body: Vec<u8>) -> Self {
        Self::of_type(status, "application/json", body)
    }

    /// A status and nothing else.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: vec![], body: vec![], rest: None }
    }

    /// The same, with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}

impl From<&Error> for Response {
    /// `{ "code", "message" }`, and `field` for bad input, `widgets` for those that would break or
    /// `approval` for the one to decide on. Not to be kept: the next answer may be another.
    fn from(error: &Error) -> Self {
        if let Error::Auth(error) = error {
            return error.into();
        }
        let (status, code) = codes::of(error);
        let mut body = json!({ "code": code, "message": error.to_string() });
        let more = match error {
            Error::Invalid { field, .. } => Some(("field", json!(field))),
            Error::WidgetsBreak(widgets) => Some(("widgets", json!(widgets))),
            Error::ApprovalRequired(id) | Error::ApprovalDenied(id) => Some(("approval", json!(id))),
            _ => None,
        };
        if let (Some((name, value)), Some(fields)) = (more, body.as_object_mut()) {
            fields.insert(name.into(), value);
        }
        let response = Self::json_bytes(status, body.to_string().into_bytes()).with_header("cache-control", "no-store");
        match error {
            Error::MethodNotAllowed { allow } => response.with_header("allow", allow.clone()),
            Error::TooManyRequests { wait_s, .. } => response.with_header("retry-after", wait_s.to_string()),
            _ => response,
        }
    }
}

impl From<&AuthError> for Response {
    /// Better Auth's body: `{ "message", "code"?, "missingPermissions"? }`, or an empty one that still says JSON.
    fn from(error: &AuthError) -> Self {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = match (&error.message, error.code) {
            (Some(message), Some(code)) if !error.missing.is_empty() => {
                json!({ "message": message, "code": code, "missingPermissions": error.missing }).to_string()
            }
            (Some(message), Some(code)) => json!({ "message": message, "code": code }).to_string(),
            (Some(message), None) => json!({ "message": message }).to_string(),
            (None, _) => String::new(),
        };
        Self::json_bytes(status, body.into_bytes())
    }
}
