//! What a request signs in with: an API key, an OAuth access token, or a session, by the signed cookie or a bearer token.
//!
//! Source of sessions: Better Auth 1.7.25, `getSignedCookie` and the bearer plugin (wire spec §2.3 and §5.25).
use crate::{
    Result,
    api::{
        Request,
        cookie::{self, Cookie},
    },
    config::Config,
    random::Random,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A session token has 32 characters; whatever is far longer is not looked up.
const MAX_TOKEN_BYTES: usize = 256;

/// Letters and digits after a secret's prefix: 285 bits.
const SECRET_LENGTH: usize = 48;
/// How much of an API key is kept to know it by.
const START_LENGTH: usize = 8;

/// What a request signs in with.
pub enum Credential {
    /// A session's token.
    Session(String),
    /// An API key's hash.
    ApiKey(String),
    /// An OAuth access token's hash.
    AccessToken(String),
}

impl Credential {
    /// The API key or access token, if the request has one; else the session. Beside a key or token, a cookie does not
    /// count.
    #[must_use]
    pub fn of(request: &Request, config: &Config) -> Option<Self> {
        let is_of = |kind: SecretKind| bearer(request).filter(|text| text.starts_with(kind.prefix()));
        if let Some(key) = is_of(SecretKind::ApiKey) {
            SecretKind::ApiKey.hash_of(key).map(Self::ApiKey)
        } else if let Some(token) = is_of(SecretKind::AccessToken) {
            SecretKind::AccessToken.hash_of(token).map(Self::AccessToken)
        } else {
            session_token(request, config).map(Self::Session)
        }
    }
}

/// What a secret is for, as its first letters say, so that people and scanners of secrets know one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// `osk_…`
    ApiKey,
    /// `oat_…`
    AccessToken,
    /// `ort_…`: OAuth's refresh token.
    RefreshToken,
    /// `oac_…`: OAuth's authorization code.
    AuthorizationCode,
}

impl SecretKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "osk_",
            Self::AccessToken => "oat_",
            Self::RefreshToken => "ort_",
            Self::AuthorizationCode => "oac_",
        }
    }

    /// What is kept of that secret; none if the text cannot be one.
    #[must_use]
    pub fn hash_of(self, text: &str) -> Option<String> {
        let is_one = text.len() == self.prefix().len() + SECRET_LENGTH && text.starts_with(self.prefix());
        is_one.then(|| hash(text))
    }
}

/// What is kept of a secret, or of a part of one: it is random, so that a fast hash is enough.
#[must_use]
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}

/// A secret that is being made.
pub struct NewSecret(String);

impl NewSecret {
    /// A fresh one.
    ///
    /// # Errors
    /// `Internal` if the platform has no randomness.
    pub fn generate(kind: SecretKind, random: Random) -> Result<Self> {
        Ok(Self(format!("{}{}", kind.prefix(), random.alphanumeric(SECRET_LENGTH)?)))
    }

    /// How it begins: enough to know it by, too little to guess the rest.
    #[must_use]
    pub fn start(&self) -> String {
        self.0.chars().take(START_LENGTH).collect()
    }

    /// What the gate finds it by.
    #[must_use]
    pub fn hash(&self) -> String {
        hash(&self.0)
    }

    /// It, for who asked for it.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// The token of the session that the request claims. A bearer token counts before the cookie, unless it is signed and
/// its signature is wrong.
#[must_use]
pub fn session_token(request: &Request, config: &Config) -> Option<String> {
    let token = bearer_token(request, config).or_else(|| signed_cookie(request, config, Cookie::SessionToken));
    token.filter(|token| !token.is_empty() && token.len() <= MAX_TOKEN_BYTES)
}

/// The payload of one of our signed cookies, if its signature is good.
#[must_use]
pub fn signed_cookie(request: &Request, config: &Config, which: Cookie) -> Option<String> {
    let value = cookie::read(request.header("cookie")?, &which.name(config))?;
    cookie::verify(&value, &config.secret)
}

/// `Authorization: Bearer <token>`: a session token as it is, or `token.signature`, raw or percent-encoded.
fn bearer_token(request: &Request, config: &Config) -> Option<String> {
    let token = bearer(request)?;
    if token.contains('.') { cookie::verify(&cookie::decode(token), &config.secret) } else { Some(token.to_owned()) }
}

/// What follows `Authorization: Bearer`.
fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
