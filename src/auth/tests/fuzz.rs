//! Whatever is sent, nothing panics and nothing is a 500.
use super::Browser;
use crate::{auth::routes::ROUTES, house::world::World};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The fields that some endpoint reads, with values that it may or may not want.
fn body() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "name",
        "email",
        "image",
        "slug",
        "logo",
        "metadata",
        "data",
        "organizationId",
        "organizationSlug",
        "token",
        "callbackURL",
        "redirectTo",
        "rememberMe",
        "keepCurrentActiveOrganization",
        "userId",
        "revokeOtherSessions",
        "role",
        "memberId",
        "memberIdOrEmail",
        "invitationId",
        "teamId",
        "resend",
        "permissions",
        "accountId",
        "activeOrganizationId",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["a", "b", "a-inc", "owner-a", "a@x.co", "/ok", "//x"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map(names.clone(), inner, 0..6)
                .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// No password is sent: a hash is slow, and its own tests are elsewhere.
    #[test]
    fn any_body_is_answered(route in 0..ROUTES.len(), who in 0..3usize, body in body()) {
        let w = World::new();
        let route = &ROUTES[route];
        let who = ["owner-a", "member-a", "removed-a"][who];
        let request = Browser::of(&w, who).request(route.method.as_str(), route.path, &body);
        let response = w.answer(&request);
        prop_assert!(response.status.as_u16() < 500, "{} {body} {}", route.path, super::text(&response));
    }

    #[test]
    fn any_bytes_and_headers_are_answered(
        route in 0..ROUTES.len(),
        body in prop::collection::vec(any::<u8>(), 0..60),
        name in prop::sample::select(vec![
            "cookie", "authorization", "origin", "referer", "content-type", "cf-connecting-ip", "user-agent",
        ]),
        value in "\\PC{0,60}",
        query in "[ -~]{0,30}",
    ) {
        let w = World::new();
        let route = &ROUTES[route];
        let mut request = Browser::of(&w, "owner-a").request(route.method.as_str(), route.path, &json!({}));
        request.body = body;
        request.headers.retain(|(other, _)| other != name);
        request.headers.push((name.to_owned(), value));
        request.query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let response = w.answer(&request);
        prop_assert!(response.status.as_u16() < 500, "{} {}", route.path, super::text(&response));
    }
}
