//! What the authorization server refuses, in OAuth's words. `docs/errors.md` lists them.
use crate::{Error, api::Response};
use http::StatusCode;
use serde_json::json;
use std::borrow::Cow;

macro_rules! codes {
    ($($variant:ident = $status:ident $word:literal $when:literal;)+) => {
        /// An error of OAuth.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $when] $variant,)+
        }
        impl Code {
            /// All of them, each with its status, its word, and when it is answered: for the docs.
            #[cfg(test)]
            pub const ALL: &[(StatusCode, &str, &str)] = &[$((StatusCode::$status, $word, $when),)+];

            /// The status of an answer that has it.
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$variant => StatusCode::$status,)+
                }
            }

            /// The word, as OAuth has it.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

codes! {
    InvalidRequest = BAD_REQUEST "invalid_request" "A parameter is missing, given twice, too long or of another form; PKCE with S256 is among those that are needed.";
    InvalidClient = UNAUTHORIZED "invalid_client" "There is no such client, or its metadata document cannot be read.";
    InvalidGrant = BAD_REQUEST "invalid_grant" "A code or refresh token that is unknown, used, expired or revoked, or of another client, redirect URI, verifier or resource. It is not said which.";
    UnsupportedGrantType = BAD_REQUEST "unsupported_grant_type" "Another grant type than `authorization_code` and `refresh_token`.";
    UnsupportedResponseType = BAD_REQUEST "unsupported_response_type" "Another response type than `code`.";
    InvalidScope = BAD_REQUEST "invalid_scope" "A scope that there is not.";
    InvalidTarget = BAD_REQUEST "invalid_target" "No resource, or another than this deployment's.";
    AccessDenied = FORBIDDEN "access_denied" "The person did not agree, or is no member of the organization that he chose.";
    InvalidRedirectUri = BAD_REQUEST "invalid_redirect_uri" "A registration with a redirect URI that is not taken.";
    InvalidClientMetadata = BAD_REQUEST "invalid_client_metadata" "A registration with other metadata that are not taken.";
    TooManyRequests = TOO_MANY_REQUESTS "temporarily_unavailable" "Too many requests; `retry-after` has the seconds to wait.";
    TooManyClients = SERVICE_UNAVAILABLE "temporarily_unavailable" "Too many registrations that nobody has agreed to yet.";
}

/// Why a request is refused.
#[derive(Debug)]
pub struct Refusal {
    /// OAuth's word for it.
    pub code: Code,
    /// A sentence to who made the application.
    pub description: Cow<'static, str>,
}

impl Refusal {
    /// One with that sentence, which RFC 6749 §4.1.2.1 wants in ASCII without quotes.
    pub fn new(code: Code, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into() }
    }
}

impl From<Refusal> for Response {
    /// `{"error","error_description"}` (RFC 6749 §5.2).
    fn from(refusal: Refusal) -> Self {
        let body = json!({ "error": refusal.code.word(), "error_description": refusal.description });
        Self::json_bytes(refusal.code.status(), body.to_string().into_bytes()).with_header("cache-control", "no-store")
    }
}

/// Why there is no answer of the usual kind.
#[derive(Debug)]
pub enum Failure {
    /// The request is refused.
    Refused(Refusal),
    /// Anything else that can go wrong.
    Broken(Error),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_docs_list_every_error_of_oauth() {
        let mut table = String::from("| status | error | when |\n|---|---|---|\n");
        for (status, word, when) in super::Code::ALL {
            table += &format!("| {} | `{word}` | {when} |\n", status.as_u16());
        }
        crate::house::docs::section_is("docs/errors.md", "oauth", &table);
    }
}
