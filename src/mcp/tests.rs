//! The door itself: every row of the protocol's fault table in both eras, and who sees which tools.
use crate::{
    api::{Request, Response},
    house::world::World,
    operation::Effect,
    operations,
};
use http::Method;
use serde_json::{Value, json};

const MODERN: &str = "2026-07-28";

fn parsed(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// A message of a legacy client.
fn legacy(w: &World, who: &str, method: &str, params: Value) -> Request {
    let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    let mut request = w.request(who, "POST", "/mcp", body);
    request.headers.push(("mcp-protocol-version".into(), "2025-11-25".into()));
    request
}

/// The same of a modern one.
fn modern(w: &World, who: &str, method: &str, mut params: Value) -> Request {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let name = params["name"].as_str().map(str::to_owned);
    let body = json!({ "jsonrpc": "2.0", "id": "a", "method": method, "params": params });
    let mut request = w.request(who, "POST", "/mcp", body);
    request.headers.push(("mcp-protocol-version".into(), MODERN.into()));
    request.headers.push(("mcp-method".into(), method.into()));
    request.headers.extend(name.map(|name| ("mcp-name".into(), name)));
    request
}

fn result(w: &World, request: &Request) -> Value {
    let response = w.answer(request);
    assert_eq!(response.status, 200, "{}", parsed(&response));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    parsed(&response)["result"].clone()
}

/// HTTP status and JSON-RPC code.
fn fault(w: &World, request: &Request) -> (u16, i64) {
    let response = w.answer(request);
    (response.status.as_u16(), parsed(&response)["error"]["code"].as_i64().unwrap_or_default())
}

fn names(result: &Value) -> Vec<&str> {
    result["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn a_legacy_client_shakes_hands_and_calls() {
    let w = World::new();
    for (wished, settled) in [("2025-06-18", "2025-06-18"), ("2024-11-05", "2025-11-25")] {
        let hello = result(&w, &legacy(&w, "owner-a", "initialize", json!({ "protocolVersion": wished })));
        assert_eq!((&hello["protocolVersion"], &hello["capabilities"]), (&json!(settled), &json!({ "tools": {} })));
    }
    let mut ready = legacy(&w, "owner-a", "x", json!({}));
    ready.body = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.into();
    let response = w.answer(&ready);
    assert_eq!((response.status.as_u16(), response.body.len()), (202, 0));
    assert_eq!(result(&w, &legacy(&w, "owner-a", "ping", json!({}))), json!({}));
    let called = result(&w, &legacy(&w, "owner-a", "tools/call", json!({ "name": "me" })));
    assert_eq!((&called["structuredContent"]["organizationId"], &called["isError"]), (&json!("a"), &json!(false)));
    let text: Value = serde_json::from_str(called["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(text, called["structuredContent"]);
    assert_eq!(called["_meta"], json!({ "orgscope/content": "data" }));
    assert_eq!(called.get("resultType"), None);
}

#[test]
fn a_modern_client_needs_no_handshake() {
    let w = World::new();
    let found = result(&w, &modern(&w, "owner-a", "server/discover", json!({})));
    assert_eq!((&found["supportedVersions"], &found["cacheScope"]), (&json!([MODERN]), &json!("private")));
    assert_eq!((&found["resultType"], &found["ttlMs"]), (&json!("complete"), &json!(0)));
    assert_eq!(found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "orgscope");
    let params = json!({ "name": "dataset_create", "arguments": { "name": "sales", "columns": [{ "name": "day", "type": "date", "nullable": false }] } });
    let made = result(&w, &modern(&w, "owner-a", "tools/call", params));
    assert_eq!((&made["structuredContent"]["name"], &made["resultType"]), (&json!("sales"), &json!("complete")));
    let mut encoded = modern(&w, "owner-a", "tools/call", json!({ "name": "me" }));
    encoded.headers.last_mut().unwrap().1 = "=?base64?bWU=?=".into();
    assert_eq!(result(&w, &encoded)["structuredContent"]["organizationId"], "a");
}

/// The protocol's fault table; wire notes §3.6.
#[test]
fn what_is_no_message_is_refused_as_the_protocol_says() {
    let w = World::new();
    let with_body = |body: &str| Request { body: body.into(), ..legacy(&w, "owner-a", "ping", json!({})) };
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("[]", -32600),
        ("1", -32600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (r#"{"id":1,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32600),
    ] {
        assert_eq!(fault(&w, &with_body(body)), (400, code), "{body}");
    }
    assert_eq!(w.answer(&with_body(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#)).status, 202);
    let mut text = with_body(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    text.headers.retain(|(name, _)| name != "content-type");
    assert_eq!(fault(&w, &text), (415, -32000));
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let response = w.answer(&Request { method, ..with_body("") });
        assert_eq!((response.status.as_u16(), response.header("allow")), (405, Some("POST")));
    }
}

#[test]
fn what_names_no_method_tool_or_version_is_refused_as_its_era_says() {
    let w = World::new();
    let owner = "owner-a";
    for (method, legacy_fault, modern_fault) in [
        ("nothing", (200, -32601), (404, -32601)),
        ("server/discover", (200, -32601), (200, 0)),
        ("initialize", (200, 0), (404, -32601)),
        ("ping", (200, 0), (404, -32601)),
        ("resources/list", (200, -32601), (404, -32601)),
        ("tools/call", (200, -32602), (200, -32602)),
    ] {
        assert_eq!(fault(&w, &legacy(&w, owner, method, json!({}))), legacy_fault, "{method}");
        assert_eq!(fault(&w, &modern(&w, owner, method, json!({}))), modern_fault, "{method}");
    }
    for params in [json!({ "name": "nothing" }), json!({ "name": "me", "arguments": [] }), json!({ "name": 1 })] {
        assert_eq!(fault(&w, &legacy(&w, owner, "tools/call", params.clone())), (200, -32602), "{params}");
    }
    let with_header = |name: &str, value: Option<&str>| {
        let mut request = modern(&w, owner, "tools/call", json!({ "name": "me" }));
        request.headers.retain(|(other, _)| other != name);
        request.headers.extend(value.map(|value| (name.into(), value.into())));
        fault(&w, &request)
    };
    for name in ["mcp-protocol-version", "mcp-method", "mcp-name"] {
        assert_eq!(with_header(name, None), (400, -32020), "{name}");
        assert_eq!(with_header(name, Some("2025-11-25")), (400, -32020), "{name}");
    }
    let with_meta = |meta: Value| {
        let mut request = modern(&w, owner, "tools/list", json!({}));
        let mut body: Value = serde_json::from_slice(&request.body).unwrap();
        body["params"]["_meta"] = meta;
        request.body = body.to_string().into_bytes();
        request
    };
    assert_eq!(fault(&w, &with_meta(json!({}))), (400, -32602));
    let no_capabilities = json!({ "io.modelcontextprotocol/protocolVersion": MODERN });
    assert_eq!(fault(&w, &with_meta(no_capabilities)), (400, -32602));
    let mut later = with_meta(json!({
        "io.modelcontextprotocol/protocolVersion": "2099-01-01", "io.modelcontextprotocol/clientCapabilities": {},
    }));
    later.headers.retain(|(name, _)| name != "mcp-protocol-version");
    later.headers.push(("mcp-protocol-version".into(), "2099-01-01".into()));
    let error = parsed(&w.answer(&later))["error"].clone();
    assert_eq!(error["data"], json!({ "supported": [MODERN], "requested": "2099-01-01" }));
    let mut old = legacy(&w, owner, "tools/list", json!({}));
    old.headers.last_mut().unwrap().1 = "2024-11-05".into();
    assert_eq!(fault(&w, &old), (400, -32000));
    old.headers.pop();
    assert_eq!(fault(&w, &old), (200, 0), "2025-03-26 had no header");
}

#[test]
fn nobody_enters_without_a_credential_or_from_a_page_that_is_not_trusted() {
    let w = World::new();
    let response = w.answer(&legacy(&w, "nobody", "tools/list", json!({})));
    let way = "Bearer resource_metadata=\"http://localhost:8787/.well-known/oauth-protected-resource/mcp\"";
    assert_eq!((response.status.as_u16(), response.header("www-authenticate")), (401, Some(way)));
    assert_eq!(w.answer(&legacy(&w, "removed-a", "tools/list", json!({}))).status, 403);
    assert_eq!(w.answer(&legacy(&w, "expired-a", "tools/list", json!({}))).status, 401);
    let mut request = legacy(&w, "owner-a", "tools/list", json!({}));
    request.headers.retain(|(name, _)| name != "origin");
    assert_eq!(w.answer(&request).status, 403, "a cookie comes from a page");
    request.headers.push(("origin".into(), "https://evil.co".into()));
    assert_eq!(w.answer(&request).status, 403);
    request.headers.retain(|(name, _)| name != "cookie");
    assert_eq!(w.answer(&request).status, 403, "before anyone asks who it is");
}

#[test]
fn each_sees_the_tools_that_his_roles_grant_and_no_schema_names_an_organization() {
    let w = World::new();
    let listed = result(&w, &legacy(&w, "owner-a", "tools/list", json!({})));
    let all: Vec<_> = operations::tools().map(|operation| operation.name).collect();
    assert_eq!(names(&listed), all);
    for tool in listed["tools"].as_array().unwrap() {
        assert_eq!(
            (&tool["inputSchema"]["type"], &tool["outputSchema"]["type"]),
            (&json!("object"), &json!("object")),
            "{tool}"
        );
        let input = tool["inputSchema"].to_string();
        assert!(!["\"organization", "\"org", "\"user"].iter().any(|field| input.contains(field)), "{input}");
    }
    let of_member = result(&w, &legacy(&w, "member-a", "tools/list", json!({})));
    assert!(names(&of_member).contains(&"dataset_delete"), "his own");
    w.db.execute(
        "insert into organizationRole values ('r', 'a', 'reader', '{\"dataset\":[\"read\"]}', '2026', null);
        update member set role = 'reader' where id = 'm-member-a'",
    )
    .unwrap();
    let of_reader = result(&w, &legacy(&w, "member-a", "tools/list", json!({})));
    assert_eq!(names(&of_reader), ["me", "dataset_list", "dataset_show", "dataset_infer", "automation_preview"]);
    // What is not listed is refused all the same.
    let called = result(&w, &legacy(&w, "member-a", "tools/call", json!({ "name": "dataset_create", "arguments": 1 })));
    assert_eq!(called, Value::Null);
    let called = result(&w, &legacy(&w, "member-a", "tools/call", json!({ "name": "dataset_create" })));
    assert!(called["content"][0]["text"].as_str().unwrap().contains("FORBIDDEN"), "{called}");
}

#[test]
fn who_asks_for_reads_gets_no_other_tool() {
    let w = World::new();
    let reads: Vec<_> = operations::tools().filter(|o| o.effect() == Effect::Read).map(|o| o.name).collect();
    let narrowed = |name: &str, params: Value, by_header: bool| {
        let mut request = legacy(&w, "owner-a", name, params);
        if by_header {
            request.headers.push(("x-orgscope-tools".into(), "read".into()));
        } else {
            request.query.push(("tools".into(), "read".into()));
        }
        request
    };
    for by_header in [true, false] {
        assert_eq!(names(&result(&w, &narrowed("tools/list", json!({}), by_header))), reads);
        let create = json!({ "name": "dataset_create", "arguments": { "name": "x", "columns": [] } });
        assert_eq!(fault(&w, &narrowed("tools/call", create, by_header)), (200, -32602));
    }
    let mut other = narrowed("tools/list", json!({}), false);
    other.query[0].1 = "write".into();
    assert_eq!(w.answer(&other).status, 400);
}

#[test]
fn what_an_operation_refuses_is_a_result_that_a_model_can_mend() {
    let w = World::new();
    let call = |arguments: Value| {
        let params = json!({ "name": "dataset_create", "arguments": arguments });
        result(&w, &legacy(&w, "owner-a", "tools/call", params))
    };
    let refused =
        call(json!({ "name": "x", "columns": [{ "name": "day", "type": "date", "nullable": false }], "orgId": "b" }));
    assert_eq!((&refused["isError"], refused.get("structuredContent")), (&json!(true), None));
    let error: Value = serde_json::from_str(refused["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_INPUT"), &json!("orgId")));
    let foreign = w.made(
        "owner-b",
        "/api/datasets",
        json!({ "name": "theirs", "columns": [{ "name": "day", "type": "date", "nullable": false }] }),
    );
    let show = |id: &Value| {
        result(&w, &legacy(&w, "owner-a", "tools/call", json!({ "name": "dataset_show", "arguments": { "id": id } })))
    };
    assert_eq!(show(&foreign["id"]), show(&json!("ds_00000000000000000000000000000000")));
}

#[test]
fn a_modern_client_that_can_ask_shows_its_person_what_waits_for_him() {
    let w = World::new();
    let id = w.made("owner-a", "/api/dashboards", json!({ "name": "Sales" }))["id"].clone();
    let call = |capabilities: Value, more: Value| {
        let mut request =
            modern(&w, "owner-a", "tools/call", json!({ "name": "dashboard_delete", "arguments": { "id": id } }));
        let mut body: Value = serde_json::from_slice(&request.body).unwrap();
        body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] = capabilities;
        body["params"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request.body = body.to_string().into_bytes();
        result(&w, &request)
    };
    for capabilities in [json!({ "elicitation": {} }), json!({ "elicitation": { "form": {}, "url": {} } })] {
        let asked = call(capabilities, json!({}));
        assert_eq!((&asked["resultType"], asked.get("isError")), (&json!("input_required"), None), "{asked}");
        let question = &asked["inputRequests"]["approval"];
        assert_eq!((&question["method"], &question["params"]["mode"]), (&json!("elicitation/create"), &json!("form")));
        assert!(question["params"]["message"].as_str().unwrap().contains("/api/approvals/ap_"));
    }
    // Who cannot ask, or has asked, is told as every other. What the client says came back counts for nothing.
    let said = json!({ "inputResponses": { "approval": { "action": "accept", "content": { "approved": true } } } });
    for (capabilities, more) in [
        (json!({}), json!({})),
        (json!({ "elicitation": { "url": {} } }), json!({})),
        (json!({ "elicitation": true }), json!({})),
        (json!({ "elicitation": {} }), said),
    ] {
        let told = call(capabilities, more);
        assert_eq!((&told["resultType"], &told["isError"]), (&json!("complete"), &json!(true)), "{told}");
        assert!(told["content"][0]["text"].as_str().unwrap().contains("APPROVAL_REQUIRED"));
    }
    assert_eq!(w.db.query("select count(*) from dashboard"), ["1"]);
    let approval = &w.send("owner-a", "GET", "/api/approvals", Value::Null).1["items"][0]["id"];
    let decide = format!("/api/approvals/{}/decide", approval.as_str().unwrap());
    assert_eq!(w.send("owner-a", "POST", &decide, json!({ "decision": "approve" })).0, 200);
    assert_eq!(call(json!({ "elicitation": {} }), json!({}))["structuredContent"]["deleted"], true);
}
