//! More than one way in.
use super::{Browser, come_back, place, sign_in, world};
use crate::{
    auth::tests::{calls, code, refused},
    house::world::World,
};
use serde_json::{Value, json};

fn ask(browser: &mut Browser<'_>) -> String {
    let body = json!({ "provider": "acme", "callbackURL": "/settings", "errorCallbackURL": "/sorry" });
    browser.post("/link-social", body).1["url"].as_str().unwrap().to_owned()
}

fn accounts(w: &World) -> Vec<String> {
    w.db.query("select userId, providerId, accountId, scope from account order by userId")
}

#[test]
fn a_user_links_another_account_and_signs_in_by_it() {
    let (w, issuer) = world(&[]);
    issuer.says.borrow_mut().claims = json!({ "email": "OWNER-A@x.co", "email_verified": true });
    let mut owner = Browser::of(&w, "owner-a");
    let (away, url) = calls(&w, || ask(&mut owner));
    let back = issuer.authorize(&url);
    let (here, answer) = calls(&w, || come_back(&mut owner, &back));
    assert_eq!((away, here, place(&answer).as_str()), (2, 2, "/settings"));
    assert_eq!(accounts(&w), ["u-owner-a|acme|s-1|openid,email"]);
    let mut elsewhere = Browser::new(&w);
    assert_eq!(sign_in(&mut elsewhere, &issuer, "acme"), "/home");
    assert_eq!(elsewhere.get("/get-session").1["user"]["id"], "u-owner-a");
    issuer.says.borrow_mut().tokens = json!({ "scope": "calendar openid mail", "access_token": "access-2" });
    let back = issuer.authorize(&ask(&mut owner));
    assert_eq!(place(&come_back(&mut owner, &back)), "/settings", "again, for more");
    assert_eq!(accounts(&w), ["u-owner-a|acme|s-1|openid,email,calendar,mail"]);
    assert_eq!(w.db.query("select accessToken from account"), ["access-2"]);
}

#[test]
fn an_account_of_someone_else_is_not_linked() {
    let (w, issuer) = world(&[("ALLOW_DIFFERENT_EMAILS", "true")]);
    sign_in(&mut Browser::new(&w), &issuer, "acme");
    let before = accounts(&w);
    let mut owner = Browser::of(&w, "owner-a");
    let back = issuer.authorize(&ask(&mut owner));
    let error = "/sorry?error=account_already_linked_to_different_user";
    assert_eq!(place(&come_back(&mut owner, &back)), error);
    let by_token = json!({ "provider": "acme", "idToken": { "token": issuer.id_token(&json!({})) } });
    assert_eq!(code(owner.post("/link-social", by_token)), refused(409, "SOCIAL_ACCOUNT_ALREADY_LINKED"));
    assert_eq!(accounts(&w), before);
}

#[test]
fn an_account_is_not_linked_to_someone_by_an_address_that_is_not_his_or_not_verified() {
    for (claims, more, error, code_) in [
        (
            json!({ "email": "eve@x.co", "email_verified": true }),
            &[][..],
            "email_does_not_match",
            "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED",
        ),
        (
            json!({ "email": "owner-a@x.co", "email_verified": "false" }),
            &[],
            "unable_to_link_account",
            "LINKING_NOT_ALLOWED",
        ),
        (
            json!({ "email": "owner-a@x.co", "email_verified": true }),
            &[("ACCOUNT_LINKING", "false")],
            "unable_to_link_account",
            "LINKING_NOT_ALLOWED",
        ),
    ] {
        let (w, issuer) = world(more);
        issuer.says.borrow_mut().claims = claims;
        let mut owner = Browser::of(&w, "owner-a");
        let back = issuer.authorize(&ask(&mut owner));
        assert_eq!(place(&come_back(&mut owner, &back)), format!("/sorry?error={error}"));
        let by_token = json!({ "provider": "acme", "idToken": { "token": issuer.id_token(&json!({})) } });
        assert_eq!(code(owner.post("/link-social", by_token)), refused(401, code_));
        assert_eq!(accounts(&w), Vec::<String>::new());
    }
}

#[test]
fn an_account_is_not_linked_for_a_session_that_is_over() {
    for end in [
        "delete from session where token = 'owner-a'",
        "update session set expiresAt = '2026-01-01T00:00:00.000Z' where token = 'owner-a'",
        "update session set userId = 'u-owner-b' where token = 'owner-a'",
    ] {
        let (w, issuer) = world(&[]);
        issuer.says.borrow_mut().claims = json!({ "email": "owner-a@x.co", "email_verified": true });
        let mut owner = Browser::of(&w, "owner-a");
        let back = issuer.authorize(&ask(&mut owner));
        w.db.execute(end).unwrap();
        assert_eq!(place(&come_back(&mut owner, &back)), "/sorry?error=unable_to_link_account", "{end}");
        assert_eq!(accounts(&w), Vec::<String>::new());
    }
}

#[test]
fn the_attackers_account_is_not_linked_to_a_victim_who_follows_his_link() {
    let (w, issuer) = world(&[("ALLOW_DIFFERENT_EMAILS", "true")]);
    let (mut eve, mut victim) = (Browser::of(&w, "owner-b"), Browser::of(&w, "owner-a"));
    let trap = issuer.authorize(&ask(&mut eve));
    assert_eq!(place(&come_back(&mut victim, &trap)), "/sorry?error=state_mismatch");
    assert_eq!(accounts(&w), Vec::<String>::new());
    assert_eq!(
        code(Browser::new(&w).post("/link-social", json!({ "provider": "acme" }))),
        refused(401, "UNAUTHORIZED")
    );
}

#[test]
fn an_id_token_links_at_once() {
    let (w, issuer) = world(&[]);
    issuer.says.borrow_mut().claims = json!({ "email": "owner-a@x.co", "email_verified": true });
    let mut owner = Browser::of(&w, "owner-a");
    let body = |access: &str| {
        let token = json!({ "token": issuer.id_token(&json!({})), "accessToken": access, "refreshToken": "refresh-1" });
        json!({ "provider": "acme", "idToken": token })
    };
    for access in ["access-1", "access-2"] {
        let (round_trips, answer) = calls(&w, || owner.post("/link-social", body(access)));
        let linked = json!({ "url": "", "status": true, "redirect": false });
        assert_eq!((round_trips, answer), (2, (200, linked)));
        let stored = format!("u-owner-a|{access}|refresh-1|null");
        assert_eq!(w.db.query("select userId, accessToken, refreshToken, scope from account"), [stored]);
    }
    let listed = owner.get("/list-accounts").1;
    assert_eq!((&listed[0]["providerId"], &listed[0]["scopes"]), (&json!("acme"), &json!([])));
    assert_eq!(listed[0].get("accessToken"), None::<&Value>);
}
