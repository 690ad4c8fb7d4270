//! The deployment's variables and secrets: read once into one struct, checked once.
use std::fmt;

mod limits;
mod mail;
mod model;
mod options;
mod reader;
mod social;
mod webhook;

pub use limits::DataLimits;
pub use mail::{MailFormat, MailOptions, MailProvider, MailSender, MailTransport};
pub use model::{AgentLimits, ModelOptions};
pub use options::{
    CacheStrategy, CookieCache, EmailAndPassword, EmailVerification, OrganizationCreation, OrganizationOptions,
    SessionOptions, UserOptions,
};
pub use reader::Reader;
pub use social::{AccountLinking, ProviderKind, ProviderOptions, SocialOptions, SocialSignUp};
pub use webhook::WebhookOptions;

/// Where the Worker runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// On a developer's machine: insecure cookies on http, development routes.
    Development,
    /// Anywhere else. The default: forgetting the variable must not open anything.
    Production,
}

/// What a new user gets at sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpOrganization {
    /// An organization of his own, as its owner, active at once.
    Personal,
    /// Nothing: the client makes one, as with Better Auth.
    None,
}

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The bytes, for a key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text, for a header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The shortest secret that is taken, in bytes.
const MIN_SECRET_BYTES: usize = 32;

/// The deployment's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// `ENVIRONMENT`: `development`, or `production` (default).
    pub environment: Environment,
    /// `BETTER_AUTH_SECRET`: signs cookies. The reference's name, so that a database is taken over with its sessions.
    pub secret: Secret,
    /// `BETTER_AUTH_URL`: the public origin, such as `https://api.example.com`. Unset: each request's own.
    pub base_url: Option<String>,
    /// `BETTER_AUTH_TRUSTED_ORIGINS`: more origins that may send cookies, comma-separated.
    pub trusted_origins: Vec<String>,
    /// `SIGN_UP_ORGANIZATION`: `personal` (default) or `none`.
    pub sign_up_organization: SignUpOrganization,
    /// `MAX_BODY_BYTES`: the longest body that is read. Default 1 MiB.
    pub max_body_bytes: usize,
    /// `RUN_RETENTION_DAYS`: for how many days runs of automations are kept. Default 90.
    pub run_retention_days: u32,
    /// `AUDIT_RETENTION_DAYS`: for how many days events of audit logs are kept; without it, for ever.
    pub audit_retention_days: Option<u32>,
    /// `MAX_UPLOAD_BYTES`: the longest body of rows: CSV, NDJSON or a JSON list. Default 100 MiB.
    pub max_upload_bytes: usize,
    /// `D1_TIMEOUT_MS`: how long one call to the database may take. Default 10,000.
    pub d1_timeout_ms: u32,
    /// `STORE_TIMEOUT_MS`: how long one call to an organization's rows may take. Default 20,000.
    pub store_timeout_ms: u32,
    /// Sign-up and sign-in.
    pub email_and_password: EmailAndPassword,
    /// Verified addresses.
    pub email_verification: EmailVerification,
    /// What users may do with their accounts.
    pub user: UserOptions,
    /// Sessions.
    pub session: SessionOptions,
    /// Mail.
    pub mail: MailOptions,
    /// Sign-in by other providers.
    pub social: SocialOptions,
    /// Organizations.
    pub organization: OrganizationOptions,
    /// How much data an organization may have.
    pub data: DataLimits,
    /// The model that agents think with, if there is one.
    pub model: Option<ModelOptions>,
    /// What a run of an agent may take.
    pub agent: AgentLimits,
    /// Webhooks.
    pub webhook: WebhookOptions,
    /// `RATE_LIMIT`: whether requests are counted. Default: in production.
    pub rate_limit: bool,
}

/// Everything that is missing or malformed, at once: a sentence each.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join(" "))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Reads the configuration; `var` gives a variable or secret by its name.
    ///
    /// # Errors
    /// All that is missing or malformed.
    pub fn read(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let vars = &mut Reader::new(&var);
        let environments = [("development", Environment::Development), ("production", Environment::Production)];
        let environment = vars.choice("ENVIRONMENT", &environments, Environment::Production);
        let organizations = [("personal", SignUpOrganization::Personal), ("none", SignUpOrganization::None)];
        let email_and_password = EmailAndPassword::read(vars);
        let base_url = base_url(vars);
        let config = Self {
            environment,
            secret: secret(vars),
            mail: MailOptions::read(vars, environment, base_url.is_some()),
            base_url,
            trusted_origins: trusted_origins(vars),
            sign_up_organization: vars.choice("SIGN_UP_ORGANIZATION", &organizations, SignUpOrganization::Personal),
            max_body_bytes: vars.number("MAX_BODY_BYTES", 1 << 20, 1..=100 << 20) as usize,
            run_retention_days: vars.number("RUN_RETENTION_DAYS", 90, 1..=3650),
            audit_retention_days: vars.optional_number("AUDIT_RETENTION_DAYS", 365..=36_500),
            max_upload_bytes: vars.number("MAX_UPLOAD_BYTES", 100 << 20, 1..=500 << 20) as usize,
            d1_timeout_ms: vars.number("D1_TIMEOUT_MS", 10_000, 1..=30_000),
            store_timeout_ms: vars.number("STORE_TIMEOUT_MS", 20_000, 1..=30_000),
            email_verification: EmailVerification::read(vars, email_and_password.require_email_verification),
            email_and_password,
            user: UserOptions::read(vars),
            session: SessionOptions::read(vars),
            social: SocialOptions::read(vars, environment),
            organization: OrganizationOptions::read(vars),
            data: DataLimits::read(vars),
            model: ModelOptions::read(vars, environment),
            agent: AgentLimits::read(vars),
            webhook: WebhookOptions::read(vars, environment),
            rate_limit: options::rate_limit(vars, environment),
        };
        let problems = std::mem::take(&mut vars.problems);
        if problems.is_empty() { Ok(config) } else { Err(ConfigError(problems)) }
    }

    /// Whether cookies carry `Secure` and the `__Secure-` prefix: with an https base URL, or, without one, in production.
    /// Source: Better Auth 1.7.25, `createCookieGetter`.
    #[must_use]
    pub fn has_secure_cookies(&self) -> bool {
        match &self.base_url {
            Some(url) => url.starts_with("https://"),
            None => self.environment == Environment::Production,
        }
    }
}

fn secret(vars: &mut Reader<'_>) -> Secret {
    let secret = vars.text("BETTER_AUTH_SECRET").unwrap_or_default();
    if secret.len() < MIN_SECRET_BYTES {
        let what = if secret.is_empty() { "is not set" } else { "is too short" };
        vars.problem(format!(
            "BETTER_AUTH_SECRET {what}: give it at least {MIN_SECRET_BYTES} random characters, in .dev.vars locally or \
             with `npx wrangler secret put BETTER_AUTH_SECRET`."
        ));
    }
    secret.into()
}

fn base_url(vars: &mut Reader<'_>) -> Option<String> {
    let url = vars.text("BETTER_AUTH_URL").map(|url| url.trim_end_matches('/').to_owned());
    if url.as_ref().is_some_and(|url| !is_origin(url)) {
        vars.problem("BETTER_AUTH_URL must be an origin such as https://api.example.com, without a path.".into());
    }
    url
}

fn trusted_origins(vars: &Reader<'_>) -> Vec<String> {
    let origins = vars.text("BETTER_AUTH_TRUSTED_ORIGINS").unwrap_or_default();
    let origins = origins.split(',').map(|origin| origin.trim().trim_end_matches('/').to_owned());
    origins.filter(|origin| !origin.is_empty()).collect()
}

/// `https://host[:port]` or `http://host[:port]`, nothing behind.
fn is_origin(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|h| !h.is_empty() && !h.contains(['/', '?', '#', '@', '\\', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }
    const SECRET: (&str, &str) = ("BETTER_AUTH_SECRET", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF");

    #[test]
    fn only_the_secret_is_needed_and_the_rest_defaults_to_what_is_safe() {
        let config = read(&[SECRET]).unwrap();
        assert_eq!(config.environment, Environment::Production);
        assert!(config.has_secure_cookies());
        assert_eq!(config.max_body_bytes, 1_048_576);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let error = read(&[("ENVIRONMENT", "prod"), ("BETTER_AUTH_URL", "api.example.com"), ("D1_TIMEOUT_MS", "0")]);
        let text = error.unwrap_err().to_string();
        for name in ["ENVIRONMENT", "BETTER_AUTH_SECRET is not set", "BETTER_AUTH_URL", "D1_TIMEOUT_MS"] {
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn each_variable_is_documented_and_each_documented_one_is_read() {
        let read = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let _ = Config::read(|name| {
            read.borrow_mut().insert(name.to_owned());
            None
        });
        let docs = include_str!("../../docs/configuration.md");
        let rows = docs.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        assert_eq!(rows.map(str::to_owned).collect::<std::collections::BTreeSet<_>>(), read.into_inner());
    }

    #[test]
    fn an_option_of_the_wrong_type_names_itself_and_says_what_it_takes() {
        for (name, value, says) in [
            ("AUTO_SIGN_IN", "yes", "`true` or `false`"),
            ("COOKIE_CACHE", "true", "`off` or `compact` or `jwt` or `jwe`"),
            ("SESSION_EXPIRES_IN", "7d", "from 1 to 34560000"),
            ("SESSION_UPDATE_AGE", "604801", "from 0 to 604800"),
            ("MEMBERSHIP_LIMIT", "0", "from 1 to 1000000"),
            ("PERMISSION_RESOURCES", "[]", "JSON object"),
            ("OIDC_PROVIDERS", "{}", "JSON list"),
            ("OIDC_PROVIDERS", r#"[{"id":"A","issuer":"https://a.co","clientId":"x"}]"#, "a-z"),
            ("OIDC_PROVIDERS", r#"[{"id":"credential","issuer":"https://a.co","clientId":"x"}]"#, "credential"),
            ("OIDC_PROVIDERS", r#"[{"id":"a","issuer":"http://a.co","clientId":"x"}]"#, "https://"),
            ("OIDC_PROVIDERS", r#"[{"id":"a","issuer":"https://a.co","clientId":""}]"#, "clientId"),
            ("OIDC_PROVIDERS", r#"[{"id":"a","issuer":"https://a.co","clientId":"x","secret":"y"}]"#, "JSON list"),
        ] {
            let error = read(&[SECRET, (name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(name) && error.contains(says), "{error}");
        }
    }

    #[test]
    fn providers_are_configured_wholly_or_not_at_all_and_named_only_if_they_are() {
        let google = [SECRET, ("GOOGLE_CLIENT_ID", "g"), ("GOOGLE_CLIENT_SECRET", "s")];
        let acme = ("OIDC_PROVIDERS", r#"[{"id":"acme-2","issuer":"https://a.co/","clientId":"x"}]"#);
        let secret = ("OIDC_ACME_2_CLIENT_SECRET", "hush");
        let config = read(&[&google[..], &[acme, secret, ("TRUSTED_PROVIDERS", "acme-2")]].concat()).unwrap();
        let found: Vec<_> = config.social.providers.iter().map(|p| (p.id.as_str(), p.is_trusted)).collect();
        assert_eq!(found, [("google", false), ("acme-2", true)]);
        assert!(config.social.providers[1].client_secret.is_some());
        for (vars, says) in [
            (vec![SECRET, google[1]], "GOOGLE_CLIENT_SECRET"),
            (vec![SECRET, ("TRUSTED_PROVIDERS", "gogle")], "gogle"),
            (vec![SECRET, ("DISABLE_SOCIAL_SIGN_UP", "google")], "DISABLE_SOCIAL_SIGN_UP"),
            (
                vec![
                    SECRET,
                    (
                        "OIDC_PROVIDERS",
                        r#"[{"id":"a","issuer":"https://a.co","clientId":"x"},
                {"id":"a","issuer":"https://b.co","clientId":"x"}]"#,
                    ),
                ],
                "taken",
            ),
        ] {
            let error = read(&vars).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_model_is_configured_wholly_or_not_at_all_and_without_encryption_only_in_development() {
        const MODEL: (&str, &str) = ("LLM_MODEL", "m");
        const LOCAL: (&str, &str) = ("LLM_BASE_URL", "http://127.0.0.1:1/v1/");
        assert!(read(&[SECRET]).unwrap().model.is_none());
        let config = read(&[SECRET, MODEL, LOCAL, ("ENVIRONMENT", "development"), ("LLM_API_KEY", "hush")]).unwrap();
        assert!(!format!("{config:?}").contains("hush"));
        assert_eq!(config.model.unwrap().base_url, "http://127.0.0.1:1/v1");
        for (vars, says) in [
            (vec![SECRET, MODEL], "go together"),
            (vec![SECRET, LOCAL], "go together"),
            (vec![SECRET, MODEL, LOCAL], "https://"),
            (vec![SECRET, MODEL, ("LLM_BASE_URL", "api.openai.com")], "https://"),
        ] {
            let error = read(&vars).unwrap_err().to_string();
            assert!(error.contains("LLM_BASE_URL") && error.contains(says), "{error}");
        }
    }

    #[test]
    fn webhooks_go_to_this_machine_in_development_alone() {
        let loopback = ("WEBHOOK_ALLOW_LOOPBACK", "true");
        let development = ("ENVIRONMENT", "development");
        assert!(read(&[SECRET, development, loopback]).unwrap().webhook.allows_loopback);
        assert!(!read(&[SECRET, development]).unwrap().webhook.allows_loopback);
        let error = read(&[SECRET, loopback]).unwrap_err().to_string();
        assert!(error.contains("WEBHOOK_ALLOW_LOOPBACK is for ENVIRONMENT=development alone"), "{error}");
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert!(!format!("{:?}", read(&[SECRET]).unwrap()).contains("abcdef"));
    }

    #[test]
    fn cookies_are_insecure_only_on_a_declared_http_origin_or_in_development() {
        for (vars, secure) in [
            (&[SECRET, ("BETTER_AUTH_URL", "https://a.example")][..], true),
            (&[SECRET, ("BETTER_AUTH_URL", "http://localhost:8787/")], false),
            (&[SECRET, ("ENVIRONMENT", "development")], false),
        ] {
            assert_eq!(read(vars).unwrap().has_secure_cookies(), secure);
        }
    }
}
