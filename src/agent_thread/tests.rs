//! Threads, through the core over SQLite.
use super::{
    AgentMessage,
    log::{self, Started, ThreadName},
    purge::purge,
};
use crate::{
    Error,
    access::{AuthCtx, Door, enter},
    house::world::World,
    time::Timestamp,
};
use pollster::block_on;
use serde_json::{Value, json};

fn caller(w: &World, who: &str) -> AuthCtx {
    block_on(enter(&w.app, &w.request(who, "GET", "/api/me", Value::Null), Door::Agent)).unwrap()
}

fn name(thread: &str) -> ThreadName {
    ThreadName { agent: "default".into(), thread: thread.into() }
}

fn user(id: &str, content: &str) -> AgentMessage {
    AgentMessage::User { id: id.into(), content: content.into() }
}

/// Starts a run in the thread `t` and says something.
fn started(cx: &AuthCtx, id: &str) -> Started {
    let (run, _) = block_on(log::start(cx, &name("t"), id)).unwrap();
    block_on(log::append(cx, &run, cx.now(), &[user(id, id)])).unwrap();
    run
}

fn list(w: &World, who: &str) -> Vec<Value> {
    let (status, list) = w.send(who, "GET", "/api/agent-threads", Value::Null);
    assert_eq!(status, 200, "{list}");
    list["items"].as_array().unwrap().clone()
}

#[test]
fn a_thread_is_its_users_own_in_his_organization() {
    let w = World::new();
    let everyone = ["owner-a", "admin-a", "member-a", "owner-b"];
    for who in everyone {
        let cx = caller(&w, who);
        started(&cx, who);
        assert_eq!(block_on(log::replay(&cx, &name("t"))).unwrap(), [user(who, who)]);
        assert_eq!(block_on(log::replay(&cx, &name("other"))).unwrap(), []);
        let other = ThreadName { agent: "other".into(), thread: "t".into() };
        assert_eq!(block_on(log::replay(&cx, &other)).unwrap(), []);
    }
    for who in everyone {
        let mine = list(&w, who);
        assert_eq!((mine.len(), &mine[0]["title"], &mine[0]["threadId"]), (1, &json!(who), &json!("t")));
        let path = format!("/api/agent-threads/{}", mine[0]["id"].as_str().unwrap());
        let (_, shown) = w.send(who, "GET", &path, Value::Null);
        assert_eq!(shown["messages"], json!([{ "role": "user", "id": who, "content": who }]));
        let before = w.db.dump();
        let unknown = "/api/agent-threads/th_00000000000000000000000000000000";
        for other in everyone.into_iter().filter(|other| *other != who) {
            assert_eq!(w.send(other, "GET", &path, Value::Null), w.send(other, "GET", unknown, Value::Null));
            let is_colleague = other.ends_with(&who[who.len() - 2..]);
            let code = if is_colleague { "FORBIDDEN" } else { "ORG_PERMISSION_DENIED" };
            let (status, error) = w.send(other, "DELETE", &path, Value::Null);
            assert_eq!((status, &error["code"]), (403, &json!(code)), "{other} deletes {who}'s");
        }
        assert_eq!(w.db.dump(), before);
    }
    let path = format!("/api/agent-threads/{}", list(&w, "member-a")[0]["id"].as_str().unwrap());
    assert_eq!(w.send("member-a", "DELETE", &path, Value::Null).0, 200);
    assert_eq!(list(&w, "member-a").len(), 0);
    assert_eq!(w.db.query("select count(*) from agent_entry"), ["6"], "two entries of each of the others");
}

#[test]
fn an_api_key_has_no_threads() {
    let w = World::new();
    started(&caller(&w, "owner-a"), "hello");
    let key = w.made("owner-a", "/api/api-keys", json!({ "name": "k" }))["key"].as_str().unwrap().to_owned();
    let mut request = w.request("", "GET", "/api/agent-threads", Value::Null);
    request.headers = vec![("authorization".into(), format!("Bearer {key}"))];
    let error: Value = serde_json::from_slice(&w.answer(&request).body).unwrap();
    assert_eq!(error["code"], "INSUFFICIENT_SCOPE");
}

#[test]
fn what_was_said_is_kept_once_and_in_order() {
    let w = World::new();
    let cx = caller(&w, "member-a");
    let run = started(&cx, "one");
    let messages = [user("one", "said again"), user("two", "2"), user("three", "3")];
    block_on(log::end(&cx, &run, cx.now(), &messages)).unwrap();
    let (_, before) = block_on(log::start(&cx, &name("t"), "other")).unwrap();
    assert_eq!(before, [user("one", "one"), user("two", "2"), user("three", "3")]);
    assert_eq!(list(&w, "member-a")[0]["title"], "one");
}

#[test]
fn only_what_runs_is_stopped() {
    let w = World::new();
    let (ada, grace) = (caller(&w, "owner-a"), caller(&w, "member-a"));
    let since: Timestamp = "2026-01-01T00:00:00.000Z".parse().unwrap();
    let stop = |cx| block_on(log::stop(cx, &name("t"), since)).unwrap();
    let is_stopped = |cx, run| block_on(log::is_stopped(cx, run)).unwrap() != Some(false);
    assert!(!stop(&ada), "there is no thread");
    let (run, other) = (started(&ada, "1"), started(&grace, "2"));
    assert!(!is_stopped(&ada, &run));
    assert!(!block_on(log::stop(&ada, &name("other"), since)).unwrap());
    assert!(stop(&ada));
    assert_eq!([is_stopped(&ada, &run), is_stopped(&grace, &other)], [true, false]);
    assert!(is_stopped(&grace, &run), "another's is none");
    block_on(log::end(&ada, &run, ada.now(), &[])).unwrap();
    assert!(!stop(&ada), "it has ended");
    let next = started(&ada, "3");
    assert!(!is_stopped(&ada, &next), "it is the one before that was stopped");
    assert!(!block_on(log::stop(&ada, &name("t"), ada.now())).unwrap(), "it began too long ago to be running");
    let path = format!("/api/agent-threads/{}", list(&w, "owner-a")[0]["id"].as_str().unwrap());
    assert_eq!(w.send("owner-a", "DELETE", &path, Value::Null).0, 200);
    assert!(is_stopped(&ada, &next), "its thread is gone");
    block_on(log::append(&ada, &next, ada.now(), &[user("4", "4")])).unwrap();
    assert_eq!(block_on(log::replay(&ada, &name("t"))).unwrap(), []);
}

#[test]
fn threads_end_with_the_membership_and_are_bounded() {
    let w = World::new();
    let cx = caller(&w, "member-a");
    let run = started(&cx, "1");
    w.db.execute("insert into agent_entry select org_id, thread_id, 4000, run, 'end', null, null, created_at from agent_entry where kind = 'start'")
        .unwrap();
    assert!(matches!(block_on(log::start(&cx, &name("t"), "2")), Err(Error::QuotaExceeded(_))));
    w.db.execute("with recursive n (n) as (select 1 union all select n + 1 from n where n < 999)
        insert into agent_thread select 'th_' || n, org_id, created_by, agent, n, title, created_at, updated_at from agent_thread, n")
        .unwrap();
    assert!(matches!(block_on(log::start(&cx, &name("u"), "2")), Err(Error::QuotaExceeded(_))));
    w.db.execute("delete from member where userId = 'u-member-a'").unwrap();
    assert_eq!(w.db.query("select (select count(*) from agent_thread) + (select count(*) from agent_entry)"), ["0"]);
    block_on(log::append(&cx, &run, cx.now(), &[user("2", "2")])).unwrap();
    assert!(matches!(block_on(log::start(&cx, &name("t"), "2")), Err(Error::NotAMember)));
}

#[test]
fn old_threads_are_purged_in_bounded_batches() {
    let mut w = World::new();
    started(&caller(&w, "owner-b"), "1");
    w.db.execute(
        "with recursive n (n) as (select 1 union all select n + 1 from n where n < 1100)
        insert into agent_thread select 'th_' || n, org_id, created_by, agent, n, title, created_at,
            iif(n > 1050, '2026-01-01T00:00:00.000Z', '2025-10-04T03:04:05.677Z') from agent_thread, n",
    )
    .unwrap();
    let left = |w: &World| w.db.query("select count(*) from agent_thread");
    assert_eq!(block_on(purge(&w.app)).unwrap(), 1000);
    assert_eq!(block_on(purge(&w.app)).unwrap(), 50);
    assert_eq!(left(&w), ["51"]);
    w.app.now = w.app.now.plus_s(91 * 24 * 60 * 60);
    assert!(block_on(purge(&w.app)).unwrap() >= 51);
    assert_eq!(left(&w), ["0"]);
    assert_eq!(w.db.query("select count(*) from agent_entry"), ["0"], "entries go with their threads");
}

#[test]
fn each_operation_is_one_call() {
    let w = World::new();
    started(&caller(&w, "owner-a"), "1");
    let path = format!("/api/agent-threads/{}", list(&w, "owner-a")[0]["id"].as_str().unwrap());
    w.each_is_one_call(&[
        ("GET", "/api/agent-threads", Value::Null),
        ("GET", &path, Value::Null),
        ("DELETE", &path, Value::Null),
    ]);
}
