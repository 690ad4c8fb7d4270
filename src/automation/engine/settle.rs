//! What becomes of an automation after a run: how it stands, and what there is to tell. Pure.
use super::{Held, Loaded, evaluate::Found};
use crate::{
    automation::{
        AutomationConfig, Missed, OnError, ThresholdAlert,
        alert::{Change, Phase, Seen, Series},
        run::RunStatus,
    },
    delivery::{Notice, NoticeKind},
    id::AutomationRunId,
    mail::Attachment,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// After so many failures in a row the automation is switched off.
pub const MAX_FAILURES: u32 = 5;
/// Beside the groups of a run so many others are remembered.
const MAX_SERIES: usize = 200;

/// How an automation stands: what `automation.state` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Each group's alert; that of a number without a group is called ``.
    pub series: BTreeMap<String, Series>,
    /// Since when its runs fail; null if the last one did not.
    pub failing_since: Option<Timestamp>,
}

/// How an automation stands as a whole, the worst last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AutomationPhase {
    /// All is well.
    #[default]
    Ok,
    /// A group's alert is pending.
    Pending,
    /// A group's alert is recovering.
    Recovering,
    /// A group has alerted, for there is no number.
    NoData,
    /// A group has alerted.
    Firing,
    /// Its runs fail: what is kept of the groups is of before.
    Error,
}

impl From<Phase> for AutomationPhase {
    fn from(group: Phase) -> Self {
        match group {
            Phase::Ok => Self::Ok,
            Phase::Pending => Self::Pending,
            Phase::Recovering => Self::Recovering,
            Phase::NoData => Self::NoData,
            Phase::Firing => Self::Firing,
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub enum Outcome {
    /// It found something.
    Found(Found),
    /// Whom it runs as may not, or is gone.
    Refused(String),
    /// It could not be done.
    Failed(String),
    /// It was due before the automation was switched off.
    SwitchedOff,
    /// Someone tries the channels out: there was nothing to be found.
    Tested,
}

/// What is to be kept.
#[derive(Debug)]
pub struct Settled {
    /// The run's.
    pub status: RunStatus,
    /// The run's.
    pub result: Value,
    /// The run's.
    pub error: Option<String>,
    /// The automation's; none before anything was found or failed.
    pub standing: Option<Standing>,
    /// The automation's.
    pub failure_count: u32,
    /// Whether the automation is switched off.
    pub pauses: bool,
    /// What there is to tell; it is in `result` too.
    pub notice: Option<Notice>,
    /// The file that goes with it, which is not.
    pub file: Option<Attachment>,
}

/// Decides it. Without a run it is a rehearsal.
#[must_use]
pub fn settle(automation: &Loaded, run: Option<&Held>, outcome: Outcome, now: Timestamp) -> Settled {
    let mut settled = match outcome {
        Outcome::Found(found) => of_found(automation, found, now),
        Outcome::Refused(why) => of_failure(automation, why, true, now),
        Outcome::Failed(why) => of_failure(automation, why, false, now),
        Outcome::SwitchedOff => Settled {
            status: RunStatus::Skipped,
            error: Some("The automation was switched off before this run began.".into()),
            ..as_before(automation)
        },
        Outcome::Tested => Settled { notice: Some(test_notice(&automation.name)), ..as_before(automation) },
    };
    if let Some(notice) = &mut settled.notice {
        identify(notice, automation, run.map(|run| (&run.id, run.scheduled_for)));
        set(&mut settled.result, "notice", json!(notice));
    }
    settled
}

/// Has the notice say of which automation it is, and of which run and slot.
fn identify(notice: &mut Notice, automation: &Loaded, run: Option<(&AutomationRunId, Timestamp)>) {
    set(&mut notice.data, "automation", json!({ "id": automation.id, "name": automation.name }));
    if let Some((id, scheduled_for)) = run {
        set(&mut notice.data, "run", json!({ "id": id, "scheduledFor": scheduled_for }));
    }
}

/// Nothing was found, and nothing has changed.
fn as_before(automation: &Loaded) -> Settled {
    Settled {
        status: RunStatus::Succeeded,
        result: json!({}),
        error: None,
        standing: automation.state.clone(),
        failure_count: automation.failure_count,
        pauses: false,
        notice: None,
        file: None,
    }
}

fn test_notice(name: &str) -> Notice {
    let text = format!("This is a test. What {name} has to tell will come here. Nothing has happened.");
    Notice { kind: NoticeKind::Test, title: format!("{name}: test"), text, data: json!({}) }
}

/// Sets a field of an object.
fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// What there is to tell of slots that were missed, for which that run stands.
#[must_use]
pub fn missed_notice(automation: &Loaded, run: &AutomationRunId, missed: &Missed) -> Notice {
    let (name, Missed { count, first, last }) = (&automation.name, missed);
    let text = if *count == 1 {
        format!("{name} was due at {first} and did not run.")
    } else {
        format!("{name} was due {count} times from {first} to {last} and did not run.")
    };
    let title = format!("{name}: missed");
    let mut notice = Notice { kind: NoticeKind::Missed, title, text, data: json!({ "missed": missed }) };
    identify(&mut notice, automation, Some((run, *last)));
    notice
}

fn of_found(automation: &Loaded, found: Found, now: Timestamp) -> Settled {
    let mut standing = automation.state.clone().unwrap_or_default();
    let (name, failed_since) = (&automation.name, standing.failing_since.take());
    let mut result = json!({ "evidence": found.evidence });
    let notice = match &automation.config {
        AutomationConfig::ThresholdAlert(alert) => {
            let changes = advance(&mut standing, alert, &found.seen, now);
            let values = found.seen.iter().map(|(group, seen)| json!({ "group": group, "value": value(*seen) }));
            set(&mut result, "values", values.collect());
            set(&mut result, "phase", json!(standing.phase()));
            told(name, alert, &changes)
        }
        AutomationConfig::ScheduledReport(report) => {
            let data = json!({ "dashboardId": report.dashboard_id, "format": report.format });
            Some(Notice { kind: NoticeKind::Report, title: name.clone(), text: format!("{name} as of {now}."), data })
        }
    };
    let notice = notice.or_else(|| works_again(automation, failed_since, standing.phase()));
    Settled {
        status: RunStatus::Succeeded,
        result,
        error: None,
        standing: Some(standing),
        failure_count: 0,
        pauses: false,
        notice,
        file: found.file,
    }
}

/// What there is to tell of an automation that does not fail any more, if it was told that it did.
fn works_again(automation: &Loaded, failed_since: Option<Timestamp>, phase: AutomationPhase) -> Option<Notice> {
    let since = failed_since.filter(|_| automation.config.on_error() != OnError::Keep)?;
    let name = &automation.name;
    let (kind, but) = match phase {
        AutomationPhase::Ok | AutomationPhase::Pending => (NoticeKind::Recovery, ""),
        _ => (NoticeKind::Reminder, " It has alerted, and is not well again."),
    };
    let text = format!("{name} works again. It had failed since {since}.{but}");
    Some(Notice { kind, title: format!("{name}: works again"), text, data: json!({ "failingSince": since }) })
}

fn of_failure(automation: &Loaded, why: String, is_refused: bool, now: Timestamp) -> Settled {
    let mut standing = automation.state.clone().unwrap_or_default();
    let (name, failure_count) = (&automation.name, automation.failure_count + 1);
    let pauses = is_refused || failure_count >= MAX_FAILURES;
    // Who changes it or switches it on again is to hear of it anew.
    let is_first = failure_count == 1;
    standing.failing_since.get_or_insert(now);
    let told = match automation.config.on_error() {
        _ if pauses => Some((NoticeKind::Paused, "switched off")),
        OnError::Notify if is_first => Some((NoticeKind::Failure, "failed")),
        OnError::Alert if is_first => Some((NoticeKind::Alert, "alert")),
        _ => None,
    };
    let notice = told.map(|(kind, word)| Notice {
        kind,
        title: format!("{name}: {word}"),
        text: if pauses {
            format!("{name} is switched off: {} Switch it on again once that is mended.", sentence(&why))
        } else {
            format!("{name} failed: {}", sentence(&why))
        },
        data: json!({ "error": why, "failures": failure_count }),
    });
    let result = json!({ "phase": standing.phase() });
    Settled {
        status: RunStatus::Failed,
        result,
        error: Some(why),
        standing: Some(standing),
        failure_count,
        pauses,
        notice,
        file: None,
    }
}

/// With a full stop, if it has none.
fn sentence(why: &str) -> String {
    if why.ends_with('.') { why.to_owned() } else { format!("{why}.") }
}

/// A group, what was seen of it, and what there is to tell.
type Changed = (String, Seen, Change);

fn advance(standing: &mut Standing, alert: &ThresholdAlert, seen: &[(String, Seen)], now: Timestamp) -> Vec<Changed> {
    let absent: Vec<String> =
        standing.series.keys().filter(|name| !seen.iter().any(|(group, _)| group == *name)).cloned().collect();
    let mut changes = vec![];
    let all = seen.iter().cloned().chain(absent.iter().map(|name| (name.clone(), Seen::Nothing)));
    for (group, seen) in all {
        let before = standing.series.get(&group).copied().unwrap_or_else(|| Series::new(now));
        let (after, change) = before.after(alert, seen, now);
        changes.extend(change.map(|change| (group.clone(), seen, change)));
        standing.series.insert(group, after);
    }
    // A group that is gone and well is forgotten; so are the others, if there are very many.
    let is_full = standing.series.len() > MAX_SERIES;
    standing.series.retain(|name, series| !absent.contains(name) || (series.phase != Phase::Ok && !is_full));
    changes
}

impl Standing {
    /// That of the group that is worst, unless the runs fail.
    #[must_use]
    pub fn phase(&self) -> AutomationPhase {
        let groups = self.series.values().map(|series| series.phase.into());
        let failing = self.failing_since.map(|_| AutomationPhase::Error);
        groups.chain(failing).max().unwrap_or_default()
    }
}

fn value(seen: Seen) -> Value {
    match seen {
        Seen::Number(number) => json!(number),
        Seen::Nothing => Value::Null,
    }
}

/// One notice of all changes: of the gravest kind that there is.
fn told(name: &str, alert: &ThresholdAlert, changes: &[Changed]) -> Option<Notice> {
    let is = |kind: fn(&Change) -> bool| changes.iter().any(|(.., change)| kind(change));
    let (kind, word) = match () {
        () if changes.is_empty() => return None,
        () if is(|change| *change == Change::Alert) => (NoticeKind::Alert, "alert"),
        () if is(|change| matches!(change, Change::Recovery(_))) => (NoticeKind::Recovery, "well again"),
        () => (NoticeKind::Reminder, "still alerts"),
    };
    let line = |(group, seen, change): &Changed| {
        let of = if group.is_empty() { String::new() } else { format!("{group}: ") };
        let number = match seen {
            Seen::Number(number) => format!("{number}"),
            Seen::Nothing => "no data".into(),
        };
        match (change, seen) {
            (Change::Recovery(lasted_s), _) => format!("{of}well again with {number}, after {}.", duration(*lasted_s)),
            (_, Seen::Nothing) => format!("{of}there is no data."),
            (_, Seen::Number(_)) => format!("{of}{number} {} {}.", alert.operator.words(), alert.threshold),
        }
    };
    let fact = |(group, seen, change): &Changed| {
        let (word, after_s) = match change {
            Change::Alert => ("alert", None),
            Change::Reminder => ("reminder", None),
            Change::Recovery(after_s) => ("recovery", Some(after_s)),
        };
        json!({ "group": group, "value": value(*seen), "change": word, "afterSeconds": after_s })
    };
    let text = changes.iter().map(line).collect::<Vec<_>>().join("\n");
    let data = json!({
        "operator": alert.operator, "threshold": alert.threshold, "changes": changes.iter().map(fact).collect::<Vec<_>>(),
    });
    Some(Notice { kind, title: format!("{name}: {word}"), text, data })
}

/// `2 h 5 min`.
fn duration(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
