//! The operations as tools.
use super::{Object, message::Fault, modern, object};
use crate::{
    Error, Result,
    access::AuthCtx,
    api::{Request, Response},
    approval,
    operation::{Effect, Operation},
    operations,
};
use serde_json::{Value, json};

/// The tools with their schemas, in the order of the operations: made from them by a test. Making it here would cost the
/// schema code.
const TOOLS: &str = include_str!("../../docs/tools.json");

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
        let described: Vec<Value> = serde_json::from_str(TOOLS).unwrap_or_default();
        let of_caller =
            operations::tools().zip(described).filter(|(operation, _)| self.has(operation) && operation.is_granted(cx));
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
        let operation = operations::tools().find(|operation| operation.name == name && self.has(operation));
        let operation = operation.ok_or_else(|| Fault::params(200, format!("There is no tool {name:?}.")))?;
        let arguments = match params.get("arguments") {
            None => json!({}),
            Some(arguments) if arguments.is_object() => arguments.clone(),
            Some(_) => return Err(Fault::params(200, "arguments must be an object.")),
        };
        Ok(match approval::call(cx, operation, arguments).await {
            Ok(answer) => (told(&answer.into_json(), false), None),
            Err(error @ Error::ApprovalRequired(_)) if may_ask => (modern::ask(&error.to_string()), Some(error)),
            Err(error) => (told(&Response::from(&error).body, true), Some(error)),
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

/// Every tool as `tools/list` has it: `docs/tools.json`.
#[cfg(not(target_arch = "wasm32"))]
pub fn document() -> Vec<Value> {
    use schemars::transform::{RecursiveTransform, Transform};
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    // `uint64` and its like are words of Rust, of which validators warn.
    let mut without_formats = RecursiveTransform(|schema: &mut schemars::Schema| {
        let is_rusts = |format: &str| format.starts_with("uint") || format.starts_with("int");
        if schema.get("format").and_then(Value::as_str).is_some_and(is_rusts) {
            schema.remove("format");
        }
    });
    let described = operations::tools().map(|operation| {
        let mut schemas = settings.clone().into_generator();
        let (mut input, mut output) = ((operation.input)(&mut schemas), (operation.output)(&mut schemas));
        without_formats.transform(&mut input);
        without_formats.transform(&mut output);
        let effect = operation.effect();
        json!({
            "name": operation.name,
            "description": operation.doc.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim(),
            "inputSchema": input,
            "outputSchema": output,
            "annotations": {
                "readOnlyHint": effect == Effect::Read,
                "destructiveHint": effect == Effect::Destructive,
                "idempotentHint": effect == Effect::Read,
                "openWorldHint": false,
            },
        })
    });
    described.collect()
}
