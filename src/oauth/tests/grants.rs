//! Grants as people see them, and what is deleted when it is over.
use super::*;
use crate::oauth::purge::purge;

fn list(w: &World, who: &str) -> Vec<Value> {
    let (status, page) = w.send(who, "GET", "/api/oauth-grants", Value::Null);
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

#[test]
fn a_person_sees_and_revokes_what_he_granted_and_an_admin_what_anyone_did() {
    let w = World::new();
    let client = registered(&w);
    let (mine, owners) = (Tokens::granted(&w, "member-a", &client), Tokens::granted(&w, "owner-a", &client));
    // One that is not taken up yet is none.
    code(&w, "member-a", &client);
    let seen = list(&w, "member-a");
    assert_eq!(seen.len(), 1);
    let grant = &seen[0];
    assert_eq!((&grant["clientId"], &grant["clientName"]), (&json!(client), &json!("Desk <b>")));
    assert_eq!((&grant["createdBy"], &grant["resource"]), (&json!("u-member-a"), &json!("http://localhost:8787/mcp")));
    assert_eq!(grant["permissions"], json!({ "dataset": ["create", "read"] }));
    assert!(["codeHash", "familyHash", "refreshHash"].iter().all(|name| grant.get(name).is_none()));
    assert_eq!((list(&w, "admin-a").len(), list(&w, "owner-b").len()), (2, 0));
    let path = |who: &str| {
        let id = list(&w, "admin-a").into_iter().find(|grant| grant["createdBy"] == who).unwrap()["id"].clone();
        format!("/api/oauth-grants/{}", id.as_str().unwrap())
    };
    let (owners_path, my_path) = (path("u-owner-a"), path("u-member-a"));
    let code = |(status, body): (u16, Value)| (status, body["code"].as_str().unwrap_or_default().to_owned());
    assert_eq!(code(w.send("member-a", "DELETE", &owners_path, Value::Null)), (403, "FORBIDDEN".into()));
    assert_eq!(code(w.send("owner-b", "DELETE", &my_path, Value::Null)), (403, "ORG_PERMISSION_DENIED".into()));
    assert!(opens(&w, &mine.access) && opens(&w, &owners.access));
    w.each_is_one_call(&[("GET", "/api/oauth-grants", Value::Null), ("DELETE", &owners_path, Value::Null)]);
    assert_eq!(w.send("member-a", "DELETE", &my_path, Value::Null).0, 200);
    assert!(!opens(&w, &mine.access) && !opens(&w, &owners.access));
    assert_eq!(error(&mine.refreshed(&w, &client)), (400, "invalid_grant".into()));
    assert!(crate::operations::tools().all(|tool| !tool.name.starts_with("oauth_grant")), "a model sees credentials");
}

#[test]
fn what_is_over_is_purged_and_a_client_stays_while_it_has_a_grant() {
    let mut w = World::new();
    let (used, unused) = (registered(&w), registered(&w));
    let tokens = Tokens::granted(&w, "owner-a", &used);
    code(&w, "owner-a", &used);
    let counts = |w: &World| {
        w.db.query("select count(*) from oauth_token union all select count(*) from oauth_grant union all select count(*) from oauth_client")
    };
    let purged = |w: &World| pollster::block_on(purge(&w.app)).unwrap();
    let now = w.app.now;
    assert_eq!((purged(&w), counts(&w)), (0, ["1", "2", "2"].map(str::to_owned).into()));
    w.app.now = now.plus_s(600);
    // The access token, and the grant whose code nobody exchanged.
    assert_eq!((purged(&w), counts(&w)), (2, ["0", "1", "2"].map(str::to_owned).into()));
    w.app.now = now.plus_s(86_400);
    assert_eq!((purged(&w), w.db.query("select id from oauth_client")), (1, vec![used.clone()]), "{unused}");
    let next = Tokens::of(&tokens.refreshed(&w, &used));
    w.app.now = now.plus_s(31 * 86_400 + 600);
    assert_eq!((purged(&w), counts(&w)), (2, ["0", "0", "1"].map(str::to_owned).into()));
    assert_eq!(error(&next.refreshed(&w, &used)), (400, "invalid_grant".into()));
    w.app.now = now.plus_s(90 * 86_400);
    assert_eq!((purged(&w), counts(&w)), (1, ["0", "0", "0"].map(str::to_owned).into()));
}

#[test]
fn a_client_past_its_time_is_kept_by_its_grant() {
    let mut w = World::new();
    let client = registered(&w);
    let mut tokens = Tokens::granted(&w, "owner-a", &client);
    for _ in 0..4 {
        w.app.now = w.app.now.plus_s(25 * 86_400);
        tokens = Tokens::of(&tokens.refreshed(&w, &client));
    }
    pollster::block_on(purge(&w.app)).unwrap();
    assert_eq!(w.db.query("select id from oauth_client"), [client]);
    assert!(opens(&w, &tokens.access));
}
