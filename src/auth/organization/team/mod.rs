//! Teams of an organization: made, listed, renamed, removed.
//!
//! Source: Better Auth 1.7.25, `plugins/organization/routes/crud-team` (wire spec §6.8).
use super::{asked::ask, next};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Root},
    },
    id::OrgId,
    policy::{Action, Permission, Resource},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::ops::RangeInclusive;

pub(in crate::auth) mod active;
pub(in crate::auth) mod member;
pub mod sql;

const CREATE: Permission = Permission { resource: Resource::Team, action: Action::Create };
const UPDATE: Permission = Permission { resource: Resource::Team, action: Action::Update };
const DELETE: Permission = Permission { resource: Resource::Team, action: Action::Delete };

/// How long a team's name is; unlike others it may be empty when the team is made.
const NAME: RangeInclusive<usize> = 0..=255;

/// A team as these endpoints show it: how many are in it only `get-full-organization` tells.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Team {
    name: String,
    organization_id: OrgId,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    id: String,
}

/// `POST /organization/create-team` `{"name","organizationId"?}`: the team, with no one in it.
///
/// # Errors
/// `NO_ACTIVE_ORGANIZATION`, `YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION` (the reference's word for who is no
/// member), `YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION`, `YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS`; 401.
pub async fn create_team(call: &mut Call<'_>) -> Result<Response> {
    let (name, org) = call.body(Root::Object, |body| (body.text("name", NAME), body.optional_id("organizationId")))?;
    let asked = ask(call, (code::UNAUTHORIZED_EMPTY, code::NO_ACTIVE_ORGANIZATION), org.as_ref(), |_| vec![]).await?;
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION;
    let outside = code::YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION;
    let (org, role) = asked.permitted(CREATE, outside, forbidden.clone())?;
    let (now, maximum) = (call.app.now, call.app.config.organization.maximum_teams);
    let id = call.app.random.alphanumeric(32)?;
    let create = sql::CREATE.bind([
        (&id).into(),
        (&name).into(),
        org.into(),
        now.into(),
        (&asked.caller.user.id).into(),
        role.into(),
        maximum.map(i64::from).into(),
    ]);
    if call.change(create, &id).await?.changed == 0 {
        // Without a limit it can only be that his role has changed since it was read.
        return Err(maximum.map_or(forbidden, |_| code::YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS).into());
    }
    call.ok(&Team { name, organization_id: org.clone(), created_at: now, updated_at: Some(now), id })
}

/// `GET /organization/list-teams?organizationId=`: at most 1,000.
///
/// # Errors
/// `UNAUTHORIZED`, `NO_ACTIVE_ORGANIZATION`, `YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION`.
pub async fn list_teams(call: &mut Call<'_>) -> Result<Response> {
    let org = call.query(|query| query.optional_id("organizationId"))?;
    let list = |token: &str| vec![sql::LIST.bind([token.into(), org.as_ref().into()])];
    let mut asked = ask(call, (code::UNAUTHORIZED, code::NO_ACTIVE_ORGANIZATION), org.as_ref(), list).await?;
    asked.target.ok_or(code::YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION)?;
    let teams: Vec<Team> = next(&mut asked.rows).decode()?;
    call.ok(&teams)
}

/// `POST /organization/update-team` `{"teamId","data":{"name"?,"organizationId"?}}`: the team. The organization is where
/// it is looked for, and stays what it is.
///
/// # Errors
/// `UNAUTHORIZED`, `NO_ACTIVE_ORGANIZATION`, `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM`, `TEAM_NOT_FOUND`.
pub async fn update_team(call: &mut Call<'_>) -> Result<Response> {
    let (team, (name, org)) = call.body(Root::Object, |body| {
        let team = body.text("teamId", ANY);
        (
            team,
            body.object("data", |data| {
                (data.optional_text("name", 1..=*NAME.end()), data.optional_id("organizationId"))
            }),
        )
    })?;
    let asked = ask(call, (code::UNAUTHORIZED, code::NO_ACTIVE_ORGANIZATION), org.as_ref(), |_| vec![]).await?;
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM;
    let (org, role) = asked.permitted(UPDATE, forbidden.clone(), forbidden)?;
    let user = &asked.caller.user.id;
    let update =
        sql::UPDATE.bind([(&team).into(), org.into(), name.into(), call.app.now.into(), user.into(), role.into()]);
    let updated: Option<Team> = call.change(update, &team).await?.decode_first()?;
    call.ok(&updated.ok_or(code::TEAM_NOT_FOUND)?)
}

/// `POST /organization/remove-team` `{"teamId","organizationId"?}`: the team is gone, from sessions and from pending
/// invitations too.
///
/// # Errors
/// `NO_ACTIVE_ORGANIZATION` (before 401, as the reference), `YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM` (no member, or it is
/// the caller's active team), `YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION`, `TEAM_NOT_FOUND`,
/// `UNABLE_TO_REMOVE_LAST_TEAM`.
pub async fn remove_team(call: &mut Call<'_>) -> Result<Response> {
    let (id, org) = call.body(Root::Object, |body| (body.text("teamId", ANY), body.optional_id("organizationId")))?;
    let unauthorized = if org.is_some() { code::UNAUTHORIZED_EMPTY } else { code::NO_ACTIVE_ORGANIZATION };
    let mut asked =
        ask(call, (unauthorized, code::NO_ACTIVE_ORGANIZATION), org.as_ref(), |_| vec![sql::TEAM.bind([(&id).into()])])
            .await?;
    let team: Option<Team> = next(&mut asked.rows).decode_first()?;
    if asked.caller.session.active_team_id.as_ref() == Some(&id) {
        return Err(code::YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM.into());
    }
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION;
    let (org, role) = asked.permitted(DELETE, code::YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM, forbidden)?;
    if team.is_none_or(|team| team.organization_id != *org) {
        return Err(code::TEAM_NOT_FOUND.into());
    }
    let may_be_last = call.app.config.organization.allow_removing_all_teams;
    let (user, now) = (&asked.caller.user.id, call.app.now);
    let conditions = || [(&id).into(), org.into(), user.into(), role.into(), may_be_last.into()];
    let [a, b, c, d, e] = conditions();
    const DELETE_AT: usize = 1;
    let statements = vec![
        // First, for it finds the sessions by who is in the team.
        sql::CLEAR_ACTIVE_OF_MEMBERS.bind([a, b, c, d, e, now.into()]),
        sql::DELETE.bind(conditions()),
        sql::LEAVE_INVITATIONS.bind([(&id).into(), org.into()]),
    ];
    let done = call.change_by(statements, DELETE_AT, &id).await?;
    if done.get(DELETE_AT).is_none_or(|deleted| deleted.changed == 0) {
        // Where any may go, someone else has just removed it.
        let refused = if may_be_last { code::TEAM_NOT_FOUND } else { code::UNABLE_TO_REMOVE_LAST_TEAM };
        return Err(refused.into());
    }
    call.ok(&json!({ "message": "Team removed successfully." }))
}
