//! The audit log, through the whole core over SQLite.
use crate::{
    access::{AuditEvent, Door, arguments_hash, enter},
    house::world::{NOW, World},
    operations,
};
use pollster::block_on;
use serde_json::{Value, json};

fn events(w: &World, query: &str) -> Vec<Value> {
    let (status, page) = w.send("owner-a", "GET", &format!("/api/audit{query}"), Value::Null);
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

fn verified(w: &World, query: &str) -> Value {
    let (status, answer) = w.send("owner-a", "GET", &format!("/api/audit/verify{query}"), Value::Null);
    assert_eq!(status, 200, "{answer}");
    answer
}

/// So many dashboards, by so many calls.
fn dashboards(w: &World, count: usize) -> Vec<String> {
    let make = |n| w.made("owner-a", "/api/dashboards", json!({ "name": format!("d{n}") }));
    (0..count).map(|n| make(n)["id"].as_str().unwrap().to_owned()).collect()
}

/// As a hand in the database could, past the triggers.
fn tamper(w: &World, statement: &str) {
    let of = |column: &str| {
        w.db.query(&format!("select {column} from sqlite_schema where type = 'trigger' and tbl_name = 'audit_event'"))
    };
    let triggers = of("sql");
    of("name").iter().for_each(|name| w.db.execute(&format!("drop trigger {name}")).unwrap());
    w.db.execute(statement).unwrap();
    triggers.iter().for_each(|trigger| w.db.execute(trigger).unwrap());
}

#[test]
fn an_event_says_who_did_what_to_which_row_by_which_door() {
    let w = World::new();
    let id = &dashboards(&w, 1)[0];
    let key = w.made("owner-a", "/api/api-keys", json!({ "name": "k", "permissions": { "dashboard": ["update"] } }));
    let call = json!({ "name": "dashboard_update", "arguments": { "id": id, "name": "By key" } });
    let mut request =
        w.request("", "POST", "/mcp", json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call }));
    request.headers.retain(|(name, _)| name != "cookie" && name != "origin");
    request.headers.push(("authorization".into(), format!("Bearer {}", key["key"].as_str().unwrap())));
    assert_eq!(w.answer(&request).status, 200);
    let [third, second, first] = <[Value; 3]>::try_from(events(&w, "")).unwrap();
    let key_id = &key["apiKey"]["id"];
    let expected = [
        (&first, "dashboard_create", json!("session"), "rest", json!(id), json!({ "name": "d0" })),
        (
            &second,
            "api_key_create",
            json!("session"),
            "rest",
            key_id.clone(),
            json!({ "name": "k", "permissions": { "dashboard": ["update"] } }),
        ),
        (&third, "dashboard_update", key_id.clone(), "mcp", json!(id), json!({ "name": "By key", "id": id })),
    ];
    for (n, (event, operation, actor, door, target, arguments)) in expected.into_iter().enumerate() {
        assert_eq!((&event["seq"], &event["operation"]), (&json!(n + 1), &json!(operation)));
        assert_eq!((&event["userId"], &event["actor"], &event["door"]), (&json!("u-owner-a"), &actor, &json!(door)));
        assert_eq!((&event["verdict"], &event["code"], &event["targetId"]), (&json!("done"), &Value::Null, &target));
        assert_eq!(event["argumentsHash"], arguments_hash(&arguments), "{operation}");
    }
    assert_eq!((&second["prevHash"], &third["prevHash"]), (&first["hash"], &second["hash"]));
    assert!(!json!([first, second, third]).to_string().contains("By key"), "arguments are not kept");
}

#[test]
fn what_is_refused_is_in_the_log_of_who_asked_and_changes_no_answer() {
    let w = World::new();
    let id = &dashboards(&w, 1)[0];
    let path = format!("/api/dashboards/{id}");
    assert_eq!(w.send("member-a", "DELETE", &path, Value::Null).1["code"], "FORBIDDEN");
    assert_eq!(w.send("owner-b", "DELETE", &path, Value::Null).1["code"], "ORG_PERMISSION_DENIED");
    let denied = &events(&w, "?verdict=denied")[0];
    assert_eq!((&denied["userId"], &denied["code"]), (&json!("u-member-a"), &json!("FORBIDDEN")));
    assert_eq!(
        (&denied["targetId"], events(&w, "").len()),
        (&json!(id), 2),
        "another organization's try is in its own"
    );
    assert_eq!(
        w.db.query("select user_id, code from audit_event where org_id = 'b'"),
        ["u-owner-b|ORG_PERMISSION_DENIED"]
    );
    // Neither what nobody refused nor what was wrong is an event.
    assert_eq!(w.send("owner-a", "POST", "/api/dashboards", json!({})).0, 400);
    assert_eq!(w.send("owner-a", "GET", "/api/dashboards/db_00000000000000000000000000000000", Value::Null).0, 404);
    assert_eq!(events(&w, "").len(), 2);
    // A log that cannot be written to changes no refusal, but lets nothing be done.
    w.db.execute("create trigger full before insert on audit_event begin select raise(abort, 'full'); end").unwrap();
    assert_eq!(w.send("member-a", "DELETE", &path, Value::Null).1["code"], "FORBIDDEN");
    assert!(crate::runtime::FAULTS.with(|faults| faults.borrow()[0].contains("dashboard_delete")));
    let request = w.request("owner-a", "DELETE", &path, Value::Null);
    let (response, _) = block_on(crate::routes::answer(&w.app, &request));
    assert_eq!(response.status, 500);
    assert_eq!(w.db.query("select count(*) from dashboard"), ["1"], "no effect without its event");
}

#[test]
fn a_change_of_nothing_is_no_event_and_neither_is_a_read() {
    let w = World::new();
    let id = &dashboards(&w, 1)[0];
    let mut stale = w.request("owner-a", "DELETE", &format!("/api/dashboards/{id}"), Value::Null);
    stale.headers.push(("if-match".into(), "\"2020-01-01T00:00:00.000Z\"".into()));
    assert_eq!(w.answer(&stale).status, 412);
    w.send("owner-a", "GET", &format!("/api/dashboards/{id}"), Value::Null);
    assert_eq!(events(&w, "").len(), 1);
}

#[test]
fn a_list_is_paged_and_filtered_and_for_owners_and_admins() {
    let w = World::new();
    let ids = dashboards(&w, 5);
    let seqs = |query: &str| events(&w, query).iter().map(|event| event["seq"].as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!(seqs("?limit=2"), [5, 4]);
    let (_, page) = w.send("admin-a", "GET", "/api/audit?limit=2&before=4", Value::Null);
    assert_eq!((&page["items"][0]["seq"], &page["nextBefore"]), (&json!(3), &json!(2)));
    assert_eq!(w.send("admin-a", "GET", "/api/audit?limit=2&before=2", Value::Null).1["nextBefore"], Value::Null);
    w.send("member-a", "DELETE", &format!("/api/dashboards/{}", ids[1]), Value::Null);
    assert_eq!(seqs(&format!("?target={}", ids[1])), [6, 2]);
    assert_eq!(seqs(&format!("?target={}&verdict=done", ids[1])), [2]);
    assert_eq!(seqs("?operation=dashboard_delete"), [6]);
    for query in ["before=0", "before=x", "before=9007199254740992", "limit=0", "verdict=good", "target="] {
        assert_eq!(w.send("owner-a", "GET", &format!("/api/audit?{query}"), Value::Null).0, 400, "{query}");
    }
    for path in ["/api/audit", "/api/audit/verify", "/api/audit/export"] {
        assert_eq!(w.send("member-a", "GET", path, Value::Null).1["code"], "FORBIDDEN");
    }
    assert_eq!(w.send("owner-b", "GET", "/api/audit", Value::Null).1["items"], json!([]));
    assert!(operations::tools().all(|tool| !tool.name.starts_with("audit_")));
}

#[test]
fn an_export_has_every_event_from_where_one_says() {
    let w = World::new();
    dashboards(&w, 3);
    let lines = |query: &str| -> Vec<Value> {
        let response = w.answer(&w.request("owner-a", "GET", &format!("/api/audit/export{query}"), Value::Null));
        assert_eq!(response.header("content-type"), Some("application/x-ndjson"));
        let text = String::from_utf8(response.body).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let mut all = events(&w, "");
    all.reverse();
    assert_eq!(lines(""), all);
    assert_eq!(lines("?after=2"), all[2..]);
    assert_eq!(lines("?after=3"), Vec::<Value>::new());
}

#[test]
fn an_event_is_never_changed_and_goes_by_age_or_with_its_organization_alone() {
    let w = World::new();
    dashboards(&w, 2);
    let recent = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-364 days')";
    tamper(&w, &format!("update audit_event set at = {recent}"));
    let refused = |statement: &str| w.db.execute(statement).unwrap_err().to_string();
    assert!(refused("update audit_event set verdict = 'begun' where seq = 1").contains("never changed"));
    assert!(refused("update audit_event set org_id = 'b'").contains("never changed"));
    assert!(refused("delete from audit_event where seq = 2").contains("kept for a year"));
    assert!(refused("delete from audit_event").contains("kept for a year"));
    let replaced = "insert or replace into audit_event select * from audit_event where seq = 1";
    w.db.execute("pragma recursive_triggers = on").unwrap();
    assert!(refused(replaced).contains("kept for a year"));
    let old = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-366 days')";
    tamper(&w, &format!("update audit_event set at = {old} where seq = 1"));
    w.db.execute("delete from audit_event where seq = 1").unwrap();
    assert_eq!(w.db.query("select seq from audit_event"), ["2"]);
    w.db.execute("delete from organization where id = 'a'").unwrap();
    assert_eq!(w.db.query("select count(*) from audit_event"), ["0"]);
}

#[test]
fn a_user_who_is_deleted_stays_in_the_log() {
    let w = World::new();
    dashboards(&w, 1);
    w.db.execute("delete from user where id = 'u-owner-a'").unwrap();
    assert_eq!(w.db.query("select user_id from audit_event"), ["u-owner-a"]);
    assert_eq!(w.send("admin-a", "GET", "/api/audit/verify", Value::Null).1["isIntact"], true);
}

#[test]
fn whatever_is_changed_or_taken_out_is_found() {
    let intact = |w: &World| verified(w, "")["isIntact"] == true;
    let made = || {
        let w = World::new();
        dashboards(&w, 4);
        w
    };
    let whole = verified(&made(), "");
    assert_eq!(
        (&whole["isIntact"], &whole["checked"], &whole["firstSeq"], &whole["lastSeq"], &whole["nextAfter"]),
        (&json!(true), &json!(4), &json!(1), &json!(4), &Value::Null)
    );
    let columns = [
        "at = '2026-01-03T00:00:00.000Z'",
        "at = 'never'",
        "user_id = 'u-owner-b'",
        "actor = 'key_x'",
        "door = 'mcp'",
        "operation = 'dashboard_show'",
        "target_id = null",
        "target_id = 'db_x'",
        "arguments_hash = null",
        "approval_id = 'ap_x'",
        "verdict = 'begun'",
        "verdict = 'denied', code = 'FORBIDDEN'",
        "hash = prev_hash",
        "prev_hash = hash",
    ];
    for change in columns {
        let w = made();
        tamper(&w, &format!("update audit_event set {change} where seq = 3"));
        let found = verified(&w, "");
        assert_eq!((&found["isIntact"], &found["brokenSeq"]), (&json!(false), &json!(3)), "{change}: {found}");
        assert_eq!((&found["checked"], &found["nextAfter"]), (&json!(2), &Value::Null));
    }
    let swap = "update audit_event set seq = 99 where seq = 2; update audit_event set seq = 2 where seq = 3;
        update audit_event set seq = 3 where seq = 99";
    for (change, at) in
        [("delete from audit_event where seq = 2", 2), ("update audit_event set seq = 9 where seq = 4", 4), (swap, 2)]
    {
        let w = made();
        tamper(&w, change);
        assert_eq!(verified(&w, "")["brokenSeq"], at, "{change}");
    }
    // An event whose own hash is made anew no longer has the next one behind it.
    let w = made();
    tamper(&w, "update audit_event set hash = 'x' where seq = 4");
    assert_eq!(verified(&w, "?after=3")["brokenSeq"], 4);
    // Another organization's events do not do.
    let w = made();
    w.made("owner-b", "/api/dashboards", json!({ "name": "theirs" }));
    tamper(
        &w,
        "delete from audit_event where org_id = 'a' and seq = 1; update audit_event set org_id = 'a' where org_id = 'b'",
    );
    assert_eq!(verified(&w, "")["brokenSeq"], 1);
    // Nor does a log that begins later, or is empty, without the anchor of what went by age.
    let anchored = |seq: i64, hash: &str| format!("insert into audit_anchor values ('a', {seq}, {hash})");
    let hash = "(select hash from audit_event where seq = 2)";
    for (first, anchor, at) in [
        (3, "select 1".to_owned(), 1),
        (3, anchored(1, "(select hash from audit_event where seq = 1)"), 2),
        (3, anchored(2, "'x'"), 3),
        (9, anchored(4, "(select hash from audit_event where seq = 4)"), 5),
        (3, anchored(2, hash), 0),
    ] {
        let w = made();
        let tampered = format!("{anchor}; delete from audit_event where seq < {first}");
        tamper(&w, &tampered);
        assert_eq!(
            (intact(&w), &verified(&w, "")["brokenSeq"]),
            (at == 0, &json!(Some(at).filter(|at| *at > 0))),
            "{tampered}"
        );
    }
}

/// The world, that keeps events for so many days, in which so many of `count` are a millisecond older than 366 days and an hour.
fn aged(days: &str, count: usize, old: usize) -> World {
    let w = World::with(&[("AUDIT_RETENTION_DAYS", days)]);
    dashboards(&w, count);
    w.made("owner-b", "/api/dashboards", json!({ "name": "theirs" }));
    // Hashes are made anew, as if the events were written then.
    let at = "2025-01-01T02:04:05.677Z";
    let mut before = crate::access::GENESIS.to_owned();
    let rows = w.db.query("select seq from audit_event where org_id = 'a' order by seq");
    for seq in rows.iter().map(|seq| seq.parse::<usize>().unwrap()) {
        let at = if seq <= old { at } else { NOW };
        tamper(
            &w,
            &format!("update audit_event set at = '{at}', prev_hash = '{before}' where org_id = 'a' and seq = {seq}"),
        );
        let (_, page) = w.send("owner-a", "GET", &format!("/api/audit?before={}&limit=1", seq + 1), Value::Null);
        let event: AuditEvent = serde_json::from_value(page["items"][0].clone()).unwrap();
        before = event.sealed(&"a".to_owned().into()).unwrap();
        tamper(&w, &format!("update audit_event set hash = '{before}' where org_id = 'a' and seq = {seq}"));
    }
    w
}

fn purge(w: &World) -> u64 {
    block_on(super::purge::purge(&w.app)).unwrap()
}

#[test]
fn what_has_gone_by_age_leaves_a_log_that_verifies() {
    let w = aged("366", 8, 5);
    let before = verified(&w, "");
    assert_eq!((&before["isIntact"], &before["firstSeq"]), (&json!(true), &json!(1)));
    assert_eq!((purge(&w), purge(&w)), (5, 0));
    let after = verified(&w, "");
    assert_eq!(
        (&after["isIntact"], &after["firstSeq"], &after["checked"], &after["lastHash"]),
        (&json!(true), &json!(6), &json!(3), &before["lastHash"])
    );
    assert_eq!(verified(&w, "?after=3")["firstSeq"], 6, "what was checked has gone since");
    assert_eq!(w.db.query("select org_id, seq from audit_anchor"), ["a|5"]);
    assert_eq!(w.db.query("select count(*) from audit_event where org_id = 'b'"), ["1"]);
    dashboards(&w, 1);
    assert_eq!(verified(&w, "")["lastSeq"], 9);
    tamper(&w, "delete from audit_event where org_id = 'a' and seq = 6");
    assert_eq!(verified(&w, "")["brokenSeq"], 6);
}

#[test]
fn a_log_keeps_its_newest_event_and_what_is_not_old_enough() {
    let w = aged("366", 4, 4);
    assert_eq!((purge(&w), purge(&w)), (3, 0));
    assert_eq!(verified(&w, "")["isIntact"], true);
    dashboards(&w, 1);
    assert_eq!((purge(&w), verified(&w, "")["firstSeq"].clone()), (1, json!(5)));
    // A young event holds those behind it, as two requests at once may write them.
    let w = aged("366", 6, 5);
    tamper(&w, &format!("update audit_event set at = '{NOW}' where org_id = 'a' and seq = 3"));
    assert_eq!(purge(&w), 2);
    for days in ["367", "36500"] {
        assert_eq!(purge(&aged(days, 4, 3)), 0, "{days}");
    }
    let w = World::new();
    dashboards(&w, 2);
    tamper(&w, "update audit_event set at = '2000-01-01T00:00:00.000Z'");
    assert_eq!(purge(&w), 0, "without a limit none goes");
}

#[test]
fn a_purge_of_logs_is_bounded_and_goes_on_at_the_next() {
    let w = World::with(&[("AUDIT_RETENTION_DAYS", "365")]);
    w.db.execute(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 1300)
         insert into audit_event (org_id, seq, at, user_id, actor, door, operation, verdict, prev_hash, hash)
         select 'a', i, '2024-01-01', 'u', 'session', 'rest', 'x', 'done', 'x', 'x' from n",
    )
    .unwrap();
    let before = w.db.calls.get();
    assert_eq!((purge(&w), w.db.calls.get() - before), (1000, 20));
    assert_eq!(w.db.query("select seq from audit_anchor"), ["1000"]);
    assert_eq!((purge(&w), purge(&w)), (299, 0));
}

#[test]
fn a_long_log_is_checked_in_steps() {
    let w = World::new();
    dashboards(&w, 1001);
    let first = verified(&w, "");
    assert_eq!((&first["checked"], &first["nextAfter"]), (&json!(1001), &json!(1001)), "{first}");
    let next = verified(&w, "?after=1001");
    assert_eq!((&next["isIntact"], &next["checked"], &next["nextAfter"]), (&json!(true), &json!(0), &Value::Null));
    dashboards(&w, 2);
    assert_eq!(verified(&w, "?after=1001")["checked"], 2);
    tamper(&w, "delete from audit_event where seq = 1001");
    let broken = verified(&w, "?after=1001");
    assert_eq!((&broken["brokenSeq"], &broken["problem"]), (&json!(1001), &json!("it is missing")));
    assert_eq!(verified(&w, "?after=5000")["brokenSeq"], 5000);
}

#[test]
fn a_place_that_another_request_took_is_given_up_for_the_next() {
    let w = World::new();
    let request = w.request("owner-a", "POST", "/api/dashboards", Value::Null);
    let entered = || block_on(enter(&w.app, &request, Door::Rest)).unwrap();
    let (first, second) = (entered(), entered());
    let create = operations::all().find(|operation| operation.name == "dashboard_create").unwrap();
    let call = |cx| {
        let before = w.db.calls.get();
        assert!(block_on(create.call(cx, || Ok(json!({ "name": "x" }).into()))).is_ok());
        w.db.calls.get() - before
    };
    assert_eq!([call(&first), call(&first), call(&second), call(&second), call(&first)], [1, 1, 3, 1, 3]);
    assert_eq!(verified(&w, "")["checked"], 5);
    assert_eq!(w.db.query("select count(*) from dashboard"), ["5"]);
}

#[test]
fn the_hash_of_arguments_is_of_sorted_keys() {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (one, other) =
        (parsed(r#"{"b":[1,{"d":2,"c":3}],"a":"x"}"#), parsed(r#"{ "a": "x", "b": [1, {"c":3,"d":2}] }"#));
    assert_eq!(one.to_string(), r#"{"a":"x","b":[1,{"c":3,"d":2}]}"#);
    assert_eq!(arguments_hash(&one), arguments_hash(&other));
    // The test vector of SHA-256 for two bytes, `{}`.
    assert_eq!(arguments_hash(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}
