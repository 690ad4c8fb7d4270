//! Automations and their runs, through the whole core over SQLite.
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

/// Ids that have the right shape and no row.
const NO_DATASET: &str = "ds_0190a6b7c8d97e0f8a1b2c3d4e5f6071";
const NO_DASHBOARD: &str = "db_0190a6b7c8d97e0f8a1b2c3d4e5f6071";
const NO_AUTOMATION: &str = "au_0190a6b7c8d97e0f8a1b2c3d4e5f6071";

fn dataset(w: &World, who: &str) -> Value {
    let columns = json!([{ "name": "amount", "type": "decimal", "nullable": false }]);
    w.made(who, "/api/datasets", json!({ "name": "sales", "columns": columns }))["id"].clone()
}

fn dashboard(w: &World, who: &str) -> Value {
    w.made(who, "/api/dashboards", json!({ "name": "Sales" }))["id"].clone()
}

fn alert(dataset: &Value) -> Value {
    json!({
        "type": "threshold_alert", "datasetId": dataset, "sql": "select count(*) from sales", "operator": "lt",
        "threshold": 10.0, "noData": "alert", "channels": [{ "type": "email", "to": ["ada@example.com"] }],
    })
}

fn report(dashboard: &Value) -> Value {
    let channels = json!([{ "type": "webhook", "url": "https://example.com/hook" }]);
    json!({ "type": "scheduled_report", "dashboardId": dashboard, "format": "html", "channels": channels })
}

fn automation(config: Value) -> Value {
    json!({ "name": "Watch", "config": config, "schedule": { "cron": "0 8 * * MON", "timeZone": "Europe/Berlin" } })
}

fn path(automation: &Value) -> String {
    format!("/api/automations/{}", automation["id"].as_str().unwrap())
}

/// A run of the automation, as the schedule will make it.
fn run(w: &World, org: &str, automation: &Value, number: u8, status: &str) -> String {
    let id = format!("run_{number:032x}");
    let automation = automation["id"].as_str().unwrap();
    w.db.execute(&format!(
        "insert into automation_run (id, org_id, automation_id, scheduled_for, status, attempt, started_at, result,
            created_at, updated_at)
         values ('{id}', '{org}', '{automation}', '2026-01-02T00:{number:02}:00.000Z', '{status}', 1, '{NOW}',
            '{{\"value\":7}}', '{NOW}', '{NOW}')"
    ))
    .unwrap();
    id
}

#[test]
fn an_automation_from_birth_to_death() {
    let w = World::new();
    let (dataset, dashboard) = (dataset(&w, "owner-a"), dashboard(&w, "owner-a"));
    let made = w.made("member-a", "/api/automations", automation(alert(&dataset)));
    assert_eq!((&made["createdBy"], &made["createdAt"]), (&json!("u-member-a"), &json!(NOW)));
    assert_eq!((&made["isEnabled"], &made["config"]), (&json!(true), &alert(&dataset)));
    assert_eq!(w.send("admin-a", "GET", &path(&made), Value::Null), (200, made.clone()));
    let patch = json!({ "isEnabled": false, "config": report(&dashboard) });
    let (status, changed) = w.send("admin-a", "PATCH", &path(&made), patch.clone());
    assert_eq!((status, &changed["isEnabled"], &changed["config"]), (200, &patch["isEnabled"], &patch["config"]));
    assert_eq!((&changed["name"], &changed["schedule"]), (&made["name"], &made["schedule"]));
    let (_, page) = w.send("member-a", "GET", "/api/automations", Value::Null);
    assert_eq!(page, json!({ "items": [changed], "nextCursor": null }));
    assert_eq!(w.send("owner-a", "DELETE", &path(&made), Value::Null).0, 200);
    assert_eq!(w.send("owner-a", "GET", &path(&made), Value::Null).0, 404);
}

#[test]
fn what_a_config_names_must_be_the_organizations_own() {
    let w = World::new();
    let ours = dataset(&w, "owner-a");
    let (their_dataset, their_dashboard) = (dataset(&w, "owner-b"), dashboard(&w, "owner-b"));
    let made = w.made("owner-a", "/api/automations", automation(alert(&ours)));
    let before = w.db.dump();
    for (config, field, problem) in [
        (alert(&their_dataset), "config.datasetId", "no such dataset in your organization"),
        (alert(&json!(NO_DATASET)), "config.datasetId", "no such dataset in your organization"),
        (report(&their_dashboard), "config.dashboardId", "no such dashboard in your organization"),
        (report(&json!(NO_DASHBOARD)), "config.dashboardId", "no such dashboard in your organization"),
    ] {
        let error = json!({ "code": "INVALID_INPUT", "field": field, "message": format!("{field}: {problem}") });
        assert_eq!(w.send("owner-a", "POST", "/api/automations", automation(config.clone())), (400, error.clone()));
        assert_eq!(w.send("owner-a", "PATCH", &path(&made), json!({ "config": config })), (400, error));
    }
    assert_eq!(w.db.dump(), before);
}

#[test]
fn the_database_itself_refuses_a_config_that_names_another_organizations_row() {
    let w = World::new();
    let (ours, theirs) = (dataset(&w, "owner-a"), dataset(&w, "owner-b"));
    let made = w.made("owner-a", "/api/automations", automation(alert(&ours)));
    let id = made["id"].as_str().unwrap();
    for change in [
        format!("config = json_set(config, '$.datasetId', {theirs})"),
        format!("config = json_set(config, '$.dashboardId', '{NO_DASHBOARD}')"),
        "org_id = 'b'".into(),
    ] {
        let change = change.replace('"', "'");
        let error = w.db.execute(&format!("update automation set {change} where id = '{id}'")).unwrap_err().to_string();
        assert!(error.contains("FOREIGN KEY constraint failed"), "{change}: {error}");
    }
    w.db.execute(&format!("update automation set config = 'no json' where id = '{id}'")).unwrap_err();
}

#[test]
fn what_an_automation_needs_stays_as_long_as_it_does() {
    let w = World::new();
    let (dataset, dashboard) = (dataset(&w, "owner-a"), dashboard(&w, "owner-a"));
    let watch = w.made("owner-a", "/api/automations", automation(alert(&dataset)));
    let send = w.made("owner-a", "/api/automations", automation(report(&dashboard)));
    for (needed, by) in [
        (format!("/api/datasets/{}", dataset.as_str().unwrap()), watch),
        (format!("/api/dashboards/{}", dashboard.as_str().unwrap()), send),
    ] {
        let before = w.db.dump();
        let (status, error) = w.send("owner-a", "DELETE", &needed, Value::Null);
        assert_eq!((status, &error["code"]), (409, &json!("CONFLICT")), "{error}");
        assert_eq!(w.db.dump(), before);
        assert_eq!(w.send("owner-a", "DELETE", &path(&by), Value::Null).0, 200);
        assert_eq!(w.send("owner-a", "DELETE", &needed, Value::Null).0, 200);
    }
}

#[test]
fn runs_are_listed_newest_first_and_shown() {
    let w = World::new();
    let dataset = dataset(&w, "owner-a");
    let [first, second] = [0, 1].map(|_| w.made("owner-a", "/api/automations", automation(alert(&dataset))));
    let runs = [(&first, 1, "succeeded"), (&second, 2, "failed"), (&first, 3, "queued")];
    let [oldest, other, newest] = runs.map(|(automation, number, status)| run(&w, "a", automation, number, status));
    let list = |who: &str, query: &str| {
        let (status, page) = w.send(who, "GET", &format!("/api/automation-runs?{query}"), Value::Null);
        assert_eq!(status, 200, "{page}");
        let ids = page["items"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap().to_owned());
        (ids.collect::<Vec<_>>(), page["nextCursor"].as_str().map(str::to_owned))
    };
    let of_first = format!("automationId={}", first["id"].as_str().unwrap());
    assert_eq!(list("member-a", "").0, [newest.clone(), other, oldest.clone()]);
    assert_eq!(list("member-a", &of_first).0, [newest.clone(), oldest.clone()]);
    assert_eq!(list("member-a", &format!("{of_first}&limit=1")), (vec![newest.clone()], Some(newest.clone())));
    assert_eq!(list("member-a", &format!("{of_first}&limit=1&cursor={newest}")), (vec![oldest.clone()], None));
    assert_eq!(list("owner-b", &of_first).0.len(), 0, "another organization's automation has nothing to show");
    assert_eq!(list("owner-a", &format!("automationId={NO_AUTOMATION}")).0.len(), 0);

    let path = format!("/api/automation-runs/{oldest}");
    let shown = json!({
        "id": oldest, "automationId": first["id"], "scheduledFor": "2026-01-02T00:01:00.000Z", "status": "succeeded",
        "attempt": 1, "startedAt": NOW, "finishedAt": null, "result": { "value": 7 }, "error": null, "isTest": false,
        "createdBy": null, "createdAt": NOW, "updatedAt": NOW,
    });
    assert_eq!(w.send("member-a", "GET", &path, Value::Null), (200, shown));
    let absent = w.send("owner-a", "GET", "/api/automation-runs/run_0190a6b7c8d97e0f8a1b2c3d4e5f6071", Value::Null);
    assert_eq!(w.send("owner-b", "GET", &path, Value::Null), absent);
    assert_eq!(absent.0, 404);
}

#[test]
fn a_slot_has_one_run_with_a_known_status_in_its_own_organization() {
    let w = World::new();
    let made = w.made("owner-a", "/api/automations", automation(alert(&dataset(&w, "owner-a"))));
    let id = run(&w, "a", &made, 1, "queued");
    let insert = |org: &str, slot: &str, status: &str| {
        let automation = made["id"].as_str().unwrap();
        w.db.execute(&format!(
            "insert into automation_run (id, org_id, automation_id, scheduled_for, status, created_at, updated_at)
             values ('run_x', '{org}', '{automation}', '{slot}', '{status}', '{NOW}', '{NOW}')"
        ))
    };
    insert("a", "2026-01-02T00:01:00.000Z", "queued").unwrap_err();
    insert("a", "2026-01-02T00:02:00.000Z", "done").unwrap_err();
    insert("b", "2026-01-02T00:02:00.000Z", "queued").unwrap_err();
    assert_eq!(w.db.query("select id from automation_run"), [id]);
}

#[test]
fn runs_go_with_their_automation_and_all_with_the_organization() {
    let w = World::new();
    let (ours, theirs) = (dataset(&w, "owner-a"), dataset(&w, "owner-b"));
    let [gone, stays] = [0, 1].map(|_| w.made("owner-a", "/api/automations", automation(alert(&ours))));
    let foreign = w.made("owner-b", "/api/automations", automation(alert(&theirs)));
    run(&w, "a", &gone, 1, "queued");
    let kept = [run(&w, "a", &stays, 2, "queued"), run(&w, "b", &foreign, 3, "queued")];
    assert_eq!(w.send("owner-a", "DELETE", &path(&gone), Value::Null).0, 200);
    assert_eq!(w.db.query("select id from automation_run order by id"), kept);
    w.db.execute("delete from organization where id = 'a'").unwrap();
    assert_eq!(w.db.query("select id from automation"), [foreign["id"].as_str().unwrap()]);
    assert_eq!(w.db.query("select id from automation_run"), kept[1..]);
}

#[test]
fn who_changes_an_old_version_or_what_is_not_his_changes_nothing() {
    let w = World::new();
    let ours = alert(&dataset(&w, "owner-a"));
    let made = w.made("owner-a", "/api/automations", automation(ours.clone()));
    let patch = json!({ "name": "first", "updatedAt": made["updatedAt"] });
    assert_eq!(w.send("owner-a", "PATCH", &path(&made), patch.clone()).0, 200);
    let before = w.db.dump();
    assert_eq!(w.send("owner-a", "PATCH", &path(&made), patch).1["code"], "PRECONDITION_FAILED");
    assert_eq!(w.send("member-a", "DELETE", &path(&made), Value::Null).1["code"], "FORBIDDEN");
    for patch in
        [json!({ "isEnabled": false }), json!({ "config": alert(&json!(NO_DATASET)) }), json!({ "config": ours })]
    {
        assert_eq!(w.send("owner-b", "PATCH", &path(&made), patch).1["code"], "ORG_PERMISSION_DENIED");
    }
    assert_eq!(w.send("owner-b", "DELETE", &path(&made), Value::Null).1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(w.db.dump(), before);
}

#[test]
fn bad_input_is_a_clear_400_and_writes_nothing() {
    let w = World::new();
    let dataset = dataset(&w, "owner-a");
    let made = w.made("owner-a", "/api/automations", automation(alert(&dataset)));
    let with = |name: &str, value: Value| {
        let mut new = automation(alert(&dataset));
        new[name] = value;
        new
    };
    let mut to_ourselves = alert(&dataset);
    to_ourselves["channels"] = json!([
        { "type": "webhook", "url": "https://example.com/hook" }, { "type": "webhook", "url": "https://0x7f.1/hook" },
    ]);
    let mut to_nobody = alert(&dataset);
    to_nobody["channels"][0]["to"][0] = json!("ada");
    w.refuses_each(&[
        ("POST", "/api/automations", json!({}), "input"),
        ("POST", "/api/automations", with("name", json!("")), "name"),
        ("POST", "/api/automations", with("isEnabled", json!(1)), "isEnabled"),
        ("POST", "/api/automations", with("config", json!({ "type": "mail_bomb" })), "config.type"),
        ("POST", "/api/automations", with("config", to_nobody.clone()), "config.channels[0].to[0]"),
        ("POST", "/api/automations", with("config", to_ourselves.clone()), "config.channels[1].url"),
        ("PATCH", &path(&made), json!({ "config": to_ourselves }), "config.channels[1].url"),
        ("POST", "/api/automations", with("schedule", json!({ "cron": "* * * * *" })), "schedule"),
        ("POST", "/api/automations", with("schedule", json!({ "cron": "daily", "timeZone": "UTC" })), "schedule.cron"),
        ("POST", "/api/automations", with("createdBy", json!("u-owner-b")), "createdBy"),
        ("PATCH", &path(&made), json!({}), "input"),
        ("PATCH", &path(&made), json!({ "config": to_nobody }), "config.channels[0].to[0]"),
    ]);
}

#[test]
fn every_operation_costs_one_call_beside_the_gates_and_a_new_query_one_more() {
    let w = World::new();
    let asks = alert(&dataset(&w, "owner-a"));
    let config = report(&dashboard(&w, "owner-a"));
    let made = w.made("owner-a", "/api/automations", automation(config.clone()));
    let run = format!("/api/automation-runs/{}", run(&w, "a", &made, 1, "queued"));
    w.each_is_one_call(&[
        ("GET", "/api/automations", Value::Null),
        ("POST", "/api/automations", automation(config.clone())),
        ("GET", &path(&made), Value::Null),
        ("PATCH", &path(&made), json!({ "config": config })),
        ("GET", "/api/automation-runs", Value::Null),
        ("GET", &format!("/api/automation-runs?automationId={}", made["id"].as_str().unwrap()), Value::Null),
        ("GET", &run, Value::Null),
        ("POST", &format!("{}/test-send", path(&made)), Value::Null),
        ("PATCH", &path(&made), json!({ "isEnabled": true, "schedule": made["schedule"] })),
        ("DELETE", &path(&made), Value::Null),
    ]);
    let made = w.made("owner-a", "/api/automations", automation(asks.clone()));
    assert_eq!(w.calls("owner-a", "POST", "/api/automations", automation(asks.clone())), 2);
    assert_eq!(w.calls("owner-a", "PATCH", &path(&made), json!({ "config": asks })), 2);
}

#[test]
fn an_alerts_query_is_checked_when_it_is_saved() {
    let w = World::new();
    let dataset = dataset(&w, "owner-a");
    let made = w.made("owner-a", "/api/automations", automation(alert(&dataset)));
    let with = |sql: &str| {
        let mut config = alert(&dataset);
        config["sql"] = json!(sql);
        config
    };
    let before = w.db.dump();
    for (sql, says) in [
        (
            "select sum(amont) from sales",
            "config.sql: line 1, column 12: there is no column amont; did you mean amount?",
        ),
        ("select count(*) from stock", "config.sql: line 1, column 22: there is no"),
        ("select", "config.sql: "),
        ("delete from sales", "config.sql: "),
        ("select 1; select 2", "config.sql: "),
        ("select count(*) from sqlite_schema", "config.sql: "),
        ("select 1, 2, 3", "config.sql: must give one column, the number, or two, the group and its number"),
        ("select * from (select amount, amount as b, amount as c from sales)", "config.sql: must give one column"),
        ("select 'a' as word", "config.sql: must give a number, and word is none"),
        ("select amount, date('2026-01-01') as day from sales", "config.sql: must give a number, and day is none"),
    ] {
        let created = w.send("owner-a", "POST", "/api/automations", automation(with(sql)));
        let updated = w.send("owner-a", "PATCH", &path(&made), json!({ "config": with(sql) }));
        for (status, error) in [created, updated] {
            let message = error["message"].as_str().unwrap();
            assert!(
                (status, error["field"].as_str()) == (400, Some("config.sql")) && message.starts_with(says),
                "{sql}: {error}"
            );
        }
    }
    assert_eq!(w.db.dump(), before);
    let (status, error) = w.send("owner-b", "PATCH", &path(&made), json!({ "config": with("select") }));
    assert_eq!((status, &error["code"]), (403, &json!("ORG_PERMISSION_DENIED")), "whose it is comes first");
    for sql in [
        "select sum(amount) from sales",
        "select 'all' as name, sum(amount) from sales",
        "select null",
        "select amount, count(*) from sales group by 1",
        "select max(amount > 5) from sales",
        "select count(*) from sales a join sales b using (amount)",
    ] {
        assert_eq!(w.send("owner-a", "PATCH", &path(&made), json!({ "config": with(sql) })).0, 200, "{sql}");
    }
}

#[test]
fn a_preview_shows_the_next_five_instants() {
    let w = World::new();
    let schedule = json!({ "preset": { "type": "weekdays", "at": "08:00" }, "timeZone": "Europe/Berlin" });
    let preview = |input: Value| w.send("member-a", "POST", "/api/automation-preview", input);
    let (status, shown) = preview(json!({ "schedule": schedule }));
    let days = ["02T07", "05T07", "06T07", "07T07", "08T07"].map(|day| format!("2026-01-{day}:00:00.000Z"));
    assert_eq!((status, shown), (200, json!({ "cron": "0 8 * * MON-FRI", "slots": days })));
    let (_, shown) = preview(json!({ "schedule": schedule, "after": "2026-03-27T07:00:00Z" }));
    assert_eq!(shown["slots"][0], "2026-03-30T06:00:00.000Z");
    let both = json!({ "cron": "* * * * *", "preset": schedule["preset"], "timeZone": "UTC" });
    assert_eq!(preview(json!({ "schedule": both })).1["field"], "schedule.preset");
    assert_eq!(preview(json!({ "schedule": { "timeZone": "UTC" } })).1["field"], "schedule");
    assert_eq!(w.send("removed-a", "POST", "/api/automation-preview", json!({ "schedule": schedule })).0, 403);
}

#[test]
fn a_config_has_a_bounded_weight() {
    let w = World::new();
    let mut config = alert(&dataset(&w, "owner-a"));
    let made = w.made("owner-a", "/api/automations", automation(config.clone()));
    let address = format!("{}@{}com", "a".repeat(60), "b.".repeat(95));
    config["channels"] = json!(vec![json!({ "type": "email", "to": vec![address; 50] }); 10]);
    let before = w.db.dump();
    for (method, path, body) in
        [("POST", "/api/automations", automation(config.clone())), ("PATCH", &path(&made), json!({ "config": config }))]
    {
        let (status, error) = w.send("owner-a", method, path, body);
        assert_eq!((status, &error["field"]), (400, &json!("config")));
    }
    assert_eq!(w.db.dump(), before);
}

#[test]
fn it_runs_with_the_rights_of_who_last_said_what_it_does_and_when() {
    let w = World::new();
    let config = alert(&dataset(&w, "owner-a"));
    let made = w.made("owner-a", "/api/automations", automation(config.clone()));
    assert_eq!(made["runAs"], "u-owner-a");
    for (who, patch, runs_as) in [
        ("member-a", json!({ "name": "Mine" }), "u-owner-a"),
        ("member-a", json!({ "isEnabled": false }), "u-owner-a"),
        ("member-a", json!({ "config": config }), "u-member-a"),
        ("admin-a", json!({ "name": "x", "schedule": made["schedule"] }), "u-admin-a"),
        ("member-a", json!({ "isEnabled": true }), "u-member-a"),
    ] {
        let (status, changed) = w.send(who, "PATCH", &path(&made), patch.clone());
        assert_eq!(
            (status, &changed["runAs"], &changed["createdBy"]),
            (200, &json!(runs_as), &made["createdBy"]),
            "{patch}"
        );
        assert_eq!(w.send("owner-a", "GET", &path(&made), Value::Null).1["runAs"], runs_as);
        assert_eq!(w.send("owner-a", "GET", "/api/automations", Value::Null).1["items"][0]["runAs"], runs_as);
    }
    let (status, error) = w.send("member-a", "PATCH", &path(&made), json!({ "runAs": "u-owner-a" }));
    assert_eq!((status, &error["field"]), (400, &json!("runAs")));
    w.db.execute("delete from user where id = 'u-member-a'").unwrap();
    let (_, orphan) = w.send("owner-a", "GET", &path(&made), Value::Null);
    assert_eq!((&orphan["runAs"], &orphan["createdBy"]), (&Value::Null, &json!("u-owner-a")));
}

#[test]
fn automations_are_listed_newest_first() {
    let mut w = World::new();
    let config = alert(&dataset(&w, "owner-a"));
    let mut made = vec![];
    for _ in 0..4 {
        w.app.now = w.app.now.plus_s(1);
        made.insert(0, w.made("owner-a", "/api/automations", automation(config.clone())));
    }
    assert_eq!(w.send("member-a", "GET", "/api/automations", Value::Null).1["items"], json!(made));
}

#[test]
fn a_number_comes_back_as_it_was_sent() {
    let w = World::new();
    let mut config = alert(&dataset(&w, "owner-a"));
    config["threshold"] = json!(123_456_789.123_456_79);
    let request = w.request("owner-a", "POST", "/api/automations", automation(config));
    for body in [request.body.clone(), w.answer(&request).body] {
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains("\"threshold\":123456789.12345679"), "{body}");
    }
}
