//! What goes out, against what came in.
use crate::{api::Response, house::world::World, stream::Stream};
use pollster::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

fn everything(w: &World) -> String {
    let column = |name: &str| json!({ "name": name, "type": name, "nullable": true });
    let columns: Value = ["text", "integer", "decimal", "date", "boolean"].map(column).into_iter().collect();
    let made = w.made("owner-a", "/api/datasets", json!({ "name": "all of \"it\" é", "columns": columns }));
    made["id"].as_str().unwrap().to_owned()
}

fn pieces(stream: Stream) -> Vec<crate::Result<Vec<u8>>> {
    std::iter::from_fn(|| block_on(stream.next())).collect()
}

fn export(w: &World, id: &str, query: &str) -> (Response, String) {
    let path = format!("/api/datasets/{id}/export?{query}");
    let mut response = w.answer(&w.request("owner-a", "GET", &path, Value::Null));
    let mut body = response.body.clone();
    for piece in response.rest.take().map(pieces).unwrap_or_default() {
        body.extend(piece.unwrap());
    }
    (response, String::from_utf8(body).unwrap())
}

fn upload(w: &World, id: &str, verb: &str, media: &str, body: &str) -> Value {
    let mut request = w.request("owner-a", "POST", &format!("/api/datasets/{id}/{verb}"), Value::Null);
    request.headers.retain(|(name, _)| name != "content-type");
    request.headers.push(("content-type".into(), media.into()));
    request.body = body.into();
    let response = w.answer(&request);
    let answer = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(response.status, 200, "{answer}");
    answer
}

#[test]
fn rows_go_out_as_they_came_in_and_no_text_as_a_formula() {
    let w = World::new();
    let id = everything(&w);
    let (response, empty) = export(&w, &id, "");
    assert_eq!(empty, "text,integer,decimal,date,boolean\r\n");
    assert_eq!(response.header("content-type"), Some("text/csv; charset=utf-8"));
    let file = "attachment; filename*=UTF-8''all%20of%20%22it%22%20%C3%A9%2Ecsv";
    assert_eq!(response.header("content-disposition"), Some(file));
    let rows = json!([
        { "text": "=1+1", "integer": -1, "decimal": -0.5, "date": "2026-01-01", "boolean": true },
        { "text": "a \"b\", c\r\n", "integer": 9_007_199_254_740_991_i64, "decimal": 1e300, "boolean": false },
        { "text": "" },
        { "text": "\u{ff1d}x" },
        { "text": " plain" }
    ]);
    upload(&w, &id, "append", "application/json", &rows.to_string());
    let csv = "text,integer,decimal,date,boolean\r\n\"'=1+1\",-1,-0.5,2026-01-01,true\r\n\
        \"a \"\"b\"\", c\r\n\",9007199254740991,1e+300,,false\r\n\"\",,,,\r\n\"'\u{ff1d}x\",,,,\r\n\" plain\",,,,\r\n";
    assert_eq!(export(&w, &id, "format=csv").1, csv);
    let kept = export(&w, &id, "formulas=keep").1;
    assert!(kept.contains("\r\n=1+1,-1") && kept.contains("\n\u{ff1d}x,,"), "{kept}");
    let (response, lines) = export(&w, &id, "format=ndjson");
    assert_eq!(response.header("content-type"), Some("application/x-ndjson"));
    let first = r#"{"text":"=1+1","integer":-1,"decimal":-0.5,"date":"2026-01-01","boolean":true}"#;
    assert_eq!((lines.lines().next(), lines.lines().count()), (Some(first), 5));
    let head = w.answer(&w.request("owner-a", "HEAD", &format!("/api/datasets/{id}/export"), Value::Null));
    assert_eq!((head.body.len(), head.rest), (0, None));
    for who in ["owner-b", "owner-a"] {
        let id = if who == "owner-a" { id.replace(['1', '2', '3'], "4") } else { id.clone() };
        assert_eq!(w.send(who, "GET", &format!("/api/datasets/{id}/export"), Value::Null).0, 404);
    }
    assert_eq!(w.send("owner-a", "GET", &format!("/api/datasets/{id}/export?format=xlsx"), Value::Null).0, 400);
}

#[test]
fn rows_that_are_added_while_others_go_out_wait_and_rows_that_are_replaced_end_it() {
    let w = World::new();
    let id = everything(&w);
    let many = |count: usize| (0..count).fold("integer\n".to_owned(), |csv, n| csv + &format!("{n}\n"));
    upload(&w, &id, "append", "text/csv", &many(25_000));
    let begun = || {
        let response = w.answer(&w.request("owner-a", "GET", &format!("/api/datasets/{id}/export"), Value::Null));
        (response.body.split(|b| *b == b'\n').count() - 2, response.rest.unwrap())
    };
    let (first, rest) = begun();
    assert_eq!(first, 10_000);
    upload(&w, &id, "append", "text/csv", &many(10));
    let sent = pieces(rest);
    let lines = sent.into_iter().map(|piece| piece.unwrap().split(|b| *b == b'\n').count() - 1).sum::<usize>();
    assert_eq!(first + lines, 25_000);
    let (_, rest) = begun();
    upload(&w, &id, "replace", "text/csv", &many(30_000));
    let sent = pieces(rest);
    assert!(sent.len() == 1 && sent[0].is_err(), "it ends, and not as if it were whole");
}

fn row() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[^\\x00]{1,20}",
        "[=+@\\-\t\r\n\",; ']{1,5}",
        Just("\u{1f600}\u{200f}\u{feff}".to_owned()),
        Just("null".to_owned()),
    ];
    let whole = prop_oneof![-9_007_199_254_740_991_i64..=9_007_199_254_740_991, Just(9_007_199_254_740_991), -3..3_i64];
    let number =
        prop_oneof![proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL, -10.0..10.0];
    let date = prop_oneof![
        "20[0-9]{2}-0[1-9]-[12][0-8]",
        "20[0-9]{2}-0[1-9]-[12][0-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9]\\.[0-9]{3}Z"
    ];
    let some = |value: BoxedStrategy<Value>| prop_oneof![4 => value, 1 => Just(Value::Null)];
    let cells = (
        some(text.prop_map(Value::from).boxed()),
        some(whole.prop_map(Value::from).boxed()),
        some(number.prop_map(Value::from).boxed()),
        some(date.prop_map(Value::from).boxed()),
        some(any::<bool>().prop_map(Value::from).boxed()),
    );
    cells.prop_map(|(text, integer, decimal, date, boolean)| {
        json!({ "text": text, "integer": integer, "decimal": decimal, "date": date, "boolean": boolean })
    })
}

fn parsed(lines: &str) -> Vec<Value> {
    let mut rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for row in &mut rows {
        // JSON has one kind of number: 1.0 and 1 are the same.
        row["decimal"] = row["decimal"].as_f64().into();
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// In by each format, out by each, and in again.
    #[test]
    fn what_was_uploaded_comes_back_equal(rows in prop::collection::vec(row(), 1..12)) {
        let w = World::new();
        let id = everything(&w);
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        upload(&w, &id, "append", "application/x-ndjson", &lines);
        let out = export(&w, &id, "format=ndjson").1;
        prop_assert_eq!(&parsed(&out), &parsed(&lines));
        upload(&w, &id, "replace", "application/json", &json!(rows).to_string());
        prop_assert_eq!(&export(&w, &id, "format=ndjson").1, &out);
        let csv = export(&w, &id, "format=csv&formulas=keep").1;
        upload(&w, &id, "replace", "text/csv", &csv);
        prop_assert_eq!(&export(&w, &id, "format=ndjson").1, &out);
    }
}
