//! `organization/update-member-role`.
use super::{Call, Member, Roles, code, next, other_owners, owners, place, roles, sql, target};
use crate::{
    Result,
    api::Response,
    auth::{
        input::{ANY, Root},
        session::require,
    },
    db::Bind,
    error::AuthError,
    policy::{Action, Permission, Resource},
};

const UPDATE: Permission = Permission { resource: Resource::Member, action: Action::Update };

/// `POST /organization/update-member-role` `{"role","memberId","organizationId"?}`: the member with his new roles. Nobody
/// gives a role that grants what he lacks, and the last owner stays one.
///
/// # Errors
/// 400 with an empty body for no role at all; `NO_ACTIVE_ORGANIZATION`, `MEMBER_NOT_FOUND`,
/// `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER`, `YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER`, `ROLE_NOT_FOUND`;
/// `UNAUTHORIZED`.
pub async fn update_member_role(call: &mut Call<'_>) -> Result<Response> {
    let (new, is_given, id, org) = call.body(Root::Object, |body| {
        let new = Roles::parse(&body.texts("role", roles::MAX_LENGTH).join(","));
        (new, body.is_truthy("role"), body.text("memberId", ANY), body.optional_id("organizationId"))
    })?;
    let names = Bind::json(&new.iter().collect::<Vec<_>>())?;
    let look_up = |token: &str| {
        vec![
            target(token, org.as_ref(), None),
            sql::MEMBER.bind([token.into(), id.into()]),
            owners(token, org.as_ref()),
            super::super::sql::NAMED_ROLES.bind([token.into(), org.as_ref().into(), names]),
        ]
    };
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    let mut rows = rows.into_iter();
    if !is_given {
        return Err(code::BAD_REQUEST_EMPTY.into());
    }
    let place = place(&caller, org.as_ref(), next(&mut rows));
    if new.is_empty() && (org.is_some() || caller.session.active_organization_id.is_some()) {
        return Err(code::BAD_REQUEST_EMPTY.into());
    }
    let (target, role) = place?;
    let member: Member = next(&mut rows).decode_first()?.ok_or(code::MEMBER_NOT_FOUND)?;
    let (held, had) = (Roles::parse(&role), Roles::parse(&member.role));
    let refused = code::YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER;
    if member.organization_id != target.id || !held.has_owner() && (had.has_owner() || new.has_owner()) {
        return Err(refused.into());
    }
    let owners = other_owners(next(&mut rows), &member)?;
    let is_demoted_owner = had.has_owner() && !new.has_owner();
    if is_demoted_owner && owners.is_empty() {
        return Err(code::YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER.into());
    }
    if !target.grants(UPDATE) {
        return Err(refused.into());
    }
    let own = roles::own(&target, next(&mut rows))?;
    let org_roles = roles::OrgRoles::new(&call.app.config, &own);
    let unknown = org_roles.unknown(&new);
    if !unknown.is_empty() {
        return Err(not_found(&unknown).into());
    }
    // What he has already is not given to him.
    if !org_roles.may_give(&held, new.iter().filter(|role| !had.has(role))) {
        return Err(refused.into());
    }
    let statement = sql::UPDATE_ROLE.bind([
        (&member.id).into(),
        (&target.id).into(),
        new.to_string().into(),
        (&member.role).into(),
        (&caller.user.id).into(),
        role.into(),
        if is_demoted_owner { Bind::json(&owners)? } else { Bind::Null },
        Bind::json(&own)?,
    ]);
    let updated: Option<Member> = call.app.identity().run(statement).await?.decode_first()?;
    // No row: someone else was quicker. Of two owners who step down at once, one stays.
    let lost = if is_demoted_owner && member.user_id == caller.user.id {
        code::YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER
    } else {
        refused
    };
    call.ok(&updated.ok_or(lost)?)
}

fn not_found(names: &[&str]) -> AuthError {
    let message = format!("ROLE_NOT_FOUND: {}", names.join(", "));
    AuthError { message: Some(message.into()), ..code::ROLE_NOT_FOUND }
}
