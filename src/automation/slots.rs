//! The instants at which a schedule is due: its slots.
//!
//! A schedule is read by a clock on a wall. Twice a year most such clocks are moved, and then some times of the day are
//! not shown at all, and others twice. An expression whose hour begins with `*` means a rhythm, and follows the clock:
//! times that are not shown are no slots, and those that are shown twice are two. Any other hour is meant: a time that is
//! not shown is due at the instant at which the clock jumps over it, and one that is shown twice is due the first time.
use super::{
    MissedRule, Schedule,
    schedule::{self},
};
use crate::{
    Error, Result,
    time::{Timestamp, civil_from_days, days_from_civil},
    zone::TimeZone,
};
use croner::{CronPattern, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const DAY_S: i64 = 86_400;
/// A zone's rules are followed so far at once.
const WINDOW_S: i64 = 400 * DAY_S;
/// What is ever due is due within so many windows: the 29th of February on one day of the week, across 2100.
const WINDOWS: usize = 44;
/// A slot is on time for so long: cron triggers and queues may be late by minutes.
const ON_TIME_S: i64 = 300;
/// How many slots are looked at in one go: those of a week of minutes, and some.
const MAX_SLOTS: usize = 10_100;
/// How many slots become runs in one go.
const MAX_RUNS: usize = 24;

/// The slots of a schedule.
pub struct Slots {
    pattern: CronPattern,
    hours: Vec<i64>,
    minutes: Vec<i64>,
    is_rhythm: bool,
    zone: TimeZone,
    /// The zone's clocks where slots were last looked for, in order.
    stretches: Vec<Stretch>,
}

/// A time in which the zone's clocks are not moved. All of it in seconds: its bounds since 1970.
struct Stretch {
    start: i64,
    end: i64,
    /// How far the clocks are ahead of UTC.
    ahead: i64,
    /// How far they were before.
    ahead_before: i64,
}

impl Slots {
    /// Those of the schedule.
    ///
    /// # Errors
    /// `Internal` if it is none, which is a bug: what is kept has been checked.
    pub fn of(schedule: &Schedule) -> Result<Self> {
        let expression = schedule.expression();
        let pattern = schedule::pattern(&expression).map_err(Error::internal)?;
        let hours = (0..24).filter(|hour| pattern.hour_match(*hour).unwrap_or(false)).map(i64::from).collect();
        let minutes = (0..60).filter(|minute| pattern.minute_match(*minute).unwrap_or(false)).map(i64::from).collect();
        let is_rhythm = expression.split(' ').nth(1).is_some_and(|hour| hour.starts_with('*'));
        Ok(Self { pattern, hours, minutes, is_rhythm, zone: schedule.time_zone.clone(), stretches: vec![] })
    }

    /// The first slot after an instant.
    pub fn after(&mut self, instant: Timestamp) -> Option<Timestamp> {
        let mut from = instant.unix_ms().div_euclid(1000) + 1;
        for _ in 0..WINDOWS {
            self.look(from);
            let rest = self.stretches.iter().filter(|stretch| stretch.end > from);
            if let Some(slot) = rest.filter_map(|stretch| self.first(stretch, from)).next() {
                return Some(Timestamp::from_unix_ms(slot * 1000));
            }
            from = self.stretches.last().map_or(from, |last| last.end);
        }
        None
    }

    /// Learns how the zone's clocks are moved from an instant on, unless that is known.
    fn look(&mut self, from: i64) {
        // And a day before, so that what is shown the second time is known to have been shown.
        let (begin, end) = (from - DAY_S, from + WINDOW_S);
        let is_known = self.stretches.first().is_some_and(|first| first.start <= begin)
            && self.stretches.last().is_some_and(|last| from < last.end);
        if is_known {
            return;
        }
        let offsets = self.zone.offsets(Timestamp::from_unix_ms(begin * 1000), Timestamp::from_unix_ms(end * 1000));
        let mut ahead = i64::from(offsets.first_s);
        let mut stretches = vec![Stretch { start: begin, end, ahead, ahead_before: ahead }];
        for (at, next) in offsets.changes {
            let start = at.unix_ms().div_euclid(1000);
            if let Some(last) = stretches.last_mut() {
                last.end = start;
            }
            stretches.push(Stretch { start, end, ahead: next.into(), ahead_before: ahead });
            ahead = next.into();
        }
        self.stretches = stretches;
    }

    /// The first slot of a stretch from an instant on.
    fn first(&self, stretch: &Stretch, from: i64) -> Option<i64> {
        // What the clock showed when it was moved, and what it showed then.
        let (before, after) = (stretch.start + stretch.ahead_before, stretch.start + stretch.ahead);
        let jumps = before < after && stretch.start >= from;
        if jumps && !self.is_rhythm && self.shown(before, after).is_some() {
            return Some(stretch.start);
        }
        let begin = stretch.start.max(from) + stretch.ahead;
        let begin = if self.is_rhythm { begin } else { begin.max(before) };
        Some(self.shown(begin, stretch.end + stretch.ahead)? - stretch.ahead)
    }

    /// The first time that the expression means, of those that a clock shows from `from` until before `to`: in seconds
    /// since it showed the first of January 1970.
    fn shown(&self, from: i64, to: i64) -> Option<i64> {
        let mut day = from.div_euclid(DAY_S);
        while day * DAY_S < to {
            let (year, month, of_month) = civil_from_days(day);
            if !self.means_month(month) {
                day = if month == 12 { days_from_civil(year + 1, 1, 1) } else { days_from_civil(year, month + 1, 1) };
                continue;
            }
            if self.means_day(year, month, of_month, day) {
                let midnight = day * DAY_S;
                let hours = self.hours.iter().map(|hour| midnight + hour * 3600).filter(|hour| hour + 3600 > from);
                let mut times = hours.flat_map(|hour| self.minutes.iter().map(move |minute| hour + minute * 60));
                if let Some(time) = times.find(|time| *time >= from) {
                    return Some(time).filter(|time| *time < to);
                }
            }
            day += 1;
        }
        None
    }

    fn means_month(&self, month: i64) -> bool {
        u32::try_from(month).is_ok_and(|month| self.pattern.month_match(month).unwrap_or(false))
    }

    fn means_day(&self, year: i64, month: i64, of_month: i64, day: i64) -> bool {
        // 1970 began with a Thursday.
        let numbers = (
            i32::try_from(year),
            u32::try_from(month),
            u32::try_from(of_month),
            u32::try_from((day + 4).rem_euclid(7)),
        );
        let (Ok(year), Ok(month), Ok(of_month), Ok(weekday)) = numbers else { return false };
        self.pattern.day_match(year, month, of_month, Weekday::from_days_from_sunday(weekday)).unwrap_or(false)
    }
}

/// What becomes of the slots that are due.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Those that become runs, oldest first.
    pub runs: Vec<Timestamp>,
    /// Those that do not.
    pub missed: Option<Missed>,
    /// When to look again: the next slot. It may be due already, if there are many.
    pub next: Option<Timestamp>,
}

/// Slots that were not run, and will not be made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Missed {
    /// How many.
    pub count: u32,
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

impl Plan {
    /// Decides about the slots from `due` until `now`. Those that are on time are run. Of those that are late, the rule
    /// says which are, if they are within the window: of `latest`, none if a later one is on time.
    ///
    /// # Errors
    /// As [`Slots::of`].
    pub fn of(schedule: &Schedule, due: Timestamp, now: Timestamp) -> Result<Self> {
        let mut slots = Slots::of(schedule)?;
        let age_s = |slot: Timestamp| (now.unix_ms() - slot.unix_ms()) / 1000;
        let rule = schedule.missed.unwrap_or_default();
        let mut plan = Self { next: slots.after(Timestamp::from_unix_ms(due.unix_ms() - 1)), ..Self::default() };
        for _ in 0..MAX_SLOTS {
            let Some(slot) = plan.next.filter(|slot| *slot <= now && plan.runs.len() < MAX_RUNS) else { break };
            plan.next = slots.after(slot);
            let is_latest = plan.next.is_none_or(|next| next > now);
            let is_made_up_for = match rule {
                MissedRule::Skip => false,
                MissedRule::Latest => is_latest && age_s(slot) <= schedule.catch_up_s(),
                MissedRule::All => age_s(slot) <= schedule.catch_up_s(),
            };
            if is_made_up_for || age_s(slot) <= ON_TIME_S { plan.runs.push(slot) } else { plan.miss(slot) }
        }
        Ok(plan)
    }

    fn miss(&mut self, slot: Timestamp) {
        let missed = self.missed.get_or_insert(Missed { count: 0, first: slot, last: slot });
        missed.count += 1;
        missed.last = slot;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::digest;
    use serde_json::{Value, json};

    fn schedule(cron: &str, zone: &str) -> Schedule {
        serde_json::from_value(json!({ "cron": cron, "timeZone": zone })).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The slots from one instant until before another.
    fn slots(schedule: &Schedule, from: &str, to: &str) -> Vec<Timestamp> {
        let mut slots = Slots::of(schedule).unwrap();
        let next = |slot: &Timestamp| slots.after(*slot);
        std::iter::successors(Some(Timestamp::from_unix_ms(at(from).unix_ms() - 1)), next)
            .skip(1)
            .take_while(|slot| *slot < at(to))
            .collect()
    }

    fn day(cron: &str, zone: &str, day: &str) -> Vec<String> {
        let from = at(&format!("{day}T00:00:00Z"));
        let found = slots(&schedule(cron, zone), &from.to_string(), &from.plus_s(DAY_S).to_string());
        found.iter().map(|slot| slot.to_string()[11..16].to_owned()).collect()
    }

    #[test]
    fn a_time_that_is_not_shown_is_due_when_the_clock_jumps_over_it() {
        // In Berlin 02:00 becomes 03:00 at 01:00 UTC.
        for (cron, expected) in [
            ("30 2 * * *", vec!["01:00"]),
            ("*/15 2 * * *", vec!["01:00"]),
            ("0 2,3 * * *", vec!["01:00"]),
            ("30 1-3 * * *", vec!["00:30", "01:00", "01:30", "23:30"]),
            (
                "30 */2 29 * *",
                vec!["02:30", "04:30", "06:30", "08:30", "10:30", "12:30", "14:30", "16:30", "18:30", "20:30"],
            ),
            ("59 1 * * *", vec!["00:59", "23:59"]),
            ("0 3 * * *", vec!["01:00"]),
            ("1 3 * * *", vec!["01:01"]),
        ] {
            assert_eq!(day(cron, "Europe/Berlin", "2026-03-29"), expected, "{cron}");
        }
        // Where the jump ends on another day, too: in Nuuk 23:00 of a Saturday becomes Sunday.
        assert_eq!(day("30 23 * * SAT", "America/Nuuk", "2026-03-29"), ["01:00"]);
    }

    #[test]
    fn a_time_that_is_shown_twice_is_due_the_first_time_unless_a_rhythm_is_meant() {
        // In Berlin 03:00 becomes 02:00 at 01:00 UTC.
        for (cron, expected) in [
            ("30 2 * * *", vec!["00:30"]),
            ("0,30 2-3 * * *", vec!["00:00", "00:30", "02:00", "02:30"]),
            ("0 3 * * *", vec!["02:00"]),
            ("30 0-4 * * *", vec!["00:30", "02:30", "03:30", "23:30"]),
        ] {
            assert_eq!(day(cron, "Europe/Berlin", "2026-10-25"), expected, "{cron}");
        }
        assert_eq!(day("30 * 25 * *", "Europe/Berlin", "2026-10-25")[..4], ["00:30", "01:30", "02:30", "03:30"]);
        assert_eq!(day("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04").len(), 96);
    }

    #[test]
    fn what_is_rare_is_found() {
        let mut leap = Slots::of(&schedule("0 0 29 2 +MON", "UTC")).unwrap();
        for (after, expected) in [("2026-01-01", "2044-02-29"), ("2072-03-01", "2112-02-29")] {
            let [after, expected] = [after, expected].map(|day| at(&format!("{day}T00:00:00Z")));
            assert_eq!(leap.after(after), Some(expected));
        }
    }

    /// `tests/schedules.json` is made by `tests/schedules.py`, which asks other libraries.
    #[test]
    fn slots_are_those_of_an_independent_library() {
        let fixture: Value = serde_json::from_str(include_str!("../../tests/schedules.json")).unwrap();
        let cases = fixture["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 6 * 14);
        for case in cases {
            let (cron, zone) = (case["cron"].as_str().unwrap(), case["timeZone"].as_str().unwrap());
            let found = slots(&schedule(cron, zone), "2026-01-01T00:00:00Z", "2031-01-01T00:00:00Z");
            let seconds: Vec<_> = found.iter().map(|slot| (slot.unix_ms() / 1000).to_string()).collect();
            for near in case["near"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let (from, to) = (text(&near["from"]), text(&near["to"]));
                let around = at(&from)..at(&to);
                let there: Vec<_> = found.iter().filter(|slot| around.contains(slot)).collect();
                assert_eq!(json!(there), near["slots"], "{cron} {zone} {from}");
            }
            assert_eq!(seconds.len(), case["count"].as_u64().unwrap() as usize, "{cron} {zone}");
            assert_eq!(digest(&seconds.join("\n")), case["digest"], "{cron} {zone}");
        }
    }

    #[test]
    fn a_plan_follows_the_rule_and_loses_no_slot() {
        let late = |rule: &str, minutes: u32, due: &str, now: &str| {
            let schedule = json!({ "cron": "0 * * * *", "timeZone": "UTC", "missed": rule, "catchUpMinutes": minutes });
            Plan::of(&serde_json::from_value(schedule).unwrap(), at(due), at(now)).unwrap()
        };
        let hour = |hour: u32| at(&format!("2026-01-01T{hour:02}:00:00Z"));
        let (due, now) = ("2026-01-01T01:00:00Z", "2026-01-01T06:20:00Z");
        let missed = |count, first, last| Some(Missed { count, first: hour(first), last: hour(last) });
        let next = Some(hour(7));
        assert_eq!(late("skip", 1440, due, now), Plan { runs: vec![], missed: missed(6, 1, 6), next });
        assert_eq!(late("latest", 1440, due, now), Plan { runs: vec![hour(6)], missed: missed(5, 1, 5), next });
        assert_eq!(late("latest", 10, due, now), Plan { runs: vec![], missed: missed(6, 1, 6), next });
        assert_eq!(late("all", 1440, due, now), Plan { runs: (1..=6).map(hour).collect(), missed: None, next });
        assert_eq!(
            late("all", 140, due, now),
            Plan { runs: vec![hour(4), hour(5), hour(6)], missed: missed(3, 1, 3), next }
        );
        let on_time = "2026-01-01T06:05:00Z";
        for rule in ["skip", "latest"] {
            assert_eq!(
                late(rule, 1, due, on_time),
                Plan { runs: vec![hour(6)], missed: missed(5, 1, 5), next },
                "{rule}"
            );
        }
        let early = Plan { next: Some(hour(1)), ..Plan::default() };
        assert_eq!(late("all", 1440, due, "2026-01-01T00:59:59Z"), early);
        // What is kept as due may be no slot: a database that was migrated knows none.
        assert_eq!(late("all", 1440, "2026-01-01T00:30:00Z", "2026-01-01T00:31:00Z"), early);
    }

    #[test]
    fn a_plan_is_bounded_and_goes_on_where_it_ended() {
        for (rule, runs) in [("skip", 6), ("latest", 6), ("all", 1441)] {
            let schedule = json!({ "cron": "* * * * *", "timeZone": "Europe/Berlin", "missed": rule });
            let schedule: Schedule = serde_json::from_value(schedule).unwrap();
            let (mut due, now) = (at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z"));
            let (mut run, mut missed) = (vec![], 0);
            while due <= now {
                let plan = Plan::of(&schedule, due, now).unwrap();
                assert!(
                    plan.runs.len() <= MAX_RUNS && plan.missed.is_none_or(|missed| missed.count as usize <= MAX_SLOTS)
                );
                missed += plan.missed.map_or(0, |missed| missed.count);
                run.extend(plan.runs);
                due = plan.next.unwrap();
            }
            assert_eq!((run.len(), missed + u32::try_from(run.len()).unwrap()), (runs, 31 * 1440 + 1), "{rule}");
            assert!(run.is_sorted() && due == now.plus_s(60), "{rule}");
        }
    }
}
