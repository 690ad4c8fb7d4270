//! Providers: where their endpoints are, and what is asked there.
use super::{client, id_token, profile::Profile};
use crate::{
    access::App,
    config::{ProviderKind, ProviderOptions, Secret},
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use form_urlencoded::{Serializer, byte_serialize};
use futures_util::future::join;
use serde_json::Value;

/// A configured provider whose endpoints are known.
pub struct Provider<'a> {
    /// How it is configured.
    pub options: &'a ProviderOptions,
    /// Where its sign-in page is.
    pub authorization: String,
    /// What it calls itself in id tokens, and in `iss`; none if it is no OpenID provider.
    pub issuers: Vec<String>,
    /// Whether it always says who it is when it sends its users back (RFC 9207).
    pub says_issuer: bool,
    token: String,
    /// Where its public keys are.
    keys: Option<String>,
    profile: Option<String>,
    /// Whether it wants the secret in a header, not in the form.
    takes_basic: bool,
}

/// What the token endpoint gives.
#[derive(Default)]
pub struct Tokens {
    /// For the provider's API.
    pub access: Option<String>,
    /// For another of those.
    pub refresh: Option<String>,
    /// Who signed in.
    pub id: Option<String>,
    /// When the first ends.
    pub access_expires_at: Option<Timestamp>,
    /// When the second does.
    pub refresh_expires_at: Option<Timestamp>,
    /// What the first may do.
    pub scopes: Vec<String>,
}

/// The provider of the id as it is configured.
pub fn configured<'a>(app: &'a App, id: &str) -> Option<&'a ProviderOptions> {
    app.config.social.providers.iter().find(|provider| provider.id == id)
}

impl<'a> Provider<'a> {
    /// The provider of the id. Nothing if none is configured, or if its discovery document cannot be had.
    pub async fn find(app: &'a App, id: &str) -> Option<Self> {
        Self::of(app, configured(app, id)?).await
    }

    /// With its endpoints.
    pub async fn of(app: &App, options: &'a ProviderOptions) -> Option<Self> {
        match &options.kind {
            ProviderKind::Google => Some(Self {
                options,
                authorization: "https://accounts.google.com/o/oauth2/v2/auth".into(),
                issuers: vec!["https://accounts.google.com".into(), "accounts.google.com".into()],
                says_issuer: false,
                token: "https://oauth2.googleapis.com/token".into(),
                keys: Some("https://www.googleapis.com/oauth2/v3/certs".into()),
                profile: Some("https://openidconnect.googleapis.com/v1/userinfo".into()),
                takes_basic: false,
            }),
            ProviderKind::GitHub => Some(Self {
                options,
                authorization: "https://github.com/login/oauth/authorize".into(),
                issuers: vec![],
                says_issuer: false,
                token: "https://github.com/login/oauth/access_token".into(),
                keys: None,
                profile: Some("https://api.github.com/user".into()),
                takes_basic: false,
            }),
            ProviderKind::Issuer(issuer) => Self::discovered(app, options, issuer).await,
        }
    }

    /// By OpenID Connect Discovery 1.0. The document must be the issuer's own, and all that it names secure.
    async fn discovered(app: &App, options: &'a ProviderOptions, issuer: &str) -> Option<Self> {
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = client::get(app, &place, None).await?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        let url = |name: &str| text(name).filter(|url| client::is_secure(app, url));
        let said = text("issuer").filter(|said| said.trim_end_matches('/') == issuer.trim_end_matches('/'))?;
        // Without the list it is `client_secret_basic` (§3 there). We prefer the form, as the reference does.
        let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let takes_form = methods.is_some_and(|methods| methods.iter().any(|method| method == "client_secret_post"));
        Some(Self {
            options,
            authorization: url("authorization_endpoint")?,
            issuers: vec![said],
            says_issuer: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
            token: url("token_endpoint")?,
            keys: Some(url("jwks_uri")?),
            profile: url("userinfo_endpoint"),
            takes_basic: !takes_form,
        })
    }

    /// Whether it gives id tokens: then one is required, and bound to its request by a nonce.
    pub fn is_openid(&self) -> bool {
        self.keys.is_some()
    }

    /// Exchanges the code of a callback for tokens.
    pub async fn exchange(&self, app: &App, code: &str, verifier: &str, redirect_uri: &str) -> Option<Tokens> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect_uri),
        ];
        self.tokens(app, &form).await
    }

    /// Exchanges a refresh token for new ones. There is no answer without an access token.
    pub async fn refresh(&self, app: &App, token: &str) -> Option<Tokens> {
        let tokens = self.tokens(app, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await?;
        tokens.access.is_some().then_some(tokens)
    }

    async fn tokens(&self, app: &App, form: &[(&str, &str)]) -> Option<Tokens> {
        let mut body = Serializer::new(String::new());
        body.extend_pairs(form);
        let (id, secret) = (&self.options.client_id, self.options.client_secret.as_ref());
        let secret = secret.map(Secret::as_str);
        let authorization = match secret {
            Some(secret) if self.takes_basic => Some(basic(id, secret)),
            _ => {
                body.append_pair("client_id", id).extend_pairs(secret.map(|secret| ("client_secret", secret)));
                None
            }
        };
        let answer = client::post(app, &self.token, body.finish(), authorization).await?;
        // GitHub says 200 to a code that is not good.
        if answer.get("error").is_some() { None } else { Some(Tokens::read(&answer, app.now)) }
    }

    /// Whom fresh tokens are of. An OpenID provider must have signed an id token for us, with that nonce.
    pub async fn profile(&self, app: &App, tokens: &Tokens, nonce: Option<&str>) -> Option<Profile> {
        if !self.is_openid() {
            return self.current_profile(app, tokens.access.as_deref()?).await;
        }
        let claims = self.claims(app, tokens.id.as_deref()?, nonce).await?;
        let profile = Profile::of_claims(claims)?;
        if profile.email.is_some() {
            return Some(profile);
        }
        // Some keep the address out of id tokens. What is signed says whose it must be.
        let asked = self.current_profile(app, tokens.access.as_deref()?).await?;
        (asked.subject == profile.subject).then_some(asked)
    }

    /// Whom the provider's API says that the access token is of.
    pub async fn current_profile(&self, app: &App, access_token: &str) -> Option<Profile> {
        let url = self.profile.as_deref()?;
        if self.options.kind != ProviderKind::GitHub {
            return Profile::of_claims(client::get(app, url, Some(access_token)).await?);
        }
        let emails = format!("{url}/emails");
        let (user, emails) =
            join(client::get(app, url, Some(access_token)), client::get(app, &emails, Some(access_token))).await;
        Profile::of_github(user?, emails)
    }

    /// What a good id token says: one that the provider signed for us.
    pub async fn claims(&self, app: &App, token: &str, nonce: Option<&str>) -> Option<Value> {
        let parsed = id_token::parse(token)?;
        let keys = client::get(app, self.keys.as_deref()?, None).await?;
        id_token::verify(app, parsed, &keys, self, nonce).await
    }
}

impl Tokens {
    fn read(answer: &Value, now: Timestamp) -> Self {
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let instant = |name: &str| {
            let seconds = answer.get(name)?;
            let seconds = seconds.as_i64().or_else(|| seconds.as_str()?.parse().ok()).filter(|seconds| *seconds > 0);
            seconds.map(|seconds| now.plus_s(seconds))
        };
        let scopes = match answer.get("scope") {
            Some(Value::Array(scopes)) => scopes.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(scopes)) => scopes.split_whitespace().map(str::to_owned).collect(),
            _ => vec![],
        };
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            id: text("id_token"),
            access_expires_at: instant("expires_in"),
            refresh_expires_at: instant("refresh_token_expires_in"),
            scopes,
        }
    }
}

/// RFC 6749 §2.3.1: both are encoded as in a form first.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}
