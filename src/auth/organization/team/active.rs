//! `organization/set-active-team` and `organization/list-user-teams`: a user's own teams.
use super::{Team, sql};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Root},
        organization::{asked::Asked, next, target},
        session::require,
    },
    id::Id,
    policy::{Action, Permission, Resource},
};
use serde::Deserialize;

/// To see another's teams is to manage members.
const UPDATE_MEMBER: Permission = Permission { resource: Resource::Member, action: Action::Update };

/// A team, and whether the caller is in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    #[serde(flatten)]
    team: Team,
    is_member: bool,
}

/// `POST /organization/set-active-team` `{"teamId"?}`: the team, now the session's active one. Null leaves the session
/// without one; nothing asks anew whether the active one is still the caller's.
///
/// # Errors
/// `UNAUTHORIZED`, `NO_ACTIVE_ORGANIZATION`, `TEAM_NOT_FOUND` (none of the active organization),
/// `USER_IS_NOT_A_MEMBER_OF_THE_TEAM`.
pub async fn set_active_team(call: &mut Call<'_>) -> Result<Response> {
    let id = call.body(Root::Object, |body| body.nullable_text("teamId", ANY))?;
    let is_to_clear = id == Some(None);
    let id = id.flatten().filter(|id| !id.is_empty());
    let find = |token: &str| vec![sql::ACTIVE_TEAM.bind([token.into(), id.as_ref().into()])];
    let (caller, rows) = require(call, code::UNAUTHORIZED, find).await?;
    let (token, now) = (&caller.session.token, call.app.now);
    let had_one = caller.session.active_team_id.is_some();
    if is_to_clear && had_one {
        call.app.identity().run(sql::CLEAR_ACTIVE.bind([token.into(), now.into()])).await?;
        call.jar.set_session(token, None);
    }
    if is_to_clear || id.is_none() && !had_one {
        return call.ok(&None::<()>);
    }
    if caller.session.active_organization_id.is_none() {
        return Err(code::NO_ACTIVE_ORGANIZATION.into());
    }
    let found: Option<Found> = next(&mut rows.into_iter()).decode_first()?;
    let Found { team, is_member } = found.ok_or(code::TEAM_NOT_FOUND)?;
    let set = sql::SET_ACTIVE.bind([token.into(), (&team.id).into(), now.into()]);
    if !is_member || call.app.identity().run(set).await?.changed == 0 {
        return Err(code::USER_IS_NOT_A_MEMBER_OF_THE_TEAM_FORBIDDEN.into());
    }
    call.jar.set_session(token, None);
    call.ok(&team)
}

/// `GET /organization/list-user-teams?userId=&organizationId=`: the caller's teams in all his organizations or in one, or
/// another member's in one. At most 1,000.
///
/// # Errors
/// `UNAUTHORIZED`, `NO_ACTIVE_ORGANIZATION`, `YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`,
/// `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`.
pub async fn list_user_teams(call: &mut Call<'_>) -> Result<Response> {
    let (user, org) = call.query(|query| {
        let user = query.optional_text("userId", ANY).filter(|id| !id.is_empty());
        (user, query.optional_id("organizationId"))
    })?;
    let binds = |token: &str| [token.into(), org.as_ref().into(), user.as_ref().into()];
    let look_up = |token: &str| {
        let target = target(token, org.as_ref(), None);
        vec![target, sql::TEAMS_OF_USER.bind(binds(token)), sql::MEMBERSHIP.bind(binds(token))]
    };
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    let mut rows = rows.into_iter();
    let asked = Asked { target: next(&mut rows).decode_first()?, caller, rows };
    let is_self = user.as_deref().is_none_or(|user| user == asked.caller.user.id.as_str());
    refuse_outsiders(&asked, is_self, org.is_some())?;
    let Asked { mut rows, .. } = asked;
    let teams: Vec<Team> = next(&mut rows).decode()?;
    if !is_self && next(&mut rows).rows.is_empty() {
        return Err(code::USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION.into());
    }
    call.ok(&teams)
}

fn refuse_outsiders(asked: &Asked, is_self: bool, is_named: bool) -> Result<()> {
    let is_member = asked.target.as_ref().is_some_and(|target| target.role.is_some());
    if !is_self && !is_named && asked.caller.session.active_organization_id.is_none() {
        return Err(code::NO_ACTIVE_ORGANIZATION.into());
    }
    if !is_member && (!is_self || is_named) {
        return Err(code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION.into());
    }
    if !is_self && !asked.target.as_ref().is_some_and(|target| target.grants(UPDATE_MEMBER)) {
        return Err(code::YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER.into());
    }
    Ok(())
}
