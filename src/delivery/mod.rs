//! Deliveries: what automations have to tell, to whom, and how it gets there.
//!
//! A run of an automation has at most one notice. In the batch that ends the run, [`notice::keep`] keeps it, with a delivery
//! for each address and URL of the automation's channels: so what is to be sent is kept if and only if the run is. From
//! there the outbox takes them ([`outbox`]).
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    id::{AutomationRunId, DeliveryId, UserId},
    operation::{
        Output, Sends,
        input::{ById, Limit},
        page::{Listed, Page},
    },
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub mod channel;
pub mod notice;
pub mod operations;
pub mod outbox;
pub mod recipient;
pub mod secret;
pub mod sql;
pub mod target;
#[cfg(test)]
mod tests;

pub use channel::{Channel, Channels, EmailAddress, EmailChannel, WebhookChannel, WebhookUrl};
pub use notice::{Notice, NoticeKind};
pub use outbox::state::DeliveryStatus;

/// Where one delivery goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Destination {
    /// A mail to one address.
    Email {
        /// the address
        to: EmailAddress,
    },
    /// A POST of JSON.
    Webhook {
        /// the URL
        url: WebhookUrl,
    },
}

/// What an automation sends, or is about to, to one address or URL.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its id: a webhook's `webhook-id`, the same at each attempt.
    pub id: DeliveryId,
    /// The run that has something to tell.
    pub run_id: AutomationRunId,
    /// To whom.
    pub destination: Destination,
    /// What it is about.
    pub kind: NoticeKind,
    /// It in a line.
    pub title: String,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// How many times it was tried; 0 before the first.
    pub attempt: u32,
    /// When it is tried next; while it is being sent, when someone else would; null once it has arrived or is dead.
    pub next_attempt_at: Option<Timestamp>,
    /// The last 16 attempts, oldest first, also those before it was sent again.
    pub attempts: Vec<DeliveryAttempt>,
    /// Why the last attempt failed, such as `HTTP_503` or `TIMED_OUT`; docs/delivery.md lists them.
    pub error: Option<String>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// Who asked for the run; null if the schedule did, or once he is deleted.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One attempt at a delivery.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAttempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds; null while it lasts, and if the sender was cut off before it was over.
    pub elapsed_ms: Option<u64>,
    /// The status that a webhook's receiver answered, if it did.
    pub status: Option<u16>,
    /// Why it failed; null if it did not, or as for `elapsedMs`.
    pub error: Option<String>,
}

impl Output for Delivery {
    fn version(&self) -> Option<Timestamp> {
        Some(self.updated_at)
    }
}

impl Listed for Delivery {
    type Id = DeliveryId;
    fn id(&self) -> &DeliveryId {
        &self.id
    }
}

/// A delivery, and all that it says.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShownDelivery {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// What it says, in sentences.
    pub text: String,
    /// The same, for programs.
    pub data: Value,
}

impl Output for ShownDelivery {
    fn version(&self) -> Option<Timestamp> {
        Some(self.delivery.updated_at)
    }
}

/// A page of deliveries. Newest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliveryPageInput {
    /// Only those of this run.
    #[serde(default)]
    pub run_id: Option<AutomationRunId>,
    /// Only those in this status.
    #[serde(default)]
    pub status: Option<DeliveryStatus>,
    /// How many at most: 1 to 100.
    #[serde(default)]
    pub limit: Limit,
    /// Where the page before it ended: its `nextCursor`.
    #[serde(default)]
    pub cursor: Option<DeliveryId>,
}

impl Sends for ById<DeliveryId> {
    /// To whom it was to go then, who may be off the automation by now.
    fn sends(&self) -> bool {
        true
    }
}

/// Refuses channels that lead where nothing may be sent.
///
/// # Errors
/// `Invalid`, naming the channel in `field`, the list of them.
pub fn check_channels(cx: &AuthCtx, field: &str, channels: &[Channel]) -> Result<()> {
    for (at, channel) in channels.iter().enumerate() {
        if let Channel::Webhook(webhook) = channel {
            target::check(&webhook.url, cx.runtime(), cx.webhooks().allows_loopback)
                .map_err(|problem| Error::invalid(format!("{field}[{at}].url"), problem))?;
        }
    }
    Ok(())
}

/// What the organization's automations have sent, or are about to, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: DeliveryPageInput) -> Result<Page<Delivery>> {
    let (after, limit) = (page.cursor.as_ref().into(), page.limit.and_one().into());
    let status = page.status.map(DeliveryStatus::word);
    let rows = match (&page.run_id, status) {
        (Some(run), Some(status)) => {
            db.all(sql::LIST_OF_RUN_AND_STATUS, [after, limit, run.into(), status.into()]).await?
        }
        (Some(run), None) => db.all(sql::LIST_OF_RUN, [after, limit, run.into()]).await?,
        (None, Some(status)) => db.all(sql::LIST_OF_STATUS, [after, limit, status.into()]).await?,
        (None, None) => db.all(sql::LIST, [after, limit]).await?,
    };
    Ok(Page::of(rows, page.limit))
}

/// One delivery, and all that it says.
///
/// # Errors
/// `NotFound` if the organization has no such delivery, whoever else may.
pub async fn show(_: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<DeliveryId>) -> Result<ShownDelivery> {
    db.first(sql::SHOW, [(&id).into()]).await?.ok_or(Error::NotFound("delivery"))
}

/// Has a dead delivery sent once more, with all its attempts, under the same id. One that waits already goes on waiting.
///
/// # Errors
/// `NotFound`, `OrgPermission`; `Conflict` if it has arrived or is being sent.
pub async fn resend(cx: &AuthCtx, db: &OrgDb<'_>, ById { id }: ById<DeliveryId>) -> Result<Delivery> {
    let delivery: Delivery = db.update_owned(sql::RESEND, &id, None, [cx.now().into()]).await?;
    match delivery.status {
        DeliveryStatus::Pending => Ok(delivery),
        DeliveryStatus::Sending => Err(Error::Conflict("This delivery is being sent. Look at it again.".into())),
        DeliveryStatus::Delivered | DeliveryStatus::Dead => {
            Err(Error::Conflict("This delivery has arrived. Only a dead one is sent again.".into()))
        }
    }
}
