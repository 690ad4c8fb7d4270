//! Years of ticks and messages in seconds, over the real statements, with everything going wrong that may: messages come not
//! at all, up to three times and in any order; ticks and receivers run at once, and die at any call to the database; calls
//! fail, with effect and without; stores fail; the clock jumps by up to a week. The same seed goes the same way:
//! `npm run simulate -- --seed 7 --years 1 --orgs 50`.
use super::{Standing, receive, tick};
use crate::{
    access::{App, Databases},
    automation::{
        Missed, Schedule, Slots, ThresholdAlert,
        alert::{Seen, Series},
    },
    db::{Rows, Sql, SqlError, Statement, sqlite::Sqlite},
    house::world::{Noted, World},
    queue::Wake,
    random::Random,
    time::Timestamp,
};
use futures_util::{future::LocalBoxFuture, task::noop_waker};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    collections::BTreeSet,
    future::poll_fn,
    rc::Rc,
    task::{Context, Poll},
};

/// Numbers that a seed decides. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
#[derive(Clone)]
struct Dice(Rc<Cell<u64>>);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        self.0.set(self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut z = self.0.get();
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn is_one_in(&self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn one_of<T: Copy>(&self, these: &[T]) -> T {
        these[usize::try_from(self.below(these.len() as u64)).unwrap()]
    }
}

/// A database that lets others go first, and fails now and then: before a batch, or after it took effect.
struct Faulty {
    db: Rc<Sqlite>,
    dice: Dice,
    one_in: Cell<u64>,
}

impl Sql for Faulty {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, SqlError>> {
        Box::pin(async move {
            others_first().await;
            let fails = || self.one_in.get() > 0 && self.dice.is_one_in(self.one_in.get());
            if fails() {
                return Err(SqlError::Unavailable("a fault of the simulation".into()));
            }
            let done = self.db.batch(statements).await;
            others_first().await;
            if fails() { Err(SqlError::TimedOut) } else { done }
        })
    }
}

/// Is not ready the first time that it is asked.
async fn others_first() {
    let mut has_waited = false;
    poll_fn(|_| if std::mem::replace(&mut has_waited, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// A tick or a receiver on its way.
type Task = LocalBoxFuture<'static, Vec<Wake>>;

struct Simulation {
    w: World,
    sql: Rc<Faulty>,
    queue: Rc<Noted>,
    dice: Dice,
    now: Timestamp,
    tasks: Vec<Task>,
    datasets: Vec<(String, Value)>,
}

const CRONS: &[&str] =
    &["*/5 * * * *", "*/10 * * * *", "0 * * * *", "30 */2 * * *", "15 2 * * *", "0 0,8,16 * * MON-FRI"];
const ZONES: &[&str] = &["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];

impl Simulation {
    fn new(seed: u64, orgs: u64) -> Self {
        let dice = Dice(Rc::new(Cell::new(seed)));
        let mut w = World::new();
        w.app.random = Random::seeded(seed);
        let sql = Rc::new(Faulty { db: w.db.clone(), dice: dice.clone(), one_in: Cell::new(0) });
        w.db.execute(
            "create table ended (run text not null);
             create trigger run_ends after update on automation_run when old.finished_at is null and new.finished_at is not null
             begin insert into ended values (new.id); end;
             create trigger run_ends_again after update on automation_run when old.finished_at is not null
             begin select raise(abort, 'a run that is over was changed'); end;",
        )
        .unwrap();
        let (queue, now) = (w.queue.clone(), w.app.now);
        let mut simulation = Self { w, sql, queue, dice, now, tasks: vec![], datasets: vec![] };
        (0..orgs).for_each(|org| simulation.add_organization(org));
        simulation
    }

    fn add_organization(&mut self, number: u64) {
        let (w, now) = (&self.w, self.now);
        let person = format!("owner-o{number}");
        w.db.execute(&format!(
            "insert into organization (id, name, slug, createdAt) values ('o{number}', 'O', 'o{number}', '{now}');
             insert into user values ('u-{person}', 'x', '{person}@x.co', 0, null, '{now}', '{now}');
             insert into member values ('m-{person}', 'o{number}', 'u-{person}', 'owner', '{now}');
             insert into session (id, token, userId, activeOrganizationId, expiresAt, createdAt, updatedAt)
             values ('s-{person}', '{person}', 'u-{person}', 'o{number}', '2099-01-01T00:00:00.000Z', '{now}', '{now}');"
        ))
        .unwrap();
        let columns = json!([{ "name": "n", "type": "integer", "nullable": true }]);
        let dataset = w.made(&person, "/api/datasets", json!({ "name": "d", "columns": columns }))["id"].clone();
        for at in 0..3 {
            let config = json!({
                "type": "threshold_alert", "datasetId": dataset, "sql": "select n from d", "operator": "gt", "threshold": 10,
                "recoverThreshold": 6, "pendingRuns": 1 + self.dice.below(2), "clearRuns": 1 + self.dice.below(2),
                "noData": self.dice.one_of(&["ok", "alert", "keep"]),
                "channels": [{ "type": "email", "to": ["ada@example.com"] }],
            });
            let schedule = json!({
                "cron": self.dice.one_of(CRONS), "timeZone": self.dice.one_of(ZONES),
                "missed": self.dice.one_of(&["skip", "latest", "all"]), "catchUpMinutes": self.dice.one_of(&[10, 120, 1440]),
            });
            w.made(
                &person,
                "/api/automations",
                json!({ "name": format!("a{at}"), "config": config, "schedule": schedule }),
            );
        }
        self.datasets.push((person, dataset));
    }

    /// The core at this instant, as each tick and each message is given it.
    fn app(&self) -> App {
        let databases = Databases { sql: self.sql.clone(), stores: self.w.stores.clone() };
        let App { fetch, config, random, runtime, .. } = self.w.app.clone();
        App::new(databases, fetch, None, config, random, runtime, self.now).queued_by(Some(self.queue.clone()))
    }

    fn tick(&mut self) {
        let app = self.app();
        self.tasks.push(Box::pin(async move {
            let _ = tick(&app).await;
            vec![]
        }));
    }

    /// Delivers each message so many times, in any order.
    fn deliver(&mut self, times: impl Fn(&Dice) -> u64) {
        let mut messages: Vec<Wake> = self.queue.0.borrow_mut().drain(..).collect();
        while !messages.is_empty() {
            let at = usize::try_from(self.dice.below(messages.len() as u64)).unwrap();
            let message = messages.swap_remove(at);
            for _ in 0..times(&self.dice) {
                let (app, message) = (self.app(), message.clone());
                self.tasks.push(Box::pin(async move {
                    match receive(&app, &message).await {
                        Ok(next) => next.into_iter().collect(),
                        Err(_) => vec![message],
                    }
                }));
            }
        }
    }

    /// Lets a task go on to its next call to the database. Some die there.
    fn go_on(&mut self, deaths_one_in: u64) {
        let at = usize::try_from(self.dice.below(self.tasks.len() as u64)).unwrap();
        if deaths_one_in > 0 && self.dice.is_one_in(deaths_one_in) {
            drop(self.tasks.swap_remove(at));
            return;
        }
        let waker = noop_waker();
        if let Poll::Ready(more) = self.tasks[at].as_mut().poll(&mut Context::from_waker(&waker)) {
            drop(self.tasks.swap_remove(at));
            self.queue.0.borrow_mut().extend(more);
        }
    }

    /// A step of a bad life.
    fn step(&mut self) {
        let seconds = match self.dice.below(1000) {
            0 => 86_400 * (1 + self.dice.below(7)),
            1..10 => 3600 * (1 + self.dice.below(12)),
            10..200 => 60 * (1 + self.dice.below(30)),
            _ => 60,
        };
        self.now = self.now.plus_s(i64::try_from(seconds).unwrap());
        self.w.app.now = self.now;
        if self.dice.is_one_in(4) {
            let (person, dataset) =
                &self.datasets[usize::try_from(self.dice.below(self.datasets.len() as u64)).unwrap()];
            let rows = if self.dice.is_one_in(6) { json!([]) } else { json!([{ "n": self.dice.below(20) }]) };
            self.w.stores.fail_next(0);
            let path = format!("/api/datasets/{}/replace", dataset.as_str().unwrap());
            assert_eq!(self.w.send(person, "POST", &path, json!({ "rows": rows })).0, 200);
        }
        if self.dice.is_one_in(50) {
            self.w.stores.fail_next(1);
        }
        for _ in 0..self.dice.below(3) {
            self.tick();
        }
        for _ in 0..=self.dice.below(3) {
            self.deliver(|dice| dice.below(4));
            // Some are still on their way when the next minute comes.
            let leave = usize::try_from(self.dice.below(4)).unwrap();
            while self.tasks.len() > leave {
                self.go_on(40);
            }
        }
    }

    /// A good life, until nothing is left to do.
    fn settle_down(&mut self) {
        self.sql.one_in.set(0);
        self.w.stores.fail_next(0);
        for _ in 0..40 {
            self.now = self.now.plus_s(60);
            self.tick();
            while !self.tasks.is_empty() || !self.queue.0.borrow().is_empty() {
                self.deliver(|_| 1);
                while !self.tasks.is_empty() {
                    self.go_on(0);
                }
            }
        }
    }

    /// Each slot until now was run once, or is counted as missed once. Gives how many there were.
    fn check(&self) -> usize {
        let db = &self.w.db;
        let count = |sql: &str| db.query(sql)[0].parse::<usize>().unwrap();
        assert_eq!(count("select count(*) from automation_run where lease_until is not null"), 0, "all is over");
        assert_eq!(count("select count(*) from automation_run where status in ('queued', 'running')"), 0);
        assert_eq!(count("select count(*) - count(distinct run) from ended"), 0, "a run ended twice");
        db.query("select json_array(id, created_at, is_enabled, schedule, config, state) from automation")
            .iter()
            .map(|automation| self.check_one(&serde_json::from_str(automation).unwrap()))
            .sum()
    }

    fn check_one(&self, automation: &Value) -> usize {
        let id = automation[0].as_str().unwrap();
        let schedule: Schedule = serde_json::from_str(automation[3].as_str().unwrap()).unwrap();
        let mut slots = Slots::of(&schedule).unwrap();
        let first = slots.after(automation[1].as_str().unwrap().parse().unwrap());
        let due = std::iter::successors(first, |slot| slots.after(*slot)).take_while(|slot| *slot <= self.now);
        let due: Vec<Timestamp> = due.collect();
        let runs = self.w.db.query(&format!(
            "select json_array(r.scheduled_for, r.status, json(r.result), r.finished_at) from automation_run r
             left join ended e on e.run = r.id where r.automation_id = '{id}' order by e.rowid"
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
        self.check_standing(automation, &runs);
        seen.len()
    }

    /// How the alert stands, and what was told, is what comes of the runs that succeeded, each counted once.
    fn check_standing(&self, automation: &Value, runs: &[Value]) {
        let alert: ThresholdAlert = {
            let mut config: Value = serde_json::from_str(automation[4].as_str().unwrap()).unwrap();
            config.as_object_mut().unwrap().remove("type");
            serde_json::from_value(config).unwrap()
        };
        let mut series: Option<Series> = None;
        for run in runs.iter().filter(|run| run[1] == "succeeded") {
            let now: Timestamp = run[3].as_str().unwrap().parse().unwrap();
            let value = run[2]["values"][0]["value"].as_f64().map_or(Seen::Nothing, Seen::Number);
            let (after, change) = series.unwrap_or_else(|| Series::new(now)).after(&alert, value, now);
            series = Some(after);
            let told = run[2]["notice"]["data"]["changes"].as_array().map_or(0, Vec::len);
            assert_eq!(told, usize::from(change.is_some()), "{run}");
        }
        let standing: Standing =
            automation[5].as_str().map(|text| serde_json::from_str(text).unwrap()).unwrap_or_default();
        assert_eq!(standing.series.get("").copied(), series, "{automation}");
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

#[test]
fn every_slot_is_run_once_or_counted_as_missed_whatever_goes_wrong() {
    let seed = variable("SIMULATE_SEED").unwrap_or_else(|| {
        let bytes = Random::platform().bytes::<4>().unwrap();
        u32::from_le_bytes(bytes).into()
    });
    let (years, orgs) = (variable("SIMULATE_YEARS"), variable("SIMULATE_ORGS").unwrap_or(4));
    println!(
        "replay with: npm run simulate -- --seed {seed} --orgs {orgs}{}",
        years.map(|n| format!(" --years {n}")).unwrap_or_default()
    );
    let mut simulation = Simulation::new(seed, orgs);
    simulation.sql.one_in.set(60);
    let begun = simulation.now;
    let slots = |simulation: &Simulation| {
        let sql = "select coalesce(sum(coalesce(result ->> '$.missed.count', 1)), 0) from automation_run";
        simulation.w.db.query(sql)[0].parse::<usize>().unwrap()
    };
    let is_over = |simulation: &Simulation| match years {
        Some(years) => simulation.now > begun.plus_s(i64::try_from(years * 365 * 86_400).unwrap()),
        None => slots(simulation) >= 10_000,
    };
    let mut steps = 0;
    while steps % 50 != 0 || !is_over(&simulation) {
        simulation.step();
        steps += 1;
    }
    simulation.settle_down();
    let count = simulation.check();
    let by = |status: &str| {
        simulation.w.db.query(&format!("select count(*) from automation_run where status = '{status}'"))[0].clone()
    };
    let days = (simulation.now.unix_ms() - begun.unix_ms()) / 86_400_000;
    println!(
        "{count} slots of {} automations in {days} days, {steps} steps: {} succeeded, {} failed, {} times some were missed",
        orgs * 3,
        by("succeeded"),
        by("failed"),
        by("skipped"),
    );
    assert!(years.is_some() || count >= 10_000, "{count}");
}
