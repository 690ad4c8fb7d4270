//! Roles of an organization's own making.
use super::{Browser, calls, code, parsed, races::interrupted, refused};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

fn post(w: &World, who: &str, path: &str, body: Value) -> (u16, Value) {
    Browser::of(w, who).post(&format!("/organization/{path}"), body)
}

fn get(w: &World, who: &str, path: &str) -> (u16, Value) {
    Browser::of(w, who).get(&format!("/organization/{path}"))
}

fn editor() -> Value {
    json!({ "role": "Editor", "permission": { "widget": ["read", "update"] } })
}

#[test]
fn a_role_from_birth_to_death() {
    let w = World::new();
    let (status, made) = post(&w, "admin-a", "create-role", editor());
    let role = &made["roleData"];
    assert_eq!((status, &made["success"], &role["role"]), (200, &json!(true), &json!("editor")), "{made}");
    assert_eq!((&role["permission"], &role["updatedAt"]), (&made["statements"], &Value::Null));
    let id = role["id"].as_str().unwrap();
    assert_eq!(get(&w, "member-a", "list-roles"), (200, json!([role])));
    for selector in ["roleName=editor".to_owned(), format!("roleId={id}"), format!("roleName=&roleId={id}")] {
        assert_eq!(get(&w, "member-a", &format!("get-role?{selector}")), (200, role.clone()), "{selector}");
    }
    let change = json!({ "roleId": id, "data": { "permission": { "team": ["create"] }, "roleName": "Lead" } });
    let (_, updated) = post(&w, "owner-a", "update-role", change);
    assert_eq!(updated["roleData"]["role"], "lead");
    assert_eq!(updated["roleData"]["updatedAt"], Value::Null, "as it was before");
    let (_, now) = get(&w, "owner-a", "get-role?roleName=lead");
    assert_eq!((&now["permission"], &now["updatedAt"]), (&json!({ "team": ["create"] }), &json!(NOW)));
    assert_eq!(post(&w, "owner-a", "delete-role", json!({ "roleName": "lead" })), (200, json!({ "success": true })));
    assert_eq!(code(get(&w, "owner-a", "get-role?roleName=lead")), refused(400, "ROLE_NOT_FOUND"));
}

#[test]
fn who_may_not_is_refused_in_the_references_order_and_changes_nothing() {
    let w = World::with(&[("MAXIMUM_ROLES_PER_ORGANIZATION", "1")]);
    post(&w, "owner-a", "create-role", editor());
    w.db.execute("update session set activeOrganizationId = null where token = 'removed-a'").unwrap();
    let before = w.db.dump();
    let of_a = |role: &str| json!({ "role": role, "permission": {}, "organizationId": "a" });
    for (who, path, body, status, expected) in [
        ("removed-a", "create-role", editor(), 400, "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE"),
        ("owner-b", "create-role", of_a("Admin"), 400, "ROLE_NAME_IS_ALREADY_TAKEN"),
        ("owner-b", "create-role", of_a("new"), 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"),
        ("member-a", "create-role", of_a("new"), 403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE"),
        ("owner-a", "create-role", of_a("new"), 400, "TOO_MANY_ROLES"),
        ("removed-a", "update-role", json!({ "roleName": "editor", "data": {} }), 400, "NO_ACTIVE_ORGANIZATION"),
        (
            "member-a",
            "update-role",
            json!({ "roleName": "editor", "data": {} }),
            403,
            "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE",
        ),
        ("owner-b", "update-role", json!({ "roleName": "editor", "data": {} }), 400, "ROLE_NOT_FOUND"),
        ("owner-a", "update-role", json!({ "roleName": "owner", "data": {} }), 400, "ROLE_NOT_FOUND"),
        (
            "owner-a",
            "update-role",
            json!({ "roleName": "editor", "data": { "permission": { "moon": [] } } }),
            400,
            "INVALID_RESOURCE",
        ),
        (
            "owner-a",
            "update-role",
            json!({ "roleName": "editor", "data": { "roleName": "Member" } }),
            400,
            "ROLE_NAME_IS_ALREADY_TAKEN",
        ),
        (
            "owner-a",
            "update-role",
            json!({ "roleName": "editor", "data": { "roleName": "Editor" } }),
            400,
            "ROLE_NAME_IS_ALREADY_TAKEN",
        ),
        ("member-a", "delete-role", json!({ "roleName": "editor" }), 403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE"),
        ("owner-a", "delete-role", json!({ "roleName": "admin" }), 400, "CANNOT_DELETE_A_PRE_DEFINED_ROLE"),
        ("owner-b", "delete-role", json!({ "roleName": "editor" }), 400, "ROLE_NOT_FOUND"),
        ("owner-a", "delete-role", json!({}), 400, "VALIDATION_ERROR"),
        ("owner-a", "create-role", json!({ "role": "x", "permission": { "team": "create" } }), 400, "VALIDATION_ERROR"),
    ] {
        assert_eq!(code(post(&w, who, path, body.clone())), refused(status, expected), "{who} {path} {body}");
    }
    for (who, path, status, expected) in [
        ("owner-b", "list-roles?organizationId=a", 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"),
        ("owner-b", "get-role?organizationId=a&roleName=editor", 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"),
        ("member-a", "get-role?roleName=Editor", 400, "ROLE_NOT_FOUND"),
        ("member-a", "get-role", 400, "VALIDATION_ERROR"),
    ] {
        assert_eq!(code(get(&w, who, path)), refused(status, expected), "{who} {path}");
    }
    assert_eq!(w.db.dump(), before);
}

#[test]
fn a_role_does_not_grant_what_its_maker_lacks() {
    let w = World::with(&[("PERMISSION_RESOURCES", r#"{"invoice":["read"]}"#)]);
    let excess = json!({ "organization": ["update", "delete"], "widget": ["fly"], "invoice": ["read", "pay"] });
    let (status, refusal) = post(&w, "admin-a", "create-role", json!({ "role": "boss", "permission": excess }));
    assert_eq!((status, &refusal["code"]), (403, &json!("YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE")));
    let missing = json!(["invoice:read", "invoice:pay", "organization:delete", "widget:fly"]);
    assert_eq!(refusal["missingPermissions"], missing, "what the deployment adds is the owner's: {refusal}");
    post(&w, "owner-a", "create-role", json!({ "role": "clerk", "permission": { "invoice": ["read"] } }));
    let data = json!({ "permission": { "organization": ["delete"] } });
    let (status, refusal) = post(&w, "admin-a", "update-role", json!({ "roleName": "clerk", "data": data }));
    assert_eq!((status, &refusal["missingPermissions"]), (403, &json!(["organization:delete"])));
    // Who may make roles by one of the organization's own has no more than that to give.
    w.db.execute(
        "insert into organizationRole (id, organizationId, role, permission, createdAt)
         values ('r', 'a', 'maker', '{\"ac\":[\"create\"]}', '2026-01-01T00:00:00.000Z');
         update member set role = 'maker' where userId = 'u-member-a'",
    )
    .unwrap();
    let (status, refusal) = post(&w, "member-a", "create-role", editor());
    assert_eq!((status, &refusal["missingPermissions"]), (403, &json!(["widget:read", "widget:update"])));
    let own = json!({ "role": "child", "permission": { "ac": ["create"] } });
    assert_eq!(post(&w, "member-a", "create-role", own).0, 200);
}

/// A member keeps the name of a role that was renamed. Whoever then gives that name to a stronger role gives it to him.
#[test]
fn a_role_that_grants_more_is_not_renamed_to_a_name_that_one_has() {
    let w = World::new();
    let strong = json!({ "role": "strong", "permission": { "organization": ["delete"] } });
    assert_eq!(post(&w, "owner-a", "create-role", strong).0, 200);
    w.db.execute("update member set role = 'admin,ghost' where userId = 'u-admin-a'").unwrap();
    let rename = json!({ "roleName": "strong", "data": { "roleName": "ghost" } });
    let (status, body) = post(&w, "admin-a", "update-role", rename.clone());
    assert_eq!((status, &body["missingPermissions"]), (403, &json!(["organization:delete"])), "{body}");
    let weaker = json!({ "roleName": "strong", "data": { "roleName": "ghost", "permission": { "team": ["create"] } } });
    assert_eq!(post(&w, "admin-a", "update-role", weaker).0, 200);

    let w = World::new();
    post(&w, "owner-a", "create-role", json!({ "role": "strong", "permission": { "team": ["create"] } }));
    let grows = r#"update organizationRole set permission = '{"organization":["delete"]}'"#;
    let answer =
        interrupted(&w, grows, &Browser::of(&w, "admin-a").request("POST", "/organization/update-role", &rename));
    assert_eq!((answer.status.as_u16(), w.db.query("select role from organizationRole")), (400, vec!["strong".into()]));
}

#[test]
fn what_a_change_of_a_role_does_not_name_is_left_as_another_request_has_just_made_it() {
    for (change, script, row) in [
        (
            json!({ "permission": { "widget": ["read"] } }),
            "update organizationRole set role = 'renamed'",
            r#"renamed|{"widget":["read"]}"#,
        ),
        (json!({}), "update organizationRole set role = 'renamed', permission = '{}'", "renamed|{}"),
    ] {
        let w = World::new();
        post(&w, "owner-a", "create-role", editor());
        let body = json!({ "roleName": "editor", "data": change });
        let request = Browser::of(&w, "owner-a").request("POST", "/organization/update-role", &body);
        assert_eq!(interrupted(&w, script, &request).status.as_u16(), 200);
        assert_eq!(w.db.query("select role, permission from organizationRole"), [row]);
    }
}

#[test]
fn a_name_that_a_list_of_roles_cannot_hold_is_refused() {
    let w = World::new();
    for name in ["", " ", "a,b", " owner", "owner ", "\u{feff}x", &"x".repeat(65)] {
        let (status, refusal) = post(&w, "owner-a", "create-role", json!({ "role": name, "permission": {} }));
        assert_eq!((status, &refusal["code"]), (400, &json!("VALIDATION_ERROR")), "{name:?}");
    }
}

#[test]
fn a_role_that_someone_has_is_not_deleted_under_him() {
    let w = World::new();
    post(&w, "owner-a", "create-role", editor());
    post(&w, "owner-a", "create-role", json!({ "role": "edit", "permission": {} }));
    for held in ["editor", "member, editor", "editor,member"] {
        w.db.execute(&format!("update member set role = '{held}' where userId = 'u-member-a'")).unwrap();
        let refusal = post(&w, "owner-a", "delete-role", json!({ "roleName": "editor" }));
        assert_eq!(code(refusal), refused(400, "ROLE_IS_ASSIGNED_TO_MEMBERS"), "{held}");
    }
    assert_eq!(post(&w, "owner-a", "delete-role", json!({ "roleName": "edit" })).0, 200, "only part of a name");
    w.db.execute("update member set role = 'member' where userId = 'u-member-a'").unwrap();
    let request =
        Browser::of(&w, "owner-a").request("POST", "/organization/delete-role", &json!({ "roleName": "editor" }));
    let script = "update member set role = 'editor' where userId = 'u-member-a'";
    assert_eq!(parsed(&interrupted(&w, script, &request))["code"], "ROLE_IS_ASSIGNED_TO_MEMBERS");
}

#[test]
fn what_changes_between_reading_and_writing_decides() {
    let made = "insert into organizationRole (id, organizationId, role, permission, createdAt)
        values ('other', 'a', 'editor', '{}', '2026-01-01T00:00:00.000Z')";
    let demoted = "update member set role = 'member' where userId = 'u-owner-a'";
    for (vars, script, expected) in [
        (&[][..], made, "ROLE_NAME_IS_ALREADY_TAKEN"),
        (&[("MAXIMUM_ROLES_PER_ORGANIZATION", "1")], made, "TOO_MANY_ROLES"),
        (&[], demoted, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE"),
    ] {
        let w = World::with(vars);
        let request = Browser::of(&w, "owner-a").request("POST", "/organization/create-role", &editor());
        assert_eq!(parsed(&interrupted(&w, script, &request))["code"], expected);
    }
    for (path, body) in [
        ("update-role", json!({ "roleName": "editor", "data": { "permission": {} } })),
        ("delete-role", json!({ "roleName": "editor" })),
    ] {
        let w = World::new();
        post(&w, "owner-a", "create-role", editor());
        let before = w.db.query("select * from organizationRole");
        let request = Browser::of(&w, "owner-a").request("POST", &format!("/organization/{path}"), &body);
        assert_eq!(interrupted(&w, demoted, &request).status.as_u16(), 400, "{path}");
        assert_eq!(w.db.query("select * from organizationRole"), before, "{path}");
    }
}

#[test]
fn a_permission_that_is_no_json_is_shown_as_none_and_stops_no_list() {
    let w = World::new();
    post(&w, "owner-a", "create-role", editor());
    w.db.execute("update organizationRole set permission = 'broken'").unwrap();
    let (status, roles) = get(&w, "owner-a", "list-roles");
    assert_eq!((status, &roles[0]["permission"]), (200, &Value::Null));
    let data = json!({ "permission": { "team": ["create"] } });
    assert_eq!(post(&w, "owner-a", "update-role", json!({ "roleName": "editor", "data": data })).0, 200);
}

#[test]
fn every_endpoint_of_roles_is_two_round_trips_at_most() {
    let w = World::new();
    let update = json!({ "roleName": "editor", "data": { "permission": {} } });
    for (path, body) in
        [("create-role", editor()), ("update-role", update), ("delete-role", json!({ "roleName": "editor" }))]
    {
        assert_eq!(calls(&w, || post(&w, "owner-a", path, body)).0, 2, "{path}");
    }
    assert_eq!(calls(&w, || get(&w, "owner-a", "list-roles")).0, 1);
}
