//! The body of a request as a JSON value, whatever it was sent as.
//!
//! Source: Better Auth 1.7.25 and better-call's `getBody` (wire spec §4.8).
use super::code;
use crate::{Result, api::Request, error::AuthError};
use serde_json::{Map, Value};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Reads the body; nothing if there is none.
///
/// # Errors
/// `UNSUPPORTED_MEDIA_TYPE`, 415; `BAD_REQUEST`, 400, if it is no JSON.
pub fn read(request: &Request, takes_forms: bool) -> Result<Option<Value>> {
    if request.body.is_empty() || request.is_safe() {
        return Ok(None);
    }
    match request.media_type().as_deref() {
        Some(JSON) => match serde_json::from_slice(&request.body) {
            Ok(body) => Ok(Some(body)),
            Err(_) => Err(code::INVALID_JSON.into()),
        },
        Some(FORM) if takes_forms => Ok(Some(form(&request.body))),
        _ => Err(unsupported(request.header("content-type").unwrap_or_default(), takes_forms).into()),
    }
}

/// All values are texts; of a field that is given twice the last counts.
fn form(body: &[u8]) -> Value {
    let fields = form_urlencoded::parse(body).into_owned().map(|(name, value)| (name, Value::String(value)));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn unsupported(given: &str, takes_forms: bool) -> AuthError {
    let allowed = if takes_forms { format!("{FORM}, {JSON}") } else { JSON.to_owned() };
    let message = if given.is_empty() {
        format!("Content-Type is required. Allowed types: {allowed}")
    } else {
        format!("Content-Type \"{given}\" is not allowed. Allowed types: {allowed}")
    };
    AuthError { message: Some(message.into()), ..AuthError::new(415, "UNSUPPORTED_MEDIA_TYPE", "") }
}
