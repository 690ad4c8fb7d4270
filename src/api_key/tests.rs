//! API keys, through the whole core over SQLite.
use crate::{
    api::Request,
    house::world::{NOW, World},
    operations,
    rate_limit::AdmitsFirst,
};
use serde_json::{Value, json};
use std::{cell::RefCell, rc::Rc};

/// Makes a key as that person, and gives it with its id.
fn made(w: &World, who: &str, input: Value) -> (String, String) {
    let made = w.made(who, "/api/api-keys", input);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["key"]), text(&made["apiKey"]["id"]))
}

fn request(w: &World, key: &str, method: &str, path: &str, body: Value) -> Request {
    let mut request = w.request("", method, path, body);
    request.headers.retain(|(name, _)| name != "cookie" && name != "origin");
    request.headers.push(("authorization".into(), format!("Bearer {key}")));
    request
}

fn send(w: &World, key: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let response = w.answer(&request(w, key, method, path, body));
    (response.status.as_u16(), serde_json::from_slice(&response.body).unwrap_or(Value::Null))
}

fn me(w: &World, key: &str) -> (u16, Value) {
    send(w, key, "GET", "/api/me", Value::Null)
}

/// Status and code.
fn code((status, answer): (u16, Value)) -> (u16, String) {
    (status, answer["code"].as_str().unwrap_or_default().to_owned())
}

fn dataset() -> Value {
    json!({ "name": "sales", "columns": [{ "name": "amount", "type": "decimal", "nullable": false }] })
}

#[test]
fn a_key_reads_unless_it_says_more_and_only_its_hash_is_kept() {
    let w = World::new();
    let (key, id) = made(&w, "owner-a", json!({ "name": "Dashboards on the wall" }));
    assert!(key.starts_with("osk_") && key.len() == 52, "{key}");
    let (status, caller) = me(&w, &key);
    assert_eq!((status, &caller["userId"], &caller["organizationId"]), (200, &json!("u-owner-a"), &json!("a")));
    let permissions = json!(["dataset:read", "dataset:query", "dashboard:read", "widget:read", "automation:read"]);
    assert_eq!(caller["permissions"], permissions);
    assert_eq!(send(&w, &key, "GET", "/api/datasets", Value::Null).0, 200);
    let (status, error) = send(&w, &key, "POST", "/api/datasets", dataset());
    assert_eq!((status, &error["code"]), (403, &json!("INSUFFICIENT_SCOPE")));
    assert!(error["message"].as_str().unwrap().contains("dataset:create"), "{error}");
    assert!(w.db.dump().iter().all(|row| !row.contains(&key[8..])), "the key is in the database");
    let (_, list) = w.send("owner-a", "GET", "/api/api-keys", Value::Null);
    assert_eq!((&list["items"][0]["id"], &list["items"][0]["start"]), (&json!(id), &json!(&key[..8])));
    assert_eq!(list["items"][0].get("key"), None);
}

#[test]
fn a_key_grants_no_more_than_the_roles_of_today() {
    let w = World::new();
    let (key, _) = made(&w, "admin-a", json!({ "name": "k", "permissions": { "dataset": ["create", "delete"] } }));
    let (status, row) = send(&w, &key, "POST", "/api/datasets", dataset());
    assert_eq!(status, 201, "{row}");
    let path = format!("/api/datasets/{}", row["id"].as_str().unwrap());
    assert_eq!(code(send(&w, &key, "GET", &path, Value::Null)), (403, "INSUFFICIENT_SCOPE".into()));
    w.db.execute("update member set role = 'member' where userId = 'u-admin-a'").unwrap();
    assert_eq!(code(send(&w, &key, "DELETE", &path, Value::Null)), (403, "FORBIDDEN".into()));
    w.db.execute("update member set role = 'admin' where userId = 'u-admin-a'").unwrap();
    assert_eq!(send(&w, &key, "DELETE", &path, Value::Null).0, 200);
}

#[test]
fn a_key_whose_permissions_are_none_grants_nothing() {
    let w = World::new();
    let (key, _) = made(&w, "owner-a", json!({ "name": "k" }));
    for unreadable in ["null", "[]", "\"dataset\"", "{\"dataset\":\"read\"}", "{}"] {
        w.db.execute(&format!("update api_key set permissions = '{unreadable}'")).unwrap();
        assert_eq!(me(&w, &key).1["permissions"], json!([]), "{unreadable}");
        assert_eq!(code(send(&w, &key, "GET", "/api/datasets", Value::Null)), (403, "INSUFFICIENT_SCOPE".into()));
    }
}

#[test]
fn nobody_makes_a_key_that_could_do_more_than_its_holder() {
    let w = World::new();
    let of = |permissions: Value, more: Value| {
        let mut input = json!({ "name": "k", "permissions": permissions });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    w.refuses_each(&[
        ("POST", "/api/api-keys", of(json!({ "dataset": ["fly"] }), json!({})), "permissions"),
        ("POST", "/api/api-keys", of(json!({ "moon": ["read"] }), json!({})), "permissions"),
        ("POST", "/api/api-keys", of(json!({ "apiKey": ["create"] }), json!({})), "permissions"),
        ("POST", "/api/api-keys", of(json!({ "member": ["delete"] }), json!({})), "permissions"),
        (
            "POST",
            "/api/api-keys",
            of(json!({ "dataset": ["delete"] }), json!({ "kind": "organization" })),
            "permissions",
        ),
        ("POST", "/api/api-keys", json!({ "name": "k", "expiresIn": 59 }), "expiresIn"),
        ("POST", "/api/api-keys", json!({ "name": "k", "expiresIn": 316_224_001 }), "expiresIn"),
        ("POST", "/api/api-keys", json!({ "name": "k", "kind": "root" }), "kind"),
        ("POST", "/api/api-keys", json!({ "name": "" }), "name"),
        ("POST", "/api/api-keys", json!({ "name": "k", "userId": "u-admin-a" }), "userId"),
    ]);
    let before = w.db.dump();
    let more = json!({ "name": "k", "permissions": { "dataset": ["delete"] } });
    assert_eq!(w.send("member-a", "POST", "/api/api-keys", more).1["field"], "permissions");
    let organizations = json!({ "name": "k", "kind": "organization" });
    assert_eq!(code(w.send("member-a", "POST", "/api/api-keys", organizations)), (403, "FORBIDDEN".into()));
    assert_eq!(w.db.dump(), before);
}

#[test]
fn a_key_neither_manages_keys_nor_enters_the_identity_endpoints() {
    let w = World::new();
    let all = json!({ "dataset": ["create", "read", "update", "delete", "query"], "automation": ["run"] });
    let (key, id) = made(&w, "owner-a", json!({ "name": "k", "permissions": all }));
    let another = json!({ "name": "another" });
    assert_eq!(code(send(&w, &key, "POST", "/api/api-keys", another)), (403, "INSUFFICIENT_SCOPE".into()));
    assert_eq!(code(send(&w, &key, "GET", "/api/api-keys", Value::Null)), (403, "INSUFFICIENT_SCOPE".into()));
    let path = format!("/api/api-keys/{id}");
    assert_eq!(code(send(&w, &key, "DELETE", &path, Value::Null)), (403, "INSUFFICIENT_SCOPE".into()));
    assert_eq!(send(&w, &key, "GET", "/api/auth/get-session", Value::Null), (200, Value::Null));
    assert_eq!(send(&w, &key, "GET", "/api/auth/organization/list-members", Value::Null).0, 401);
    assert!(operations::tools().all(|tool| !tool.name.starts_with("api_key")), "a model makes credentials");
}

#[test]
fn a_revoked_an_expired_and_an_unknown_key_are_nobodys_whatever_cookie_is_beside_them() {
    let w = World::new();
    let (revoked, id) = made(&w, "owner-a", json!({ "name": "revoked" }));
    let (expired, _) = made(&w, "owner-a", json!({ "name": "expired", "expiresIn": 60 }));
    assert_eq!((me(&w, &revoked).0, me(&w, &expired).0), (200, 200));
    assert_eq!(w.send("owner-a", "DELETE", &format!("/api/api-keys/{id}"), Value::Null).0, 200);
    w.db.execute(&format!("update api_key set expires_at = '{NOW}' where name = 'expired'")).unwrap();
    let unknown = format!("osk_{}", "A".repeat(48));
    for key in [&revoked, &expired, &unknown, "osk_", "osk_not.signed", &format!("{unknown}A"), &"osk_".repeat(100_000)]
    {
        let mut request = w.request("owner-a", "GET", "/api/me", Value::Null);
        request.headers.push(("authorization".into(), format!("Bearer {key}")));
        assert_eq!(w.answer(&request).status, 401);
    }
}

#[test]
fn a_key_is_for_its_own_organization_alone() {
    let w = World::new();
    w.db.execute(&format!("insert into member values ('m2', 'b', 'u-owner-a', 'owner', '{NOW}')")).unwrap();
    let (key, id) = made(&w, "owner-a", json!({ "name": "k" }));
    for (named, expected) in [("a", 200), ("a-inc", 200), ("b", 403), ("b-inc", 403), ("nowhere", 403), ("", 403)] {
        let mut request = request(&w, &key, "GET", "/api/me", Value::Null);
        request.headers.push(("x-organization-id".into(), named.into()));
        assert_eq!(w.answer(&request).status.as_u16(), expected, "{named}");
    }
    w.db.execute("update session set activeOrganizationId = 'b' where token = 'owner-a'").unwrap();
    assert_eq!(me(&w, &made(&w, "owner-a", json!({ "name": "k" })).0).1["organizationId"], "b");
    w.db.execute("delete from api_key where org_id = 'b'").unwrap();
    let path = format!("/api/api-keys/{id}");
    assert_eq!(code(w.send("owner-b", "DELETE", &path, Value::Null)), (403, "ORG_PERMISSION_DENIED".into()));
    assert_eq!(w.send("owner-b", "GET", "/api/api-keys", Value::Null).1["items"], json!([]));
    assert_eq!(me(&w, &key).0, 200);
}

#[test]
fn a_personal_key_dies_with_the_membership_and_an_organizations_outlives_its_maker() {
    let w = World::new();
    let (personal, _) = made(&w, "admin-a", json!({ "name": "mine" }));
    let (organizations, id) = made(&w, "admin-a", json!({ "name": "Nightly import", "kind": "organization" }));
    assert_eq!(me(&w, &personal).1["userId"], "u-admin-a");
    let (_, service) = me(&w, &organizations);
    assert_eq!((&service["roles"], &service["organizationId"]), (&json!(["member"]), &json!("a")));
    w.db.execute("delete from member where userId = 'u-admin-a'").unwrap();
    assert_eq!((me(&w, &personal).0, me(&w, &organizations).0), (401, 200));
    assert_eq!(w.db.query("select name from api_key"), ["Nightly import"]);
    w.db.execute("delete from user where id = 'u-admin-a'").unwrap();
    assert_eq!(me(&w, &organizations).0, 200);
    assert_eq!(w.db.query("select count(*) from api_key where created_by is null"), ["1"]);
    assert_eq!(w.send("owner-a", "DELETE", &format!("/api/api-keys/{id}"), Value::Null).0, 200);
    assert_eq!(me(&w, &organizations).0, 401);
}

#[test]
fn a_service_account_begins_and_ends_with_its_key_and_cannot_sign_in() {
    let w = World::new();
    let before = w.db.query("select id from user order by id");
    let service = "select email from user where email like '%@service.invalid'";
    for end in [
        "delete from api_key",
        "delete from member where role = 'member' and userId <> 'u-member-a'",
        "delete from organization where id = 'a'",
    ] {
        let (key, _) = made(&w, "owner-a", json!({ "name": "Nightly import", "kind": "organization" }));
        let (_, row) = send(&w, &key, "GET", "/api/me", Value::Null);
        let email = w.db.query(service).pop().unwrap();
        assert_eq!(row["email"], email);
        let sign_in = json!({ "email": email, "password": "correct horse battery" });
        assert_eq!(w.send("", "POST", "/api/auth/sign-in/email", sign_in).0, 401);
        w.db.execute(end).unwrap();
        assert_eq!((me(&w, &key).0, w.db.query("select id from user order by id")), (401, before.clone()), "{end}");
    }
}

#[test]
fn who_may_delete_any_key_sees_them_all_and_others_their_own() {
    let w = World::new();
    let (_, id) = made(&w, "owner-a", json!({ "name": "owner's" }));
    let (_, own) = made(&w, "member-a", json!({ "name": "member's" }));
    let names = |who| {
        let (_, list) = w.send(who, "GET", "/api/api-keys", Value::Null);
        list["items"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((names("admin-a").len(), names("member-a")), (2, vec!["member's".to_owned()]));
    let path = |id| format!("/api/api-keys/{id}");
    assert_eq!(code(w.send("member-a", "DELETE", &path(id), Value::Null)), (403, "FORBIDDEN".into()));
    assert_eq!(w.send("member-a", "DELETE", &path(own), Value::Null).0, 200);
}

#[test]
fn a_use_is_noted_once_a_minute_and_the_gate_is_one_call() {
    let w = World::new();
    let (key, _) = made(&w, "owner-a", json!({ "name": "k", "expiresIn": 600 }));
    let used = || w.db.query("select coalesce(last_used_at, 'never') from api_key").pop().unwrap();
    assert_eq!(used(), "never");
    let before = w.db.calls.get();
    me(&w, &key);
    assert_eq!((w.db.calls.get() - before, used()), (1, NOW.to_owned()));
    for (noted, expected) in [("2026-01-02T03:03:05.679Z", None), ("2026-01-02T03:03:05.678Z", Some(NOW))] {
        w.db.execute(&format!("update api_key set last_used_at = '{noted}'")).unwrap();
        me(&w, &key);
        assert_eq!(used(), expected.unwrap_or(noted));
    }
    w.db.execute("update api_key set last_used_at = null, expires_at = '2026-01-01T00:00:00.000Z'").unwrap();
    me(&w, &key);
    assert_eq!(used(), "never", "an expired key is not in use");
}

#[test]
fn each_operation_is_one_call_and_there_is_an_end_of_keys() {
    let w = World::new();
    let (_, id) = made(&w, "owner-a", json!({ "name": "k" }));
    w.each_is_one_call(&[
        ("POST", "/api/api-keys", json!({ "name": "another" })),
        ("POST", "/api/api-keys", json!({ "name": "service", "kind": "organization" })),
        ("GET", "/api/api-keys", Value::Null),
        ("DELETE", &format!("/api/api-keys/{id}"), Value::Null),
    ]);
    w.db.execute(&format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 998)
         insert into api_key select 'key_' || i, 'a', 'x', 'personal', 'osk_', i, 'u-owner-a', '{{}}', null, null, null,
            '{NOW}', '{NOW}' from n"
    ))
    .unwrap();
    let users = w.db.query("select count(*) from user");
    let one_more = json!({ "name": "k", "kind": "organization" });
    assert_eq!(code(w.send("owner-a", "POST", "/api/api-keys", one_more)), (409, "QUOTA_EXCEEDED".into()));
    assert_eq!(w.db.query("select count(*) from user"), users);
}

#[test]
fn a_key_that_is_used_too_often_waits_and_costs_nothing_meanwhile() {
    let mut w = World::with(&[("RATE_LIMIT", "true")]);
    let ((one, _), (other, _)) =
        (made(&w, "owner-a", json!({ "name": "a" })), made(&w, "owner-a", json!({ "name": "b" })));
    let (status, error) = me(&w, &one);
    assert_eq!((status, &error["code"]), (500, &json!("MISCONFIGURED")), "{error}");
    let limiter = Rc::new(AdmitsFirst { max: 2, counted: RefCell::default() });
    w.app = w.app.limited_by(None, Some(limiter.clone()));
    assert_eq!([0; 2].map(|_| me(&w, &one).0), [200; 2]);
    let before = w.db.calls.get();
    let refused = w.answer(&request(&w, &one, "GET", "/api/me", Value::Null));
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, Some("60")));
    assert_eq!(code(send(&w, &one, "POST", "/mcp", json!({}))), (429, "TOO_MANY_REQUESTS".into()));
    assert_eq!(w.db.calls.get(), before);
    assert_eq!(me(&w, &other).0, 200);
    assert_eq!(w.send("owner-a", "GET", "/api/me", Value::Null).0, 200, "a person is not counted here");
    assert!(limiter.counted.borrow().iter().all(|counted| !one.contains(counted) && !other.contains(counted)));
}
