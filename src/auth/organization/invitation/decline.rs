//! `organization/reject-invitation` and `organization/cancel-invitation`.
use super::{Call, Invitation, PENDING, Received, Roles, code, next, permissions, received, sql};
use crate::{
    Result,
    access::OrgLog,
    api::Response,
    auth::{
        input::{ANY, Root},
        session::require,
    },
    policy::{Action, Permission, Resource},
};
use serde::Deserialize;
use serde_json::json;

const CANCEL: Permission = Permission { resource: Resource::Invitation, action: Action::Cancel };

/// `POST /organization/reject-invitation` `{"invitationId"}`: `{"invitation","member":null}`. One that is over may be
/// rejected, too.
///
/// # Errors
/// `INVITATION_NOT_FOUND`, `YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`,
/// `EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION`; `UNAUTHORIZED`.
pub async fn reject_invitation(call: &mut Call<'_>) -> Result<Response> {
    let id = call.body(Root::Object, |body| body.text("invitationId", ANY))?;
    let look_up = |token: &str| vec![received(token, &id), OrgLog::end(token, None, Some(&id))];
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    let mut rows = rows.into_iter();
    let found: Option<Received> = next(&mut rows).decode_first()?;
    let found = found.filter(|found| found.invitation.status == PENDING);
    let found = found.ok_or(code::INVITATION_TO_REJECT_NOT_FOUND)?;
    let unverified = code::EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION;
    found.require_recipient(call, &caller, unverified)?;
    call.log = OrgLog::of(next(&mut rows))?;
    let rejected: Option<Invitation> = call.change(sql::REJECT.bind([(&id).into()]), &id).await?.decode_first()?;
    let rejected = rejected.ok_or(code::INVITATION_TO_REJECT_NOT_FOUND)?;
    call.ok(&json!({ "invitation": rejected, "member": null }))
}

/// An invitation of an organization, and the caller's place there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    invitation: Invitation,
    role: Option<String>,
    dynamic_roles: Vec<(String, String)>,
}

/// `POST /organization/cancel-invitation` `{"invitationId"}`: the invitation, if it was pending. An owner's is an owner's
/// to cancel.
///
/// # Errors
/// `INVITATION_NOT_FOUND`, `MEMBER_NOT_FOUND`, `YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION`; `UNAUTHORIZED`.
pub async fn cancel_invitation(call: &mut Call<'_>) -> Result<Response> {
    let id = call.body(Root::Object, |body| body.text("invitationId", ANY))?;
    let look_up = |token: &str| vec![sql::SENT.bind([token.into(), (&id).into()]), OrgLog::end(token, None, Some(&id))];
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    let mut rows = rows.into_iter();
    let sent: Option<Sent> = next(&mut rows).decode_first()?;
    let Sent { invitation, role, dynamic_roles } = sent.ok_or(code::INVITATION_NOT_FOUND)?;
    let role = role.ok_or(code::MEMBER_NOT_FOUND)?;
    call.log = OrgLog::of(next(&mut rows))?;
    let held = Roles::parse(&role);
    let is_owners = Roles::parse(invitation.role.as_deref().unwrap_or_default()).has_owner();
    if !permissions(&held, &dynamic_roles).has(CANCEL) || is_owners && !held.has_owner() {
        return Err(code::YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION.into());
    }
    let cancel = sql::CANCEL.bind([(&id).into(), (&caller.user.id).into(), role.into()]);
    let canceled: Option<Invitation> = call.change(cancel, &id).await?.decode_first()?;
    call.ok(&canceled.ok_or(code::INVITATION_NOT_FOUND)?)
}
