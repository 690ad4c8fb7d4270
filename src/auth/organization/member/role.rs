//! `organization/update-member-role`.
use super::{Asked, Call, Member, Roles, ask, code, next, other_owners, owners, roles, sql};
use crate::{
    Result,
    api::Response,
    auth::{
        input::{ANY, Root},
        organization::sql::NAMED_ROLES,
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
        let named = NAMED_ROLES.bind([token.into(), org.as_ref().into(), names]);
        vec![sql::MEMBER.bind([token.into(), id.into()]), owners(token, org.as_ref()), named]
    };
    // What is no role at all is refused before what has no organization.
    let inactive = if is_given { code::NO_ACTIVE_ORGANIZATION } else { code::BAD_REQUEST_EMPTY };
    let Asked { caller, target, mut rows } = ask(call, (code::UNAUTHORIZED, inactive), org.as_ref(), look_up).await?;
    if new.is_empty() {
        return Err(code::BAD_REQUEST_EMPTY.into());
    }
    let target = target.ok_or(code::MEMBER_NOT_FOUND)?;
    let role = target.role.as_deref().ok_or(code::MEMBER_NOT_FOUND)?;
    let member: Member = next(&mut rows).decode_first()?.ok_or(code::MEMBER_NOT_FOUND)?;
    let (held, had) = (Roles::parse(role), Roles::parse(&member.role));
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
    let updated: Option<Member> = call.change(statement, &member.id).await?.decode_first()?;
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
