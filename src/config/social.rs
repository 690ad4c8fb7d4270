//! Sign-in by other providers: Google, GitHub, and any OpenID Connect issuer.
use super::{Environment, Reader, Secret};
use serde_json::Value;
use std::collections::BTreeSet;

/// Who else may vouch for a user, and what follows from it.
#[derive(Clone, Debug)]
pub struct SocialOptions {
    /// The providers, in the order in which they are configured.
    pub providers: Vec<ProviderOptions>,
    /// When an account is linked to a user that is already here.
    pub linking: AccountLinking,
}

/// One provider.
#[derive(Clone, Debug)]
pub struct ProviderOptions {
    /// What requests and `account.providerId` call it.
    pub id: String,
    /// Where it is.
    pub kind: ProviderKind,
    /// What it calls us.
    pub client_id: String,
    /// What we prove that with; a public client has none.
    pub client_secret: Option<Secret>,
    /// The scopes that are always asked for.
    pub scopes: Vec<String>,
    /// Whether it makes new users.
    pub sign_up: SocialSignUp,
    /// `TRUSTED_PROVIDERS`: whether its addresses count as verified when an account is linked.
    pub is_trusted: bool,
}

/// Where a provider is, and what it speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Google.
    Google,
    /// GitHub, which has no id tokens.
    GitHub,
    /// An OpenID Connect issuer, by discovery.
    Issuer(String),
}

/// Whether someone who is not here yet becomes a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocialSignUp {
    /// At once.
    Implicit,
    /// `DISABLE_IMPLICIT_SIGN_UP`: if the request says `requestSignUp`.
    OnRequest,
    /// `DISABLE_SOCIAL_SIGN_UP`: not at all.
    Never,
}

/// When an account is linked to a user that is already here.
#[derive(Clone, Copy, Debug)]
pub struct AccountLinking {
    /// `ACCOUNT_LINKING`: it is possible at all.
    pub enabled: bool,
    /// `DISABLE_IMPLICIT_LINKING`: only if the user asks for it when he is signed in.
    pub disable_implicit: bool,
    /// `ALLOW_DIFFERENT_EMAILS`: he may link an account of another address.
    pub allow_different_emails: bool,
}

/// An entry of `OIDC_PROVIDERS`.
struct Issuer {
    id: String,
    issuer: String,
    client_id: String,
    scopes: Option<Vec<String>>,
}

impl Issuer {
    /// By hand: serde's code for it is many times as long. A field that is not ours is a slip.
    fn read(value: &Value) -> Option<Self> {
        let fields = value.as_object()?;
        let text = |name: &str| fields.get(name)?.as_str().map(str::to_owned);
        let is_known = |name: &String| ["id", "issuer", "clientId", "scopes"].contains(&name.as_str());
        let scopes = match fields.get("scopes") {
            Some(scopes) => {
                Some(scopes.as_array()?.iter().map(|scope| scope.as_str().map(str::to_owned)).collect::<Option<_>>()?)
            }
            None => None,
        };
        let issuer = Self { id: text("id")?, issuer: text("issuer")?, client_id: text("clientId")?, scopes };
        fields.keys().all(is_known).then_some(issuer)
    }
}

impl SocialOptions {
    pub(super) fn read(vars: &mut Reader<'_>, environment: Environment) -> Self {
        let mut providers = vec![];
        providers.extend(built_in(vars, "GOOGLE", ProviderKind::Google, &["email", "profile", "openid"]));
        providers.extend(built_in(vars, "GITHUB", ProviderKind::GitHub, &["read:user", "user:email"]));
        for issuer in issuers(vars, environment) {
            if providers.iter().any(|provider| provider.id == issuer.id) {
                vars.problem(format!("OIDC_PROVIDERS: the id {} is taken.", issuer.id));
            }
            providers.push(issuer);
        }
        let known: Vec<String> = providers.iter().map(|provider| provider.id.clone()).collect();
        let on_request = ids(vars, "DISABLE_IMPLICIT_SIGN_UP", &known);
        let never = ids(vars, "DISABLE_SOCIAL_SIGN_UP", &known);
        let trusted = ids(vars, "TRUSTED_PROVIDERS", &known);
        for provider in &mut providers {
            provider.is_trusted = trusted.contains(&provider.id);
            provider.sign_up = match (never.contains(&provider.id), on_request.contains(&provider.id)) {
                (true, _) => SocialSignUp::Never,
                (false, true) => SocialSignUp::OnRequest,
                (false, false) => SocialSignUp::Implicit,
            };
        }
        let linking = AccountLinking {
            enabled: vars.flag("ACCOUNT_LINKING", true),
            disable_implicit: vars.flag("DISABLE_IMPLICIT_LINKING", false),
            allow_different_emails: vars.flag("ALLOW_DIFFERENT_EMAILS", false),
        };
        Self { providers, linking }
    }
}

/// `<NAME>_CLIENT_ID` and `<NAME>_CLIENT_SECRET`: both, or neither.
fn built_in(vars: &mut Reader<'_>, name: &str, kind: ProviderKind, scopes: &[&str]) -> Option<ProviderOptions> {
    let (id, secret) = (vars.text(&format!("{name}_CLIENT_ID")), vars.text(&format!("{name}_CLIENT_SECRET")));
    match (id, secret) {
        (Some(client_id), Some(secret)) => {
            let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            Some(provider(name.to_ascii_lowercase(), kind, client_id, Some(secret.into()), scopes))
        }
        (None, None) => None,
        _ => {
            vars.problem(format!("{name}_CLIENT_ID and {name}_CLIENT_SECRET need each other: set both."));
            None
        }
    }
}

fn issuers(vars: &mut Reader<'_>, environment: Environment) -> Vec<ProviderOptions> {
    let Some(text) = vars.text("OIDC_PROVIDERS") else { return vec![] };
    let read = |text: &str| serde_json::from_str::<Value>(text).ok()?.as_array()?.iter().map(Issuer::read).collect();
    let Some(issuers): Option<Vec<Issuer>> = read(&text) else {
        vars.problem(
            "OIDC_PROVIDERS must be a JSON list such as \
             [{\"id\":\"acme\",\"issuer\":\"https://id.acme.com\",\"clientId\":\"…\",\"scopes\":[\"openid\",\"email\"]}]."
                .into(),
        );
        return vec![];
    };
    issuers.into_iter().filter_map(|issuer| issuer_options(vars, issuer, environment)).collect()
}

fn issuer_options(vars: &mut Reader<'_>, issuer: Issuer, environment: Environment) -> Option<ProviderOptions> {
    let Issuer { id, issuer, client_id, scopes } = issuer;
    let is_id = (1..=32).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && id != "credential";
    if !is_id {
        vars.problem("OIDC_PROVIDERS: an id has 1 to 32 characters a-z, 0-9 and -, and is not `credential`.".into());
        return None;
    }
    let is_http = issuer.starts_with("http://") && environment == Environment::Development;
    if !(issuer.starts_with("https://") || is_http) || issuer.contains(['?', '#', '@', ' ']) {
        vars.problem(format!("OIDC_PROVIDERS: the issuer of {id} must be a URL such as https://id.acme.com."));
    }
    if client_id.is_empty() {
        vars.problem(format!("OIDC_PROVIDERS: {id} needs a clientId."));
    }
    let secret = vars.text(&format!("OIDC_{}_CLIENT_SECRET", id.to_ascii_uppercase().replace('-', "_")));
    let scopes = scopes.unwrap_or_else(|| ["openid", "email", "profile"].map(str::to_owned).into());
    Some(provider(id, ProviderKind::Issuer(issuer), client_id, secret.map(Into::into), scopes))
}

fn provider(
    id: String,
    kind: ProviderKind,
    client_id: String,
    client_secret: Option<Secret>,
    scopes: Vec<String>,
) -> ProviderOptions {
    ProviderOptions { id, kind, client_id, client_secret, scopes, sign_up: SocialSignUp::Implicit, is_trusted: false }
}

/// Ids of providers, comma-separated; one that is not configured is a slip that must not go unnoticed.
fn ids(vars: &mut Reader<'_>, name: &str, known: &[String]) -> BTreeSet<String> {
    let text = vars.text(name).unwrap_or_default();
    let ids: BTreeSet<String> = text.split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
    for id in ids.iter().filter(|id| !known.contains(id)) {
        vars.problem(format!("{name} names {id}, which is no configured provider."));
    }
    ids
}
