//! Invitations: made, shown, accepted, rejected, canceled; and by whom not.
use super::{
    Browser, calls, code, cookies, parsed,
    races::{at_once, interrupted},
    refused,
};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

const NOT_FOUND: &str = "INVITATION_NOT_FOUND";

/// Of the user whose session was removed from `a`, by the role.
fn invite(role: &str) -> Value {
    json!({ "email": "removed-a@x.co", "role": role })
}

/// The id of an invitation that the person made.
fn invited(w: &World, who: &str, body: Value) -> String {
    let (status, made) = Browser::of(w, who).post("/organization/invite-member", body);
    assert_eq!(status, 200, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

fn answer(w: &World, who: &str, verb: &str, id: &str) -> (u16, Value) {
    Browser::of(w, who).post(&format!("/organization/{verb}-invitation"), json!({ "invitationId": id }))
}

fn accept(w: &World, id: &str) -> (u16, Value) {
    answer(w, "removed-a", "accept", id)
}

fn status(w: &World, id: &str) -> Vec<String> {
    w.db.query(&format!("select status from invitation where id = '{id}'"))
}

fn memberships(w: &World) -> Vec<String> {
    w.db.query("select role from member where organizationId = 'a' and userId = 'u-removed-a'")
}

fn teams(w: &World) {
    w.db.execute(&format!(
        "insert into team (id, name, memberCount, organizationId, createdAt)
         values ('t', 'T', 0, 'a', '{NOW}'), ('u', 'U', 5, 'a', '{NOW}'), ('v', 'V', 0, 'b', '{NOW}')"
    ))
    .unwrap();
}

fn with_role(w: &World, name: &str, permission: &str) {
    w.db.execute(&format!(
        "insert into organizationRole (id, organizationId, role, permission, createdAt)
         values ('r-{name}', 'a', '{name}', '{permission}', '{NOW}')"
    ))
    .unwrap();
}

#[test]
fn an_invitation_is_made_shown_to_its_recipient_and_accepted() {
    let w = World::new();
    let body = json!({ "email": "Removed-A@x.co", "role": ["admin", " member"] });
    let (trips, (status, made)) = calls(&w, || Browser::of(&w, "owner-a").post("/organization/invite-member", body));
    assert_eq!((trips, status), (2, 200), "{made}");
    let id = made["id"].as_str().unwrap();
    let mut expected = json!({
        "organizationId": "a", "email": "removed-a@x.co", "role": "admin,member", "teamId": null, "status": "pending",
        "expiresAt": "2026-01-04T03:04:05.678Z", "createdAt": NOW, "inviterId": "u-owner-a", "id": id,
    });
    assert_eq!(made, expected);
    let (trips, (_, shown)) =
        calls(&w, || Browser::of(&w, "removed-a").get(&format!("/organization/get-invitation?id={id}")));
    expected["organizationName"] = json!("A");
    expected["organizationSlug"] = json!("a-inc");
    expected["inviterEmail"] = json!("owner-a@x.co");
    assert_eq!((trips, shown), (1, expected));

    w.db.execute("update session set activeOrganizationId = null where token = 'removed-a'").unwrap();
    let mut browser = Browser::of(&w, "removed-a");
    let request = browser.request("POST", "/organization/accept-invitation", &json!({ "invitationId": id }));
    let (trips, response) = calls(&w, || browser.answer(&request));
    let accepted = parsed(&response);
    assert_eq!((trips, response.status.as_u16(), cookies(&response).len()), (2, 200, 0), "{accepted}");
    assert_eq!(accepted["invitation"]["status"], "accepted");
    let member = &accepted["member"];
    assert_eq!(
        (&member["userId"], &member["role"], member.get("user")),
        (&json!("u-removed-a"), &json!("admin,member"), None)
    );
    assert_eq!(browser.get("/get-session").1["session"]["activeOrganizationId"], "a");
    assert_eq!(code(accept(&w, id)), refused(400, NOT_FOUND), "once");
}

#[test]
fn invitations_are_refused_in_the_references_order() {
    let w = World::new();
    teams(&w);
    let before = w.db.dump();
    let path = "/organization/invite-member";
    let with = |field: &str, value: Value| {
        let mut body = invite("member");
        body[field] = value;
        body
    };
    for (who, body, status, expected) in [
        ("nobody", invite("member"), 401, "UNAUTHORIZED"),
        ("owner-a", with("email", json!("x")), 400, "INVALID_EMAIL"),
        ("owner-b", with("organizationId", json!("a")), 400, "MEMBER_NOT_FOUND"),
        ("owner-b", with("organizationId", json!("nothing")), 400, "MEMBER_NOT_FOUND"),
        ("member-a", invite("member"), 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION"),
        ("owner-a", invite(" , "), 400, "ROLE_NOT_FOUND"),
        ("owner-a", with("role", json!([])), 400, "ROLE_NOT_FOUND"),
        ("owner-a", with("role", Value::Null), 400, "VALIDATION_ERROR"),
        ("owner-a", with("resend", json!("yes")), 400, "VALIDATION_ERROR"),
        ("owner-a", with("teamId", json!([1])), 400, "VALIDATION_ERROR"),
        ("admin-a", invite("owner"), 403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE"),
        ("owner-a", with("email", json!("MEMBER-a@x.co")), 400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION"),
        ("owner-a", with("teamId", json!("t,u")), 400, "INVALID_TEAM_ID"),
        ("owner-a", with("teamId", json!(["t", "v"])), 400, "TEAM_NOT_FOUND"),
        ("owner-a", with("teamId", json!("x")), 400, "TEAM_NOT_FOUND"),
    ] {
        let (trips, answer) = calls(&w, || Browser::of(&w, who).post(path, body.clone()));
        assert!(trips <= 2);
        assert_eq!(code(answer), refused(status, expected), "{who} {body}");
    }
    let unknown = Browser::of(&w, "owner-a").post(path, invite("ghost,admin, moon"));
    assert_eq!(unknown, (400, json!({ "message": "ROLE_NOT_FOUND: ghost, moon" })), "without a code");
    assert_eq!(w.db.dump(), before);
    w.db.execute("update session set activeOrganizationId = null where token = 'owner-a'").unwrap();
    let nowhere = Browser::of(&w, "owner-a").post(path, with("email", json!("x")));
    assert_eq!(code(nowhere), refused(400, "ORGANIZATION_NOT_FOUND"));
}

#[test]
fn nobody_invites_with_a_role_that_grants_what_he_lacks() {
    let w = World::new();
    with_role(&w, "inviter", r#"{"invitation":["create"]}"#);
    with_role(&w, "boss", r#"{"organization":["delete"]}"#);
    w.db.execute("update member set role = 'member,inviter' where id = 'm-member-a'").unwrap();
    let denied = refused(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE");
    for (who, role) in [
        ("member-a", "admin"),
        ("member-a", "member, admin"),
        ("admin-a", "boss"),
        ("admin-a", " owner"),
        ("admin-a", "\u{a0}owner"),
    ] {
        let answer = Browser::of(&w, who).post("/organization/invite-member", invite(role));
        assert_eq!(code(answer), denied, "{who} {role}");
    }
    invited(&w, "owner-a", json!({ "email": "boss@x.co", "role": "boss" }));
    let resend = json!({ "email": "boss@x.co", "role": "member", "resend": true });
    let answer = Browser::of(&w, "admin-a").post("/organization/invite-member", resend);
    assert_eq!(code(answer), denied, "nor does he resend such a one");
    invited(&w, "member-a", invite("member,inviter"));
}

#[test]
fn an_address_has_one_pending_invitation_that_is_resent_or_replaced() {
    let w = World::new();
    let path = "/organization/invite-member";
    let id = invited(&w, "owner-a", invite("member"));
    let again = Browser::of(&w, "admin-a").post(path, invite("admin"));
    assert_eq!(code(again), refused(400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION"));
    w.db.execute(&format!("update invitation set expiresAt = '2026-01-02T04:00:00.000Z' where id = '{id}'")).unwrap();
    let mut resend = invite("admin");
    resend["resend"] = json!(true);
    let (trips, (_, resent)) = calls(&w, || Browser::of(&w, "admin-a").post(path, resend));
    assert_eq!((trips, &resent["id"], &resent["role"]), (2, &json!(id), &json!("member")), "only its end is new");
    assert_eq!(resent["expiresAt"], "2026-01-04T03:04:05.678Z");
    w.db.execute(&format!("update invitation set expiresAt = '{NOW}' where id = '{id}'")).unwrap();
    assert_ne!(invited(&w, "owner-a", invite("member")), id, "one that is over is in nobody's way");

    let w = World::with(&[("CANCEL_PENDING_INVITATIONS_ON_RE_INVITE", "true"), ("INVITATION_LIMIT", "1")]);
    let old = invited(&w, "owner-a", invite("member"));
    let new = invited(&w, "owner-a", invite("admin"));
    assert_eq!((status(&w, &old), status(&w, &new)), (vec!["canceled".into()], vec!["pending".into()]));
}

#[test]
fn the_address_is_told_by_mail_when_an_invitation_is_made_or_resent_and_not_when_it_is_refused() {
    let w = World::with(&[
        ("INVITATION_URL", "https://app.ex.co/join?id={id}"),
        ("BETTER_AUTH_TRUSTED_ORIGINS", "https://app.ex.co"),
    ]);
    let id = invited(&w, "owner-a", invite("member"));
    let mails = |w: &World| w.mails("removed-a@x.co");
    assert_eq!((mails(&w).len(), mails(&w)[0].kind()), (1, "invitation"));
    for part in [&*format!("https://app.ex.co/join?id={id}"), "owner-a (owner-a@x.co)", "join A", "48 hours"] {
        assert!(mails(&w)[0].text().contains(part), "{part}");
    }
    Browser::of(&w, "owner-a").post("/organization/invite-member", invite("member"));
    assert_eq!(mails(&w).len(), 1);
    let mut resend = invite("member");
    resend["resend"] = json!(true);
    invited(&w, "admin-a", resend);
    assert!(mails(&w)[1].text().contains("admin-a@x.co"));
    let w = World::new();
    let id = invited(&w, "owner-a", invite("member"));
    assert!(mails(&w)[0].text().contains(&format!("{}/accept-invitation/{id}", super::ORIGIN)), "at the base URL");
    let mut w = World::new();
    w.app.mailer = None;
    invited(&w, "owner-a", invite("member"));
}

#[test]
fn two_invitations_of_an_address_at_once_are_one() {
    let w = World::new();
    let owner = Browser::of(&w, "owner-a");
    let request = owner.request("POST", "/organization/invite-member", &invite("member"));
    let (first, second) = at_once(&w, &request, &request);
    assert_eq!(
        (second.status.as_u16(), &parsed(&first)["code"]),
        (200, &json!("USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION"))
    );
    assert_eq!(w.db.query("select count(*) from invitation"), ["1"]);
}

#[test]
fn the_invitation_limit_holds_for_two_at_once() {
    let w = World::with(&[("INVITATION_LIMIT", "2")]);
    invited(&w, "owner-a", invite("member"));
    let owner = Browser::of(&w, "owner-a");
    let request = |email: &str| {
        owner.request("POST", "/organization/invite-member", &json!({ "email": email, "role": "member" }))
    };
    let (first, second) = at_once(&w, &request("x@x.co"), &request("y@x.co"));
    assert_eq!((second.status.as_u16(), &parsed(&first)["code"]), (200, &json!("INVITATION_LIMIT_REACHED")));
    w.db.execute(&format!("update invitation set expiresAt = '{NOW}'")).unwrap();
    invited(&w, "owner-a", json!({ "email": "z@x.co", "role": "member" }));
}

#[test]
fn who_lost_his_right_while_he_invites_does_not() {
    for script in
        ["update member set role = 'member' where id = 'm-admin-a'", "delete from member where id = 'm-admin-a'"]
    {
        let w = World::new();
        let request = Browser::of(&w, "admin-a").request("POST", "/organization/invite-member", &invite("member"));
        assert_eq!(parsed(&interrupted(&w, script, &request))["code"], "MEMBER_NOT_FOUND");
        assert_eq!(w.db.query("select count(*) from invitation"), ["0"]);
    }
}

#[test]
fn a_forwarded_invitation_cannot_be_accepted_by_another_address() {
    let w = World::new();
    let id = invited(&w, "owner-a", invite("member"));
    let before = w.db.dump();
    let another = refused(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION");
    for verb in ["accept", "reject"] {
        assert_eq!(code(answer(&w, "owner-b", verb, &id)), another, "{verb}");
        assert_eq!(code(answer(&w, "owner-a", verb, &id)), another, "{verb}: not even who sent it");
        assert_eq!(code(answer(&w, "nobody", verb, &id)), refused(401, "UNAUTHORIZED"));
    }
    let shown = Browser::of(&w, "owner-b").get(&format!("/organization/get-invitation?id={id}"));
    assert_eq!(code(shown), another);
    let nobody = Browser::new(&w).get(&format!("/organization/get-invitation?id={id}"));
    assert_eq!(nobody, (401, json!({ "message": "Not authenticated" })));
    assert_eq!(w.db.dump(), before);
    w.db.execute("update invitation set email = 'REMOVED-a@x.co'").unwrap();
    assert_eq!(accept(&w, &id).0, 200, "the case of an address says nothing");
}

#[test]
fn one_that_is_over_answered_or_unknown_is_not_accepted() {
    for change in [
        "update invitation set expiresAt = '2026-01-02T03:04:05.677Z'",
        "update invitation set status = 'rejected'",
        "update invitation set status = 'canceled'",
        "delete from invitation",
    ] {
        let w = World::new();
        let id = invited(&w, "owner-a", invite("member"));
        w.db.execute(change).unwrap();
        assert_eq!(code(accept(&w, &id)), refused(400, NOT_FOUND), "{change}");
        let shown = Browser::of(&w, "removed-a").get(&format!("/organization/get-invitation?id={id}"));
        assert_eq!(code(shown), refused(400, NOT_FOUND), "{change}");
    }
}

#[test]
fn an_unverified_address_answers_no_invitation_where_the_deployment_forbids_it() {
    let w = World::with(&[("REQUIRE_EMAIL_VERIFICATION_ON_INVITATION", "true")]);
    let id = invited(&w, "owner-a", invite("member"));
    let unverified = refused(403, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION");
    assert_eq!(code(accept(&w, &id)), unverified);
    assert_eq!(code(answer(&w, "removed-a", "reject", &id)), unverified);
    let path = format!("/organization/get-invitation?id={id}");
    assert_eq!(
        code(Browser::of(&w, "removed-a").get(&path)),
        refused(403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION")
    );
    w.db.execute("update user set emailVerified = 1 where id = 'u-removed-a'").unwrap();
    assert_eq!(accept(&w, &id).0, 200);
}

#[test]
fn an_invitation_accepted_by_two_requests_at_once_makes_one_member() {
    let w = World::new();
    teams(&w);
    let mut body = invite("member");
    body["teamId"] = json!("t");
    let id = invited(&w, "owner-a", body);
    let request =
        Browser::of(&w, "removed-a").request("POST", "/organization/accept-invitation", &json!({ "invitationId": id }));
    let (first, second) = at_once(&w, &request, &request);
    assert_eq!((second.status.as_u16(), &parsed(&first)["code"]), (200, &json!(NOT_FOUND)));
    assert_eq!(memberships(&w), ["member"]);
    assert_eq!(w.db.query("select memberCount from team where id = 't'"), ["1"]);
    assert_eq!(w.db.query("select count(*) from teamMember where teamId = 't'"), ["1"]);
}

#[test]
fn who_changed_his_address_while_he_accepts_does_not() {
    let w = World::new();
    let id = invited(&w, "owner-a", invite("member"));
    let request =
        Browser::of(&w, "removed-a").request("POST", "/organization/accept-invitation", &json!({ "invitationId": id }));
    let answer = interrupted(&w, "update user set email = 'new@x.co' where id = 'u-removed-a'", &request);
    assert_eq!((answer.status.as_u16(), memberships(&w).len(), status(&w, &id)), (400, 0, vec!["pending".into()]));
}

#[test]
fn who_was_removed_since_does_not_come_back_by_an_acceptance_that_lost_the_race() {
    let w = World::new();
    let id = invited(&w, "owner-a", invite("admin"));
    let request =
        Browser::of(&w, "removed-a").request("POST", "/organization/accept-invitation", &json!({ "invitationId": id }));
    // Another request of his accepted it, and an owner removed him, before this one writes.
    let answer = interrupted(&w, "update invitation set status = 'accepted'", &request);
    assert_eq!(parsed(&answer)["code"], NOT_FOUND);
    assert!(memberships(&w).is_empty());
}

#[test]
fn who_is_a_member_already_stays_the_one_he_is() {
    let w = World::new();
    teams(&w);
    let mut body = invite("admin");
    body["teamId"] = json!("t");
    let id = invited(&w, "owner-a", body);
    w.db.execute(&format!("insert into member values ('m2', 'a', 'u-removed-a', 'member', '{NOW}')")).unwrap();
    let (status_code, accepted) = accept(&w, &id);
    assert_eq!(
        (status_code, &accepted["member"]["id"], &accepted["member"]["role"]),
        (200, &json!("m2"), &json!("member"))
    );
    assert_eq!(memberships(&w), ["member"]);
    assert_eq!(w.db.query("select teamId from teamMember where userId = 'u-removed-a'"), ["t"]);
    assert_eq!(status(&w, &id), ["accepted"]);
}

#[test]
fn the_membership_limit_holds_for_two_at_once() {
    let w = World::with(&[("MEMBERSHIP_LIMIT", "5")]);
    let (one, other) = (
        invited(&w, "owner-a", invite("member")),
        invited(&w, "owner-a", json!({ "email": "owner-b@x.co", "role": "member" })),
    );
    let request = |who: &str, id: &str| {
        Browser::of(&w, who).request("POST", "/organization/accept-invitation", &json!({ "invitationId": id }))
    };
    let (first, second) = at_once(&w, &request("removed-a", &one), &request("owner-b", &other));
    assert_eq!(
        (second.status.as_u16(), &parsed(&first)["code"]),
        (200, &json!("ORGANIZATION_MEMBERSHIP_LIMIT_REACHED"))
    );
    assert_eq!(w.db.query("select count(*) from member where organizationId = 'a'"), ["5"]);
    assert_eq!(
        (code(accept(&w, &one)), status(&w, &one)),
        (refused(403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED"), vec!["pending".into()])
    );
}

#[test]
fn teams_of_an_invitation_are_joined_all_or_none_and_counted() {
    let w = World::with(&[("MAXIMUM_MEMBERS_PER_TEAM", "1")]);
    teams(&w);
    let mut body = invite("member");
    body["teamId"] = json!(["t", "u", "t"]);
    let id = invited(&w, "owner-a", body.clone());
    assert_eq!(w.db.query("select teamId from invitation"), ["t,u"]);
    let take = |team: &str| {
        w.db.execute(&format!("insert into teamMember (id, teamId, userId) values ('x{team}', '{team}', 'u-owner-a')"))
            .unwrap();
    };
    take("u");
    assert_eq!(code(accept(&w, &id)), refused(403, "TEAM_MEMBER_LIMIT_REACHED"));
    w.db.execute("delete from team where id = 'u'").unwrap();
    assert_eq!(code(accept(&w, &id)), refused(400, "TEAM_NOT_FOUND"));
    assert_eq!((status(&w, &id), memberships(&w).len()), (vec!["pending".into()], 0), "nothing half done");
    assert_eq!(w.db.query("select count(*) from teamMember where userId = 'u-removed-a'"), ["0"]);
    w.db.execute(&format!(
        "insert into team (id, name, memberCount, organizationId, createdAt) values ('u', 'U', 5, 'a', '{NOW}')"
    ))
    .unwrap();

    w.db.execute("update session set activeOrganizationId = 'b', activeTeamId = 'v' where token = 'removed-a'")
        .unwrap();
    let request =
        Browser::of(&w, "removed-a").request("POST", "/organization/accept-invitation", &json!({ "invitationId": id }));
    let (trips, response) = calls(&w, || w.answer(&request));
    assert_eq!((trips, response.status.as_u16(), cookies(&response).len()), (2, 200, 0));
    assert_eq!(w.db.query("select id, memberCount from team where organizationId = 'a' order by 1"), ["t|1", "u|1"]);
    let session = "select activeOrganizationId, activeTeamId from session where token = 'removed-a'";
    assert_eq!(w.db.query(session), ["a|null"], "of several teams none is active, nor is another organization's");
    let key = "select count(distinct membershipKey) from teamMember where userId = 'u-removed-a'";
    assert_eq!(w.db.query(key), ["2"]);

    body["email"] = json!("owner-b@x.co");
    let full = Browser::of(&w, "owner-a").post("/organization/invite-member", body);
    assert_eq!(code(full), refused(403, "TEAM_MEMBER_LIMIT_REACHED"), "a full team invites no one");
}

#[test]
fn the_only_team_of_an_invitation_becomes_the_active_one_and_its_cookie_is_set() {
    let w = World::new();
    teams(&w);
    let mut body = invite("member");
    body["teamId"] = json!("t");
    let id = invited(&w, "owner-a", body);
    let request =
        Browser::of(&w, "removed-a").request("POST", "/organization/accept-invitation", &json!({ "invitationId": id }));
    let response = w.answer(&request);
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (200, 1));
    let session = "select activeOrganizationId, activeTeamId from session where token = 'removed-a'";
    assert_eq!(w.db.query(session), ["a|t"]);
}

#[test]
fn a_full_team_refuses_the_second_of_two_who_accept_at_once() {
    let w = World::with(&[("MAXIMUM_MEMBERS_PER_TEAM", "1")]);
    teams(&w);
    let to = |email: &str| json!({ "email": email, "role": "member", "teamId": "t" });
    let (one, other) = (invited(&w, "owner-a", to("removed-a@x.co")), invited(&w, "owner-a", to("owner-b@x.co")));
    let request = |who: &str, id: &str| {
        Browser::of(&w, who).request("POST", "/organization/accept-invitation", &json!({ "invitationId": id }))
    };
    let (first, second) = at_once(&w, &request("removed-a", &one), &request("owner-b", &other));
    assert_eq!((second.status.as_u16(), &parsed(&first)["code"]), (200, &json!("TEAM_MEMBER_LIMIT_REACHED")));
    assert_eq!((memberships(&w).len(), status(&w, &one)), (0, vec!["pending".into()]));
}

#[test]
fn an_invitation_counts_only_while_who_sent_it_could_send_it() {
    let gone = refused(400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION");
    let demoted = refused(400, NOT_FOUND);
    for (script, expected) in [
        ("delete from member where id = 'm-admin-a'", &gone),
        ("update member set role = 'member' where id = 'm-admin-a'", &demoted),
        ("update member set role = 'inviter' where id = 'm-admin-a'", &demoted),
    ] {
        let w = World::new();
        with_role(&w, "inviter", r#"{"invitation":["create"]}"#);
        let id = invited(&w, "admin-a", invite("member"));
        let request = Browser::of(&w, "removed-a").request(
            "POST",
            "/organization/accept-invitation",
            &json!({ "invitationId": id }),
        );
        let answer = interrupted(&w, script, &request);
        assert_eq!(parsed(&answer)["code"], expected.1.as_str(), "also if it happens meanwhile");
        assert_eq!(&code(accept(&w, &id)), expected, "{script}");
        let shown = Browser::of(&w, "removed-a").get(&format!("/organization/get-invitation?id={id}"));
        assert_eq!(&code(shown), expected, "{script}");
        assert!(memberships(&w).is_empty());
    }
}

#[test]
fn a_recipient_rejects_what_is_pending_even_if_it_is_over() {
    let w = World::new();
    let id = invited(&w, "owner-a", invite("member"));
    w.db.execute("update invitation set expiresAt = '2026-01-01T00:00:00.000Z'").unwrap();
    let (trips, (status_code, rejected)) = calls(&w, || answer(&w, "removed-a", "reject", &id));
    assert_eq!(
        (trips, status_code, &rejected["invitation"]["status"], &rejected["member"]),
        (2, 200, &json!("rejected"), &Value::Null)
    );
    let gone = json!({ "code": NOT_FOUND, "message": "Invitation not found!" });
    assert_eq!(answer(&w, "removed-a", "reject", &id), (400, gone.clone()));
    let w = World::new();
    let id = invited(&w, "owner-a", invite("member"));
    let request =
        Browser::of(&w, "removed-a").request("POST", "/organization/reject-invitation", &json!({ "invitationId": id }));
    let answer = interrupted(&w, "update invitation set status = 'accepted'", &request);
    assert_eq!((parsed(&answer), status(&w, &id)), (gone, vec!["accepted".into()]), "what is accepted stays so");
}

#[test]
fn an_invitation_is_canceled_while_it_is_pending_and_an_owners_by_owners_alone() {
    let w = World::new();
    let (plain, owners) = (
        invited(&w, "owner-a", invite("member")),
        invited(&w, "owner-a", json!({ "email": "x@x.co", "role": "owner" })),
    );
    let denied = refused(403, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION");
    for (who, id, expected) in [
        ("owner-a", "nothing", refused(400, NOT_FOUND)),
        ("owner-b", &plain, refused(400, "MEMBER_NOT_FOUND")),
        ("member-a", &plain, denied.clone()),
        ("admin-a", &owners, denied),
        ("nobody", &plain, refused(401, "UNAUTHORIZED")),
    ] {
        assert_eq!(code(answer(&w, who, "cancel", id)), expected, "{who}");
    }
    let (trips, (status_code, canceled)) = calls(&w, || answer(&w, "admin-a", "cancel", &plain));
    assert_eq!((trips, status_code, &canceled["status"]), (2, 200, &json!("canceled")));
    assert_eq!(answer(&w, "owner-a", "cancel", &owners).0, 200);
    assert_eq!(code(answer(&w, "owner-a", "cancel", &plain)), refused(400, NOT_FOUND), "once");
    w.db.execute("update invitation set status = 'accepted'").unwrap();
    assert_eq!(code(answer(&w, "owner-a", "cancel", &plain)), refused(400, NOT_FOUND), "an acceptance is not undone");
}

#[test]
fn invitation_ids_are_shown_to_those_who_may_invite_and_owners_invitations_to_owners() {
    let w = World::new();
    let (plain, owners) = (
        invited(&w, "owner-a", invite("member")),
        invited(&w, "owner-a", json!({ "email": "x@x.co", "role": "admin, owner" })),
    );
    with_role(&w, "canceler", r#"{"invitation":["cancel"]}"#);
    w.db.execute("update member set role = 'canceler' where id = 'm-member-a'").unwrap();
    let list = |who: &str, query: &str| {
        calls(&w, || Browser::of(&w, who).get(&format!("/organization/list-invitations{query}")))
    };
    let ids = |list: Value| -> Vec<Value> { list.as_array().unwrap().iter().map(|i| i["id"].clone()).collect() };
    let (trips, (_, all)) = list("owner-a", "?organizationId=a");
    assert_eq!((trips, ids(all)), (2, vec![json!(plain), json!(owners)]));
    assert_eq!(ids(list("admin-a", "").1.1), [json!(plain)]);
    assert_eq!(code(list("member-a", "").1), refused(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS"));
    let stranger = list("owner-b", "?organizationId=a").1;
    assert_eq!(stranger, (403, json!({ "message": "You are not a member of this organization" })));
    w.db.execute("update session set activeOrganizationId = null where token = 'owner-b'").unwrap();
    assert_eq!(list("owner-b", "").1, (400, json!({ "message": "Organization ID is required" })));
}

#[test]
fn ones_own_invitations_are_listed_to_a_verified_address() {
    let w = World::new();
    let id = invited(&w, "owner-a", invite("member"));
    let over = invited(&w, "owner-b", invite("member"));
    let canceled = "insert into invitation select 'c', organizationId, email, role, null, 'canceled', expiresAt, createdAt, inviterId from invitation limit 1";
    w.db.execute(&format!(
        "update invitation set expiresAt = '2026-01-01T00:00:00.000Z' where id = '{over}'; {canceled}"
    ))
    .unwrap();
    let path = "/organization/list-user-invitations";
    let mut browser = Browser::of(&w, "removed-a");
    assert_eq!(code(browser.get(path)), refused(403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION"));
    w.db.execute("update user set emailVerified = 1 where id = 'u-removed-a'").unwrap();
    let (trips, (_, list)) = calls(&w, || browser.get(path));
    let seen: Vec<_> =
        list.as_array().unwrap().iter().map(|i| (i["id"].clone(), i["organizationName"].clone())).collect();
    assert_eq!((trips, seen), (1, vec![(json!(id), json!("A")), (json!(over), json!("B"))]));
    assert!(list[0].get("inviterEmail").is_none() && list[0].get("organizationSlug").is_none());
    let named = browser.get(&format!("{path}?email=x@x.co"));
    assert_eq!(named, (400, json!({ "message": "User email cannot be passed for client side API calls." })));
    let nobody = Browser::new(&w).get(path);
    assert_eq!(nobody, (400, json!({ "message": "Missing session headers, or email query parameter." })));
}

#[test]
fn a_thousand_invitations_are_listed_and_the_latest_are_among_them() {
    let w = World::new();
    for n in 0..1200 {
        w.db.execute(&format!(
            "insert into invitation (id, organizationId, email, role, status, expiresAt, createdAt, inviterId)
             values ('i{n}', 'a', 'removed-a@x.co', 'member', 'pending', '2027-01-01T00:00:00.000Z', '{NOW}', 'u-owner-a')"
        ))
        .unwrap();
    }
    w.db.execute("update user set emailVerified = 1 where id = 'u-removed-a'").unwrap();
    let all = Browser::of(&w, "owner-a").get("/organization/list-invitations").1;
    let own = Browser::of(&w, "removed-a").get("/organization/list-user-invitations").1;
    for list in [all, own] {
        let list = list.as_array().unwrap();
        assert_eq!((list.len(), &list[0]["id"], &list[999]["id"]), (1000, &json!("i200"), &json!("i1199")));
    }
}
