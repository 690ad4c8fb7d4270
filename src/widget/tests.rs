//! Widgets, through the whole core over SQLite.
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

/// An id that has the right shape and no row.
const NO_DASHBOARD: &str = "db_0190a6b7c8d97e0f8a1b2c3d4e5f6071";
const NO_DATASET: &str = "ds_0190a6b7c8d97e0f8a1b2c3d4e5f6071";

fn dashboard(w: &World, who: &str) -> Value {
    w.made(who, "/api/dashboards", json!({ "name": "Sales" }))["id"].clone()
}

fn dataset(w: &World, who: &str) -> Value {
    let columns = json!([{ "name": "amount", "type": "decimal", "nullable": false }]);
    w.made(who, "/api/datasets", json!({ "name": "sales", "columns": columns }))["id"].clone()
}

fn revenue(dashboard: &Value) -> Value {
    json!({ "dashboardId": dashboard, "title": "Revenue", "kind": "number", "config": { "sql": "select 1" } })
}

fn path(widget: &Value) -> String {
    format!("/api/widgets/{}", widget["id"].as_str().unwrap())
}

#[test]
fn a_widget_from_birth_to_death() {
    let w = World::new();
    let (dashboard, dataset) = (dashboard(&w, "owner-a"), dataset(&w, "owner-a"));
    let mut new = revenue(&dashboard);
    new["datasetId"] = dataset.clone();
    let made = w.made("member-a", "/api/widgets", new);
    assert_eq!((&made["createdBy"], &made["createdAt"]), (&json!("u-member-a"), &json!(NOW)));
    assert_eq!(made["position"], json!({ "x": 0, "y": 0, "w": 6, "h": 4 }), "the default");
    assert_eq!(made["config"], json!({ "sql": "select 1" }));
    assert_eq!(w.send("admin-a", "GET", &path(&made), Value::Null), (200, made.clone()));
    let patch = json!({ "kind": "bar", "position": { "x": 6, "y": 2, "w": 6, "h": 3 }, "datasetId": null });
    let (status, changed) = w.send("admin-a", "PATCH", &path(&made), patch.clone());
    assert_eq!(status, 200, "{changed}");
    for field in ["kind", "position", "datasetId"] {
        assert_eq!(changed[field], patch[field]);
    }
    for field in ["id", "dashboardId", "title", "config", "createdBy", "createdAt"] {
        assert_eq!(changed[field], made[field]);
    }
    assert_eq!(w.send("owner-a", "DELETE", &path(&made), Value::Null).0, 200);
    assert_eq!(w.send("owner-a", "GET", &path(&made), Value::Null).0, 404);
}

#[test]
fn another_organizations_parent_is_as_unknown_as_one_that_never_was() {
    let w = World::new();
    let (ours, theirs) = (dashboard(&w, "owner-a"), dashboard(&w, "owner-b"));
    let their_dataset = dataset(&w, "owner-b");
    let made = w.made("owner-a", "/api/widgets", revenue(&ours));
    let before = w.db.dump();
    for id in [&theirs, &json!(NO_DASHBOARD)] {
        let (status, error) = w.send("owner-a", "POST", "/api/widgets", revenue(id));
        let message = "dashboardId: no such dashboard in your organization";
        assert_eq!(
            (status, error),
            (400, json!({ "code": "INVALID_INPUT", "field": "dashboardId", "message": message }))
        );
    }
    for id in [&their_dataset, &json!(NO_DATASET)] {
        let mut new = revenue(&ours);
        new["datasetId"] = id.clone();
        let answers = [
            w.send("owner-a", "POST", "/api/widgets", new),
            w.send("owner-a", "PATCH", &path(&made), json!({ "title": "x", "datasetId": id })),
        ];
        let message = "datasetId: no such dataset in your organization";
        for answer in answers {
            assert_eq!(answer, (400, json!({ "code": "INVALID_INPUT", "field": "datasetId", "message": message })));
        }
    }
    assert_eq!(w.db.dump(), before);
}

#[test]
fn the_database_itself_refuses_a_widget_under_another_organizations_parent() {
    let w = World::new();
    let (ours, theirs) = (dashboard(&w, "owner-a"), dashboard(&w, "owner-b"));
    let (our_dataset, their_dataset) = (dataset(&w, "owner-a"), dataset(&w, "owner-b"));
    let insert = |id: &str, dashboard: &Value, dataset: &Value| {
        let (dashboard, dataset) = (dashboard.as_str().unwrap(), dataset.as_str().unwrap());
        w.db.execute(&format!(
            "insert into widget (id, org_id, dashboard_id, dataset_id, title, kind, position, config, created_at,
                updated_at)
             values ('{id}', 'a', '{dashboard}', '{dataset}', 't', 'bar', '{{}}', '{{}}', '{NOW}', '{NOW}')"
        ))
    };
    for (dashboard, dataset) in [(&theirs, &our_dataset), (&ours, &their_dataset)] {
        let error = insert("wg_x", dashboard, dataset).unwrap_err().to_string();
        assert!(error.contains("FOREIGN KEY constraint failed"), "{error}");
    }
    insert("wg_y", &ours, &our_dataset).unwrap();
    for change in ["org_id = 'b'", &format!("dashboard_id = {theirs}"), &format!("dataset_id = {their_dataset}")] {
        let change = change.replace('"', "'");
        w.db.execute(&format!("update widget set {change} where id = 'wg_y'")).unwrap_err();
    }
}

#[test]
fn a_dataset_stays_as_long_as_a_widget_draws_it() {
    let w = World::new();
    let (dashboard, dataset) = (dashboard(&w, "owner-a"), dataset(&w, "owner-a"));
    let mut new = revenue(&dashboard);
    new["datasetId"] = dataset.clone();
    let made = w.made("owner-a", "/api/widgets", new);
    let dataset = format!("/api/datasets/{}", dataset.as_str().unwrap());
    let before = w.db.dump();
    let (status, error) = w.send("owner-a", "DELETE", &dataset, Value::Null);
    assert_eq!((status, &error["code"]), (409, &json!("WIDGETS_WOULD_BREAK")), "{error}");
    assert_eq!(w.db.dump(), before);
    assert_eq!(w.send("owner-b", "DELETE", &dataset, Value::Null).1["code"], "ORG_PERMISSION_DENIED");
    w.send("owner-a", "PATCH", &path(&made), json!({ "datasetId": null }));
    assert_eq!(w.send("owner-a", "DELETE", &dataset, Value::Null).0, 200);
}

#[test]
fn a_dashboard_has_room_for_a_hundred() {
    let w = World::new();
    let (full, empty) = (dashboard(&w, "owner-a"), dashboard(&w, "owner-a"));
    for _ in 0..100 {
        w.made("owner-a", "/api/widgets", revenue(&full));
    }
    let (status, error) = w.send("owner-a", "POST", "/api/widgets", revenue(&full));
    assert_eq!((status, &error["code"]), (409, &json!("CONFLICT")), "{error}");
    assert_eq!(w.db.query("select count(*) from widget"), ["100"]);
    w.made("owner-a", "/api/widgets", revenue(&empty));
}

#[test]
fn a_list_has_all_widgets_or_those_of_one_dashboard() {
    let mut w = World::new();
    let (first, second) = (dashboard(&w, "owner-a"), dashboard(&w, "owner-a"));
    let mut made = vec![];
    for dashboard in [&first, &second, &first, &first] {
        w.app.now = w.app.now.plus_s(1);
        made.insert(0, w.made("owner-a", "/api/widgets", revenue(dashboard)));
    }
    let list = |who: &str, query: &str| {
        let (status, page) = w.send(who, "GET", &format!("/api/widgets?{query}"), Value::Null);
        assert_eq!(status, 200, "{page}");
        (page["items"].as_array().unwrap().clone(), page["nextCursor"].as_str().map(str::to_owned))
    };
    let on_first = format!("dashboardId={}", first.as_str().unwrap());
    assert_eq!(list("member-a", "").0, made, "newest first");
    let (all, _) = list("member-a", &on_first);
    assert_eq!(all, [&made[..2], &made[3..]].concat(), "newest first");
    let (mut pages, cursor) = list("member-a", &format!("{on_first}&limit=2"));
    let (rest, end) = list("member-a", &format!("{on_first}&limit=2&cursor={}", cursor.unwrap()));
    pages.extend(rest);
    assert_eq!((pages, end), (all, None));
    assert_eq!(list("owner-b", &on_first).0.len(), 0, "another organization's dashboard has nothing to show");
    assert_eq!(list("owner-a", &format!("dashboardId={NO_DASHBOARD}")).0.len(), 0);
}

#[test]
fn who_changes_an_old_version_or_what_is_not_his_changes_nothing() {
    let w = World::new();
    let made = w.made("owner-a", "/api/widgets", revenue(&dashboard(&w, "owner-a")));
    let patch = json!({ "title": "first", "updatedAt": made["updatedAt"] });
    assert_eq!(w.send("owner-a", "PATCH", &path(&made), patch.clone()).0, 200);
    let before = w.db.dump();
    assert_eq!(w.send("owner-a", "PATCH", &path(&made), patch).1["code"], "PRECONDITION_FAILED");
    assert_eq!(w.send("member-a", "DELETE", &path(&made), Value::Null).1["code"], "FORBIDDEN");
    assert_eq!(w.send("owner-b", "PATCH", &path(&made), json!({ "title": "b" })).1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(w.send("owner-b", "DELETE", &path(&made), Value::Null).1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(w.db.dump(), before);
}

#[test]
fn bad_input_is_a_clear_400_and_writes_nothing() {
    let w = World::new();
    let dashboard = dashboard(&w, "owner-a");
    let made = w.made("owner-a", "/api/widgets", revenue(&dashboard));
    let with = |name: &str, value: Value| {
        let mut new = revenue(&dashboard);
        new[name] = value;
        new
    };
    w.refuses_each(&[
        ("POST", "/api/widgets", json!({}), "input"),
        ("POST", "/api/widgets", with("dashboardId", json!("ds_1")), "dashboardId"),
        ("POST", "/api/widgets", with("kind", json!("gauge")), "kind"),
        ("POST", "/api/widgets", with("title", json!(" ")), "title"),
        ("POST", "/api/widgets", with("config", json!({ "sql": "" })), "config.sql"),
        ("POST", "/api/widgets", with("config", json!({ "sql": "select 1", "yfield": "x" })), "config.yfield"),
        ("POST", "/api/widgets", with("position", json!({ "x": 9, "y": 0, "w": 6, "h": 1 })), "position"),
        ("POST", "/api/widgets", with("position", json!({ "x": 12, "y": 0, "w": 6, "h": 1 })), "position.x"),
        ("POST", "/api/widgets", with("createdBy", json!("u-owner-b")), "createdBy"),
        ("PATCH", &path(&made), json!({}), "input"),
        ("PATCH", &path(&made), json!({ "updatedAt": made["updatedAt"] }), "input"),
        ("PATCH", &path(&made), json!({ "dashboardId": dashboard }), "dashboardId"),
    ]);
}

#[test]
fn every_operation_costs_one_call_beside_the_gates() {
    let w = World::new();
    let dashboard = dashboard(&w, "owner-a");
    let made = w.made("owner-a", "/api/widgets", revenue(&dashboard));
    w.each_is_one_call(&[
        ("GET", "/api/widgets", Value::Null),
        ("GET", &format!("/api/widgets?dashboardId={}", dashboard.as_str().unwrap()), Value::Null),
        ("GET", &path(&made), Value::Null),
        ("PATCH", &path(&made), json!({ "title": "x" })),
        ("DELETE", &path(&made), Value::Null),
    ]);
}

#[test]
fn a_config_has_a_bounded_weight() {
    let w = World::new();
    let mut new = revenue(&dashboard(&w, "owner-a"));
    let made = w.made("owner-a", "/api/widgets", new.clone());
    new["config"]["sql"] = json!("\u{1f600}".repeat(20_000));
    let before = w.db.dump();
    let patch = json!({ "config": new["config"] });
    for answer in [w.send("owner-a", "POST", "/api/widgets", new), w.send("owner-a", "PATCH", &path(&made), patch)] {
        assert_eq!((answer.0, &answer.1["field"]), (400, &json!("config")));
    }
    assert_eq!(w.db.dump(), before);
}
