//! What runs of automations have to tell, and how it is kept.
use super::{Channel, Destination, EmailChannel, WebhookChannel};
use crate::{
    Error, Result,
    access::{App, EngineDb, EngineStatement},
    db::Bind,
    id::{AutomationRunId, DeliveryId},
    mail::Attachment,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub mod sql;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum NoticeKind {
    /// A number has crossed its threshold.
    Alert,
    /// It is back, or what failed works again.
    Recovery,
    /// It is still not back.
    Reminder,
    /// A dashboard, on its schedule.
    Report,
    /// A run has failed, and the one before had not.
    Failure,
    /// Runs were due that could not be made up for.
    Missed,
    /// The automation does not run any more until someone switches it on.
    Paused,
    /// Someone tries the channels out.
    Test,
}

impl NoticeKind {
    /// The word, as stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Recovery => "recovery",
            Self::Reminder => "reminder",
            Self::Report => "report",
            Self::Failure => "failure",
            Self::Missed => "missed",
            Self::Paused => "paused",
            Self::Test => "test",
        }
    }
}

/// What a run has to tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// It in a line.
    pub title: String,
    /// It in sentences.
    pub text: String,
    /// It for programs. A report has its file in `file`, a [`crate::mail::Attachment`].
    pub data: Value,
}

impl Notice {
    /// The same, with a file that goes along.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    pub fn with_file(mut self, file: Option<&Attachment>) -> Result<Self> {
        if let (Some(file), Some(data)) = (file, self.data.as_object_mut()) {
            data.insert("file".into(), serde_json::to_value(file).map_err(Error::internal)?);
        }
        Ok(self)
    }
}

/// A run that ends in the same batch: of which attempt, for one that has been taken from another ends nothing.
pub struct Ended<'a> {
    /// The run.
    pub run: &'a AutomationRunId,
    /// The attempt.
    pub attempt: u32,
}

/// The statements that keep what a run has to tell, behind those that end it in the same batch: they do nothing unless it has
/// ended so, and run twice they do their work once.
///
/// # Errors
/// `Internal` if the platform has no randomness.
pub fn keep(
    app: &App,
    db: &EngineDb<'_>,
    ended: Ended<'_>,
    channels: &[Channel],
    notice: &Notice,
) -> Result<[EngineStatement; 2]> {
    let mut rows = vec![];
    for destination in destinations(channels) {
        let destination = serde_json::to_string(&destination).map_err(Error::internal)?;
        rows.push(NewDelivery { id: DeliveryId::generate(app.now, app.random)?, destination });
    }
    let (now, run) = (app.now, ended.run);
    let Notice { kind, title, text, data } = notice;
    let attempt = i64::from(ended.attempt).into();
    let notice = [run.into(), kind.word().into(), title.into(), text.into(), Bind::json(data)?, now.into(), attempt];
    let deliveries = [run.into(), Bind::json(&rows)?, now.into()];
    Ok([db.bind(sql::CREATE, notice), db.bind(sql::CREATE_DELIVERIES, deliveries)])
}

/// A row of what [`sql::CREATE_DELIVERIES`] reads.
#[derive(Serialize)]
struct NewDelivery {
    id: DeliveryId,
    destination: String,
}

/// Each address and URL of the channels, once.
fn destinations(channels: &[Channel]) -> Vec<Destination> {
    let mut all = vec![];
    let each = channels.iter().flat_map(|channel| match channel {
        Channel::Email(EmailChannel { to }) => {
            to.as_slice().iter().map(|to| Destination::Email { to: to.clone() }).collect()
        }
        Channel::Webhook(WebhookChannel { url }) => vec![Destination::Webhook { url: url.clone() }],
    });
    for destination in each {
        if !all.contains(&destination) {
            all.push(destination);
        }
    }
    all
}
