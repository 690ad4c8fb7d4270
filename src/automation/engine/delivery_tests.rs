//! From a schedule to the addresses and URLs: the engine and the outbox together, over SQLite.
use super::{receive, tick};
use crate::{
    delivery::outbox::sweep,
    fetch::{Fetch, FetchError, Incoming, Outgoing},
    house::world::World,
    time::Timestamp,
};
use futures_util::future::LocalBoxFuture;
use pollster::block_on;
use serde_json::{Value, json};
use std::{cell::RefCell, future::ready, rc::Rc};

/// A receiver that takes everything.
#[derive(Default)]
struct Receiver(RefCell<Vec<Value>>);

impl Fetch for Receiver {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        self.0.borrow_mut().push(serde_json::from_str(&request.body.unwrap()).unwrap());
        Box::pin(ready(Ok(Incoming { status: 200, body: vec![] })))
    }
}

/// A world with a dataset and a dashboard, whose automations tell a member and a receiver.
struct Telling {
    w: World,
    receiver: Rc<Receiver>,
    dataset: Value,
    dashboard: Value,
}

impl Telling {
    fn new() -> Self {
        let receiver = Rc::new(Receiver::default());
        let mut w = World::new();
        w.app.fetch = receiver.clone();
        w.db.execute("update user set emailVerified = 1").unwrap();
        let columns = json!([{ "name": "region", "type": "text", "nullable": true }, { "name": "n", "type": "integer", "nullable": true }]);
        let dataset = w.made("owner-a", "/api/datasets", json!({ "name": "sales", "columns": columns }))["id"].clone();
        let dashboard = w.made("owner-a", "/api/dashboards", json!({ "name": "Sales" }))["id"].clone();
        let config = json!({ "sql": "select region, n from sales", "xField": "region", "yField": "n" });
        let widget = json!({ "dashboardId": dashboard, "title": "By region", "kind": "bar", "config": config });
        w.made("owner-a", "/api/widgets", widget);
        let rows = json!({ "rows": [{ "region": "<North>", "n": 7 }, { "region": "South", "n": 5 }] });
        assert_eq!(
            w.send("owner-a", "POST", &format!("/api/datasets/{}/append", dataset.as_str().unwrap()), rows).0,
            200
        );
        Self { w, receiver, dataset, dashboard }
    }

    /// An automation that is due each minute.
    fn automation(&self, name: &str, mut config: Value) -> String {
        config["channels"] = json!([
            { "type": "email", "to": ["member-a@x.co"] }, { "type": "webhook", "url": "https://example.com/hook" },
        ]);
        let new =
            json!({ "name": name, "config": config, "schedule": { "cron": "* * * * *", "timeZone": "Europe/Berlin" } });
        self.w.made("owner-a", "/api/automations", new)["id"].as_str().unwrap().into()
    }

    fn alert(&self) -> String {
        self.automation("Watch", json!({
            "type": "threshold_alert", "datasetId": self.dataset, "sql": "select sum(n) from sales", "operator": "gt",
            "threshold": 10.0, "noData": "ok",
        }))
    }

    fn report(&self, format: &str) -> String {
        let config = json!({ "type": "scheduled_report", "dashboardId": self.dashboard, "format": format });
        self.automation("Weekly", config)
    }

    /// So much later: a tick, its messages, each of them twice, and what they lead to.
    fn later(&mut self, seconds: i64) {
        self.w.app.now = self.w.app.now.plus_s(seconds);
        block_on(tick(&self.w.app)).unwrap();
        self.deliver();
    }

    /// The messages that are there, each of them twice, and what they lead to.
    fn deliver(&self) {
        while let Some(wake) = { self.w.queue.0.borrow_mut().pop() } {
            let next = block_on(receive(&self.w.app, &wake)).unwrap();
            block_on(receive(&self.w.app, &wake)).unwrap();
            self.w.queue.0.borrow_mut().extend(next);
        }
        block_on(sweep(&self.w.app)).unwrap();
    }

    /// The kinds of what the receiver got.
    fn received(&self) -> Vec<String> {
        self.receiver.0.borrow().iter().map(|body| body["type"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn an_alert_reaches_each_channel_once() {
    let mut t = Telling::new();
    t.alert();
    for _ in 0..3 {
        t.later(60);
    }
    assert_eq!(t.received(), ["alert"]);
    let body = t.receiver.0.borrow()[0].clone();
    assert_eq!((&body["title"], &body["text"]), (&json!("Watch: alert"), &json!("12 is above 10.")));
    assert_eq!(body["data"]["run"]["id"], body["runId"]);
    let [mail] = t.w.mails("member-a@x.co").try_into().map_err(|_| "not one mail").unwrap();
    assert_eq!((mail.subject(), mail.text().lines().next()), ("Watch: alert", Some("12 is above 10.")));
    assert_eq!(t.w.db.query("select status, count(*) from delivery group by status"), ["delivered|2"]);
}

#[test]
fn a_report_comes_as_a_page_and_as_a_file() {
    let mut t = Telling::new();
    t.report("html");
    t.later(60);
    assert_eq!(t.received(), ["report"]);
    let file = t.receiver.0.borrow()[0]["data"]["file"].clone();
    assert_eq!(
        (&file["name"], &file["mediaType"]),
        (&json!("sales-2026-01-02.html"), &json!("text/html; charset=utf-8"))
    );
    let page = file["text"].as_str().unwrap();
    assert!(page.contains("<svg") && page.contains("&lt;North&gt;") && !page.contains("<North>"), "{page}");
    assert!(page.contains("2026-01-02 04:05 Europe/Berlin"), "{page}");
    let [mail] = t.w.mails("member-a@x.co").try_into().map_err(|_| "not one mail").unwrap();
    assert!(mail.html().contains("<svg") && mail.html().contains("an automation of A sends"), "{}", mail.html());
    assert_eq!(mail.attachments()[0].name, "sales-2026-01-02.html");
    let runs = t.w.send("owner-a", "GET", "/api/automation-runs", Value::Null).1;
    assert!(!runs.to_string().contains("<svg"), "the run does not keep the file a second time");
}

#[test]
fn a_report_comes_as_csv_and_json_too() {
    for (format, holds) in [
        ("csv", "By region\r\nregion,n\r\n<North>,7\r\nSouth,5\r\n"),
        ("json", "\"rows\":[[\"<North>\",7],[\"South\",5]]"),
    ] {
        let mut t = Telling::new();
        t.report(format);
        t.later(60);
        let [mail] = t.w.mails("member-a@x.co").try_into().map_err(|_| "not one mail").unwrap();
        let [file] = mail.attachments() else { panic!("{format}") };
        assert!(file.text.contains(holds) && file.name.ends_with(format), "{}", file.text);
    }
}

#[test]
fn a_test_reaches_each_channel_says_that_it_is_one_and_changes_nothing_else() {
    let mut t = Telling::new();
    let automation = t.alert();
    t.later(60);
    t.receiver.0.borrow_mut().clear();
    let standing = "select state, failure_count, is_enabled, next_run_at, updated_at from automation";
    let before = t.w.db.query(standing);
    let path = format!("/api/automations/{automation}/test-send");
    assert_eq!(t.w.send("member-a", "POST", &path, Value::Null).1["code"], "FORBIDDEN");
    assert_eq!(t.w.send("owner-b", "POST", &path, Value::Null).1["code"], "ORG_PERMISSION_DENIED");
    let (status, run) = t.w.send("admin-a", "POST", &path, Value::Null);
    assert_eq!(
        (status, &run["isTest"], &run["status"], &run["createdBy"]),
        (200, &json!(true), &json!("queued"), &json!("u-admin-a"))
    );
    t.w.stores.fail_next(100);
    t.deliver();
    assert_eq!(t.received(), ["test"], "nothing is evaluated: the store is not there");
    let body = t.receiver.0.borrow()[0].clone();
    assert_eq!((&body["title"], &body["runId"]), (&json!("Watch: test"), &run["id"]));
    assert!(body["text"].as_str().unwrap().starts_with("This is a test."), "{body}");
    let subjects: Vec<_> = t.w.mails("member-a@x.co").iter().map(|mail| mail.subject().to_owned()).collect();
    assert_eq!(subjects, ["Watch: alert", "Watch: test"]);
    assert_eq!(t.w.db.query(standing), before);
    let shown =
        t.w.send("owner-a", "GET", &format!("/api/automation-runs/{}", run["id"].as_str().unwrap()), Value::Null).1;
    assert_eq!((&shown["status"], &shown["isTest"]), (&json!("succeeded"), &json!(true)));
    assert_eq!(shown["result"], json!({ "notice": shown["result"]["notice"] }));
    assert_eq!(shown["result"]["notice"]["kind"], "test");
}

#[test]
fn a_test_takes_no_slot_of_the_schedule() {
    let mut t = Telling::new();
    let automation = t.alert();
    t.w.app.now = "2026-01-02T03:05:00.000Z".parse().unwrap();
    let (_, run) = t.w.send("owner-a", "POST", &format!("/api/automations/{automation}/test-send"), Value::Null);
    assert_eq!(run["scheduledFor"], "2026-01-02T03:05:00.001Z");
    t.later(0);
    let slots = "select scheduled_for, is_test, status from automation_run order by scheduled_for";
    assert_eq!(t.w.db.query(slots), ["2026-01-02T03:05:00.000Z|0|succeeded", "2026-01-02T03:05:00.001Z|1|succeeded"]);
}

#[test]
fn an_organization_sends_twenty_tests_an_hour() {
    let mut t = Telling::new();
    let path = format!("/api/automations/{}/test-send", t.alert());
    for nth in 0..22 {
        t.w.app.now = Timestamp::from_unix_ms(t.w.app.now.unix_ms() + 1);
        let answer = t.w.answer(&t.w.request("owner-a", "POST", &path, Value::Null));
        let expected = if nth < 20 { (200, None) } else { (429, Some("3600")) };
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), expected, "{nth}");
    }
    assert_eq!(t.w.db.query("select count(*) from automation_run"), ["20"]);
    t.w.app.now = t.w.app.now.plus_s(3600);
    assert_eq!(t.w.send("owner-a", "POST", &path, Value::Null).0, 200);
}

#[test]
fn a_reports_days_are_those_of_the_schedules_zone() {
    let mut t = Telling::new();
    let columns = json!([{ "name": "day", "type": "date", "nullable": true }]);
    let dated = t.w.made("owner-a", "/api/datasets", json!({ "name": "dated", "columns": columns }))["id"].clone();
    // At 23:30 UTC it is the third of January in Berlin: seven days begin with the 28th of December, at 23:00 UTC of the 27th.
    let rows = json!({ "rows": [{ "day": "2025-12-27T22:59:59Z" }, { "day": "2025-12-27T23:00:00Z" }, { "day": "2026-01-02T12:00:00Z" }] });
    assert_eq!(t.w.send("owner-a", "POST", &format!("/api/datasets/{}/append", dated.as_str().unwrap()), rows).0, 200);
    let dashboard = t.w.made("owner-a", "/api/dashboards", json!({ "name": "Dated" }))["id"].clone();
    let widget = json!({
        "dashboardId": dashboard, "title": "n", "kind": "number",
        "config": { "sql": "select day from dated", "aggregate": "count", "timeRange": "all" },
    });
    t.w.made("owner-a", "/api/widgets", widget);
    t.automation(
        "Weekly",
        json!({
            "type": "scheduled_report", "dashboardId": dashboard, "format": "json", "timeRange": "7d",
        }),
    );
    t.w.app.now = "2026-01-02T23:29:30.000Z".parse().unwrap();
    t.later(60);
    let file = t.receiver.0.borrow().last().unwrap()["data"]["file"]["text"].as_str().unwrap().to_owned();
    let report: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(report["widgets"][0]["rows"], json!([[2]]), "{report}");
    assert_eq!(
        (&report["timeRange"], &report["firstDay"], &report["lastDay"]),
        (&json!("7d"), &json!("2025-12-28"), &json!("2026-01-03"))
    );
}

#[test]
fn what_was_missed_is_told() {
    let mut t = Telling::new();
    t.alert();
    t.later(3 * 3600);
    assert!(t.received().contains(&"missed".to_owned()), "{:?}", t.received());
}

#[test]
fn who_changed_the_channels_meanwhile_has_the_new_ones_told() {
    let mut t = Telling::new();
    let automation = t.alert();
    t.w.app.now = t.w.app.now.plus_s(60);
    block_on(tick(&t.w.app)).unwrap();
    let path = format!("/api/automations/{automation}");
    let mut config = t.w.send("owner-a", "GET", &path, Value::Null).1["config"].clone();
    config["channels"] = json!([{ "type": "webhook", "url": "https://example.com/another" }]);
    assert_eq!(t.w.send("owner-a", "PATCH", &path, json!({ "config": config })).0, 200);
    t.later(60);
    assert_eq!(t.w.db.query("select destination ->> '$.url' from delivery"), ["https://example.com/another"]);
}
