//! The audit log, as it is read: what was done in an organization and what was refused, who did it, and whether the chain
//! of hashes holds. `access::chain` writes it, in the batch of each change.
use crate::{
    Error, Result,
    access::{AuditEvent, AuthCtx, OrgDb, Verdict},
    operation::{
        Answer, Output,
        input::{Limit, Text},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;

pub mod operations;
pub mod purge;
pub mod sql;
#[cfg(test)]
mod tests;
mod verify;

pub use verify::Verification;

/// How many events an export has at most.
const EXPORT_LIMIT: i64 = 5000;

/// The place of an event in its log, from 1 on.
#[derive(Clone, Copy, Debug, JsonSchema)]
#[schemars(inline)]
pub struct Seq(#[schemars(range(min = 1, max = MAX_SEQ))] i64);

/// The largest that D1 takes: JavaScript's.
const MAX_SEQ: i64 = 9_007_199_254_740_991;

impl<'de> Deserialize<'de> for Seq {
    /// A number, or its digits: a query string has only text.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Seq;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 1 on")
            }
            fn visit_u64<E: de::Error>(self, n: u64) -> Result<Seq, E> {
                let seq = i64::try_from(n).ok().filter(|n| (1..=MAX_SEQ).contains(n));
                seq.map(Seq).ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(n), &self))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Seq, E> {
                let number = text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))?;
                self.visit_u64(number)
            }
        }
        from.deserialize_any(Visitor)
    }
}

/// A page of the audit log. Newest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditPageInput {
    /// How many at most: 1 to 100.
    #[serde(default)]
    pub limit: Limit,
    /// Only events before this one: the `nextBefore` of the page before.
    #[serde(default)]
    pub before: Option<Seq>,
    /// Only calls of this operation, such as `dataset_delete`.
    #[serde(default)]
    pub operation: Option<Text<1, 64>>,
    /// Only what was `done`, `begun` or `denied`.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Only what was about the row with this id.
    #[serde(default)]
    pub target: Option<Text<1, 64>>,
}

/// A page of the audit log, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// The events.
    pub items: Vec<AuditEvent>,
    /// Send it as `before` for the next page; null on the last.
    pub next_before: Option<i64>,
}

impl Output for AuditPage {}

/// Where to begin.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FromInput {
    /// After this event. Without it, at the beginning.
    #[serde(default)]
    pub after: Option<Seq>,
}

/// Events, one a line.
#[derive(Serialize, JsonSchema)]
pub struct AuditExport {
    /// The lines.
    text: String,
}

impl Output for AuditExport {
    const MEDIA: &'static [&'static str] = &[NDJSON];

    fn into_answer(self) -> Result<Answer> {
        let file = Some("audit.ndjson".to_owned());
        Ok(Answer { media: NDJSON, file, body: self.text.into_bytes(), rest: None, tag: None })
    }
}

const NDJSON: &str = "application/x-ndjson";

/// The organization's audit log, newest first.
pub async fn list(_: &AuthCtx, db: &OrgDb<'_>, page: AuditPageInput) -> Result<AuditPage> {
    let before = page.before.map(|seq| seq.0).into();
    let operation = page.operation.as_ref().map(Text::as_str).into();
    let verdict = page.verdict.map(Verdict::word).into();
    let limit = page.limit.and_one().into();
    let mut items: Vec<AuditEvent> = match &page.target {
        Some(target) => db.all(sql::LIST_ABOUT, [before, limit, operation, verdict, target.into()]).await?,
        None => db.all(sql::LIST, [before, limit, operation, verdict]).await?,
    };
    let has_more = items.len() > page.limit.get();
    items.truncate(page.limit.get());
    let next_before = items.last().filter(|_| has_more).map(|event| event.seq);
    Ok(AuditPage { items, next_before })
}

/// The organization's audit log, oldest first.
pub async fn export(_: &AuthCtx, db: &OrgDb<'_>, from: FromInput) -> Result<AuditExport> {
    let first = from.after.map_or(1, |seq| seq.0.saturating_add(1));
    let events: Vec<AuditEvent> = db.all(sql::FROM, [first.into(), EXPORT_LIMIT.into()]).await?;
    let mut text = String::new();
    for event in &events {
        text += &serde_json::to_string(event).map_err(Error::internal)?;
        text.push('\n');
    }
    Ok(AuditExport { text })
}
