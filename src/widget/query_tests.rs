//! What widgets and dashboards answer, and what is checked for them, through the whole core over SQLite.
use crate::house::world::World;
use serde_json::{Value, json};

/// A day's sales for each of the last `days` days up to the tests' today, 2026-01-02, of 1, 2, 3, … from today back.
fn sales(w: &World, who: &str, days: i64) -> Value {
    let column = |name: &str, r#type: &str| json!({ "name": name, "type": r#type, "nullable": true });
    let columns = json!([column("day", "date"), column("region", "text"), column("amount", "integer")]);
    let made = w.made(who, "/api/datasets", json!({ "name": "sales", "columns": columns }));
    let today = crate::time::days_from_civil(2026, 1, 2);
    let row = |back: i64| {
        let (year, month, day) = crate::time::civil_from_days(today - back);
        let region = if back % 2 == 0 { "north" } else { "south" };
        json!({ "day": format!("{year:04}-{month:02}-{day:02}"), "region": region, "amount": back + 1 })
    };
    let rows: Vec<_> = (0..days).map(row).collect();
    let path = format!("/api/datasets/{}/append", made["id"].as_str().unwrap());
    assert_eq!(w.send(who, "POST", &path, json!({ "rows": rows })).0, 200);
    made
}

fn dashboard(w: &World, who: &str) -> Value {
    w.made(who, "/api/dashboards", json!({ "name": "Sales" }))["id"].clone()
}

fn new_widget(dashboard: &Value, dataset: &Value, config: &Value) -> Value {
    json!({ "dashboardId": dashboard, "datasetId": dataset, "title": "w", "kind": "bar", "config": config })
}

fn query(w: &World, who: &str, widget: &Value, view: &str) -> Value {
    let path = format!("/api/widgets/{}/query{view}", widget["id"].as_str().unwrap());
    let (status, answer) = w.send(who, "GET", &path, Value::Null);
    assert_eq!(status, 200, "{answer}");
    answer
}

#[test]
fn a_widget_answers_points_within_its_range() {
    let w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 100), dashboard(&w, "owner-a"));
    let drawn = |config: Value| w.made("owner-a", "/api/widgets", new_widget(&dashboard, &dataset["id"], &config));
    let total = |range: &str| json!({ "yField": "amount", "aggregate": "sum", "timeRange": range });
    for (range, sum) in [("7d", 28), ("30d", 465), ("90d", 4095), ("all", 5050)] {
        let answer = query(&w, "member-a", &drawn(total(range)), "");
        assert_eq!(answer["rows"], json!([[sum]]), "{range}");
        assert_eq!(answer["columns"], json!([{ "name": "amount", "type": "integer" }]));
        assert_eq!(query(&w, "member-a", &drawn(total("all")), &format!("?timeRange={range}"))["rows"], json!([[sum]]));
    }
    let days = drawn(json!({ "xField": "day", "yField": "amount", "aggregate": "sum", "timeRange": "7d" }));
    let answer = query(&w, "member-a", &days, "");
    assert_eq!((&answer["rows"][0], &answer["rows"][6]), (&json!(["2025-12-27", 7]), &json!(["2026-01-02", 1])));
    let weeks = query(&w, "member-a", &days, "?timeRange=90d");
    assert_eq!(weeks["rows"].as_array().unwrap().last(), Some(&json!(["2025-12-29", 15])), "Monday to Friday");
    let months = query(&w, "member-a", &days, "?timeRange=all");
    assert_eq!(months["rows"].as_array().unwrap().last(), Some(&json!(["2026-01-01", 3])));
    let regions = json!({
        "sql": "select day, upper(region) as place from sales", "xField": "place", "aggregate": "count", "timeRange": "7d",
    });
    assert_eq!(query(&w, "member-a", &drawn(regions), "")["rows"], json!([["NORTH", 4], ["SOUTH", 3]]));
    // Without an aggregate, each row as it is; and every zone has a today.
    let rows = drawn(json!({ "sql": "select amount, day from sales order by amount desc", "timeRange": "7d" }));
    let amounts = |view: &str| -> Vec<i64> {
        let answer = query(&w, "member-a", &rows, view);
        answer["rows"].as_array().unwrap().iter().map(|row| row[0].as_i64().unwrap()).collect()
    };
    assert_eq!(amounts(""), [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(amounts("?timeZone=Pacific/Honolulu"), [8, 7, 6, 5, 4, 3, 2], "there it is still the first");
}

#[test]
fn a_view_that_is_none_is_a_clear_400() {
    let w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 1), dashboard(&w, "owner-a"));
    let made = w.made("owner-a", "/api/widgets", new_widget(&dashboard, &dataset["id"], &json!({})));
    let path = |view: &str| format!("/api/widgets/{}/query{view}", made["id"].as_str().unwrap());
    for (view, field) in [("?timeZone=Mars/Olympus", "timeZone"), ("?timeRange=1d", "timeRange"), ("?sql=x", "sql")] {
        let (status, error) = w.send("owner-a", "GET", &path(view), Value::Null);
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{error}");
    }
}

#[test]
fn what_cannot_be_drawn_is_not_saved_and_it_is_said_why() {
    let w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 1), dashboard(&w, "owner-a"));
    let good = w.made("owner-a", "/api/widgets", new_widget(&dashboard, &dataset["id"], &json!({ "xField": "day" })));
    let before = w.db.dump();
    for (config, field, says) in [
        (
            json!({ "sql": "select amont from sales" }),
            "config.sql",
            "line 1, column 8: there is no column amont; did you",
        ),
        (json!({ "sql": "select * from sale" }), "config.sql", "did you mean sales?"),
        (json!({ "sql": "delete from sales" }), "config.sql", "only a SELECT"),
        (json!({ "sql": "select ? from sales" }), "config.sql", "parameters"),
        (json!({ "xField": "dya" }), "config.xField", "did you mean day?"),
        (json!({ "yField": "amounts", "aggregate": "sum" }), "config.yField", "did you mean amount?"),
        (json!({ "aggregate": "sum" }), "config.yField", "needed"),
        (json!({ "yField": "region", "aggregate": "avg" }), "config.yField", "no number"),
        (json!({ "sql": "select amount from sales", "timeRange": "7d" }), "config.timeRange", "needs a date"),
        (json!({ "xField": "region", "bucket": "day" }), "config.bucket", "date"),
    ] {
        let path = format!("/api/widgets/{}", good["id"].as_str().unwrap());
        for (method, path, body) in [
            ("POST", "/api/widgets", new_widget(&dashboard, &dataset["id"], &config)),
            ("PATCH", &path, json!({ "config": config })),
        ] {
            let (status, error) = w.send("owner-a", method, path, body);
            assert_eq!(
                (status, &error["code"], &error["field"]),
                (400, &json!("INVALID_INPUT"), &json!(field)),
                "{error}"
            );
            assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        }
    }
    let path = format!("/api/widgets/{}", good["id"].as_str().unwrap());
    let (_, error) = w.send("owner-a", "PATCH", &path, json!({ "datasetId": null }));
    assert_eq!(error["field"], "config.sql", "nothing would be left to draw: {error}");
    assert_eq!(w.db.dump(), before);
}

#[test]
fn who_may_not_query_datasets_neither_sees_what_widgets_draw_nor_says_it() {
    let w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 1), dashboard(&w, "owner-a"));
    let made = w.made("owner-a", "/api/widgets", new_widget(&dashboard, &dataset["id"], &json!({})));
    w.db.execute(
        "insert into organizationRole (id, organizationId, role, permission, createdAt)
         values ('r', 'a', 'r', '{\"dashboard\":[\"read\"],\"widget\":[\"create\",\"read\",\"update\"]}', '2026');
         update member set role = 'r' where userId = 'u-member-a'",
    )
    .unwrap();
    let widget = format!("/api/widgets/{}", made["id"].as_str().unwrap());
    let board = format!("/api/dashboards/{}/query", dashboard.as_str().unwrap());
    for (method, path, body) in [
        ("GET", format!("{widget}/query"), Value::Null),
        ("GET", board, Value::Null),
        ("POST", "/api/widgets".into(), new_widget(&dashboard, &dataset["id"], &json!({ "sql": "select nothing" }))),
        ("PATCH", widget.clone(), json!({ "config": { "sql": "select nothing" } })),
    ] {
        let (status, error) = w.send("member-a", method, &path, body);
        assert_eq!((status, &error["code"]), (403, &json!("FORBIDDEN")), "{path}");
        assert!(error["message"].as_str().unwrap().contains("dataset:query"), "{error}");
    }
    assert_eq!(w.send("member-a", "PATCH", &widget, json!({ "title": "x" })).0, 200);
}

#[test]
fn a_dashboard_answers_with_each_widgets_result_or_error() {
    let mut w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 3), dashboard(&w, "owner-a"));
    let theirs = sales(&w, "owner-b", 9);
    for config in [
        json!({ "yField": "amount", "aggregate": "sum" }),
        json!({ "sql": "select sum(9223372036854775807) from sales" }),
        json!({ "sql": "select count(*) as n from sales" }),
    ] {
        w.app.now = w.app.now.plus_s(1);
        w.made("owner-a", "/api/widgets", new_widget(&dashboard, &dataset["id"], &config));
    }
    let path = format!("/api/dashboards/{}/query", dashboard.as_str().unwrap());
    let (status, answer) = w.send("member-a", "GET", &path, Value::Null);
    assert_eq!(status, 200, "{answer}");
    let widgets = answer["widgets"].as_array().unwrap();
    assert_eq!((&widgets[0]["result"]["rows"], &widgets[0]["error"]), (&json!([[6]]), &Value::Null));
    assert_eq!((&widgets[1]["result"], &widgets[1]["error"]["code"]), (&Value::Null, &json!("INVALID_INPUT")));
    assert_eq!(widgets[1]["error"]["field"], "config.sql");
    assert_eq!(widgets[2]["result"]["rows"], json!([[3]]));
    assert_eq!(w.send("owner-b", "GET", &path, Value::Null).0, 404);
    assert!(!answer.to_string().contains(theirs["id"].as_str().unwrap()));
    let (_, empty) = w.send("owner-a", "GET", &format!("{path}?timeRange=7d"), Value::Null);
    assert_eq!(empty["widgets"][2]["error"]["field"], "config.timeRange", "a count has no date");
}

#[test]
fn an_answer_is_known_by_its_tag_until_its_rows_change() {
    let w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 3), dashboard(&w, "owner-a"));
    let made = w.made("owner-a", "/api/widgets", new_widget(&dashboard, &dataset["id"], &json!({})));
    let append = format!("/api/datasets/{}/append", dataset["id"].as_str().unwrap());
    for path in [
        format!("/api/widgets/{}/query", made["id"].as_str().unwrap()),
        format!("/api/dashboards/{}/query", dashboard.as_str().unwrap()),
    ] {
        let ask = |known: &str| {
            let mut request = w.request("member-a", "GET", &path, Value::Null);
            request.headers.push(("if-none-match".into(), known.into()));
            w.answer(&request)
        };
        let first = ask("\"other\"");
        let tag = first.header("etag").unwrap().to_owned();
        assert!(first.status == 200 && tag.starts_with("W/\""), "{tag}");
        for known in [&tag, &format!("\"x\", {}", tag.trim_start_matches("W/")), "*"] {
            let again = ask(known);
            assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, Some(&*tag)));
        }
        assert_eq!(w.send("owner-a", "POST", &append, json!({ "rows": [{ "amount": 1 }] })).0, 200);
        let changed = ask(&tag);
        assert!(changed.status == 200 && changed.header("etag") != Some(&*tag));
        assert_eq!(w.send("owner-b", "GET", &path, Value::Null).0, 404, "a tag opens nothing");
    }
    // A row's version is a tag as well.
    let path = format!("/api/datasets/{}", dataset["id"].as_str().unwrap());
    let mut request = w.request("owner-a", "GET", &path, Value::Null);
    let tag = w.answer(&request).header("etag").unwrap().to_owned();
    request.headers.push(("if-none-match".into(), tag));
    assert_eq!(w.answer(&request).status, 304);
}

#[test]
fn the_second_to_ask_within_a_minute_costs_no_row() {
    let mut w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 3), dashboard(&w, "owner-a"));
    let config = json!({ "sql": "select datetime('now') as t, count(*) from sales" });
    let made = w.made("owner-a", "/api/widgets", new_widget(&dashboard, &dataset["id"], &config));
    let first = query(&w, "owner-a", &made, "");
    assert_eq!(first["rows"][0][0], "2026-01-02 03:04:00");
    w.app.now = w.app.now.plus_s(50);
    assert_eq!(query(&w, "member-a", &made, "")["statementHash"], first["statementHash"]);
    w.app.now = w.app.now.plus_s(10);
    assert_eq!(query(&w, "member-a", &made, "")["rows"][0][0], "2026-01-02 03:05:00");
}

#[test]
fn a_change_of_a_dataset_tells_the_widgets_that_it_would_break() {
    let w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 3), dashboard(&w, "owner-a"));
    let made =
        |config: Value, dataset: &Value| w.made("owner-a", "/api/widgets", new_widget(&dashboard, dataset, &config));
    let by_field = made(json!({ "yField": "amount", "aggregate": "sum" }), &dataset["id"]);
    let by_sql = made(json!({ "sql": "select AMOUNT from \"Sales\"" }), &Value::Null);
    let other = made(json!({ "sql": "select 'sales' as word" }), &Value::Null);
    let path = format!("/api/datasets/{}", dataset["id"].as_str().unwrap());
    let refused = |method: &str, path: &str, body: Value, expected: &[&Value]| {
        let before = w.db.dump();
        let (status, error) = w.send("owner-a", method, path, body);
        assert_eq!((status, &error["code"]), (409, &json!("WIDGETS_WOULD_BREAK")), "{error}");
        let mut told: Vec<_> = error["widgets"].as_array().unwrap().iter().map(|w| w["id"].as_str().unwrap()).collect();
        let mut expected: Vec<_> = expected.iter().map(|widget| widget["id"].as_str().unwrap()).collect();
        told.sort_unstable();
        expected.sort_unstable();
        assert_eq!(told, expected, "{error}");
        assert!(error["widgets"][0]["problem"].as_str().unwrap().len() > 10);
        assert_eq!(w.db.dump(), before);
    };
    let columns = dataset["columns"].as_array().unwrap().clone();
    let without_amount = json!({ "columns": columns[..2] });
    refused("PATCH", &path, without_amount.clone(), &[&by_field, &by_sql]);
    refused("PATCH", &path, json!({ "name": "revenue" }), &[&by_sql]);
    let mut as_text = columns.clone();
    as_text[2]["type"] = json!("text");
    refused("PATCH", &path, json!({ "columns": as_text }), &[&by_field]);
    refused("DELETE", &path, Value::Null, &[&by_field, &by_sql]);
    refused("DELETE", &format!("{path}?force=false"), Value::Null, &[&by_field, &by_sql]);
    let mut more = columns.clone();
    more.push(json!({ "name": "note", "type": "text", "nullable": true }));
    assert_eq!(
        w.send("owner-a", "PATCH", &path, json!({ "columns": more, "description": "x" })).0,
        200,
        "breaks nothing"
    );
    assert_eq!(w.send("owner-b", "PATCH", &path, json!({ "name": "x" })).1["code"], "ORG_PERMISSION_DENIED");
    assert_eq!(
        w.send("owner-b", "DELETE", &format!("{path}?force=true"), Value::Null).1["code"],
        "ORG_PERMISSION_DENIED"
    );
    assert_eq!(w.send("member-a", "DELETE", &format!("{path}?force=true"), Value::Null).1["code"], "FORBIDDEN");

    let (status, changed) = w.send("owner-a", "PATCH", &path, json!({ "columns": columns[..2], "force": true }));
    assert_eq!(status, 200, "{changed}");
    let (_, answer) =
        w.send("owner-a", "GET", &format!("/api/widgets/{}/query", by_field["id"].as_str().unwrap()), Value::Null);
    assert_eq!((&answer["code"], &answer["field"]), (&json!("INVALID_INPUT"), &json!("config.yField")), "{answer}");
    // What is broken already is not broken by what comes after.
    assert_eq!(w.send("owner-a", "PATCH", &path, json!({ "name": "revenue" })).0, 200);
    refused("DELETE", &path, Value::Null, &[&by_field]);
    assert_eq!(w.send("owner-a", "DELETE", &format!("{path}?force=true"), Value::Null).0, 200);
    let (_, left) =
        w.send("owner-a", "GET", &format!("/api/widgets/{}", by_field["id"].as_str().unwrap()), Value::Null);
    assert_eq!(left["datasetId"], Value::Null);
    assert_ne!(left["updatedAt"], by_field["updatedAt"], "its version grew");
    assert_eq!(query(&w, "owner-a", &other, "")["rows"], json!([["sales"]]));
}

#[test]
fn reading_costs_one_call_beside_the_gates_and_a_checked_change_two() {
    let w = World::new();
    let (dataset, dashboard) = (sales(&w, "owner-a", 3), dashboard(&w, "owner-a"));
    let new = new_widget(&dashboard, &dataset["id"], &json!({ "yField": "amount", "aggregate": "sum" }));
    assert_eq!(w.calls("owner-a", "POST", "/api/widgets", new.clone()), 2);
    let made = w.made("owner-a", "/api/widgets", new);
    let widget = format!("/api/widgets/{}", made["id"].as_str().unwrap());
    w.each_is_one_call(&[
        ("GET", &format!("{widget}/query"), Value::Null),
        ("GET", &format!("/api/dashboards/{}/query", dashboard.as_str().unwrap()), Value::Null),
        ("PATCH", &widget, json!({ "title": "x" })),
    ]);
    let asked = w.stores.calls.get();
    w.calls("owner-a", "GET", &format!("/api/dashboards/{}/query", dashboard.as_str().unwrap()), Value::Null);
    assert_eq!(w.stores.calls.get() - asked, 2, "one for each widget, at once");
    let path = format!("/api/datasets/{}", dataset["id"].as_str().unwrap());
    for (method, path, body, calls) in [
        ("PATCH", &widget, json!({ "config": { "yField": "amount", "aggregate": "avg" } }), 2),
        ("PATCH", &path, json!({ "columns": dataset["columns"] }), 2),
        ("PATCH", &path, json!({ "description": "x" }), 1),
        ("DELETE", &format!("{path}?force=true"), Value::Null, 1),
    ] {
        assert_eq!(w.calls("owner-a", method, path, body), calls, "{method} {path}");
    }
}
