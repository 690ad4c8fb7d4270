//! The deployment's variables and secrets: read once into one struct, checked once.
use std::fmt;

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
    /// `D1_TIMEOUT_MS`: how long one call to the database may take. Default 10,000.
    pub d1_timeout_ms: u32,
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
        let mut problems = vec![];
        let var = |name: &str| var(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let environment = match var("ENVIRONMENT").as_deref() {
            None | Some("production") => Environment::Production,
            Some("development") => Environment::Development,
            Some(_) => {
                problems.push("ENVIRONMENT must be `development` or `production`.".into());
                Environment::Production
            }
        };
        let sign_up_organization = match var("SIGN_UP_ORGANIZATION").as_deref() {
            None | Some("personal") => SignUpOrganization::Personal,
            Some("none") => SignUpOrganization::None,
            Some(_) => {
                problems.push("SIGN_UP_ORGANIZATION must be `personal` or `none`.".into());
                SignUpOrganization::None
            }
        };
        let secret = var("BETTER_AUTH_SECRET").unwrap_or_default();
        if secret.len() < MIN_SECRET_BYTES {
            let what = if secret.is_empty() { "is not set" } else { "is too short" };
            problems.push(format!(
                "BETTER_AUTH_SECRET {what}: give it at least {MIN_SECRET_BYTES} random characters, in .dev.vars \
                 locally or with `npx wrangler secret put BETTER_AUTH_SECRET`."
            ));
        }
        let base_url = var("BETTER_AUTH_URL").map(|url| url.trim_end_matches('/').to_owned());
        if base_url.as_ref().is_some_and(|url| !is_origin(url)) {
            problems.push("BETTER_AUTH_URL must be an origin such as https://api.example.com, without a path.".into());
        }
        let mut number = |name: &str, default: u32, max: u32| match var(name).map(|text| text.parse::<u32>()) {
            None => default,
            Some(Ok(value)) if (1..=max).contains(&value) => value,
            Some(_) => {
                problems.push(format!("{name} must be a whole number from 1 to {max}."));
                default
            }
        };
        let max_body_bytes = number("MAX_BODY_BYTES", 1 << 20, 100 << 20) as usize;
        let d1_timeout_ms = number("D1_TIMEOUT_MS", 10_000, 30_000);
        let trusted_origins = var("BETTER_AUTH_TRUSTED_ORIGINS").unwrap_or_default();
        let trusted_origins =
            trusted_origins.split(',').map(|o| o.trim().trim_end_matches('/').to_owned()).filter(|o| !o.is_empty());
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        Ok(Self {
            environment,
            secret: secret.into(),
            base_url,
            trusted_origins: trusted_origins.collect(),
            sign_up_organization,
            max_body_bytes,
            d1_timeout_ms,
        })
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
