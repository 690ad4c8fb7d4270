//! Codes, access tokens and refresh tokens.
use super::*;

#[test]
fn a_code_becomes_tokens_that_do_what_was_agreed_and_only_hashes_are_kept() {
    let w = World::new();
    let client = registered(&w);
    let code = code(&w, "admin-a", &client);
    let before = w.db.calls.get();
    let response = sent(&w, "/oauth/token", &exchange(&code, &client));
    assert_eq!(w.db.calls.get() - before, 1, "an exchange is one call");
    let body = json_of(&response);
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!(body["scope"], "dataset:create dataset:read");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let tokens = Tokens::of(&response);
    assert!(tokens.access.starts_with("oat_") && tokens.refresh.starts_with("ort_"));
    for secret in [&code, &tokens.access, &tokens.refresh] {
        assert!(w.db.dump().iter().all(|row| !row.contains(&secret[4..28])), "a secret is in the database");
    }
    let columns = json!([{ "name": "a", "type": "text", "nullable": true }]);
    let dataset = json!({ "name": "sales", "columns": columns });
    let before = w.db.calls.get();
    assert_eq!(call(&w, &tokens.access, "dataset_create", dataset), (200, String::new()));
    assert_eq!(w.db.calls.get() - before, 2, "the gate is one call, and the operation another");
    assert_eq!(call(&w, &tokens.access, "dashboard_list", json!({})), (200, "INSUFFICIENT_SCOPE".into()));
    assert_eq!(w.db.query("select org_id from dataset"), ["a"]);
}

#[test]
fn a_code_is_exchanged_by_its_client_alone_for_what_was_asked() {
    let w = World::new();
    let (client, other) = (registered(&w), registered(&w));
    let code = code(&w, "owner-a", &client);
    let good = exchange(&code, &client);
    let with = |name: &'static str, value: &'static str| -> Vec<(&'static str, String)> {
        good.iter().map(|(n, v)| (*n, if *n == name { value } else { v }.to_owned())).collect()
    };
    let answer = |form: &[(&'static str, String)]| {
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        error(&sent(&w, "/oauth/token", &form))
    };
    let other: &'static str = other.leak();
    let short = &code[..code.len() - 1];
    for (name, value, expected) in [
        ("code_verifier", "dBjftJeZ4CVP-mBqDk2T6gI3wK9lqN0R1xZyVuHsEoB", "invalid_grant"),
        ("code_verifier", "", "invalid_request"),
        ("redirect_uri", "http://127.0.0.1:33419/callback", "invalid_grant"),
        ("redirect_uri", "", "invalid_request"),
        ("client_id", other, "invalid_grant"),
        ("client_id", "", "invalid_request"),
        ("resource", "http://localhost:8787/api", "invalid_grant"),
        ("resource", "https://evil.co/mcp", "invalid_target"),
        ("resource", "http://localhost:8787/mcp/", "invalid_target"),
        ("code", short.to_owned().leak(), "invalid_grant"),
        ("code", "oac_", "invalid_grant"),
        ("grant_type", "password", "unsupported_grant_type"),
        ("grant_type", "client_credentials", "unsupported_grant_type"),
        ("grant_type", "", "invalid_request"),
    ] {
        assert_eq!(answer(&with(name, value)), (400, expected.into()), "{name}={value}");
    }
    let twice = [good.clone(), vec![("code", code.as_str())]].concat();
    assert_eq!(error(&sent(&w, "/oauth/token", &twice)), (400, "invalid_request".into()));
    let mut as_json = posted(program(&w, "POST", "/oauth/token"), &good);
    as_json.headers = vec![("content-type".into(), "application/json".into())];
    assert_eq!(error(&w.answer(&as_json)), (400, "invalid_request".into()));
    assert_eq!(w.db.query("select count(*) from oauth_token"), ["0"]);
    // What was refused has used nothing up.
    assert_eq!(sent(&w, "/oauth/token", &good).status, 200);
}

#[test]
fn a_code_lives_a_minute() {
    let mut w = World::new();
    let client = registered(&w);
    let (late, in_time) = (code(&w, "owner-a", &client), code(&w, "owner-a", &client));
    let now = w.app.now;
    w.app.now = now.plus_s(59);
    assert_eq!(sent(&w, "/oauth/token", &exchange(&in_time, &client)).status, 200);
    w.app.now = now.plus_s(60);
    assert_eq!(error(&sent(&w, "/oauth/token", &exchange(&late, &client))), (400, "invalid_grant".into()));
}

#[test]
fn a_code_that_is_shown_twice_ends_what_it_began() {
    let w = World::new();
    let client = registered(&w);
    let code = code(&w, "owner-a", &client);
    let tokens = Tokens::of(&sent(&w, "/oauth/token", &exchange(&code, &client)));
    assert!(opens(&w, &tokens.access));
    assert_eq!(error(&sent(&w, "/oauth/token", &exchange(&code, &client))), (400, "invalid_grant".into()));
    assert!(!opens(&w, &tokens.access));
    assert_eq!(error(&tokens.refreshed(&w, &client)), (400, "invalid_grant".into()));
    assert_eq!(w.db.query("select count(*) from oauth_grant"), ["0"]);
}

#[test]
fn a_refresh_token_is_exchanged_once_and_shown_again_ends_its_family() {
    let w = World::new();
    let client = registered(&w);
    let bystander = Tokens::granted(&w, "owner-a", &client);
    let first = Tokens::granted(&w, "owner-a", &client);
    let before = w.db.calls.get();
    let second = Tokens::of(&first.refreshed(&w, &client));
    assert_eq!(w.db.calls.get() - before, 1, "an exchange is one call");
    assert_ne!((&first.access, &first.refresh), (&second.access, &second.refresh));
    // An access token lives on until it is over, for requests that are under way.
    assert!(opens(&w, &first.access) && opens(&w, &second.access));
    let third = Tokens::of(&second.refreshed(&w, &client));
    assert_eq!(error(&first.refreshed(&w, &client)), (400, "invalid_grant".into()), "two generations old");
    for token in [&first.access, &second.access, &third.access] {
        assert!(!opens(&w, token));
    }
    assert_eq!(error(&third.refreshed(&w, &client)), (400, "invalid_grant".into()));
    assert!(opens(&w, &bystander.access), "another grant of the same person and client");
}

#[test]
fn a_refresh_token_is_its_clients_and_lives_thirty_days() {
    let mut w = World::new();
    let (client, other) = (registered(&w), registered(&w));
    let tokens = Tokens::granted(&w, "owner-a", &client);
    assert_eq!(error(&tokens.refreshed(&w, &other)), (400, "invalid_grant".into()));
    let forged = format!("{}{}", &tokens.refresh[..28], "A".repeat(24));
    let resource = |resource| [refresh(&tokens.refresh, &client), vec![("resource", resource)]].concat();
    assert_eq!(error(&sent(&w, "/oauth/token", &resource("http://localhost:8787/api"))), (400, "invalid_grant".into()));
    assert_eq!(error(&sent(&w, "/oauth/token", &resource("https://evil.co"))), (400, "invalid_target".into()));
    let now = w.app.now;
    w.app.now = now.plus_s(30 * 86_400 - 1);
    let next = Tokens::of(&tokens.refreshed(&w, &client));
    w.app.now = now.plus_s(60 * 86_400);
    assert_eq!(error(&next.refreshed(&w, &client)), (400, "invalid_grant".into()));
    w.app.now = now.plus_s(30 * 86_400);
    assert_eq!(error(&sent(&w, "/oauth/token", &refresh(&forged, &client))), (400, "invalid_grant".into()));
    assert_eq!(error(&next.refreshed(&w, &client)), (400, "invalid_grant".into()), "a forged one ends the family");
}

#[test]
fn an_access_token_lives_ten_minutes_and_is_for_its_resource_alone() {
    let mut w = World::new();
    let client = registered(&w);
    let mcp = Tokens::granted(&w, "owner-a", &client);
    let rest_asked = but(asked(&client), "resource", Some("http://localhost:8787/api"));
    let answer = decided(&w, "owner-a", &page(&w, "owner-a", &rest_asked), "a", &[("decision", "allow")]);
    let (_, code) = answered(&answer).into_iter().find(|(name, _)| name == "code").unwrap();
    let form: Vec<_> = exchange(&code, &client).into_iter().filter(|(name, _)| *name != "resource").collect();
    let rest = Tokens::of(&sent(&w, "/oauth/token", &form));
    let me = |w: &World, token: &str| {
        let mut request = program(w, "GET", "/api/me");
        request.headers.push(("authorization".into(), format!("Bearer {token}")));
        w.answer(&request)
    };
    assert_eq!((opens(&w, &mcp.access), me(&w, &mcp.access).status.as_u16()), (true, 401));
    assert_eq!((opens(&w, &rest.access), me(&w, &rest.access).status.as_u16()), (false, 200));
    let refused = me(&w, &mcp.access);
    let metadata = "resource_metadata=\"http://localhost:8787/.well-known/oauth-protected-resource/api\"";
    assert_eq!(refused.header("www-authenticate"), Some(&*format!("Bearer error=\"invalid_token\", {metadata}")));
    // A deployment of another name is another resource.
    let renamed = World::with(&[("BETTER_AUTH_URL", "https://api.example.com")]);
    let config = std::mem::replace(&mut w.app.config, renamed.app.config.clone());
    assert!(!opens(&w, &mcp.access));
    w.app.config = config;
    let now = w.app.now;
    w.app.now = now.plus_s(599);
    assert!(opens(&w, &mcp.access));
    w.app.now = now.plus_s(600);
    assert!(!opens(&w, &mcp.access));
}

#[test]
fn what_opens_nothing_is_answered_alike() {
    let mut w = World::new();
    let client = registered(&w);
    let tokens = Tokens::granted(&w, "owner-a", &client);
    let unknown = format!("oat_{}", "A".repeat(48));
    let answer = |w: &World, token: &str| {
        let mut request = w.request("owner-a", "POST", "/mcp", json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
        request.headers.push(("authorization".into(), format!("Bearer {token}")));
        w.answer(&request)
    };
    assert_eq!(answer(&w, &tokens.access).status, 200);
    let expected = answer(&w, &unknown);
    assert_eq!(expected.status, 401, "whatever cookie is beside it");
    for no_token in ["oat_", "oat_not.signed", &format!("{unknown}A"), &tokens.refresh, &"oat_".repeat(100_000)] {
        assert_eq!(answer(&w, no_token), expected, "{no_token:.60}");
    }
    assert_eq!(sent(&w, "/oauth/revoke", &[("client_id", &client), ("token", &tokens.access)]).status, 200);
    assert_eq!(answer(&w, &tokens.access), expected);
    let next = Tokens::of(&tokens.refreshed(&w, &client));
    w.app.now = w.app.now.plus_s(600);
    assert_eq!(answer(&w, &next.access), expected);
}

#[test]
fn a_token_is_given_back_by_its_client_and_a_refresh_token_takes_all_along() {
    let w = World::new();
    let (client, other) = (registered(&w), registered(&w));
    let tokens = Tokens::granted(&w, "owner-a", &client);
    let revoke =
        |client: &str, token: &str| sent(&w, "/oauth/revoke", &[("client_id", client), ("token", token)]).status;
    for token in [&tokens.access, &tokens.refresh] {
        assert_eq!(revoke(&other, token), 200);
    }
    assert_eq!((revoke(&client, "nonsense"), opens(&w, &tokens.access)), (http::StatusCode::OK, true));
    assert_eq!(revoke(&client, &tokens.access), 200);
    assert!(!opens(&w, &tokens.access));
    let next = Tokens::of(&tokens.refreshed(&w, &client));
    assert!(opens(&w, &next.access));
    assert_eq!(revoke(&client, &next.refresh), 200);
    assert!(!opens(&w, &next.access));
    assert_eq!(error(&sent(&w, "/oauth/revoke", &[("token", &next.refresh)])), (400, "invalid_request".into()));
}

#[test]
fn a_token_can_do_what_the_roles_grant_now_and_ends_with_the_membership() {
    let w = World::new();
    let client = registered(&w);
    let tokens = Tokens::granted(&w, "admin-a", &client);
    let new = |name: &str| json!({ "name": name, "columns": [{ "name": "a", "type": "text", "nullable": true }] });
    assert_eq!(call(&w, &tokens.access, "dataset_create", new("one")), (200, String::new()));
    // A role of the organization's own that only reads.
    w.db.execute("update member set role = 'reader' where userId = 'u-admin-a'").unwrap();
    assert_eq!(call(&w, &tokens.access, "dataset_create", new("two")), (200, "FORBIDDEN".into()));
    w.db.execute("delete from member where userId = 'u-admin-a'").unwrap();
    assert!(!opens(&w, &tokens.access));
    assert_eq!(error(&tokens.refreshed(&w, &client)), (400, "invalid_grant".into()));
    assert_eq!(w.db.query("select count(*) from oauth_grant union all select count(*) from oauth_token"), ["0", "0"]);
}

#[test]
fn a_token_is_for_the_organization_that_was_chosen_alone() {
    let w = World::new();
    w.db.execute(&format!(
        "insert into member values ('m2', 'b', 'u-owner-a', 'owner', '{}')",
        crate::house::world::NOW
    ))
    .unwrap();
    let client = registered(&w);
    let tokens = Tokens::granted(&w, "owner-a", &client);
    w.db.execute("update session set activeOrganizationId = 'b' where token = 'owner-a'").unwrap();
    for (named, expected) in
        [(None, 200), (Some("a"), 200), (Some("a-inc"), 200), (Some("b"), 403), (Some("nowhere"), 403)]
    {
        let mut request = program(&w, "POST", "/mcp");
        request.headers.push(("content-type".into(), "application/json".into()));
        request.headers.push(("authorization".into(), format!("Bearer {}", tokens.access)));
        request.headers.extend(named.map(|named| ("x-organization-id".to_owned(), named.to_owned())));
        request.body =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "me" } }).to_string().into();
        let response = w.answer(&request);
        assert_eq!(response.status.as_u16(), expected, "{named:?}");
        if expected == 200 {
            assert_eq!(json_of(&response)["result"]["structuredContent"]["organizationId"], "a");
        }
    }
}

#[test]
fn a_token_neither_manages_grants_and_keys_nor_enters_the_identity_endpoints() {
    let w = World::new();
    let client = registered(&w);
    let answer = decided(
        &w,
        "owner-a",
        &page(&w, "owner-a", &but(asked(&client), "resource", Some("http://localhost:8787/api"))),
        "a",
        &[("decision", "allow")],
    );
    let (_, code) = answered(&answer).into_iter().find(|(name, _)| name == "code").unwrap();
    let form: Vec<_> = exchange(&code, &client).into_iter().filter(|(name, _)| *name != "resource").collect();
    let token = Tokens::of(&sent(&w, "/oauth/token", &form)).access;
    let send = |method: &str, path: &str, body: Value| {
        let mut request = w.request("", method, path, body);
        request.headers.retain(|(name, _)| name == "content-type");
        request.headers.push(("authorization".into(), format!("Bearer {token}")));
        let response = w.answer(&request);
        (response.status.as_u16(), json_of(&response)["code"].as_str().unwrap_or_default().to_owned())
    };
    let id = w.db.query("select id from oauth_grant").pop().unwrap();
    let challenge = |method: &str, path: &str| {
        let mut request = w.request("", method, path, json!({}));
        request.headers = vec![("authorization".into(), format!("Bearer {token}"))];
        w.answer(&request).header("www-authenticate").unwrap().split(" resource_metadata").next().unwrap().to_owned()
    };
    let scope = "Bearer error=\"insufficient_scope\", scope=\"dashboard:create\",";
    assert_eq!(challenge("POST", "/api/dashboards"), scope);
    assert_eq!(challenge("GET", "/api/oauth-grants"), "Bearer error=\"insufficient_scope\",", "there is no such scope");
    let lacks = (403, "INSUFFICIENT_SCOPE".to_owned());
    assert_eq!(send("GET", "/api/oauth-grants", Value::Null), lacks);
    assert_eq!(send("DELETE", &format!("/api/oauth-grants/{id}"), Value::Null), lacks);
    assert_eq!(send("POST", "/api/api-keys", json!({ "name": "k" })), lacks);
    assert_eq!(send("GET", "/api/auth/organization/list-members", Value::Null).0, 401);
    // Nor does it stand for the person before whom a consent page is put.
    let mut request = w.request("", "GET", "/oauth/authorize", Value::Null);
    request.query = asked(&client).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    request.headers = vec![("authorization".into(), format!("Bearer {token}"))];
    assert!(text_of(&w.answer(&request)).contains("<title>Sign in</title>"));
    request.headers = vec![("authorization".into(), "Bearer owner-a".into())];
    assert!(text_of(&w.answer(&request)).contains("<title>Sign in</title>"), "a session's token without its cookie");
}
