//! The table of operations: everything that the product does with an organization's rows.
use crate::{
    Result,
    access::AuthCtx,
    agent_thread, api_key, approval, audit, automation, dashboard, dataset, delivery,
    id::{OrgId, UserId},
    oauth,
    operation::{Operation, Output, input::Nothing},
    organization_setting, widget,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Every operation, feature by feature.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    [
        OPERATIONS,
        dataset::operations::OPERATIONS,
        dashboard::operations::OPERATIONS,
        widget::operations::OPERATIONS,
        automation::operations::OPERATIONS,
        delivery::operations::OPERATIONS,
        api_key::operations::OPERATIONS,
        approval::operations::OPERATIONS,
        audit::operations::OPERATIONS,
        oauth::operations::OPERATIONS,
        agent_thread::operations::OPERATIONS,
        organization_setting::operations::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}

/// Those that a model may call: all but what is there to hold it in (credentials, approvals, the audit log and for how long
/// what it has done is kept), and what is said in threads.
pub fn tools() -> impl Iterator<Item = &'static Operation> {
    let is_kept = |operation: &Operation| HOLDS_MODELS_IN.iter().any(|path| operation.path.starts_with(path));
    all().filter(move |operation| !is_kept(operation))
}

/// Where credentials, approvals, the audit log and settings are; and threads.
const HOLDS_MODELS_IN: [&str; 7] = [
    "/api/api-keys",
    "/api/webhook-secrets",
    "/api/oauth-grants",
    "/api/approvals",
    "/api/audit",
    "/api/agent-threads",
    "/api/organization-settings",
];

crate::operations! {
    /// Who you are, in which organization, and what you may do there.
    me GET "/api/me" [member] me: Nothing => Me;
}

/// The caller.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// His id.
    pub user_id: UserId,
    /// His address.
    pub email: String,
    /// The organization that he acts in.
    pub organization_id: OrgId,
    /// His roles in it.
    pub roles: Vec<String>,
    /// What they grant, such as `dataset:create`.
    pub permissions: Vec<String>,
}

impl Output for Me {}

async fn me(cx: &AuthCtx, _: Nothing) -> Result<Me> {
    Ok(Me {
        user_id: cx.user_id().clone(),
        email: cx.email().to_owned(),
        organization_id: cx.org_id().clone(),
        roles: cx.roles().iter().map(str::to_owned).collect(),
        permissions: cx.permissions().iter().map(|permission| permission.to_string()).collect(),
    })
}
