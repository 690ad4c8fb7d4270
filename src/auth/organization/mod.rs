//! Organizations: made, chosen, shown, changed and deleted.
//!
//! Source: Better Auth 1.7.25, `plugins/organization` (wire spec §6).
use super::{call::Call, code, input::Fields, model, session};
use crate::{
    Result,
    access::permissions,
    db::{IdentityStatement, Rows},
    id::OrgId,
    policy::{Action, Permission, Permissions, Resource, Roles},
    time::Timestamp,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

pub(super) mod active;
mod asked;
pub(super) mod change;
pub(super) mod create;
pub mod invitation;
pub mod member;
pub(super) mod permission;
pub mod role;
mod roles;
pub(super) mod show;
pub mod sql;
pub mod team;

/// Who may invite sees the invitations: their ids are as good as they are.
const INVITE: Permission = Permission { resource: Resource::Invitation, action: Action::Create };

/// An organization that a request names, and the caller's place in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    name: String,
    slug: String,
    logo: Option<String>,
    created_at: Timestamp,
    metadata: Option<String>,
    id: OrgId,
    /// The caller's roles; none if he is no member.
    role: Option<String>,
    /// `[[name, permission as JSON text], …]` of the organization's own roles that he has.
    dynamic_roles: Vec<(String, String)>,
}

impl Target {
    /// The caller's roles and what they grant; nothing if he is no member.
    fn membership(&self) -> Option<(&str, Permissions)> {
        let role = self.role.as_deref()?;
        Some((role, permissions(&Roles::parse(role), &self.dynamic_roles)))
    }

    /// Whether the caller's roles grant it. One permission is asked for at a time, so one role grants it.
    fn grants(&self, permission: Permission) -> bool {
        self.membership().is_some_and(|(_, permissions)| permissions.has(permission))
    }

    fn into_organization(self) -> model::Organization {
        let Self { name, slug, logo, created_at, metadata, id, .. } = self;
        model::Organization { name, slug, logo, created_at, metadata, id }
    }
}

/// Looks up the organization of the id, else of the slug, else the active one, for the session of the token.
fn target(token: &str, id: Option<&String>, slug: Option<&String>) -> IdentityStatement {
    sql::TARGET.bind([token.into(), id.into(), slug.into()])
}

/// The id and the slug by which a query names an organization: the slug counts before the id.
fn named(query: &mut Fields<'_>) -> (Option<String>, Option<String>) {
    let (id, slug) = (query.optional_id("organizationId"), query.optional_id("organizationSlug"));
    if slug.is_some() { (None, slug) } else { (id, None) }
}

/// The organization that the query named, or the active one, if the caller is a member.
fn of_member(
    caller: &session::Caller,
    target: Option<Target>,
    id: Option<&String>,
    slug: Option<&String>,
) -> Result<Target> {
    match target {
        Some(target) if target.role.is_some() => Ok(target),
        None if slug.is_some() => Err(code::ORGANIZATION_NOT_FOUND.into()),
        _ if id.is_none() && slug.is_none() && caller.session.active_organization_id.is_none() => {
            Err(code::NO_ACTIVE_ORGANIZATION.into())
        }
        _ => Err(code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION.into()),
    }
}

/// Ends a request about an organization of which the caller is no member. If it is his active one he leaves it, so that a
/// client whose choice has gone stale chooses again. The reference leaves the active one whichever is named: then a link
/// on another site could move its reader.
async fn refuse_non_member<T>(call: &Call<'_>, caller: &session::Caller, target: Option<&OrgId>) -> Result<T> {
    if target.is_some() && target == caller.session.active_organization_id.as_ref() {
        let clear = sql::CLEAR_ACTIVE.bind([(&caller.session.token).into(), call.app.now.into()]);
        call.app.identity().run(clear).await?;
    }
    Err(code::FORBIDDEN_TO_NON_MEMBERS.into())
}

/// The rows of the next statement of a batch.
fn next(rows: &mut impl Iterator<Item = Rows>) -> Rows {
    rows.next().unwrap_or_default()
}

/// An organization as `create` and `update` show it: its metadata is an object, and absent if there is none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parsed<'a> {
    name: &'a str,
    slug: &'a str,
    logo: Option<&'a str>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "raw")]
    metadata: Option<&'a str>,
    id: &'a OrgId,
}

impl<'a> Parsed<'a> {
    fn of(organization: &'a model::Organization) -> Self {
        let model::Organization { name, slug, logo, created_at, metadata, id } = organization;
        Self { name, slug, logo: logo.as_deref(), created_at: *created_at, metadata: metadata.as_deref(), id }
    }
}

/// Passes JSON text on as it is. What is no JSON, as only another program can have written, is null.
fn raw<S: Serializer>(metadata: &Option<&str>, to: S) -> Result<S::Ok, S::Error> {
    metadata.and_then(|text| serde_json::from_str::<&RawValue>(text).ok()).serialize(to)
}
