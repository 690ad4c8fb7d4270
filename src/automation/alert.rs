//! A threshold alert as a state machine: from how it stood and what was seen to how it stands, and what there is to tell.
use super::{NoData, Operator, ThresholdAlert};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A reminder may come so much before its time: no two runs are exactly as far apart as their slots, and the next may be an
/// hour away.
const EARLY_S: i64 = 30;

/// What was seen of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    /// It.
    Number(f64),
    /// No row, or null.
    Nothing,
}

/// How an alert stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// All is well.
    #[default]
    Ok,
    /// The threshold is crossed, but not for as many runs as it takes to alert.
    Pending,
    /// It has alerted.
    Firing,
    /// It has alerted; the number is back, but not for as many runs as it takes to say so.
    Recovering,
    /// It has alerted, for there is no number.
    NoData,
}

/// How one number's alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// How it stands.
    pub phase: Phase,
    /// For how many runs it has been crossed while it is pending, or back while it is recovering.
    pub count: u32,
    /// Since when it stands so.
    pub since: Timestamp,
    /// When it alerted; null unless it has and has not recovered.
    pub alerted_at: Option<Timestamp>,
    /// When that was last told.
    pub told_at: Option<Timestamp>,
}

/// What there is to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It alerts.
    Alert,
    /// It still does.
    Reminder,
    /// It is well again, so many seconds after it alerted.
    Recovery(i64),
}

impl Series {
    /// All is well.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { phase: Phase::Ok, count: 0, since: now, alerted_at: None, told_at: None }
    }

    /// What it is after something was seen, and what there is to tell of that.
    #[must_use]
    pub fn after(self, alert: &ThresholdAlert, seen: Seen, now: Timestamp) -> (Self, Option<Change>) {
        let (is_crossed, is_back) = match (seen, alert.no_data) {
            (Seen::Number(number), _) => (alert.is_crossed_by(number), alert.is_back_with(number)),
            (Seen::Nothing, NoData::Keep) => return (self, None),
            (Seen::Nothing, NoData::Alert) => (true, false),
            (Seen::Nothing, NoData::Ok) => (false, true),
        };
        match self.phase {
            Phase::Ok | Phase::Pending if is_crossed => {
                let count = if self.phase == Phase::Pending { self.count + 1 } else { 1 };
                if count < alert.pending_runs.map_or(1, |runs| runs.get()) {
                    return (self.to(Phase::Pending, count, now), None);
                }
                let phase = if seen == Seen::Nothing { Phase::NoData } else { Phase::Firing };
                let fired = Self { alerted_at: Some(now), told_at: Some(now), ..self.to(phase, 0, now) };
                (fired, Some(Change::Alert))
            }
            Phase::Ok | Phase::Pending => (self.to(Phase::Ok, 0, now), None),
            Phase::Firing | Phase::NoData | Phase::Recovering if is_back => {
                let count = if self.phase == Phase::Recovering { self.count + 1 } else { 1 };
                if count < alert.clear_runs.map_or(1, |runs| runs.get()) {
                    return (self.to(Phase::Recovering, count, now), None);
                }
                let alerted_at = self.alerted_at.unwrap_or(self.since);
                let lasted_s = (now.unix_ms() - alerted_at.unix_ms()) / 1000;
                (Self { since: now, ..Self::new(now) }, Some(Change::Recovery(lasted_s)))
            }
            Phase::Firing | Phase::NoData | Phase::Recovering => {
                let phase = if seen == Seen::Nothing { Phase::NoData } else { Phase::Firing };
                self.to(phase, 0, now).reminded(alert, now)
            }
        }
    }

    /// It in a phase, which began when it did if it is in that one already.
    fn to(self, phase: Phase, count: u32, now: Timestamp) -> Self {
        let since = if self.phase == phase { self.since } else { now };
        Self { phase, count, since, ..self }
    }

    fn reminded(self, alert: &ThresholdAlert, now: Timestamp) -> (Self, Option<Change>) {
        let told_at = self.told_at.unwrap_or(self.since);
        let every_s = alert.reminder_minutes.map(|every| 60 * i64::from(every.get()));
        let is_due = every_s.is_some_and(|every_s| told_at.plus_s(every_s - EARLY_S) <= now);
        if is_due { (Self { told_at: Some(now), ..self }, Some(Change::Reminder)) } else { (self, None) }
    }
}

impl ThresholdAlert {
    fn is_crossed_by(&self, number: f64) -> bool {
        self.operator.holds(number, self.threshold)
    }

    fn is_back_with(&self, number: f64) -> bool {
        !self.operator.holds(number, self.recover_threshold.unwrap_or(self.threshold))
    }
}

impl Operator {
    #[expect(clippy::float_cmp, reason = "people ask whether a number is exactly another")]
    fn holds(self, number: f64, threshold: f64) -> bool {
        match self {
            Self::Gt => number > threshold,
            Self::Gte => number >= threshold,
            Self::Lt => number < threshold,
            Self::Lte => number <= threshold,
            Self::Eq => number == threshold,
            Self::Neq => number != threshold,
        }
    }

    /// In words, such as `is below`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Gt => "is above",
            Self::Gte => "is at or above",
            Self::Lt => "is below",
            Self::Lte => "is at or below",
            Self::Eq => "is",
            Self::Neq => "is not",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, test_runner::TestRunner};
    use serde_json::json;

    fn alert(fields: &serde_json::Value) -> ThresholdAlert {
        let mut alert = json!({
            "datasetId": "ds_0190a6b7c8d97e0f8a1b2c3d4e5f6071", "sql": "select 1", "operator": "gt", "threshold": 10,
            "noData": "keep", "channels": [{ "type": "email", "to": ["ada@example.com"] }],
        });
        alert.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value(alert).unwrap()
    }

    fn minute(number: i64) -> Timestamp {
        Timestamp::from_unix_ms(1_780_000_000_000).plus_s(60 * number)
    }

    /// The phase after each number, a minute apart, and what was told.
    fn play(alert: &ThresholdAlert, seen: &[Seen]) -> Vec<(Phase, Option<Change>)> {
        let mut series = Series::new(minute(0));
        let step = |(at, seen): (usize, &Seen)| {
            let (next, change) = series.after(alert, *seen, minute(i64::try_from(at).unwrap()));
            series = next;
            (next.phase, change)
        };
        seen.iter().enumerate().map(step).collect()
    }

    fn numbers(numbers: &[f64]) -> Vec<Seen> {
        numbers.iter().copied().map(Seen::Number).collect()
    }

    #[test]
    fn it_tells_when_it_alerts_and_when_it_is_well_again_and_nothing_between() {
        let alert = alert(&json!({ "recoverThreshold": 8, "pendingRuns": 2, "clearRuns": 2 }));
        let seen = numbers(&[11.0, 11.0, 9.0, 8.0, 9.0, 8.0, 11.0, 8.0, 7.0, 7.0]);
        assert_eq!(
            play(&alert, &seen),
            [
                (Phase::Pending, None),
                (Phase::Firing, Some(Change::Alert)),
                (Phase::Firing, None),
                (Phase::Recovering, None),
                (Phase::Firing, None),
                (Phase::Recovering, None),
                (Phase::Firing, None),
                (Phase::Recovering, None),
                (Phase::Ok, Some(Change::Recovery(420))),
                (Phase::Ok, None),
            ]
        );
    }

    #[test]
    fn a_number_that_trembles_about_the_threshold_gives_one_alert_and_one_recovery() {
        let alert = alert(&json!({ "recoverThreshold": 5 }));
        let trembling = (0..1000).map(|at| if at % 2 == 0 { 10.1 } else { 9.9 });
        let seen: Vec<_> = trembling.chain([5.0]).map(Seen::Number).collect();
        let told: Vec<_> = play(&alert, &seen).into_iter().filter_map(|(_, change)| change).collect();
        assert_eq!(told, [Change::Alert, Change::Recovery(60_000)]);
    }

    #[test]
    fn no_data_means_what_the_config_says() {
        let nothing = [Seen::Number(11.0), Seen::Nothing, Seen::Number(9.0), Seen::Nothing, Seen::Number(11.0)];
        let phases = |no_data: &str| -> Vec<_> {
            play(&alert(&json!({ "noData": no_data })), &nothing).into_iter().map(|(phase, _)| phase).collect()
        };
        assert_eq!(phases("keep"), [Phase::Firing, Phase::Firing, Phase::Ok, Phase::Ok, Phase::Firing]);
        assert_eq!(phases("ok"), [Phase::Firing, Phase::Ok, Phase::Ok, Phase::Ok, Phase::Firing]);
        assert_eq!(phases("alert"), [Phase::Firing, Phase::NoData, Phase::Ok, Phase::NoData, Phase::Firing]);
    }

    #[test]
    fn it_reminds_as_often_as_it_is_to() {
        let alert = alert(&json!({ "reminderMinutes": 5 }));
        let told = play(&alert, &numbers(&[11.0; 12]));
        let at: Vec<_> =
            told.iter().enumerate().filter_map(|(at, (_, change))| change.map(|change| (at, change))).collect();
        assert_eq!(at, [(0, Change::Alert), (5, Change::Reminder), (10, Change::Reminder)]);
    }

    #[test]
    fn a_run_that_is_a_little_early_reminds_too() {
        let alert = alert(&json!({ "reminderMinutes": 60 }));
        let (fired, _) = Series::new(minute(0)).after(&alert, Seen::Number(11.0), minute(0).plus_s(9));
        let reminds = |at: Timestamp| fired.after(&alert, Seen::Number(11.0), at).1.is_some();
        assert_eq!([minute(59), minute(60), minute(60).plus_s(5)].map(reminds), [false, true, true]);
    }

    /// The same, told from all that was seen: it alerts when the last `pending` were all crossed, is well when the last
    /// `clear` were all back, and keeps no count.
    fn model(alert: &ThresholdAlert, seen: &[Seen]) -> Vec<Option<bool>> {
        let verdict = |seen: &Seen| match seen {
            Seen::Number(number) => (alert.is_crossed_by(*number), alert.is_back_with(*number)),
            Seen::Nothing => (alert.no_data == NoData::Alert, alert.no_data == NoData::Ok),
        };
        let kept = |seen: &&Seen| **seen != Seen::Nothing || alert.no_data != NoData::Keep;
        let (pending, clear) =
            [alert.pending_runs, alert.clear_runs].map(|runs| runs.map_or(1, |n| n.get() as usize)).into();
        let (mut fires, mut begun, mut told) = (false, 0, vec![]);
        for at in 0..seen.len() {
            let history: Vec<_> = seen[begun..=at].iter().filter(kept).map(verdict).collect();
            let last =
                |n: usize, is: fn(&(bool, bool)) -> bool| history.len() >= n && history.iter().rev().take(n).all(is);
            let turns = kept(&&seen[at]) && if fires { last(clear, |v| v.1) } else { last(pending, |v| v.0) };
            if turns {
                fires = !fires;
                begun = at + 1;
            }
            told.push(turns.then_some(fires));
        }
        told
    }

    #[test]
    fn a_hundred_thousand_histories_are_told_as_the_model_tells_them() {
        let seen = prop::collection::vec(
            prop_oneof![4 => (0..8u8).prop_map(|n| Seen::Number(f64::from(n))), 1 => Just(Seen::Nothing)],
            1..40,
        );
        let operator = prop_oneof![Just("gt"), Just("gte"), Just("lt"), Just("lte"), Just("eq"), Just("neq")];
        let no_data = prop_oneof![Just("ok"), Just("alert"), Just("keep")];
        let config = (operator, 0..8u8, 0..4u8, 1..4u8, 1..4u8, no_data);
        let histories = (config, seen).prop_map(|((operator, threshold, back, pending, clear, no_data), seen)| {
            let threshold = f64::from(threshold);
            let mut fields = json!({
                "operator": operator, "threshold": threshold, "pendingRuns": pending, "clearRuns": clear, "noData": no_data,
            });
            match operator {
                "gt" | "gte" => fields["recoverThreshold"] = json!(threshold - f64::from(back)),
                "lt" | "lte" => fields["recoverThreshold"] = json!(threshold + f64::from(back)),
                _ => {}
            }
            (alert(&fields), seen)
        });
        let config = ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() };
        TestRunner::new(config)
            .run(&histories, |(alert, seen)| {
                let told = play(&alert, &seen).into_iter().map(|(_, change)| change.map(|c| c == Change::Alert));
                prop_assert_eq!(told.collect::<Vec<_>>(), model(&alert, &seen));
                Ok(())
            })
            .unwrap();
    }
}
