//! Sign-in by other providers: OAuth 2.0 with PKCE, and OpenID Connect.
//!
//! A provider vouches for a subject; an account is the pair of both, and nothing else finds a user. An address links an
//! account to a user only if both sides have verified it. Source: Better Auth 1.7.25, `oauth2`, `api/routes/callback` and
//! the generic OAuth plugin (wire spec §5.26 and §9.6); RFC 6749, 7636 and 9207; OpenID Connect Core 1.0.
use super::call::Call;

pub(super) mod callback;
mod client;
mod id_token;
pub(super) mod link;
mod profile;
mod provider;
mod resolve;
pub(super) mod sign_in;
pub mod sql;
mod start;
mod state;
pub(super) mod tokens;

/// Where the provider sends its users back to.
fn redirect_uri(call: &Call<'_>, provider_id: &str) -> String {
    call.endpoint(&format!("/callback/{provider_id}"))
}
