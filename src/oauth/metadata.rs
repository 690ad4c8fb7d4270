//! What clients find out by themselves: where tokens are asked for, and for what.
use super::{AUTHORIZE, Code, REGISTER, REVOKE, Refusal, TOKEN, scope};
use crate::{
    Error, Result,
    access::{
        App,
        audience::{self, MCP, REST},
    },
    api::{Request, Response},
    policy::Permissions,
};
use http::{Method, StatusCode};
use serde_json::json;

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const SERVER: &str = "/.well-known/oauth-authorization-server";

/// Answers a request for a document: that of a resource (RFC 9728), MCP's without its path, or the server's (RFC 8414), with
/// the path of a resource as well, where some clients look.
pub fn answer(app: &App, request: &Request) -> Option<Result<Response>> {
    let path = request.path.as_str();
    let of = |base: &str| path.strip_prefix(base).filter(|of| ["", MCP, REST].contains(of));
    let origin = audience::origin(request, &app.config);
    let document = if let Some(of) = of(RESOURCE) {
        resource(origin, if of.is_empty() { MCP } else { of })
    } else if of(SERVER).is_some() {
        server(origin)
    } else {
        return None;
    };
    if request.method != Method::GET {
        return Some(Err(Error::MethodNotAllowed { allow: "GET, HEAD".into() }));
    }
    let response = Response::json(StatusCode::OK, &document);
    Some(response.map(|response| response.with_header("cache-control", "public, max-age=300")))
}

fn resource(origin: &str, path: &str) -> serde_json::Value {
    json!({
        "resource": format!("{origin}{path}"),
        "authorization_servers": [origin],
        "bearer_methods_supported": ["header"],
        "scopes_supported": scope::words(Permissions::for_keys()),
    })
}

fn server(origin: &str) -> serde_json::Value {
    json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}{AUTHORIZE}"),
        "token_endpoint": format!("{origin}{TOKEN}"),
        "revocation_endpoint": format!("{origin}{REVOKE}"),
        "registration_endpoint": format!("{origin}{REGISTER}"),
        "scopes_supported": scope::words(Permissions::for_keys()),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": true,
    })
}

/// The resource that a client asks a token for.
///
/// # Errors
/// `invalid_target` if it is none of ours.
pub fn target(app: &App, request: &Request, resource: &str) -> Result<String, Refusal> {
    let origin = audience::origin(request, &app.config);
    let ours = [MCP, REST].map(|path| format!("{origin}{path}"));
    ours.into_iter().find(|ours| ours == resource).ok_or_else(|| {
        Refusal::new(Code::InvalidTarget, format!("The resource must be {origin}{MCP} or {origin}{REST}."))
    })
}

/// The answer to whose credential is none, or too little, with the way to another (RFC 6750 §3, RFC 9728 §5.1).
pub fn challenge(response: Response, app: &App, request: &Request, error: &Error) -> Response {
    let why = match error {
        Error::Unauthenticated if request.header("authorization").is_none() => String::new(),
        Error::Unauthenticated => "error=\"invalid_token\", ".to_owned(),
        Error::OutOfScope(permission) if Permissions::for_keys().has(*permission) => {
            format!("error=\"insufficient_scope\", scope=\"{permission}\", ")
        }
        Error::OutOfScope(_) => "error=\"insufficient_scope\", ".to_owned(),
        _ => return response,
    };
    let (origin, path) = (audience::origin(request, &app.config), if request.path == MCP { MCP } else { REST });
    response.with_header("www-authenticate", format!("Bearer {why}resource_metadata=\"{origin}{RESOURCE}{path}\""))
}
