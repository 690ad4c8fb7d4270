//! Roles of an organization's own making (dynamic access control).
//!
//! Source: Better Auth 1.7.25, `plugins/organization/routes/crud-access-control` (wire spec §6.9).
use super::{
    asked::{Asked, ask},
    next,
    roles::{Grant, OrgRoles, lists, pairs},
};
use crate::{
    Error, Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Fields, Root},
    },
    db::{IdentityStatement, SqlError},
    error::{AuthError, Constraint},
    id::OrgId,
    policy::{Action, BUILT_IN_ROLES, Permission, Resource, Roles, STATEMENTS},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(in crate::auth) mod show;
pub mod sql;

const CREATE: Permission = Permission { resource: Resource::Ac, action: Action::Create };
const UPDATE: Permission = Permission { resource: Resource::Ac, action: Action::Update };
const DELETE: Permission = Permission { resource: Resource::Ac, action: Action::Delete };

/// Characters of a role's name.
const MAX_NAME: usize = 64;
/// Bytes of a permission, as JSON.
const MAX_PERMISSION_BYTES: usize = 16_384;

/// A role as the API shows it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrganizationRole {
    organization_id: OrgId,
    role: String,
    permission: Value,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    id: String,
    /// `permission` as the row has it, where that is asked for.
    #[serde(skip_serializing)]
    stored: Option<String>,
}

/// Resources and the actions on each that a role grants.
type Wanted = Vec<(String, Vec<String>)>;

/// Which role a request is about: the name counts before the id.
struct Selector {
    name: Option<String>,
    id: Option<String>,
}

impl Selector {
    /// `roleName` or `roleId`, one of which must be given.
    fn read(fields: &mut Fields<'_>) -> Self {
        match fields.first_text(&["roleName", "roleId"]) {
            (0, name) => Self { name: Some(name), id: None },
            (_, id) => Self { name: None, id: Some(id) },
        }
    }

    fn look_up(&self, token: &str, org: Option<&String>) -> IdentityStatement {
        sql::ROLE.bind([token.into(), org.into(), self.name.as_ref().into(), self.id.as_ref().into()])
    }
}

/// A role's name in lower case: one that a comma-separated list can hold, which the reference does not ask.
fn role_name(fields: &mut Fields<'_>, field: &str) -> String {
    let name = fields.text(field, ANY).to_lowercase();
    let is_one = Roles::parse(&name).iter().eq([name.as_str()]);
    if fields.is_text(field) && (!is_one || name.chars().count() > MAX_NAME) {
        let rule = format!("Invalid role name: 1 to {MAX_NAME} characters, without commas and outer blanks");
        fields.issue(field, &rule);
    }
    name
}

/// As an object, and as the column has it.
fn permission_of(wanted: Wanted) -> Value {
    Value::Object(wanted.into_iter().map(|(resource, actions)| (resource, json!(actions))).collect::<Map<_, _>>())
}

/// Refuses a permission that names what there is not, or gives what the caller lacks: each action for itself.
fn refuse_excess(call: &Call<'_>, asked: &Asked, wanted: &Wanted, forbidden: AuthError) -> Result<()> {
    let added = &call.app.config.organization.permission_resources;
    let is_known =
        |resource: &str| STATEMENTS.iter().any(|(known, _)| known.word() == resource) || added.contains_key(resource);
    if !wanted.iter().all(|(resource, _)| is_known(resource)) {
        return Err(code::INVALID_RESOURCE.into());
    }
    refuse_missing(call, asked, wanted, forbidden)
}

/// Refuses to give what the caller lacks.
fn refuse_missing(call: &Call<'_>, asked: &Asked, wanted: &Wanted, forbidden: AuthError) -> Result<()> {
    let wanted: Vec<Grant> = wanted.iter().flat_map(|(resource, actions)| pairs(resource, actions)).collect();
    let Some(target) = &asked.target else { return Err(code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION.into()) };
    let held = Roles::parse(target.role.as_deref().unwrap_or_default());
    let missing = OrgRoles::new(&call.app.config, &target.dynamic_roles).missing(&held, &wanted);
    let missing: Vec<_> = missing.into_iter().map(|(resource, action)| format!("{resource}:{action}")).collect();
    if missing.is_empty() { Ok(()) } else { Err(AuthError { missing, ..forbidden }.into()) }
}

/// `POST /organization/create-role` `{"role","permission","organizationId"?}`:
/// `{"success":true,"roleData":…,"statements":…}`. The name is put in lower case.
///
/// # Errors
/// `UNAUTHORIZED`, `YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE`, `ROLE_NAME_IS_ALREADY_TAKEN`,
/// `YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, `YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE` (with `missingPermissions` if it
/// is for these), `TOO_MANY_ROLES`, `INVALID_RESOURCE`.
pub async fn create_role(call: &mut Call<'_>) -> Result<Response> {
    let (org, role, wanted) = call.body(Root::Object, |body| {
        (body.optional_id("organizationId"), role_name(body, "role"), body.lists("permission", MAX_PERMISSION_BYTES))
    })?;
    let errors = (code::UNAUTHORIZED, code::YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE);
    let count = |token: &str| vec![sql::COUNT.bind([token.into(), org.as_ref().into()])];
    let mut asked = ask(call, errors, org.as_ref(), count).await?;
    if BUILT_IN_ROLES.contains(&role.as_str()) {
        return Err(code::ROLE_NAME_IS_ALREADY_TAKEN.into());
    }
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE;
    let count = next(&mut asked.rows).count();
    let outside = code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION;
    let (org, held) = asked.permitted(CREATE, outside, forbidden.clone())?;
    let maximum = call.app.config.organization.maximum_roles;
    if maximum.is_some_and(|maximum| count >= u64::from(maximum)) {
        return Err(code::TOO_MANY_ROLES.into());
    }
    refuse_excess(call, &asked, &wanted, forbidden.clone())?;
    let (now, permission) = (call.app.now, permission_of(wanted));
    let id = call.app.random.alphanumeric(32)?;
    let create = sql::CREATE.bind([
        (&id).into(),
        org.into(),
        (&role).into(),
        permission.to_string().into(),
        now.into(),
        (&asked.caller.user.id).into(),
        held.into(),
        maximum.map(i64::from).into(),
    ]);
    if call.change(create, &id).await.map_err(name_taken)?.changed == 0 {
        // Without a limit it can only be that his role has changed since it was read.
        return Err(maximum.map_or(forbidden, |_| code::TOO_MANY_ROLES).into());
    }
    let made = OrganizationRole {
        organization_id: org.clone(),
        role,
        permission: permission.clone(),
        created_at: now,
        updated_at: None,
        id,
        stored: None,
    };
    call.ok(&json!({ "success": true, "roleData": made, "statements": permission }))
}

/// What a name is called that another role of the organization has; any other error stays what it is.
fn name_taken(error: SqlError) -> Error {
    match error {
        SqlError::Constraint(Constraint::Unique(columns)) if columns.contains("organizationRole.role") => {
            code::ROLE_NAME_IS_ALREADY_TAKEN.into()
        }
        other => other.into(),
    }
}

/// `POST /organization/update-role` `{"roleName"|"roleId","data":{"permission"?,"roleName"?},"organizationId"?}`:
/// `{"success":true,"roleData":…}`, in which `updatedAt` is the one before. Who has the role by its old name keeps the
/// name alone, as in the reference. So a new name may be one that someone still has: who gives it must hold what the role
/// grants.
///
/// # Errors
/// As `create-role`, with `NO_ACTIVE_ORGANIZATION`, `YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE` and `ROLE_NOT_FOUND`.
pub async fn update_role(call: &mut Call<'_>) -> Result<Response> {
    let (org, (wanted, name), selector) = call.body(Root::Object, |body| {
        let data = body.object("data", |data| {
            let wanted = data.optional_lists("permission", MAX_PERMISSION_BYTES);
            (wanted, data.is_truthy("roleName").then(|| role_name(data, "roleName")))
        });
        (body.optional_id("organizationId"), data, Selector::read(body))
    })?;
    let (asked, role) = find(call, org.as_ref(), &selector).await?;
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE;
    let outside = code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION;
    let (org, held) = asked.permitted(UPDATE, outside, forbidden.clone())?;
    let mut role = role.ok_or(code::ROLE_NOT_FOUND)?;
    if let Some(wanted) = &wanted {
        refuse_excess(call, &asked, wanted, forbidden.clone())?;
    }
    if let Some(name) = &name {
        if BUILT_IN_ROLES.contains(&name.as_str()) || *name == role.role {
            return Err(code::ROLE_NAME_IS_ALREADY_TAKEN.into());
        }
        let granted = role.permission.as_object().map(lists).unwrap_or_default();
        if wanted.is_none() {
            refuse_missing(call, &asked, &granted, forbidden)?;
        }
    }
    let permission = wanted.map(permission_of);
    // What is renamed is what was read, unless it is given anew.
    let unchanged = if name.is_some() && permission.is_none() { role.stored.take() } else { None };
    let update = sql::UPDATE.bind([
        (&role.id).into(),
        org.into(),
        name.as_ref().into(),
        permission.as_ref().map(Value::to_string).into(),
        call.app.now.into(),
        (&asked.caller.user.id).into(),
        held.into(),
        unchanged.into(),
    ]);
    role.role = name.unwrap_or(role.role);
    role.permission = permission.unwrap_or(role.permission);
    if call.change(update, &role.id).await.map_err(name_taken)?.changed == 0 {
        return Err(code::ROLE_NOT_FOUND.into());
    }
    call.ok(&json!({ "success": true, "roleData": role }))
}

/// `POST /organization/delete-role` `{"roleName"|"roleId","organizationId"?}`: `{"success":true}`.
///
/// # Errors
/// `UNAUTHORIZED`, `NO_ACTIVE_ORGANIZATION`, `YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`,
/// `YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE`, `CANNOT_DELETE_A_PRE_DEFINED_ROLE`, `ROLE_NOT_FOUND`,
/// `ROLE_IS_ASSIGNED_TO_MEMBERS`.
pub async fn delete_role(call: &mut Call<'_>) -> Result<Response> {
    let (org, selector) = call.body(Root::Object, |body| (body.optional_id("organizationId"), Selector::read(body)))?;
    let (asked, role) = find(call, org.as_ref(), &selector).await?;
    let forbidden = code::YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE;
    let (org, held) = asked.permitted(DELETE, code::YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION, forbidden)?;
    if selector.name.as_deref().is_some_and(|name| BUILT_IN_ROLES.contains(&name)) {
        return Err(code::CANNOT_DELETE_A_PRE_DEFINED_ROLE.into());
    }
    let role = role.ok_or(code::ROLE_NOT_FOUND)?;
    let delete = sql::DELETE.bind([(&role.id).into(), org.into(), (&asked.caller.user.id).into(), held.into()]);
    if call.change(delete, &role.id).await?.changed == 0 {
        return Err(code::ROLE_IS_ASSIGNED_TO_MEMBERS.into());
    }
    call.ok(&json!({ "success": true }))
}

/// Who asks, and the role that he asks for.
async fn find(
    call: &mut Call<'_>,
    org: Option<&String>,
    selector: &Selector,
) -> Result<(Asked, Option<OrganizationRole>)> {
    let errors = (code::UNAUTHORIZED, code::NO_ACTIVE_ORGANIZATION);
    let mut asked = ask(call, errors, org, |token| vec![selector.look_up(token, org)]).await?;
    let role = next(&mut asked.rows).decode_first()?;
    Ok((asked, role))
}
