//! What an organization's roles grant, by their words: the built-in roles, the resources that the deployment adds
//! (`PERMISSION_RESOURCES`), and the roles of the organization's own making.
//!
//! Source: Better Auth 1.7.25, `hasPermission` and `role().authorize` (wire spec §6.3).
use super::Target;
use crate::{
    Result,
    config::Config,
    db::Rows,
    policy::{BUILT_IN_ROLES, OWNER, Permissions, Roles},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Characters of a list of roles: the column is read with every request.
pub const MAX_LENGTH: usize = 1000;

/// The organization's own roles that were read: the caller's, and those of [`super::sql::NAMED_ROLES`].
pub fn own(target: &Target, named: Rows) -> Result<Vec<(String, String)>> {
    #[derive(Deserialize)]
    struct Named {
        roles: Vec<(String, String)>,
    }
    let named: Option<Named> = named.decode_first()?;
    Ok(target.dynamic_roles.iter().cloned().chain(named.into_iter().flat_map(|named| named.roles)).collect())
}

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

    /// The names that no role has, in order.
    pub fn unknown<'n>(&self, names: &'n Roles) -> Vec<&'n str> {
        let is_known = |name: &str| BUILT_IN_ROLES.contains(&name) || self.own.iter().any(|(own, _)| own == name);
        names.iter().filter(|name| !is_known(name)).collect()
    }

    /// Whether a single one of the roles grants every action that is asked for. To ask for nothing is to be refused.
    pub fn authorize(&self, roles: &Roles, asked: &[(String, Vec<String>)]) -> bool {
        let is_granted = |granted: &[Grant], resource: &String, actions: &[String]| {
            let mut wanted = actions.iter().map(|action| (resource.clone(), action.clone()));
            !actions.is_empty() && wanted.all(|grant| granted.contains(&grant))
        };
        !asked.is_empty()
            && roles.iter().any(|role| {
                let granted = self.of(role);
                asked.iter().all(|(resource, actions)| is_granted(&granted, resource, actions))
            })
    }

    /// What of `wanted` none of the roles grants.
    pub fn missing<'g>(&self, held: &Roles, wanted: &'g [Grant]) -> Vec<&'g Grant> {
        let held: Vec<Grant> = held.iter().flat_map(|role| self.of(role)).collect();
        wanted.iter().filter(|grant| !held.contains(grant)).collect()
    }

    /// Whether the holder of `held` may give the roles to someone: he holds all that they grant. An owner gives any, and
    /// `owner` is an owner's to give.
    pub fn may_give<'n>(&self, held: &Roles, mut given: impl Iterator<Item = &'n str>) -> bool {
        held.has_owner() || given.all(|role| role != OWNER && self.missing(held, &self.of(role)).is_empty())
    }

    /// What the role grants; nothing if there is none of the name.
    fn of(&self, role: &str) -> Vec<Grant> {
        let built_in = Permissions::of_built_in_role(role).iter();
        let built_in = built_in.map(|p| (p.resource.word().to_owned(), p.action.word().to_owned()));
        // What the deployment adds is the owner's, to give by roles of the organization's own making.
        let added = self.resources.iter().filter(|_| role == OWNER);
        let added = added.flat_map(|(resource, actions)| pairs(resource, actions));
        let own = self.own.iter().filter(|(name, _)| name == role);
        let own = own.filter_map(|(_, json)| serde_json::from_str::<Map<String, Value>>(json).ok());
        let own = own.flat_map(|permission| lists(&permission));
        built_in.chain(added).chain(own.flat_map(|(resource, actions)| pairs(&resource, &actions))).collect()
    }
}

/// The resources of a permission whose actions are a list of texts.
pub fn lists(permission: &Map<String, Value>) -> Vec<(String, Vec<String>)> {
    let texts = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|action| action.as_str().map(str::to_owned)).collect()
    };
    permission.iter().filter_map(|(resource, actions)| Some((resource.clone(), texts(actions)?))).collect()
}

/// The resources of a permission and their actions, if it is an object of lists of texts.
pub fn permission(value: &Value) -> Option<Vec<(String, Vec<String>)>> {
    let object = value.as_object()?;
    Some(lists(object)).filter(|lists| lists.len() == object.len())
}

/// Each action with its resource.
pub fn pairs(resource: &str, actions: &[String]) -> Vec<Grant> {
    actions.iter().map(|action| (resource.to_owned(), action.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::house::world::World;
    use serde_json::json;

    fn world() -> (World, Vec<(String, String)>) {
        let own = [
            ("editor", r#"{"widget":["update"],"invoice":["read"]}"#),
            ("member", r#"{"team":["create"]}"#),
            ("broken", "not json"),
            ("odd", r#"{"widget":"delete","ac":["read"]}"#),
        ];
        let own = own.map(|(name, json)| (name.to_owned(), json.to_owned())).into();
        (World::with(&[("PERMISSION_RESOURCES", r#"{"invoice":["read","pay"]}"#)]), own)
    }

    fn asked(value: Value) -> Vec<(String, Vec<String>)> {
        permission(&value).unwrap()
    }

    #[test]
    fn one_role_grants_all_that_is_asked_for_or_none_does() {
        let (w, own) = world();
        let roles = OrgRoles::new(&w.app.config, &own);
        for (held, ask, expected) in [
            ("owner", json!({ "team": ["create"], "invoice": ["pay"] }), true),
            ("admin", json!({ "invoice": ["read"] }), false),
            ("admin", json!({ "organization": ["update", "delete"] }), false),
            ("editor", json!({ "widget": ["update"], "invoice": ["read"] }), true),
            ("editor,member", json!({ "invoice": ["read"], "team": ["create"] }), false),
            ("member", json!({ "team": ["create"], "ac": ["read"] }), true),
            (" owner ", json!({ "moon": ["read"] }), false),
            ("owner", json!({}), false),
            ("owner", json!({ "team": [] }), false),
            ("ghost", json!({ "ac": ["read"] }), false),
            ("broken", json!({ "ac": ["read"] }), false),
            ("odd", json!({ "widget": ["delete"] }), false),
            ("odd", json!({ "ac": ["read"] }), true),
        ] {
            assert_eq!(roles.authorize(&Roles::parse(held), &asked(ask.clone())), expected, "{held} {ask}");
        }
        for no_permission in [json!([]), json!({ "a": "b" }), json!({ "a": [1] }), json!(null)] {
            assert_eq!(permission(&no_permission), None);
        }
    }

    #[test]
    fn no_one_gives_a_role_that_grants_what_he_lacks() {
        let (w, own) = world();
        let roles = OrgRoles::new(&w.app.config, &own);
        for (held, given, expected) in [
            ("owner", "owner,admin,editor", true),
            ("admin", "admin,member", true),
            ("admin", "editor", false),
            ("admin,editor", "editor", true),
            ("admin", "owner", false),
            ("admin", " owner", false),
            ("member", "member", true),
            ("member", "admin", false),
            ("member,editor", "editor,member", true),
            ("member", "editor", false),
            ("editor", "member", false),
        ] {
            let given_roles = Roles::parse(given);
            assert_eq!(roles.may_give(&Roles::parse(held), given_roles.iter()), expected, "{held} gives {given}");
        }
        let names = Roles::parse("owner,ghost,editor, Admin");
        assert_eq!(roles.unknown(&names), ["ghost", "Admin"]);
        let wanted = [pairs("ac", &["read".into(), "fly".into()]), pairs("invoice", &["pay".into()])].concat();
        assert_eq!(roles.missing(&Roles::parse("member"), &wanted), [&wanted[1], &wanted[2]]);
    }

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
