//! What these endpoints change in an organization is in its audit log, and so is what they refuse a member.
use super::{Browser, calls, code, races::interrupted, refused};
use crate::{
    access::arguments_hash,
    auth::routes::ROUTES,
    house::world::{NOW, World},
    routes,
};
use serde_json::{Value, json};

/// Every endpoint that changes something in an organization, each with what it is sent by whom, in an order in which all
/// succeed; and the rows that they are about are named `$…`, which an answer gives.
fn changes() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("owner-a", "organization/update", json!({ "data": { "name": "Acme" } })),
        ("owner-a", "organization/create-team", json!({ "name": "Sales" })),
        ("owner-a", "organization/create-team", json!({ "name": "Other" })),
        ("owner-a", "organization/update-team", json!({ "teamId": "$team", "data": { "name": "Sale" } })),
        ("owner-a", "organization/add-team-member", json!({ "teamId": "$team", "userId": "u-member-a" })),
        ("owner-a", "organization/remove-team-member", json!({ "teamId": "$team", "userId": "u-member-a" })),
        ("owner-a", "organization/remove-team", json!({ "teamId": "$team" })),
        ("owner-a", "organization/create-role", json!({ "role": "editor", "permission": { "widget": ["update"] } })),
        ("owner-a", "organization/update-role", json!({ "roleName": "editor", "data": { "roleName": "author" } })),
        ("owner-a", "organization/delete-role", json!({ "roleName": "author" })),
        ("owner-a", "organization/invite-member", json!({ "email": "x@x.co", "role": "member" })),
        ("owner-a", "organization/invite-member", json!({ "email": "x@x.co", "role": "member", "resend": true })),
        ("owner-a", "organization/cancel-invitation", json!({ "invitationId": "$invitation" })),
        ("owner-a", "organization/invite-member", json!({ "email": "owner-b@x.co", "role": "member" })),
        ("owner-b", "organization/reject-invitation", json!({ "invitationId": "$invitation" })),
        ("owner-a", "organization/invite-member", json!({ "email": "owner-b@x.co", "role": "member" })),
        ("owner-b", "organization/accept-invitation", json!({ "invitationId": "$invitation" })),
        ("owner-a", "organization/update-member-role", json!({ "memberId": "m-member-a", "role": "admin" })),
        ("owner-a", "organization/remove-member", json!({ "memberIdOrEmail": "m-admin-a" })),
        ("member-a", "organization/leave", json!({ "organizationId": "a" })),
    ]
}

/// What none of the organizations' logs has: what is a person's own choice, what changes nothing, and what takes the log with
/// it.
const ELSEWHERE: [&str; 5] = ["check-slug", "set-active", "set-active-team", "has-permission", "delete"];

/// The event's operation, verdict, code, user, target and hash of arguments: those after so many.
fn events(w: &World, after: usize) -> Vec<String> {
    w.db.query(&format!(
        "select operation, verdict, code, user_id, target_id, arguments_hash from audit_event
         where org_id = 'a' and seq > {after} order by seq"
    ))
}

fn verified(w: &World, who: &str) -> Value {
    w.send(who, "GET", "/api/audit/verify", Value::Null).1
}

#[test]
fn every_change_of_an_organization_is_an_event_in_the_batch_of_the_change() {
    let w = World::new();
    let (mut team, mut invitation) = (String::new(), String::new());
    for (at, (who, path, body)) in changes().into_iter().enumerate() {
        let body = body.to_string().replace("$team", &team).replace("$invitation", &invitation);
        let body: Value = serde_json::from_str(&body).unwrap();
        let (trips, (status, answer)) = calls(&w, || Browser::of(&w, who).post(&format!("/{path}"), body.clone()));
        assert_eq!((trips, status), (2, 200), "{path}: {answer}");
        let id = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
        match path {
            "organization/create-team" => team = id(&answer),
            "organization/invite-member" => invitation = id(&answer),
            _ => {}
        }
        let target = match path.split_once('/').unwrap().1 {
            "update" => "a".to_owned(),
            "leave" => "m-member-a".to_owned(),
            name if name.ends_with("-team") || name.ends_with("-team-member") => team.clone(),
            name if name.ends_with("-invitation") || name == "invite-member" => invitation.clone(),
            name if name.ends_with("-role") && name != "update-member-role" => {
                // The role is gone after its last change.
                w.db.query(&format!("select target_id from audit_event where seq = {}", at + 1)).remove(0)
            }
            _ => body["memberId"].as_str().or(body["memberIdOrEmail"].as_str()).unwrap().to_owned(),
        };
        let hash = arguments_hash(&body);
        assert_eq!(events(&w, at), [format!("{path}|done|null|u-{who}|{target}|{hash}")], "{path}");
    }
    let checked = verified(&w, "owner-a");
    assert_eq!((&checked["isIntact"], &checked["checked"]), (&json!(true), &json!(changes().len())));
    let (_, list) = w.send("owner-a", "GET", "/api/audit?operation=organization/leave", Value::Null);
    assert_eq!(
        (&list["items"][0]["door"], &list["items"][0]["actor"], list["items"].as_array().unwrap().len()),
        (&json!("rest"), &json!("session"), 1)
    );
    let roles =
        w.db.query("select count(distinct target_id) from audit_event where operation glob 'organization/*e-role'");
    assert_eq!(roles, ["1"], "made, renamed and deleted");
}

#[test]
fn no_endpoint_that_changes_an_organization_is_left_out() {
    let written = ROUTES.iter().filter(|route| route.method == http::Method::POST);
    let written = written.filter_map(|route| route.path.strip_prefix("/organization/"));
    let mut walked: Vec<_> = changes().iter().map(|(_, path, _)| path.split_once('/').unwrap().1).collect();
    walked.extend(ELSEWHERE);
    walked.push("create"); // below
    for name in written {
        assert!(walked.contains(&name), "{name}");
    }
}

#[test]
fn an_organizations_log_begins_with_its_making_and_ends_with_it() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    let (trips, (_, made)) = calls(&w, || owner.post("/organization/create", json!({ "name": "New", "slug": "new" })));
    let id = made["id"].as_str().unwrap();
    let log = format!("select seq, operation, user_id, target_id from audit_event where org_id = '{id}'");
    assert_eq!((trips, w.db.query(&log)), (2, vec![format!("1|organization/create|u-owner-a|{id}")]));
    let checked = verified(&w, "owner-a");
    assert_eq!((&checked["isIntact"], &checked["checked"]), (&json!(true), &json!(1)));
    assert_eq!(owner.post("/organization/create", json!({ "name": "New", "slug": "new" })).0, 400);
    assert_eq!(owner.post("/organization/delete", json!({ "organizationId": id })).0, 200);
    assert_eq!(w.db.query("select count(*) from audit_event"), ["0"]);
}

#[test]
fn what_is_refused_a_member_is_in_the_log_and_what_is_refused_a_stranger_is_not() {
    let w = World::new();
    w.db.execute(&format!(
        "insert into team (id, name, memberCount, organizationId, createdAt, updatedAt)
         values ('t', 'T', 0, 'a', '{NOW}', '{NOW}');
         insert into organizationRole (id, organizationId, role, permission, createdAt)
         values ('r', 'a', 'editor', '{{}}', '{NOW}');
         insert into invitation (id, organizationId, email, role, status, expiresAt, createdAt, inviterId)
         values ('i', 'a', 'x@x.co', 'member', 'pending', '2027-01-01T00:00:00.000Z', '{NOW}', 'u-owner-a');",
    ))
    .unwrap();
    let (before, mut count) = (w.db.dump(), 0);
    for (name, body) in [
        ("update", json!({ "data": { "name": "Mine" } })),
        ("delete", json!({ "organizationId": "a" })),
        ("create-team", json!({ "name": "Mine" })),
        ("update-team", json!({ "teamId": "t", "data": { "name": "Mine" } })),
        ("add-team-member", json!({ "teamId": "t", "userId": "u-member-a" })),
        ("remove-team-member", json!({ "teamId": "t", "userId": "u-member-a" })),
        ("remove-team", json!({ "teamId": "t" })),
        ("create-role", json!({ "role": "mine", "permission": { "widget": ["update"] } })),
        ("update-role", json!({ "roleName": "editor", "data": { "permission": { "widget": ["update"] } } })),
        ("delete-role", json!({ "roleName": "editor" })),
        ("invite-member", json!({ "email": "y@x.co", "role": "member" })),
        ("cancel-invitation", json!({ "invitationId": "i" })),
        ("update-member-role", json!({ "memberId": "m-member-a", "role": "admin" })),
        ("remove-member", json!({ "memberIdOrEmail": "m-admin-a" })),
    ] {
        let path = format!("/organization/{name}");
        let (trips, answer) = calls(&w, || Browser::of(&w, "member-a").post(&path, body.clone()));
        let (status, refusal) = code(answer);
        assert!(
            matches!(status, 401 | 403) && refusal.starts_with("YOU_ARE_NOT_ALLOWED"),
            "{name}: {status} {refusal}"
        );
        assert_eq!(trips, 2, "{name}: what it is refused by, and the event");
        let hash = arguments_hash(&body);
        let expected = format!("organization/{name}|denied|{refusal}|u-member-a|null|{hash}");
        assert_eq!(events(&w, count), [expected], "{name}");
        count += 1;
        // Neither log knows of a stranger, whatever he names.
        let mut body = body;
        body["organizationId"] = json!("a");
        assert_ne!(Browser::of(&w, "owner-b").post(&path, body).0, 200, "{name}");
        assert_eq!(w.db.query("select count(*) from audit_event"), [count.to_string()], "{name}");
    }
    // Who gives what he lacks.
    let much = json!({ "role": "mine", "permission": { "organization": ["delete"] } });
    let (status, answer) = Browser::of(&w, "admin-a").post("/organization/create-role", much);
    assert_eq!((status, &answer["missingPermissions"]), (403, &json!(["organization:delete"])));
    assert_eq!(events(&w, count).len(), 1);
    // What reads is in it if it was refused.
    let read = Browser::of(&w, "member-a").get("/organization/list-invitations");
    assert_eq!(code(read), refused(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS"));
    let expected = "organization/list-invitations|denied|YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS|u-member-a|null|null";
    assert_eq!(events(&w, count + 1), [expected]);
    assert_eq!(w.db.dump(), before);
    assert_eq!(verified(&w, "owner-a")["isIntact"], true);
}

#[test]
fn what_changes_nothing_is_no_event_and_what_cannot_have_one_does_not_happen() {
    let w = World::new();
    let mut owner = Browser::of(&w, "owner-a");
    for (path, body) in [
        ("/organization/update-team", json!({ "teamId": "nothing", "data": { "name": "x" } })),
        ("/organization/remove-member", json!({ "memberIdOrEmail": "m-owner-b" })),
        ("/organization/update-member-role", json!({ "memberId": "m-member-a", "role": "nothing" })),
        ("/organization/leave", json!({ "organizationId": "b" })),
        ("/organization/accept-invitation", json!({ "invitationId": "nothing" })),
    ] {
        assert!(matches!(owner.post(path, body).0, 400 | 403 | 404), "{path}");
    }
    assert_eq!(w.db.query("select count(*) from audit_event"), ["0"]);
    w.db.execute("create trigger full before insert on audit_event begin select raise(abort, 'full'); end").unwrap();
    let before = w.db.dump();
    let create = json!({ "name": "New", "slug": "new" });
    for (path, body) in [
        ("/organization/update", json!({ "data": { "name": "Acme" } })),
        ("/organization/remove-member", json!({ "memberIdOrEmail": "m-member-a" })),
        ("/organization/create", create),
        ("/organization/invite-member", json!({ "email": "x@x.co", "role": "member" })),
    ] {
        let request = owner.request("POST", path, &body);
        let (response, _) = pollster::block_on(routes::answer(&w.app, &request));
        assert_eq!(response.status, 500, "{path}");
    }
    assert_eq!(w.db.dump(), before);
    // A refusal is one, whether or not it can be noted.
    let refusal = Browser::of(&w, "member-a").post("/organization/create-team", json!({ "name": "x" }));
    assert_eq!(refusal.0, 403);
}

#[test]
fn a_place_that_someone_else_took_meanwhile_is_given_up_for_the_next() {
    let w = World::new();
    let first = "insert into audit_event (org_id, seq, at, user_id, actor, door, operation, verdict, prev_hash, hash)
        values ('a', 1, '2026', 'u', 'session', 'rest', 'x', 'done', 'x', 'theirs')";
    let request = Browser::of(&w, "owner-a").request("POST", "/organization/create-team", &json!({ "name": "x" }));
    let (trips, answer) = calls(&w, || interrupted(&w, first, &request));
    assert_eq!((trips, answer.status.as_u16()), (4, 200), "what was read, the try, the new end, the change");
    assert_eq!(w.db.query("select seq, prev_hash from audit_event where seq = 2"), ["2|theirs"]);
    assert_eq!(w.db.query("select count(*) from team"), ["1"]);
}
