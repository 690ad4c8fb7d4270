//! Datasets, through the whole core over SQLite.
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

fn sales() -> Value {
    json!({ "name": "sales", "columns": [{ "name": "amount", "type": "decimal", "nullable": false }] })
}

#[test]
fn a_dataset_from_birth_to_death() {
    let w = World::new();
    let (status, made) = w.send("owner-a", "POST", "/api/datasets", sales());
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["createdBy"], "u-owner-a");
    assert_eq!(made["createdAt"], NOW);
    let path = format!("/api/datasets/{}", made["id"].as_str().unwrap());
    assert_eq!(w.send("member-a", "GET", &path, Value::Null), (200, made.clone()));
    let (status, renamed) =
        w.send("member-a", "PATCH", &path, json!({ "name": "Sales 2026", "description": "All of it" }));
    assert_eq!((status, &renamed["name"], &renamed["columns"]), (200, &json!("Sales 2026"), &made["columns"]));
    let (_, cleared) = w.send("member-a", "PATCH", &path, json!({ "description": null }));
    assert_eq!(cleared["description"], Value::Null);
    assert_eq!(w.send("owner-a", "DELETE", &path, Value::Null), (200, json!({ "id": made["id"], "deleted": true })));
    assert_eq!(w.send("owner-a", "GET", &path, Value::Null).0, 404);
}

#[test]
fn a_name_is_taken_whatever_its_case() {
    let w = World::new();
    w.send("owner-a", "POST", "/api/datasets", sales());
    let mut again = sales();
    again["name"] = json!("SALES");
    let (status, body) = w.send("member-a", "POST", "/api/datasets", again);
    assert_eq!((status, &body["code"]), (409, &json!("CONFLICT")));
    assert_eq!(w.send("owner-b", "POST", "/api/datasets", sales()).0, 201, "another organization has names of its own");
}

#[test]
fn who_changes_an_old_version_changes_nothing() {
    let w = World::new();
    let (_, made) = w.send("owner-a", "POST", "/api/datasets", sales());
    let path = format!("/api/datasets/{}", made["id"].as_str().unwrap());
    let first = json!({ "name": "first", "updatedAt": made["updatedAt"] });
    let (status, changed) = w.send("owner-a", "PATCH", &path, first.clone());
    assert_eq!(status, 200);
    assert!(changed["updatedAt"].as_str() > made["updatedAt"].as_str(), "the version grows within a millisecond");
    let before = w.db.dump();
    assert_eq!(w.send("owner-a", "PATCH", &path, first).1["code"], "PRECONDITION_FAILED");
    let mut request = w.request("owner-a", "DELETE", &path, Value::Null);
    request.headers.push(("if-match".into(), format!("\"{NOW}\"")));
    assert_eq!(w.answer(&request).status, 412);
    assert_eq!(w.db.dump(), before);
    request.headers.pop();
    request.headers.push(("if-match".into(), format!("\"{}\"", changed["updatedAt"].as_str().unwrap())));
    assert_eq!(w.answer(&request).status, 200);
}

#[test]
fn a_member_deletes_only_what_is_his() {
    let w = World::new();
    let (_, owners) = w.send("owner-a", "POST", "/api/datasets", sales());
    let mut mine = sales();
    mine["name"] = json!("mine");
    let (_, mine) = w.send("member-a", "POST", "/api/datasets", mine);
    let path = |dataset: &Value| format!("/api/datasets/{}", dataset["id"].as_str().unwrap());
    assert_eq!(w.send("member-a", "DELETE", &path(&owners), Value::Null).1["code"], "FORBIDDEN");
    assert_eq!(w.send("owner-a", "GET", &path(&owners), Value::Null).0, 200);
    assert_eq!(w.send("member-a", "DELETE", &path(&mine), Value::Null).0, 200);
}

#[test]
fn pages_hold_every_dataset_once_newest_first() {
    let mut w = World::new();
    let mut made = vec![];
    for i in 0..7 {
        w.app.now = w.app.now.plus_s(1);
        let mut new = sales();
        new["name"] = json!(format!("d{i}"));
        made.insert(0, w.made("owner-a", "/api/datasets", new));
    }
    let (_, all) = w.send("owner-a", "GET", "/api/datasets", Value::Null);
    assert_eq!(all["items"], json!(made));
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let (status, page) = w.send("owner-a", "GET", &format!("/api/datasets?limit=3{cursor}"), Value::Null);
        assert_eq!(status, 200);
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(json!(seen), all["items"]);
    assert_eq!(seen.len(), 7);
}

#[test]
fn bad_input_is_a_clear_400_and_writes_nothing() {
    let w = World::new();
    let before = w.db.dump();
    for (path, body, field) in [
        ("/api/datasets", json!({ "name": "x" }), "input"),
        ("/api/datasets", json!({ "name": "", "columns": sales()["columns"] }), "name"),
        ("/api/datasets", json!({ "name": "x", "columns": [], "orgId": "b" }), "columns"),
        ("/api/datasets", json!({ "name": "x\ny", "columns": sales()["columns"] }), "name"),
        ("/api/datasets", json!({ "name": "x\ty", "columns": sales()["columns"] }), "name"),
        ("/api/datasets", json!({ "name": 7, "columns": sales()["columns"] }), "name"),
        ("/api/datasets", json!([]), "body"),
        ("/api/datasets?name=x", sales(), "name"),
    ] {
        let (status, error) = w.send("owner-a", "POST", path, body.clone());
        assert_eq!(
            (status, &error["code"], &error["field"]),
            (400, &json!("INVALID_INPUT"), &json!(field)),
            "{body} {error}"
        );
    }
    for query in ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=wg_0190a6b7c8d97e0f8a1b2c3d4e5f6071", "page=2"]
    {
        assert_eq!(w.send("owner-a", "GET", &format!("/api/datasets?{query}"), Value::Null).0, 400, "{query}");
    }
    assert_eq!(w.db.dump(), before);
}

#[test]
fn columns_have_a_bounded_weight() {
    let w = World::new();
    let columns = |letters: usize| -> Value {
        let text = "\u{1f600}".repeat(letters);
        (0..100)
            .map(|i| json!({ "name": format!("c{i}"), "type": "text", "nullable": true, "description": text }))
            .collect()
    };
    let made = w.made("owner-a", "/api/datasets", json!({ "name": "light", "columns": columns(140) }));
    let path = format!("/api/datasets/{}", made["id"].as_str().unwrap());
    let before = w.db.dump();
    for (columns, field) in [(columns(500), "columns"), (columns(501), "columns[0].description")] {
        for (method, path, body) in [
            ("POST", "/api/datasets", json!({ "name": "heavy", "columns": columns })),
            ("PATCH", &path, json!({ "columns": columns })),
        ] {
            let (status, error) = w.send("owner-a", method, path, body);
            assert_eq!((status, &error["field"]), (400, &json!(field)));
        }
    }
    assert_eq!(w.db.dump(), before);
}

fn measured(w: &World, who: &str) -> Value {
    let column =
        |name: &str, r#type: &str, nullable: bool| json!({ "name": name, "type": r#type, "nullable": nullable });
    let columns = [
        column("day", "date", false),
        column("region", "text", true),
        column("amount", "decimal", true),
        column("paid", "boolean", true),
    ];
    w.made(who, "/api/datasets", json!({ "name": "sales", "columns": columns }))
}

fn upload(w: &World, who: &str, path: &str, media: &str, body: &str) -> (u16, Value) {
    let mut request = w.request(who, "POST", path, Value::Null);
    request.headers.retain(|(name, _)| name != "content-type");
    request.headers.push(("content-type".into(), media.into()));
    request.body = body.into();
    let response = w.answer(&request);
    (response.status.as_u16(), serde_json::from_slice(&response.body).unwrap())
}

fn append_path(dataset: &Value) -> String {
    format!("/api/datasets/{}/append", dataset["id"].as_str().unwrap())
}

#[test]
fn rows_go_in_as_csv_ndjson_or_json_and_sql_answers() {
    let w = World::new();
    let sales = measured(&w, "owner-a");
    let csv = "\u{feff}Day;region;amount;paid\r\n2026-01-01;\"no;r\"\"th\n1\";1.5;true\r\n2026-01-02;;2;0\r\n";
    let (status, answer) = upload(&w, "member-a", &append_path(&sales), "text/csv; charset=utf-8", csv);
    assert_eq!((status, &answer["added"], &answer["rowCount"]), (200, &json!(2), &json!(2)), "{answer}");
    let (status, answer) = upload(
        &w,
        "owner-a",
        &append_path(&sales),
        "application/x-ndjson",
        "{\"day\":\"2026-01-03\",\"amount\":3}\n\n",
    );
    assert_eq!((status, &answer["added"], &answer["version"]), (200, &json!(1), &json!(2)), "{answer}");
    let (status, answer) =
        w.send("owner-a", "POST", &append_path(&sales), json!({ "rows": [{ "DAY": "2026-01-04", "paid": true }] }));
    assert_eq!((status, &answer["rowCount"]), (200, &json!(4)), "{answer}");
    let (status, answer) =
        w.send("member-a", "POST", "/api/query", json!({ "sql": "select * from Sales order by day" }));
    assert_eq!(status, 200, "{answer}");
    let rows = json!([
        ["2026-01-01", "no;r\"th\n1", 1.5, 1],
        ["2026-01-02", null, 2.0, 0],
        ["2026-01-03", null, 3.0, null],
        ["2026-01-04", null, null, 1]
    ]);
    assert_eq!(answer["rows"], rows);
    let types: Vec<_> =
        answer["columns"].as_array().unwrap().iter().map(|column| column["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["date", "text", "decimal", "boolean"]);
    assert_eq!(answer["datasetVersions"], json!({ sales["id"].as_str().unwrap(): 3 }));
    let sum =
        json!({ "sql": "select sum(amount) as total from sales where day >= ?", "params": ["2026-01-02"], "limit": 1 });
    assert_eq!(w.send("owner-a", "POST", "/api/query", sum).1["rows"], json!([[5.0]]));
}

#[test]
fn a_row_that_does_not_fit_is_told_and_nothing_is_added_unless_it_is_to_be_skipped() {
    let w = World::new();
    let sales = measured(&w, "owner-a");
    let csv = "day,amount\n2026-01-01,1\nsoon,2\n2026-01-03,x\n,4\n2026-01-05,5,6\n";
    let (status, error) = upload(&w, "owner-a", &append_path(&sales), "text/csv", csv);
    assert_eq!((status, &error["field"]), (400, &json!("rows")));
    let message = error["message"].as_str().unwrap();
    for part in [
        "row 2, column day: \"soon\" is not a day",
        "row 3, column amount: \"x\" is not a number",
        "row 4, column day: \"\" is not a value",
        "row 5: \"3 cells\"",
        "Nothing was added",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let (status, answer) = upload(&w, "owner-a", &format!("{}?onError=skip", append_path(&sales)), "text/csv", csv);
    assert_eq!(
        (status, &answer["added"], &answer["skipped"], &answer["rowCount"]),
        (200, &json!(1), &json!(4), &json!(1))
    );
    assert_eq!(answer["errors"][1], json!({ "row": 3, "column": "amount", "value": "x", "expected": "a number" }));
    for (body, says) in [("day,what\n", "what"), ("day,Day\n", "twice")] {
        let (status, error) = upload(&w, "owner-a", &append_path(&sales), "text/csv", body);
        assert_eq!((status, &error["field"]), (400, &json!("csv")));
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    for body in [
        json!({}),
        json!({ "rows": [], "csv": "" }),
        json!({ "rows": [[1]] }),
        json!({ "rows": [], "onError": "stop" }),
    ] {
        assert_eq!(w.send("owner-a", "POST", &append_path(&sales), body).0, 400);
    }
    let (status, error) = upload(&w, "owner-a", "/api/dashboards", "text/csv", "x");
    assert_eq!((status, &error["field"]), (400, &json!("csv")), "an operation that takes no rows");
}

#[test]
fn a_retried_append_adds_once_and_a_replace_leaves_only_its_own() {
    let w = World::new();
    let sales = measured(&w, "owner-a");
    let mut request = w.request("owner-a", "POST", &append_path(&sales), json!({ "rows": [{ "day": "2026-01-01" }] }));
    request.headers.push(("idempotency-key".into(), "once".into()));
    let first = w.answer(&request);
    assert_eq!((first.status.as_u16(), w.answer(&request)), (200, first));
    let replace = append_path(&sales).replace("append", "replace");
    let (_, answer) = w.send("owner-a", "POST", &replace, json!({ "rows": [{ "day": "2026-02-01" }] }));
    assert_eq!((&answer["added"], &answer["rowCount"]), (&json!(1), &json!(1)));
    assert_eq!(
        w.send("owner-a", "POST", "/api/query", json!({ "sql": "select day from sales" })).1["rows"],
        json!([["2026-02-01"]])
    );
}

#[test]
fn sql_cannot_leave_its_organization() {
    let w = World::new();
    let (ours, theirs) = (measured(&w, "owner-a"), measured(&w, "owner-b"));
    w.send("owner-a", "POST", &append_path(&ours), json!({ "rows": [{ "day": "2026-01-01", "region": "ours" }] }));
    w.send("owner-b", "POST", &append_path(&theirs), json!({ "rows": [{ "day": "2026-01-01", "region": "theirs" }] }));
    assert_eq!(
        w.send("owner-a", "POST", "/api/query", json!({ "sql": "select region from sales" })).1["rows"],
        json!([["ours"]])
    );
    let id = theirs["id"].as_str().unwrap();
    for sql in [
        format!("select * from {id}"),
        format!("select * from main.{id}"),
        "select * from sqlite_schema".into(),
        "drop table sales".into(),
    ] {
        let (status, error) = w.send("owner-a", "POST", "/api/query", json!({ "sql": sql }));
        assert_eq!((status, &error["field"]), (400, &json!("sql")), "{error}");
    }
    let before = [w.stores.of("a").dump(), w.stores.of("b").dump()];
    for verb in ["append", "replace"] {
        let path = append_path(&theirs).replace("append", verb);
        let (status, error) = w.send("owner-a", "POST", &path, json!({ "rows": [] }));
        assert_eq!((status, &error["code"]), (403, &json!("ORG_PERMISSION_DENIED")));
    }
    assert_eq!([w.stores.of("a").dump(), w.stores.of("b").dump()], before);
}

#[test]
fn columns_change_and_their_rows_stay() {
    let w = World::new();
    let sales = measured(&w, "owner-a");
    w.send(
        "owner-a",
        "POST",
        &append_path(&sales),
        json!({ "rows": [{ "day": "2026-01-01", "amount": 2, "paid": true }] }),
    );
    let path = format!("/api/datasets/{}", sales["id"].as_str().unwrap());
    let mut columns = sales["columns"].clone();
    columns[2]["name"] = json!("revenue");
    columns[3]["type"] = json!("integer");
    columns[1] = json!({ "name": "note", "type": "text", "nullable": true });
    let (status, changed) = w.send("member-a", "PATCH", &path, json!({ "columns": columns }));
    assert_eq!(status, 200, "{changed}");
    assert_eq!(changed["columns"][2]["key"], sales["columns"][2]["key"]);
    assert_eq!(
        w.send("owner-a", "POST", "/api/query", json!({ "sql": "select * from sales" })).1["rows"],
        json!([["2026-01-01", null, 2.0, 1]])
    );
    let with = |at: usize, field: &str, value: Value| {
        let mut columns = changed["columns"].clone();
        columns[at][field] = value;
        json!({ "columns": columns })
    };
    let added = json!({ "columns": [changed["columns"][0], { "name": "must", "type": "text", "nullable": false }] });
    let twice = with(1, "key", changed["columns"][0]["key"].clone());
    for (patch, field) in [
        (with(0, "type", json!("integer")), "columns[0].type"),
        (with(1, "nullable", json!(false)), "columns[1].nullable"),
        (with(1, "key", json!("nothing")), "columns[1].key"),
        (added, "columns[1].nullable"),
        (twice, "columns[1].key"),
    ] {
        let (status, error) = w.send("owner-a", "PATCH", &path, patch);
        assert_eq!((status, error["field"].as_str()), (400, Some(field)), "{error}");
    }
    assert_eq!(w.send("owner-b", "PATCH", &path, json!({ "columns": columns })).1["code"], "ORG_PERMISSION_DENIED");
}

#[test]
fn a_deleted_dataset_takes_its_rows_along() {
    let w = World::new();
    let sales = measured(&w, "owner-a");
    w.send("owner-a", "POST", &append_path(&sales), json!({ "rows": [{ "day": "2026-01-01" }] }));
    let id = sales["id"].as_str().unwrap();
    assert!(w.stores.of("a").dump().join("\n").contains(id));
    assert_eq!(w.send("owner-a", "DELETE", &format!("/api/datasets/{id}"), Value::Null).0, 200);
    assert!(!w.stores.of("a").dump().join("\n").contains(id));
}

#[test]
fn rows_and_queries_cost_one_call_of_each_kind() {
    let w = World::new();
    let sales = measured(&w, "owner-a");
    for (path, body) in [
        (append_path(&sales), json!({ "rows": [{ "day": "2026-01-01" }] })),
        ("/api/query".into(), json!({ "sql": "select 1 from sales" })),
    ] {
        let before = w.stores.calls.get();
        w.each_is_one_call(&[("POST", &path, body)]);
        assert_eq!(w.stores.calls.get() - before, 1);
    }
}

#[test]
fn who_may_not_query_is_refused() {
    let w = World::new();
    w.db.execute("update member set role = 'nothing' where userId = 'u-member-a'").unwrap();
    assert_eq!(w.send("member-a", "POST", "/api/query", json!({ "sql": "select 1" })).1["code"], "FORBIDDEN");
}

#[test]
fn a_deleted_organization_takes_its_rows_along() {
    let w = World::new();
    for who in ["owner-a", "owner-b"] {
        let sales = measured(&w, who);
        w.send(who, "POST", &append_path(&sales), json!({ "rows": [{ "day": "2026-01-01" }] }));
    }
    let (status, answer) = w.send("owner-a", "POST", "/api/auth/organization/delete", json!({ "organizationId": "a" }));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(w.stores.of("a").dump(), [""; 0]);
    assert!(!w.stores.of("b").dump().is_empty());
}
