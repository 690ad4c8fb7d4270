//! What must be so in the end, whatever went wrong.
use super::Simulation;
use crate::{
    automation::{
        AutomationConfig, Missed, Schedule, Slots, ThresholdAlert,
        alert::{Phase, Seen, Series},
        engine::Standing,
    },
    time::Timestamp,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Simulation {
    fn count(&self, sql: &str) -> usize {
        self.w.db.query(sql)[0].parse().unwrap()
    }

    /// Each slot until now was run once, or is counted as missed once, and what there was to tell is kept once for each
    /// channel. Gives how many slots there were.
    pub fn check(&self) -> usize {
        assert_eq!(self.count("select count(*) from automation_run where lease_until is not null"), 0, "all is over");
        assert_eq!(self.count("select count(*) from automation_run where status in ('queued', 'running')"), 0);
        assert_eq!(self.count("select count(*) - count(distinct run) from ended"), 0, "a run ended twice");
        let untold = "select count(*) from automation_run r where (r.result ->> '$.notice.kind')
            is not (select n.kind from notice n where n.run_id = r.id)";
        assert_eq!(self.count(untold), 0, "each run has told what it says it has, and no more");
        let channels = "select count(*) from notice n where (select group_concat(d.destination ->> '$.type')
            from (select * from delivery d where d.run_id = n.run_id order by d.destination ->> '$.type') d)
            is not 'email,webhook'";
        assert_eq!(self.count(channels), 0, "there is one delivery for each channel");
        self.w
            .db
            .query("select json_array(id, created_at, is_enabled, schedule, config, state) from automation")
            .iter()
            .map(|automation| self.check_one(&serde_json::from_str(automation).unwrap()))
            .sum()
    }

    /// Each delivery has arrived or is dead, after no more attempts than it has; and each receiver was given what it was
    /// to be given, under one id. Gives how many there were.
    pub fn check_deliveries(&self) -> usize {
        assert_eq!(self.count("select count(*) from delivery where status not in ('delivered', 'dead')"), 0);
        assert_eq!(self.count("select count(*) from delivery where attempt not between 1 and 8"), 0);
        let webhooks = self.w.db.query(
            "select id || ' ' || status || ' ' || (destination ->> '$.url') from delivery
             where destination ->> '$.type' = 'webhook'",
        );
        let mut taken = self.receivers.taken.borrow().clone();
        for webhook in &webhooks {
            let [id, status, url] = webhook.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let times = taken.remove(&(id.to_owned(), url.to_owned())).unwrap_or_default();
            assert!(status == "dead" || times > 0, "{webhook} did not arrive");
            assert!(times <= 8, "{webhook} came {times} times");
        }
        assert!(taken.is_empty(), "nothing else came: {taken:?}");
        self.count("select count(*) from delivery")
    }

    fn check_one(&self, automation: &Value) -> usize {
        let id = automation[0].as_str().unwrap();
        let schedule: Schedule = serde_json::from_str(automation[3].as_str().unwrap()).unwrap();
        let mut slots = Slots::of(&schedule).unwrap();
        let first = slots.after(automation[1].as_str().unwrap().parse().unwrap());
        let due = std::iter::successors(first, |slot| slots.after(*slot)).take_while(|slot| *slot <= self.now);
        let due: Vec<Timestamp> = due.collect();
        let runs = self.w.db.query(&format!(
            "select json_array(r.scheduled_for, r.status, json_remove(r.result, '$.evidence'), r.finished_at)
             from automation_run r left join ended e on e.run = r.id where r.automation_id = '{id}' order by e.rowid"
        ));
        let runs: Vec<Value> = runs.iter().map(|run| serde_json::from_str(run).unwrap()).collect();
        let mut seen = BTreeSet::new();
        for run in &runs {
            if run[2]["missed"].is_null() {
                assert!(seen.insert(run[0].as_str().unwrap().parse::<Timestamp>().unwrap()), "{id}: {run} ran twice");
                continue;
            }
            let missed: Missed = serde_json::from_value(run[2]["missed"].clone()).unwrap();
            let range: Vec<_> = due.iter().filter(|slot| (missed.first..=missed.last).contains(slot)).collect();
            assert_eq!(range.len(), missed.count as usize, "{id}: {run}");
            range
                .into_iter()
                .for_each(|slot| assert!(seen.insert(*slot), "{id}: {slot} was missed and run, or missed twice"));
        }
        // Of one that was switched off after its failures, until then.
        let until = if automation[2] == 1 { due.len() } else { seen.len() };
        assert_eq!(seen.iter().copied().collect::<Vec<_>>(), due[..until], "{id}: a slot was lost");
        let succeeded: Vec<_> = runs.iter().filter(|run| run[1] == "succeeded").collect();
        match serde_json::from_str(automation[4].as_str().unwrap()).unwrap() {
            AutomationConfig::ThresholdAlert(alert) => check_alert(automation, &alert, &succeeded),
            AutomationConfig::ScheduledReport(_) => {
                succeeded.iter().for_each(|run| assert_eq!(run[2]["notice"]["kind"], "report", "{run}"));
            }
        }
        seen.len()
    }
}

/// How the alert of each group stands, and what was told, is what comes of the runs that succeeded, each counted once.
fn check_alert(automation: &Value, alert: &ThresholdAlert, runs: &[&Value]) {
    let mut all: BTreeMap<String, Series> = BTreeMap::new();
    for run in runs {
        let now: Timestamp = run[3].as_str().unwrap().parse().unwrap();
        let mut values: BTreeMap<String, Seen> = all.keys().map(|group| (group.clone(), Seen::Nothing)).collect();
        for value in run[2]["values"].as_array().unwrap() {
            let seen = value["value"].as_f64().map_or(Seen::Nothing, Seen::Number);
            values.insert(value["group"].as_str().unwrap().to_owned(), seen);
        }
        let is_there = |group: &str| run[2]["values"].as_array().unwrap().iter().any(|value| value["group"] == group);
        let mut changes = 0;
        for (group, seen) in values {
            let (after, change) = all.get(&group).copied().unwrap_or_else(|| Series::new(now)).after(alert, seen, now);
            changes += usize::from(change.is_some());
            if is_there(&group) || after.phase != Phase::Ok {
                all.insert(group, after);
            } else {
                all.remove(&group);
            }
        }
        let told = run[2]["notice"]["data"]["changes"].as_array().map_or(0, Vec::len);
        assert_eq!(told, changes, "{run}");
    }
    let standing: Standing = automation[5].as_str().map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default();
    assert_eq!(standing.series, all, "{automation}");
}
