//! Approvals' lines of the table of operations. None is a tool: a model does not decide on itself.
use super::{Approval, Decide};
use crate::{
    id::ApprovalId,
    operation::{
        input::{ById, PageInput},
        page::Page,
    },
};

crate::operations! {
    /// List the organization's approvals, newest first: what models asked for that waits for a person.
    approval_list GET "/api/approvals" [Read Approval] super::list: PageInput<ApprovalId> => Page<Approval>;
    /// Show one approval with the arguments that it is for.
    approval_show GET "/api/approvals/{id}" [Read Approval] super::show: ById<ApprovalId> => Approval;
    /// Approve or deny what a model asked for: once, and within its 15 minutes.
    /// Only a person who is signed in, and has the permission of the operation himself.
    approval_decide POST "/api/approvals/{id}/decide" [Update Approval] super::decide: Decide => Approval;
}
