//! `organization/invite-member`.
use super::{Call, Caller, INVITE, Invitation, Roles, Target, code, next, require_seats, roles, sql};
use crate::{
    Result,
    api::Response,
    auth::{
        input::{ANY, Fields, Root, is_email},
        links,
        model::User,
        organization::{
            asked::{Asked, ask},
            sql::NAMED_ROLES,
        },
    },
    db::{Bind, IdentityStatement},
    error::AuthError,
    mail::templates::{self, Invited, Link},
    time::Timestamp,
};
use serde::Deserialize;

/// Which statement of [`Inviter::create`] invites.
const INVITE_AT: usize = 2;
/// Characters of a list of teams' ids.
const MAX_TEAMS: usize = 5000;

/// Who is invited, and into what.
struct Invite {
    email: String,
    roles: Roles,
    org: Option<String>,
    is_resent: bool,
    teams: Vec<String>,
    /// Whether it takes the place of one that is pending.
    replaces: bool,
}

/// Who invites, and what he may give.
struct Inviter<'a> {
    caller: &'a Caller,
    target: &'a Target,
    /// His roles, as stored.
    role: &'a str,
    /// The organization's own roles that count here.
    own: &'a [(String, String)],
}

/// What [`sql::IN_THE_WAY`] finds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InTheWay {
    is_member: bool,
    pending: Option<Invitation>,
    pending_roles: Vec<(String, String)>,
    pending_count: f64,
}

/// `POST /organization/invite-member` `{"email","role","organizationId"?,"resend"?,"teamId"?}`: the invitation, of which
/// the address is told by mail; with `resend` one that is pending lives longer instead. Nobody gives a role that grants
/// what he lacks.
///
/// # Errors
/// `ORGANIZATION_NOT_FOUND`, `INVALID_EMAIL`, `MEMBER_NOT_FOUND`,
/// `YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION`, `ROLE_NOT_FOUND`,
/// `YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE`, `USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION`,
/// `USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION`, `INVITATION_LIMIT_REACHED`, `INVALID_TEAM_ID`, `TEAM_NOT_FOUND`,
/// `TEAM_MEMBER_LIMIT_REACHED`; `UNAUTHORIZED`.
pub async fn invite_member(call: &mut Call<'_>) -> Result<Response> {
    let invite = read(call)?;
    let (now, org) = (call.app.now, invite.org.as_ref());
    let names = Bind::json(&invite.roles.iter().collect::<Vec<_>>())?;
    let look_up = |token: &str| {
        let named = NAMED_ROLES.bind([token.into(), org.into(), names]);
        vec![named, in_the_way(token, org.into(), &invite, now)]
    };
    let errors = (code::UNAUTHORIZED, code::ORGANIZATION_NOT_FOUND);
    let Asked { caller, target, mut rows } = ask(call, errors, org, look_up).await?;
    if !is_email(&invite.email) {
        return Err(code::INVALID_EMAIL.into());
    }
    let target = target.ok_or(code::MEMBER_NOT_FOUND)?;
    let role = target.role.as_deref().ok_or(code::MEMBER_NOT_FOUND)?;
    let own = roles::own(&target, next(&mut rows))?;
    let inviter = Inviter { caller: &caller, target: &target, role, own: &own };
    inviter.check(call, &invite.roles)?;
    let found: Option<InTheWay> = next(&mut rows).decode_first()?;
    let found = found.ok_or(code::MEMBER_NOT_FOUND)?;
    let invitation = match &found.pending {
        Some(pending) if invite.is_resent && !found.is_member => {
            inviter.renew(call, pending, &found.pending_roles).await?
        }
        _ => {
            found.check(call, &invite)?;
            inviter.create(call, &invite).await?
        }
    };
    inviter.tell(call, &invitation)?;
    call.ok(&invitation)
}

fn read(call: &Call<'_>) -> Result<Invite> {
    let replaces = call.app.config.organization.cancel_pending_invitations_on_re_invite;
    call.body(Root::Object, |body| Invite {
        email: body.text("email", ANY).to_ascii_lowercase(),
        roles: Roles::parse(&body.texts("role", roles::MAX_LENGTH).join(",")),
        org: body.optional_id("organizationId"),
        is_resent: body.optional_boolean("resend").unwrap_or(false),
        teams: teams(body),
        replaces,
    })
}

/// Each once. A single empty text names none, as in the reference.
fn teams(body: &mut Fields<'_>) -> Vec<String> {
    let mut named = body.optional_texts("teamId", MAX_TEAMS).unwrap_or_default();
    if !body.is_truthy("teamId") {
        named.clear();
    }
    let mut teams: Vec<String> = vec![];
    for team in named {
        if !teams.contains(&team) {
            teams.push(team);
        }
    }
    teams
}

fn in_the_way(token: &str, org: Bind, invite: &Invite, now: Timestamp) -> IdentityStatement {
    sql::IN_THE_WAY.bind([token.into(), org, (&invite.email).into(), now.into(), invite.replaces.into()])
}

impl InTheWay {
    fn check(&self, call: &Call<'_>, invite: &Invite) -> Result<()> {
        if self.is_member {
            Err(code::USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION.into())
        } else if self.pending.is_some() && !invite.replaces {
            Err(code::USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION.into())
        } else if self.pending_count >= call.app.config.organization.invitation_limit.into() {
            Err(code::INVITATION_LIMIT_REACHED.into())
        } else if invite.teams.iter().any(|team| team.contains(',')) {
            Err(code::INVALID_TEAM_ID.into())
        } else {
            Ok(())
        }
    }
}

impl Inviter<'_> {
    /// Refuses who may not invite, or not with these roles.
    fn check(&self, call: &Call<'_>, given: &Roles) -> Result<()> {
        if !self.target.grants(INVITE) {
            return Err(code::YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION.into());
        }
        if given.is_empty() {
            return Err(code::ROLE_NOT_FOUND.into());
        }
        let unknown = roles::OrgRoles::new(&call.app.config, self.own).unknown(given);
        if !unknown.is_empty() {
            let message = format!("ROLE_NOT_FOUND: {}", unknown.join(", "));
            return Err(AuthError { message: Some(message.into()), ..AuthError::empty(400) }.into());
        }
        self.check_may_give(call, self.own, given)
    }

    fn check_may_give(&self, call: &Call<'_>, own: &[(String, String)], given: &Roles) -> Result<()> {
        let roles = roles::OrgRoles::new(&call.app.config, own);
        if roles.may_give(&Roles::parse(self.role), given.iter()) {
            Ok(())
        } else {
            Err(code::YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE.into())
        }
    }

    /// Lets the pending invitation live on.
    async fn renew(&self, call: &Call<'_>, pending: &Invitation, own: &[(String, String)]) -> Result<Invitation> {
        let own = [self.own, own].concat();
        self.check_may_give(call, &own, &Roles::parse(pending.role.as_deref().unwrap_or_default()))?;
        let renewed = sql::RENEW.bind([
            (&pending.id).into(),
            self.expires_at(call).into(),
            (&self.caller.user.id).into(),
            self.role.into(),
        ]);
        let renewed: Option<Invitation> = call.change(renewed, &pending.id).await?.decode_first()?;
        // No row: it was answered meanwhile.
        renewed.ok_or_else(|| code::INVITATION_NOT_FOUND.into())
    }

    /// Makes the invitation, if nothing is in its way by now; and if it takes the place of others, cancels them.
    async fn create(&self, call: &Call<'_>, invite: &Invite) -> Result<Invitation> {
        let (now, options) = (call.app.now, &call.app.config.organization);
        let (id, org) = (call.app.random.alphanumeric(32)?, &self.target.id);
        let max: Bind = options.maximum_members_per_team.map(i64::from).into();
        let teams = Bind::json(&invite.teams)?;
        let statements = vec![
            in_the_way(&self.caller.session.token, org.into(), invite, now),
            sql::TEAMS_IN_THE_WAY.bind([org.into(), teams.clone(), max.clone(), Bind::Null]),
            sql::INVITE.bind([
                (&id).into(),
                org.into(),
                (&invite.email).into(),
                invite.roles.to_string().into(),
                Some(invite.teams.join(",")).filter(|teams| !teams.is_empty()).into(),
                self.expires_at(call).into(),
                now.into(),
                (&self.caller.user.id).into(),
                self.role.into(),
                Bind::json(&self.own)?,
                i64::from(options.invitation_limit).into(),
                invite.replaces.into(),
                teams,
                max,
            ]),
            sql::CANCEL_OTHERS.bind([(&id).into(), now.into()]),
        ];
        let mut rows = call.change_by(statements, INVITE_AT, &id).await?.into_iter();
        let (found, seats) = (next(&mut rows).decode_first::<InTheWay>()?, next(&mut rows));
        if let Some(made) = next(&mut rows).decode_first()? {
            return Ok(made);
        }
        found.ok_or(code::MEMBER_NOT_FOUND)?.check(call, invite)?;
        require_seats(seats)?;
        // He is no member any more, or has another role.
        Err(code::MEMBER_NOT_FOUND.into())
    }

    fn expires_at(&self, call: &Call<'_>) -> Timestamp {
        call.app.now.plus_s(call.app.config.organization.invitation_expires_in_s.into())
    }

    /// Tells the address of the invitation.
    fn tell(&self, call: &Call<'_>, invitation: &Invitation) -> Result<()> {
        let expires_in_s = call.app.config.organization.invitation_expires_in_s;
        let url = links::invitation(call, &invitation.id);
        let User { name, email, .. } = &self.caller.user;
        let invited = Invited { organization: &self.target.name, inviter: name, inviter_email: email };
        let link = Link { url: &url, expires_in_s };
        call.app.send(templates::invitation(&invitation.email, invited, link)?);
        Ok(())
    }
}
