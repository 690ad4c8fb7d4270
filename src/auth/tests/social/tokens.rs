//! What an account is good for at its provider.
use super::{Browser, sign_in, world};
use crate::auth::tests::{calls, code, refused};
use serde_json::json;

#[test]
fn an_access_token_is_given_as_it_is_and_refreshed_when_it_is_about_to_end() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    sign_in(&mut ada, &issuer, "acme");
    let id = w.db.query("select id from account").remove(0);
    let body = json!({ "accountId": id });
    let (round_trips, (status, token)) = calls(&w, || ada.post("/get-access-token", body.clone()));
    assert_eq!((round_trips, status), (1, 200));
    assert_eq!(token["accessToken"], "access-1");
    assert_eq!(token["accessTokenExpiresAt"], "2026-01-02T04:04:05.678Z");
    assert_eq!(token["scopes"], json!(["openid", "email"]));
    assert!(token["idToken"].is_string());
    w.db.execute("update account set accessTokenExpiresAt = '2026-01-02T03:04:10.000Z'").unwrap();
    issuer.says.borrow_mut().tokens =
        json!({ "access_token": "access-2", "refresh_token": "refresh-2", "scope": "openid" });
    let (round_trips, (_, token)) = calls(&w, || ada.post("/get-access-token", body.clone()));
    assert_eq!((round_trips, &token["accessToken"]), (2, &json!("access-2")));
    assert_eq!(token["scopes"], json!(["openid", "email"]), "a refresh grants no less");
    assert_eq!(w.db.query("select accessToken, refreshToken from account"), ["access-2|refresh-2"]);
    w.db.execute("update account set accessTokenExpiresAt = '2026-01-02T03:04:10.000Z'").unwrap();
    let over = ada.post("/get-access-token", body.clone());
    assert_eq!(code(over), refused(400, "FAILED_TO_GET_ACCESS_TOKEN"), "that one was good once");
}

#[test]
fn a_refresh_gives_what_the_provider_gives_and_keeps_the_rest() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    sign_in(&mut ada, &issuer, "acme");
    let id = w.db.query("select id from account").remove(0);
    let more = json!({ "access_token": "access-2", "refresh_token": null, "expires_in": "60", "id_token": null,
        "refresh_token_expires_in": 600 });
    issuer.says.borrow_mut().tokens = more;
    let (round_trips, (status, mut answer)) = calls(&w, || ada.post("/refresh-token", json!({ "accountId": id })));
    assert!(answer.as_object_mut().unwrap().remove("idToken").is_some_and(|token| token.is_string()));
    let expected = json!({
        "accessToken": "access-2", "refreshToken": "refresh-1", "accessTokenExpiresAt": "2026-01-02T03:05:05.678Z",
        "refreshTokenExpiresAt": "2026-01-02T03:14:05.678Z", "scope": "openid,email", "providerId": "acme",
        "accountId": id,
    });
    assert_eq!((round_trips, status, answer), (2, 200, expected));
    issuer.says.borrow_mut().tokens = json!({ "access_token": null });
    let refreshed = ada.post("/refresh-token", json!({ "accountId": id }));
    assert_eq!(code(refreshed), refused(400, "FAILED_TO_REFRESH_ACCESS_TOKEN"));
    w.db.execute("update account set refreshToken = null").unwrap();
    let refreshed = ada.post("/refresh-token", json!({ "accountId": id }));
    assert_eq!(code(refreshed), refused(400, "REFRESH_TOKEN_NOT_FOUND"));
}

#[test]
fn account_info_is_what_the_provider_says_now_of_that_subject() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    sign_in(&mut ada, &issuer, "acme");
    let id = w.db.query("select id from account").remove(0);
    let path = format!("/account-info?accountId={id}");
    let (round_trips, answer) = calls(&w, || ada.get(&path));
    let expected = json!({
        "user": { "name": "Ada", "email": "ada@x.co", "emailVerified": true },
        "data": { "sub": "s-1", "email": "ada@x.co", "email_verified": true, "name": "Ada" },
        "account": { "id": id, "providerId": "acme", "accountId": "s-1" },
    });
    assert_eq!((round_trips, answer), (1, (200, expected)));
    issuer.says.borrow_mut().userinfo = json!({ "sub": "s-2" });
    assert_eq!(code(ada.get(&path)), refused(401, "FAILED_TO_GET_USER_INFO"));
    w.db.execute("update account set accessToken = null").unwrap();
    assert_eq!(code(ada.get(&path)), refused(400, "ACCESS_TOKEN_NOT_FOUND"));
}

#[test]
fn no_one_gets_the_tokens_of_another() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    sign_in(&mut ada, &issuer, "acme");
    let id = w.db.query("select id from account").remove(0);
    let user = w.db.query("select userId from account").remove(0);
    let mut eve = Browser::of(&w, "owner-a");
    let body = json!({ "accountId": id, "userId": user });
    for path in ["/get-access-token", "/refresh-token"] {
        assert_eq!(code(eve.post(path, body.clone())), refused(400, "ACCOUNT_NOT_FOUND"));
        assert_eq!(Browser::new(&w).post(path, body.clone()), (401, serde_json::Value::Null));
        let by_cookie = json!({ "useAccountCookie": true });
        assert_eq!(code(ada.post(path, by_cookie)), refused(400, "ACCOUNT_NOT_FOUND"));
    }
    assert_eq!(code(eve.get(&format!("/account-info?accountId={id}"))), refused(400, "ACCOUNT_NOT_FOUND"));
}

#[test]
fn an_account_without_a_provider_is_good_for_nothing_there() {
    let (w, _) = world(&[]);
    w.db.execute(
        "insert into account (id, accountId, providerId, userId, createdAt, updatedAt)
            values ('acc', 'u-owner-a', 'credential', 'u-owner-a', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')",
    )
    .unwrap();
    let mut owner = Browser::of(&w, "owner-a");
    let not_supported = json!({ "message": "Provider credential is not supported.", "code": "PROVIDER_NOT_SUPPORTED" });
    for path in ["/get-access-token", "/refresh-token"] {
        assert_eq!(owner.post(path, json!({ "accountId": "acc" })), (400, not_supported.clone()));
    }
    assert_eq!(code(owner.get("/account-info?accountId=acc")), refused(400, "PROVIDER_NOT_CONFIGURED"));
}

/// zod 4.5.4 itself.
#[test]
fn an_account_is_chosen_in_one_way_and_no_other() {
    let (w, _) = world(&[]);
    let mut owner = Browser::of(&w, "owner-a");
    for (body, message) in [
        (json!({}), "[body] Invalid input"),
        (json!([]), "[body] Invalid input"),
        (json!({ "accountId": 1 }), "[body] Invalid input"),
        (json!({ "accountId": "a", "useAccountCookie": true }), "[body] Invalid input"),
        (json!({ "accountId": "a", "userId": 1 }), "[body] Invalid input"),
        (json!({ "useAccountCookie": "true" }), "[body] Invalid input"),
        (json!({ "accountId": "a", "x": 1 }), "[body] Unrecognized key: \"x\""),
        (json!({ "useAccountCookie": true, "x": 1 }), "[body] Unrecognized key: \"x\""),
        (json!({ "accountId": "a", "x": 1, "y": 1 }), "[body] Unrecognized keys: \"x\", \"y\""),
    ] {
        assert_eq!(owner.post("/refresh-token", body).1["message"], message);
    }
    assert_eq!(owner.get("/account-info").1["message"], "[query] Invalid input");
}

/// zod 4.5.4 itself.
#[test]
fn what_is_wrong_with_a_request_to_leave_is_said_in_zods_words() {
    let (w, _) = world(&[]);
    let body = json!({
        "scopes": ["a", 1], "idToken": {}, "additionalParams": { "q": 1 }, "additionalData": [], "disableRedirect": 1,
    });
    assert_eq!(
        Browser::new(&w).post("/sign-in/social", body).1["message"],
        "[body.provider] Invalid input; [body.disableRedirect] Invalid input: expected boolean, received number; \
         [body.idToken.token] Invalid input: expected string, received undefined; \
         [body.scopes.1] Invalid input: expected string, received number; \
         [body.additionalParams.q] Invalid input: expected string, received number; \
         [body.additionalData] Invalid input: expected record, received array"
    );
    let reserved = json!({ "provider": "acme", "additionalParams": { "state": "x" }, "scopes": "a" });
    assert_eq!(
        Browser::new(&w).post("/sign-in/social", reserved).1["message"],
        "[body.scopes] Invalid input: expected array, received string; \
         [body.additionalParams] additionalParams cannot include reserved OAuth parameters: state, client_id, \
         redirect_uri, response_type, code_challenge, code_challenge_method, nonce, scope"
    );
}
