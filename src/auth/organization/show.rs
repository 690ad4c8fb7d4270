//! `organization/list`, `organization/get-organization`, `organization/get-full-organization`,
//! `organization/get-active-member`.
use super::{INVITE, Target, invitation::show::visible, named, next, refuse_non_member, sql, target};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        model::{Invitation, Member, Organization, Team},
        session::require,
    },
};
use serde::Serialize;

/// `GET /organization/list`: the caller's organizations, all of them, in the order in which he joined.
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

/// `GET /organization/get-organization?organizationSlug=&organizationId=`: the named or active organization; `null` if none
/// is active.
///
/// # Errors
/// `ORGANIZATION_NOT_FOUND`; `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, 403; `UNAUTHORIZED`.
pub async fn get_organization(call: &mut Call<'_>) -> Result<Response> {
    let (id, slug) = call.query(named)?;
    let target = shown(call, id, slug).await?;
    call.ok(&target.map(Target::into_organization))
}

/// `GET /organization/get-full-organization?organizationSlug=&organizationId=&membersLimit=`: the named or active
/// organization with its members (as many as it may have, unless the query asks for another number), teams, and the
/// invitations that the caller may see; `null` if none is active.
///
/// # Errors
/// As [`get_organization`].
pub async fn get_full_organization(call: &mut Call<'_>) -> Result<Response> {
    let ((id, slug), limit) = call.query(|query| (named(query), query.optional_number_text("membersLimit")))?;
    let Some(target) = shown(call, id, slug).await? else { return call.ok(&None::<()>) };
    let org = &target.id;
    let limit = limit.as_deref().and_then(members_limit).unwrap_or(call.app.config.organization.membership_limit);
    let statements = vec![
        sql::LIST_MEMBERS.bind([org.into(), i64::from(limit).into()]),
        sql::LIST_TEAMS.bind([org.into()]),
        sql::LIST_INVITATIONS.bind([org.into()]),
    ];
    let mut rows = call.app.identity().batch(statements).await?.into_iter();
    let (members, teams) = (next(&mut rows).decode()?, next(&mut rows).decode()?);
    let invitations = if target.grants(INVITE) { visible(&target, next(&mut rows).decode()?) } else { vec![] };
    call.ok(&FullOrganization { organization: target.into_organization(), invitations, members, teams })
}

/// The organization that the query named, or the active one, if the caller is a member; nothing if none is active.
async fn shown(call: &mut Call<'_>, id: Option<String>, slug: Option<String>) -> Result<Option<Target>> {
    let look_up = |token: &str| vec![target(token, id.as_ref(), slug.as_ref())];
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    if id.is_none() && slug.is_none() && caller.session.active_organization_id.is_none() {
        return Ok(None);
    }
    let target: Option<Target> = next(&mut rows.into_iter()).decode_first()?;
    let target = target.ok_or(code::ORGANIZATION_NOT_FOUND)?;
    if target.role.is_none() {
        return refuse_non_member(call, &caller, Some(&target.id)).await;
    }
    Ok(Some(target))
}

/// As JavaScript's `parseInt`; what is no positive number counts as none.
fn members_limit(text: &str) -> Option<u32> {
    let text = text.trim_start();
    let digits = text.find(|c: char| !c.is_ascii_digit()).map_or(text, |end| text.get(..end).unwrap_or_default());
    digits.parse().ok().filter(|limit| *limit > 0)
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
