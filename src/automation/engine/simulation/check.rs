//! What must be so in the end, whatever went wrong.
use super::{RETENTION_DAYS, Simulation};
use crate::{
    automation::{
        AutomationConfig, Missed, Schedule, Slots, ThresholdAlert,
        alert::{Phase, Seen, Series},
        engine::Standing,
    },
    time::Timestamp,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// How the alert of each group stands, by automation and group.
pub type Standings = BTreeMap<String, BTreeMap<String, Series>>;

/// How much of what there has been.
#[derive(Default)]
pub struct Totals {
    pub slots: usize,
    missed: usize,
    succeeded: usize,
    failed: usize,
    deliveries: usize,
    dead: usize,
    paused: usize,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { slots, missed, succeeded, failed, deliveries, dead, paused } = self;
        write!(
            f,
            "{slots} slots, {missed} of them missed; of the runs, {succeeded} succeeded and {failed} failed; \
             {deliveries} deliveries, {dead} of them dead; {paused} times an automation was paused"
        )
    }
}

impl Simulation {
    fn count(&self, sql: &str) -> usize {
        self.w.db.query(sql)[0].parse().unwrap()
    }

    /// Each slot since all was looked at last was run once, or is counted as missed once; what there was to tell is kept once
    /// for each channel, and has arrived or is dead.
    pub fn look(&mut self, totals: &mut Totals) {
        assert_eq!(self.count("select count(*) from automation_run where lease_until is not null"), 0, "all is over");
        assert_eq!(self.count("select count(*) from automation_run where status in ('queued', 'running')"), 0);
        assert_eq!(self.count("select count(*) - count(distinct run) from ended"), 0, "a run ended twice");
        let untold = "select count(*) from automation_run r where (r.result ->> '$.notice.kind')
            is not (select n.kind from notice n where n.org_id = r.org_id and n.run_id = r.id)";
        assert_eq!(self.count(untold), 0, "each run has told what it says it has, and no more");
        let channels = "select count(*) from notice n where (select group_concat(d.destination ->> '$.type')
            from (select * from delivery d where d.org_id = n.org_id and d.run_id = n.run_id order by d.destination ->> '$.type') d)
            is not 'email,webhook'";
        assert_eq!(self.count(channels), 0, "there is one delivery for each channel");
        let kept_from = self.now.plus_s(-86_400 * RETENTION_DAYS);
        let old = format!("select count(*) from automation_run where finished_at < '{kept_from}'");
        assert_eq!(self.count(&old), 0, "what is old is purged");
        self.look_at_deliveries(totals);
        let automations = self.w.db.query("select json_array(id, is_enabled, schedule, config, state) from automation");
        for automation in automations {
            self.look_at(&serde_json::from_str(&automation).unwrap(), totals);
        }
        self.w.db.execute("delete from ended").unwrap();
        self.seen_until = self.now;
    }

    /// Each delivery has arrived or is dead, after no more attempts than it has; and each receiver was given what it was
    /// to be given, under one id.
    fn look_at_deliveries(&self, totals: &mut Totals) {
        assert_eq!(self.count("select count(*) from delivery where status not in ('delivered', 'dead')"), 0);
        assert_eq!(self.count("select count(*) from delivery where attempt not between 1 and 8"), 0);
        let mut taken = self.receivers.taken.take();
        let deliveries = self.w.db.query(&format!(
            "select json_array(id, status, destination ->> '$.url') from delivery where created_at > '{}'",
            self.seen_until
        ));
        totals.deliveries += deliveries.len();
        for delivery in deliveries {
            let (id, status, url): (String, String, Option<String>) = serde_json::from_str(&delivery).unwrap();
            totals.dead += usize::from(status == "dead");
            let Some(url) = url else { continue };
            let times = taken.remove(&(id, url)).unwrap_or_default();
            assert!(status == "dead" || times > 0, "{delivery} did not arrive");
            assert!(times <= 8, "{delivery} came {times} times");
        }
        assert!(taken.is_empty(), "nothing else came: {taken:?}");
    }

    fn look_at(&mut self, automation: &Value, totals: &mut Totals) {
        let id = automation[0].as_str().unwrap();
        let schedule: Schedule = serde_json::from_str(automation[2].as_str().unwrap()).unwrap();
        let mut slots = Slots::of(&schedule).unwrap();
        let first = slots.after(self.seen_until);
        let due = std::iter::successors(first, |slot| slots.after(*slot)).take_while(|slot| *slot <= self.now);
        let due: Vec<Timestamp> = due.collect();
        let runs = self.w.db.query(&format!(
            "select json_array(r.scheduled_for, r.status, json_remove(r.result, '$.evidence'), r.finished_at)
             from automation_run r left join ended e on e.run = r.id
             where r.automation_id = '{id}' and r.scheduled_for > '{}' order by e.number",
            self.seen_until
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
            totals.missed += range.len();
            range
                .into_iter()
                .for_each(|slot| assert!(seen.insert(*slot), "{id}: {slot} was missed and run, or missed twice"));
        }
        // Of one that was paused after its failures, until then.
        let is_enabled = automation[1] == 1;
        let until = if is_enabled { due.len() } else { seen.len() };
        assert_eq!(seen.iter().copied().collect::<Vec<_>>(), due[..until], "{id}: a slot was lost");
        totals.slots += seen.len();
        let (succeeded, rest): (Vec<_>, Vec<_>) = runs.iter().partition(|run| run[1] == "succeeded");
        totals.succeeded += succeeded.len();
        totals.failed += rest.iter().filter(|run| run[1] == "failed").count();
        match serde_json::from_str(automation[3].as_str().unwrap()).unwrap() {
            AutomationConfig::ThresholdAlert(alert) => {
                let standing = self.standings.entry(id.to_owned()).or_default();
                check_alert(automation, &alert, standing, &succeeded);
            }
            AutomationConfig::ScheduledReport(_) => {
                succeeded.iter().for_each(|run| assert_eq!(run[2]["notice"]["kind"], "report", "{run}"));
            }
        }
        if !is_enabled {
            totals.paused += 1;
            self.resume(id);
        }
    }

    /// As its owner does, once it is known why it failed.
    fn resume(&self, id: &str) {
        let owner = &self.w.db.query(&format!(
            "select s.token from automation a join session s on s.activeOrganizationId = a.org_id where a.id = '{id}'"
        ))[0];
        let path = format!("/api/automations/{id}");
        assert_eq!(self.w.send(owner, "PATCH", &path, json!({ "isEnabled": true })).0, 200);
    }
}

/// How the alert of each group stands, and what was told, is what comes of the runs that succeeded, each counted once.
fn check_alert(automation: &Value, alert: &ThresholdAlert, all: &mut BTreeMap<String, Series>, runs: &[&Value]) {
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
    let standing: Standing = automation[4].as_str().map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default();
    assert_eq!(&standing.series, all, "{automation}");
}
