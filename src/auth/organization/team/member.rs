//! Who is in a team: `organization/list-team-members`, `add-team-member`, `remove-team-member`.
use super::{Team, sql};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Root},
        organization::{asked::ask, create::membership_key, next},
        session::require,
    },
    error::AuthError,
    id::{OrgId, UserId},
    policy::{Action, Permission, Resource},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

const UPDATE_MEMBER: Permission = Permission { resource: Resource::Member, action: Action::Update };
const DELETE_MEMBER: Permission = Permission { resource: Resource::Member, action: Action::Delete };

/// Someone's place in a team.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TeamMember {
    team_id: String,
    user_id: UserId,
    created_at: Option<Timestamp>,
    id: String,
}

/// Whether the caller is in the team.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    is_member: bool,
}

/// `GET /organization/list-team-members?teamId=`: who is in the team, else in the active one, for those who are. At most
/// 1,000.
///
/// # Errors
/// `UNAUTHORIZED`, `YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM`, `TEAM_NOT_FOUND`, `USER_IS_NOT_A_MEMBER_OF_THE_TEAM`.
pub async fn list_team_members(call: &mut Call<'_>) -> Result<Response> {
    let id = call.query(|query| query.optional_text("teamId", ANY).filter(|id| !id.is_empty()))?;
    let look_up = |token: &str| {
        let binds = || [token.into(), id.as_ref().into()];
        vec![sql::TEAM_OF_CALLER.bind(binds()), sql::LIST_MEMBERS.bind(binds())]
    };
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    if id.is_none() && caller.session.active_team_id.is_none() {
        return Err(code::YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM.into());
    }
    let mut rows = rows.into_iter();
    let place: Option<Place> = next(&mut rows).decode_first()?;
    if !place.ok_or(code::TEAM_NOT_FOUND)?.is_member {
        return Err(code::USER_IS_NOT_A_MEMBER_OF_THE_TEAM.into());
    }
    let members: Vec<TeamMember> = next(&mut rows).decode()?;
    call.ok(&members)
}

/// A team of the organization and a member of it, whom someone who may wants to have in the team, or out of it.
struct Change {
    /// Who wants it, and what is read again when it is made: the organization and his role in it.
    caller: UserId,
    org: OrgId,
    role: String,
    team: String,
    user: UserId,
    /// His place in the team, if he is in it.
    place: Option<TeamMember>,
}

/// Reads `{"teamId","userId","organizationId"?}` and who and what it names, in one round trip.
async fn change(call: &mut Call<'_>, permission: Permission, forbidden: AuthError) -> Result<Change> {
    let (team, user, org) = call.body(Root::Object, |body| {
        (body.text("teamId", ANY), UserId::from(body.coerced_text("userId")), body.optional_id("organizationId"))
    })?;
    let look_up = |token: &str| {
        vec![
            sql::MEMBERSHIP.bind([token.into(), org.as_ref().into(), (&user).into()]),
            sql::TEAM.bind([(&team).into()]),
            sql::TEAM_MEMBER.bind([(&team).into(), (&user).into()]),
        ]
    };
    let mut asked = ask(call, (code::UNAUTHORIZED, code::NO_ACTIVE_ORGANIZATION), org.as_ref(), look_up).await?;
    let rows = &mut asked.rows;
    let is_member = !next(rows).rows.is_empty();
    let found: Option<Team> = next(rows).decode_first()?;
    let place = next(rows).decode_first()?;
    let (org, role) = asked.permitted(permission, code::USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION, forbidden)?;
    if !is_member {
        return Err(code::USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION.into());
    }
    if found.is_none_or(|found| found.organization_id != *org) {
        return Err(code::TEAM_NOT_FOUND.into());
    }
    let (org, role) = (org.clone(), role.to_owned());
    Ok(Change { caller: asked.caller.user.id, org, role, team, user, place })
}

/// `POST /organization/add-team-member` `{"teamId","userId","organizationId"?}`: his place in the team; the one that he
/// has, if he is in it.
///
/// # Errors
/// `UNAUTHORIZED`, `NO_ACTIVE_ORGANIZATION`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION` (the caller, or he),
/// `YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER`, `TEAM_NOT_FOUND`, `TEAM_MEMBER_LIMIT_REACHED`.
pub async fn add_team_member(call: &mut Call<'_>) -> Result<Response> {
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER;
    let change = change(call, UPDATE_MEMBER, forbidden).await?;
    if let Some(place) = &change.place {
        return call.ok(place);
    }
    let Change { caller, org, role, team, user, .. } = &change;
    let maximum = call.app.config.organization.maximum_members_per_team;
    let add = sql::ADD_MEMBER.bind([
        call.app.random.alphanumeric(32)?.into(),
        team.into(),
        user.into(),
        membership_key(team, user)?.into(),
        call.app.now.into(),
        org.into(),
        caller.into(),
        role.into(),
        maximum.map(i64::from).into(),
    ]);
    let place = sql::TEAM_MEMBER.bind([team.into(), user.into()]);
    let done = call.change_by(vec![add, sql::COUNT_MEMBERS.bind([team.into()]), place], 0, team).await?;
    // Also the place that another request has just made.
    let place: Option<TeamMember> = done.into_iter().next_back().unwrap_or_default().decode_first()?;
    // Without a limit it can only be that someone has left since he was read.
    let refused = maximum.map_or(code::USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION, |_| code::TEAM_MEMBER_LIMIT_REACHED);
    call.ok(&place.ok_or(refused)?)
}

/// `POST /organization/remove-team-member` `{"teamId","userId","organizationId"?}`: he is out of the team, and his
/// sessions with him.
///
/// # Errors
/// As `add-team-member`, with `YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER`; `USER_IS_NOT_A_MEMBER_OF_THE_TEAM`.
pub async fn remove_team_member(call: &mut Call<'_>) -> Result<Response> {
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER;
    let Change { caller, org, role, team, user, .. } = &change(call, DELETE_MEMBER, forbidden).await?;
    let statements = vec![
        sql::REMOVE_MEMBER.bind([team.into(), user.into(), org.into(), caller.into(), role.into()]),
        sql::COUNT_MEMBERS.bind([team.into()]),
        sql::CLEAR_ACTIVE_OF_USER.bind([team.into(), user.into(), call.app.now.into()]),
    ];
    let done = call.change_by(statements, 0, team).await?;
    if done.first().is_none_or(|removed| removed.changed == 0) {
        return Err(code::USER_IS_NOT_A_MEMBER_OF_THE_TEAM.into());
    }
    call.ok(&json!({ "message": "Team member removed successfully." }))
}
