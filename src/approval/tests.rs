//! Approvals, through the whole core over SQLite.
use super::*;
use crate::{
    access::{Door, enter},
    api::Request,
    house::world::World,
    operation::Effect,
    operations,
};
use pollster::block_on;
use serde_json::json;

/// A tool's result, called as that person.
fn tool(w: &World, who: &str, name: &str, arguments: Value) -> Value {
    let params = json!({ "name": name, "arguments": arguments });
    let (status, answer) =
        w.send(who, "POST", "/mcp", json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
    assert_eq!(status, 200, "{answer}");
    answer["result"].clone()
}

/// The error that a tool's result has; null if it was done.
fn error(result: &Value) -> Value {
    let text = result["content"][0]["text"].as_str().unwrap();
    if result["isError"] == true { serde_json::from_str(text).unwrap() } else { Value::Null }
}

fn dashboard(w: &World) -> String {
    w.made("owner-a", "/api/dashboards", json!({ "name": "Sales" }))["id"].as_str().unwrap().to_owned()
}

/// Deletes the dashboard as a model that acts for that person, and gives the code and the approval's id.
fn delete(w: &World, who: &str, id: &str) -> (String, String) {
    let error = error(&tool(w, who, "dashboard_delete", json!({ "id": id })));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&error["code"]), text(&error["approval"]))
}

fn decide(w: &World, who: &str, approval: &str, decision: &str) -> (u16, Value) {
    w.send(who, "POST", &format!("/api/approvals/{approval}/decide"), json!({ "decision": decision }))
}

fn is_there(w: &World, id: &str) -> bool {
    w.db.query(&format!("select 1 from dashboard where id = '{id}'")).len() == 1
}

fn status(w: &World, approval: &str) -> Value {
    w.send("owner-a", "GET", &format!("/api/approvals/{approval}"), Value::Null).1["status"].clone()
}

/// The world, some minutes later.
fn later(w: &mut World, minutes: i64) {
    w.app.now = w.app.now.plus_s(minutes * 60);
}

#[test]
fn what_a_model_calls_that_destroys_waits_for_a_person_and_is_done_once() {
    let w = World::new();
    let (id, other) = (dashboard(&w), dashboard(&w));
    let (code, approval) = delete(&w, "owner-a", &id);
    assert_eq!((code.as_str(), is_there(&w, &id)), ("APPROVAL_REQUIRED", true));
    assert_eq!(delete(&w, "owner-a", &id), (code, approval.clone()), "asked again, it is the same one");
    let (_, shown) = w.send("owner-a", "GET", &format!("/api/approvals/{approval}"), Value::Null);
    assert_eq!(
        (&shown["operation"], &shown["permission"], &shown["arguments"], &shown["status"]),
        (&json!("dashboard_delete"), &json!("dashboard:delete"), &json!({ "id": id }), &json!("pending"))
    );
    let (code, decided) = decide(&w, "owner-a", &approval, "approve");
    assert_eq!((code, &decided["status"], &decided["decidedBy"]), (200, &json!("approved"), &json!("u-owner-a")));
    assert_eq!(delete(&w, "owner-a", &other).0, "APPROVAL_REQUIRED", "other arguments need another");
    assert!(is_there(&w, &other));
    assert_eq!(delete(&w, "owner-a", &id).0, "", "approved, it is done");
    assert!(!is_there(&w, &id));
    assert_eq!(status(&w, &approval), "used");
    let (code, another) = delete(&w, "owner-a", &id);
    assert!(code == "APPROVAL_REQUIRED" && another != approval, "it is good once");
}

#[test]
fn an_approval_is_used_up_with_the_effect_or_not_at_all() {
    let w = World::new();
    let id = dashboard(&w);
    let arguments = json!({ "id": id, "updatedAt": "2020-01-01T00:00:00.000Z" });
    let asked = error(&tool(&w, "owner-a", "dashboard_delete", arguments.clone()));
    let approval = asked["approval"].as_str().unwrap();
    assert_eq!(decide(&w, "owner-a", approval, "approve").0, 200);
    // It changes nothing, for the row is younger: so nothing is used up.
    for _ in 0..2 {
        assert_eq!(error(&tool(&w, "owner-a", "dashboard_delete", arguments.clone()))["code"], "PRECONDITION_FAILED");
        assert_eq!(status(&w, approval), "approved");
    }
    // Two calls that found it good at once: the key of the audit log lets one of them do it.
    let (_, good) = delete(&w, "owner-a", &id);
    assert_eq!(decide(&w, "owner-a", &good, "approve").0, 200);
    let good: ApprovalId = serde_json::from_value(json!(good)).unwrap();
    let operation = operations::tools().find(|operation| operation.name == "dashboard_delete").unwrap();
    let cx = block_on(enter(&w.app, &w.request("owner-a", "POST", "/mcp", Value::Null), Door::Mcp)).unwrap();
    let second = dashboard(&w);
    assert!(block_on(operation.call_approved(&cx, json!({ "id": id }), &good)).is_ok());
    let refused = block_on(operation.call_approved(&cx, json!({ "id": second }), &good));
    assert!(matches!(refused, Err(Error::Constraint(Constraint::Unique(_)))));
    assert!(is_there(&w, &second), "and what it would have done is undone");
}

#[test]
fn a_denied_and_an_expired_approval_are_good_for_nothing() {
    let mut w = World::new();
    let id = dashboard(&w);
    let (_, approval) = delete(&w, "owner-a", &id);
    assert_eq!(decide(&w, "owner-a", &approval, "deny").1["status"], "denied");
    assert_eq!(delete(&w, "owner-a", &id), ("APPROVAL_DENIED".into(), approval.clone()));
    let (code, error) = decide(&w, "owner-a", &approval, "approve");
    assert_eq!((code, &error["code"]), (409, &json!("CONFLICT")), "once decided, it stays");
    later(&mut w, 15);
    let (code, second) = delete(&w, "owner-a", &id);
    assert!(code == "APPROVAL_REQUIRED" && second != approval);
    assert_eq!(decide(&w, "owner-a", &second, "approve").0, 200);
    later(&mut w, 15);
    let (code, third) = delete(&w, "owner-a", &id);
    assert!(code == "APPROVAL_REQUIRED" && third != second, "an approval of 15 minutes ago");
    later(&mut w, 15);
    assert_eq!(decide(&w, "owner-a", &third, "approve").1["code"], "CONFLICT", "too late to decide");
    assert!(is_there(&w, &id));
    let month = 31 * 24 * 60;
    later(&mut w, month);
    delete(&w, "owner-b", &id);
    assert_eq!(w.db.query("select count(*) from approval"), ["4"]);
    w.db.execute("update session set expiresAt = '2099-01-01T00:00:00.000Z'").unwrap();
    delete(&w, "owner-a", &id);
    assert_eq!(w.db.query("select count(*) from approval where org_id = 'a'"), ["1"], "the long over are forgotten");
}

#[test]
fn who_decides_is_a_person_who_could_make_the_call_himself() {
    let w = World::new();
    let id = dashboard(&w);
    let (_, approval) = delete(&w, "admin-a", &id);
    // A member may delete his own alone: this is not his.
    assert_eq!(decide(&w, "member-a", &approval, "approve").1["code"], "FORBIDDEN");
    assert_eq!(decide(&w, "owner-b", &approval, "approve").1["code"], "ORG_PERMISSION_DENIED");
    let key = w.made("owner-a", "/api/api-keys", json!({ "name": "k", "permissions": { "dashboard": ["delete"] } }));
    let as_key = |path: &str| {
        let mut request: Request = w.request("", "POST", path, json!({ "decision": "approve" }));
        request.headers.retain(|(name, _)| name != "cookie" && name != "origin");
        request.headers.push(("authorization".into(), format!("Bearer {}", key["key"].as_str().unwrap())));
        serde_json::from_slice::<Value>(&w.answer(&request).body).unwrap()
    };
    assert_eq!(as_key(&format!("/api/approvals/{approval}/decide"))["code"], "INSUFFICIENT_SCOPE");
    // Not by a door of models either, though none of them has the tool.
    let operation = operations::all().find(|operation| operation.name == "approval_decide").unwrap();
    assert!(operations::tools().all(|tool| !tool.name.starts_with("approval_")));
    let cx = block_on(enter(&w.app, &w.request("owner-a", "POST", "/mcp", Value::Null), Door::Mcp)).unwrap();
    let decision = json!({ "id": approval, "decision": "approve" });
    assert!(matches!(block_on(operation.call(&cx, || Ok(decision.into()))), Err(Error::NotAPerson)));
    assert_eq!(status(&w, &approval), "pending");
    assert_eq!(decide(&w, "owner-a", &approval, "approve").0, 200, "who may, may for another");
    assert_eq!(delete(&w, "owner-a", &id).0, "APPROVAL_REQUIRED", "it is the other's, not his own");
    assert_eq!(delete(&w, "admin-a", &id).0, "");
}

#[test]
fn a_member_decides_on_what_a_model_does_for_him_and_the_model_can_do_no_more_than_he() {
    let w = World::new();
    let id = dashboard(&w);
    let own = w.made("member-a", "/api/dashboards", json!({ "name": "Mine" }))["id"].as_str().unwrap().to_owned();
    for (id, code) in [(&id, "FORBIDDEN"), (&own, "")] {
        let (asked, approval) = delete(&w, "member-a", id);
        assert_eq!(asked, "APPROVAL_REQUIRED");
        assert_eq!(decide(&w, "member-a", &approval, "approve").0, 200);
        assert_eq!(delete(&w, "member-a", id).0, code);
        assert_eq!(status(&w, &approval), if code.is_empty() { "used" } else { "approved" }, "no effect, no use");
    }
    assert_eq!((is_there(&w, &id), is_there(&w, &own)), (true, false));
}

#[test]
fn what_would_be_refused_anyway_is_not_asked_for() {
    let w = World::new();
    for arguments in [json!({}), json!({ "id": 1 }), json!({ "id": dashboard(&w), "organizationId": "b" })] {
        let refused = error(&tool(&w, "owner-a", "dashboard_delete", arguments.clone()));
        assert_eq!(refused["code"], "INVALID_INPUT", "{arguments}");
    }
    w.db.execute(
        "insert into organizationRole values ('r', 'a', 'reader', '{\"dashboard\":[\"read\"]}', '2026', null);
        update member set role = 'reader' where id = 'm-member-a'",
    )
    .unwrap();
    assert_eq!(delete(&w, "member-a", &dashboard(&w)).0, "FORBIDDEN");
    assert_eq!(w.db.query("select count(*) from approval"), ["0"]);
}

#[test]
fn a_person_needs_none_and_no_door_of_models_can_forget_to_ask() {
    let w = World::new();
    let id = dashboard(&w);
    let cx = |door| block_on(enter(&w.app, &w.request("owner-a", "POST", "/mcp", Value::Null), door)).unwrap();
    for door in [Door::Mcp, Door::Agent] {
        let cx = cx(door);
        for operation in operations::all().filter(|o| o.effect() == Effect::Destructive || o.sends.is_some()) {
            let arguments = match operation.name {
                "automation_create" => report(&id),
                "delivery_resend" => json!({ "id": format!("dlv_{}", "0".repeat(32)) }),
                "automation_update" => json!({ "id": format!("au_{}", "0".repeat(32)), "isEnabled": true }),
                _ => json!({ "id": id }),
            };
            assert!(operation.needs_approval(&cx, &arguments).unwrap(), "{}", operation.name);
            let answered = block_on(operation.call(&cx, || Ok(arguments.into())));
            assert!(matches!(answered, Err(Error::Internal(_))), "{}", operation.name);
        }
    }
    assert!(is_there(&w, &id) && w.db.query("select 1 from automation").is_empty());
    w.made("owner-a", "/api/automations", report(&id));
    let id = dashboard(&w);
    assert_eq!(w.send("owner-a", "DELETE", &format!("/api/dashboards/{id}"), Value::Null).0, 200);
}

/// An automation that sends the dashboard.
fn report(dashboard: &str) -> Value {
    let channels = json!([{ "type": "email", "to": ["ops@example.com"] }]);
    let config = json!({ "type": "scheduled_report", "dashboardId": dashboard, "format": "csv", "channels": channels });
    json!({ "name": "Report", "schedule": { "cron": "0 9 * * *", "timeZone": "UTC" }, "config": config })
}

#[test]
fn what_says_where_data_is_sent_waits_for_a_person_and_a_new_name_does_not() {
    let w = World::new();
    let new = report(&dashboard(&w));
    let called = |name: &str, arguments: &Value| tool(&w, "owner-a", name, arguments.clone());
    let asked = error(&called("automation_create", &new));
    assert_eq!(asked["code"], "APPROVAL_REQUIRED");
    assert!(w.db.query("select 1 from automation").is_empty());
    assert_eq!(decide(&w, "owner-a", asked["approval"].as_str().unwrap(), "approve").0, 200);
    let mut elsewhere = new.clone();
    elsewhere["config"]["channels"][0]["to"][0] = json!("eve@example.com");
    assert_eq!(error(&called("automation_create", &elsewhere))["code"], "APPROVAL_REQUIRED", "another recipient");
    let made = called("automation_create", &new)["structuredContent"].clone();
    assert_eq!(made["config"]["channels"], new["config"]["channels"]);
    assert_eq!(error(&called("automation_create", &new))["code"], "APPROVAL_REQUIRED", "it is good once");

    let patch = |fields: Value| {
        let mut patch = json!({ "id": made["id"] });
        patch.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        error(&called("automation_update", &patch))["code"].as_str().unwrap_or("done").to_owned()
    };
    let row = || w.db.query("select config, schedule, run_as, is_enabled, next_run_at from automation");
    let before = row();
    for fields in [
        json!({ "config": elsewhere["config"] }),
        json!({ "name": "Report", "config": elsewhere["config"] }),
        json!({ "name": "Report", "isEnabled": false, "config": new["config"] }),
        json!({ "schedule": { "cron": "* * * * *", "timeZone": "UTC" } }),
        json!({ "isEnabled": true }),
    ] {
        assert_eq!(patch(fields.clone()), "APPROVAL_REQUIRED", "{fields}");
    }
    // No other field is one, and nothing that is not what it should be is asked about.
    for fields in [
        json!({ "name": { "config": elsewhere["config"] } }),
        json!({ "name": "Report", "channels": elsewhere["config"]["channels"] }),
        json!({ "name": "Report", "Config": elsewhere["config"] }),
        json!({ "name": "Report", "isEnabled": "true" }),
        json!({ "config": null, "schedule": null }),
    ] {
        assert_eq!(patch(fields.clone()), "INVALID_INPUT", "{fields}");
    }
    assert_eq!(patch(json!({ "name": "Weekly", "config": null, "isEnabled": null })), "done");
    assert_eq!(row(), before);
    assert_eq!(patch(json!({ "isEnabled": false })), "done");
    assert_eq!(patch(json!({ "isEnabled": true })), "APPROVAL_REQUIRED");
    // A person needs none.
    let path = format!("/api/automations/{}", made["id"].as_str().unwrap());
    assert_eq!(w.send("owner-a", "PATCH", &path, json!({ "isEnabled": true })).0, 200);
}

#[test]
fn what_is_too_long_to_be_read_is_not_asked_for() {
    let w = World::new();
    let mut new = report(&dashboard(&w));
    new["config"] = json!({
        "type": "threshold_alert", "datasetId": format!("ds_{}", "0".repeat(32)), "sql": "\u{1f4a3}".repeat(20_000),
        "operator": "gt", "threshold": 1, "noData": "ok", "channels": new["config"]["channels"],
    });
    let refused = error(&tool(&w, "owner-a", "automation_create", new));
    assert_eq!((&refused["code"], &refused["field"]), (&json!("INVALID_INPUT"), &json!("input")), "{refused}");
    assert_eq!(w.db.query("select count(*) from approval"), ["0"]);
}

#[test]
fn so_many_are_asked_for_in_a_while_and_no_more() {
    let w = World::new();
    let of = |n: u32| format!("db_{n:032x}");
    for n in 0..MAX_ASKED {
        assert_eq!(delete(&w, "owner-a", &of(n)).0, "APPROVAL_REQUIRED");
    }
    assert_eq!(delete(&w, "owner-a", &of(MAX_ASKED)).0, "QUOTA_EXCEEDED");
    assert_eq!(delete(&w, "owner-a", &of(0)).0, "APPROVAL_REQUIRED", "the old ones are found");
    assert_eq!(delete(&w, "admin-a", &of(MAX_ASKED)).0, "APPROVAL_REQUIRED", "another's are his own");
}

#[test]
fn an_approval_goes_with_the_membership_of_whom_it_is_for() {
    let w = World::new();
    delete(&w, "admin-a", &dashboard(&w));
    w.db.execute("delete from member where userId = 'u-admin-a'").unwrap();
    assert_eq!(w.db.query("select count(*) from approval"), ["0"]);
}

#[test]
fn an_approval_costs_a_call_more() {
    let w = World::new();
    let id = dashboard(&w);
    let count = |act: &dyn Fn()| {
        let before = w.db.calls.get();
        act();
        w.db.calls.get() - before
    };
    let call = || drop(delete(&w, "owner-a", &id));
    assert_eq!(count(&call), 2, "gate, ask");
    let (_, approval) = delete(&w, "owner-a", &id);
    assert_eq!(count(&|| drop(decide(&w, "owner-a", &approval, "approve"))), 3, "gate, whose, decide");
    assert_eq!(count(&call), 3, "gate, ask, do");
}
