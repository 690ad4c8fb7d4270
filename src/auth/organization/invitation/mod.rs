//! Invitations: made, shown, accepted, rejected, canceled.
//!
//! Who holds an invitation's id and has its address may accept it, for as long as who sent it could send it today.
//! Source: Better Auth 1.7.25, `plugins/organization/routes/crud-invites` (wire spec §6.6).
use super::{INVITE, Target, next, roles};
use crate::{
    Result,
    access::permissions,
    auth::{call::Call, code, model::Invitation, session::Caller},
    db::{IdentityStatement, Rows},
    error::AuthError,
    policy::Roles,
};
use serde::Deserialize;

pub mod accept;
pub mod decline;
pub mod invite;
pub mod show;
pub mod sql;

const PENDING: &str = "pending";

/// An invitation that a request names, what it leads to, and who sent it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    invitation: Invitation,
    organization_name: String,
    organization_slug: String,
    /// How many members the organization has.
    member_count: f64,
    /// The inviter's address and his roles; none if he has left.
    inviter_email: Option<String>,
    inviter_role: Option<String>,
    /// The organization's own roles that he has or the invitation gives.
    dynamic_roles: Vec<(String, String)>,
}

/// Looks up the invitation of the id, if there is a session of the token.
fn received(token: &str, id: &str) -> IdentityStatement {
    sql::RECEIVED.bind([token.into(), id.into()])
}

impl Received {
    /// The roles that it gives.
    fn roles(&self) -> Roles {
        Roles::parse(self.invitation.role.as_deref().unwrap_or_default())
    }

    /// Refuses one that is not pending, or no longer.
    fn require_open(self, call: &Call<'_>) -> Result<Self> {
        let is_open = self.invitation.status == PENDING && self.invitation.expires_at >= call.app.now;
        if is_open { Ok(self) } else { Err(code::INVITATION_NOT_FOUND.into()) }
    }

    /// Refuses everyone but the user whose address it was sent to; if the deployment wants that, he must have verified it.
    fn require_recipient(&self, call: &Call<'_>, caller: &Caller, unverified: AuthError) -> Result<()> {
        if !self.invitation.email.eq_ignore_ascii_case(&caller.user.email) {
            return Err(code::YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION.into());
        }
        let is_verified = caller.user.email_verified;
        if call.app.config.organization.require_email_verification_on_invitation && !is_verified {
            return Err(unverified.into());
        }
        Ok(())
    }

    /// Refuses what its sender could not send today: he has left, or lost the right to give these roles. Gives his roles.
    fn require_inviter(&self, call: &Call<'_>) -> Result<&str> {
        let role = self.inviter_role.as_deref();
        let role = role.ok_or(code::INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION)?;
        let held = Roles::parse(role);
        let may_invite = permissions(&held, &self.dynamic_roles).has(INVITE);
        let given = self.roles();
        let may_give = roles::OrgRoles::new(&call.app.config, &self.dynamic_roles).may_give(&held, given.iter());
        if may_invite && may_give { Ok(role) } else { Err(code::INVITATION_NOT_FOUND.into()) }
    }
}

/// What of the named teams are in the way: those that the organization has not, and those that are full.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Obstacles {
    absent: f64,
    full: f64,
}

/// Says what is in the way of a place in each of the teams.
fn require_seats(rows: Rows) -> Result<()> {
    match rows.decode_first()? {
        Some(Obstacles { absent, .. }) if absent > 0.0 => Err(code::TEAM_NOT_FOUND.into()),
        Some(Obstacles { full, .. }) if full > 0.0 => Err(code::TEAM_MEMBER_LIMIT_REACHED.into()),
        _ => Ok(()),
    }
}
