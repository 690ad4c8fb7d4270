//! What columns are proposed, and that they hold the sample.
use crate::house::world::World;
use serde_json::{Value, json};

fn infer(w: &World, sample: Value) -> (u16, Value) {
    w.send("member-a", "POST", "/api/infer", sample)
}

fn short(answer: &Value) -> Vec<String> {
    let columns = answer["columns"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let short = |column: &Value| {
        let null = if column["nullable"] == json!(true) { "?" } else { "" };
        format!("{} {}{null}", column["name"].as_str().unwrap(), column["type"].as_str().unwrap())
    };
    columns.iter().map(short).collect()
}

#[test]
fn the_narrowest_type_that_holds_every_value_is_proposed_and_takes_the_sample() {
    let w = World::new();
    for (name, sample, columns) in [
        (
            "csv",
            json!({ "csv": "Order date,Zip,Amount,Paid,Count,Big,Note,When,Nothing\n2026-01-01,01234,1.5,true,1,9007199254740993,a,2026-01-01T10:00:00Z,\n2026-01-02,55555,2,FALSE,0,1,,2026-01-02,\n" }),
            vec![
                "Order_date date",
                "Zip text",
                "Amount decimal",
                "Paid boolean",
                "Count integer",
                "Big text",
                "Note text?",
                "When date",
                "Nothing text?",
            ],
        ),
        (
            "rows",
            json!({ "rows": [{ "a": 1, "b": true, "d": "2026-01-01" }, { "a": 1.5, "c": "1", "d": "soon" }] }),
            vec!["a decimal", "b boolean?", "d text", "c text?"],
        ),
        (
            "ndjson",
            json!({ "ndjson": "{\"US Gross\":1,\"x\":null}\n{\"US Gross\":null}\n" }),
            vec!["US_Gross integer?", "x text?"],
        ),
        ("numbers", json!({ "csv": "n;m\n-0.5;1e3\n0;0\n" }), vec!["n decimal", "m decimal"]),
    ] {
        let (status, answer) = infer(&w, sample.clone());
        assert_eq!((status, short(&answer)), (200, columns.into_iter().map(str::to_owned).collect()), "{sample}");
        let made = w.made("owner-a", "/api/datasets", json!({ "name": name, "columns": answer["columns"] }));
        let path = format!("/api/datasets/{}/append", made["id"].as_str().unwrap());
        let (status, appended) = w.send("owner-a", "POST", &path, sample);
        assert_eq!((status, &appended["added"]), (200, &answer["rows"]), "{appended}");
    }
}

#[test]
fn what_no_columns_hold_is_said() {
    let w = World::new();
    for (sample, field, says) in [
        (json!({}), "input", "exactly one"),
        (json!({ "csv": "" }), "csv", "header"),
        (json!({ "csv": "a b,A_B\n" }), "csv", "twice"),
        (json!({ "csv": "a,b\n1\n" }), "rows", "row 1"),
        (json!({ "rows": [{ "a": [1] }] }), "rows", "row 1: no type of column holds [1]"),
        (json!({ "rows": [{ "a": 1 }, { "a": "x" }] }), "rows", "row 2: no type of column holds \"x\""),
        (json!({ "rows": [] }), "columns", "1 to 100"),
        (json!({ "ndjson": "{\"\u{20ac}\":1}" }), "rows", "no name"),
        (json!({ "ndjson": "{\"a\":1" }), "rows", "JSON object"),
    ] {
        let (status, error) = infer(&w, sample.clone());
        assert_eq!((status, error["field"].as_str()), (400, Some(field)), "{sample}: {error}");
        assert!(error["message"].as_str().unwrap().contains(says), "{sample}: {error}");
    }
    assert_eq!(w.send("removed-a", "POST", "/api/infer", json!({ "rows": [] })).0, 403);
}

#[test]
fn a_profile_says_what_the_columns_hold() {
    let w = World::new();
    let column = |name: &str| json!({ "name": name, "type": name, "nullable": true });
    let columns: Value = ["text", "integer", "boolean", "date"].map(column).into_iter().collect();
    let id = w.made("owner-a", "/api/datasets", json!({ "name": "all", "columns": columns }))["id"].clone();
    let path = |verb: &str| format!("/api/datasets/{}/{verb}", id.as_str().unwrap());
    let long = "z".repeat(300);
    let rows = json!([
        { "text": "b", "integer": 3, "boolean": true, "date": "2026-01-02" },
        { "text": "b", "integer": -7 },
        { "text": long, "boolean": false }
    ]);
    let (_, empty) = w.send("member-a", "POST", &path("profile"), json!({}));
    assert_eq!(
        empty["columns"][0],
        json!({ "name": "text", "type": "text", "count": 0, "nulls": 0, "distinct": 0, "min": null, "max": null, "top": [] })
    );
    w.send("owner-a", "POST", &path("append"), json!({ "rows": rows }));
    let (status, answer) =
        w.send("member-a", "POST", &path("profile"), json!({ "columns": ["TEXT", "integer", "boolean"] }));
    assert_eq!(status, 200, "{answer}");
    let cut = "z".repeat(200);
    assert_eq!(
        answer["columns"],
        json!([
            { "name": "text", "type": "text", "count": 3, "nulls": 0, "distinct": 2, "min": "b", "max": cut,
              "top": [{ "value": "b", "count": 2 }, { "value": cut, "count": 1 }] },
            { "name": "integer", "type": "integer", "count": 2, "nulls": 1, "distinct": 2, "min": -7, "max": 3,
              "top": [{ "value": -7, "count": 1 }, { "value": 3, "count": 1 }] },
            { "name": "boolean", "type": "boolean", "count": 2, "nulls": 1, "distinct": 2, "min": false, "max": true,
              "top": [{ "value": false, "count": 1 }, { "value": true, "count": 1 }] },
        ])
    );
    let (status, error) = w.send("owner-a", "POST", &path("profile"), json!({ "columns": ["nothing"] }));
    assert_eq!((status, &error["field"]), (400, &json!("columns")));
    assert_eq!(w.send("owner-b", "POST", &path("profile"), json!({})).0, 404);
}
