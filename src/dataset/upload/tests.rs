//! Bodies that come in pieces, through the whole core.
use crate::{Error, house::world::World, stream::Stream};
use futures_util::{
    StreamExt,
    stream::{iter, pending},
};
use serde_json::{Value, json};

fn measures(w: &World) -> Value {
    let column = |name: &str, r#type: &str| json!({ "name": name, "type": r#type, "nullable": true });
    let columns = [column("n", "integer"), column("text", "text")];
    w.made("owner-a", "/api/datasets", json!({ "name": "measures", "columns": columns }))
}

/// Sends a body in pieces, the first of which is there at once.
fn send(w: &World, path: &str, media: &str, pieces: Vec<Result<Vec<u8>, Error>>, key: Option<&str>) -> (u16, Value) {
    let mut request = w.request("owner-a", "POST", path, Value::Null);
    request.headers.retain(|(name, _)| name != "content-type");
    request.headers.push(("content-type".into(), media.into()));
    request.headers.extend(key.map(|key| ("idempotency-key".into(), key.into())));
    let mut pieces = pieces.into_iter();
    request.body = pieces.next().unwrap().unwrap();
    request.rest = Some(Stream::new(iter(pieces)));
    let response = w.answer(&request);
    (response.status.as_u16(), serde_json::from_slice(&response.body).unwrap())
}

/// Rows from 0, as bytes of that format in pieces that end anywhere. A hundred thousand are three parts.
fn rows(media: &str, count: usize) -> Vec<Result<Vec<u8>, Error>> {
    let text = "\u{e9}".repeat(30);
    let all = match media {
        "text/csv" => (0..count).fold("n,text\n".to_owned(), |all, n| all + &format!("{n},{text}\n")),
        "application/json" => {
            let rows: Vec<_> = (0..count).map(|n| format!("{{\"n\":{n},\"text\":\"{text}\"}}")).collect();
            format!("[{}]", rows.join(","))
        }
        _ => (0..count).fold(String::new(), |all, n| all + &format!("{{\"n\":{n},\"text\":\"{text}\"}}\n")),
    };
    all.as_bytes().chunks(65_537).map(|piece| Ok(piece.to_vec())).collect()
}

fn count(w: &World) -> Value {
    let sql = json!({ "sql": "select count(*), sum(n), min(length(text)) from measures" });
    w.send("owner-a", "POST", "/api/query", sql).1["rows"][0].clone()
}

const MANY: usize = 100_000;

#[test]
fn many_rows_come_in_every_format_and_none_is_lost() {
    for media in ["text/csv", "application/x-ndjson", "application/json"] {
        let w = World::new();
        let id = measures(&w)["id"].as_str().unwrap().to_owned();
        let before = w.stores.calls.get();
        let (status, answer) = send(&w, &format!("/api/datasets/{id}/append"), media, rows(media, MANY), None);
        assert_eq!((status, &answer["added"], &answer["version"]), (200, &json!(MANY), &json!(1)), "{media}: {answer}");
        assert!(w.stores.calls.get() - before > 2, "it came in parts");
        assert_eq!(count(&w), json!([MANY, MANY * (MANY - 1) / 2, 30]));
        let (_, answer) = send(&w, &format!("/api/datasets/{id}/replace"), media, rows(media, MANY - 1), None);
        assert_eq!((&answer["added"], &answer["rowCount"]), (&json!(MANY - 1), &json!(MANY - 1)));
        assert_eq!(count(&w)[0], json!(MANY - 1));
    }
}

#[test]
fn a_body_that_breaks_off_or_has_a_row_that_does_not_fit_leaves_nothing() {
    let w = World::with(&[("MAX_UPLOAD_BYTES", "9000000")]);
    let id = measures(&w)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/datasets/{id}/append");
    let first = send(&w, &path, "text/csv", rows("text/csv", 3), None).1;
    let before = w.stores.of("a").dump();
    let with = |piece: Result<Vec<u8>, Error>| {
        let mut pieces = rows("text/csv", MANY);
        pieces.push(piece);
        pieces
    };
    for (piece, status, code) in [
        (Err(Error::invalid("body", "broke off")), 400, "INVALID_INPUT"),
        (Ok(b"x,y\n".to_vec()), 400, "INVALID_INPUT"),
        (Ok(b"1,\"y\n".to_vec()), 400, "INVALID_INPUT"),
        (Ok(vec![b'\n'; 9_000_000]), 413, "PAYLOAD_TOO_LARGE"),
    ] {
        let (answered, error) = send(&w, &path, "text/csv", with(piece), Some("k"));
        assert_eq!((answered, error["code"].as_str()), (status, Some(code)), "{error}");
        assert_eq!(w.stores.of("a").dump(), before, "{error}");
    }
    let path = format!("{path}?onError=skip");
    let (_, answer) = send(&w, &path, "text/csv", with(Ok(b"x,y\n".to_vec())), Some("k"));
    assert_eq!((&answer["added"], &answer["skipped"]), (&json!(MANY), &json!(1)), "{answer}");
    assert_eq!(answer["errors"][0]["row"], json!(MANY + 1));
    let again = send(&w, &path, "text/csv", with(Ok(b"x,y\n".to_vec())), Some("k"));
    assert_eq!(again, (200, answer), "the same key is the same rows");
    assert_eq!(count(&w)[0], json!(MANY as u64 + first["rowCount"].as_u64().unwrap()));
}

#[test]
fn a_body_that_pauses_is_given_up() {
    let w = World::new();
    let id = measures(&w)["id"].as_str().unwrap().to_owned();
    let before = w.stores.of("a").dump();
    let mut request = w.request("owner-a", "POST", &format!("/api/datasets/{id}/append"), Value::Null);
    request.headers.retain(|(name, _)| name != "content-type");
    request.headers.push(("content-type".into(), "text/csv".into()));
    let paused = iter(rows("text/csv", MANY)).chain(pending());
    request.rest = Some(Stream::new(paused));
    let response = w.answer(&request);
    let error: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!((response.status.as_u16(), &error["field"]), (400, &json!("body")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("30 seconds"));
    assert_eq!(w.stores.of("a").dump(), before);
}

#[test]
fn a_row_that_grows_too_long_as_the_store_takes_it_is_refused() {
    let w = World::new();
    let id = measures(&w)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/datasets/{id}/append?onError=skip");
    let csv = |letters: usize| vec![Ok(format!("text\n{}\nx\n", "\u{1}".repeat(letters)).into_bytes())];
    let (_, answer) = send(&w, &path, "text/csv", csv(290_000), None);
    assert_eq!(answer["added"], json!(2), "{answer}");
    let (_, answer) = send(&w, &path, "text/csv", csv(300_001), None);
    assert_eq!((&answer["added"], &answer["skipped"]), (&json!(1), &json!(1)), "{answer}");
    assert_eq!(answer["errors"][0]["expected"], json!("a row of at most 1800000 bytes"));
}

#[test]
fn the_first_hundred_errors_are_told_and_all_are_counted() {
    let w = World::new();
    let id = measures(&w)["id"].as_str().unwrap().to_owned();
    let csv = (0..300).fold("n\n".to_owned(), |csv, n| csv + if n % 2 == 0 { "x\n" } else { "1\n" });
    let path = format!("/api/datasets/{id}/append");
    let (_, answer) = send(&w, &format!("{path}?onError=skip"), "text/csv", vec![Ok(csv.clone().into())], None);
    assert_eq!((&answer["added"], &answer["skipped"]), (&json!(150), &json!(150)));
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[99]["row"]), (100, &json!(199)));
    let (status, error) = send(&w, &path, "text/csv", vec![Ok(csv.into())], None);
    assert_eq!(status, 400);
    assert!(error["message"].as_str().unwrap().contains("and 145 more"), "{error}");
}

#[test]
fn what_no_double_holds_is_refused_in_every_format() {
    let w = World::new();
    let columns = json!([{ "name": "i", "type": "integer", "nullable": true }, { "name": "d", "type": "decimal", "nullable": true }]);
    let id = w.made("owner-a", "/api/datasets", json!({ "name": "numbers", "columns": columns }))["id"].clone();
    let path = format!("/api/datasets/{}/append", id.as_str().unwrap());
    for number in ["9007199254740993", "18446744073709551617", "12345678901234567890123"] {
        for column in ["i", "d"] {
            for (media, body) in [
                ("text/csv", format!("{column}\n{number}\n")),
                ("application/x-ndjson", format!("{{\"{column}\":{number}}}")),
                ("application/json", format!("[{{\"{column}\":{number}}}]")),
                ("application/json", format!("{{\"rows\":[{{\"{column}\":{number}}}]}}")),
            ] {
                let mut request = w.request("owner-a", "POST", &path, Value::Null);
                request.headers.retain(|(name, _)| name != "content-type");
                request.headers.push(("content-type".into(), media.into()));
                request.body = body.clone().into_bytes();
                let response = w.answer(&request);
                let error: Value = serde_json::from_slice(&response.body).unwrap();
                assert_eq!((response.status.as_u16(), &error["field"]), (400, &json!("rows")), "{body}: {error}");
            }
        }
    }
}

#[test]
fn an_organization_has_no_more_than_it_may() {
    let w = World::with(&[("DATASET_LIMIT", "2"), ("ROW_LIMIT", "3")]);
    let id = measures(&w)["id"].as_str().unwrap().to_owned();
    let columns = json!([{ "name": "n", "type": "integer", "nullable": true }]);
    let second = w.made("owner-a", "/api/datasets", json!({ "name": "second", "columns": columns }));
    let (status, error) = w.send("owner-a", "POST", "/api/datasets", json!({ "name": "third", "columns": columns }));
    assert_eq!((status, &error["code"]), (409, &json!("QUOTA_EXCEEDED")), "{error}");
    assert_eq!(w.send("owner-b", "POST", "/api/datasets", json!({ "name": "first", "columns": columns })).0, 201);
    let append = |id: &str, count: usize| {
        w.send(
            "owner-a",
            "POST",
            &format!("/api/datasets/{id}/append"),
            json!({ "rows": vec![json!({ "n": 1 }); count] }),
        )
    };
    assert_eq!(append(&id, 2).0, 200);
    let second = second["id"].as_str().unwrap();
    let (status, error) = append(second, 2);
    assert_eq!((status, &error["code"]), (409, &json!("QUOTA_EXCEEDED")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("at most 3 rows"), "{error}");
    assert_eq!(append(second, 1).0, 200);
    assert_eq!(w.send("owner-a", "DELETE", &format!("/api/datasets/{id}"), Value::Null).0, 200);
    assert_eq!(append(second, 2).0, 200, "what was deleted makes room");
}

#[test]
fn a_header_may_be_written_as_people_write_it() {
    let w = World::new();
    let columns = json!([{ "name": "US_Gross", "type": "integer", "nullable": true }]);
    let id = w.made("owner-a", "/api/datasets", json!({ "name": "movies", "columns": columns }))["id"].clone();
    let path = format!("/api/datasets/{}/append", id.as_str().unwrap());
    for (media, body) in [
        ("text/csv", "US Gross\n7\n"),
        ("application/x-ndjson", "{\"US Gross\":7}\n{\"us_gross\":7}\n{\"US Gross\":7}"),
    ] {
        assert_eq!(send(&w, &path, media, vec![Ok(body.into())], None).0, 200);
    }
    let (status, error) =
        send(&w, &path, "application/x-ndjson", vec![Ok("{\"US Gross\":7,\"US_Gross\":8}".into())], None);
    assert_eq!(status, 400, "{error}");
}
