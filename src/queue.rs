//! The port to the queue of messages about automations.
use crate::{
    id::{AutomationId, OrgId},
    time::Timestamp,
};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

/// A message: there is something to do for an automation. It says where to look and no more; whoever receives it reads in
/// the database what is due, so that one that comes twice, late or from elsewhere does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wake {
    /// Whose automation.
    pub org_id: OrgId,
    /// Which.
    pub id: AutomationId,
    /// What is due: the next slot, or that of a run that waits.
    pub slot: Timestamp,
}

/// The queue. A message arrives once or more, or never, in any order.
pub trait Queue {
    /// Sends messages: any number.
    fn send(&self, messages: Vec<Wake>) -> LocalBoxFuture<'_, Result<(), QueueError>>;
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
#[error("the queue took no message: {0}")]
pub struct QueueError(pub String);
