//! The OpenAPI 3.1 document of the operations.
use super::Operation;
use http::Method;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The document. `x-permission` and `x-effect` say what a call needs and does, and `x-sends` whether it may say where data
/// is sent.
pub fn document(operations: impl Iterator<Item = &'static Operation>) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut schemas = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = describe(operation, &mut schemas);
    }
    let components = json!({ "schemas": schemas.take_definitions(true), "securitySchemes": {
        "session": { "type": "apiKey", "in": "cookie", "name": "better-auth.session_token" },
        "bearer": { "type": "http", "scheme": "bearer" },
    } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Orgscope", "version": env!("CARGO_PKG_VERSION") },
        "security": [{ "session": [] }, { "bearer": [] }],
        "paths": paths,
        "components": components,
    })
}

fn describe(operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let mut input = inlined((operation.input)(schemas).to_value(), schemas);
    let answer = (operation.output)(schemas).to_value();
    let is_query = matches!(operation.method, Method::GET | Method::DELETE);
    let mut parameters =
        vec![header("x-organization-id", "The organization's id or slug, in place of the active one.")];
    let in_path = |name: &str| operation.path.contains(&format!("{{{name}}}"));
    let properties = input.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, schema) in properties {
        if in_path(&name) || is_query {
            let place = if in_path(&name) { "path" } else { "query" };
            parameters.push(json!({ "name": name, "in": place, "required": in_path(&name), "schema": schema }));
            remove_property(&mut input, &name);
        }
    }
    if operation.takes_rows {
        parameters.push(header("idempotency-key", "The field idempotencyKey, of rows that are the body."));
    }
    let (summary, description) = operation.doc.trim().split_once('\n').unwrap_or((operation.doc.trim(), ""));
    let status = if operation.permission.is_some_and(|p| p.action == super::Action::Create) { "201" } else { "200" };
    let content: Map<String, Value> = operation
        .media
        .iter()
        .map(|media| ((*media).to_owned(), json!({ "schema": of_media(media, &answer) })))
        .collect();
    let mut described = json!({
        "operationId": operation.name,
        "summary": summary.trim(),
        "description": description.trim(),
        "x-permission": operation.permission.map(|permission| permission.to_string()),
        "x-effect": operation.effect().word(),
        "x-sends": operation.sends.is_some(),
        "parameters": parameters,
        "responses": {
            status: { "description": "Done.", "content": content },
            "default": { "description": "Refused: docs/errors.md.", "content": { "application/json": { "schema": error() } } },
        },
    });
    if let (Some(fields), false) = (described.as_object_mut(), is_query) {
        let texts: &[&str] = if operation.takes_rows { &["text/csv", "application/x-ndjson"] } else { &[] };
        let texts = texts.iter().map(|media| ((*media).to_owned(), json!({ "schema": { "type": "string" } })));
        let json = ("application/json".to_owned(), json!({ "schema": input }));
        let content: Map<String, Value> = std::iter::once(json).chain(texts).collect();
        let body = json!({ "required": true, "content": content });
        fields.insert("requestBody".into(), body);
    }
    described
}

/// What is not JSON is a text.
fn of_media(media: &str, answer: &Value) -> Value {
    if media == "application/json" { answer.clone() } else { json!({ "type": "string" }) }
}

/// The input's schema itself, where the generator gives a reference to it.
fn inlined(schema: Value, schemas: &SchemaGenerator) -> Value {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    name.and_then(|name| schemas.definitions().get(name)).cloned().unwrap_or(schema)
}

fn remove_property(input: &mut Value, name: &str) {
    if let Some(properties) = input["properties"].as_object_mut() {
        properties.remove(name);
    }
    if let Some(required) = input["required"].as_array_mut() {
        required.retain(|other| other != name);
    }
}

fn header(name: &str, description: &str) -> Value {
    json!({ "name": name, "in": "header", "required": false, "description": description, "schema": { "type": "string" } })
}

fn error() -> Value {
    json!({
        "type": "object",
        "required": ["code", "message"],
        "properties": {
            "code": { "type": "string" }, "message": { "type": "string" }, "field": { "type": "string" },
        },
    })
}
