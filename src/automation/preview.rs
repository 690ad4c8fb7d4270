//! When a schedule would be due.
use super::{Schedule, Slots};
use crate::{Result, access::AuthCtx, operation::Output, time::Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many instants a preview has.
const SHOWN: usize = 5;

/// A schedule that is looked at before it is used.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewInput {
    /// The schedule.
    pub schedule: Schedule,
    /// The instant after which it is looked at. Without it, now.
    #[serde(default)]
    pub after: Option<Timestamp>,
}

/// When it is due.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The schedule as a cron expression.
    pub cron: String,
    /// The next five instants, in order.
    pub slots: Vec<Timestamp>,
}

impl Output for Preview {}

/// The next five slots of a schedule.
pub async fn preview(cx: &AuthCtx, input: PreviewInput) -> Result<Preview> {
    let mut slots = Slots::of(&input.schedule)?;
    let first = slots.after(input.after.unwrap_or_else(|| cx.now()));
    let next = |slot: &Timestamp| slots.after(*slot);
    Ok(Preview { cron: input.schedule.expression(), slots: std::iter::successors(first, next).take(SHOWN).collect() })
}
