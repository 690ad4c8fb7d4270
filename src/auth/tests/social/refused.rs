//! Each attack on a sign-in, named after what it would get.
use super::{Browser, come_back, has_session, issuer::NOW_S, leave, place, sign_in, world};
use crate::{
    access::{App, Databases},
    auth::tests::{code, refused},
    db::{Rows, Sql, SqlError, Statement, sqlite::Sqlite},
    routes,
};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use std::{cell::Cell, rc::Rc};

#[test]
fn a_victim_is_not_signed_in_as_the_attacker_by_a_foreign_state() {
    let (w, issuer) = world(&[]);
    let (mut eve, mut ada) = (Browser::new(&w), Browser::new(&w));
    let trap = issuer.authorize(&leave(&mut eve, "acme"));
    assert_eq!(place(&come_back(&mut ada, &trap)), "/sorry?error=state_mismatch");
    leave(&mut ada, "acme");
    assert_eq!(place(&come_back(&mut ada, &trap)), "/sorry?error=state_mismatch", "her own state is another");
    assert!(!has_session(&ada));
    assert_eq!(place(&come_back(&mut eve, &trap)), "/welcome", "nor has the victim spoiled it");
}

#[test]
fn a_state_is_good_once() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    let url = leave(&mut ada, "acme");
    let cookies = ada.cookies.clone();
    let back = issuer.authorize(&url);
    assert_eq!(place(&come_back(&mut ada, &back)), "/welcome");
    let mut replayed = Browser { world: &w, cookies };
    let another_code = issuer.authorize(&url);
    for path in [back, another_code] {
        let error = "http://localhost:8787/api/auth/error?error=state_mismatch";
        assert_eq!(place(&come_back(&mut replayed, &path)), error);
    }
    assert!(!has_session(&replayed));
}

#[test]
fn a_state_is_good_for_ten_minutes() {
    let (mut w, issuer) = world(&[]);
    let later = w.app.now.plus_s(601);
    let mut ada = Browser::new(&w);
    let back = issuer.authorize(&leave(&mut ada, "acme"));
    let cookies = ada.cookies;
    w.app.now = later;
    assert_eq!(place(&come_back(&mut Browser { world: &w, cookies }, &back)), "/sorry?error=state_mismatch");
}

#[test]
fn a_state_that_was_never_made_or_is_absurd_opens_nothing() {
    let (w, _) = world(&[]);
    let error = |code: &str| format!("http://localhost:8787/api/auth/error?error={code}");
    let mut ada = Browser::new(&w);
    assert_eq!(place(&come_back(&mut ada, "/callback/acme?code=x")), error("state_not_found"));
    for state in ["x".to_owned(), "x".repeat(5000)] {
        ada.cookies.insert("better-auth.state".into(), crate::api::cookie::sign(&state, &w.app.config.secret));
        assert_eq!(
            place(&come_back(&mut ada, &format!("/callback/acme?code=x&state={state}"))),
            error("state_mismatch")
        );
    }
    assert_eq!(come_back(&mut ada, "/callback/acme?state=a&state=b").status, 400);
}

#[test]
fn another_issuers_code_is_not_exchanged() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    let mut back = |change: &dyn Fn(String) -> String| {
        issuer.asked.borrow_mut().clear();
        let path = change(issuer.authorize(&leave(&mut ada, "acme")));
        let answer = place(&come_back(&mut ada, &path));
        assert!(issuer.asked.borrow().iter().all(|(url, _)| !url.contains("/token")), "{path}");
        answer
    };
    let iss = "&iss=https%3A%2F%2Fid.acme.co";
    let from_evil = |path: String| path.replace(iss, "&iss=https%3A%2F%2Fid.evil.co");
    assert_eq!(back(&from_evil), "/sorry?error=issuer_mismatch");
    assert_eq!(back(&|path| path.replace(iss, "")), "/sorry?error=issuer_missing");
    let elsewhere = |path: String| path.replace("/callback/acme", "/callback/other").replace(iss, "");
    assert_eq!(back(&elsewhere), "/sorry?error=state_mismatch");
    assert_eq!(back(&|path| path.replace("code=", "no=")), "/sorry?error=no_code");
    let denied = |path: String| path.replace("code=", "error=access_denied&error_description=No%20%26%20no&x=");
    assert_eq!(back(&denied), "/sorry?error=access_denied&error_description=No+%26+no");
    assert!(!has_session(&ada));
}

#[test]
fn a_stolen_code_is_of_no_use_in_another_session() {
    let (w, issuer) = world(&[]);
    let (mut ada, mut eve) = (Browser::new(&w), Browser::new(&w));
    let stolen = issuer.authorize(&leave(&mut ada, "acme"));
    let own = issuer.authorize(&leave(&mut eve, "acme"));
    let code_of = |path: &str| path.split(['=', '&']).nth(1).unwrap().to_owned();
    let injected = own.replace(&code_of(&own), &code_of(&stolen));
    assert_eq!(place(&come_back(&mut eve, &injected)), "/sorry?error=invalid_code");
    assert!(!has_session(&eve));
}

#[test]
fn an_id_token_that_is_not_the_issuers_for_us_now_is_no_ones() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    let mut attempt = |claims: Value, header: Value, key: Value| {
        let mut says = issuer.says.borrow_mut();
        says.claims = json!({ "email": "ada@x.co", "email_verified": true });
        super::issuer::merge(&mut says.claims, &claims);
        (says.header, says.key) = (header, key);
        drop(says);
        let body = json!({ "provider": "acme", "idToken": { "token": issuer.id_token(&claims) } });
        code(ada.post("/sign-in/social", body))
    };
    let (good, no) = (json!({ "alg": "ES256", "kid": "k" }), json!({}));
    for claims in [
        json!({ "iss": "https://id.evil.co" }),
        json!({ "iss": null }),
        json!({ "aud": "them" }),
        json!({ "aud": null }),
        json!({ "aud": ["them"] }),
        json!({ "aud": ["us", "them"] }),
        json!({ "aud": ["us", "them"], "azp": "them" }),
        json!({ "exp": NOW_S - 31 }),
        json!({ "exp": null }),
        json!({ "exp": "9999999999" }),
        json!({ "iat": NOW_S + 60 }),
        json!({ "iat": null }),
        json!({ "nbf": NOW_S + 60 }),
    ] {
        assert_eq!(attempt(claims.clone(), good.clone(), no.clone()), refused(401, "INVALID_TOKEN"), "{claims}");
    }
    for (header, key) in [
        (json!({ "alg": "none" }), no.clone()),
        (json!({ "alg": "HS256", "kid": "k" }), no.clone()),
        (json!({ "alg": "RS256", "kid": "k" }), no.clone()),
        (json!({ "alg": "ES256", "kid": "other" }), no.clone()),
        (json!({ "alg": "ES256", "kid": "k", "crit": ["x"] }), no.clone()),
        (good.clone(), json!({ "use": "enc" })),
        (good.clone(), json!({ "alg": "ES384" })),
        (good.clone(), json!({ "crv": "P-384" })),
        (good.clone(), json!({ "x": "AAAA" })),
    ] {
        assert_eq!(attempt(json!({}), header.clone(), key.clone()), refused(401, "INVALID_TOKEN"), "{header} {key}");
    }
    for token in ["", "a", "a.b", "a.b.c", "....", "e30.e30.", &"a".repeat(40_000)] {
        let body = json!({ "provider": "acme", "idToken": { "token": token } });
        assert_eq!(code(Browser::new(&w).post("/sign-in/social", body)), refused(401, "INVALID_TOKEN"));
    }
    assert_eq!(attempt(json!({ "aud": ["us", "them"], "azp": "us" }), good.clone(), no.clone()).0, 200);
    assert_eq!(attempt(json!({ "exp": NOW_S - 29 }), json!({ "alg": "ES256" }), no).0, 200, "the only key");
}

#[test]
fn a_signature_of_another_key_is_no_signature() {
    let (w, issuer) = world(&[]);
    let forged = super::issuer::Issuer::new().id_token(&json!({}));
    let body = json!({ "provider": "acme", "idToken": { "token": forged } });
    assert_eq!(code(Browser::new(&w).post("/sign-in/social", body)), refused(401, "INVALID_TOKEN"));
    let good = issuer.id_token(&json!({}));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let mut parts: Vec<_> = signed.split('.').collect();
    let claims = json!({ "iss": "https://id.acme.co", "sub": "s-2", "aud": "us", "iat": NOW_S, "exp": NOW_S + 600 });
    use base64::Engine;
    let other = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims.to_string());
    parts[1] = &other;
    let body = json!({ "provider": "acme", "idToken": { "token": format!("{}.{signature}", parts.join(".")) } });
    assert_eq!(code(Browser::new(&w).post("/sign-in/social", body)), refused(401, "INVALID_TOKEN"));
}

#[test]
fn an_id_token_of_another_request_is_not_this_ones() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    issuer.says.borrow_mut().tokens = json!({ "id_token": issuer.id_token(&json!({ "nonce": "another" })) });
    assert_eq!(sign_in(&mut ada, &issuer, "acme"), "/sorry?error=unable_to_get_user_info");
    issuer.says.borrow_mut().tokens = json!({ "id_token": null });
    assert_eq!(sign_in(&mut ada, &issuer, "acme"), "/sorry?error=unable_to_get_user_info", "nor is there none");
    assert!(!has_session(&ada));
}

#[test]
fn an_address_that_no_one_has_verified_takes_no_one_over() {
    for (provider_says, locally, more, place) in [
        (json!(false), 1, &[][..], "/sorry?error=account_not_linked"),
        (json!("false"), 1, &[], "/sorry?error=account_not_linked"),
        (json!(null), 1, &[], "/sorry?error=account_not_linked"),
        (json!(true), 0, &[], "/sorry?error=account_not_linked"),
        (json!(false), 0, &[("TRUSTED_PROVIDERS", "acme")], "/sorry?error=account_not_linked"),
        (json!(true), 1, &[("ACCOUNT_LINKING", "false")], "/sorry?error=account_not_linked"),
        (json!(true), 1, &[("DISABLE_IMPLICIT_LINKING", "true")], "/sorry?error=account_not_linked"),
        (json!(true), 1, &[], "/home"),
        (json!(false), 1, &[("TRUSTED_PROVIDERS", "acme")], "/home"),
    ] {
        let (w, issuer) = world(more);
        w.db.execute(&format!("update user set emailVerified = {locally} where id = 'u-owner-a'")).unwrap();
        let before = w.db.dump();
        issuer.says.borrow_mut().claims = json!({ "email": "Owner-A@x.co", "email_verified": provider_says });
        let mut browser = Browser::new(&w);
        assert_eq!(sign_in(&mut browser, &issuer, "acme"), place, "{provider_says} {locally} {more:?}");
        if place == "/home" {
            assert_eq!(browser.get("/get-session").1["user"]["id"], "u-owner-a");
        } else {
            assert_eq!(w.db.dump(), before);
            let token = json!({ "token": issuer.id_token(&json!({})) });
            let (status, body) = browser.post("/sign-in/social", json!({ "provider": "acme", "idToken": token }));
            let expected = json!({ "message": "account not linked", "code": "OAUTH_LINK_ERROR" });
            assert_eq!((status, body), (401, expected));
        }
    }
}

#[test]
fn no_one_is_sent_to_where_an_attacker_wants_him() {
    let (w, _) = world(&[]);
    for (path, mut browser) in [("/sign-in/social", Browser::new(&w)), ("/link-social", Browser::of(&w, "owner-a"))] {
        for (field, code_) in [
            ("callbackURL", "INVALID_CALLBACK_URL"),
            ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
            ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
        ] {
            for url in ["https://evil.co/x", "//evil.co", "/\\evil.co", "javascript:alert(1)", "/%2fevil.co"] {
                let body = json!({ "provider": "acme", field: url });
                assert_eq!(code(browser.post(path, body)), refused(403, code_), "{path} {field} {url}");
            }
        }
        let body = json!({ "provider": "acme", "additionalParams": { "redirect_uri": "https://evil.co" } });
        assert_eq!(code(browser.post(path, body)), refused(400, "VALIDATION_ERROR"));
    }
    assert_eq!(w.db.query("select * from verification"), Vec::<String>::new());
}

#[test]
fn a_provider_that_is_not_who_it_says_or_whose_ways_are_not_secure_is_none() {
    for change in [
        json!({ "issuer": "https://id.evil.co" }),
        json!({ "issuer": null }),
        json!({ "authorization_endpoint": "http://id.acme.co/authorize" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "token_endpoint": "http://id.acme.co/token" }),
        json!({ "jwks_uri": "http://localhost.evil.co/keys" }),
        json!({ "jwks_uri": null }),
    ] {
        let (w, issuer) = world(&[("ENVIRONMENT", "development")]);
        super::issuer::merge(&mut issuer.says.borrow_mut().discovery, &change);
        let answer = Browser::new(&w).post("/sign-in/social", json!({ "provider": "acme" }));
        assert_eq!(code(answer), refused(404, "PROVIDER_NOT_FOUND"), "{change}");
    }
    let (w, _) = world(&[]);
    let answer = Browser::new(&w).post("/sign-in/social", json!({ "provider": "gogle" }));
    assert_eq!(code(answer), refused(404, "PROVIDER_NOT_FOUND"));
}

/// A database in which a script runs between a callback's two batches.
struct Interrupted {
    db: Rc<Sqlite>,
    script: Cell<Option<&'static str>>,
    batches: Cell<usize>,
}

impl Sql for Interrupted {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, SqlError>> {
        if self.batches.replace(self.batches.get() + 1) == 1 {
            self.db.execute(self.script.take().unwrap()).unwrap();
        }
        self.db.batch(statements)
    }
}

#[test]
fn whoever_was_quicker_meanwhile_is_not_doubled_nor_taken_over() {
    const NOW: &str = "'2026-01-02T03:04:05.678Z'";
    let user = "insert into user values ('quick', 'Quick', 'ada@x.co', 0, null, '2026', '2026')";
    let account = "insert into user values ('quick', 'Quick', 'quick@x.co', 1, null, '2026-01-02T03:04:05.678Z',
            '2026-01-02T03:04:05.678Z');
        insert into account (id, accountId, providerId, userId, createdAt, updatedAt)
            values ('acc', 's-1', 'acme', 'quick', '2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z')";
    for (script, expected, users) in
        [(user, "/sorry?error=account_not_linked", "quick|0"), (account, "/home", "quick|1")]
    {
        let (w, issuer) = world(&[]);
        let mut ada = Browser::new(&w);
        let back = issuer.authorize(&leave(&mut ada, "acme"));
        let sql = Interrupted { db: w.db.clone(), script: Cell::new(Some(script)), batches: Cell::new(0) };
        let app = App::new(
            Databases { sql: Rc::new(sql), stores: w.stores.clone() },
            issuer.clone(),
            None,
            w.app.config.clone(),
            w.app.random,
            w.app.runtime,
            w.app.now,
        );
        let (answer, _) = pollster::block_on(routes::answer(&app, &ada.request("GET", &back, &Value::Null)));
        assert_eq!(place(&answer), expected, "{NOW}");
        let query =
            "select id, (select count(*) from session where userId = user.id) from user where id not like 'u-%'";
        assert_eq!(w.db.query(query), [users]);
    }
}
