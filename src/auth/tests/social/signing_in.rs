//! Who comes in, and what he finds.
use super::{Browser, come_back, has_session, leave, place, sign_in, world};
use crate::auth::tests::{calls, code, cookies, refused};
use serde_json::{Value, json};

#[test]
fn someone_new_gets_a_user_an_account_a_session_and_an_organization_in_one_batch() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    let (away, url) = calls(&w, || leave(&mut ada, "acme"));
    let back = issuer.authorize(&url);
    let (here, answer) = calls(&w, || come_back(&mut ada, &back));
    assert_eq!((away, here, place(&answer).as_str()), (1, 2, "/welcome"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(cookies(&answer)[0].starts_with("better-auth.state=; Max-Age=0;"), "{:?}", cookies(&answer));
    let (_, found) = ada.get("/get-session");
    let user = json!({ "name": "Ada", "email": "ada@x.co", "emailVerified": true, "image": "https://x.co/a" });
    for field in ["name", "email", "emailVerified", "image"] {
        assert_eq!(found["user"][field], user[field]);
    }
    assert!(found["session"]["activeOrganizationId"].is_string() && found["session"]["activeTeamId"].is_string());
    let account = "select providerId, accountId, accessToken, refreshToken, idToken is not null, scope,
        accessTokenExpiresAt, refreshTokenExpiresAt, password from account";
    assert_eq!(w.db.query(account), ["acme|s-1|access-1|refresh-1|1|openid,email|2026-01-02T04:04:05.678Z|null|null"]);
    assert_eq!(w.db.query("select count(*) from verification"), ["0"]);
}

#[test]
fn who_comes_again_is_the_same_user_whatever_his_address_is_now() {
    let (w, issuer) = world(&[]);
    sign_in(&mut Browser::new(&w), &issuer, "acme");
    let before = w.db.query("select id, name, email from user where email = 'ada@x.co'");
    issuer.says.borrow_mut().claims = json!({ "email": "owner-a@x.co", "email_verified": true, "name": "Lovelace" });
    issuer.says.borrow_mut().tokens = json!({ "access_token": "access-2", "refresh_token": null, "scope": "openid" });
    let mut again = Browser::new(&w);
    assert_eq!(sign_in(&mut again, &issuer, "acme"), "/home");
    assert_eq!(w.db.query("select id, name, email from user where email = 'ada@x.co'"), before);
    assert_eq!(again.get("/get-session").1["user"]["email"], "ada@x.co");
    let organizations = "select count(*) from organization where id not in ('a', 'b')";
    assert_eq!(w.db.query(organizations), ["1"], "he is not founded twice");
    let tokens = "select accessToken, refreshToken, scope from account";
    assert_eq!(w.db.query(tokens), ["access-2|refresh-1|openid,email"], "what he has consented to stays");
}

#[test]
fn the_url_has_what_the_reference_sends_and_keeps_the_endpoints_own_query() {
    let (w, _) = world(&[("BETTER_AUTH_URL", "https://api.example.com")]);
    let mut ada = Browser::new(&w);
    let body = json!({
        "provider": "acme", "scopes": ["calendar"], "loginHint": "ada@x.co", "disableRedirect": true,
        "additionalParams": { "prompt": "login", "login_hint": "eve@x.co" },
    });
    let mut request = ada.request("POST", "/sign-in/social", &body);
    request.headers.retain(|(name, _)| name != "origin");
    let answer = ada.answer(&request);
    assert_eq!(answer.header("location"), None);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["redirect"], false);
    let url = body["url"].as_str().unwrap().to_owned();
    let (endpoint, query) = url.split_once('?').unwrap();
    let names: Vec<_> = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.into_owned()).collect();
    assert_eq!(
        (endpoint, names.join(" ").as_str()),
        (
            "https://id.acme.co/authorize",
            "tenant response_type client_id state scope redirect_uri login_hint nonce code_challenge_method \
             code_challenge prompt"
        )
    );
    assert!(query.starts_with("tenant=a%20b&response_type=code&client_id=us&state="), "{query}");
    for part in [
        "&scope=calendar+openid+email+profile&",
        "&redirect_uri=https%3A%2F%2Fapi.example.com%2Fapi%2Fauth%2Fcallback%2Facme&",
        "&login_hint=eve%40x.co&",
    ] {
        assert!(query.contains(part), "{query}");
    }
    let cookie = cookies(&answer)[0].to_owned();
    assert!(
        cookie.starts_with("__Secure-better-auth.state=") && cookie.contains("; Max-Age=300; Path=/; HttpOnly; Secure")
    );
    let row = w.db.query("select identifier, value, expiresAt from verification").remove(0);
    for part in ["auth-state:", "\"callbackURL\":\"https://api.example.com\"", "|2026-01-02T03:14:05.678Z"] {
        assert!(row.contains(part), "{row}");
    }
}

#[test]
fn an_id_token_that_the_app_has_got_by_itself_signs_in_at_once() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    let token = issuer.id_token(&json!({ "nonce": "mine" }));
    let body = |nonce: &str| {
        let id_token = json!({ "token": token, "nonce": nonce, "accessToken": "access-9", "refreshToken": "no" });
        json!({ "provider": "acme", "idToken": id_token })
    };
    assert_eq!(code(ada.post("/sign-in/social", body("another"))), refused(401, "INVALID_TOKEN"));
    let (round_trips, (status, answer)) = calls(&w, || ada.post("/sign-in/social", body("mine")));
    assert_eq!((round_trips, status, &answer["redirect"]), (1, 200, &json!(false)));
    assert_eq!(answer["user"]["email"], "ada@x.co");
    assert_eq!(ada.get("/get-session").1["session"]["token"], answer["token"]);
    assert_eq!(w.db.query("select accessToken, refreshToken, scope from account"), ["access-9|null|null"]);
    let github = json!({ "provider": "github", "idToken": { "token": token } });
    assert_eq!(code(ada.post("/sign-in/social", github)), refused(404, "ID_TOKEN_NOT_SUPPORTED"));
}

#[test]
fn who_closed_his_browser_on_purpose_stays_forgotten() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    ada.cookies.insert("better-auth.dont_remember".into(), crate::api::cookie::sign("true", &w.app.config.secret));
    let back = issuer.authorize(&leave(&mut ada, "acme"));
    let answer = come_back(&mut ada, &back);
    let session = cookies(&answer).into_iter().find(|cookie| cookie.contains("session_token")).unwrap().to_owned();
    assert!(!session.contains("Max-Age"), "{session}");
    let end = "select expiresAt from session where userId not like 'u-%'";
    assert_eq!(w.db.query(end), ["2026-01-03T03:04:05.678Z"]);
}

#[test]
fn a_provider_that_makes_no_users_makes_none_and_one_that_waits_to_be_asked_waits() {
    let (w, issuer) = world(&[("DISABLE_SOCIAL_SIGN_UP", "acme"), ("DISABLE_IMPLICIT_SIGN_UP", "github")]);
    let before = w.db.query("select id from user");
    let mut ada = Browser::new(&w);
    assert_eq!(sign_in(&mut ada, &issuer, "acme"), "/sorry?error=signup_disabled");
    issuer.says.borrow_mut().userinfo = json!({ "id": 7, "login": "ada" });
    assert_eq!(sign_in(&mut ada, &issuer, "github"), "/sorry?error=signup_disabled");
    assert_eq!(w.db.query("select id from user"), before);
    let body = json!({ "provider": "github", "callbackURL": "/home", "requestSignUp": true });
    let url = ada.post("/sign-in/social", body).1["url"].as_str().unwrap().to_owned();
    assert_eq!(place(&come_back(&mut ada, &issuer.authorize(&url))), "/home");
    assert!(has_session(&ada));
}

#[test]
fn no_session_without_a_verified_address_where_one_is_required() {
    let (w, issuer) = world(&[("REQUIRE_EMAIL_VERIFICATION", "true")]);
    issuer.says.borrow_mut().claims = json!({ "email": "ada@x.co", "email_verified": false });
    let mut ada = Browser::new(&w);
    assert_eq!(sign_in(&mut ada, &issuer, "acme"), "/sorry?error=email_not_verified");
    assert!(!has_session(&ada));
    let token = issuer.id_token(&json!({}));
    let by_token = json!({ "provider": "acme", "idToken": { "token": token } });
    assert_eq!(code(ada.post("/sign-in/social", by_token)), refused(403, "EMAIL_NOT_VERIFIED"));
    issuer.says.borrow_mut().claims = json!({ "email": "ada@x.co", "email_verified": true });
    assert_eq!(sign_in(&mut ada, &issuer, "acme"), "/home", "now the provider has seen to it");
    assert!(has_session(&ada));
    assert_eq!(w.db.query("select emailVerified from user where email = 'ada@x.co'"), ["1"]);
}

#[test]
fn a_form_is_sent_on_to_where_the_browser_brings_its_cookies() {
    let (w, _) = world(&[]);
    let mut ada = Browser::new(&w);
    let mut request = ada.request("POST", "/callback/acme?state=s%20s", &Value::Null);
    request.headers.retain(|(name, _)| name != "content-type");
    request.headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
    request.body = b"code=c&state=other&junk=1&error_description=a%26b".to_vec();
    let answer = ada.answer(&request);
    assert_eq!(place(&answer), "http://localhost:8787/api/auth/callback/acme?code=c&error_description=a%26b&state=s+s");
}
