//! Scopes: permissions in one word each, such as `dataset:read`, and what they are called before a person.
use super::error::{Code, Refusal};
use crate::policy::{Action, Permissions, Resource};

/// The longest scope parameter, in bytes: every permission there is has far less.
pub const MAX_BYTES: usize = 2048;

/// Reads `dataset:read dataset:query`. Without any it is what only looks and asks.
///
/// # Errors
/// `invalid_scope`.
pub fn parse(text: Option<&str>) -> Result<Permissions, Refusal> {
    let Some(text) = text else { return Ok(Permissions::read_only()) };
    let known: Vec<_> = Permissions::for_keys().iter().map(|permission| (permission.to_string(), permission)).collect();
    text.split(' ').filter(|word| !word.is_empty()).try_fold(Permissions::default(), |scope, word| {
        let found = known.iter().find(|(name, _)| name == word);
        let unknown = "A scope is none of scopes_supported in the metadata of the authorization server.";
        let (_, permission) = found.ok_or_else(|| Refusal::new(Code::InvalidScope, unknown))?;
        Ok(scope.with(Permissions::one(*permission)))
    })
}

/// As [`parse`] reads it.
pub fn words(scope: Permissions) -> Vec<String> {
    scope.iter().map(|permission| permission.to_string()).collect()
}

/// What it lets one do, a line for each resource: `Datasets: read, query`.
pub fn in_words(scope: Permissions) -> Vec<String> {
    let mut lines: Vec<(Resource, String)> = vec![];
    for permission in scope.iter() {
        let may = match permission.action {
            Action::DeleteOwn => "delete your own",
            action => action.word(),
        };
        match lines.last_mut() {
            Some((resource, line)) if *resource == permission.resource => line.extend([", ", may]),
            _ => lines.push((permission.resource, format!("{}: {may}", plural(permission.resource)))),
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

const fn plural(resource: Resource) -> &'static str {
    match resource {
        Resource::Dataset => "Datasets",
        Resource::Dashboard => "Dashboards",
        Resource::Widget => "Widgets",
        Resource::Automation => "Automations",
        other => other.word(),
    }
}
