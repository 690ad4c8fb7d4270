//! Signing up, in and out; the password.
use super::{Browser, ada, calls, code, cookies, parsed, refused, text};
use crate::house::world::{NOW, World};
use serde_json::{Value, json};

fn credentials(password: &str) -> Value {
    json!({ "email": "ADA@ex.co", "password": password })
}

#[test]
fn sign_up_gives_a_session_and_an_organization_of_ones_own_in_one_round_trip() {
    let w = World::new();
    let mut browser = Browser::new(&w);
    let mut request = browser.request("POST", "/sign-up/email", &ada());
    request
        .headers
        .extend([("cf-connecting-ip".into(), "::ffff:1.2.3.4".into()), ("user-agent".into(), "curl".into())]);
    let (trips, response) = calls(&w, || browser.answer(&request));
    assert_eq!((trips, response.status.as_u16()), (1, 200), "{}", text(&response));

    let body = parsed(&response);
    let (token, id) = (body["token"].as_str().unwrap(), body["user"]["id"].as_str().unwrap());
    assert_eq!(
        text(&response),
        format!(
            r#"{{"token":"{token}","user":{{"name":"Ada","email":"ada@ex.co","emailVerified":false,"image":null,"createdAt":"{NOW}","updatedAt":"{NOW}","id":"{id}"}}}}"#
        )
    );
    let signed = crate::api::cookie::sign(token, &w.app.config.secret);
    assert_eq!(
        cookies(&response),
        [format!("better-auth.session_token={signed}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax")]
    );
    let bearer = crate::api::cookie::signed(token, &w.app.config.secret);
    assert_eq!(response.header("set-auth-token"), Some(bearer.as_str()));
    assert_eq!(response.header("access-control-expose-headers"), Some("set-auth-token"));

    let (trips, (_, found)) = calls(&w, || browser.get("/get-session"));
    assert_eq!((trips, &found["user"]), (1, &body["user"]));
    assert_eq!(found["session"]["ipAddress"], "1.2.3.4");
    assert_eq!(found["session"]["userAgent"], "curl");
    assert_eq!(found["session"]["expiresAt"], "2026-01-09T03:04:05.678Z");
    let (_, organization) = browser.get("/organization/get-full-organization");
    assert_eq!(organization["name"], "Ada's organization");
    assert!(organization["slug"].as_str().unwrap().starts_with("ada-"));
    assert_eq!(organization["members"][0]["role"], "owner");
    assert_eq!(organization["teams"][0]["id"], found["session"]["activeTeamId"]);
    assert_eq!(browser.world.send("", "GET", "/api/datasets", Value::Null).0, 401);
}

#[test]
fn an_address_is_taken_whatever_its_case_and_nothing_is_written() {
    let w = World::new();
    assert_eq!(Browser::new(&w).post("/sign-up/email", ada()).0, 200);
    let before = w.db.dump();
    let mut again = ada();
    again["email"] = json!("ADA@EX.CO");
    let answer = Browser::new(&w).post("/sign-up/email", again);
    assert_eq!(code(answer), refused(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"));
    assert_eq!(w.db.dump(), before, "one batch: the user, the session, the organization, or none of it");
}

#[test]
fn sign_up_without_an_organization_is_as_the_reference() {
    let w = World::with(&[("SIGN_UP_ORGANIZATION", "none")]);
    let mut browser = Browser::new(&w);
    let mut new = ada();
    new["rememberMe"] = json!(false);
    new["emailVerified"] = json!(true);
    new["id"] = json!("chosen");
    let request = browser.request("POST", "/sign-up/email", &new);
    let response = browser.answer(&request);
    assert_eq!(parsed(&response)["user"]["emailVerified"], false, "only what may be said is heard");
    assert_ne!(parsed(&response)["user"]["id"], "chosen");
    assert!(cookies(&response).iter().all(|cookie| !cookie.contains("Max-Age")), "both end with the browser");
    let (_, found) = browser.get("/get-session");
    assert_eq!(found["session"]["activeOrganizationId"], Value::Null);
    assert_eq!(found["session"]["expiresAt"], "2026-01-03T03:04:05.678Z", "a day");
    assert_eq!(browser.get("/organization/list"), (200, json!([])));
}

#[test]
fn a_new_session_is_in_the_only_organization_that_its_user_has() {
    let signed_in_again = |vars: &[(&str, &str)], script: &str| {
        let w = World::with(vars);
        let mut browser = Browser::new(&w);
        browser.post("/sign-up/email", ada());
        w.db.execute(script).unwrap();
        assert_eq!(browser.post("/sign-in/email", credentials("password1")).0, 200);
        browser.get("/get-session").1["session"]["activeOrganizationId"].is_string()
    };
    let join = |org: &str| {
        format!(
            "insert into member select 'm-{org}', '{org}', id, 'member', createdAt from user where email = 'ada@ex.co'"
        )
    };
    assert!(signed_in_again(&[], ""));
    assert!(!signed_in_again(&[], &join("b")), "of two, one is to be chosen");
    assert!(!signed_in_again(&[("SIGN_UP_ORGANIZATION", "none")], &join("b")), "as the reference");
}

#[test]
fn a_session_that_was_planted_in_a_browser_is_not_what_its_user_signs_in_to() {
    let w = World::new();
    Browser::new(&w).post("/sign-up/email", ada());
    for path in ["/sign-in/email", "/sign-up/email"] {
        let mut victim = Browser::of(&w, "owner-b");
        let body = json!({ "name": "Bob", "email": if path.contains("up") { "bob@ex.co" } else { "ada@ex.co" },
            "password": "password1" });
        let token = victim.post(path, body).1["token"].clone();
        let session = victim.get("/get-session").1["session"].clone();
        assert_eq!(session["token"], token);
        assert!(token != "owner-b" && session["userId"] != "u-owner-b", "{path}");
        assert_eq!(Browser::of(&w, "owner-b").get("/get-session").1["user"]["id"], "u-owner-b");
    }
}

#[test]
fn an_empty_name_names_the_organization_after_the_address() {
    let w = World::new();
    let mut browser = Browser::new(&w);
    let mut new = ada();
    new["name"] = json!(" ");
    browser.post("/sign-up/email", new);
    assert_eq!(browser.get("/organization/list").1[0]["name"], "ada's organization");
}

#[test]
fn one_signs_out_and_in_again_and_no_one_learns_which_part_was_wrong() {
    let w = World::new();
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let (trips, answer) = calls(&w, || browser.post("/sign-out", Value::Null));
    assert_eq!((trips, answer), (1, (200, json!({ "success": true }))));
    assert!(browser.cookies.is_empty());
    assert_eq!(browser.get("/get-session"), (200, Value::Null));

    let mut wrong = credentials("password2");
    let one = browser.post("/sign-in/email", wrong.clone());
    assert_eq!(code(one.clone()), refused(401, "INVALID_EMAIL_OR_PASSWORD"));
    wrong["email"] = json!("nobody@ex.co");
    assert_eq!(browser.post("/sign-in/email", wrong), one);
    let owner = json!({ "email": "owner-a@x.co", "password": "password1" });
    assert_eq!(browser.post("/sign-in/email", owner), one, "a user without a password");

    let mut right = credentials("password1");
    right["callbackURL"] = json!("/home");
    let request = browser.request("POST", "/sign-in/email", &right);
    let (trips, response) = calls(&w, || browser.answer(&request));
    assert_eq!((trips, response.status.as_u16(), response.header("location")), (2, 200, Some("/home")));
    assert!(text(&response).starts_with("{\"redirect\":true,\"token\":\""), "{}", text(&response));
    assert_eq!(parsed(&response)["url"], "/home");
    assert_eq!(browser.get("/get-session").1["session"]["token"], parsed(&response)["token"]);
}

#[test]
fn a_password_is_bounded_before_it_is_hashed_on_every_path() {
    let w = World::new();
    let long = "a".repeat(129);
    let mut owner = Browser::of(&w, "owner-a");
    let mut new = ada();
    new["password"] = json!(long);
    assert_eq!(code(owner.post("/sign-up/email", new)), refused(400, "PASSWORD_TOO_LONG"));
    assert_eq!(code(owner.post("/sign-in/email", credentials(&long))), refused(400, "PASSWORD_TOO_LONG"));
    for body in [
        json!({ "newPassword": long, "currentPassword": "password1" }),
        json!({ "newPassword": "password1", "currentPassword": long }),
    ] {
        assert_eq!(code(owner.post("/change-password", body)), refused(400, "PASSWORD_TOO_LONG"));
    }
    let short = json!({ "newPassword": "1234567", "currentPassword": "password1" });
    assert_eq!(code(owner.post("/change-password", short)), refused(400, "PASSWORD_TOO_SHORT"));
    let good = json!({ "newPassword": "password2", "currentPassword": "password1" });
    assert_eq!(code(owner.post("/change-password", good)), refused(400, "CREDENTIAL_ACCOUNT_NOT_FOUND"));
}

#[test]
fn a_changed_password_ends_the_other_sessions_and_gives_a_new_one_or_changes_nothing() {
    let w = World::new();
    let (mut laptop, mut phone) = (Browser::new(&w), Browser::new(&w));
    laptop.post("/sign-up/email", ada());
    phone.post("/sign-in/email", credentials("password1"));
    let before =
        w.db.query("select id, password, updatedAt from account union all select id, token, updatedAt from session");
    let change = |current: &str, new: &str, revoke: bool| json!({ "currentPassword": current, "newPassword": new, "revokeOtherSessions": revoke });
    let wrong = laptop.post("/change-password", change("password0", "password2", true));
    assert_eq!(code(wrong), refused(400, "INVALID_PASSWORD"));
    let after =
        w.db.query("select id, password, updatedAt from account union all select id, token, updatedAt from session");
    assert_eq!(after, before);

    let (trips, (status, answer)) =
        calls(&w, || laptop.post("/change-password", change("password1", "password2", true)));
    assert_eq!((trips, status), (2, 200), "{answer}");
    assert_eq!(phone.get("/get-session"), (200, Value::Null));
    let (_, found) = laptop.get("/get-session");
    assert_eq!(found["session"]["token"], answer["token"]);

    let (_, answer) = laptop.post("/change-password", change("password2", "password3", false));
    assert_eq!(answer["token"], Value::Null);
    assert_eq!(laptop.get("/get-session").1["session"]["token"], found["session"]["token"]);
    assert_eq!(phone.post("/sign-in/email", credentials("password3")).0, 200);
}

#[test]
fn a_session_is_not_made_for_a_password_that_has_just_changed() {
    let w = World::new();
    Browser::new(&w).post("/sign-up/email", ada());
    let user = crate::id::UserId::from(w.db.query("select id from user where email = 'ada@ex.co'").remove(0));
    let request = Browser::new(&w).request("POST", "/sign-in/email", &Value::Null);
    let call = crate::auth::call::Call::new(&w.app, &request, "/sign-out", vec![], None);
    let session = crate::auth::session::NewSession::of(&call, &user, "another hash", true).unwrap();
    let made = pollster::block_on(w.app.identity().run(session.create)).unwrap();
    assert_eq!(made.changed, 0);
}
