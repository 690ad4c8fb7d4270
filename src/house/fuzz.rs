//! Whatever is sent: never a panic, never a 500.
use super::world::World;
use crate::{api::Request, operations};
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON with our own field names among others, so that much of it gets past the first check.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "(ds|db|wg|au|run|dlv|whs)_[0-9a-f]{32}".prop_map(Value::from),
        "(text|email|webhook|threshold_alert|line|7d|sum|gt|ok|csv|\\* \\* \\* \\* \\*|UTC)".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((field(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "(name|description|columns|type|nullable|title|kind|config|sql|position|dashboardId|datasetId|schedule|cron|timeZone)",
        3 => "(channels|to|url|operator|threshold|noData|format|updatedAt|id|limit|cursor|isEnabled|x|y|w|h|xField|aggregate|timeRange|bucket|force)",
        1 => "\\PC{0,8}",
    ]
}

/// Good bodies of each create. The ids of `made` stand where an id is asked for.
fn good(made: &[String; 2]) -> Vec<(&'static str, Value)> {
    let [dataset, dashboard] = made;
    let channels = json!([{ "type": "email", "to": ["a@b.co"] }, { "type": "webhook", "url": "https://b.co" }]);
    let schedule = json!({ "cron": "0 8 * * MON", "timeZone": "UTC" });
    let config = json!({
        "sql": "select a, 1 as b from d", "xField": "a", "yField": "b", "aggregate": "sum", "timeRange": "all",
    });
    let alert = json!({
        "type": "threshold_alert", "datasetId": dataset, "sql": "select 1", "operator": "gt", "threshold": 1,
        "recoverThreshold": 0, "pendingRuns": 1, "clearRuns": 1, "noData": "ok", "channels": channels,
    });
    let report = json!({
        "type": "scheduled_report", "dashboardId": dashboard, "format": "csv", "channels": channels,
    });
    let columns = json!([{ "name": "a", "type": "text", "nullable": true, "description": "x" }]);
    vec![
        ("/api/datasets", json!({ "name": "x", "description": "x", "columns": columns })),
        ("/api/dashboards", json!({ "name": "x", "description": "x" })),
        (
            "/api/widgets",
            json!({
                "dashboardId": dashboard, "datasetId": dataset, "title": "x", "kind": "bar",
                "position": { "x": 0, "y": 0, "w": 1, "h": 1 }, "config": config,
            }),
        ),
        ("/api/automations", json!({ "name": "x", "isEnabled": true, "config": alert, "schedule": schedule })),
        ("/api/automations", json!({ "name": "x", "config": report, "schedule": schedule })),
    ]
}

/// Every value in it, as JSON pointers (RFC 6901).
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| places(field, &format!("{at}/{name}"), found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| places(item, &format!("{at}/{i}"), found)),
        _ => {}
    }
}

fn header() -> impl Strategy<Value = (String, String)> {
    let name =
        "(cookie|authorization|x-organization-id|origin|referer|content-type|if-match|sec-fetch-site|user-agent)";
    (name, "\\PC{0,40}|Bearer \\PC{0,20}|better-auth.session_token=\\PC{0,50}|\"\\PC{0,30}\"")
}

fn request(w: &World, operation: usize, body: Vec<u8>, segment: &str, query: &str) -> Request {
    let all: Vec<_> = operations::all().collect();
    let operation = all[operation % all.len()];
    let path = operation.path.replace("{id}", segment).replace("{automationId}", segment);
    let mut request = w.request("owner-a", operation.method.as_str(), &format!("{path}?{query}"), Value::Null);
    request.body = body;
    request
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_json_is_answered(operation in 0..64usize, body in json(), id in "(ds|db|wg|au|run|dlv|whs)_[0-9a-f]{32}", query in "[a-z]{0,6}=?[a-z0-9]{0,3}") {
        let w = World::new();
        let answer = w.answer(&request(&w, operation, body.to_string().into_bytes(), &id, &query));
        prop_assert!(answer.status.as_u16() < 500, "{answer:?}");
    }

    #[test]
    fn a_good_body_with_anything_in_one_place_is_answered(which in 0..5usize, place in any::<prop::sample::Index>(), anything in json()) {
        let w = World::new();
        let column = json!([{ "name": "a", "type": "text", "nullable": true }]);
        let dataset = w.made("owner-a", "/api/datasets", json!({ "name": "d", "columns": column }));
        let made = [dataset, w.made("owner-a", "/api/dashboards", json!({ "name": "d" }))];
        let (path, mut body) = good(&made.map(|row| row["id"].as_str().unwrap().to_owned())).swap_remove(which);
        let row = format!("{path}/{}", w.made("owner-a", path, body.clone())["id"].as_str().unwrap());
        let mut found = vec![];
        places(&body, "", &mut found);
        let place: &String = place.get(&found);
        *body.pointer_mut(place).unwrap() = anything;
        prop_assert!(w.send("owner-a", "POST", path, body.clone()).0 < 500);
        if let Some(fields) = body.as_object_mut() {
            fields.remove("dashboardId");
        }
        prop_assert!(w.send("owner-a", "PATCH", &row, body).0 < 500);
    }

    #[test]
    fn any_bytes_and_headers_are_answered(
        operation in 0..64usize, body in prop::collection::vec(any::<u8>(), 0..200), segment in "[^/]{1,20}",
        headers in prop::collection::vec(header(), 0..5),
    ) {
        let w = World::new();
        let mut request = request(&w, operation, body, &segment, "");
        request.headers.splice(0..0, headers);
        prop_assert!(w.answer(&request).status.as_u16() < 500);
    }

    #[test]
    fn any_path_is_answered(method in "(GET|POST|PATCH|DELETE|PUT|HEAD|OPTIONS)", path in "/\\PC{0,40}|/api/\\PC{0,30}|/api/auth/\\PC{0,30}") {
        let w = World::new();
        let mut request = w.request("owner-a", &method, "/", Value::Null);
        request.path = path;
        prop_assert!(w.answer(&request).status.as_u16() < 500);
    }
}
