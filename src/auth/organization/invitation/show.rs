//! `organization/get-invitation`, `organization/list-invitations`, `organization/list-user-invitations`.
use super::{Call, INVITE, Invitation, Received, Roles, Target, code, next, received, sql};
use crate::{
    Result,
    api::Response,
    auth::{
        input::ANY,
        organization::{asked::ask, sql::LIST_INVITATIONS},
        session::require,
    },
};
use serde::{Deserialize, Serialize};

/// An invitation, as its recipient sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(flatten)]
    invitation: Invitation,
    organization_name: String,
    #[serde(flatten)]
    sender: Option<Sender>,
}

/// What a recipient sees of where one of his invitations is from.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sender {
    organization_slug: String,
    inviter_email: Option<String>,
}

/// `GET /organization/get-invitation?id=`: the invitation, to its recipient, with `organizationName`, `organizationSlug` and
/// `inviterEmail`.
///
/// # Errors
/// `INVITATION_NOT_FOUND`, `YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`, `EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION`,
/// `INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION`; 401.
pub async fn get_invitation(call: &mut Call<'_>) -> Result<Response> {
    let id = call.query(|query| query.text("id", ANY))?;
    let (caller, rows) = require(call, code::NOT_AUTHENTICATED, |token| vec![received(token, &id)]).await?;
    let found: Option<Received> = next(&mut rows.into_iter()).decode_first()?;
    let found = found.ok_or(code::INVITATION_NOT_FOUND)?.require_open(call)?;
    found.require_recipient(call, &caller, code::EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION)?;
    found.require_inviter(call)?;
    let Received { invitation, organization_name, organization_slug, inviter_email, .. } = found;
    let sender = Some(Sender { organization_slug, inviter_email });
    call.ok(&Shown { invitation, organization_name, sender })
}

/// Of an organization's invitations those that a member may see who may invite: those of owners are for owners.
pub(in crate::auth::organization) fn visible(target: &Target, mut invitations: Vec<Invitation>) -> Vec<Invitation> {
    let is_owner = target.role.as_deref().is_some_and(|role| Roles::parse(role).has_owner());
    let is_owners = |role: &Option<String>| Roles::parse(role.as_deref().unwrap_or_default()).has_owner();
    invitations.retain(|invitation| is_owner || !is_owners(&invitation.role));
    invitations
}

/// `GET /organization/list-invitations?organizationId=`: the invitations of the named or active organization, whatever
/// became of them, to whom may invite.
///
/// # Errors
/// 400 if no organization is named and none active; 403 to others than members; `YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS`;
/// `UNAUTHORIZED`.
pub async fn list_invitations(call: &mut Call<'_>) -> Result<Response> {
    let id = call.query(|query| query.optional_id("organizationId"))?;
    let errors = (code::UNAUTHORIZED, code::ORGANIZATION_ID_IS_REQUIRED);
    let target = ask(call, errors, id.as_ref(), |_| vec![]).await?.target.ok_or(code::NOT_A_MEMBER)?;
    if !target.grants(INVITE) {
        return Err(code::YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS.into());
    }
    let invitations = call.app.identity().run(LIST_INVITATIONS.bind([(&target.id).into()])).await?;
    call.ok(&visible(&target, invitations.decode()?))
}

/// `GET /organization/list-user-invitations`: the pending invitations to the caller's verified address, those that are over
/// too, with `organizationName`.
///
/// # Errors
/// 400 if the query has an address, or without a session; `EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION`.
pub async fn list_user_invitations(call: &mut Call<'_>) -> Result<Response> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Row {
        invitation: Invitation,
        organization_name: String,
    }
    if call.query(|query| query.optional_id("email"))?.is_some() {
        return Err(code::USER_EMAIL_CANNOT_BE_PASSED.into());
    }
    let list = |token: &str| vec![sql::LIST_RECEIVED.bind([token.into()])];
    let (caller, rows) = require(call, code::MISSING_SESSION_HEADERS, list).await?;
    if !caller.user.email_verified {
        return Err(code::EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION.into());
    }
    let rows: Vec<Row> = next(&mut rows.into_iter()).decode()?;
    let shown = |Row { invitation, organization_name }| Shown { invitation, organization_name, sender: None };
    call.ok(&rows.into_iter().map(shown).collect::<Vec<_>>())
}
