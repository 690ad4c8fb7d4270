//! What is over is deleted, and nothing else.
use crate::{
    auth::purge::purge,
    house::world::{NOW, World},
    store::Engine,
};
use serde_json::json;

fn run(w: &World) -> u64 {
    pollster::block_on(purge(&w.app)).unwrap()
}

#[test]
fn what_is_over_is_deleted_and_nothing_else() {
    let w = World::new();
    let later = "2026-01-02T03:04:05.679Z";
    let (month, less) = ("2025-12-03T03:04:05.678Z", "2025-12-03T03:04:05.679Z");
    w.db.execute(&format!(
        "insert into verification values ('over', 'a', 'v', '{NOW}', '{NOW}', '{NOW}'), ('good', 'b', 'v', '{later}', '{NOW}', '{NOW}');
         insert into rateLimit values ('over', 'a', 7, 1767236645678), ('good', 'b', 7, 1767236645679);
         insert into invitation (id, organizationId, email, status, expiresAt, createdAt, inviterId) values
            ('over', 'a', 'x@x.co', 'pending', '{month}', '{NOW}', 'u-owner-a'),
            ('shown', 'a', 'x@x.co', 'pending', '{less}', '{NOW}', 'u-owner-a'),
            ('history', 'a', 'x@x.co', 'accepted', '{month}', '{NOW}', 'u-owner-a');"
    ))
    .unwrap();
    let sessions = "select token from session order by token";
    let before = w.db.query(sessions);
    assert_eq!(run(&w), 4);
    let left: Vec<_> = before.into_iter().filter(|token| token != "expired-a").collect();
    assert_eq!(w.db.query(sessions), left);
    assert_eq!(w.db.query("select id from verification"), ["good"]);
    assert_eq!(w.db.query("select id from rateLimit"), ["good"]);
    assert_eq!(w.db.query("select id from invitation order by id"), ["history", "shown"]);
    assert_eq!(run(&w), 0);
}

#[test]
fn a_purge_is_bounded_and_goes_on_at_the_next() {
    let w = World::new();
    w.db.execute(&format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 10600)
         insert into verification select i, 'x', 'v', '2026-01-01T00:00:00.000Z', '{NOW}', '{NOW}' from n"
    ))
    .unwrap();
    let before = w.db.calls.get();
    assert_eq!(run(&w), 10_001);
    assert_eq!(w.db.calls.get() - before, 20 + 1, "batches, and the list of deleted organizations");
    assert_eq!(run(&w), 600);
    assert_eq!(w.db.calls.get() - before, 21 + 3);
}

#[test]
fn the_store_of_a_deleted_organization_is_emptied_and_no_other() {
    let w = World::new();
    let columns = json!([{ "name": "n", "type": "integer", "nullable": true }]);
    for owner in ["owner-a", "owner-b"] {
        let (status, dataset) =
            w.send(owner, "POST", "/api/datasets", json!({ "name": "numbers", "columns": columns }));
        assert_eq!(status, 201, "{dataset}");
        let path = format!("/api/datasets/{}/append", dataset["id"].as_str().unwrap());
        assert_eq!(w.send(owner, "POST", &path, json!({ "rows": [{ "n": 1 }] })).0, 200);
    }
    let tables = |org: &str| w.stores.of(org).run("select name from sqlite_schema where type = 'table'", &[]).unwrap();
    let before = tables("b");
    // As a Better Auth server does, which knows of no store.
    w.db.execute("delete from organization where id = 'a'").unwrap();
    assert!(!tables("a").is_empty());
    run(&w);
    assert!(tables("a").is_empty(), "{:?}", tables("a"));
    assert_eq!(tables("b"), before);
    assert!(w.db.query("select id from deleted_organization").is_empty());
}

#[test]
fn the_store_of_a_restored_organization_is_left() {
    let w = World::new();
    w.db.execute("insert into deleted_organization values ('a')").unwrap();
    let calls = w.stores.calls.get();
    run(&w);
    assert_eq!(w.stores.calls.get(), calls);
}
