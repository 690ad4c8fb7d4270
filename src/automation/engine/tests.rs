//! The engine over SQLite: ticks, messages, runs.
use super::{MAX_FAILURES, gate, receive, tick};
use crate::{
    access::{App, Databases},
    db::{Rows, Sql, SqlError, Statement, sqlite::Sqlite},
    house::world::{NOW, World},
    queue::Wake,
    time::Timestamp,
};
use futures_util::future::LocalBoxFuture;
use pollster::block_on;
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// A new alert of the person's organization, on a dataset of its own: its id.
fn alert(w: &World, who: &str, cron: &str) -> String {
    let columns = json!([{ "name": "n", "type": "integer", "nullable": true }]);
    let dataset = w.made(who, "/api/datasets", json!({ "name": "d", "columns": columns }))["id"].clone();
    let config = json!({
        "type": "threshold_alert", "datasetId": dataset, "sql": "select 1", "operator": "gt", "threshold": 10,
        "noData": "ok", "channels": [{ "type": "email", "to": ["ada@example.com"] }],
    });
    let new = json!({ "name": "x", "config": config, "schedule": { "cron": cron, "timeZone": "UTC" } });
    w.made(who, "/api/automations", new)["id"].as_str().unwrap().to_owned()
}

/// A world at an instant, with a dataset of `count` numbers and an alert on how many there are.
struct Alerts {
    w: World,
    dataset: String,
    automation: Value,
}

impl Alerts {
    fn new(who: &str, fields: Value) -> Self {
        let w = World::new();
        let columns = json!([{ "name": "region", "type": "text", "nullable": true }, { "name": "n", "type": "integer", "nullable": true }]);
        let dataset = w.made("owner-a", "/api/datasets", json!({ "name": "sales", "columns": columns }))["id"].clone();
        let mut config = json!({
            "type": "threshold_alert", "datasetId": dataset, "sql": "select sum(n) from sales", "operator": "gt",
            "threshold": 10.0, "noData": "ok", "channels": [{ "type": "email", "to": ["ada@example.com"] }],
        });
        config.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let schedule = json!({ "cron": "* * * * *", "timeZone": "UTC" });
        let automation =
            w.made(who, "/api/automations", json!({ "name": "Watch", "config": config, "schedule": schedule }));
        Self { w, dataset: dataset.as_str().unwrap().into(), automation }
    }

    fn put(&self, rows: Value) {
        let path = format!("/api/datasets/{}/replace", self.dataset);
        let (status, answer) = self.w.send("owner-a", "POST", &path, json!({ "rows": rows }));
        assert_eq!(status, 200, "{answer}");
    }

    /// A minute later: a tick, and its messages until none is left.
    fn minute(&mut self) {
        self.later(60);
    }

    fn later(&mut self, seconds: i64) {
        self.w.app.now = self.w.app.now.plus_s(seconds);
        block_on(tick(&self.w.app)).unwrap();
        self.deliver();
    }

    fn deliver(&self) {
        while let Some(wake) = { self.w.queue.0.borrow_mut().pop() } {
            let next = block_on(receive(&self.w.app, &wake)).unwrap();
            self.w.queue.0.borrow_mut().extend(next);
        }
    }

    fn path(&self) -> String {
        format!("/api/automations/{}", self.automation["id"].as_str().unwrap())
    }

    fn runs(&self) -> Vec<Value> {
        let (_, mut page) = self.w.send("owner-a", "GET", "/api/automation-runs?limit=100", Value::Null);
        let mut runs = page["items"].as_array_mut().unwrap().clone();
        runs.sort_by_key(|run| run["scheduledFor"].as_str().unwrap().to_owned());
        runs
    }

    /// The last run's status and the kind of its notice.
    fn last(&self) -> (String, Option<String>) {
        let last = self.runs().pop().unwrap();
        let kind = last["result"]["notice"]["kind"].as_str().map(str::to_owned);
        (last["status"].as_str().unwrap().to_owned(), kind)
    }

    /// The last run, with its evidence.
    fn shown(&self) -> Value {
        let id = self.runs().pop().unwrap()["id"].as_str().unwrap().to_owned();
        self.w.send("owner-a", "GET", &format!("/api/automation-runs/{id}"), Value::Null).1
    }

    fn status(&self) -> Value {
        self.w.send("member-a", "GET", &format!("{}/status", self.path()), Value::Null).1
    }
}

fn is(status: &str, kind: Option<&str>) -> (String, Option<String>) {
    (status.to_owned(), kind.map(str::to_owned))
}

#[test]
fn an_alert_fires_once_and_recovers_once_with_evidence() {
    let mut a = Alerts::new("member-a", json!({ "recoverThreshold": 5.0 }));
    assert_eq!(a.status()["nextRunAt"], "2026-01-02T03:05:00.000Z");
    a.put(json!([{ "n": 7 }]));
    a.minute();
    assert_eq!(a.last(), is("succeeded", None));
    a.put(json!([{ "n": 7 }, { "n": 5 }]));
    a.minute();
    assert_eq!(a.last(), is("succeeded", Some("alert")));
    let run = a.shown();
    let result = &run["result"];
    assert_eq!((&result["values"], &result["phase"]), (&json!([{ "group": "", "value": 12.0 }]), &json!("firing")));
    assert_eq!(
        (&result["evidence"]["rows"], &run["scheduledFor"]),
        (&json!([[12]]), &json!("2026-01-02T03:06:00.000Z"))
    );
    assert_eq!(result["evidence"]["statementHash"].as_str().unwrap().len(), 32);
    assert!(result["evidence"]["datasetVersions"][&a.dataset].is_u64());
    assert_eq!(
        (&result["notice"]["title"], &result["notice"]["text"]),
        (&json!("Watch: alert"), &json!("12 is above 10."))
    );
    for n in [9, 11, 9] {
        a.put(json!([{ "n": n }]));
        a.minute();
        assert_eq!(a.last(), is("succeeded", None), "{n}");
    }
    a.put(json!([{ "n": 5 }]));
    a.minute();
    assert_eq!(a.last(), is("succeeded", Some("recovery")));
    let notice = a.runs().pop().unwrap()["result"]["notice"].clone();
    assert_eq!(
        (&notice["text"], &notice["data"]["changes"][0]["afterSeconds"]),
        (&json!("well again with 5, after 4 min."), &json!(240))
    );
    assert_eq!(a.status()["state"]["series"][""]["phase"], "ok");
}

#[test]
fn each_group_alerts_by_itself() {
    let mut a = Alerts::new("owner-a", json!({ "sql": "select region, sum(n) from sales group by region" }));
    a.put(json!([{ "region": "north", "n": 11 }, { "region": "south", "n": 1 }]));
    a.minute();
    assert_eq!(a.runs()[0]["result"]["notice"]["text"], "north: 11 is above 10.");
    a.put(json!([{ "region": "south", "n": 12 }]));
    a.minute();
    let notice = a.runs().pop().unwrap()["result"]["notice"].clone();
    assert_eq!(notice["text"], "south: 12 is above 10.\nnorth: well again with no data, after 1 min.");
    assert_eq!(a.status()["state"]["series"].as_object().unwrap().keys().collect::<Vec<_>>(), ["south"]);
}

#[test]
fn a_message_that_comes_again_or_from_elsewhere_does_nothing() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.w.app.now = a.w.app.now.plus_s(60);
    block_on(tick(&a.w.app)).unwrap();
    let sent = a.w.queue.0.borrow().clone();
    assert_eq!(sent.len(), 1);
    assert_eq!(block_on(tick(&a.w.app)).unwrap(), 0, "one is under way");
    a.deliver();
    let before = a.w.db.dump();
    let real = &sent[0];
    let [other, absent]: [Wake; 2] = [
        serde_json::from_value(json!({ "orgId": "b", "id": real.id, "slot": real.slot })).unwrap(),
        serde_json::from_value(json!({ "orgId": "a", "id": format!("au_{:032x}", 7), "slot": real.slot })).unwrap(),
    ];
    let future = Wake { slot: real.slot.plus_s(60), ..real.clone() };
    let never = Wake { slot: "2026-01-02T03:05:30.000Z".parse().unwrap(), ..real.clone() };
    for wake in [real.clone(), real.clone(), other, absent, future, never] {
        assert_eq!(block_on(receive(&a.w.app, &wake)).unwrap(), None);
        assert_eq!(a.w.db.dump(), before, "{wake:?}");
    }
}

#[test]
fn it_runs_with_the_rights_that_its_owner_has_now() {
    for change in [
        "delete from member where userId = 'u-member-a'",
        "delete from user where id = 'u-member-a'",
        "update member set role = 'nothing' where userId = 'u-member-a'",
        "update member set organizationId = 'b' where userId = 'u-member-a'",
    ] {
        let mut a = Alerts::new("member-a", json!({}));
        a.minute();
        assert_eq!(a.last(), is("succeeded", None));
        a.w.db.execute(change).unwrap();
        a.minute();
        assert_eq!(a.last(), is("failed", Some("paused")), "{change}");
        let status = a.w.send("owner-a", "GET", &format!("{}/status", a.path()), Value::Null).1;
        assert_eq!((&status["isEnabled"], &status["nextRunAt"]), (&json!(false), &Value::Null));
        assert!(a.runs().pop().unwrap()["result"]["evidence"].is_null());
        a.later(3600);
        assert_eq!(a.runs().len(), 2);
        // Who switches it on is whom it runs as.
        assert_eq!(a.w.send("admin-a", "PATCH", &a.path(), json!({ "isEnabled": true })).0, 200);
        a.minute();
        assert_eq!(a.last(), is("succeeded", Some("recovery")), "{change}");
    }
}

#[test]
fn what_fails_again_and_again_is_switched_off() {
    let mut a = Alerts::new("owner-a", json!({ "sql": "select n from sales" }));
    a.put(json!([{ "n": 1 }, { "n": 2 }]));
    for nth in 1..=MAX_FAILURES {
        a.minute();
        let kind = if nth == 1 {
            Some("failure")
        } else if nth == MAX_FAILURES {
            Some("paused")
        } else {
            None
        };
        assert_eq!(a.last(), is("failed", kind), "{nth}");
        assert_eq!(a.runs().pop().unwrap()["attempt"], 1, "nothing would be better at another attempt");
    }
    assert_eq!((&a.status()["isEnabled"], &a.status()["failureCount"]), (&json!(false), &json!(5)));
    a.later(86_400);
    assert_eq!(a.runs().len(), 5);
}

#[test]
fn a_failure_means_what_the_config_says() {
    for (on_error, fails, works) in [
        (Value::Null, Some("failure"), Some("recovery")),
        (json!("notify"), Some("failure"), Some("recovery")),
        (json!("alert"), Some("alert"), Some("recovery")),
        (json!("keep"), None, None),
    ] {
        let mut a = Alerts::new("owner-a", json!({ "sql": "select n from sales", "onError": on_error }));
        a.put(json!([{ "n": 1 }, { "n": 2 }]));
        a.minute();
        assert_eq!(a.last(), is("failed", fails), "{on_error}");
        let result = a.runs().pop().unwrap()["result"].take();
        assert_eq!((&result["phase"], &a.status()["phase"]), (&json!("error"), &json!("error")));
        a.minute();
        assert_eq!(a.last(), is("failed", None), "{on_error}: it was told");
        a.put(json!([{ "n": 1 }]));
        a.minute();
        assert_eq!(a.last(), is("succeeded", works), "{on_error}");
        assert_eq!(a.status()["phase"], "ok");
        a.put(json!([{ "n": 1 }, { "n": 2 }]));
        (1..MAX_FAILURES).for_each(|_| a.minute());
        a.minute();
        assert_eq!(a.last(), is("failed", Some("paused")), "{on_error}: whatever it says");
    }
}

#[test]
fn an_alert_that_could_not_be_looked_at_is_not_well_again_because_it_can() {
    for (n, kind, phase) in [(11, "reminder", "firing"), (9, "recovery", "ok")] {
        let mut a = Alerts::new("owner-a", json!({ "sql": "select n from sales" }));
        a.put(json!([{ "n": 11 }]));
        a.minute();
        a.put(json!([{ "n": 1 }, { "n": 2 }]));
        a.minute();
        let status = a.status();
        assert_eq!((&status["phase"], &status["state"]["series"][""]["phase"]), (&json!("error"), &json!("firing")));
        a.put(json!([{ "n": n }]));
        a.minute();
        assert_eq!((a.last(), &a.status()["phase"]), (is("succeeded", Some(kind)), &json!(phase)), "{n}");
    }
}

#[test]
fn a_dataset_that_changes_meanwhile_is_asked_again() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.put(json!([{ "n": 11 }]));
    let defined = |a: &Alerts, at: &str, name: &str| {
        let columns = format!("json_set(columns, '$[0].name', '{name}')");
        a.w.db.execute(&format!("update dataset set updated_at = '{at}', columns = {columns}")).unwrap();
    };
    // The store has heard of the change, and the run has read what was before.
    defined(&a, "2020-01-01T00:00:00.000Z", "area");
    a.w.app.now = a.w.app.now.plus_s(60);
    block_on(tick(&a.w.app)).unwrap();
    a.deliver();
    let run = a.runs().pop().unwrap();
    assert_eq!((&run["status"], &run["error"]), (&json!("queued"), &json!("The dataset has just changed. Try again.")));
    defined(&a, NOW, "region");
    a.minute();
    assert_eq!(a.runs()[0]["result"]["notice"]["kind"], "alert");
}

#[test]
fn whoever_mends_it_hears_how_it_goes_on() {
    let mut a = Alerts::new("owner-a", json!({ "sql": "select n from sales" }));
    a.put(json!([{ "n": 1 }, { "n": 2 }]));
    (0..MAX_FAILURES).for_each(|_| a.minute());
    assert_eq!(a.last(), is("failed", Some("paused")));
    assert_eq!(
        a.shown()["result"]["notice"]["text"],
        "Watch is switched off: config.sql: gives more than one row: a number for each group needs two columns, the group and \
         its number. Switch it on again once that is mended."
    );
    assert_eq!(a.w.send("owner-a", "PATCH", &a.path(), json!({ "isEnabled": true })).0, 200);
    a.minute();
    assert_eq!(a.last(), is("failed", Some("failure")), "it is not mended");
    let mut config = a.automation["config"].clone();
    config["sql"] = json!("select max(n) from sales");
    assert_eq!(a.w.send("owner-a", "PATCH", &a.path(), json!({ "config": config })).0, 200);
    assert_eq!(a.status()["phase"], "error", "until it has run");
    a.minute();
    assert_eq!((a.last(), &a.status()["phase"]), (is("succeeded", Some("recovery")), &json!("ok")));
}

#[test]
fn what_is_due_stays_due_when_the_same_schedule_is_saved_again() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.w.app.now = a.w.app.now.plus_s(60);
    let schedule = a.automation["schedule"].clone();
    let body = json!({ "name": "Renamed", "schedule": schedule });
    assert_eq!(a.w.send("owner-a", "PATCH", &a.path(), body).0, 200);
    assert_eq!(a.status()["nextRunAt"], "2026-01-02T03:05:00.000Z");
    let other = json!({ "cron": "0 * * * *", "timeZone": "UTC" });
    assert_eq!(a.w.send("owner-a", "PATCH", &a.path(), json!({ "schedule": other })).0, 200);
    assert_eq!(a.status()["nextRunAt"], "2026-01-02T04:00:00.000Z");
    a.later(0);
    assert_eq!(a.runs().len(), 0);
}

#[test]
fn a_test_before_the_first_run_leaves_it_as_it_is() {
    let mut a = Alerts::new("owner-a", json!({}));
    assert_eq!(a.w.send("owner-a", "POST", &format!("{}/test-send", a.path()), Value::Null).0, 200);
    a.later(1);
    assert_eq!(a.last(), is("succeeded", Some("test")));
    let status = a.status();
    assert_eq!((&status["phase"], &status["state"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_fails_for_a_moment_is_tried_three_times() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.w.stores.fail_next(2);
    a.minute();
    assert_eq!(a.last(), is("queued", None));
    a.later(30);
    assert_eq!((a.last().0.as_str(), &a.runs()[0]["attempt"]), ("queued", &json!(2)));
    a.w.db.execute("update automation set next_run_at = null").unwrap();
    a.later(180);
    assert_eq!((a.last().0.as_str(), &a.runs()[0]["attempt"]), ("succeeded", &json!(3)));
    a.w.stores.fail_next(100);
    assert_eq!(a.w.send("owner-a", "POST", &format!("{}/run", a.path()), Value::Null).0, 200);
    a.deliver();
    for _ in 0..3 {
        a.later(180);
    }
    assert_eq!(a.last(), is("failed", Some("failure")));
}

#[test]
fn a_run_that_nobody_holds_any_more_is_taken_over() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.w.app.now = a.w.app.now.plus_s(60);
    // The Worker dies while it evaluates.
    a.w.db.execute(&format!(
        "insert into automation_run (id, org_id, automation_id, scheduled_for, status, attempt, lease_until, created_at, updated_at)
         values ('run_{:032x}', 'a', '{}', '2026-01-02T03:04:00.000Z', 'running', 1, '{}', '{NOW}', '{NOW}')",
        1, a.automation["id"].as_str().unwrap(), a.w.app.now.plus_s(100)
    ))
    .unwrap();
    block_on(tick(&a.w.app)).unwrap();
    a.deliver();
    assert_eq!(a.runs().len(), 1, "what is due waits for it");
    a.later(120);
    assert!(a.runs().iter().all(|run| run["status"] == "succeeded"), "{:?}", a.runs());
    assert_eq!((&a.runs()[0]["attempt"], a.runs().len()), (&json!(2), 4));
}

#[test]
fn an_automation_has_one_run_at_a_time() {
    let mut a = Alerts::new("owner-a", json!({}));
    // One that was asked for is held, and is younger than the slot that is due now: that is planned afterwards.
    a.w.db.execute(&format!(
        "insert into automation_run (id, org_id, automation_id, scheduled_for, status, attempt, lease_until, created_at, updated_at)
         values ('run_{:032x}', 'a', '{}', '2026-01-02T03:05:01.000Z', 'running', 1, '{}', '{NOW}', '{NOW}')",
        1,
        a.automation["id"].as_str().unwrap(),
        a.w.app.now.plus_s(130)
    ))
    .unwrap();
    a.minute();
    let status =
        |a: &Alerts| -> Vec<_> { a.runs().iter().map(|run| run["status"].as_str().unwrap().to_owned()).collect() };
    assert_eq!(status(&a), ["running"]);
    a.later(180);
    assert_eq!(status(&a), ["succeeded"; 5]);
}

#[test]
fn a_slot_that_has_a_run_gets_no_second_one() {
    let mut a = Alerts::new("owner-a", json!({}));
    let minute = |minute: u32| format!("2026-01-02T03:{minute:02}:00.000Z");
    a.w.app.now = minute(5).parse().unwrap();
    a.w.db.execute(&format!(
        "insert into automation_run (id, org_id, automation_id, scheduled_for, status, attempt, finished_at, created_at, updated_at)
         values ('run_{:032x}', 'a', '{}', '{}', 'succeeded', 1, '{NOW}', '{NOW}', '{NOW}')",
        1, a.automation["id"].as_str().unwrap(), minute(5)
    ))
    .unwrap();
    a.later(0);
    assert_eq!(a.status()["nextRunAt"], minute(6), "and the schedule goes on");
    // What is asked for at the instant of a slot does not take it.
    a.w.app.now = minute(6).parse().unwrap();
    assert_eq!(a.w.send("owner-a", "POST", &format!("{}/run", a.path()), Value::Null).0, 200);
    a.later(0);
    let due: Vec<_> = a.runs().iter().map(|run| run["scheduledFor"].as_str().unwrap().to_owned()).collect();
    assert_eq!(due, [minute(5), minute(6), "2026-01-02T03:06:00.001Z".into()]);
    assert!(a.runs().iter().all(|run| run["status"] == "succeeded"), "{:?}", a.runs());
}

#[test]
fn what_changed_while_it_was_evaluated_is_evaluated_again() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.put(json!([{ "n": 50 }]));
    a.w.app.now = a.w.app.now.plus_s(60);
    block_on(tick(&a.w.app)).unwrap();
    let mut other = a.automation["config"].clone();
    other["threshold"] = json!(100.0);
    let path = a.path();
    let patch = a.w.request("owner-a", "PATCH", &path, json!({ "config": other }));
    let app = a.w.app.clone();
    a.w.stores.before_next(move || {
        let (answer, _) = block_on(crate::routes::answer(&app, &patch));
        assert_eq!(answer.status, 200);
    });
    a.deliver();
    assert_eq!(a.last(), is("succeeded", None), "by the new threshold all is well");
    assert_eq!((&a.runs()[0]["attempt"], a.runs().len()), (&json!(2), 1));
}

/// A database that lets something else happen between its first call and its second.
struct Interrupted {
    db: Rc<Sqlite>,
    calls: Cell<usize>,
    between: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Sql for Interrupted {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, SqlError>> {
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() == 2
            && let Some(between) = self.between.borrow_mut().take()
        {
            between();
        }
        self.db.batch(statements)
    }
}

#[test]
fn who_planned_before_another_moved_on_does_nothing() {
    for (change, expected) in [
        // Another receiver, who comes later, counts the slot as missed.
        (None, vec![("2026-01-02T03:17:00.000Z", "skipped")]),
        // The owner has it run at another time.
        (Some(json!({ "schedule": { "cron": "0 0 * * *", "timeZone": "UTC" } })), vec![]),
    ] {
        let mut a = Alerts::new("owner-a", json!({}));
        let hourly = json!({ "cron": "17 * * * *", "timeZone": "UTC", "missed": "skip" });
        assert_eq!(a.w.send("owner-a", "PATCH", &a.path(), json!({ "schedule": hourly })).0, 200);
        a.w.app.now = "2026-01-02T03:17:05.000Z".parse().unwrap();
        block_on(tick(&a.w.app)).unwrap();
        let wake = a.w.queue.0.borrow_mut().pop().unwrap();
        let mut later = a.w.app.clone();
        later.now = later.now.plus_s(600);
        let (again, patch) = (wake.clone(), change.map(|patch| a.w.request("owner-a", "PATCH", &a.path(), patch)));
        let between = move || match patch {
            Some(patch) => assert_eq!(block_on(crate::routes::answer(&later, &patch)).0.status, 200),
            None => assert_eq!(block_on(receive(&later, &again)).unwrap(), None),
        };
        let sql =
            Interrupted { db: a.w.db.clone(), calls: Cell::new(0), between: RefCell::new(Some(Box::new(between))) };
        let databases = Databases { sql: Rc::new(sql), stores: a.w.stores.clone() };
        let App { fetch, config, random, runtime, now, .. } = a.w.app.clone();
        let app = App::new(databases, fetch, None, config, random, runtime, now);
        block_on(receive(&app, &wake)).unwrap();
        let runs = a.w.db.query("select scheduled_for || '|' || status from automation_run");
        assert_eq!(runs, expected.into_iter().map(|(slot, status)| format!("{slot}|{status}")).collect::<Vec<_>>());
    }
}

#[test]
fn missed_slots_are_counted_and_told() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.minute();
    a.later(3 * 3600);
    let runs = a.runs();
    let skipped: Vec<_> = runs.iter().filter(|run| run["status"] == "skipped").collect();
    assert_eq!(skipped.len(), 1);
    let missed = json!({ "count": 175, "first": "2026-01-02T03:06:00.000Z", "last": "2026-01-02T06:00:00.000Z" });
    assert_eq!(skipped[0]["result"]["missed"], missed);
    let notice = &skipped[0]["result"]["notice"];
    let facts = (&notice["data"]["automation"]["id"], &notice["data"]["run"]["id"]);
    assert_eq!((&notice["kind"], facts), (&json!("missed"), (&a.automation["id"], &skipped[0]["id"])));
    assert_eq!(runs.len(), 1 + 1 + 5, "those of the last five minutes are on time");
}

#[test]
fn a_report_keeps_what_the_dashboard_shows() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.put(json!([{ "n": 50 }]));
    let dashboard = a.w.made("owner-a", "/api/dashboards", json!({ "name": "Sales" }))["id"].clone();
    let widget = json!({ "dashboardId": dashboard, "title": "Sum", "kind": "number", "config": { "sql": "select sum(n) as total from sales" } });
    a.w.made("owner-a", "/api/widgets", widget);
    let config = json!({
        "type": "scheduled_report", "dashboardId": dashboard, "format": "csv",
        "channels": [{ "type": "email", "to": ["ada@example.com"] }],
    });
    assert_eq!(a.w.send("owner-a", "PATCH", &a.path(), json!({ "config": config })).0, 200);
    a.minute();
    assert_eq!(a.last(), is("succeeded", Some("report")));
    assert_eq!(a.shown()["result"]["evidence"]["dashboard"]["widgets"][0]["result"]["rows"], json!([[50]]));
    assert!(a.runs()[0]["result"]["evidence"].is_null(), "a list of reports is not as large as they are");
    // A report of what could not be looked at is none.
    a.w.app.now = a.w.app.now.plus_s(60);
    block_on(tick(&a.w.app)).unwrap();
    a.w.stores.fail_next(usize::MAX);
    a.deliver();
    let run = a.runs().pop().unwrap();
    assert_eq!((&run["status"], &run["attempt"], &run["result"]), (&json!("queued"), &json!(1), &Value::Null));
    a.w.stores.fail_next(0);
    a.minute();
    assert!(a.runs().iter().all(|run| run["result"]["notice"]["kind"] == "report"), "{:?}", a.runs());
}

#[test]
fn what_is_asked_for_is_bounded() {
    for (what, max) in [("run", 60), ("test-send", 20)] {
        let mut a = Alerts::new("owner-a", json!({}));
        let path = format!("{}/{what}", a.path());
        let ask = |a: &mut Alerts| {
            a.w.app.now = a.w.app.now.plus_s(1);
            a.w.send("owner-a", "POST", &path, Value::Null)
        };
        assert!((0..max).all(|_| ask(&mut a).0 == 200));
        let (status, refused) = ask(&mut a);
        assert_eq!((status, &refused["code"]), (429, &json!("TOO_MANY_REQUESTS")));
        assert!(refused["message"].as_str().unwrap().contains(&max.to_string()), "{refused}");
        let other = if what == "run" { "test-send" } else { "run" };
        assert_eq!(a.w.send("owner-a", "POST", &format!("{}/{other}", a.path()), Value::Null).0, 200, "each by itself");
        a.w.app.now = a.w.app.now.plus_s(3600);
        assert_eq!(ask(&mut a).0, 200);
    }
}

#[test]
fn ones_many_runs_do_not_hold_up_what_waits_for_another_attempt() {
    let w = World::new();
    let [many, one] = ["owner-a", "owner-b"].map(|who| alert(&w, who, "0 0 1 1 *"));
    let wait = |org: &str, id: &str, count: i64, since: &str| {
        w.db.execute(&format!(
            "with recursive n (value) as (select 1 union all select value + 1 from n where value < {0})
             insert into automation_run (id, org_id, automation_id, scheduled_for, status, lease_until, created_at, updated_at)
             select printf('run_%032x', value + {1}), '{org}', '{id}', strftime('%Y-%m-%dT%H:%M:%fZ', '{since}', value || ' seconds'),
                'queued', '{since}', '{NOW}', '{NOW}' from n",
            count, i64::from(org == "b") * 1_000_000
        ))
        .unwrap();
    };
    wait("a", &many, 6000, "2026-01-01T00:00:00.000Z");
    wait("b", &one, 1, "2026-01-02T00:00:00.000Z");
    block_on(tick(&w.app)).unwrap();
    let woken: Vec<_> = w.queue.0.borrow().iter().map(|wake| wake.id.to_string()).collect();
    assert_eq!(woken.len(), 2);
    assert!(woken.contains(&one), "{woken:?}");
}

#[test]
fn one_organizations_many_do_not_hold_up_anothers() {
    let w = World::new();
    let [many, one] = ["owner-a", "owner-b"].map(|who| alert(&w, who, "* * * * *"));
    w.db.execute(&format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)
         insert into automation (id, org_id, name, is_enabled, config, schedule, run_as, created_at, updated_at, next_run_at)
         select printf('au_%032x', i), a.org_id, a.name, 1, a.config, a.schedule, a.run_as, a.created_at, a.updated_at,
            '2026-01-02T00:00:00.000Z' from n, automation a where a.id = '{many}'"
    ))
    .unwrap();
    let mut app = w.app.clone();
    app.now = app.now.plus_s(60);
    let before = w.db.calls.get();
    assert_eq!(block_on(tick(&app)).unwrap(), 2002);
    assert_eq!(w.db.calls.get() - before, 5);
    let at = w.queue.0.borrow().iter().position(|wake| wake.id.to_string() == one).unwrap();
    assert!(at < 500, "{at}: it is among the first");
}

#[test]
fn a_key_has_nothing_run_that_it_does_not_grant() {
    let a = Alerts::new("owner-a", json!({}));
    let permissions = json!({ "automation": ["create", "read", "update", "run"] });
    let key = a.w.send("owner-a", "POST", "/api/api-keys", json!({ "name": "k", "permissions": permissions })).1["key"]
        .clone();
    let send = |method: &str, path: &str, body: Value| {
        let mut request = a.w.request("owner-a", method, path, body);
        request.headers.retain(|(name, _)| name != "cookie");
        request.headers.push(("authorization".into(), format!("Bearer {}", key.as_str().unwrap())));
        let answer = a.w.answer(&request);
        (answer.status.as_u16(), serde_json::from_slice::<Value>(&answer.body).unwrap()["code"].clone())
    };
    let refused = (403, json!("INSUFFICIENT_SCOPE"));
    let new = json!({ "name": "x", "config": a.automation["config"], "schedule": a.automation["schedule"] });
    assert_eq!(send("POST", "/api/automations", new), refused);
    assert_eq!(send("PATCH", &a.path(), json!({ "isEnabled": true })), refused);
    assert_eq!(send("PATCH", &a.path(), json!({ "config": a.automation["config"] })), refused);
    assert_eq!(send("PATCH", &a.path(), json!({ "name": "y" })).0, 200);
}

#[test]
fn runs_go_when_they_have_been_kept_long_enough() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.minute();
    a.w.app.now = a.w.app.now.plus_s(86_400 * 89);
    assert_eq!(block_on(super::purge(&a.w.app)).unwrap(), 0);
    a.w.app.now = a.w.app.now.plus_s(86_400 * 2);
    assert_eq!(block_on(super::purge(&a.w.app)).unwrap(), 1);
    assert_eq!(a.w.db.query("select count(*) from automation_run"), ["0"]);
}

#[test]
fn a_run_is_kept_while_what_it_told_is_on_its_way() {
    for (days, kept) in [(2, Some(1)), (100, None)] {
        let mut a = Alerts::new("owner-a", json!({}));
        a.put(json!([{ "n": 50 }]));
        a.minute();
        let settings = json!({ "runRetentionDays": kept });
        assert_eq!(a.w.send("owner-a", "PATCH", "/api/organization-settings", settings).0, 200);
        a.w.app.now = a.w.app.now.plus_s(86_400 * days);
        assert_eq!(block_on(super::purge(&a.w.app)).unwrap(), 0, "{days}");
        assert_eq!(a.w.db.query("select status from delivery"), ["pending"], "{days}");
        a.w.db.execute("update delivery set status = 'dead', next_attempt_at = null").unwrap();
        assert_eq!(block_on(super::purge(&a.w.app)).unwrap(), 3, "{days}: the run, its notice and its delivery");
    }
}

#[test]
fn a_purge_looks_at_a_runs_own_deliveries_alone() {
    let db = Sqlite::migrated();
    for sql in [&gate::PURGE_RUNS, &gate::PURGE_RUNS_OF_ORGANIZATIONS] {
        let plan = db.query(&format!("explain query plan {}", sql.text())).join("\n");
        for step in ["SEARCH d USING INDEX sqlite_autoindex_delivery_3 (org_id=? AND run_id=?)", "finished_at<?"] {
            assert!(plan.contains(step), "{plan}");
        }
    }
}

#[test]
fn a_test_shows_what_would_be_told_and_tells_nobody() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.put(json!([{ "n": 50 }]));
    let before = a.w.db.dump();
    let test = |who: &str| a.w.send(who, "POST", &format!("{}/test", a.path()), Value::Null);
    let (status, shown) = test("admin-a");
    assert_eq!((status, &shown["result"]["values"][0]["value"]), (200, &json!(50.0)));
    assert_eq!(shown["result"]["notice"]["text"], "50 is above 10.");
    assert_eq!(test("member-a").1["code"], "FORBIDDEN");
    assert_eq!(test("owner-b").1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(a.w.db.dump(), before);
    a.minute();
    assert_eq!(a.last(), is("succeeded", Some("alert")), "it had alerted nobody");
    let (_, shown) = a.w.send("owner-a", "POST", &format!("{}/test", a.path()), Value::Null);
    assert_eq!((&shown["result"]["phase"], &shown["result"]["notice"]), (&json!("firing"), &Value::Null));
}

#[test]
fn a_run_costs_five_calls() {
    let mut a = Alerts::new("owner-a", json!({}));
    a.w.app.now = Timestamp::from_unix_ms(a.w.app.now.unix_ms() + 60_000);
    block_on(tick(&a.w.app)).unwrap();
    let before = a.w.db.calls.get();
    a.deliver();
    assert_eq!(a.w.db.calls.get() - before, 5);
    assert_eq!(a.last().0, "succeeded");
}
