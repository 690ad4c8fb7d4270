//! What an organization's roles grant, by their words: the built-in roles, the resources that the deployment adds
//! (`PERMISSION_RESOURCES`), and the roles of the organization's own making.
//!
//! Source: Better Auth 1.7.25, `hasPermission` and `role().authorize` (wire spec §6.3).
use crate::{
    config::Config,
    policy::{Permissions, Roles},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A resource and an action on it.
pub type Grant = (String, String);

/// The roles of an organization: those that are built in and, of its own, those that were read.
#[derive(Clone, Copy)]
pub struct OrgRoles<'a> {
    resources: &'a BTreeMap<String, Vec<String>>,
    own: &'a [(String, String)],
}

impl<'a> OrgRoles<'a> {
    /// `own`: `(name, permission as JSON text)`.
    pub fn new(config: &'a Config, own: &'a [(String, String)]) -> Self {
        Self { resources: &config.organization.permission_resources, own }
    }

    /// What of `wanted` none of the roles grants.
    pub fn missing<'g>(&self, held: &Roles, wanted: &'g [Grant]) -> Vec<&'g Grant> {
        let held: Vec<Grant> = held.iter().flat_map(|role| self.of(role)).collect();
        wanted.iter().filter(|grant| !held.contains(grant)).collect()
    }

    /// What the role grants; nothing if there is none of the name.
    fn of(&self, role: &str) -> Vec<Grant> {
        let built_in = Permissions::of_built_in_role(role).iter();
        let built_in = built_in.map(|p| (p.resource.word().to_owned(), p.action.word().to_owned()));
        // What the deployment adds is granted as its own resources are.
        let is_high = matches!(role, "owner" | "admin");
        let added = self.resources.iter().filter(|_| is_high).flat_map(|(resource, actions)| pairs(resource, actions));
        let own = self.own.iter().filter(|(name, _)| name == role);
        let own = own.filter_map(|(_, json)| serde_json::from_str::<Map<String, Value>>(json).ok());
        let own = own.flat_map(|permission| lists(&permission));
        built_in.chain(added).chain(own.flat_map(|(resource, actions)| pairs(&resource, &actions))).collect()
    }
}

/// The resources of a permission whose actions are a list of texts.
fn lists(permission: &Map<String, Value>) -> Vec<(String, Vec<String>)> {
    let texts = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|action| action.as_str().map(str::to_owned)).collect()
    };
    permission.iter().filter_map(|(resource, actions)| Some((resource.clone(), texts(actions)?))).collect()
}

/// Each action with its resource.
pub fn pairs(resource: &str, actions: &[String]) -> Vec<Grant> {
    actions.iter().map(|action| (resource.to_owned(), action.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::world::World;

    #[test]
    fn what_is_missing_is_told_action_by_action() {
        let own = [("editor", r#"{"widget":["update"],"invoice":["read"]}"#), ("broken", "not json")];
        let own = own.map(|(name, json)| (name.to_owned(), json.to_owned()));
        let w = World::with(&[("PERMISSION_RESOURCES", r#"{"invoice":["read","pay"]}"#)]);
        let roles = OrgRoles::new(&w.app.config, &own);
        let wanted =
            [pairs("widget", &["update".into(), "delete".into()]), pairs("invoice", &["read".into()])].concat();
        for (held, expected) in [
            ("owner", vec![]),
            ("editor", vec![&wanted[1]]),
            ("member,broken", vec![&wanted[1], &wanted[2]]),
            ("ghost", wanted.iter().collect()),
        ] {
            assert_eq!(roles.missing(&Roles::parse(held), &wanted), expected, "{held}");
        }
    }
}
