//! `organization/list`, `organization/get-full-organization`, `organization/get-active-member`.
use super::{Target, next, refuse_non_member, sql, target};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::ANY,
        model::{Invitation, Member, Organization, Team},
        session::require,
    },
    policy::{Action, Permission, Resource, Roles},
};
use serde::Serialize;

const INVITE: Permission = Permission { resource: Resource::Invitation, action: Action::Create };
/// How many members are shown to whom does not say how many he wants.
const MEMBERS_LIMIT: i64 = 100;

/// `GET /organization/list`: the caller's organizations, in the order in which he joined, at most 100.
///
/// # Errors
/// `UNAUTHORIZED`.
pub async fn list(call: &mut Call<'_>) -> Result<Response> {
    let list = |token: &str| vec![sql::LIST.bind([token.into()])];
    let (_, rows) = require(call, code::UNAUTHORIZED, list).await?;
    let organizations: Vec<Organization> = next(&mut rows.into_iter()).decode()?;
    call.ok(&organizations)
}

/// The answer of `get-full-organization`.
#[derive(Serialize)]
struct FullOrganization {
    #[serde(flatten)]
    organization: Organization,
    invitations: Vec<Invitation>,
    members: Vec<Member>,
    teams: Vec<Team>,
}

/// `GET /organization/get-full-organization?organizationSlug=&organizationId=&membersLimit=`: the named or active
/// organization with its members, teams, and the invitations that the caller may see; `null` if none is active.
///
/// # Errors
/// `ORGANIZATION_NOT_FOUND`; `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, 403; `UNAUTHORIZED`.
pub async fn get_full_organization(call: &mut Call<'_>) -> Result<Response> {
    let (id, slug, limit) = call.query(|query| {
        let id = query.optional_text("organizationId", ANY).filter(|id| !id.is_empty());
        let slug = query.optional_text("organizationSlug", ANY).filter(|slug| !slug.is_empty());
        (id, slug, query.optional_text("membersLimit", ANY))
    })?;
    // The slug counts before the id.
    let id = if slug.is_some() { None } else { id };
    let named = |token: &str| vec![target(token, id.as_ref(), slug.as_ref())];
    let (caller, rows) = require(call, code::UNAUTHORIZED, named).await?;
    if id.is_none() && slug.is_none() && caller.session.active_organization_id.is_none() {
        return call.ok(&None::<()>);
    }
    let target: Option<Target> = next(&mut rows.into_iter()).decode_first()?;
    let target = target.ok_or(code::ORGANIZATION_NOT_FOUND)?;
    let Some(role) = target.role.as_deref().map(Roles::parse) else {
        return refuse_non_member(call, &caller, Some(&target.id)).await;
    };
    let org = &target.id;
    let statements = vec![
        sql::LIST_MEMBERS.bind([org.into(), limit.as_deref().map_or(MEMBERS_LIMIT, members_limit).into()]),
        sql::LIST_TEAMS.bind([org.into()]),
        sql::LIST_INVITATIONS.bind([org.into()]),
    ];
    let mut rows = call.app.identity().batch(statements).await?.into_iter();
    let (members, teams) = (next(&mut rows).decode()?, next(&mut rows).decode()?);
    let mut invitations: Vec<Invitation> = next(&mut rows).decode()?;
    // An invitation's id is as good as the invitation: only who could make it sees it.
    let may_see = |i: &Invitation| role.has("owner") || !Roles::parse(i.role.as_deref().unwrap_or("")).has("owner");
    invitations.retain(|invitation| target.grants(INVITE) && may_see(invitation));
    call.ok(&FullOrganization { organization: target.into_organization(), invitations, members, teams })
}

/// As JavaScript's `parseInt`; what is no positive number counts as none.
fn members_limit(text: &str) -> i64 {
    let text = text.trim_start();
    let digits = text.find(|c: char| !c.is_ascii_digit()).map_or(text, |end| text.get(..end).unwrap_or_default());
    match digits.parse::<u32>() {
        Ok(limit) if limit > 0 => limit.into(),
        _ => MEMBERS_LIMIT,
    }
}

/// `GET /organization/get-active-member`: the caller as a member of his active organization, with `user`.
///
/// # Errors
/// `NO_ACTIVE_ORGANIZATION`, `MEMBER_NOT_FOUND`; `UNAUTHORIZED`.
pub async fn get_active_member(call: &mut Call<'_>) -> Result<Response> {
    let member = |token: &str| vec![sql::ACTIVE_MEMBER.bind([token.into()])];
    let (caller, rows) = require(call, code::UNAUTHORIZED, member).await?;
    if caller.session.active_organization_id.is_none() {
        return Err(code::NO_ACTIVE_ORGANIZATION.into());
    }
    let member: Option<Member> = next(&mut rows.into_iter()).decode_first()?;
    call.ok(&member.ok_or(code::MEMBER_NOT_FOUND)?)
}
