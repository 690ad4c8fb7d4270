//! An organization's settings over SQLite.
use crate::{automation::engine, house::world::World};
use pollster::block_on;
use serde_json::{Value, json};

const PATH: &str = "/api/organization-settings";

fn settings(days: u32) -> Value {
    json!({ "runRetentionDays": days, "maxRunRetentionDays": 90 })
}

#[test]
fn an_organization_keeps_runs_for_as_long_as_it_says_and_at_most_as_long_as_the_deployment() {
    let w = World::new();
    assert_eq!(w.send("owner-a", "GET", PATH, Value::Null), (200, settings(90)));
    assert_eq!(w.send("admin-a", "PATCH", PATH, json!({ "runRetentionDays": 7 })), (200, settings(7)));
    assert_eq!(w.send("owner-a", "GET", PATH, Value::Null), (200, settings(7)));
    assert_eq!(w.send("owner-b", "GET", PATH, Value::Null), (200, settings(90)));
    assert_eq!(w.send("owner-a", "PATCH", PATH, json!({ "runRetentionDays": null })), (200, settings(90)));
    assert_eq!(w.send("owner-a", "PATCH", PATH, json!({ "runRetentionDays": 90 })), (200, settings(90)));
    let wrong = |body: Value, field| ("PATCH", PATH, body, field);
    w.refuses_each(&[
        wrong(json!({}), "input"),
        wrong(json!({ "runRetentionDays": 0 }), "runRetentionDays"),
        wrong(json!({ "runRetentionDays": 91 }), "runRetentionDays"),
        wrong(json!({ "runRetentionDays": 1.5 }), "runRetentionDays"),
        wrong(json!({ "runRetentionDays": "7" }), "runRetentionDays"),
        wrong(json!({ "orgId": "b", "runRetentionDays": 7 }), "orgId"),
    ]);
    let before = w.db.query("select * from organization_setting");
    assert_eq!(w.send("member-a", "GET", PATH, Value::Null), (200, settings(90)));
    assert_eq!(w.send("member-a", "PATCH", PATH, json!({ "runRetentionDays": 1 })).1["code"], "FORBIDDEN");
    assert_eq!(w.db.query("select * from organization_setting"), before);
    w.each_is_one_call(&[("GET", PATH, Value::Null), ("PATCH", PATH, json!({ "runRetentionDays": 8 }))]);
}

#[test]
fn a_deployment_that_allows_less_than_was_chosen_counts() {
    let w = World::new();
    w.db.execute("insert into organization_setting values ('a', 365, null, '2026-01-01T00:00:00.000Z')").unwrap();
    assert_eq!(w.send("owner-a", "GET", PATH, Value::Null), (200, settings(90)));
}

/// Runs of both organizations that ended so many days ago.
fn ended(w: &World, days: &[u32], each: u32) {
    for org in ["a", "b"] {
        for days in days {
            w.db.execute(&format!(
                "with recursive n (i) as (select 1 union all select i + 1 from n where i < {each})
                 insert into automation_run (id, org_id, automation_id, scheduled_for, status, finished_at, created_at, updated_at)
                 select printf('run_{org}{days:02}%029x', i), '{org}', (select id from automation where org_id = '{org}'),
                    printf('{org}{days} %d', i), 'succeeded',
                    strftime('%Y-%m-%dT%H:%M:%fZ', '{}', '-{days} days', '-1 seconds'), '{0}', '{0}' from n",
                crate::house::world::NOW
            ))
            .unwrap();
        }
    }
}

#[test]
fn runs_go_by_what_their_organization_says() {
    let w = World::new();
    for who in ["owner-a", "owner-b"] {
        let dashboard = w.made(who, "/api/dashboards", json!({ "name": "D" }))["id"].clone();
        let channels = json!([{ "type": "email", "to": ["ada@example.com"] }]);
        let config =
            json!({ "type": "scheduled_report", "dashboardId": dashboard, "format": "csv", "channels": channels });
        let schedule = json!({ "cron": "0 8 * * *", "timeZone": "UTC" });
        w.made(who, "/api/automations", json!({ "name": "x", "config": config, "schedule": schedule }));
    }
    ended(&w, &[1, 7, 89, 90], 600);
    assert_eq!(w.send("owner-a", "PATCH", PATH, json!({ "runRetentionDays": 7 })).0, 200);
    let before = w.db.calls.get();
    assert_eq!(block_on(engine::purge(&w.app)).unwrap(), 2 * 600 + 2 * 600);
    assert_eq!(w.db.calls.get() - before, 3 + 3, "at most 500 at a time");
    let left = w.db.query("select org_id, substr(scheduled_for, 2, 2), count(*) from automation_run group by 1, 2");
    assert_eq!(left, ["a|1 |600", "b|1 |600", "b|7 |600", "b|89|600"]);
}
