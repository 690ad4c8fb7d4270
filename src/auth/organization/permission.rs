//! `organization/has-permission`.
use super::{asked::ask, roles};
use crate::{
    Result,
    api::Response,
    auth::{call::Call, code, input::Root},
    policy::Roles,
};
use serde_json::json;

/// `POST /organization/has-permission` `{"permissions":{"<resource>":["<action>"]},"organizationId"?}`: whether one of the
/// caller's roles grants all of it. `{"error":null,"success":true}`. The older `permission` is read and asks for nothing.
///
/// # Errors
/// `NO_ACTIVE_ORGANIZATION`; `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, 401; `UNAUTHORIZED`.
pub async fn has_permission(call: &mut Call<'_>) -> Result<Response> {
    let (id, asked) = call.body(Root::ObjectAndOneOf, |body| {
        let id = body.optional_id("organizationId");
        (id, body.one_of(&["permission", "permissions"], roles::permission))
    })?;
    let errors = (code::UNAUTHORIZED, code::NO_ACTIVE_ORGANIZATION);
    let target = ask(call, errors, id.as_ref(), |_| vec![]).await?.target.ok_or(code::UNAUTHORIZED_TO_NON_MEMBERS)?;
    let held = Roles::parse(target.role.as_deref().unwrap_or_default());
    let asked = asked.filter(|(name, _)| *name == "permissions").map(|(_, asked)| asked).unwrap_or_default();
    let success = roles::OrgRoles::new(&call.app.config, &target.dynamic_roles).authorize(&held, &asked);
    call.ok(&json!({ "error": null, "success": success }))
}
