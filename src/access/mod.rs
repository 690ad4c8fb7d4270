//! Who is asking, for which organization, and the only rows that gives them: the security kernel.
use crate::{
    Error, Result,
    api::{Request, cookie::hmac_sha256},
    config::{Config, DataLimits, Environment, WebhookOptions},
    db::{IdentityStatement, Rows, Sql, SqlError, Statement},
    fetch::Fetch,
    id::{ApiKeyId, AutomationId, OauthGrantId, OrgId, UserId},
    mail::{Mail, Mailer, Outbox},
    policy::{Action, Permission, Permissions, Roles},
    queue::{Queue, Wake},
    random::Random,
    rate_limit::{KeyLimiter, RateLimiter},
    runtime::Runtime,
    store::{self, Stores},
    time::Timestamp,
};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

pub mod audience;
mod audit;
pub mod audit_sql;
mod chain;
pub mod credential;
mod engine_db;
mod org_db;
mod org_store;
mod ownership;
mod pages;
pub mod sql;
#[cfg(test)]
mod tests;

pub use audit::{Actor, AuditEvent, Called, Door, GENESIS, Verdict, arguments_hash};
use chain::Head;
pub use chain::OrgLog;
use credential::Credential;
pub use engine_db::{EngineDb, EngineStatement};
pub use org_db::{OrgDb, OrgStatement};
pub use org_store::{NewRows, OrgStore};
pub use ownership::{OrgOwned, Owner, validate_org_ownership};
pub use pages::Pages;

/// Where everything is kept.
#[derive(Clone)]
pub struct Databases {
    /// Identity and the definitions of what organizations have.
    pub sql: Rc<dyn Sql>,
    /// The rows of datasets, each organization's by itself.
    pub stores: Rc<dyn Stores>,
}

/// Runs something to its end, whatever becomes of the request's answer.
pub type Background = Rc<dyn Fn(LocalBoxFuture<'static, ()>)>;

/// What the core needs from outside, for one request.
#[derive(Clone)]
pub struct App {
    databases: Databases,
    identity_changes: Cell<u32>,
    /// What counts requests; without it, none is let through if they are to be counted.
    pub limiter: Option<Rc<dyn RateLimiter>>,
    /// What counts the requests of API keys; likewise.
    pub key_limiter: Option<Rc<dyn KeyLimiter>>,
    /// What goes on when the request is answered; without it, nothing can.
    pub background: Option<Background>,
    /// Where messages about automations go; without it, they wait for the next tick of one that has it.
    pub queue: Option<Rc<dyn Queue>>,
    /// Other servers.
    pub fetch: Rc<dyn Fetch>,
    /// Mail, if it is to be sent.
    pub mailer: Option<Rc<dyn Mailer>>,
    /// The deployment's configuration.
    pub config: Rc<Config>,
    /// Randomness.
    pub random: Random,
    /// URLs and Unicode.
    pub runtime: Runtime,
    /// The instant of the request.
    pub now: Timestamp,
}

impl App {
    /// Puts it together.
    #[must_use]
    pub fn new(
        databases: Databases,
        fetch: Rc<dyn Fetch>,
        mailer: Option<Rc<dyn Mailer>>,
        config: Rc<Config>,
        random: Random,
        runtime: Runtime,
        now: Timestamp,
    ) -> Self {
        Self {
            databases,
            identity_changes: Cell::new(0),
            limiter: None,
            key_limiter: None,
            background: None,
            queue: None,
            fetch,
            mailer,
            config,
            random,
            runtime,
            now,
        }
    }

    /// The same, with what counts requests: of clients, and of API keys.
    #[must_use]
    pub fn limited_by(self, limiter: Option<Rc<dyn RateLimiter>>, key_limiter: Option<Rc<dyn KeyLimiter>>) -> Self {
        Self { limiter, key_limiter, ..self }
    }

    /// Counts a request with a key.
    async fn count_key(&self, key_hash: &str) -> Result<()> {
        if !self.config.rate_limit {
            return Ok(());
        }
        let limiter = self.key_limiter.as_deref().ok_or_else(|| {
            Error::Misconfigured(
                "The binding KEY_RATE_LIMITER is missing in wrangler.toml. RATE_LIMIT=false does without.".into(),
            )
        })?;
        if limiter.admits(key_hash).await? {
            return Ok(());
        }
        let why = "This API key has sent too many requests. Wait a minute, then go on more slowly.";
        // The period of the binding.
        Err(Error::TooManyRequests { why, wait_s: 60 })
    }

    /// The same, with what runs in the background.
    #[must_use]
    pub fn with_background(self, background: Option<Background>) -> Self {
        Self { background, ..self }
    }

    /// The same, with where messages about automations go.
    #[must_use]
    pub fn queued_by(self, queue: Option<Rc<dyn Queue>>) -> Self {
        Self { queue, ..self }
    }

    /// Sends the mail, if mails are sent.
    pub fn send(&self, mail: Mail) {
        if let Some(mailer) = &self.mailer {
            mailer.send(mail);
        }
    }

    /// A key of the deployment's secret, for one purpose and one thing. None of them tells the secret or another key, and
    /// none is what the secret itself signs.
    ///
    /// # Errors
    /// Never: see [`hmac_sha256`].
    pub fn derived_key(&self, purpose: &str, of: &str) -> Result<[u8; 32]> {
        let root = hmac_sha256(self.config.secret.as_bytes(), b"orgscope: keys of other purposes");
        let key = root.and_then(|root| hmac_sha256(&root, format!("{purpose}\0{of}").as_bytes()));
        key.ok_or_else(|| Error::internal("no HMAC"))
    }

    /// Development's mails; nothing in production, whatever the mailer.
    #[must_use]
    pub fn outbox(&self) -> Option<&Outbox> {
        let mailer = self.mailer.as_deref().filter(|_| self.config.environment == Environment::Development);
        mailer?.outbox()
    }

    /// The identity tables: users, sessions, organizations, members.
    #[must_use]
    pub const fn identity(&self) -> IdentityDb<'_> {
        IdentityDb { app: self }
    }

    /// Empties the store of an organization that is deleted, which no one can reach any more. Gives whether that was done.
    /// Who deletes an organization need not look: the hourly purge asks again.
    pub async fn empty_store(&self, organization: &OrgId) -> bool {
        self.databases.stores.ask(organization, store::Request::Clear).await.is_ok()
    }

    /// How many batches have gone to the identity tables so far that may have changed them: while it is the same, what
    /// was read of them holds.
    #[must_use]
    pub fn identity_changes(&self) -> u32 {
        self.identity_changes.get()
    }
}

/// The identity tables, through statements declared by [`crate::identity_sql!`].
#[derive(Clone, Copy)]
pub struct IdentityDb<'a> {
    app: &'a App,
}

impl IdentityDb<'_> {
    /// Runs the statements in order, atomically, in one round trip.
    ///
    /// # Errors
    /// What the database says; a constraint is for the caller to name.
    pub async fn batch(&self, statements: Vec<IdentityStatement>) -> Result<Vec<Rows>, SqlError> {
        let statements: Vec<Statement> = statements.into_iter().map(Into::into).collect();
        if !statements.iter().all(Statement::is_read) {
            self.will_change();
        }
        self.app.databases.sql.batch(statements).await
    }

    /// Before it runs: also what fails may have taken effect.
    fn will_change(&self) {
        self.app.identity_changes.update(|changes| changes.wrapping_add(1));
    }

    /// Runs one statement.
    ///
    /// # Errors
    /// As [`IdentityDb::batch`].
    pub async fn run(&self, statement: IdentityStatement) -> Result<Rows, SqlError> {
        Ok(self.batch(vec![statement]).await?.pop().unwrap_or_default())
    }
}

/// The caller of an operation: made only by [`enter`], from a credential and a membership read now, and never changed.
///
/// ```compile_fail
/// fn from_thin_air(app: orgscope::access::App) -> orgscope::access::AuthCtx {
///     orgscope::access::AuthCtx { app, ..Default::default() }
/// }
/// ```
pub struct AuthCtx {
    user_id: UserId,
    email: String,
    org_id: OrgId,
    roles: Roles,
    permissions: Permissions,
    /// What his API key or access token grants, if that is his credential.
    scope: Option<Permissions>,
    actor: Actor,
    door: Door,
    /// Where the organization's audit log ends, as far as this request knows: where its next event is tried first. No
    /// authority hangs on it.
    head: RefCell<Head>,
    app: App,
}

/// Resolves the credential, the organization and the membership, in one round trip, on every request: a removed member
/// is out at once, and so is a revoked session. The header `x-organization-id` may name an organization (id or slug);
/// without it the session's active one counts. A blank one names no organization: a page that forgot which it is in must
/// not write to another. `door` is for the audit log, and for what a model may not do without a person.
///
/// # Errors
/// `Unauthenticated`, `NoActiveOrganization` or `NotAMember`; `TooManyRequests` with one API key.
pub async fn enter(app: &App, request: &Request, door: Door) -> Result<AuthCtx> {
    let named = request.header("x-organization-id").map(str::trim);
    let credential = Credential::of(request, &app.config).ok_or(Error::Unauthenticated)?;
    let is_scoped = !matches!(credential, Credential::Session(_));
    if let Credential::ApiKey(hash) | Credential::AccessToken(hash) = &credential {
        app.count_key(hash).await?;
    }
    let statements = match credential {
        Credential::Session(token) => vec![sql::MEMBERSHIP.bind([token.into(), app.now.into(), named.into()])],
        Credential::ApiKey(hash) => vec![
            sql::KEY_MEMBERSHIP.bind([hash.clone().into(), app.now.into(), named.into()]),
            sql::KEY_IS_USED.bind([hash.into(), app.now.into(), app.now.plus_s(-KEY_USE_IS_NOTED_EVERY_S).into()]),
        ],
        Credential::AccessToken(hash) => {
            let audience = audience::of(request, &app.config);
            vec![sql::TOKEN_MEMBERSHIP.bind([hash.into(), app.now.into(), named.into(), audience.into()])]
        }
    };
    let found = app.identity().batch(statements).await?.into_iter().next().unwrap_or_default();
    let mut found: Membership = found.decode_first()?.ok_or(Error::Unauthenticated)?;
    let (org_id, role) = match (found.org_id.take(), found.role.take()) {
        (Some(org_id), Some(role)) => (org_id, role),
        _ if named.is_none() && found.active_organization_id.is_none() => return Err(Error::NoActiveOrganization),
        _ => return Err(Error::NotAMember),
    };
    // A key or token of which nothing can be read grants nothing.
    let scope = is_scoped.then(|| Permissions::of_json(&found.scope));
    let actor = Actor::of(found.key_id.take(), found.grant_id.take());
    Ok(found.caller(org_id, &role, scope, (actor, door), app))
}

/// Of two uses of a key within so many seconds, the first is noted: it costs a write.
const KEY_USE_IS_NOTED_EVERY_S: i64 = 60;

/// What [`sql::MEMBERSHIP`], [`sql::KEY_MEMBERSHIP`], [`sql::TOKEN_MEMBERSHIP`] and [`sql::AUTOMATION_MEMBERSHIP`] give.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Membership {
    user_id: UserId,
    email: String,
    active_organization_id: Option<String>,
    org_id: Option<OrgId>,
    role: Option<String>,
    /// `[[name, permission as JSON text], …]` of the organization's own roles that the member has.
    dynamic_roles: Vec<(String, String)>,
    /// What an API key or access token grants; a session grants all that the roles do.
    #[serde(default)]
    scope: Value,
    /// The API key, if that is the credential.
    #[serde(default)]
    key_id: Option<ApiKeyId>,
    /// The OAuth grant, if it is an access token.
    #[serde(default)]
    grant_id: Option<OauthGrantId>,
    head: Option<Head>,
}

impl Membership {
    /// Him, in that organization with that role: he may do what his roles grant and, if there is one, `scope` does too.
    fn caller(
        self,
        org_id: OrgId,
        role: &str,
        scope: Option<Permissions>,
        (actor, door): (Actor, Door),
        app: &App,
    ) -> AuthCtx {
        let roles = Roles::parse(role);
        let granted = permissions(&roles, &self.dynamic_roles);
        AuthCtx {
            user_id: self.user_id,
            email: self.email,
            org_id,
            roles,
            permissions: scope.map_or(granted, |scope| granted.and(scope)),
            scope,
            actor,
            door,
            head: self.head.unwrap_or_default().into(),
            app: app.clone(),
        }
    }
}

/// What the roles grant together. A role's row whose name is a built-in one's adds to it; a row that is no JSON grants
/// nothing.
#[must_use]
pub fn permissions(roles: &Roles, dynamic: &[(String, String)]) -> Permissions {
    let built_in = roles.iter().map(Permissions::of_built_in_role);
    let made = dynamic.iter().filter(|(name, _)| roles.has(name));
    let made = made.filter_map(|(_, json)| serde_json::from_str::<Value>(json).ok());
    built_in.chain(made.map(|json| Permissions::of_json(&json))).fold(Permissions::default(), Permissions::with)
}

impl AuthCtx {
    /// Who asks.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// His address.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    /// For which organization.
    #[must_use]
    pub const fn org_id(&self) -> &OrgId {
        &self.org_id
    }

    /// His roles in it.
    #[must_use]
    pub const fn roles(&self) -> &Roles {
        &self.roles
    }

    /// What they grant; with an API key or access token, as far as it grants it too.
    #[must_use]
    pub const fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// What acts for him.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// By which door he came.
    #[must_use]
    pub const fn door(&self) -> Door {
        self.door
    }

    /// The instant of the request.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.app.now
    }

    /// How much data the organization may have.
    #[must_use]
    pub fn data_limits(&self) -> DataLimits {
        self.app.config.data
    }

    /// [`App::derived_key`].
    ///
    /// # Errors
    /// As that.
    pub fn derived_key(&self, purpose: &str, of: &str) -> Result<[u8; 32]> {
        self.app.derived_key(purpose, of)
    }

    /// How webhooks leave.
    #[must_use]
    pub fn webhooks(&self) -> WebhookOptions {
        self.app.config.webhook
    }

    /// For how many days this deployment keeps runs of automations at most.
    #[must_use]
    pub fn max_run_retention_days(&self) -> u32 {
        self.app.config.run_retention_days
    }

    /// Randomness.
    #[must_use]
    pub const fn random(&self) -> Random {
        self.app.random
    }

    /// What the runtime does better.
    #[must_use]
    pub const fn runtime(&self) -> Runtime {
        self.app.runtime
    }

    /// The organization's rows, if one of the caller's roles grants `permission`. Who may delete only his own gets a
    /// handle that deletes only his own.
    ///
    /// # Errors
    /// `Forbidden`; `OutOfScope` if it is the caller's API key or access token that does not grant it.
    pub fn authorize(&self, permission: Permission) -> Result<OrgDb<'_>> {
        let own = Permission { action: Action::DeleteOwn, ..permission };
        if self.permissions.has(permission) {
            Ok(OrgDb::new(self, permission, None))
        } else if permission.action == Action::Delete && self.permissions.has(own) {
            Ok(OrgDb::new(self, permission, Some(&self.user_id)))
        } else if self.scope.is_some_and(|scope| !scope.has(permission)) {
            Err(Error::OutOfScope(permission))
        } else {
            Err(Error::Forbidden(permission))
        }
    }

    /// Has the engine look at an automation of the organization at once. Where that cannot be said, the next tick does.
    pub async fn wake(&self, automation: &AutomationId, slot: Timestamp) {
        if let Some(queue) = &self.app.queue {
            let wake = Wake { org_id: self.org_id.clone(), id: automation.clone(), slot };
            let _ = queue.send(vec![wake]).await;
        }
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, SqlError> {
        self.app.databases.sql.batch(statements).await
    }
}
