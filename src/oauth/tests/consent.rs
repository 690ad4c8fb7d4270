//! What a person is asked, and what counts as his answer.
use super::*;
use crate::house::world::NOW;

/// The word of OAuth on a page that refuses, and its status.
fn refused(response: &Response) -> (u16, String) {
    let text = text_of(response);
    assert!(text.contains("Nothing was granted") && response.header("location").is_none(), "{text}");
    let word = text.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
    (response.status.as_u16(), word.to_owned())
}

#[test]
fn a_request_that_is_not_whole_is_refused_on_a_page_and_nobody_is_sent_anywhere() {
    let w = World::new();
    let client = registered(&w);
    let good = asked(&client);
    let before = w.db.dump();
    let long = "a".repeat(2049);
    for (name, value, expected) in [
        ("response_type", None, "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge", Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("resource", None, "invalid_target"),
        ("resource", Some("http://localhost:8787"), "invalid_target"),
        ("resource", Some("http://localhost:8787/mcp/"), "invalid_target"),
        ("resource", Some("https://evil.co/mcp"), "invalid_target"),
        ("scope", Some("dataset:fly"), "invalid_scope"),
        ("scope", Some("apiKey:create"), "invalid_scope"),
        ("scope", Some("member:delete"), "invalid_scope"),
        ("scope", Some("oauthGrant:read"), "invalid_scope"),
        ("state", Some(&long), "invalid_request"),
        ("client_id", None, "invalid_request"),
        ("redirect_uri", None, "invalid_request"),
        ("redirect_uri", Some("http://127.0.0.1:33418/other"), "invalid_request"),
        ("redirect_uri", Some("http://127.0.0.1.evil.com/callback"), "invalid_request"),
        ("redirect_uri", Some("https://evil.co/callback"), "invalid_request"),
    ] {
        assert_eq!(
            refused(&page(&w, "owner-a", &but(good.clone(), name, value))),
            (400, expected.into()),
            "{name} {value:?}"
        );
    }
    assert_eq!(
        refused(&page(&w, "owner-a", &but(good.clone(), "client_id", Some("oc_unknown")))),
        (401, "invalid_client".into())
    );
    let twice = [good.clone(), vec![("state", "x".to_owned())]].concat();
    assert_eq!(refused(&page(&w, "owner-a", &twice)), (400, "invalid_request".into()));
    assert_eq!(w.db.dump(), before);
    assert_eq!(page(&w, "owner-a", &good).status, 200);
}

#[test]
fn the_page_names_who_asks_for_what_and_runs_nothing() {
    let w = World::new();
    w.db.execute(&format!("insert into member values ('m2', 'b', 'u-owner-a', 'member', '{NOW}')")).unwrap();
    let client = registered(&w);
    let before = w.db.calls.get();
    let page = page(&w, "owner-a", &asked(&client));
    assert_eq!(w.db.calls.get() - before, 1);
    let text = text_of(&page);
    for part in [
        "<strong><bdi>Desk &lt;b&gt;</bdi></strong>",
        "<strong>owner-a@x.co</strong>",
        "<strong>127.0.0.1:33418</strong>",
        "<li>Datasets: create, read</li>",
        "<option value=\"a\" selected>A</option><option value=\"b\">B</option>",
        "<option value=\"read\" selected>",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("<script") && !text.contains("Desk <b>"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'; base-uri 'none'"), "{policy}");
    let headers = ["x-frame-options", "cache-control", "referrer-policy"].map(|name| page.header(name).unwrap());
    assert_eq!(headers, ["DENY", "no-store", "same-origin"]);
}

#[test]
fn the_page_warns_of_automations_unless_they_are_only_read() {
    let w = World::new();
    let client = registered(&w);
    for (scope, warns) in [
        ("automation:create", true),
        ("dataset:read automation:update", true),
        ("automation:run", true),
        ("dataset:read automation:read", false),
        ("dataset:create dashboard:delete", false),
    ] {
        let page = page(&w, "owner-a", &but(asked(&client), "scope", Some(scope)));
        assert_eq!(text_of(&page).contains("Automations act when nobody is there"), warns, "{scope}");
    }
}

#[test]
fn the_application_gets_a_code_with_state_and_issuer_or_that_it_was_denied() {
    let w = World::new();
    let client = registered(&w);
    let page = page(&w, "owner-a", &asked(&client));
    let before = w.db.calls.get();
    let response = decided(&w, "owner-a", &page, "a", &[("decision", "allow")]);
    assert_eq!(w.db.calls.get() - before, 2);
    let answer = answered(&response);
    let [(code_, code), state, issuer] = <[_; 3]>::try_from(answer).unwrap();
    assert_eq!((&*code_, code.len()), ("code", 52));
    assert_eq!([state, issuer], [("state", "st&te"), ("iss", ORIGIN)].map(|(n, v)| (n.to_owned(), v.to_owned())));
    let before = w.db.dump();
    for decision in ["deny", "", "ALLOW"] {
        let answer = answered(&decided(&w, "owner-a", &page, "a", &[("decision", decision)]));
        assert_eq!(answer.first().unwrap(), &("error".to_owned(), "access_denied".to_owned()));
        assert_eq!(answer.len(), 3);
    }
    assert_eq!(w.db.dump(), before);
}

#[test]
fn a_decision_counts_only_from_the_page_that_this_person_was_asked_on() {
    let w = World::new();
    let (client, other) = (registered(&w), registered(&w));
    let page_ = page(&w, "owner-a", &asked(&client));
    let before = w.db.dump();
    let allow = ("decision", "allow");
    let denied = (403, "access_denied".to_owned());
    for seal in [
        "",
        "x",
        &field(&page(&w, "admin-a", &asked(&client)), "seal"),
        &field(&page(&w, "owner-a", &asked(&other)), "seal"),
    ] {
        assert_eq!(refused(&decided(&w, "owner-a", &page_, "a", &[allow, ("seal", seal)])), denied, "{seal}");
    }
    // Asking for more than was shown.
    let more = page(&w, "owner-a", &but(asked(&client), "scope", Some("dataset:read dataset:delete")));
    let request = field(&more, "request");
    assert_eq!(refused(&decided(&w, "owner-a", &page_, "a", &[allow, ("request", &request)])), denied);
    // Another person's page, and nobody's.
    assert_eq!(refused(&decided(&w, "admin-a", &page_, "a", &[allow])), denied);
    for nobody in ["nobody", "expired-a"] {
        let response = decided(&w, nobody, &page_, "a", &[allow]);
        assert_eq!((response.status.as_u16(), text_of(&response).contains("<title>Sign in</title>")), (401, true));
    }
    // From a page of another origin, or none that a browser vouches for.
    for origin in [None, Some("https://evil.co"), Some("null")] {
        let mut request = w.request("owner-a", "POST", "/oauth/authorize", Value::Null);
        request.headers.retain(|(name, _)| name != "origin");
        request.headers.extend(origin.map(|origin| ("origin".to_owned(), origin.to_owned())));
        let (asked, seal) = (field(&page_, "request"), field(&page_, "seal"));
        let form = [("request", asked.as_str()), ("seal", &seal), ("organization", "a"), allow];
        assert_eq!(w.answer(&posted(request, &form)).status, 403, "{origin:?}");
    }
    assert_eq!(w.db.dump(), before);
    assert_eq!(decided(&w, "owner-a", &page_, "a", &[allow]).status, 303);
}

#[test]
fn only_a_member_may_choose_an_organization() {
    let w = World::new();
    let client = registered(&w);
    let page = page(&w, "owner-a", &asked(&client));
    let before = w.db.dump();
    for organization in ["b", "b-inc", "a-inc", "nowhere", ""] {
        let response = decided(&w, "owner-a", &page, organization, &[("decision", "allow")]);
        assert_eq!(refused(&response), (403, "access_denied".into()), "{organization}");
    }
    let removed = super::page(&w, "removed-a", &asked(&client));
    assert!(!text_of(&removed).contains("<option value=\"a\""));
    assert_eq!(
        refused(&decided(&w, "removed-a", &removed, "a", &[("decision", "allow")])),
        (403, "access_denied".into())
    );
    assert_eq!(w.db.dump(), before);
}

#[test]
fn a_person_may_grant_less_than_is_asked_for_and_without_a_wish_reading_is_granted() {
    let w = World::new();
    let client = registered(&w);
    let granted = |scope: Option<&str>, access: &str| {
        let page = page(&w, "owner-a", &but(asked(&client), "scope", scope));
        let answer = answered(&decided(&w, "owner-a", &page, "a", &[("decision", "allow"), ("access", access)]));
        let token = sent(&w, "/oauth/token", &exchange(&answer[0].1, &client));
        json_of(&token)["scope"].as_str().unwrap().to_owned()
    };
    let reads = "dataset:read dataset:query dashboard:read widget:read automation:read";
    assert_eq!(granted(None, "all"), reads);
    assert_eq!(granted(None, "read"), reads);
    assert_eq!(granted(Some("dataset:delete dataset:read"), "read"), "dataset:read");
    assert_eq!(granted(Some("dataset:delete dataset:read"), ""), "dataset:read");
    assert_eq!(granted(Some("dataset:delete dataset:read"), "all"), "dataset:read dataset:delete");
    assert_eq!(granted(Some("dataset:delete"), "read"), "dataset:delete", "there is nothing less");
}

#[test]
fn who_is_not_signed_in_signs_in_and_is_asked_then() {
    let w = World::new();
    let client = registered(&w);
    let sign_up = json!({ "name": "Mia", "email": "mia@x.co", "password": "correct horse battery" });
    assert_eq!(w.send("", "POST", "/api/auth/sign-up/email", sign_up).0, 200);
    let page_ = page(&w, "nobody", &asked(&client));
    assert!(
        page_.status == 200 && !text_of(&page_).contains("Desk"),
        "before he signs in, nothing is said of the client"
    );
    let request = field(&page_, "request");
    let sign_in = |password: &str, origin: &str| {
        let mut sent = program(&w, "POST", "/oauth/sign-in");
        sent.headers.push(("origin".into(), origin.into()));
        w.answer(&posted(sent, &[("email", "mia@x.co"), ("password", password), ("request", &request)]))
    };
    let wrong = sign_in("wrong horse battery", ORIGIN);
    assert_eq!((wrong.status.as_u16(), wrong.header("set-cookie")), (401, None));
    assert!(text_of(&wrong).contains("Invalid email or password") && field(&wrong, "request") == request);
    assert_eq!(sign_in("correct horse battery", "https://evil.co").status, 403);
    let done = sign_in("correct horse battery", ORIGIN);
    assert_eq!(done.status, 303, "{}", text_of(&done));
    let (path, query) = done.header("location").unwrap().split_once('?').unwrap();
    assert_eq!((path, query), ("/oauth/authorize", request.as_str()));
    let mut next = w.request("", "GET", &format!("{path}?{query}"), Value::Null);
    next.headers = vec![("cookie".into(), done.header("set-cookie").unwrap().split(';').next().unwrap().into())];
    assert!(text_of(&w.answer(&next)).contains("<strong>mia@x.co</strong>"));
}

#[test]
fn there_is_an_end_of_grants() {
    let w = World::new();
    let client = registered(&w);
    w.db.execute(&format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 99)
         insert into oauth_grant select 'grant_' || i, 'a', '{client}', 'x', 'x', 'x', '{{}}', i, 'x', i, 'x', '2027-01-01T00:00:00.000Z', '{NOW}', 'u-owner-a', '{NOW}', '{NOW}' from n"
    ))
    .unwrap();
    let allow = [("decision", "allow")];
    let page_ = page(&w, "owner-a", &asked(&client));
    assert_eq!(decided(&w, "owner-a", &page_, "a", &allow).status, 303);
    assert_eq!(refused(&decided(&w, "owner-a", &page_, "a", &allow)), (403, "access_denied".into()));
    let page_ = page(&w, "admin-a", &asked(&client));
    assert_eq!(decided(&w, "admin-a", &page_, "a", &allow).status, 303);
}
