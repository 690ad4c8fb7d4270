//! Dashboards, through the whole core over SQLite.
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

fn sales() -> Value {
    json!({ "name": "Sales", "description": "Day by day" })
}

fn path(dashboard: &Value) -> String {
    format!("/api/dashboards/{}", dashboard["id"].as_str().unwrap())
}

fn widget(w: &World, who: &str, dashboard: &Value, title: &str) -> Value {
    let config = json!({ "sql": "select 1", "timeRange": "all" });
    let new = json!({ "dashboardId": dashboard["id"], "title": title, "kind": "line", "config": config });
    w.made(who, "/api/widgets", new)
}

#[test]
fn a_dashboard_from_birth_to_death() {
    let w = World::new();
    let made = w.made("owner-a", "/api/dashboards", sales());
    assert_eq!((&made["createdBy"], &made["createdAt"]), (&json!("u-owner-a"), &json!(NOW)));
    let (status, changed) =
        w.send("member-a", "PATCH", &path(&made), json!({ "name": "Sales 2026", "description": null }));
    assert_eq!((status, &changed["name"], &changed["description"]), (200, &json!("Sales 2026"), &Value::Null));
    let (_, page) = w.send("member-a", "GET", "/api/dashboards", Value::Null);
    assert_eq!(page, json!({ "items": [changed], "nextCursor": null }));
    assert_eq!(w.send("owner-a", "DELETE", &path(&made), Value::Null).0, 200);
    assert_eq!(w.send("owner-a", "GET", &path(&made), Value::Null).0, 404);
}

#[test]
fn dashboards_are_listed_newest_first() {
    let mut w = World::new();
    let mut made = vec![];
    for _ in 0..4 {
        w.app.now = w.app.now.plus_s(1);
        made.insert(0, w.made("owner-a", "/api/dashboards", sales()));
    }
    assert_eq!(w.send("member-a", "GET", "/api/dashboards", Value::Null).1["items"], json!(made));
}

#[test]
fn a_dashboard_shows_its_widgets_and_no_others() {
    let mut w = World::new();
    let made = w.made("owner-a", "/api/dashboards", sales());
    let other = w.made("owner-a", "/api/dashboards", sales());
    let mut expected = made.clone();
    expected["widgets"] = json!([]);
    assert_eq!(w.send("member-a", "GET", &path(&made), Value::Null), (200, expected.clone()));
    widget(&w, "owner-a", &other, "elsewhere");
    let mut widgets = vec![];
    for title in ["first", "second", "third", "fourth"] {
        w.app.now = w.app.now.plus_s(1);
        widgets.push(widget(&w, "member-a", &made, title));
    }
    expected["widgets"] = json!(widgets);
    let response = w.answer(&w.request("member-a", "GET", &path(&made), Value::Null));
    assert_eq!(serde_json::from_slice::<Value>(&response.body).unwrap(), expected);
    assert_eq!(response.header("etag"), Some(&*format!("{}", made["updatedAt"])), "the dashboard's version");
    assert_eq!(w.send("owner-b", "GET", &path(&made), Value::Null).0, 404);
}

#[test]
fn who_may_read_dashboards_but_not_widgets_is_not_shown_any() {
    let w = World::new();
    let made = w.made("owner-a", "/api/dashboards", sales());
    w.db.execute(
        "insert into organizationRole (id, organizationId, role, permission, createdAt)
         values ('r', 'a', 'reader', '{\"dashboard\":[\"read\"]}', '2026');
         update member set role = 'reader' where userId = 'u-member-a'",
    )
    .unwrap();
    assert_eq!(w.send("member-a", "GET", "/api/dashboards", Value::Null).0, 200);
    let (status, error) = w.send("member-a", "GET", &path(&made), Value::Null);
    assert_eq!((status, &error["code"]), (403, &json!("FORBIDDEN")));
    assert!(error["message"].as_str().unwrap().contains("widget:read"), "{error}");
}

#[test]
fn its_widgets_go_with_it_and_its_organizations_rows_with_the_organization() {
    let w = World::new();
    let (made, other) = (w.made("owner-a", "/api/dashboards", sales()), w.made("owner-a", "/api/dashboards", sales()));
    widget(&w, "owner-a", &made, "gone");
    let stays = widget(&w, "owner-a", &other, "stays");
    assert_eq!(w.send("owner-a", "DELETE", &path(&made), Value::Null).0, 200);
    assert_eq!(w.db.query("select id from widget"), [stays["id"].as_str().unwrap()]);
    let columns = json!([{ "name": "a", "type": "text", "nullable": true }]);
    let drawn = w.made("owner-a", "/api/datasets", json!({ "name": "drawn", "columns": columns }));
    let path = format!("/api/widgets/{}", stays["id"].as_str().unwrap());
    assert_eq!(w.send("owner-a", "PATCH", &path, json!({ "datasetId": drawn["id"] })).0, 200);
    let theirs = w.made("owner-b", "/api/dashboards", sales());
    w.db.execute("delete from organization where id = 'a'").unwrap();
    assert_eq!(w.db.query("select id from dashboard"), [theirs["id"].as_str().unwrap()]);
    assert_eq!(w.db.query("select id from widget"), [""; 0]);
}

#[test]
fn what_a_deleted_user_made_stays() {
    let w = World::new();
    let made = w.made("member-a", "/api/dashboards", sales());
    widget(&w, "member-a", &made, "stays");
    w.db.execute("delete from user where id = 'u-member-a'").unwrap();
    let (status, shown) = w.send("owner-a", "GET", &path(&made), Value::Null);
    assert_eq!((status, &shown["createdBy"]), (200, &Value::Null));
    assert_eq!(shown["widgets"][0]["createdBy"], Value::Null);
}

#[test]
fn who_changes_an_old_version_or_what_is_not_his_changes_nothing() {
    let w = World::new();
    let made = w.made("owner-a", "/api/dashboards", sales());
    let patch = json!({ "name": "first", "updatedAt": made["updatedAt"] });
    assert_eq!(w.send("owner-a", "PATCH", &path(&made), patch.clone()).0, 200);
    let before = w.db.dump();
    assert_eq!(w.send("owner-a", "PATCH", &path(&made), patch).1["code"], "PRECONDITION_FAILED");
    assert_eq!(w.send("member-a", "DELETE", &path(&made), Value::Null).1["code"], "FORBIDDEN");
    assert_eq!(w.send("owner-b", "PATCH", &path(&made), json!({ "name": "b" })).1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(w.send("owner-b", "DELETE", &path(&made), Value::Null).1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(w.db.dump(), before);
}

#[test]
fn bad_input_is_a_clear_400_and_writes_nothing() {
    let w = World::new();
    let made = w.made("owner-a", "/api/dashboards", sales());
    w.refuses_each(&[
        ("POST", "/api/dashboards", json!({}), "input"),
        ("POST", "/api/dashboards", json!({ "name": "" }), "name"),
        ("POST", "/api/dashboards", json!({ "name": "x".repeat(101) }), "name"),
        ("POST", "/api/dashboards", json!({ "name": "x", "description": "x".repeat(2001) }), "description"),
        ("POST", "/api/dashboards", json!({ "name": "x", "widgets": [] }), "widgets"),
        ("PATCH", &path(&made), json!({}), "input"),
        ("PATCH", &path(&made), json!({ "createdBy": "u-owner-b" }), "createdBy"),
    ]);
}

#[test]
fn every_operation_costs_one_call_beside_the_gates() {
    let w = World::new();
    let made = w.made("owner-a", "/api/dashboards", sales());
    widget(&w, "owner-a", &made, "one");
    w.each_is_one_call(&[
        ("GET", "/api/dashboards", Value::Null),
        ("POST", "/api/dashboards", sales()),
        ("GET", &path(&made), Value::Null),
        ("PATCH", &path(&made), json!({ "name": "x" })),
        ("DELETE", &path(&made), Value::Null),
    ]);
}

/// Gives the member a role of the organization's own making.
fn grant(w: &World, permission: &Value) {
    w.db.execute(&format!(
        "insert into organizationRole (id, organizationId, role, permission, createdAt)
         values ('r', 'a', 'special', '{permission}', '2026') on conflict do update set permission = excluded.permission;
         update member set role = 'special' where userId = 'u-member-a'"
    ))
    .unwrap();
}

#[test]
fn who_deletes_a_dashboard_takes_no_widgets_along_that_he_may_not_delete() {
    let w = World::new();
    let refused = |dashboard: &Value| {
        let before = w.db.dump();
        let (status, error) = w.send("member-a", "DELETE", &path(dashboard), Value::Null);
        assert_eq!((status, &error["code"]), (409, &json!("CONFLICT")), "{error}");
        assert!(error["message"].as_str().unwrap().contains("widgets"), "{error}");
        assert_eq!(w.db.dump(), before);
    };
    let deleted = |dashboard: &Value| {
        let (status, answer) = w.send("member-a", "DELETE", &path(dashboard), Value::Null);
        assert_eq!(status, 200, "{answer}");
    };
    let [shared, orphaned, own] = [0; 3].map(|_| w.made("member-a", "/api/dashboards", sales()));
    widget(&w, "member-a", &shared, "his");
    widget(&w, "owner-a", &shared, "another's");
    let orphan = widget(&w, "admin-a", &orphaned, "nobody's");
    w.db.execute(&format!("update widget set created_by = null where id = {}", orphan["id"]).replace('"', "'"))
        .unwrap();
    widget(&w, "member-a", &own, "his");
    refused(&shared);
    refused(&orphaned);
    deleted(&own);
    let stale = format!("{}?updatedAt=2026-01-01T00:00:00.000Z", path(&shared));
    assert_eq!(w.send("member-a", "DELETE", &stale, Value::Null).1["code"], "PRECONDITION_FAILED");

    let dashboard = |of: &str| {
        let made = w.made("owner-a", "/api/dashboards", sales());
        widget(&w, of, &made, "one");
        made
    };
    let [others, his] = ["owner-a", "member-a"].map(dashboard);
    grant(&w, &json!({ "dashboard": ["delete"], "widget": ["delete_own"] }));
    refused(&others);
    refused(&his);
    grant(&w, &json!({ "dashboard": ["delete_own"] }));
    refused(&shared);
    grant(&w, &json!({ "dashboard": ["delete_own"], "widget": ["delete"] }));
    deleted(&shared);
    grant(&w, &json!({ "dashboard": ["delete"], "widget": ["delete"] }));
    deleted(&others);
    w.db.execute("delete from widget").unwrap();
    grant(&w, &json!({ "dashboard": ["delete"] }));
    deleted(&his);
}
