//! JSON-RPC 2.0, as MCP uses it: one message for each POST, no batches.
use super::{LEGACY_VERSIONS, Object, modern};
use crate::api::{Request, Response};
use http::StatusCode;
use serde_json::{Value, json};

/// What a client sends.
pub enum Message {
    /// It awaits an answer.
    Request {
        /// A text or a number, which the answer repeats.
        id: Value,
        /// What is to be done.
        method: String,
        /// An object; empty if there was none.
        params: Value,
    },
    /// It awaits none: a notification, or an answer to something that we never ask.
    Notification,
}

impl Message {
    /// Reads the body.
    ///
    /// # Errors
    /// What is no JSON, or no message.
    pub fn read(request: &Request) -> Result<Self, Fault> {
        if request.media_type().as_deref() != Some("application/json") {
            return Err(Fault::new(
                415,
                -32000,
                "Send the message as JSON, with the header content-type: application/json.",
            ));
        }
        let message: Value = serde_json::from_slice(&request.body)
            .map_err(|error| Fault::new(400, -32700, format!("The body is not valid JSON: {error}.")))?;
        let invalid = |problem: &str| Fault::new(400, -32600, format!("This is no JSON-RPC 2.0 message: {problem}."));
        if !message.is_object() {
            return Err(invalid("it is no object, and batches are not taken"));
        }
        if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(invalid("jsonrpc is not \"2.0\""));
        }
        let Some(method) = message.get("method") else { return Ok(Self::Notification) };
        let method = method.as_str().ok_or_else(|| invalid("method is no text"))?;
        let Some(id) = message.get("id") else { return Ok(Self::Notification) };
        if !(id.is_string() || id.is_number()) {
            return Err(invalid("id is neither a text nor a number"));
        }
        let params = message.get("params").cloned().unwrap_or_else(|| json!({}));
        if !params.is_object() {
            return Err(invalid("params is no object"));
        }
        Ok(Self::Request { id: id.clone(), method: method.to_owned(), params })
    }
}

/// The answer to a request that was done.
pub fn result(id: &Value, result: &Object) -> Response {
    answer(StatusCode::OK, &json!({ "jsonrpc": "2.0", "id": id, "result": result }))
}

fn answer(status: StatusCode, message: &Value) -> Response {
    Response::json_bytes(status, message.to_string().into_bytes())
}

/// Why a message is not done: a JSON-RPC error, and the HTTP status that goes with it.
#[derive(Debug)]
pub struct Fault {
    status: u16,
    code: i32,
    message: String,
    data: Option<Value>,
}

impl Fault {
    pub fn new(status: u16, code: i32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), data: None }
    }

    /// The parameters are not what the method takes.
    pub fn params(status: u16, message: impl Into<String>) -> Self {
        Self::new(status, -32602, message)
    }

    /// A header is missing, or says something else than the body.
    pub fn header(name: &str, expected: &str) -> Self {
        Self::new(400, -32020, format!("The header {name} must be {expected:?}, as the body has it."))
    }

    /// The older revisions answer it with 200.
    pub fn unknown_method(method: &str, is_modern: bool) -> Self {
        Self::new(if is_modern { 404 } else { 200 }, -32601, format!("There is no method {method:?}."))
    }

    /// A modern version that we do not speak.
    pub fn unsupported(requested: &str) -> Self {
        let data = json!({ "supported": [modern::VERSION], "requested": requested });
        let message = format!("The protocol's version {requested:?} is not spoken here.");
        Self { data: Some(data), ..Self::new(400, -32022, message) }
    }

    /// A legacy version that we do not speak.
    pub fn unsupported_header(requested: &str) -> Self {
        let supported = LEGACY_VERSIONS.join(", ");
        Self::new(400, -32000, format!("The protocol's version {requested:?} is not spoken here: {supported} are."))
    }

    pub fn response(self, id: &Value) -> Response {
        let error = match self.data {
            Some(data) => json!({ "code": self.code, "message": self.message, "data": data }),
            None => json!({ "code": self.code, "message": self.message }),
        };
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer(status, &json!({ "jsonrpc": "2.0", "id": id, "error": error }))
    }
}
