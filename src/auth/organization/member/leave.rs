//! `organization/remove-member` and `organization/leave`.
use super::{Asked, Call, Member, Roles, ask, code, next, other_owners, owners, sql};
use crate::{
    Result,
    access::OrgLog,
    api::Response,
    auth::{
        input::{ANY, Root},
        session::{Caller, require},
    },
    db::{Bind, Rows},
    error::AuthError,
    policy::{Action, Permission, Resource},
};
use serde_json::json;

const DELETE: Permission = Permission { resource: Resource::Member, action: Action::Delete };

/// `POST /organization/remove-member` `{"memberIdOrEmail","organizationId"?}`: `{"member"}`, with `user` if he was named
/// by his address. His sessions leave the organization, and he its teams.
///
/// # Errors
/// `NO_ACTIVE_ORGANIZATION`, `MEMBER_NOT_FOUND`, `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`;
/// `YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER`, 401; `UNAUTHORIZED`.
pub async fn remove_member(call: &mut Call<'_>) -> Result<Response> {
    let (named, org) =
        call.body(Root::Object, |body| (body.text("memberIdOrEmail", ANY), body.optional_id("organizationId")))?;
    let look_up = |token: &str| {
        let member = if named.contains('@') {
            let email = named.to_lowercase();
            sql::MEMBER_BY_EMAIL.bind([token.into(), org.as_ref().into(), email.into()])
        } else {
            sql::MEMBER.bind([token.into(), named.into()])
        };
        vec![member, owners(token, org.as_ref())]
    };
    let errors = (code::UNAUTHORIZED, code::NO_ACTIVE_ORGANIZATION);
    let Asked { caller, target, mut rows } = ask(call, errors, org.as_ref(), look_up).await?;
    let target = target.ok_or(code::MEMBER_NOT_FOUND)?;
    let role = target.role.as_deref().ok_or(code::MEMBER_NOT_FOUND)?;
    let member: Option<Member> = next(&mut rows).decode_first()?;
    // Another organization's is as unknown as one that never was.
    let member = member.filter(|member| member.organization_id == target.id).ok_or(code::MEMBER_NOT_FOUND)?;
    let is_owner = Roles::parse(&member.role).has_owner();
    let owners = other_owners(next(&mut rows), &member)?;
    if is_owner && (!Roles::parse(role).has_owner() || owners.is_empty()) {
        return Err(code::YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER.into());
    }
    if !target.grants(DELETE) {
        return Err(code::YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER.into());
    }
    remove(call, &caller, role, &member, &owners).await?;
    call.ok(&json!({ "member": member }))
}

/// `POST /organization/leave` `{"organizationId"}`: the member that the caller was, with `user`.
///
/// # Errors
/// `MEMBER_NOT_FOUND`, `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`; `UNAUTHORIZED`.
pub async fn leave(call: &mut Call<'_>) -> Result<Response> {
    let org = call.body(Root::Object, |body| body.text("organizationId", ANY))?;
    let look_up = |token: &str| {
        let end = OrgLog::end(token, Some(&org), None);
        vec![end, sql::MYSELF.bind([token.into(), (&org).into()]), owners(token, Some(&org))]
    };
    let (caller, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    let mut rows = rows.into_iter();
    call.log = OrgLog::of(next(&mut rows))?;
    let member: Member = next(&mut rows).decode_first()?.ok_or(code::MEMBER_NOT_FOUND)?;
    let owners = other_owners(next(&mut rows), &member)?;
    if Roles::parse(&member.role).has_owner() && owners.is_empty() {
        return Err(code::YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER.into());
    }
    remove(call, &caller, &member.role, &member, &owners).await?;
    call.ok(&member)
}

/// Removes the member, with all that he has in the organization, if nothing has changed since it was read: not the
/// `role` of who removes him and, if he is an owner, not the last of the others.
async fn remove(
    call: &Call<'_>,
    caller: &Caller,
    role: &str,
    member: &Member,
    owners: &[(String, String)],
) -> Result<()> {
    let (user, org) = (&member.user_id, &member.organization_id);
    let is_owner = Roles::parse(&member.role).has_owner();
    let statements = vec![
        sql::REMOVE.bind([
            (&member.id).into(),
            org.into(),
            (&member.role).into(),
            (&caller.user.id).into(),
            role.into(),
            if is_owner { Bind::json(&owners)? } else { Bind::Null },
        ]),
        sql::CLEAR_ACTIVE.bind([user.into(), org.into(), call.app.now.into()]),
        sql::COUNT_OUT.bind([user.into(), org.into()]),
        sql::LEAVE_TEAMS.bind([user.into(), org.into()]),
    ];
    let done = call.change_by(statements, 0, &member.id).await?;
    if done.first().is_some_and(|removed: &Rows| removed.changed > 0) { Ok(()) } else { Err(lost(is_owner).into()) }
}

/// Someone else was quicker. Of two owners who leave at once, one stays.
const fn lost(is_owner: bool) -> AuthError {
    if is_owner { code::YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER } else { code::MEMBER_NOT_FOUND }
}
