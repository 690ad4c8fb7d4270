//! Approvals: what a model wants to do that destroys or says where data is sent, a person decides on first.
//!
//! A door of models calls operations by [`call`], which does the rest. A record is sealed: it is for one operation with the
//! very same arguments, asked for by one user through one credential in one organization, and is good once, for 15 minutes.
//! The audit event of what it was for uses it up, in the batch that does it.
use crate::{
    Error, Result,
    access::{Actor, AuthCtx, Called, OrgDb, arguments_hash},
    error::Constraint,
    id::{ApprovalId, UserId},
    operation::{
        Answer, Operation, Output, caller_is_gone,
        input::{ById, PageInput, bounded_json},
        page::{Listed, Page},
    },
    policy::{Permission, Permissions},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub mod operations;
pub mod sql;
#[cfg(test)]
mod tests;

/// How long an approval may be decided on, and used.
const GOOD_FOR_S: i64 = 15 * 60;
/// How many a user's models may ask for in that time, in an organization.
const MAX_ASKED: u32 = 100;

/// What has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Status {
    /// No one has decided.
    Pending,
    /// The call may be made, once.
    Approved,
    /// The call is not to be made.
    Denied,
    /// The call was made.
    Used,
}

/// What a model asked for, and a person decides on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// What acts for the user: `session`, or the id of an API key or OAuth grant.
    pub actor: String,
    /// What is to be called.
    pub operation: String,
    /// What whoever decides must be granted, such as `dataset:delete`.
    pub permission: String,
    /// With which arguments.
    pub arguments: Map<String, Value>,
    /// SHA-256 of them, in hex, as the audit log has it.
    pub arguments_hash: String,
    /// What has become of it.
    pub status: Status,
    /// From when on it is good for nothing.
    pub expires_at: Timestamp,
    /// Who decided; null if no one has, or once he is deleted.
    pub decided_by: Option<UserId>,
    /// For whom the model acts.
    pub created_by: UserId,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was last asked for or decided on: its version.
    pub updated_at: Timestamp,
}

impl Output for Approval {
    fn version(&self) -> Option<Timestamp> {
        Some(self.updated_at)
    }
}

impl Listed for Approval {
    type Id = ApprovalId;
    fn id(&self) -> &ApprovalId {
        &self.id
    }
}

/// What a person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Decision {
    /// The call may be made, once.
    Approve,
    /// It may not.
    Deny,
}

/// A decision on an approval.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decide {
    /// Which approval.
    pub id: ApprovalId,
    /// Decide only if it has not changed since: the `updatedAt` that you read. REST: the header `If-Match`.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// `approve` or `deny`.
    pub decision: Decision,
}

/// Calls the operation for a model, or asks a person first if it needs one. The same call again, once it is approved, is
/// made; nothing that a model says makes it so.
///
/// # Errors
/// `ApprovalRequired`, with the record's id; `ApprovalDenied`; and those of [`Operation::call`].
pub async fn call(cx: &AuthCtx, operation: &'static Operation, arguments: Value) -> Result<Answer> {
    if !operation.is_granted(cx) || !operation.needs_approval(cx, &arguments)? {
        return operation.call(cx, || Ok(arguments.into())).await;
    }
    let approval = ask(cx, operation, &arguments).await?;
    match approval.status {
        Status::Approved => match operation.call_approved(cx, arguments, &approval.id).await {
            // Another call has used it meanwhile.
            Err(Error::Constraint(Constraint::Unique(_))) => Err(required(&approval)),
            answered => answered,
        },
        Status::Denied => Err(Error::ApprovalDenied(approval.id.to_string())),
        Status::Pending | Status::Used => Err(required(&approval)),
    }
}

fn required(approval: &Approval) -> Error {
    Error::ApprovalRequired(approval.id.to_string())
}

/// Asks for an approval of that very call, or finds the one that was asked for: pending, approved or denied, and neither
/// used nor over.
///
/// # Errors
/// `Forbidden`; `Invalid` for arguments that the operation does not take, or that are longer than 64 KiB;
/// `QuotaExceeded`; `NotAMember` if the caller is gone by now.
pub async fn ask(cx: &AuthCtx, operation: &'static Operation, arguments: &Value) -> Result<Approval> {
    let permission = operation.permission.ok_or_else(|| Error::internal("nothing to approve"))?;
    (operation.check)(arguments.clone())?;
    let called = Called::unread(operation.name).with(arguments).refused(crate::api::codes::APPROVAL_REQUIRED.1);
    let db = cx.authorize(permission)?.serving(called);
    let hash = arguments_hash(arguments);
    let asked =
        [cx.user_id().into(), cx.actor().as_str().into(), operation.name.into(), (&hash).into(), cx.now().into()];
    let new = [
        (&ApprovalId::generate(cx.now(), cx.random())?).into(),
        cx.actor().as_str().into(),
        operation.name.into(),
        permission.to_string().into(),
        bounded_json("input", arguments)?,
        hash.into(),
        cx.now().plus_s(GOOD_FOR_S).into(),
        cx.user_id().into(),
        cx.now().into(),
        i64::from(MAX_ASKED).into(),
    ];
    let done = db.batch([db.bind(sql::ASKED, asked), db.bind(sql::ASK, new)]).await;
    let [found, made] = done.map_err(|error| caller_is_gone(error.into()))?;
    let found = found.decode_first()?;
    let approval = if found.is_some() { found } else { made.decode_first()? };
    approval.ok_or_else(|| {
        Error::QuotaExceeded(format!(
            "{MAX_ASKED} approvals were asked for within 15 minutes, the most there may be. Wait until some are over."
        ))
    })
}

/// The organization's approvals, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: PageInput<ApprovalId>) -> Result<Page<Approval>> {
    let rows = db.all(sql::LIST, [page.cursor.as_ref().into(), page.limit.and_one().into()]).await?;
    Ok(Page::of(rows, page.limit))
}

/// One approval.
///
/// # Errors
/// `NotFound` if the organization has no such approval, whoever else may.
pub async fn show(_: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<ApprovalId>) -> Result<Approval> {
    db.first(sql::SHOW, [(&id).into()]).await?.ok_or(Error::NotFound("approval"))
}

/// Approves or denies.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `NotAPerson` if a program asks; `Forbidden` if the caller could not make the call
/// himself; `Conflict` if it is decided, or over.
pub async fn decide(cx: &AuthCtx, db: &OrgDb<'_>, decided: Decide) -> Result<Approval> {
    if cx.door().is_models() || *cx.actor() != Actor::Session {
        return Err(Error::NotAPerson);
    }
    let (approval, []) = db.first_owned_and(sql::APPROVAL, sql::SHOW, &decided.id, []).await?;
    let approval: Approval = approval;
    may_decide(cx, &approval)?;
    let status = match decided.decision {
        Decision::Approve => "approved",
        Decision::Deny => "denied",
    };
    let changes = [cx.now().into(), status.into(), cx.user_id().into()];
    match db.update_owned(sql::DECIDE, &decided.id, decided.updated_at, changes).await {
        Err(Error::Stale(_)) if decided.updated_at.is_none_or(|version| version == approval.updated_at) => Err(
            Error::Conflict("This is decided already, or its 15 minutes are over. Let it be asked for anew.".into()),
        ),
        answered => answered,
    }
}

/// Who could make the call himself: any row's, or his own if it is he for whom the model acts.
fn may_decide(cx: &AuthCtx, approval: &Approval) -> Result<()> {
    let permission = Permissions::all().iter().find(|permission| permission.to_string() == approval.permission);
    let permission: Permission = permission.ok_or_else(|| Error::internal("an approval of no permission"))?;
    let is_his = approval.created_by == *cx.user_id();
    if cx.permissions().has(permission) || (is_his && cx.authorize(permission).is_ok()) {
        Ok(())
    } else {
        Err(Error::Forbidden(permission))
    }
}
