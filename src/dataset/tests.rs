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
