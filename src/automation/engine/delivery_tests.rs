//! From a schedule to the addresses and URLs: the engine and the outbox together, over SQLite.
use super::{receive, tick};
use crate::{
    delivery::outbox::sweep,
    fetch::{Fetch, FetchError, Incoming, Outgoing},
    house::world::World,
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
