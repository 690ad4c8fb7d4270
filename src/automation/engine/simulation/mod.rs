//! Years of ticks and messages in seconds, over the real statements, with everything going wrong that may: messages come not
//! at all, up to three times and in any order; ticks and receivers run at once, and die at any call to the database or to
//! whom they tell; calls fail, with effect and without; stores fail, or are away for hours; the clock jumps by up to a week.
//! Alerts on a number, alerts on groups, and reports. A life has chapters: at the end of each, nothing goes wrong for a day and
//! a half, all is looked at, and what was looked at is purged in the next ones, as old runs are. The same seed goes the same
//! way: `npm run simulate -- --seed 7 --years 1 --orgs 50`.
use super::{purge, receive, tick};
use crate::{
    access::{App, Databases},
    delivery::outbox::sweep,
    house::world::{Noted, World},
    queue::Wake,
    random::Random,
    time::Timestamp,
};
use check::{Standings, Totals};
use faults::{Dice, Faulty, Receivers};
use futures_util::{FutureExt, future::LocalBoxFuture, task::noop_waker};
use serde_json::{Value, json};
use std::{
    cell::Cell,
    rc::Rc,
    task::{Context, Poll},
};

mod check;
mod faults;

/// A tick or a receiver on its way.
type Task = LocalBoxFuture<'static, Vec<Wake>>;

struct Simulation {
    w: World,
    sql: Rc<Faulty>,
    receivers: Rc<Receivers>,
    queue: Rc<Noted>,
    dice: Dice,
    now: Timestamp,
    tasks: Vec<Task>,
    datasets: Vec<(String, Value)>,
    /// Until when the stores are away.
    away_until: Timestamp,
    /// Until when all was looked at, and how each alert stood then.
    seen_until: Timestamp,
    standings: Standings,
    /// How many messages were delivered.
    messages: u64,
}

/// How long a chapter takes at least.
const CHAPTER_S: i64 = 4 * 86_400;
/// For how many days runs are kept: longer than a chapter ever takes, for each is looked at.
const RETENTION_DAYS: i64 = 28;

const CRONS: &[&str] =
    &["*/5 * * * *", "*/10 * * * *", "0 * * * *", "30 */2 * * *", "15 2 * * *", "0 0,8,16 * * MON-FRI"];
const ZONES: &[&str] = &["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
/// What is watched: a number, one for each group, and a dashboard.
const AUTOMATIONS: &[Option<&str>] =
    &[Some("select max(n) from d"), Some("select n from d limit 1"), Some("select g, max(n) from d group by g"), None];

impl Simulation {
    fn new(seed: u64, orgs: u64) -> Self {
        let dice = Dice::of(seed);
        let mut w = World::with(&[("RUN_RETENTION_DAYS", &RETENTION_DAYS.to_string())]);
        w.app.random = Random::seeded(seed);
        let sql = Rc::new(Faulty { db: w.db.clone(), dice: dice.clone(), one_in: Cell::new(0) });
        let receivers = Rc::new(Receivers {
            dice: dice.clone(),
            one_in: Cell::new(0),
            taken: Default::default(),
            mails: Cell::new(0),
        });
        w.db.execute(
            "create table ended (number integer primary key, run text not null);
             create index ended_run_idx on ended (run);
             create trigger run_ends after update on automation_run when old.finished_at is null and new.finished_at is not null
             begin insert into ended (run) values (new.id); end;
             create trigger run_ends_again after update on automation_run when old.finished_at is not null
             begin select raise(abort, 'a run that is over was changed'); end;
             create trigger arrives_again after update on delivery when old.status = 'delivered'
             begin select raise(abort, 'a delivery that has arrived was changed'); end;",
        )
        .unwrap();
        let (queue, now) = (w.queue.clone(), w.app.now);
        let mut simulation = Self {
            w,
            sql,
            receivers,
            queue,
            dice,
            now,
            tasks: vec![],
            datasets: vec![],
            away_until: now,
            seen_until: now,
            standings: Standings::default(),
            messages: 0,
        };
        (0..orgs).for_each(|org| simulation.add_organization(org));
        simulation
    }

    fn add_organization(&mut self, number: u64) {
        let (w, now) = (&self.w, self.now);
        let person = format!("owner-o{number}");
        w.db.execute(&format!(
            "insert into organization (id, name, slug, createdAt) values ('o{number}', 'O', 'o{number}', '{now}');
             insert into user values ('u-{person}', 'x', '{person}@x.co', 1, null, '{now}', '{now}');
             insert into member values ('m-{person}', 'o{number}', 'u-{person}', 'owner', '{now}');
             insert into session (id, token, userId, activeOrganizationId, expiresAt, createdAt, updatedAt)
             values ('s-{person}', '{person}', 'u-{person}', 'o{number}', '2099-01-01T00:00:00.000Z', '{now}', '{now}');"
        ))
        .unwrap();
        let columns = json!([{ "name": "g", "type": "text", "nullable": true }, { "name": "n", "type": "integer", "nullable": true }]);
        let dataset = w.made(&person, "/api/datasets", json!({ "name": "d", "columns": columns }))["id"].clone();
        let dashboard = w.made(&person, "/api/dashboards", json!({ "name": "D" }))["id"].clone();
        let drawn =
            json!({ "dashboardId": dashboard, "title": "W", "kind": "bar", "config": { "sql": "select g, n from d" } });
        w.made(&person, "/api/widgets", drawn);
        for (at, sql) in AUTOMATIONS.iter().enumerate() {
            let url = format!("https://example.com/{number}/{at}");
            let channels =
                json!([{ "type": "email", "to": [format!("{person}@x.co")] }, { "type": "webhook", "url": url }]);
            let config = match sql {
                Some(sql) => json!({
                    "type": "threshold_alert", "datasetId": dataset, "sql": sql, "operator": "gt", "threshold": 10,
                    "recoverThreshold": 6, "pendingRuns": 1 + self.dice.below(2), "clearRuns": 1 + self.dice.below(2),
                    "noData": self.dice.one_of(&["ok", "alert", "keep"]),
                    "onError": self.dice.one_of(&["notify", "alert", "keep"]), "channels": channels,
                }),
                None => json!({
                    "type": "scheduled_report", "dashboardId": dashboard, "channels": channels,
                    "format": self.dice.one_of(&["csv", "json", "html"]),
                }),
            };
            let schedule = json!({
                "cron": self.dice.one_of(CRONS), "timeZone": self.dice.one_of(ZONES),
                "missed": self.dice.one_of(&["skip", "latest", "all"]), "catchUpMinutes": self.dice.one_of(&[10, 120, 1440]),
            });
            let new = json!({ "name": format!("a{at}"), "config": config, "schedule": schedule });
            w.made(&person, "/api/automations", new);
        }
        self.datasets.push((person, dataset));
    }

    /// The core at this instant, as each tick and each message is given it.
    fn app(&self) -> App {
        let databases = Databases { sql: self.sql.clone(), stores: self.w.stores.clone() };
        let App { config, random, runtime, .. } = self.w.app.clone();
        let told = self.receivers.clone();
        App::new(databases, told.clone(), Some(told), config, random, runtime, self.now)
            .queued_by(Some(self.queue.clone()))
    }

    /// One minute's cron trigger.
    fn tick(&mut self) {
        let (app, purges) = (self.app(), self.dice.is_one_in(60));
        self.tasks.push(Box::pin(async move {
            let _ = tick(&app).await;
            let _ = sweep(&app).await;
            if purges {
                let _ = purge(&app).await;
            }
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
                self.messages += 1;
                let (app, message) = (self.app(), message.clone());
                self.tasks.push(Box::pin(async move {
                    let left = match receive(&app, &message).await {
                        Ok(next) => next.into_iter().collect(),
                        Err(_) => vec![message],
                    };
                    let _ = sweep(&app).await;
                    left
                }));
            }
        }
    }

    /// Lets a task go on to where it waits next. Some die there.
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

    /// New rows for one organization: of some groups, of none, and now and then none at all.
    fn put_rows(&self) {
        let (person, dataset) = &self.datasets[usize::try_from(self.dice.below(self.datasets.len() as u64)).unwrap()];
        let groups = ["a", "b", "c"].into_iter().filter(|_| !self.dice.is_one_in(3));
        let rows: Vec<_> = groups.map(|group| json!({ "g": group, "n": self.dice.below(20) })).collect();
        let path = format!("/api/datasets/{}/replace", dataset.as_str().unwrap());
        assert_eq!(self.w.send(person, "POST", &path, json!({ "rows": rows })).0, 200);
    }

    /// A step of a bad life.
    fn step(&mut self) {
        let seconds = match self.dice.below(1000) {
            0 => 86_400 * (1 + self.dice.below(7)),
            1..10 => 3600 * (1 + self.dice.below(12)),
            10..200 => 60 * (1 + self.dice.below(30)),
            _ => 60,
        };
        self.pass(i64::try_from(seconds).unwrap());
        if self.dice.is_one_in(400) {
            self.away_until = self.now.plus_s(3600 * i64::try_from(self.dice.below(6)).unwrap());
        }
        if self.now < self.away_until {
            self.w.stores.fail_next(usize::MAX);
        } else {
            self.w.stores.fail_next(0);
            if self.dice.is_one_in(4) {
                self.put_rows();
            }
            self.w.stores.fail_next(usize::from(self.dice.is_one_in(50)));
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

    fn pass(&mut self, seconds: i64) {
        self.now = self.now.plus_s(seconds);
        self.w.app.now = self.now;
    }

    /// A bad life for as long as a chapter takes; and then a good one, until nothing waits, and nothing is on its way. Gives
    /// how many steps it took.
    fn chapter(&mut self) -> u64 {
        self.sql.one_in.set(60);
        self.receivers.one_in.set(4);
        let (end, mut steps) = (self.now.plus_s(CHAPTER_S), 0);
        while self.now < end {
            self.step();
            steps += 1;
        }
        self.sql.one_in.set(0);
        self.receivers.one_in.set(0);
        self.w.stores.fail_next(0);
        (0..36).for_each(|_| self.good_minutes(60));
        (0..40).for_each(|_| self.good_minutes(1));
        while purge(&self.w.app).now_or_never().unwrap().unwrap() > 0 {}
        steps
    }

    fn good_minutes(&mut self, minutes: i64) {
        self.pass(60 * minutes);
        self.tick();
        while !self.tasks.is_empty() || !self.queue.0.borrow().is_empty() {
            self.deliver(|_| 1);
            while !self.tasks.is_empty() {
                self.go_on(0);
            }
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

#[test]
fn every_slot_is_run_once_or_counted_as_missed_and_told_once_whatever_goes_wrong() {
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
    let begun = simulation.now;
    let days = |simulation: &Simulation| (simulation.now.unix_ms() - begun.unix_ms()) / 86_400_000;
    let (mut all, mut steps, mut chapters) = (Totals::default(), 0, 0);
    // The second chapter is the first one that begins with a past.
    while chapters < 2 || years.map_or(all.slots < 10_000, |years| days(&simulation) < 365 * years.cast_signed()) {
        steps += simulation.chapter();
        simulation.look(&mut all);
        chapters += 1;
        println!("{} days, {steps} steps, {} messages: {all}", days(&simulation), simulation.messages);
    }
    assert!(years.is_some() || all.slots >= 10_000, "{all}");
}
