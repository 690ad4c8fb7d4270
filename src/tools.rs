//! The operations as tools: for the doors where a model calls them.
use crate::{Error, access::AuthCtx, api::Response, approval, operation::Operation, operations};
use serde_json::Value;

/// The tools with their schemas, in the order of the operations: made from them by a test. Making it here would cost the
/// schema code.
const TOOLS: &str = include_str!("../docs/tools.json");

/// The tools that the caller's roles grant, each as `docs/tools.json` has it.
pub fn granted(cx: &AuthCtx) -> impl Iterator<Item = (&'static Operation, Value)> {
    let described: Vec<Value> = serde_json::from_str(TOOLS).unwrap_or_default();
    operations::tools().zip(described).filter(|(operation, _)| operation.is_granted(cx))
}

/// The tool of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Operation> {
    operations::tools().find(|operation| operation.name == name)
}

/// Calls a tool, or asks a person first, and gives its answer as JSON. What the operation refuses, its caller's model can
/// read and mend: that is JSON too, beside the error.
pub async fn call(operation: &'static Operation, cx: &AuthCtx, arguments: Value) -> (Vec<u8>, Option<Error>) {
    match approval::call(cx, operation, arguments).await {
        Ok(answer) => (answer.into_json(), None),
        Err(error) => (Response::from(&error).body, Some(error)),
    }
}

/// Every tool as `tools/list` has it: `docs/tools.json`.
#[cfg(not(target_arch = "wasm32"))]
pub fn document() -> Vec<Value> {
    use crate::operation::Effect;
    use schemars::transform::{RecursiveTransform, Transform};
    use serde_json::json;
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
                "openWorldHint": operation.sends.is_some(),
            },
        })
    });
    described.collect()
}
