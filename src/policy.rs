//! Who may do what: Better Auth's access-control vocabulary, extended by our resources.
//!
//! Source: Better Auth 1.7.25, `organization/access` (statements and the three built-in roles).
use serde_json::Value;
use std::fmt;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $word, "`")] $variant,)+
        }
        impl $name {
            /// The word, as roles and answers write it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

words! {
    /// What a permission is about.
    Resource {
        Organization = "organization",
        Member = "member",
        Invitation = "invitation",
        Team = "team",
        Ac = "ac",
        Dataset = "dataset",
        Dashboard = "dashboard",
        Widget = "widget",
        Automation = "automation",
        ApiKey = "apiKey",
        Approval = "approval",
        Audit = "audit",
        OauthGrant = "oauthGrant",
        AgentThread = "agentThread",
    }
}

words! {
    /// What a permission lets its holder do.
    Action {
        Create = "create",
        Read = "read",
        Update = "update",
        Delete = "delete",
        DeleteOwn = "delete_own",
        Cancel = "cancel",
        Query = "query",
        Run = "run",
    }
}

/// One thing a role may grant, such as `dataset:create`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// what it is about
    pub resource: Resource,
    /// what it lets one do
    pub action: Action,
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource.word(), self.action.word())
    }
}

use Action::{Cancel, Create, Delete, DeleteOwn, Query, Read, Run, Update};

/// Every permission there is. The order is that of the bits of [`Permissions`].
pub const STATEMENTS: &[(Resource, &[Action])] = &[
    (Resource::Organization, &[Update, Delete]),
    (Resource::Member, &[Create, Update, Delete]),
    (Resource::Invitation, &[Create, Cancel]),
    (Resource::Team, &[Create, Update, Delete]),
    (Resource::Ac, &[Create, Read, Update, Delete]),
    (Resource::Dataset, &[Create, Read, Update, Delete, DeleteOwn, Query]),
    (Resource::Dashboard, &[Create, Read, Update, Delete, DeleteOwn]),
    (Resource::Widget, &[Create, Read, Update, Delete, DeleteOwn]),
    (Resource::Automation, &[Create, Read, Update, Delete, DeleteOwn, Run]),
    (Resource::ApiKey, &[Create, Read, Delete, DeleteOwn]),
    (Resource::Approval, &[Read, Update]),
    (Resource::Audit, &[Read]),
    (Resource::OauthGrant, &[Read, Delete, DeleteOwn]),
    // A thread is its user's own: no role reads or deletes another's.
    (Resource::AgentThread, &[Create, Read, DeleteOwn]),
];

/// What an API key or access token may be about: an organization's work. Neither who belongs to it nor other credentials.
const OF_KEYS: &[Resource] = &[Resource::Dataset, Resource::Dashboard, Resource::Widget, Resource::Automation];

/// What a plain member may do: see, make and change the organization's work, and delete what is his.
const MEMBER: &[(Resource, &[Action])] = &[
    (Resource::Ac, &[Read]),
    (Resource::Dataset, &[Create, Read, Update, DeleteOwn, Query]),
    (Resource::Dashboard, &[Create, Read, Update, DeleteOwn]),
    (Resource::Widget, &[Create, Read, Update, DeleteOwn]),
    (Resource::Automation, &[Create, Read, Update, DeleteOwn]),
    (Resource::ApiKey, &[Create, Read, DeleteOwn]),
    (Resource::Approval, &[Read, Update]),
    (Resource::OauthGrant, &[Read, DeleteOwn]),
    (Resource::AgentThread, &[Create, Read, DeleteOwn]),
];

/// The role of who made the organization.
pub const OWNER: &str = "owner";

/// The roles that every organization has.
pub const BUILT_IN_ROLES: [&str; 3] = [OWNER, "admin", "member"];

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u64);

impl Permissions {
    /// Every permission: the owner's.
    #[must_use]
    pub fn all() -> Self {
        Self::of(STATEMENTS)
    }

    /// What a built-in role grants; nothing for any other name.
    #[must_use]
    pub fn of_built_in_role(name: &str) -> Self {
        match name {
            OWNER => Self::all(),
            "admin" => Self::all().without(Permission { resource: Resource::Organization, action: Delete }),
            "member" => Self::of(MEMBER),
            _ => Self::default(),
        }
    }

    /// What a role made at run time grants: the JSON of `organizationRole.permission`, such as
    /// `{"dataset":["read"]}`. A resource or action that we do not know grants nothing, nor does a list of anything but
    /// texts.
    #[must_use]
    pub fn of_json(permission: &Value) -> Self {
        let grants = |p: Permission| {
            let actions = permission.get(p.resource.word()).and_then(Value::as_array);
            let actions = actions.filter(|all| all.iter().all(Value::is_string));
            actions.is_some_and(|all| all.iter().any(|action| action == p.action.word()))
        };
        Self::such(grants)
    }

    /// Whether it is in the set.
    #[must_use]
    pub fn has(self, permission: Permission) -> bool {
        Self::every().any(|(bit, p)| p == permission && self.0 & bit != 0)
    }

    /// That permission alone.
    #[must_use]
    pub fn one(permission: Permission) -> Self {
        Self::such(|p| p == permission)
    }

    /// Every permission that an API key or access token may grant.
    #[must_use]
    pub fn for_keys() -> Self {
        Self::such(|p| OF_KEYS.contains(&p.resource))
    }

    /// What an API key or access token grants that does not say: to look, and to ask.
    #[must_use]
    pub fn read_only() -> Self {
        Self::for_keys().and(Self::such(|p| matches!(p.action, Read | Query)))
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// As [`Permissions::of_json`] reads it.
    #[must_use]
    pub fn to_json(self) -> Value {
        let mut json = serde_json::Map::new();
        for permission in self.iter() {
            let actions = json.entry(permission.resource.word()).or_insert_with(|| Value::Array(vec![]));
            if let Value::Array(actions) = actions {
                actions.push(permission.action.word().into());
            }
        }
        Value::Object(json)
    }

    /// Both sets' permissions.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Its permissions, in the order of [`STATEMENTS`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Self::every().filter(move |(bit, _)| self.0 & bit != 0).map(|(_, p)| p)
    }

    fn without(self, permission: Permission) -> Self {
        Self(self.0 & !Self::one(permission).0)
    }

    fn of(statements: &[(Resource, &[Action])]) -> Self {
        Self::such(|p| statements.iter().any(|(r, actions)| *r == p.resource && actions.contains(&p.action)))
    }

    /// Those that it is true of.
    fn such(is: impl Fn(Permission) -> bool) -> Self {
        Self::every().filter(|(_, p)| is(*p)).fold(Self::default(), |set, (bit, _)| Self(set.0 | bit))
    }

    fn every() -> impl Iterator<Item = (u64, Permission)> {
        let all = STATEMENTS.iter().flat_map(|(resource, actions)| actions.iter().map(|action| (*resource, *action)));
        all.enumerate().map(|(i, (resource, action))| (1 << i, Permission { resource, action }))
    }
}

/// A member's roles: the comma list of `member.role`, trimmed, without empty parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<String>);

impl Roles {
    /// Reads `owner, admin`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let roles = text.split(',').map(|role| role.trim_matches(is_blank));
        Self(roles.filter(|role| !role.is_empty()).map(str::to_owned).collect())
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the role is among them.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|role| role == name)
    }

    /// Whether `owner` is: the role that an organization is never without.
    #[must_use]
    pub fn has_owner(&self) -> bool {
        self.has(OWNER)
    }
}

/// As it is stored: `owner,admin`.
impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

/// What JavaScript's `trim` removes (ECMA-262, WhiteSpace and LineTerminator). Rust's differs by two characters, and a role
/// that the reference holds for another name must not become `owner` here.
fn is_blank(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_bits_for_every_permission() {
        assert!(Permissions::every().count() <= 64);
    }

    /// The whole policy as a table, to be read in review: `docs/permissions.md`.
    #[test]
    fn the_policy_is_the_one_in_the_docs() {
        let mut table = String::from("| permission | owner | admin | member |\n|---|---|---|---|\n");
        for permission in Permissions::all().iter() {
            let mark = |role| if Permissions::of_built_in_role(role).has(permission) { "yes" } else { "–" };
            table += &format!("| `{permission}` | {} | {} | {} |\n", mark("owner"), mark("admin"), mark("member"));
        }
        crate::house::docs::section_is("docs/permissions.md", "policy", &table);
    }

    #[test]
    fn a_role_made_at_run_time_grants_what_it_names_and_no_more() {
        let json = serde_json::json!({ "dataset": ["read", "fly"], "moon": ["read"], "widget": "read", "dashboard": ["read", 1] });
        let granted: Vec<String> = Permissions::of_json(&json).iter().map(|p| p.to_string()).collect();
        assert_eq!(granted, ["dataset:read"]);
    }

    #[test]
    fn roles_are_trimmed_and_empty_parts_dropped() {
        assert_eq!(Roles::parse(" owner,, admin , ").to_string(), "owner,admin");
        assert_eq!(Roles::parse("\u{feff}owner\u{2029}").iter().collect::<Vec<_>>(), ["owner"]);
        assert_eq!(Roles::parse("owner\u{85}").iter().collect::<Vec<_>>(), ["owner\u{85}"], "as JavaScript trims");
    }
}
