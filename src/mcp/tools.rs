//! The operations as tools.
use super::{Object, message::Fault, modern, object};
use crate::{
    Error, Result,
    access::AuthCtx,
    api::Request,
    operation::{Effect, Operation},
    tools,
};
use serde_json::{Value, json};

/// Tells a client that the text of a result comes from an organization's rows.
const META_CONTENT: &str = "orgscope/content";

/// Which of the tools a request asks for.
pub struct Tools {
    reads_only: bool,
}

impl Tools {
    /// All, or with `?tools=read` or the header `x-orgscope-tools: read` those that change nothing.
    ///
    /// # Errors
    /// `Invalid` for any other word.
    pub fn asked(request: &Request) -> Result<Self> {
        match request.query("tools").or_else(|| request.header("x-orgscope-tools")) {
            None | Some("all") => Ok(Self { reads_only: false }),
            Some("read") => Ok(Self { reads_only: true }),
            Some(_) => Err(Error::invalid("tools", "must be read or all")),
        }
    }

    fn has(&self, operation: &Operation) -> bool {
        !self.reads_only || operation.effect() == Effect::Read
    }

    /// The result of `tools/list`: what the caller's roles grant. It is one page.
    pub fn list(&self, cx: &AuthCtx) -> Object {
        let of_caller = tools::granted(cx).filter(|(operation, _)| self.has(operation));
        let mut result = object(json!({ "tools": of_caller.map(|(_, tool)| tool).collect::<Vec<_>>() }));
        modern::private(&mut result);
        result
    }

    /// The result of `tools/call`. What the operation refuses, its caller's model can read and mend: it is a result. What a
    /// person must approve first is asked for by the client, if it `may_ask`.
    ///
    /// # Errors
    /// For parameters that name no tool.
    pub async fn call(&self, cx: &AuthCtx, params: &Value, may_ask: bool) -> Result<(Object, Option<Error>), Fault> {
        let name = params["name"].as_str().ok_or_else(|| Fault::params(200, "name must be a tool's name."))?;
        let operation = tools::find(name).filter(|operation| self.has(operation));
        let operation = operation.ok_or_else(|| Fault::params(200, format!("There is no tool {name:?}.")))?;
        let arguments = match params.get("arguments") {
            None => json!({}),
            Some(arguments) if arguments.is_object() => arguments.clone(),
            Some(_) => return Err(Fault::params(200, "arguments must be an object.")),
        };
        Ok(match tools::call(operation, cx, arguments).await {
            (_, Some(error @ Error::ApprovalRequired(_))) if may_ask => (modern::ask(&error.to_string()), Some(error)),
            (json, error) => (told(&json, error.is_some()), error),
        })
    }
}

/// A tool's result: the JSON, as text and as itself.
fn told(json: &[u8], is_error: bool) -> Object {
    let mut result = object(json!({
        "content": [{ "type": "text", "text": String::from_utf8_lossy(json) }],
        "isError": is_error,
        "_meta": { META_CONTENT: "data" },
    }));
    if !is_error {
        // An error need not be of the tool's schema, and is not.
        result.insert("structuredContent".into(), serde_json::from_slice(json).unwrap_or_default());
    }
    result
}
