//! Members: listed, given roles, removed, leaving; and what their roles grant.
use super::{
    Browser, calls, code, parsed,
    races::{at_once, interrupted},
    refused,
};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

fn role_of(w: &World, member: &str) -> Vec<String> {
    w.db.query(&format!("select role from member where id = '{member}'"))
}

fn with_role(w: &World, name: &str, permission: &str) {
    w.db.execute(&format!(
        "insert into organizationRole (id, organizationId, role, permission, createdAt)
         values ('r-{name}', 'a', '{name}', '{permission}', '{NOW}')"
    ))
    .unwrap();
}

fn people(w: &World, count: usize) {
    for n in 0..count {
        w.db.execute(&format!(
            "insert into user values ('n{n}', 'n', 'n{n}@x.co', 0, null, '{NOW}', '{NOW}');
             insert into member values ('mn{n}', 'a', 'n{n}', 'member', '{NOW}')"
        ))
        .unwrap();
    }
}

fn ids(list: &Value) -> Vec<&str> {
    list["members"].as_array().unwrap().iter().map(|member| member["id"].as_str().unwrap()).collect()
}

#[test]
fn members_are_listed_by_page_order_and_filter() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    let all = ["m-owner-a", "m-admin-a", "m-member-a", "m-expired-a"];
    for (query, expected, total) in [
        ("", &all[..], 4),
        ("?limit=2", &all[..2], 4),
        ("?limit=2&offset=1", &all[1..3], 4),
        ("?limit=1e0&offset=9", &[], 4),
        ("?limit=0&offset=abc", &all, 4),
        ("?limit=-1", &all, 4),
        ("?sortBy=id", &["m-admin-a", "m-expired-a", "m-member-a", "m-owner-a"], 4),
        ("?sortBy=id&sortDirection=desc&limit=1", &["m-owner-a"], 4),
        ("?sortBy=role&sortDirection=desc", &["m-owner-a", "m-expired-a", "m-member-a", "m-admin-a"], 4),
        ("?filterField=role&filterValue=owner", &["m-owner-a", "m-expired-a"], 2),
        ("?filterField=role&filterValue=owner&limit=1", &["m-owner-a"], 2),
        ("?filterField=role&filterOperator=ne&filterValue=owner", &["m-admin-a", "m-member-a"], 2),
        ("?filterField=role&filterOperator=in&filterValue=admin&filterValue=member", &["m-admin-a", "m-member-a"], 2),
        ("?filterField=role&filterOperator=in&filterValue=admin", &["m-admin-a"], 1),
        ("?filterField=role&filterOperator=not_in&filterValue=admin&filterValue=owner", &["m-member-a"], 1),
        ("?filterField=role&filterOperator=contains&filterValue=EMB", &["m-member-a"], 1),
        ("?filterField=role&filterOperator=starts_with&filterValue=o", &["m-owner-a", "m-expired-a"], 2),
        ("?filterField=role&filterOperator=ends_with&filterValue=_in", &["m-admin-a"], 1),
        ("?filterField=userId&filterOperator=gte&filterValue=u-member-a", &["m-owner-a", "m-member-a"], 2),
        ("?filterField=userId&filterOperator=lt&filterValue=u-expired-a", &["m-admin-a"], 1),
        ("?filterField=createdAt&filterOperator=lte&filterValue=2026", &[], 0),
        ("?filterField=organizationId&filterValue=b", &[], 0),
        ("?filterValue=owner", &all, 4),
        ("?organizationSlug=a-inc&organizationId=b", &all, 4),
    ] {
        let (trips, (status, list)) = calls(&w, || owner.get(&format!("/organization/list-members{query}")));
        assert_eq!((trips, status), (2, 200), "{query} {list}");
        assert_eq!((ids(&list), &list["total"]), (expected.to_vec(), &json!(total)), "{query}");
        assert!(list["members"].as_array().unwrap().iter().all(|member| member["user"]["email"].is_string()));
    }
}

#[test]
fn what_cannot_be_sorted_or_compared_by_is_a_clients_mistake() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    let long = "x".repeat(49);
    for query in [
        "sortBy=email",
        "sortBy=rowid",
        "filterField=name&filterValue=a",
        "filterField=role",
        "filterField=role&filterValue=a&filterValue=b",
        "filterField=role&filterOperator=contains",
        "filterField=role&filterOperator=is&filterValue=a",
        &format!("filterField=role&filterOperator=contains&filterValue={long}"),
        "sortDirection=up",
        "limit=1&limit=2",
    ] {
        let answer = owner.get(&format!("/organization/list-members?{query}"));
        assert_eq!(code(answer), refused(400, "VALIDATION_ERROR"), "{query}");
    }
}

#[test]
fn only_members_learn_of_members_and_their_roles() {
    let w = World::new();
    let not_here = "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION";
    for path in ["list-members", "get-active-member-role"] {
        for (who, query, status, expected) in [
            ("owner-b", "organizationId=a", 403, not_here),
            ("owner-b", "organizationId=nothing", 403, not_here),
            ("owner-b", "organizationSlug=a-inc", 403, not_here),
            ("owner-b", "organizationSlug=nothing", 400, "ORGANIZATION_NOT_FOUND"),
            ("removed-a", "", 403, not_here),
            ("nobody", "", 401, "UNAUTHORIZED"),
        ] {
            let answer = Browser::of(&w, who).get(&format!("/organization/{path}?{query}"));
            assert_eq!(code(answer), refused(status, expected), "{path} {who} {query}");
        }
    }
    w.db.execute("update session set activeOrganizationId = null where token = 'owner-b'").unwrap();
    for path in ["list-members", "get-active-member-role"] {
        let answer = Browser::of(&w, "owner-b").get(&format!("/organization/{path}"));
        assert_eq!(code(answer), refused(400, "NO_ACTIVE_ORGANIZATION"));
    }
    let mut member = Browser::of(&w, "member-a");
    let mut role = |query: &str| calls(&w, || member.get(&format!("/organization/get-active-member-role{query}")));
    assert_eq!(role(""), (1, (200, json!({ "role": "member" }))));
    assert_eq!(role("?userId=u-owner-a"), (1, (200, json!({ "role": "owner" }))));
    assert_eq!(role("?userId=u-owner-a&organizationSlug=a-inc").1, (200, json!({ "role": "owner" })));
    assert_eq!(code(role("?userId=u-owner-b").1), refused(403, not_here));
}

#[test]
fn get_organization_shows_the_named_or_the_active_one() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    for query in ["", "?organizationId=a", "?organizationSlug=a-inc&organizationId=b"] {
        let (trips, (status, shown)) = calls(&w, || owner.get(&format!("/organization/get-organization{query}")));
        assert_eq!((trips, status, &shown["id"], shown.get("members")), (1, 200, &json!("a"), None), "{query}");
    }
    for (query, status, expected) in [
        ("organizationId=b", 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
        ("organizationSlug=b-inc", 403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
        ("organizationSlug=x", 400, "ORGANIZATION_NOT_FOUND"),
        ("organizationId=x", 400, "ORGANIZATION_NOT_FOUND"),
    ] {
        let answer = owner.get(&format!("/organization/get-organization?{query}"));
        assert_eq!(code(answer), refused(status, expected), "{query}");
    }
    owner.post("/organization/set-active", json!({ "organizationId": null }));
    assert_eq!(owner.get("/organization/get-organization"), (200, Value::Null));
}

#[test]
fn has_permission_is_true_if_one_role_grants_all_of_it() {
    let w = World::new();
    with_role(&w, "editor", r#"{"invoice":["read"]}"#);
    w.db.execute("update member set role = 'member, editor' where id = 'm-member-a'").unwrap();
    let ask = |who: &str, body: Value| calls(&w, || Browser::of(&w, who).post("/organization/has-permission", body));
    for (who, permissions, expected) in [
        ("owner-a", json!({ "organization": ["delete"], "dataset": ["query"] }), true),
        ("admin-a", json!({ "organization": ["delete"] }), false),
        ("member-a", json!({ "invoice": ["read"] }), true),
        ("member-a", json!({ "invoice": ["read"], "ac": ["read"] }), false),
        ("owner-a", json!({}), false),
    ] {
        let answer = ask(who, json!({ "permissions": permissions }));
        assert_eq!(answer, (1, (200, json!({ "error": null, "success": expected }))), "{who} {permissions}");
    }
    let legacy = json!({ "permission": { "ac": ["read"] } });
    assert_eq!(ask("owner-a", legacy).1.1["success"], false, "as the reference");
    for (body, message) in [
        (json!({}), "[body] Invalid input"),
        (json!({ "permissions": { "ac": "read" } }), "[body] Invalid input"),
        (json!({ "permission": {}, "permissions": {} }), "[body] Invalid input: more than one option matched"),
        (Value::Null, "[body] Invalid input: expected object, received undefined; [body] Invalid input"),
    ] {
        assert_eq!(ask("owner-a", body).1, (400, json!({ "message": message, "code": "VALIDATION_ERROR" })));
    }
    let ac = json!({ "permissions": { "ac": ["read"] }, "organizationId": "a" });
    let not_a_member = refused(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    assert_eq!(code(ask("owner-b", ac.clone()).1), not_a_member);
    w.db.execute("update session set activeOrganizationId = null where token = 'owner-a'").unwrap();
    assert_eq!(ask("owner-a", ac).1.0, 200);
    let nowhere = ask("owner-a", json!({ "permissions": { "ac": ["read"] } })).1;
    assert_eq!(code(nowhere), refused(400, "NO_ACTIVE_ORGANIZATION"));
}

fn update(member: &str, role: Value) -> Value {
    json!({ "memberId": member, "role": role })
}

#[test]
fn a_role_is_changed_by_whom_may_and_in_the_references_order_of_refusals() {
    let w = World::new();
    w.db.execute("update member set role = 'member' where id = 'm-expired-a'").unwrap();
    let before = w.db.dump();
    let path = "/organization/update-member-role";
    let denied = "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER";
    for (who, body, status, expected) in [
        ("nobody", update("m-member-a", json!("admin")), 401, "UNAUTHORIZED"),
        ("owner-a", update("m-member-a", json!("")), 400, ""),
        ("owner-a", update("m-member-a", json!([])), 400, ""),
        ("owner-a", update("m-member-a", json!(" , ")), 400, ""),
        ("removed-a", update("m-member-a", json!("admin")), 400, "MEMBER_NOT_FOUND"),
        ("owner-a", update("nothing", json!("admin")), 400, "MEMBER_NOT_FOUND"),
        ("owner-a", update("m-owner-b", json!("admin")), 403, denied),
        ("admin-a", update("m-owner-a", json!("member")), 403, denied),
        ("admin-a", update("m-member-a", json!("owner")), 403, denied),
        ("admin-a", update("m-member-a", json!([" owner"])), 403, denied),
        ("member-a", update("m-admin-a", json!("member")), 403, denied),
        ("owner-a", update("m-owner-a", json!("admin")), 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER"),
        ("admin-a", update("m-member-a", json!("ghost")), 400, "ROLE_NOT_FOUND"),
        ("admin-a", update("m-member-a", json!({})), 400, "VALIDATION_ERROR"),
        ("admin-a", update("m-member-a", json!("member,".repeat(200))), 400, "VALIDATION_ERROR"),
    ] {
        assert_eq!(code(Browser::of(&w, who).post(path, body.clone())), refused(status, expected), "{who} {body}");
    }
    let (_, ghosts) = Browser::of(&w, "owner-a").post(path, update("m-member-a", json!("ghost,admin,moon")));
    assert_eq!(ghosts, json!({ "code": "ROLE_NOT_FOUND", "message": "ROLE_NOT_FOUND: ghost, moon" }));
    assert_eq!(w.db.dump(), before);

    let (trips, (status, member)) =
        calls(&w, || Browser::of(&w, "admin-a").post(path, update("m-member-a", json!(["admin ", "member"]))));
    assert_eq!((trips, status), (2, 200));
    let expected = json!({ "organizationId": "a", "userId": "u-member-a", "role": "admin,member", "createdAt": NOW, "id": "m-member-a" });
    assert_eq!(member, expected);
    assert_eq!(Browser::of(&w, "owner-a").post(path, update("m-admin-a", json!("owner"))).0, 200);
    assert_eq!(
        Browser::of(&w, "owner-a").post(path, update("m-owner-a", json!("member"))).0,
        200,
        "another one remains"
    );
    assert_eq!(code(Browser::of(&w, "owner-a").post(path, update("m-owner-a", json!("owner")))), refused(403, denied));
}

#[test]
fn nobody_gives_a_member_a_role_that_grants_what_he_lacks() {
    let w = World::new();
    with_role(&w, "promoter", r#"{"member":["update"]}"#);
    with_role(&w, "reader", r#"{"ac":["read"]}"#);
    w.db.execute("update member set role = 'member,promoter' where id = 'm-member-a'").unwrap();
    let mut promoter = Browser::of(&w, "member-a");
    let mut give =
        |member: &str, role: &str| code(promoter.post("/organization/update-member-role", update(member, json!(role))));
    let denied = refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER");
    assert_eq!(give("m-member-a", "admin"), denied, "not to himself");
    assert_eq!(give("m-expired-a", "admin"), denied, "an owner");
    w.db.execute("update member set role = 'member' where id = 'm-expired-a'").unwrap();
    assert_eq!(give("m-expired-a", "admin"), denied, "not to another");
    assert_eq!(give("m-expired-a", "member,reader,promoter").0, 200, "what he holds he may give");
    assert_eq!(give("m-admin-a", "admin,reader").0, 200, "what the other has is not given");
}

#[test]
fn a_role_that_grew_between_the_check_and_the_grant_is_not_given() {
    for script in [
        "update organizationRole set permission = '{\"organization\":[\"delete\"]}' where role = 'reader'",
        "delete from organizationRole where role = 'reader'",
        "update member set role = 'member' where id = 'm-admin-a'",
    ] {
        let w = World::new();
        with_role(&w, "reader", r#"{"ac":["read"]}"#);
        let body = update("m-member-a", json!("reader"));
        let request = Browser::of(&w, "admin-a").request("POST", "/organization/update-member-role", &body);
        assert_eq!(interrupted(&w, script, &request).status.as_u16(), 403, "{script}");
        assert_eq!(role_of(&w, "m-member-a"), ["member"]);
    }
}

fn remove(named: &str) -> Value {
    json!({ "memberIdOrEmail": named })
}

#[test]
fn a_member_is_removed_by_whom_may_and_in_the_references_order_of_refusals() {
    let w = World::new();
    w.db.execute("update member set role = 'member' where id = 'm-expired-a'").unwrap();
    let before = w.db.dump();
    let path = "/organization/remove-member";
    let only = "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER";
    for (who, named, status, expected) in [
        ("nobody", "m-member-a", 401, "UNAUTHORIZED"),
        ("removed-a", "m-member-a", 400, "MEMBER_NOT_FOUND"),
        ("owner-a", "nothing", 400, "MEMBER_NOT_FOUND"),
        ("owner-a", "u-member-a", 400, "MEMBER_NOT_FOUND"),
        ("owner-a", "owner-b@x.co", 400, "MEMBER_NOT_FOUND"),
        ("owner-a", "m-owner-b", 400, "MEMBER_NOT_FOUND"),
        ("admin-a", "m-owner-a", 400, only),
        ("owner-a", "m-owner-a", 400, only),
        ("member-a", "m-admin-a", 401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER"),
        ("member-a", "m-member-a", 401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER"),
    ] {
        assert_eq!(code(Browser::of(&w, who).post(path, remove(named))), refused(status, expected), "{who} {named}");
    }
    assert_eq!(w.db.dump(), before);
    let (trips, (status, removed)) = calls(&w, || Browser::of(&w, "admin-a").post(path, remove("Member-A@X.co")));
    assert_eq!((trips, status, &removed["member"]["user"]["name"]), (2, 200, &json!("member-a")));
    let (_, removed) = Browser::of(&w, "admin-a").post(path, remove("m-expired-a"));
    assert_eq!((&removed["member"]["id"], removed["member"].get("user")), (&json!("m-expired-a"), None));
}

/// The addressee is removed from the organization that is meant, whichever he joined first.
#[test]
fn a_member_of_two_organizations_is_removed_from_one_by_his_address() {
    let w = World::new();
    w.db.execute(&format!("insert into member values ('m-owner-b-a', 'a', 'u-owner-b', 'member', '{NOW}')")).unwrap();
    w.db.execute(&format!("insert into member values ('m-member-a-b', 'b', 'u-member-a', 'member', '{NOW}')")).unwrap();
    for (who, address, gone, left) in [
        ("owner-a", "owner-b@x.co", "m-owner-b-a", "m-owner-b"),
        ("owner-b", "member-a@x.co", "m-member-a-b", "m-member-a"),
    ] {
        let removed = Browser::of(&w, who).post("/organization/remove-member", remove(address));
        assert_eq!((removed.0, &removed.1["member"]["id"]), (200, &json!(gone)), "{}", removed.1);
        assert_eq!((role_of(&w, gone).len(), role_of(&w, left).len()), (0, 1));
    }
}

#[test]
fn whose_role_has_just_changed_is_not_given_another_or_removed_by_what_he_was() {
    let promoted = "update member set role = 'owner' where id = 'm-member-a'";
    for (path, body) in
        [("update-member-role", update("m-member-a", json!("admin"))), ("remove-member", remove("m-member-a"))]
    {
        let w = World::new();
        let request = Browser::of(&w, "admin-a").request("POST", &format!("/organization/{path}"), &body);
        assert!(interrupted(&w, promoted, &request).status.as_u16() >= 400, "{path}");
        assert_eq!(role_of(&w, "m-member-a"), ["owner"], "{path}");
    }
}

#[test]
fn who_lost_his_right_while_he_removes_does_not() {
    for script in
        ["update member set role = 'member' where id = 'm-admin-a'", "delete from member where id = 'm-admin-a'"]
    {
        let w = World::new();
        let request = Browser::of(&w, "admin-a").request("POST", "/organization/remove-member", &remove("m-member-a"));
        assert_eq!(parsed(&interrupted(&w, script, &request))["code"], "MEMBER_NOT_FOUND");
        assert_eq!(role_of(&w, "m-member-a"), ["member"]);
    }
}

#[test]
fn a_member_who_goes_leaves_his_teams_and_no_session_of_his_stays_in_the_organization() {
    for leaves in [true, false] {
        let w = World::new();
        w.db.execute(&format!(
            "insert into team (id, name, memberCount, organizationId, createdAt)
             values ('t', 'T', 7, 'a', '{NOW}'), ('u', 'U', 1, 'a', '{NOW}'), ('v', 'V', 1, 'b', '{NOW}');
             insert into teamMember (id, teamId, userId) values ('1', 't', 'u-member-a'), ('2', 't', 'u-owner-a'),
                ('3', 'u', 'u-owner-a'), ('4', 'v', 'u-member-a');
             update session set activeTeamId = 't' where token = 'member-a';
             insert into session select 's2', expiresAt, 'elsewhere', createdAt, updatedAt, null, null, userId, 'a', 't'
                from session where token = 'member-a';
             insert into session select 's3', expiresAt, 'other', createdAt, updatedAt, null, null, userId, 'b', 'v'
                from session where token = 'member-a'"
        ))
        .unwrap();
        let (trips, (status, gone)) = if leaves {
            calls(&w, || Browser::of(&w, "member-a").post("/organization/leave", json!({ "organizationId": "a" })))
        } else {
            calls(&w, || Browser::of(&w, "owner-a").post("/organization/remove-member", remove("m-member-a")))
        };
        assert_eq!((trips, status), (2, 200), "{gone}");
        if leaves {
            assert_eq!((&gone["id"], &gone["user"]["email"]), (&json!("m-member-a"), &json!("member-a@x.co")));
        }
        let sessions =
            "select token, activeOrganizationId, activeTeamId from session where userId = 'u-member-a' order by 1";
        assert_eq!(w.db.query(sessions), ["elsewhere|null|null", "member-a|null|null", "other|b|v"]);
        assert_eq!(w.db.query("select teamId from teamMember where userId = 'u-member-a'"), ["v"]);
        assert_eq!(w.db.query("select id, memberCount from team order by 1"), ["t|1", "u|1", "v|1"]);
        assert!(role_of(&w, "m-member-a").is_empty());
    }
}

#[test]
fn leaving_is_for_members_and_not_for_the_last_owner() {
    let w = World::new();
    w.db.execute("update member set role = 'member' where id = 'm-expired-a'").unwrap();
    let before = w.db.dump();
    let leave = json!({ "organizationId": "a" });
    for (who, status, expected) in [
        ("nobody", 401, "UNAUTHORIZED"),
        ("owner-b", 400, "MEMBER_NOT_FOUND"),
        ("owner-a", 400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER"),
    ] {
        let answer = Browser::of(&w, who).post("/organization/leave", leave.clone());
        assert_eq!(code(answer), refused(status, expected), "{who}");
    }
    assert_eq!(w.db.dump(), before);
    w.db.execute("update member set role = 'co owner, owner-like' where id = 'm-expired-a'").unwrap();
    let answer = Browser::of(&w, "owner-a").post("/organization/leave", leave.clone());
    assert_eq!(answer.0, 400, "a name that only looks like it is no owner");
    w.db.execute("update member set role = 'member,\u{a0}owner ' where id = 'm-expired-a'").unwrap();
    assert_eq!(Browser::of(&w, "owner-a").post("/organization/leave", leave).0, 200, "an owner, however it is written");
}

#[test]
fn of_two_owners_who_go_at_once_one_stays() {
    let leave = ("/organization/leave", json!({ "organizationId": "a" }));
    let demote = |id: &str| ("/organization/update-member-role", update(id, json!("member")));
    let expel = |id: &str| ("/organization/remove-member", remove(id));
    let owners = "select id from member where organizationId = 'a' and role = 'owner'";
    for (first, second) in [
        (leave.clone(), leave.clone()),
        (leave.clone(), demote("m-admin-a")),
        (demote("m-owner-a"), leave.clone()),
        (demote("m-owner-a"), demote("m-admin-a")),
        (demote("m-admin-a"), demote("m-owner-a")),
        (expel("m-admin-a"), expel("m-owner-a")),
        (expel("m-owner-a"), expel("m-admin-a")),
        (expel("m-owner-a"), leave.clone()),
    ] {
        let w = World::new();
        w.db.execute(
            "delete from member where id = 'm-expired-a'; update member set role = 'owner' where id = 'm-admin-a'",
        )
        .unwrap();
        let first = Browser::of(&w, "owner-a").request("POST", first.0, &first.1);
        let second = Browser::of(&w, "admin-a").request("POST", second.0, &second.1);
        let (first, second) = at_once(&w, &first, &second);
        assert_eq!(second.status.as_u16(), 200);
        assert!((400..404).contains(&first.status.as_u16()), "{}", parsed(&first));
        assert_eq!(w.db.query(owners).len(), 1);
    }
}

#[test]
fn owners_are_counted_among_all_members_and_not_the_first_hundred() {
    let w = World::new();
    people(&w, 1000);
    w.db.execute("delete from member where id = 'm-expired-a'; update member set role = 'owner' where id = 'mn999'")
        .unwrap();
    let leave = json!({ "organizationId": "a" });
    let (trips, answer) = calls(&w, || Browser::of(&w, "owner-a").post("/organization/leave", leave));
    assert_eq!((trips, answer.0), (2, 200));
}

#[test]
fn a_thousand_members_are_listed_and_checked_within_two_round_trips() {
    let w = World::with(&[("MEMBERSHIP_LIMIT", "2000")]);
    people(&w, 1000);
    let mut owner = Browser::of(&w, "owner-a");
    let (trips, (_, list)) = calls(&w, || owner.get("/organization/list-members"));
    assert_eq!((trips, ids(&list).len(), &list["total"]), (2, 1003 + 1, &json!(1004)));
    let (trips, (_, page)) =
        calls(&w, || owner.get("/organization/list-members?limit=10&offset=1000&filterField=role&filterValue=member"));
    assert_eq!((trips, ids(&page), &page["total"]), (2, vec!["mn999"], &json!(1001)));
    let (trips, (_, full)) = calls(&w, || owner.get("/organization/get-full-organization"));
    assert_eq!((trips, full["members"].as_array().unwrap().len()), (2, 1004));
    let (trips, updated) =
        calls(&w, || owner.post("/organization/update-member-role", update("mn999", json!("admin"))));
    assert_eq!((trips, updated.0), (2, 200));
    let (trips, removed) = calls(&w, || owner.post("/organization/remove-member", remove("n999@x.co")));
    assert_eq!((trips, removed.0), (2, 200));
}

#[test]
fn three_hundred_organizations_of_one_user_are_all_listed() {
    let w = World::new();
    for n in 0..300 {
        w.db.execute(&format!(
            "insert into organization (id, name, slug, createdAt) values ('o{n}', 'O', 'o-{n}', '{NOW}');
             insert into member values ('mo{n}', 'o{n}', 'u-owner-a', 'member', '{NOW}')"
        ))
        .unwrap();
    }
    let mut owner = Browser::of(&w, "owner-a");
    let (trips, (_, list)) = calls(&w, || owner.get("/organization/list"));
    assert_eq!((trips, list.as_array().unwrap().len(), &list[300]["id"]), (1, 301, &json!("o299")));
    let (trips, active) = calls(&w, || owner.post("/organization/set-active", json!({ "organizationSlug": "o-299" })));
    assert_eq!((trips, &active.1["id"]), (2, &json!("o299")));
    let (trips, role) = calls(&w, || owner.get("/organization/get-active-member-role"));
    assert_eq!((trips, role.1), (1, json!({ "role": "member" })));
}

#[test]
fn who_may_make_organizations_and_how_many_is_the_deployments_choice() {
    let new = |slug: &str| json!({ "name": "N", "slug": slug });
    let denied = refused(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION");
    let w = World::with(&[("ALLOW_USER_TO_CREATE_ORGANIZATION", "false")]);
    assert_eq!(code(Browser::of(&w, "owner-a").post("/organization/create", new("n"))), denied);
    assert_eq!(Browser::new(&w).post("/organization/create", new("n")).0, 401);
    let w = World::with(&[("ALLOW_USER_TO_CREATE_ORGANIZATION", "verified")]);
    assert_eq!(code(Browser::of(&w, "owner-a").post("/organization/create", new("n"))), denied);
    w.db.execute("update user set emailVerified = 1 where id = 'u-owner-a'").unwrap();
    assert_eq!(Browser::of(&w, "owner-a").post("/organization/create", new("n")).0, 200);

    let w = World::with(&[("ORGANIZATION_LIMIT", "2")]);
    let reached = refused(403, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS");
    let mut owner = Browser::of(&w, "owner-a");
    let (first, second) = at_once(
        &w,
        &owner.request("POST", "/organization/create", &new("x")),
        &owner.request("POST", "/organization/create", &new("y")),
    );
    assert_eq!((second.status.as_u16(), first.status.as_u16()), (200, 403), "the limit holds for two at once");
    assert_eq!(parsed(&first)["code"], reached.1.as_str());
    let (trips, answer) = calls(&w, || owner.post("/organization/create", new("b-inc")));
    assert_eq!((trips, code(answer)), (1, reached), "before the slug is looked at");
    assert_eq!(w.db.query("select count(*) from organization"), ["3"]);
    let sign_up = Browser::new(&w).post("/sign-up/email", super::ada());
    assert_eq!(sign_up.0, 200, "a new user's own is the deployment's to give");

    let w = World::with(&[("DISABLE_ORGANIZATION_DELETION", "true")]);
    let answer = Browser::new(&w).post("/organization/delete", json!({ "organizationId": "a" }));
    assert_eq!(code(answer), refused(404, "ORGANIZATION_DELETION_DISABLED"));
}
