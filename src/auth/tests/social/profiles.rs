//! Google and GitHub, as their documents describe them, and issuers that keep addresses out of id tokens.
use super::{Browser, issuer::NOW_S, leave, sign_in, world};
use serde_json::{Value, json};

fn users(browser: &mut Browser<'_>) -> Value {
    browser.get("/get-session").1["user"].clone()
}

#[test]
fn google_is_asked_as_the_reference_asks_and_its_id_token_verified() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    let url = leave(&mut ada, "google");
    assert!(url.starts_with("https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=us&state="));
    assert!(url.contains("&scope=email+profile+openid&") && url.ends_with("&include_granted_scopes=true"), "{url}");
    issuer.says.borrow_mut().claims =
        json!({ "iss": "https://accounts.google.com", "email": "ada@x.co", "email_verified": true, "name": "Ada" });
    assert_eq!(sign_in(&mut ada, &issuer, "google"), "/welcome");
    assert_eq!(users(&mut ada)["name"], "Ada");
    for claims in [json!({ "iss": "https://id.acme.co" }), json!({ "iat": NOW_S - 3700 })] {
        super::issuer::merge(&mut issuer.says.borrow_mut().claims, &claims);
        assert_eq!(sign_in(&mut ada, &issuer, "google"), "/sorry?error=unable_to_get_user_info", "{claims}");
    }
}

#[test]
fn github_is_asked_for_the_user_and_his_addresses() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    let url = leave(&mut ada, "github");
    assert!(url.starts_with("https://github.com/login/oauth/authorize?response_type=code&client_id=us&state="));
    assert!(url.contains("&scope=read%3Auser+user%3Aemail&") && !url.contains("nonce"), "{url}");
    issuer.says.borrow_mut().userinfo = json!({ "id": 7, "login": "ada", "avatar_url": "https://x.co/7" });
    issuer.says.borrow_mut().tokens = json!({ "scope": "read:user,user:email", "id_token": null });
    assert_eq!(sign_in(&mut ada, &issuer, "github"), "/welcome");
    let user = users(&mut ada);
    assert_eq!(
        (&user["name"], &user["email"], &user["emailVerified"]),
        (&json!("ada"), &json!("ada@x.co"), &json!(true))
    );
    assert_eq!(w.db.query("select accountId from account"), ["7"]);
    issuer.says.borrow_mut().tokens = json!({ "error": "bad_verification_code" });
    assert_eq!(sign_in(&mut ada, &issuer, "github"), "/sorry?error=invalid_code", "which GitHub says with 200");
}

#[test]
fn an_address_that_is_not_in_the_id_token_is_asked_for_and_must_be_of_the_same_subject() {
    let (w, issuer) = world(&[]);
    let mut ada = Browser::new(&w);
    issuer.says.borrow_mut().claims = json!({});
    issuer.says.borrow_mut().userinfo = json!({ "sub": "s-2", "email": "eve@x.co", "email_verified": true });
    assert_eq!(sign_in(&mut ada, &issuer, "acme"), "/sorry?error=unable_to_get_user_info");
    issuer.says.borrow_mut().userinfo = json!({ "sub": "s-1" });
    assert_eq!(sign_in(&mut ada, &issuer, "acme"), "/sorry?error=email_not_found");
    issuer.says.borrow_mut().userinfo = json!({ "sub": "s-1", "email": "ada@x.co", "email_verified": true });
    assert_eq!(sign_in(&mut ada, &issuer, "acme"), "/welcome");
    assert_eq!(users(&mut ada)["email"], "ada@x.co");
}

#[test]
fn the_secret_goes_in_the_form_where_the_issuer_takes_it_there_and_else_in_a_header() {
    let (w, issuer) = world(&[]);
    let form = |methods: Value| {
        issuer.says.borrow_mut().discovery["token_endpoint_auth_methods_supported"] = methods;
        issuer.asked.borrow_mut().clear();
        sign_in(&mut Browser::new(&w), &issuer, "acme");
        let asked = issuer.asked.borrow();
        let (_, form) = asked.iter().find(|(url, _)| url.ends_with("/token")).unwrap();
        (form.contains_key("client_id"), form.contains_key("client_secret"))
    };
    assert_eq!(form(json!(["client_secret_basic", "client_secret_post"])), (true, true));
    assert_eq!(form(json!(["client_secret_basic"])), (false, false));
    assert_eq!(form(Value::Null), (false, false));
    assert!(w.db.query("select count(*) from session where userId not like 'u-%'") == ["3"]);
}
