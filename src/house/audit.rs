//! Every operation, walked: what changes something is in the audit log, and so is what is refused.
use super::world::World;
use crate::{
    operation::{Effect, Operation},
    operations,
};
use serde_json::{Value, json};

/// A world with a row of each kind, and their ids by the paths of their collections.
fn filled() -> (World, Vec<(&'static str, String)>) {
    let w = World::new();
    let made = |path: &str, body: Value| {
        let row = w.made("owner-a", path, body);
        row.get("apiKey").or_else(|| row.get("webhookSecret")).unwrap_or(&row)["id"].as_str().unwrap().to_owned()
    };
    let column = json!([{ "name": "amount", "type": "decimal", "nullable": true }]);
    let dataset = made("/api/datasets", json!({ "name": "sales", "columns": column }));
    let dashboard = made("/api/dashboards", json!({ "name": "Sales" }));
    let widget = made(
        "/api/widgets",
        json!({ "dashboardId": dashboard, "title": "x", "kind": "bar", "config": { "sql": "select 1" } }),
    );
    let bare = made("/api/dashboards", json!({ "name": "Bare" }));
    let automation = made("/api/automations", report(&bare));
    let key = made("/api/api-keys", json!({ "name": "k" }));
    let call = json!({ "name": "widget_delete", "arguments": { "id": widget } });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call });
    let (_, answer) = w.send("owner-a", "POST", "/mcp", message);
    let asked: Value = serde_json::from_str(answer["result"]["content"][0]["text"].as_str().unwrap()).unwrap();
    let run = format!("run_{}", "0".repeat(32));
    w.db.execute(&format!(
        "insert into automation_run (id, org_id, automation_id, scheduled_for, status, created_at, updated_at)
         values ('{run}', 'a', '{automation}', '2025-12-31T09:00:00.000Z', 'queued', '{0}', '{0}')",
        super::world::NOW
    ))
    .unwrap();
    let delivery = format!("dlv_{}", "0".repeat(32));
    w.db.execute(&format!(
        "insert into notice (run_id, org_id, kind, title, text, data, created_at)
         values ('{run}', 'a', 'test', 'x', 'x', '{{}}', '{0}');
         insert into delivery (id, org_id, run_id, destination, status, created_at, updated_at)
         values ('{delivery}', 'a', '{run}', '{{\"type\":\"email\",\"to\":\"ops@example.com\"}}', 'dead', '{0}', '{0}')",
        super::world::NOW
    ))
    .unwrap();
    let secret = made("/api/webhook-secrets", json!({ "url": "https://hooks.example.com/a" }));
    let grant = format!("grant_{}", "0".repeat(32));
    w.db.execute(&format!(
        "insert into oauth_client (id, name, redirect_uris, created_at, expires_at) values ('c', 'c', '[]', '{0}', '{0}');
         insert into oauth_grant (id, org_id, client_id, client_name, redirect_uri, resource, permissions, code_hash,
            code_challenge, expires_at, created_by, created_at, updated_at)
         values ('{grant}', 'a', 'c', 'c', 'x', 'x', '{{}}', 'x', 'x', '{0}', 'u-owner-a', '{0}', '{0}')",
        super::world::NOW
    ))
    .unwrap();
    let said = json!([{ "id": "1", "role": "user", "content": "Hello" }]);
    let said = json!({ "threadId": "t", "runId": "r", "messages": said });
    w.streamed("owner-a", "POST", "/api/copilotkit/agent/default/run", said);
    let (_, thread) = w.send("owner-a", "GET", "/api/agent-threads", Value::Null);
    let ids = vec![
        ("/api/datasets", dataset),
        ("/api/dashboards", dashboard),
        ("/api/widgets", widget),
        ("/api/automations", automation),
        ("/api/automation-runs", run),
        ("/api/api-keys", key),
        ("/api/deliveries", delivery),
        ("/api/webhook-secrets", secret),
        ("/api/oauth-grants", grant),
        ("/api/approvals", asked["approval"].as_str().unwrap().to_owned()),
        ("/api/agent-threads", thread["items"][0]["id"].as_str().unwrap().to_owned()),
    ];
    (w, ids)
}

fn report(dashboard: &str) -> Value {
    let channels = json!([{ "type": "email", "to": ["ops@example.com"] }]);
    let config = json!({ "type": "scheduled_report", "dashboardId": dashboard, "format": "csv", "channels": channels });
    json!({ "name": "x", "schedule": { "cron": "0 9 * * *", "timeZone": "UTC" }, "config": config })
}

/// A body for each operation that takes one.
fn body(name: &str, dashboard: &str) -> Value {
    match name {
        "dataset_create" => json!({ "name": "new", "columns": [{ "name": "a", "type": "text", "nullable": true }] }),
        "dataset_update" | "dashboard_update" => json!({ "description": "x" }),
        "dataset_append" | "dataset_replace" | "dataset_infer" => json!({ "rows": [{ "amount": 1 }] }),
        "dataset_query" => json!({ "sql": "select 1 as one" }),
        "dataset_profile" => json!({}),
        "dashboard_create" | "api_key_create" | "automation_update" => json!({ "name": "new" }),
        "widget_create" => {
            json!({ "dashboardId": dashboard, "title": "x", "kind": "bar", "config": { "sql": "select 1" } })
        }
        "widget_update" => json!({ "title": "new" }),
        "automation_create" => report(dashboard),
        "automation_preview" => json!({ "schedule": { "cron": "0 9 * * *", "timeZone": "UTC" } }),
        "organization_settings_update" => json!({ "runRetentionDays": 30 }),
        "automation_run_now" | "automation_test" | "automation_test_send" | "delivery_resend" => json!({}),
        "webhook_secret_create" => json!({ "url": "https://hooks.example.com/b" }),
        "approval_decide" => json!({ "decision": "approve" }),
        other => panic!("src/house/audit.rs has no body for {other}"),
    }
}

/// Calls the operation as that person, on those rows, and gives the answer with the id that was in the path.
fn call(w: &World, who: &str, ids: &[(&str, String)], operation: &Operation) -> (u16, Value, Option<String>) {
    let of = |collection: &str| ids.iter().find(|(path, _)| *path == collection).unwrap().1.clone();
    let id = operation.path.split_once("/{").map(|(collection, _)| of(collection));
    let path = operation.path.replace("{id}", id.as_deref().unwrap_or_default());
    let is_bare = matches!(operation.method.as_str(), "GET" | "DELETE");
    let body = if is_bare { Value::Null } else { body(operation.name, &of("/api/dashboards")) };
    let (status, answer) = w.send(who, operation.method.as_str(), &path, body);
    (status, answer, id)
}

/// The events of that organization that came after so many.
fn events(w: &World, organization: &str, after: usize) -> Vec<String> {
    w.db.query(&format!(
        "select operation, verdict, code, user_id, target_id, arguments_hash is null from audit_event
         where org_id = '{organization}' and seq > {after} order by seq"
    ))
}

#[test]
fn what_changes_something_is_an_event_and_what_does_not_is_none() {
    let mut changes = 0;
    for operation in operations::all() {
        let (w, ids) = filled();
        let before = events(&w, "a", 0).len();
        let (status, answer, id) = call(&w, "owner-a", &ids, operation);
        assert!(status < 300, "{}: {answer}", operation.name);
        let made =
            [&answer, &answer["apiKey"], &answer["webhookSecret"]].into_iter().find_map(|row| row["id"].as_str());
        let target = id.or(made.map(str::to_owned)).unwrap_or("null".into());
        let verdict = if operation.takes_rows { "begun" } else { "done" };
        let expected = match operation.effect() {
            Effect::Read => vec![],
            // It needs the right to run, and changes nothing.
            _ if operation.name == "automation_test" => vec![],
            _ => vec![format!("{}|{verdict}|null|u-owner-a|{target}|0", operation.name)],
        };
        changes += expected.len();
        assert_eq!(events(&w, "a", before), expected, "{}", operation.name);
    }
    assert!(changes > 15, "{changes}");
}

#[test]
fn what_is_refused_is_an_event_whatever_it_would_have_done() {
    for operation in operations::all().filter(|operation| operation.permission.is_some()) {
        let (w, ids) = filled();
        w.db.execute("update member set role = 'nobody' where userId = 'u-member-a'").unwrap();
        let (before, rows) = (events(&w, "a", 0).len(), w.db.dump());
        let (_, answer, id) = call(&w, "member-a", &ids, operation);
        assert_eq!(answer["code"], "FORBIDDEN", "{}", operation.name);
        // What he sent was not read.
        let expected = format!("{}|denied|FORBIDDEN|u-member-a|null|1", operation.name);
        assert_eq!(events(&w, "a", before), [expected]);
        assert_eq!(w.db.dump(), rows, "{}", operation.name);
        if let (Some(id), true) = (id, operation.effect() != Effect::Read) {
            let (_, answer, _) = call(&w, "owner-b", &ids, operation);
            assert_eq!(answer["code"], "ORG_PERMISSION_DENIED", "{}", operation.name);
            let expected = format!("{}|denied|ORG_PERMISSION_DENIED|u-owner-b|{id}|0", operation.name);
            assert_eq!(events(&w, "b", 0), [expected]);
            assert_eq!(w.db.dump(), rows, "{}", operation.name);
        }
    }
}

#[test]
fn a_call_costs_what_it_did_and_its_refusal_one_more() {
    let (w, ids) = filled();
    let cost = |who: &str, name: &str| {
        let operation = operations::all().find(|operation| operation.name == name).unwrap();
        let before = w.db.calls.get();
        call(&w, who, &ids, operation);
        w.db.calls.get() - before
    };
    for (name, calls) in [
        ("dashboard_create", 2),
        ("dashboard_update", 2),
        ("dataset_append", 2),
        ("automation_update", 2),
        ("widget_delete", 2),
        ("dashboard_list", 2),
    ] {
        assert_eq!(cost("owner-a", name), calls, "{name}");
    }
    assert_eq!(cost("member-a", "automation_delete"), 3, "the gate, what it is refused by, the event");
    w.db.execute("update member set role = 'nobody' where userId = 'u-member-a'").unwrap();
    assert_eq!(cost("member-a", "dashboard_list"), 2, "the gate, the event");
}
