//! The gate, through the whole core over SQLite.
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

fn me_in(w: &World, who: &str, organization: &str) -> (u16, Value) {
    let mut request = w.request(who, "GET", "/api/me", Value::Null);
    request.headers.push(("x-organization-id".into(), organization.into()));
    let response = w.answer(&request);
    (response.status.as_u16(), serde_json::from_slice(&response.body).unwrap())
}

#[test]
fn the_caller_is_who_the_session_says_in_its_active_organization() {
    let w = World::new();
    let (status, me) = w.send("member-a", "GET", "/api/me", Value::Null);
    assert_eq!(status, 200);
    assert_eq!(me["userId"], "u-member-a");
    assert_eq!(me["email"], "member-a@x.co");
    assert_eq!(me["organizationId"], "a");
    assert_eq!(me["roles"], json!(["member"]));
    assert!(me["permissions"].as_array().unwrap().contains(&json!("dataset:create")));
    assert!(!me["permissions"].as_array().unwrap().contains(&json!("dataset:delete")));
}

#[test]
fn who_has_no_good_session_is_nobody() {
    let w = World::new();
    for who in ["expired-a", "unknown", ""] {
        assert_eq!(w.send(who, "GET", "/api/me", Value::Null).1["code"], "UNAUTHORIZED", "{who}");
    }
    let mut forged = w.request("owner-a", "GET", "/api/me", Value::Null);
    forged.headers[0].1 = "better-auth.session_token=owner-a.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D".into();
    assert_eq!(w.answer(&forged).status, 401);
}

#[test]
fn a_removed_member_and_a_revoked_session_are_out_at_the_next_request() {
    let w = World::new();
    assert_eq!(
        w.send("removed-a", "GET", "/api/me", Value::Null).1["code"],
        "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"
    );
    assert_eq!(w.send("member-a", "GET", "/api/me", Value::Null).0, 200);
    w.db.execute("delete from member where userId = 'u-member-a'").unwrap();
    assert_eq!(w.send("member-a", "GET", "/api/me", Value::Null).0, 403);
    w.db.execute("delete from session where token = 'owner-a'").unwrap();
    assert_eq!(w.send("owner-a", "GET", "/api/me", Value::Null).0, 401);
}

#[test]
fn a_request_names_its_organization_by_id_or_slug_and_only_one_of_the_callers() {
    let w = World::new();
    w.db.execute(&format!("insert into member values ('m2', 'b', 'u-owner-a', 'member', '{NOW}')")).unwrap();
    assert_eq!(me_in(&w, "owner-a", "b").1["organizationId"], "b");
    assert_eq!(me_in(&w, "owner-a", "b-inc").1["roles"], json!(["member"]));
    assert_eq!(w.send("owner-a", "GET", "/api/me", Value::Null).1["organizationId"], "a", "the session has not moved");
    for foreign in ["a", "a-inc", "nowhere", "a, b", "", " "] {
        let (status, error) = me_in(&w, "owner-b", foreign);
        assert_eq!((status, &error["code"]), (403, &json!("YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION")), "{foreign}");
    }
}

#[test]
fn a_slug_that_looks_like_anothers_id_does_not_stand_in_for_it() {
    let w = World::new();
    w.db.execute("update organization set slug = 'a' where id = 'b'").unwrap();
    assert_eq!(me_in(&w, "owner-a", "a").1["organizationId"], "a");
    assert_eq!(me_in(&w, "owner-b", "a").0, 403, "the id counts before the slug");
}

#[test]
fn without_an_active_organization_the_answer_says_how_to_choose_one() {
    let w = World::new();
    w.db.execute("update session set activeOrganizationId = null where token = 'owner-a'").unwrap();
    let (status, error) = w.send("owner-a", "GET", "/api/me", Value::Null);
    assert_eq!((status, &error["code"]), (403, &json!("NO_ACTIVE_ORGANIZATION")));
    assert!(error["message"].as_str().unwrap().contains("set-active"));
    assert_eq!(me_in(&w, "owner-a", "a").0, 200);
    w.db.execute("update session set activeOrganizationId = '' where token = 'owner-a'").unwrap();
    assert_eq!(w.send("owner-a", "GET", "/api/me", Value::Null).1["code"], "NO_ACTIVE_ORGANIZATION");
}

#[test]
fn a_role_of_the_organizations_own_making_governs_operations() {
    let w = World::new();
    w.db.execute(&format!(
        "update member set role = ' data analyst , ghost' where userId = 'u-member-a';
         insert into organizationRole values ('r1', 'a', 'data analyst', '{{\"dataset\":[\"read\"]}}', '{NOW}', null);
         insert into organizationRole values ('r2', 'b', 'ghost', '{{\"dataset\":[\"create\",\"read\"]}}', '{NOW}', null);
         insert into organizationRole values ('r3', 'a', 'ghost', 'not json', '{NOW}', null);"
    ))
    .unwrap();
    assert_eq!(w.send("member-a", "GET", "/api/datasets", Value::Null).0, 200);
    let (status, error) = w.send("member-a", "POST", "/api/datasets", json!({}));
    assert_eq!((status, &error["code"]), (403, &json!("FORBIDDEN")), "another organization's role grants nothing here");
    assert!(error["message"].as_str().unwrap().contains("dataset:create"));
}

#[test]
fn a_bearer_token_is_a_session_and_counts_before_the_cookie() {
    let w = World::new();
    let secret = &w.app.config.secret;
    let signed = crate::api::cookie::signed("member-a", secret);
    for (token, expected) in [
        ("member-a", Some("u-member-a")),
        (signed.as_str(), Some("u-member-a")),
        (&crate::api::cookie::sign("member-a", secret), Some("u-member-a")),
        ("unknown", None),
        ("member-a.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", Some("u-owner-a")),
    ] {
        let mut request = w.request("owner-a", "GET", "/api/me", Value::Null);
        request.headers.push(("authorization".into(), format!("bearer  {token} ")));
        let me: Value = serde_json::from_slice(&w.answer(&request).body).unwrap();
        assert_eq!(me["userId"].as_str(), expected, "{token}");
    }
}

#[test]
fn the_gate_is_one_call() {
    let w = World::new();
    let before = w.db.calls.get();
    w.send("owner-a", "GET", "/api/me", Value::Null);
    assert_eq!(w.db.calls.get() - before, 1);
}
