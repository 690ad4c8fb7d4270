//! Teams.
use super::{Browser, calls, code, parsed, races::interrupted, refused};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

/// A world with the team `t` of `a`, in which `member-a` is, and `u` of `b`.
fn world(vars: &[(&str, &str)]) -> World {
    let w = World::with(vars);
    w.db.execute(&format!(
        "insert into team values ('t', 'Core', 0, 'a', '{NOW}', null), ('u', 'Other', 0, 'b', '{NOW}', null);
         insert into teamMember (id, teamId, userId, createdAt) values ('tm', 't', 'u-member-a', '{NOW}');"
    ))
    .unwrap();
    w
}

fn post(w: &World, who: &str, path: &str, body: Value) -> (u16, Value) {
    Browser::of(w, who).post(&format!("/organization/{path}"), body)
}

fn get(w: &World, who: &str, path: &str) -> (u16, Value) {
    Browser::of(w, who).get(&format!("/organization/{path}"))
}

fn one(w: &World, sql: &str) -> String {
    w.db.query(sql).pop().unwrap()
}

#[test]
fn a_team_from_birth_to_death() {
    let w = world(&[]);
    let (status, team) = post(&w, "admin-a", "create-team", json!({ "name": "" }));
    assert_eq!((status, &team["name"], &team["updatedAt"]), (200, &json!(""), &json!(NOW)), "{team}");
    assert_eq!(team.as_object().unwrap().keys().count(), 5, "no memberCount: {team}");
    let id = team["id"].as_str().unwrap();
    let renamed = post(&w, "admin-a", "update-team", json!({ "teamId": id, "data": { "name": "Sales" } }));
    assert_eq!((renamed.0, &renamed.1["name"]), (200, &json!("Sales")));
    let bumped = post(&w, "admin-a", "update-team", json!({ "teamId": "t", "data": {} }));
    assert_eq!((bumped.0, &bumped.1["name"], &bumped.1["updatedAt"]), (200, &json!("Core"), &json!(NOW)));
    let (_, teams) = get(&w, "member-a", "list-teams");
    assert_eq!(teams.as_array().unwrap().len(), 2);
    let gone = post(&w, "owner-a", "remove-team", json!({ "teamId": id }));
    assert_eq!(gone, (200, json!({ "message": "Team removed successfully." })));
    assert_eq!(
        code(post(&w, "owner-a", "remove-team", json!({ "teamId": "t" }))),
        refused(400, "UNABLE_TO_REMOVE_LAST_TEAM")
    );
}

#[test]
fn members_come_and_go_and_are_counted() {
    let w = world(&[]);
    let body = json!({ "teamId": "t", "userId": "u-admin-a" });
    let (status, place) = post(&w, "owner-a", "add-team-member", body.clone());
    assert_eq!((status, &place["userId"], place.get("membershipKey")), (200, &json!("u-admin-a"), None));
    assert_eq!(one(&w, "select memberCount from team where id = 't'"), "2", "one was there before");
    assert_eq!(post(&w, "owner-a", "add-team-member", body.clone()).1, place, "the place that he has");
    let (_, members) = get(&w, "admin-a", "list-team-members?teamId=t");
    assert_eq!(members.as_array().unwrap().len(), 2);
    let (_, active) = post(&w, "admin-a", "set-active-team", json!({ "teamId": "t" }));
    assert_eq!((&active["id"], active.get("memberCount")), (&json!("t"), None));
    assert_eq!(get(&w, "admin-a", "list-team-members").1, members, "of the active team");
    assert_eq!(post(&w, "admin-a", "set-active-team", json!({})).1, active, "asked anew");
    let gone = post(&w, "owner-a", "remove-team-member", body.clone());
    assert_eq!(gone, (200, json!({ "message": "Team member removed successfully." })));
    assert_eq!(one(&w, "select memberCount from team where id = 't'"), "1");
    assert_eq!(one(&w, "select activeTeamId is null from session where token = 'admin-a'"), "1");
    assert_eq!(code(post(&w, "owner-a", "remove-team-member", body)), refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"));
}

#[test]
fn the_active_team_is_chosen_and_left() {
    let w = world(&[]);
    assert_eq!(post(&w, "owner-b", "set-active-team", json!({ "teamId": null })), (200, Value::Null), "none was");
    for (who, body, status, expected) in [
        ("member-a", json!({ "teamId": "u" }), 400, "TEAM_NOT_FOUND"),
        ("member-a", json!({ "teamId": "none" }), 400, "TEAM_NOT_FOUND"),
        ("owner-a", json!({ "teamId": "t" }), 403, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"),
        ("expired-a", json!({ "teamId": "t" }), 401, "UNAUTHORIZED"),
    ] {
        assert_eq!(code(post(&w, who, "set-active-team", body)), refused(status, expected), "{who}");
    }
    assert_eq!(post(&w, "member-a", "set-active-team", json!({ "teamId": "t" })).0, 200);
    assert_eq!(post(&w, "member-a", "set-active-team", json!({ "teamId": null })), (200, Value::Null));
    assert_eq!(post(&w, "member-a", "set-active-team", json!({})), (200, Value::Null));
}

#[test]
fn a_users_teams_are_his_own_and_those_of_members_for_who_manages_them() {
    let w = world(&[]);
    let ids = |(_, teams): (u16, Value)| -> Vec<Value> {
        teams.as_array().unwrap().iter().map(|team| team["id"].clone()).collect()
    };
    w.db.execute(&format!(
        "insert into team values ('t2', 'Two', 0, 'a', '{NOW}', null);
         insert into teamMember (id, teamId, userId, createdAt) values ('tm2', 't2', 'u-admin-a', '{NOW}');"
    ))
    .unwrap();
    assert_eq!(ids(get(&w, "member-a", "list-user-teams")), ["t"]);
    assert_eq!(ids(get(&w, "member-a", "list-user-teams?organizationId=a&userId=u-member-a")), ["t"]);
    assert_eq!(ids(get(&w, "admin-a", "list-user-teams?userId=u-member-a")), ["t"]);
    for (who, query, status, expected) in [
        ("member-a", "userId=u-admin-a", 403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER"),
        ("member-a", "organizationId=b", 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"),
        ("owner-b", "organizationId=a&userId=u-member-a", 403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"),
        ("owner-b", "userId=u-member-a", 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
    ] {
        assert_eq!(code(get(&w, who, &format!("list-user-teams?{query}"))), refused(status, expected), "{who} {query}");
    }
}

#[test]
fn who_may_not_is_refused_in_the_references_order_and_changes_nothing() {
    let w = world(&[("MAXIMUM_TEAMS", "1"), ("MAXIMUM_MEMBERS_PER_TEAM", "1")]);
    w.db.execute("update session set activeOrganizationId = null where token = 'removed-a'").unwrap();
    // A refused change may still mend the count.
    w.db.execute("update team set memberCount = 1 where id = 't'").unwrap();
    let before = w.db.dump();
    let change = |user: &str| json!({ "teamId": "t", "userId": user });
    for (who, path, body, status, expected) in [
        ("removed-a", "create-team", json!({ "name": "x" }), 400, "NO_ACTIVE_ORGANIZATION"),
        (
            "owner-b",
            "create-team",
            json!({ "name": "x", "organizationId": "a" }),
            403,
            "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION",
        ),
        (
            "member-a",
            "create-team",
            json!({ "name": "x" }),
            403,
            "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION",
        ),
        ("owner-a", "create-team", json!({ "name": "x" }), 400, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS"),
        (
            "owner-b",
            "update-team",
            json!({ "teamId": "t", "data": { "organizationId": "a" } }),
            403,
            "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM",
        ),
        (
            "member-a",
            "update-team",
            json!({ "teamId": "t", "data": {} }),
            403,
            "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM",
        ),
        ("owner-b", "update-team", json!({ "teamId": "t", "data": { "name": "mine" } }), 400, "TEAM_NOT_FOUND"),
        (
            "owner-b",
            "remove-team",
            json!({ "teamId": "t", "organizationId": "a" }),
            403,
            "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM",
        ),
        (
            "member-a",
            "remove-team",
            json!({ "teamId": "t" }),
            403,
            "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION",
        ),
        ("owner-b", "remove-team", json!({ "teamId": "t" }), 400, "TEAM_NOT_FOUND"),
        ("owner-a", "remove-team", json!({ "teamId": "t" }), 400, "UNABLE_TO_REMOVE_LAST_TEAM"),
        (
            "owner-b",
            "add-team-member",
            json!({ "teamId": "t", "userId": "u-owner-b", "organizationId": "a" }),
            400,
            "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
        ),
        ("member-a", "add-team-member", change("u-admin-a"), 403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER"),
        ("owner-a", "add-team-member", change("u-owner-b"), 400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION"),
        ("owner-b", "add-team-member", change("u-owner-b"), 400, "TEAM_NOT_FOUND"),
        ("owner-a", "add-team-member", change("u-admin-a"), 403, "TEAM_MEMBER_LIMIT_REACHED"),
        ("member-a", "remove-team-member", change("u-member-a"), 403, "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER"),
        ("owner-a", "remove-team-member", change("u-admin-a"), 400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"),
        ("owner-a", "add-team-member", json!({ "teamId": "t" }), 400, "VALIDATION_ERROR"),
        ("owner-a", "update-team", json!({ "teamId": "t", "data": { "name": "" } }), 400, "VALIDATION_ERROR"),
    ] {
        assert_eq!(code(post(&w, who, path, body.clone())), refused(status, expected), "{who} {path} {body}");
    }
    for (who, path, status, expected) in [
        ("owner-b", "list-teams?organizationId=a", 403, "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION"),
        ("owner-a", "list-team-members", 400, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM"),
        ("owner-a", "list-team-members?teamId=none", 400, "TEAM_NOT_FOUND"),
        ("owner-a", "list-team-members?teamId=t", 400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"),
        ("owner-b", "list-team-members?teamId=t", 400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"),
    ] {
        assert_eq!(code(get(&w, who, path)), refused(status, expected), "{who} {path}");
    }
    assert_eq!(w.db.dump(), before);
    let nobody = || Browser::new(&w);
    assert_eq!(nobody().post("/organization/create-team", json!({ "name": "x" })), (401, Value::Null));
    let unnamed = nobody().post("/organization/remove-team", json!({ "teamId": "t" }));
    assert_eq!(code(unnamed), refused(400, "NO_ACTIVE_ORGANIZATION"), "before 401");
    let named = nobody().post("/organization/remove-team", json!({ "teamId": "t", "organizationId": "a" }));
    assert_eq!(named, (401, Value::Null));
}

#[test]
fn a_removed_team_stays_in_no_session_and_no_pending_invitation() {
    let w = world(&[("ALLOW_REMOVING_ALL_TEAMS", "true")]);
    post(&w, "member-a", "set-active-team", json!({ "teamId": "t" }));
    for (id, teams, status) in
        [("i1", "'t'", "pending"), ("i2", "'x,t,y'", "pending"), ("i3", "'t'", "accepted"), ("i4", "null", "pending")]
    {
        w.db.execute(&format!(
            "insert into invitation (id, organizationId, email, teamId, status, expiresAt, createdAt, inviterId)
             values ('{id}', 'a', '{id}@x.co', {teams}, '{status}', '{NOW}', '{NOW}', 'u-owner-a')"
        ))
        .unwrap();
    }
    assert_eq!(code(post(&w, "owner-a", "remove-team", json!({ "teamId": "u" }))), refused(400, "TEAM_NOT_FOUND"));
    assert_eq!(post(&w, "owner-a", "remove-team", json!({ "teamId": "t" })).0, 200);
    assert_eq!(one(&w, "select activeTeamId is null from session where token = 'member-a'"), "1");
    let left = w.db.query("select coalesce(teamId, 'none') from invitation order by id");
    assert_eq!(left, ["none", "x,y", "t", "none"]);
}

#[test]
fn the_team_in_which_one_works_is_not_removed_under_him() {
    let w = world(&[("ALLOW_REMOVING_ALL_TEAMS", "true")]);
    post(&w, "owner-a", "add-team-member", json!({ "teamId": "t", "userId": "u-owner-a" }));
    post(&w, "owner-a", "set-active-team", json!({ "teamId": "t" }));
    let refusal = post(&w, "owner-a", "remove-team", json!({ "teamId": "t" }));
    assert_eq!(code(refusal), refused(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM"));
}

#[test]
fn every_endpoint_of_teams_is_two_round_trips_at_most() {
    let w = world(&[("ALLOW_REMOVING_ALL_TEAMS", "true")]);
    let change = json!({ "teamId": "t", "userId": "u-admin-a" });
    for (path, body, expected) in [
        ("create-team", json!({ "name": "x" }), 2),
        ("update-team", json!({ "teamId": "t", "data": { "name": "y" } }), 2),
        ("add-team-member", change.clone(), 2),
        ("remove-team-member", change, 2),
        ("set-active-team", json!({ "teamId": null }), 1),
        ("remove-team", json!({ "teamId": "t" }), 2),
    ] {
        let (cost, (status, answer)) = calls(&w, || post(&w, "owner-a", path, body));
        assert_eq!((cost, status), (expected, 200), "{path}: {answer}");
    }
    for path in ["list-teams", "list-user-teams", "list-user-teams?userId=u-member-a"] {
        assert_eq!(calls(&w, || get(&w, "owner-a", path)).0, 1, "{path}");
    }
}

/// Each script is what another request does between the two round trips: all that has happened afterwards.
#[test]
fn what_changes_between_reading_and_writing_decides() {
    let change = json!({ "teamId": "t", "userId": "u-admin-a" });
    let removal = json!({ "teamId": "t" });
    let demoted = "update member set role = 'member' where userId = 'u-owner-a'";
    for (path, body, script, expected) in [
        (
            "create-team",
            json!({ "name": "third" }),
            "insert into team values ('t3', 'T', 0, 'a', '2026-01-01T00:00:00.000Z', null)",
            "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS",
        ),
        ("create-team", json!({ "name": "third" }), demoted, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS"),
        ("remove-team", removal.clone(), "delete from team where id = 't2'", "UNABLE_TO_REMOVE_LAST_TEAM"),
        ("remove-team", removal.clone(), demoted, "UNABLE_TO_REMOVE_LAST_TEAM"),
        (
            "add-team-member",
            change.clone(),
            "insert into teamMember (id, teamId, userId) values ('x', 't', 'u-owner-a')",
            "TEAM_MEMBER_LIMIT_REACHED",
        ),
        (
            "add-team-member",
            change.clone(),
            "delete from member where userId = 'u-admin-a'",
            "TEAM_MEMBER_LIMIT_REACHED",
        ),
        ("add-team-member", change, demoted, "TEAM_MEMBER_LIMIT_REACHED"),
        (
            "remove-team-member",
            json!({ "teamId": "t", "userId": "u-member-a" }),
            demoted,
            "USER_IS_NOT_A_MEMBER_OF_THE_TEAM",
        ),
        ("update-team", json!({ "teamId": "t", "data": { "name": "x" } }), demoted, "TEAM_NOT_FOUND"),
        ("update-team", json!({ "teamId": "t", "data": {} }), "delete from team where id = 't'", "TEAM_NOT_FOUND"),
    ] {
        let worlds = [(); 2].map(|()| {
            let w = world(&[("MAXIMUM_TEAMS", "3"), ("MAXIMUM_MEMBERS_PER_TEAM", "2")]);
            w.db.execute(&format!(
                "insert into team values ('t2', 'T', 0, 'a', '{NOW}', null);
                 update session set activeTeamId = 't' where token = 'member-a';
                 insert into invitation (id, organizationId, email, teamId, status, expiresAt, createdAt, inviterId)
                 values ('i', 'a', 'i@x.co', 't', 'pending', '{NOW}', '{NOW}', 'u-owner-a')"
            ))
            .unwrap();
            w
        });
        let [w, alone] = &worlds;
        let request = Browser::of(w, "owner-a").request("POST", &format!("/organization/{path}"), &body);
        let answer = interrupted(w, script, &request);
        assert_eq!(parsed(&answer)["code"], expected, "{path} {script}");
        alone.db.execute(script).unwrap();
        // Counts are made anew by whoever comes by.
        for World { db, .. } in &worlds {
            db.execute("update team set memberCount = 0").unwrap();
        }
        assert_eq!(w.db.dump(), alone.db.dump(), "{path} {script}");
    }
}

#[test]
fn a_place_that_two_requests_give_at_once_is_one() {
    let w = world(&[("MAXIMUM_MEMBERS_PER_TEAM", "3")]);
    let body = json!({ "teamId": "t", "userId": "u-admin-a" });
    let request = Browser::of(&w, "owner-a").request("POST", "/organization/add-team-member", &body);
    let script = "insert into teamMember (id, teamId, userId) values ('first', 't', 'u-admin-a')";
    assert_eq!(parsed(&interrupted(&w, script, &request))["id"], "first");
    assert_eq!(one(&w, "select memberCount from team where id = 't'"), "2");
    assert_eq!(one(&w, "select count(*) from teamMember where userId = 'u-admin-a'"), "1");
}
