//! `organization/accept-invitation`.
use super::{Call, Caller, Invitation, Received, code, next, received, require_seats, sql};
use crate::{
    Result,
    access::OrgLog,
    api::Response,
    auth::{
        input::{ANY, Root},
        model::Member,
        organization::create::membership_key,
        session::require,
    },
    db::{Bind, IdentityStatement},
};
use serde::Serialize;

/// A place in a team that is to be taken: the row's id, the team's, and what is unique of the pair.
type Seat = (String, String, String);

/// The answer.
#[derive(Serialize)]
struct Accepted {
    invitation: Invitation,
    member: Member,
}

/// `POST /organization/accept-invitation` `{"invitationId"}`: the caller is a member, in the teams that the invitation
/// names, and the organization is his session's active one; all of it or nothing. Who is a member already stays what he is.
/// `{"invitation","member"}`.
///
/// # Errors
/// `INVITATION_NOT_FOUND`, `YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`,
/// `EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION`, `ORGANIZATION_MEMBERSHIP_LIMIT_REACHED`,
/// `INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION`, `TEAM_NOT_FOUND`, `TEAM_MEMBER_LIMIT_REACHED`; `UNAUTHORIZED`.
pub async fn accept_invitation(call: &mut Call<'_>) -> Result<Response> {
    let id = call.body(Root::Object, |body| body.text("invitationId", ANY))?;
    let look_up = |token: &str| vec![received(token, &id), OrgLog::end(token, None, Some(&id))];
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    let mut rows = rows.into_iter();
    let found: Option<Received> = next(&mut rows).decode_first()?;
    let (found, inviter_role) = check(call, &caller, found)?;
    let seats = seats(call, &caller, found.invitation.team_id.as_deref())?;
    let only_team = if let [(_, team, _)] = &seats[..] { Some(team) } else { None };
    let statements = statements(call, &caller, &found, &inviter_role, &seats, only_team)?;
    call.log = OrgLog::of(next(&mut rows))?;
    let mut rows = call.change_by(statements, CLAIM_AT, &id).await?.into_iter();
    let (now_found, free) = (next(&mut rows).decode_first()?, next(&mut rows));
    let (accepted, member) = (rows.nth(ACCEPT), next(&mut rows).decode_first()?);
    let accepted: Option<Invitation> = accepted.unwrap_or_default().decode_first()?;
    let (Some(invitation), Some(member)) = (accepted, member) else {
        check(call, &caller, now_found)?;
        require_seats(free)?;
        return Err(code::INVITATION_NOT_FOUND.into());
    };
    if only_team.is_some() {
        call.jar.set_session(&caller.session.token, None);
    }
    call.ok(&Accepted { invitation, member })
}

/// Whether the caller may accept it now, and the inviter's roles, on which that hangs.
fn check(call: &Call<'_>, caller: &Caller, found: Option<Received>) -> Result<(Received, String)> {
    let found = found.ok_or(code::INVITATION_NOT_FOUND)?.require_open(call)?;
    let unverified = code::EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION;
    found.require_recipient(call, caller, unverified)?;
    if found.member_count >= call.app.config.organization.membership_limit.into() {
        return Err(code::ORGANIZATION_MEMBERSHIP_LIMIT_REACHED.into());
    }
    let role = found.require_inviter(call)?.to_owned();
    Ok((found, role))
}

fn seats(call: &Call<'_>, caller: &Caller, teams: Option<&str>) -> Result<Vec<Seat>> {
    let teams = teams.unwrap_or_default().split(',').filter(|team| !team.is_empty());
    let seat = |team: &str| {
        let key = membership_key(team, &caller.user.id)?;
        Ok((call.app.random.alphanumeric(32)?, team.to_owned(), key))
    };
    teams.map(seat).collect()
}

/// Which of [`statements`] decides.
const CLAIM_AT: usize = 2;
/// Which statement accepts, after the first two of [`statements`].
const ACCEPT: usize = 5;

fn statements(
    call: &Call<'_>,
    caller: &Caller,
    found: &Received,
    inviter_role: &str,
    seats: &[Seat],
    only_team: Option<&String>,
) -> Result<Vec<IdentityStatement>> {
    let (now, options) = (call.app.now, &call.app.config.organization);
    let (user, token) = (&caller.user.id, &caller.session.token);
    let invitation = &found.invitation;
    let (id, org) = (&invitation.id, &invitation.organization_id);
    let (claim, member_id) = (call.app.random.alphanumeric(32)?, call.app.random.alphanumeric(32)?);
    let claim = &format!("claimed by {claim}");
    let teams: Vec<&String> = seats.iter().map(|(_, team, _)| team).collect();
    let max: Bind = options.maximum_members_per_team.map(i64::from).into();
    let seats = Bind::json(&seats)?;
    Ok(vec![
        received(token, id),
        sql::TEAMS_IN_THE_WAY.bind([org.into(), Bind::json(&teams)?, max.clone(), user.into()]),
        sql::CLAIM.bind([
            id.into(),
            claim.into(),
            now.into(),
            user.into(),
            inviter_role.into(),
            Bind::json(&found.dynamic_roles)?,
            i64::from(options.membership_limit).into(),
            seats.clone(),
            max,
        ]),
        sql::JOIN.bind([
            member_id.into(),
            user.into(),
            found.roles().to_string().into(),
            now.into(),
            id.into(),
            claim.into(),
        ]),
        sql::JOIN_TEAMS.bind([user.into(), seats.clone(), now.into(), id.into(), claim.into()]),
        sql::COUNT_TEAMS.bind([seats, id.into(), claim.into()]),
        sql::ACTIVATE.bind([token.into(), only_team.into(), now.into(), id.into(), claim.into()]),
        sql::ACCEPT.bind([id.into(), claim.into()]),
        sql::JOINED.bind([id.into(), user.into()]),
    ])
}
