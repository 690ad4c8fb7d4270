//! The revision 2026-07-28, whose requests stand each for itself.
use super::{INSTRUCTIONS, Object, message::Fault, object, server_info};
use crate::api::Request;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::borrow::Cow;

/// The revision.
pub const VERSION: &str = "2026-07-28";

const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
const META_SERVER: &str = "io.modelcontextprotocol/serverInfo";

/// How long a client may go by what it was told of us, in milliseconds: not at all, for roles change.
const TTL_MS: u32 = 0;

/// Whether the request is of this revision, or of a later one.
pub fn is_spoken(request: &Request, params: &Value) -> bool {
    params["_meta"].get(META_VERSION).is_some() || request.header("mcp-protocol-version").is_some_and(|v| v >= VERSION)
}

/// Holds the request to the revision's rules: what proxies read in headers is what the body says.
pub fn check(request: &Request, method: &str, params: &Value) -> Result<(), Fault> {
    let meta = &params["_meta"];
    let version = meta[META_VERSION].as_str();
    let version = version.ok_or_else(|| Fault::params(400, format!("_meta must have {META_VERSION:?}.")))?;
    if !meta[META_CAPABILITIES].is_object() {
        return Err(Fault::params(400, format!("_meta must have {META_CAPABILITIES:?}, an object.")));
    }
    let agrees = |name: &str, expected: &str| match request.header(name).map(decoded) {
        Some(given) if given == expected => Ok(()),
        _ => Err(Fault::header(name, expected)),
    };
    agrees("mcp-protocol-version", version)?;
    agrees("mcp-method", method)?;
    if let (true, Some(name)) = (method == "tools/call", params["name"].as_str()) {
        agrees("mcp-name", name)?;
    }
    if version == VERSION { Ok(()) } else { Err(Fault::unsupported(version)) }
}

/// A header's value, which may be written as `=?base64?…?=`.
fn decoded(value: &str) -> Cow<'_, str> {
    let encoded = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    let text = encoded.and_then(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok());
    text.map_or(Cow::Borrowed(value), Cow::Owned)
}

/// The result of `server/discover`.
pub fn discover() -> Object {
    let mut result = object(json!({
        "supportedVersions": [VERSION],
        "capabilities": { "tools": {} },
        "instructions": INSTRUCTIONS,
    }));
    private(&mut result);
    result
}

/// Says that the result is this caller's alone, and of now.
pub fn private(result: &mut Object) {
    result.insert("ttlMs".into(), TTL_MS.into());
    result.insert("cacheScope".into(), "private".into());
}

/// Whether a call may be answered by a question to the person before the client: it can ask, and has not just done so.
pub fn may_ask(params: &Value) -> bool {
    let capabilities = params.get("_meta").and_then(|meta| meta.get(META_CAPABILITIES));
    let modes = capabilities.and_then(|capabilities| capabilities.get("elicitation")).and_then(Value::as_object);
    // `{}` is the older way to say that it shows forms.
    let has_forms = modes.is_some_and(|modes| modes.is_empty() || modes.contains_key("form"));
    has_forms && params.get("inputResponses").is_none()
}

/// The result that asks the person to read the message and go on: a form without a field. What comes back decides nothing.
pub fn ask(message: &str) -> Object {
    let schema = json!({ "type": "object", "properties": {} });
    let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
    object(json!({
        "resultType": "input_required",
        "inputRequests": { "approval": { "method": "elicitation/create", "params": params } },
    }))
}

/// Adds what every result of the revision has.
pub fn complete(result: &mut Object) {
    result.entry("resultType").or_insert_with(|| "complete".into());
    if let Value::Object(meta) = result.entry("_meta").or_insert_with(|| json!({})) {
        meta.insert(META_SERVER.into(), server_info());
    }
}
