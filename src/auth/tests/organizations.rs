//! Organizations: made, chosen, shown, changed, deleted.
use super::{Browser, calls, code, cookies, parsed, refused, text};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

fn acme() -> Value {
    json!({ "name": "Acme", "slug": "acme", "metadata": { "plan": "pro" } })
}

fn active(browser: &mut Browser<'_>) -> (Value, Value) {
    let (_, found) = browser.get("/get-session");
    (found["session"]["activeOrganizationId"].clone(), found["session"]["activeTeamId"].clone())
}

#[test]
fn an_organization_is_made_with_its_owner_and_team_in_one_batch_and_becomes_active() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    let request = owner.request("POST", "/organization/create", &acme());
    let (trips, response) = calls(&w, || owner.answer(&request));
    assert_eq!((trips, response.status.as_u16()), (2, 200));
    let made = parsed(&response);
    let (id, member) = (made["id"].as_str().unwrap(), made["members"][0]["id"].as_str().unwrap());
    assert_eq!(
        text(&response),
        format!(
            r#"{{"name":"Acme","slug":"acme","logo":null,"createdAt":"{NOW}","metadata":{{"plan":"pro"}},"id":"{id}","members":[{{"organizationId":"{id}","userId":"u-owner-a","role":"owner","createdAt":"{NOW}","id":"{member}"}}]}}"#
        )
    );
    assert!(cookies(&response).is_empty(), "the reference sets none");
    let team =
        w.db.query(&format!("select id from team where organizationId = '{id}' and name = 'Acme' and memberCount = 1"));
    assert_eq!(active(&mut owner), (json!(id), json!(team[0])));
    let key = w.db.query(&format!(
        "select length(membershipKey) from teamMember where teamId = '{}' and userId = 'u-owner-a'",
        team[0]
    ));
    assert_eq!(key, ["43"]);
}

#[test]
fn a_taken_slug_is_refused_and_nothing_is_written() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    let before = w.db.dump();
    let mut new = acme();
    new["slug"] = json!("b-inc");
    assert_eq!(code(owner.post("/organization/create", new)), refused(400, "ORGANIZATION_ALREADY_EXISTS"));
    let (trips, answer) = calls(&w, || owner.post("/organization/check-slug", json!({ "slug": "b-inc" })));
    assert_eq!((trips, code(answer)), (1, refused(400, "ORGANIZATION_SLUG_ALREADY_TAKEN")));
    let rename = json!({ "data": { "slug": "b-inc" } });
    assert_eq!(code(owner.post("/organization/update", rename)), refused(400, "ORGANIZATION_SLUG_ALREADY_TAKEN"));
    assert_eq!(w.db.dump(), before);
    assert_eq!(owner.post("/organization/check-slug", json!({ "slug": "B-inc" })), (200, json!({ "status": true })));
    assert_eq!(owner.post("/organization/update", json!({ "data": { "slug": "a-inc" } })).0, 200, "its own");
}

#[test]
fn the_user_that_a_client_names_is_never_the_owner() {
    let w = World::new();
    let mut new = acme();
    new["userId"] = json!("u-owner-b");
    new["keepCurrentActiveOrganization"] = json!(true);
    let mut owner = Browser::of(&w, "owner-a");
    assert_eq!(owner.post("/organization/create", new.clone()).1["members"][0]["userId"], "u-owner-a");
    assert_eq!(active(&mut owner), (json!("a"), Value::Null), "the active one was kept");
    let (status, body) = Browser::new(&w).post("/organization/create", new);
    assert_eq!((status, body), (401, Value::Null), "an empty body");
}

#[test]
fn names_slugs_and_metadata_are_bounded() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(256))),
        ("slug", json!("")),
        ("slug", json!("x".repeat(101))),
        ("metadata", json!("{}")),
        ("metadata", json!({ "x": "x".repeat(70_000) })),
        ("logo", json!(7)),
    ] {
        let mut new = acme();
        new[field] = value.clone();
        assert_eq!(code(owner.post("/organization/create", new)), refused(400, "VALIDATION_ERROR"), "{field}");
        let patch = json!({ "data": { field: value } });
        assert_eq!(code(owner.post("/organization/update", patch)), refused(400, "VALIDATION_ERROR"), "{field}");
    }
}

#[test]
fn metadata_is_an_object_where_the_reference_parses_it_and_text_where_it_does_not() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    let (_, updated) = owner.post("/organization/update", json!({ "data": { "metadata": { "b": [1] } } }));
    assert_eq!(updated["metadata"], json!({ "b": [1] }));
    let (_, full) = owner.get("/organization/get-full-organization");
    let (_, list) = owner.get("/organization/list");
    for raw in [&full["metadata"], &list[0]["metadata"]] {
        assert_eq!(*raw, json!("{\"b\":[1]}"));
    }
    let plain = json!({ "name": "Plain", "slug": "plain" });
    assert!(owner.post("/organization/create", plain).1.get("metadata").is_none());
}

#[test]
fn set_active_switches_organizations_and_leaves_the_team_of_the_other() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    owner.post("/organization/create", acme());
    let (acme, team) = active(&mut owner);
    assert!(team.is_string());
    assert_eq!(owner.post("/organization/set-active", json!({})).1["id"], acme);
    assert_eq!(active(&mut owner).1, team, "the same organization keeps its team");

    let request = owner.request("POST", "/organization/set-active", &json!({ "organizationId": "a" }));
    let (trips, response) = calls(&w, || owner.answer(&request));
    assert_eq!((trips, &parsed(&response)["slug"], cookies(&response).len()), (2, &json!("a-inc"), 1));
    assert_eq!(active(&mut owner), (json!("a"), Value::Null), "a team is of its organization alone");
    let both = json!({ "organizationId": "a", "organizationSlug": "acme" });
    assert_eq!(owner.post("/organization/set-active", both).1["id"], "a", "the id counts before the slug");
    assert_eq!(owner.post("/organization/set-active", json!({ "organizationSlug": "acme" })).1["id"], acme);
    assert_eq!(owner.post("/organization/set-active", json!({ "organizationId": null })), (200, Value::Null));
    assert_eq!(active(&mut owner), (Value::Null, Value::Null));
    assert_eq!(owner.post("/organization/set-active", json!({})), (200, Value::Null));
}

#[test]
fn an_organization_of_others_is_neither_chosen_nor_shown() {
    for path in ["set-active", "get-full-organization"] {
        for (named, status, expected) in [
            (("organizationId", "b"), 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
            (("organizationSlug", "b-inc"), 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
            (("organizationSlug", "nothing"), 400, "ORGANIZATION_NOT_FOUND"),
        ] {
            let w = World::new();
            let mut owner = Browser::of(&w, "owner-a");
            let (trips, answer) = calls(&w, || match path {
                "set-active" => owner.post("/organization/set-active", json!({ named.0: named.1 })),
                _ => owner.get(&format!("/organization/{path}?{}={}", named.0, named.1)),
            });
            assert_eq!(code(answer), refused(status, expected), "{path} {named:?}");
            assert!(trips <= 2);
            assert_eq!(active(&mut owner).0, "a", "a link on another site does not move its reader");
        }
    }
    let w = World::new();
    let unknown = Browser::of(&w, "owner-a").post("/organization/set-active", json!({ "organizationId": "x" }));
    assert_eq!(code(unknown), refused(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"), "no telling which exist");
    let mut removed = Browser::of(&w, "removed-a");
    let stale = removed.get("/organization/get-full-organization");
    assert_eq!(code(stale), refused(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"));
    assert_eq!(active(&mut removed).0, Value::Null, "a stale choice is given up");
}

fn with_invitations(w: &World) {
    for (id, role) in [("i1", "member"), ("i2", "owner")] {
        w.db.execute(&format!(
            "insert into invitation (id, organizationId, email, role, status, expiresAt, createdAt, inviterId)
             values ('{id}', 'a', 'new@x.co', '{role}', 'pending', '{NOW}', '{NOW}', 'u-owner-a')"
        ))
        .unwrap();
    }
}

#[test]
fn the_full_organization_shows_members_teams_and_the_invitations_that_one_may_make() {
    let w = World::new();
    with_invitations(&w);
    w.db.execute(&format!(
        "insert into team (id, name, memberCount, organizationId, createdAt) values ('t', 'T', 3, 'a', '{NOW}')"
    ))
    .unwrap();
    let seen = |who: &str| -> Vec<Value> {
        let (trips, (_, full)) = calls(&w, || Browser::of(&w, who).get("/organization/get-full-organization"));
        assert_eq!(trips, 2);
        full["invitations"].as_array().unwrap().iter().map(|invitation| invitation["id"].clone()).collect()
    };
    assert_eq!(seen("owner-a"), [json!("i1"), json!("i2")]);
    assert_eq!(seen("admin-a"), [json!("i1")], "an owner's invitation is for owners");
    assert!(seen("member-a").is_empty());
    let request =
        Browser::of(&w, "member-a").request("GET", "/organization/get-full-organization?membersLimit=1", &Value::Null);
    let response = w.answer(&request);
    assert_eq!(
        text(&response),
        format!(
            r#"{{"name":"A","slug":"a-inc","logo":null,"createdAt":"2026-01-01T00:00:00.000Z","metadata":null,"id":"a","invitations":[],"members":[{{"organizationId":"a","userId":"u-owner-a","role":"owner","createdAt":"{NOW}","id":"m-owner-a","user":{{"id":"u-owner-a","name":"owner-a","email":"owner-a@x.co","image":null}}}}],"teams":[{{"name":"T","memberCount":3,"organizationId":"a","createdAt":"{NOW}","updatedAt":null,"id":"t"}}]}}"#
        )
    );
    for limit in ["abc", "0", "-1", ""] {
        let (_, full) =
            Browser::of(&w, "owner-a").get(&format!("/organization/get-full-organization?membersLimit={limit}"));
        assert_eq!(full["members"].as_array().unwrap().len(), 4, "{limit}");
    }
    let twice = Browser::of(&w, "owner-a").get("/organization/get-full-organization?organizationId=a&organizationId=b");
    assert_eq!(twice.1["message"], "[query.organizationId] Invalid input: expected string, received array");
}

#[test]
fn any_number_of_members_is_shown_to_whom_asks_for_them() {
    let w = World::new();
    for n in 0..150 {
        w.db.execute(&format!(
            "insert into user values ('n{n}', 'n', 'n{n}@x.co', 0, null, '{NOW}', '{NOW}');
             insert into member values ('mn{n}', 'a', 'n{n}', 'member', '{NOW}')"
        ))
        .unwrap();
    }
    let mut owner = Browser::of(&w, "owner-a");
    let mut count = |query: &str| {
        owner.get(&format!("/organization/get-full-organization{query}")).1["members"].as_array().unwrap().len()
    };
    assert_eq!((count(""), count("?membersLimit=500")), (100, 154));
}

#[test]
fn who_may_change_an_organization_changes_it_and_others_do_not() {
    let w = World::new();
    let before = w.db.dump();
    let patch = json!({ "data": { "name": "New" }, "organizationId": "a" });
    for (who, status, expected) in [
        ("member-a", 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION"),
        ("owner-b", 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
        ("removed-a", 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
    ] {
        assert_eq!(code(Browser::of(&w, who).post("/organization/update", patch.clone())), refused(status, expected));
    }
    let nobody = Browser::new(&w).post("/organization/update", patch.clone());
    assert_eq!(nobody, (401, json!({ "message": "User not found" })));
    assert_eq!(w.db.dump(), before);
    let (trips, (status, updated)) = calls(&w, || Browser::of(&w, "admin-a").post("/organization/update", patch));
    assert_eq!((trips, status, &updated["name"], &updated["slug"]), (2, 200, &json!("New"), &json!("a-inc")));
}

#[test]
fn an_update_with_no_field_that_we_know_answers_the_row_unchanged() {
    let w = World::new();
    let before = w.db.dump();
    let (status, same) = Browser::of(&w, "owner-a").post("/organization/update", json!({ "data": { "id": "x" } }));
    assert_eq!((status, &same["name"], &same["id"]), (200, &json!("A"), &json!("a")));
    assert_eq!(w.db.dump(), before);
}

#[test]
fn a_role_made_at_run_time_grants_what_it_names() {
    let w = World::new();
    w.db.execute(&format!(
        "insert into organizationRole (id, organizationId, role, permission, createdAt)
         values ('r', 'a', 'editor', '{{\"organization\":[\"update\"]}}', '{NOW}');
         update member set role = 'member, editor' where id = 'm-member-a'"
    ))
    .unwrap();
    let patch = json!({ "data": { "name": "New" } });
    assert_eq!(Browser::of(&w, "member-a").post("/organization/update", patch).0, 200);
    let gone = Browser::of(&w, "member-a").post("/organization/delete", json!({ "organizationId": "a" }));
    assert_eq!(code(gone), refused(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION"));
}

#[test]
fn a_deleted_organization_is_gone_from_everybodys_session() {
    let w = World::new();
    with_invitations(&w);
    let delete = json!({ "organizationId": "a" });
    for (who, status, expected) in [
        ("admin-a", 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION"),
        ("owner-b", 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
    ] {
        assert_eq!(code(Browser::of(&w, who).post("/organization/delete", delete.clone())), refused(status, expected));
    }
    assert_eq!(Browser::new(&w).post("/organization/delete", delete.clone()), (401, Value::Null));
    let (trips, (status, deleted)) = calls(&w, || Browser::of(&w, "owner-a").post("/organization/delete", delete));
    assert_eq!((trips, status, &deleted["slug"], &deleted["metadata"]), (2, 200, &json!("a-inc"), &Value::Null));
    for table in ["member", "invitation"] {
        assert_eq!(w.db.query(&format!("select count(*) from {table} where organizationId = 'a'")), ["0"]);
    }
    for who in ["owner-a", "admin-a", "member-a"] {
        assert_eq!(Browser::of(&w, who).get("/organization/get-full-organization"), (200, Value::Null), "{who}");
    }
    assert_eq!(active(&mut Browser::of(&w, "owner-b")).0, "b");
}

#[test]
fn one_user_has_one_place_in_an_organization() {
    let w = World::new();
    let again = w.db.execute(&format!("insert into member values ('m2', 'a', 'u-owner-a', 'member', '{NOW}')"));
    assert!(again.unwrap_err().to_string().contains("UNIQUE"));
}

#[test]
fn one_sees_ones_own_organizations_and_oneself_in_the_active_one() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    owner.post("/organization/create", acme());
    let (trips, (_, list)) = calls(&w, || owner.get("/organization/list"));
    let slugs: Vec<_> = list.as_array().unwrap().iter().map(|organization| organization["slug"].clone()).collect();
    assert_eq!((trips, slugs), (1, vec![json!("a-inc"), json!("acme")]));
    let (trips, (_, member)) = calls(&w, || owner.get("/organization/get-active-member"));
    assert_eq!((trips, &member["role"], &member["user"]["email"]), (1, &json!("owner"), &json!("owner-a@x.co")));
    owner.post("/organization/set-active", json!({ "organizationId": null }));
    assert_eq!(code(owner.get("/organization/get-active-member")), refused(400, "NO_ACTIVE_ORGANIZATION"));
    assert_eq!(
        code(Browser::of(&w, "removed-a").get("/organization/get-active-member")),
        refused(400, "MEMBER_NOT_FOUND")
    );
    for path in ["list", "get-active-member", "get-full-organization"] {
        assert_eq!(code(Browser::new(&w).get(&format!("/organization/{path}"))), refused(401, "UNAUTHORIZED"));
    }
}
