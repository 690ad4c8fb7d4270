//! What a run has to tell, as it is kept in the run's `result.notice`.
use serde::Serialize;
use serde_json::Value;

/// What a run has to tell: all that a channel needs to say it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// It in a line, such as `Low stock: alert`.
    pub title: String,
    /// It in sentences.
    pub text: String,
    /// The facts.
    pub data: Value,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeKind {
    /// A threshold is crossed.
    Alert,
    /// It is not any more, or what failed works again.
    Recovery,
    /// It still is.
    Reminder,
    /// A dashboard.
    Report,
    /// The run failed, and the one before did not.
    Failure,
    /// Slots were missed.
    Missed,
    /// The engine has switched the automation off.
    Paused,
}
