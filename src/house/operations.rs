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

/// Words of a field's name that say who or whose.
const WHO: &[&str] = &[
    "account",
    "actor",
    "author",
    "creator",
    "member",
    "members",
    "org",
    "organization",
    "organizations",
    "orgs",
    "owner",
    "owners",
    "principal",
    "role",
    "roles",
    "session",
    "team",
    "teams",
    "tenant",
    "tenants",
    "user",
    "users",
    "workspace",
];

/// Whether the name, in camel or snake case or in one, is of an organization, a person or a role: `ownerId`, `org`,
/// `created_by`, `userid`.
fn says_who(name: &str) -> bool {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if c.is_uppercase() || c == '_' {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.extend(c.to_lowercase());
        }
    }
    let is_who = |word: &str| WHO.contains(&word) || WHO.iter().any(|who| word.strip_prefix(who) == Some("id"));
    let joined = words.concat();
    words.iter().any(|word| is_who(word))
        || is_who(&joined)
        || joined.strip_suffix("by").is_some_and(|verb| verb.ends_with("ed"))
}

#[test]
fn the_names_that_say_who() {
    for name in [
        "org",
        "orgId",
        "organization_id",
        "tenantID",
        "ownerId",
        "createdBy",
        "updated_by",
        "memberId",
        "teamId",
        "userid",
        "newRole",
        "ORG",
    ] {
        assert!(says_who(name), "{name}");
    }
    for name in
        ["name", "dashboardId", "timeZone", "orderBy", "groupBy", "organic", "accounting", "steam", "to", "columns"]
    {
        assert!(!says_who(name), "{name}");
    }
}

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
            assert!(!says_who(name), "{operation} has an input field {name}");
        }
        assert_eq!(schema["additionalProperties"], false, "{operation}: {schema}");
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|field| walk(field, operation)),
        Value::Array(items) => items.iter().for_each(|item| walk(item, operation)),
        _ => {}
    }
}
