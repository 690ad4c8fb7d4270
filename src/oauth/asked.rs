//! What an application asks a person for: the parameters of an authorization request.
use super::{
    client::MAX_ID_BYTES,
    error::{Code, Refusal},
    metadata,
    params::Params,
    redirect, scope,
};
use crate::{
    Result,
    access::{App, audience},
    api::{Request, uri::with_param},
    policy::Permissions,
};

/// The longest state that is given back, in bytes.
const MAX_STATE_BYTES: usize = 2048;
/// Of SHA-256, in base64url.
const CHALLENGE_BYTES: usize = 43;

/// An authorization request of the right form; whether its client has that redirect URI is still to be seen.
pub struct Asked {
    /// Whose it is.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Given back with it.
    pub state: Option<String>,
    /// The hash of what the client will show for the code.
    pub code_challenge: String,
    /// What the tokens are to be for.
    pub resource: String,
    /// What is asked for.
    pub scope: Permissions,
    /// Who answers.
    issuer: String,
}

impl Asked {
    /// Reads it.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_response_type`, `invalid_target`, `invalid_scope`.
    pub fn read(app: &App, request: &Request, params: &Params) -> Result<Self, Refusal> {
        let invalid = |description| Err(Refusal::new(Code::InvalidRequest, description));
        let client_id = params.need("client_id", MAX_ID_BYTES)?.to_owned();
        let redirect_uri = params.need("redirect_uri", redirect::MAX_BYTES)?.to_owned();
        if params.need("response_type", 32)? != "code" {
            return Err(Refusal::new(Code::UnsupportedResponseType, "The response_type must be code."));
        }
        if params.get("code_challenge_method") != Some("S256") {
            return invalid("PKCE is needed, with the code_challenge_method S256.");
        }
        let code_challenge = params.need("code_challenge", CHALLENGE_BYTES)?;
        if code_challenge.len() != CHALLENGE_BYTES || !code_challenge.bytes().all(is_base64url) {
            return invalid("The code_challenge is no SHA-256 in base64url.");
        }
        let missing =
            || Refusal::new(Code::InvalidTarget, "The parameter resource is missing: say what the token is for.");
        Ok(Self {
            client_id,
            redirect_uri,
            state: params.optional("state", MAX_STATE_BYTES)?.map(str::to_owned),
            code_challenge: code_challenge.to_owned(),
            resource: metadata::target(app, request, params.get("resource").ok_or_else(missing)?)?,
            scope: scope::parse(params.optional("scope", scope::MAX_BYTES)?)?,
            issuer: audience::origin(request, &app.config).to_owned(),
        })
    }

    /// It as it may be asked again.
    pub fn to_query(&self) -> String {
        let scope = scope::words(self.scope).join(" ");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("code_challenge", &self.code_challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("resource", &self.resource)
            .append_pair("scope", &scope)
            .extend_pairs(self.state.iter().map(|state| ("state", state)));
        query.finish()
    }

    /// Where the person is sent back to, with an answer (RFC 6749 §4.1.2, RFC 9207).
    pub fn answer(&self, params: &[(&str, &str)]) -> String {
        let state = self.state.iter().map(|state| ("state", state.as_str()));
        let all = params.iter().copied().chain(state).chain([("iss", self.issuer.as_str())]);
        all.fold(self.redirect_uri.clone(), |url, (name, value)| with_param(&url, name, value))
    }
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
