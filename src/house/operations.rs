//! The table of operations, walked.
use crate::operations;
use schemars::SchemaGenerator;
use serde_json::Value;
use std::collections::HashSet;

#[test]
fn every_name_and_route_is_one_operations() {
    let (mut names, mut routes) = (HashSet::new(), HashSet::new());
    for operation in operations::all() {
        let is_name = operation.name.len() <= 64 && operation.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(is_name && names.insert(operation.name), "{}", operation.name);
        assert!(routes.insert((operation.method.as_str(), operation.path)), "{}", operation.path);
        assert!(operation.path.starts_with("/api/") && !operation.path.starts_with("/api/auth"), "{}", operation.path);
        assert!(operation.doc.trim().len() > 10, "{} has no manual", operation.name);
    }
}

/// Nothing that names an organization, a user or a role.
const FORBIDDEN: &[&str] =
    &["org", "orgid", "organization", "organizationid", "tenant", "user", "userid", "role", "roles"];

#[test]
fn no_input_names_an_organization_a_user_or_a_role_and_every_input_refuses_unknown_fields() {
    for operation in operations::all() {
        let mut schemas = SchemaGenerator::default();
        let input = (operation.input)(&mut schemas).to_value();
        let definitions = Value::Object(schemas.take_definitions(true));
        walk(&input, operation.name);
        walk(&definitions, operation.name);
    }
}

fn walk(schema: &Value, operation: &str) {
    if let Some(properties) = schema["properties"].as_object() {
        for name in properties.keys() {
            let name = name.to_lowercase().replace('_', "");
            assert!(!FORBIDDEN.contains(&name.as_str()), "{operation} has an input field {name}");
        }
        assert_eq!(schema["additionalProperties"], false, "{operation}: {schema}");
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|field| walk(field, operation)),
        Value::Array(items) => items.iter().for_each(|item| walk(item, operation)),
        _ => {}
    }
}
