//! Deliveries, through the whole core over SQLite.
use super::{
    Channel, Notice, NoticeKind,
    notice::{self, Ended},
    sql,
};
use crate::{
    house::world::{NOW, World},
    id::AutomationRunId,
    random::Random,
};
use pollster::block_on;
use serde_json::{Value, json};

/// A run of a new automation of that person's organization.
pub fn run(w: &World, who: &str) -> AutomationRunId {
    let dashboard = w.made(who, "/api/dashboards", json!({ "name": "d" }));
    let config = json!({
        "type": "scheduled_report", "dashboardId": dashboard["id"], "format": "csv",
        "channels": [{ "type": "email", "to": ["ops@example.com"] }],
    });
    let schedule = json!({ "cron": "0 9 * * *", "timeZone": "UTC" });
    let automation = w.made(who, "/api/automations", json!({ "name": "x", "config": config, "schedule": schedule }));
    let id = AutomationRunId::generate(w.app.now, Random::for_tests()).unwrap();
    let (org, automation) = (who.rsplit_once('-').unwrap().1, automation["id"].as_str().unwrap());
    w.db.execute(&format!(
        "insert into automation_run (id, org_id, automation_id, scheduled_for, status, attempt, finished_at, created_at,
            updated_at)
         values ('{id}', '{org}', '{automation}', '{NOW}', 'succeeded', 1, '{now}', '{NOW}', '{NOW}')",
        now = w.app.now
    ))
    .unwrap();
    id
}

pub fn notice() -> Notice {
    let data = json!({ "value": 7 });
    Notice { kind: NoticeKind::Alert, title: "Orders are low".into(), text: "7 is below 10.".into(), data }
}

/// Keeps what the run has to tell, as the batch that ends it does.
pub fn keep(w: &World, who: &str, run: &AutomationRunId, channels: &Value) {
    keep_of_attempt(w, who, run, channels, 1);
}

fn keep_of_attempt(w: &World, who: &str, run: &AutomationRunId, channels: &Value, attempt: u32) {
    let channels: Vec<Channel> = serde_json::from_value(channels.clone()).unwrap();
    let org = who.rsplit_once('-').unwrap().1.to_owned().into();
    let db = w.app.engine(&org);
    let ended = Ended { run, attempt };
    let both = notice::keep(&w.app, &db, ended, &channels, &notice()).unwrap();
    block_on(db.batch(both.into())).unwrap();
}

/// A delivery to that URL, kept for a new run.
pub fn to_url(w: &World, who: &str, url: &str) -> Value {
    let run = run(w, who);
    keep(w, who, &run, &json!([{ "type": "webhook", "url": url }]));
    w.send(who, "GET", &format!("/api/deliveries?runId={run}"), Value::Null).1["items"][0].clone()
}

#[test]
fn what_a_run_has_to_tell_is_kept_once_for_each_address_and_url() {
    let w = World::new();
    let run = run(&w, "owner-a");
    let channels = json!([
        { "type": "email", "to": ["a@example.com", "b@example.com", "a@example.com"] },
        { "type": "webhook", "url": "https://example.com/hook" },
        { "type": "email", "to": ["b@example.com"] },
    ]);
    for _ in 0..3 {
        keep(&w, "owner-a", &run, &channels);
    }
    let (_, page) = w.send("member-a", "GET", &format!("/api/deliveries?runId={run}"), Value::Null);
    let mut to: Vec<_> = page["items"].as_array().unwrap().iter().map(|row| row["destination"].to_string()).collect();
    to.sort();
    assert_eq!(
        to,
        [
            r#"{"to":"a@example.com","type":"email"}"#,
            r#"{"to":"b@example.com","type":"email"}"#,
            r#"{"type":"webhook","url":"https://example.com/hook"}"#,
        ]
    );
    assert_eq!(w.db.query("select count(*) from notice"), ["1"]);
}

#[test]
fn a_run_that_has_not_ended_so_tells_nothing() {
    let mut w = World::new();
    let channels = json!([{ "type": "webhook", "url": "https://example.com/hook" }]);
    let taken = run(&w, "owner-a");
    keep_of_attempt(&w, "owner-a", &taken, &channels, 2);
    keep(&w, "owner-b", &taken, &channels);
    w.db.execute("update automation_run set finished_at = null").unwrap();
    keep(&w, "owner-a", &taken, &channels);
    let earlier = run(&w, "owner-a");
    w.app.now = w.app.now.plus_s(1);
    keep(&w, "owner-a", &earlier, &channels);
    assert_eq!(w.db.query("select count(*) from notice union all select count(*) from delivery"), ["0", "0"]);
}

#[test]
fn a_delivery_is_listed_and_shown() {
    let w = World::new();
    let made = to_url(&w, "owner-a", "https://example.com/hook");
    let path = format!("/api/deliveries/{}", made["id"].as_str().unwrap());
    let expected = json!({
        "id": made["id"], "runId": made["runId"], "kind": "alert", "title": "Orders are low", "status": "pending",
        "destination": { "type": "webhook", "url": "https://example.com/hook" }, "attempt": 0, "nextAttemptAt": NOW, "attempts": [],
        "error": null, "deliveredAt": null, "createdBy": null, "createdAt": NOW, "updatedAt": NOW,
    });
    assert_eq!(made, expected);
    let mut shown = expected;
    shown["text"] = json!("7 is below 10.");
    shown["data"] = json!({ "value": 7 });
    assert_eq!(w.send("member-a", "GET", &path, Value::Null), (200, shown));
    let list =
        |query: &str| w.send("owner-a", "GET", &format!("/api/deliveries?{query}"), Value::Null).1["items"].clone();
    assert_eq!(list("status=pending"), json!([made]));
    assert_eq!(list("status=dead"), json!([]));
    assert_eq!(list("runId=run_0190a6b7c8d97e0f8a1b2c3d4e5f6071"), json!([]));
}

#[test]
fn each_filter_finds_its_deliveries_by_an_index() {
    let mut w = World::new();
    let old = to_url(&w, "owner-a", "https://example.com/1");
    w.app.now = w.app.now.plus_s(1);
    let new = to_url(&w, "owner-a", "https://example.com/2");
    to_url(&w, "owner-b", "https://example.com/3");
    let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
    let die = "status = 'dead', next_attempt_at = null";
    w.db.execute(&format!("update delivery set {die} where id = '{}'", id(&old))).unwrap();
    let list = |query: &str| {
        let (_, page) = w.send("owner-a", "GET", &format!("/api/deliveries?{query}"), Value::Null);
        page["items"].as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    let run = old["runId"].as_str().unwrap();
    assert_eq!(list(""), [id(&new), id(&old)]);
    assert_eq!(list(&format!("cursor={}", id(&new))), [id(&old)]);
    assert_eq!(list(&format!("runId={run}")), [id(&old)]);
    assert_eq!((list("status=dead"), list("status=pending")), (vec![id(&old)], vec![id(&new)]));
    assert_eq!(list(&format!("runId={run}&status=dead")), [id(&old)]);
    assert_eq!(list(&format!("runId={run}&status=pending")), [""; 0]);
    for (sql, index) in [
        (&sql::LIST, "(org_id=? AND id<?)"),
        (&sql::LIST_OF_RUN, "d USING INDEX sqlite_autoindex_delivery_3 (org_id=? AND run_id=?)"),
        (&sql::LIST_OF_STATUS, "(org_id=? AND status=? AND id<?)"),
        (&sql::LIST_OF_RUN_AND_STATUS, "d USING INDEX sqlite_autoindex_delivery_3 (org_id=? AND run_id=?)"),
    ] {
        let plan = w.db.query(&format!("explain query plan {}", sql.text())).join("\n");
        assert!(plan.contains(index), "{plan}");
    }
}

#[test]
fn a_delivery_is_its_organizations_alone() {
    let w = World::new();
    let made = to_url(&w, "owner-a", "https://example.com/hook");
    let path = format!("/api/deliveries/{}", made["id"].as_str().unwrap());
    let absent = w.send("owner-b", "GET", "/api/deliveries/dlv_0190a6b7c8d97e0f8a1b2c3d4e5f6071", Value::Null);
    assert_eq!(w.send("owner-b", "GET", &path, Value::Null), absent);
    assert_eq!(absent.0, 404);
    assert_eq!(w.send("owner-b", "GET", "/api/deliveries", Value::Null).1["items"], json!([]));
    let before = w.db.dump();
    let resend = |who: &str| w.send(who, "POST", &format!("{path}/resend"), Value::Null);
    assert_eq!(resend("owner-b").1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(resend("member-a").1["code"], "FORBIDDEN");
    assert_eq!(w.db.dump(), before);
}

#[test]
fn a_dead_delivery_is_sent_again_and_no_other() {
    let w = World::new();
    let made = to_url(&w, "owner-a", "https://example.com/hook");
    let id = made["id"].as_str().unwrap();
    let resend = || w.send("owner-a", "POST", &format!("/api/deliveries/{id}/resend"), Value::Null);
    assert_eq!(resend(), (200, made.clone()), "what waits goes on waiting");
    let is = |columns: &str| w.db.execute(&format!("update delivery set {columns} where id = '{id}'")).unwrap();
    is("status = 'sending', lease = 'x'");
    assert_eq!(resend().1["code"], "CONFLICT");
    is("status = 'delivered', lease = null, next_attempt_at = null, delivered_at = updated_at");
    assert_eq!(resend().1["code"], "CONFLICT");
    is("status = 'dead', delivered_at = null, attempt = 8, error = 'HTTP_500'");
    let (status, again) = resend();
    assert_eq!((status, &again["status"], &again["attempt"]), (200, &json!("pending"), &json!(0)));
    assert_eq!((&again["id"], &again["error"], &again["nextAttemptAt"]), (&made["id"], &Value::Null, &json!(NOW)));
}

#[test]
fn deliveries_go_with_their_run_and_their_organization() {
    let w = World::new();
    let (gone, stays) = (run(&w, "owner-a"), run(&w, "owner-b"));
    let channels = json!([{ "type": "webhook", "url": "https://example.com" }]);
    keep(&w, "owner-a", &gone, &channels);
    keep(&w, "owner-b", &stays, &channels);
    w.db.execute(&format!("delete from automation_run where id = '{gone}'")).unwrap();
    assert_eq!(w.db.query("select run_id from delivery"), [stays.to_string()]);
    assert_eq!(w.db.query("select run_id from notice"), [stays.to_string()]);
    w.db.execute("delete from organization where id = 'b'").unwrap();
    assert_eq!(w.db.query("select count(*) from delivery"), ["0"]);
}

#[test]
fn the_database_itself_refuses_a_delivery_of_another_organizations_run() {
    let w = World::new();
    let run = run(&w, "owner-a");
    keep(&w, "owner-a", &run, &json!([{ "type": "webhook", "url": "https://example.com" }]));
    for change in ["org_id = 'b'", "status = 'lost'", "next_attempt_at = null", "lease = 'x'", "destination = 'x'"] {
        w.db.execute(&format!("update delivery set {change}")).unwrap_err();
    }
}

#[test]
fn every_operation_costs_one_call_beside_the_gates() {
    let w = World::new();
    let made = to_url(&w, "owner-a", "https://example.com/hook");
    let path = format!("/api/deliveries/{}", made["id"].as_str().unwrap());
    w.each_is_one_call(&[
        ("GET", "/api/deliveries", Value::Null),
        ("GET", &path, Value::Null),
        ("POST", &format!("{path}/resend"), Value::Null),
    ]);
}
