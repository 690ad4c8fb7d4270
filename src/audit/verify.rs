//! Whether the chain holds.
use super::{FromInput, sql};
use crate::{
    Result,
    access::{AuditEvent, AuthCtx, GENESIS, OrgDb},
    db::Rows,
    id::OrgId,
    operation::Output,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many events are checked at a time.
const STEP: usize = 1000;

/// How far the audit log is as it was written.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Whether what was checked is whole.
    pub is_intact: bool,
    /// How many events were found good, one after the other.
    pub checked: usize,
    /// The first of them. Of a log whose oldest events have gone by age it is not 1, and follows the last that went.
    pub first_seq: Option<i64>,
    /// The last of them.
    pub last_seq: Option<i64>,
    /// Its hash. Keep it elsewhere: as long as the log gives the same for it, nothing up to it was changed.
    pub last_hash: Option<String>,
    /// Where it breaks: the first event that is not as it was written, or not there.
    pub broken_seq: Option<i64>,
    /// What is wrong there.
    pub problem: Option<String>,
    /// Send it as `after` to go on; null at the end, and where it breaks.
    pub next_after: Option<i64>,
}

impl Output for Verification {}

/// What the log begins after: the last event that has gone by age. Of a whole log, none: 0, with the hash before the first.
#[derive(Deserialize)]
struct Anchor {
    seq: i64,
    hash: String,
}

/// Checks the chain, a step at a time: after an event that was checked, or from the beginning.
pub async fn verify(cx: &AuthCtx, db: &OrgDb<'_>, from: FromInput) -> Result<Verification> {
    let after = from.after.map(|seq| seq.0);
    let limit = i64::try_from(STEP + 1).unwrap_or(i64::MAX);
    let from = db.bind(sql::FROM, [after.unwrap_or(0).into(), limit.into()]);
    let [rows, anchor] = db.batch([from, db.bind(sql::ANCHOR, [])]).await?;
    let anchor = anchor.decode_first()?.unwrap_or_else(|| Anchor { seq: 0, hash: GENESIS.to_owned() });
    // What has gone since it was checked is where the log begins.
    check(rows, after.filter(|after| *after > anchor.seq), &anchor, cx.org_id())
}

/// Checks events that follow each other. With `after`, the first of them is that one, which was checked before; without, they
/// are all that follow the anchor.
fn check(rows: Rows, after: Option<i64>, anchor: &Anchor, organization: &OrgId) -> Result<Verification> {
    let is_full = rows.rows.len() > STEP;
    let mut good: Vec<AuditEvent> = vec![];
    let first = after.unwrap_or(anchor.seq + 1);
    let mut broken = None;
    for row in rows.rows {
        let expected = good.last().map_or(first, |event| event.seq + 1);
        let before = good.last().map(|event| &event.hash).or(after.is_none().then_some(&anchor.hash));
        let event = Rows { rows: vec![row], changed: 0 }.decode_first::<AuditEvent>().ok().flatten();
        let wrong = match &event {
            Some(event) => problem(event, expected, before, organization)?,
            None => Some("it cannot be read"),
        };
        match (event, wrong) {
            (Some(event), None) => good.push(event),
            (_, wrong) => {
                broken = wrong.map(|wrong| (expected, wrong));
                break;
            }
        }
    }
    // A log keeps its newest event, whatever goes.
    if good.is_empty() && broken.is_none() && first > 1 {
        broken = Some((first, "it is missing"));
    }
    let checked = good.len() - usize::from(after.is_some() && !good.is_empty());
    let next_after = good.last().filter(|_| is_full && broken.is_none()).map(|event| event.seq);
    Ok(Verification {
        is_intact: broken.is_none(),
        checked,
        first_seq: good.first().map(|event| event.seq),
        last_seq: good.last().map(|event| event.seq),
        last_hash: good.last().map(|event| event.hash.clone()),
        broken_seq: broken.map(|(seq, _)| seq),
        problem: broken.map(|(_, problem)| problem.to_owned()),
        next_after,
    })
}

/// What is wrong with an event that stands where `expected` should, after the one with the hash `before`.
fn problem(
    event: &AuditEvent,
    expected: i64,
    before: Option<&String>,
    organization: &OrgId,
) -> Result<Option<&'static str>> {
    Ok(if expected != event.seq {
        Some("it is missing")
    } else if event.hash != event.sealed(organization)? {
        Some("it does not say what its hash is of")
    } else if before.is_some_and(|before| *before != event.prev_hash) {
        Some("it does not follow the event before it")
    } else {
        None
    })
}
