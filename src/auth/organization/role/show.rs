//! `organization/list-roles` and `organization/get-role`: the organization's own; those built in are in the docs.
use super::{OrganizationRole, Selector, find, sql};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        organization::{asked::ask, next},
    },
    policy::{Action, Permission, Resource},
};

const READ: Permission = Permission { resource: Resource::Ac, action: Action::Read };

/// `GET /organization/list-roles?organizationId=`: at most 1,000.
///
/// # Errors
/// `UNAUTHORIZED`, `NO_ACTIVE_ORGANIZATION`, `YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`,
/// `YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE`.
pub async fn list_roles(call: &mut Call<'_>) -> Result<Response> {
    let org = call.query(|query| query.optional_id("organizationId"))?;
    let errors = (code::UNAUTHORIZED, code::NO_ACTIVE_ORGANIZATION);
    let list = |token: &str| vec![sql::LIST.bind([token.into(), org.as_ref().into()])];
    let mut asked = ask(call, errors, org.as_ref(), list).await?;
    let outside = code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION;
    asked.permitted(READ, outside, code::YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE)?;
    let roles: Vec<OrganizationRole> = next(&mut asked.rows).decode()?;
    call.ok(&roles)
}

/// `GET /organization/get-role?roleName=|roleId=&organizationId=`: the role.
///
/// # Errors
/// `UNAUTHORIZED`, `NO_ACTIVE_ORGANIZATION`, `YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`,
/// `YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE`, `ROLE_NOT_FOUND`.
pub async fn get_role(call: &mut Call<'_>) -> Result<Response> {
    let (org, selector) = call.query(|query| (query.optional_id("organizationId"), Selector::read(query)))?;
    let (asked, role) = find(call, org.as_ref(), &selector).await?;
    let outside = code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION;
    asked.permitted(READ, outside, code::YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE)?;
    call.ok(&role.ok_or(code::ROLE_NOT_FOUND)?)
}
