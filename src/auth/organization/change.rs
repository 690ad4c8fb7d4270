//! `organization/update` and `organization/delete`.
use super::{
    Parsed, Target,
    asked::ask,
    create::{LOGO, MAX_METADATA_BYTES, NAME, SLUG, slug_taken},
    sql,
};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Root},
        model::Organization,
    },
    id::Id,
    policy::{Action, Permission, Resource},
};

const UPDATE: Permission = Permission { resource: Resource::Organization, action: Action::Update };
const DELETE: Permission = Permission { resource: Resource::Organization, action: Action::Delete };

/// What may change of an organization. What is left out stays as it is.
struct Patch {
    name: Option<String>,
    slug: Option<String>,
    logo: Option<Option<String>>,
    metadata: Option<String>,
}

/// `POST /organization/update` `{"data":{"name"?,"slug"?,"logo"?,"metadata"?},"organizationId"?}`: the organization
/// afterwards; as it was, if there is nothing in `data` that we know.
///
/// # Errors
/// `ORGANIZATION_NOT_FOUND`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`,
/// `YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION`, `ORGANIZATION_SLUG_ALREADY_TAKEN`; 401.
pub async fn update(call: &mut Call<'_>) -> Result<Response> {
    let (patch, id) = call.body(Root::Object, |body| {
        let patch = body.object("data", |data| Patch {
            name: data.optional_text("name", NAME),
            slug: data.optional_text("slug", SLUG),
            logo: data.nullable_text("logo", LOGO),
            metadata: data.optional_record("metadata", MAX_METADATA_BYTES),
        });
        (patch, body.optional_id("organizationId"))
    })?;
    let errors = (code::USER_NOT_FOUND, code::ORGANIZATION_NOT_FOUND);
    let asked = ask(call, errors, id.as_ref(), |_| vec![]).await?;
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION;
    let (org, role) = asked.permitted(UPDATE, code::USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION, forbidden)?;
    let statement = sql::UPDATE.bind([
        org.into(),
        (&asked.caller.user.id).into(),
        role.into(),
        patch.name.into(),
        patch.slug.into(),
        patch.logo.is_some().into(),
        patch.logo.flatten().into(),
        patch.metadata.into(),
    ]);
    let done = call.change(statement, org.as_str()).await;
    let done = done.map_err(|error| slug_taken(error, code::ORGANIZATION_SLUG_ALREADY_TAKEN))?;
    let updated: Option<Organization> = done.decode_first()?;
    // No row: his role changed, or the organization was deleted, since it was read.
    call.ok(&Parsed::of(&updated.ok_or(code::USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION)?))
}

/// `POST /organization/delete` `{"organizationId"}`: the organization that was, with all that was its own; no member's
/// session keeps it as the active one.
///
/// # Errors
/// `ORGANIZATION_DELETION_DISABLED`; `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`,
/// `YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION`; 401.
pub async fn delete(call: &mut Call<'_>) -> Result<Response> {
    let id = call.body(Root::Object, |body| body.text("organizationId", ANY))?;
    if call.app.config.organization.disable_deletion {
        return Err(code::ORGANIZATION_DELETION_DISABLED.into());
    }
    let errors = (code::UNAUTHORIZED_EMPTY, code::ORGANIZATION_NOT_FOUND);
    let asked = ask(call, errors, Some(&id), |_| vec![]).await?;
    if id.is_empty() {
        return Err(code::ORGANIZATION_NOT_FOUND.into());
    }
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION;
    let (org, role) = asked.permitted(DELETE, code::USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION, forbidden)?;
    let user = &asked.caller.user.id;
    let statements = vec![
        // First, for it finds the sessions by their users' memberships.
        sql::CLEAR_ACTIVE_OF_MEMBERS.bind([org.into(), user.into(), role.into(), call.app.now.into()]),
        sql::DELETE.bind([org.into(), user.into(), role.into()]),
    ];
    let done = call.app.identity().batch(statements).await?;
    if done.last().is_none_or(|deleted| deleted.changed == 0) {
        return Err(code::USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION.into());
    }
    call.app.empty_store(org).await;
    call.ok(&asked.target.map(Target::into_organization))
}
