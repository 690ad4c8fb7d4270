//! What an OAuth access token is for: one of the deployment's resources (RFC 8707), each a door.
use crate::{api::Request, config::Config};

/// Where MCP is.
pub const MCP: &str = "/mcp";
/// Where everything else that takes a token is.
pub const REST: &str = "/api";

/// The deployment's own origin: `BETTER_AUTH_URL`, else that of the request. It is the issuer of tokens, too.
#[must_use]
pub fn origin<'a>(request: &'a Request, config: &'a Config) -> &'a str {
    config.base_url.as_deref().unwrap_or(&request.origin)
}

/// The resource that the request is sent to, such as `https://api.example.com/mcp`.
#[must_use]
pub fn of(request: &Request, config: &Config) -> String {
    format!("{}{}", origin(request, config), if request.path == MCP { MCP } else { REST })
}
