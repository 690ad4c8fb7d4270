//! The audit log, as it is written: every change and its event are one batch, and each event has the hash of the one
//! before it. `crate::audit` reads it; `docs/audit.md` says what is in it.
use super::{AuthCtx, audit_sql as sql};
use crate::{
    Result,
    db::{Bind, OrgSql, Rows, SqlError, Statement},
    error::Constraint,
    id::{ApiKeyId, ApprovalId, AutomationId, Id, OauthGrantId, OrgId, UserId},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// By which door a caller came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Door {
    /// `/api`
    Rest,
    /// `/mcp`
    Mcp,
    /// A model's loop that runs here.
    Agent,
    /// The clock.
    Automation,
}

impl Door {
    /// The word, as it is stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Mcp => "mcp",
            Self::Agent => "agent",
            Self::Automation => "automation",
        }
    }

    /// Whether it is a model's: then what destroys or sends needs a person's approval.
    #[must_use]
    pub const fn is_models(self) -> bool {
        matches!(self, Self::Mcp | Self::Agent)
    }
}

/// What acts for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// He himself, by a session.
    Session,
    /// An API key.
    ApiKey(ApiKeyId),
    /// An application that he has granted access to.
    OauthGrant(OauthGrantId),
    /// An automation.
    Automation(AutomationId),
}

impl Actor {
    pub(super) fn of(key: Option<ApiKeyId>, grant: Option<OauthGrantId>) -> Self {
        key.map(Self::ApiKey).or(grant.map(Self::OauthGrant)).unwrap_or(Self::Session)
    }

    /// As it is stored: `session`, or the id of the key or grant.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Session => "session",
            Self::ApiKey(key) => key.as_str(),
            Self::OauthGrant(grant) => grant.as_str(),
            Self::Automation(automation) => automation.as_str(),
        }
    }
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Verdict {
    /// It changed something.
    Done,
    /// Rows were about to be sent to a dataset's store.
    Begun,
    /// It was refused, as `code` says.
    Denied,
}

impl Verdict {
    /// The word, as it is stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Begun => "begun",
            Self::Denied => "denied",
        }
    }
}

/// One event of an organization's audit log.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Its place in the organization's log: 1, 2, 3, …
    pub seq: i64,
    /// The instant of the request.
    pub at: Timestamp,
    /// Who.
    pub user_id: UserId,
    /// What acted for him: `session`, he himself, or the id of an API key or OAuth grant.
    pub actor: String,
    /// By which door.
    pub door: Door,
    /// What was called.
    pub operation: String,
    /// The row that it was about, if it was about one.
    pub target_id: Option<String>,
    /// SHA-256, in hex, of the arguments as JSON with sorted keys; null if they were not read.
    pub arguments_hash: Option<String>,
    /// The approval that it was done by, if it needed one.
    pub approval_id: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// Of a call that was refused, the error's code.
    pub code: Option<String>,
    /// The hash of the event before it; 64 zeros of the first.
    pub prev_hash: String,
    /// SHA-256, in hex, of all of the above: see docs/audit.md.
    pub hash: String,
}

impl AuditEvent {
    /// What its hash must be in that organization's log: that of a JSON list of all that it says.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    pub fn sealed(&self, organization: &OrgId) -> Result<String> {
        let said = (
            &self.prev_hash,
            organization.as_str(),
            self.seq,
            self.at,
            self.user_id.as_str(),
            &self.actor,
            self.door.word(),
            &self.operation,
            &self.target_id,
            &self.arguments_hash,
            &self.approval_id,
            self.verdict.word(),
            &self.code,
        );
        Ok(sha256(&serde_json::to_vec(&said).map_err(crate::Error::internal)?))
    }

    fn statement(&self, how: OrgSql, organization: &OrgId) -> Statement {
        let values: [Bind; 13] = [
            self.seq.into(),
            self.at.into(),
            (&self.user_id).into(),
            (&self.actor).into(),
            self.door.word().into(),
            (&self.operation).into(),
            self.target_id.as_ref().into(),
            self.arguments_hash.as_ref().into(),
            self.approval_id.as_ref().into(),
            self.verdict.word().into(),
            self.code.as_ref().into(),
            (&self.prev_hash).into(),
            (&self.hash).into(),
        ];
        how.bind(organization, values)
    }
}

/// SHA-256 in hex.
fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256, in hex, of an operation's arguments as JSON without spaces, the keys of each object in the order of their
/// bytes.
#[must_use]
pub fn arguments_hash(arguments: &Value) -> String {
    // `Value` keeps keys sorted (a test holds it to that), and writes no spaces.
    sha256(arguments.to_string().as_bytes())
}

/// The end of an organization's chain.
#[derive(Clone, Debug, Deserialize)]
pub struct Head {
    seq: i64,
    hash: String,
}

impl Default for Head {
    /// That of an empty log.
    fn default() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned() }
    }
}

/// What the first event has for the hash of the one before it.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A call of an operation, as the log has it.
#[derive(Clone, Debug)]
pub struct Called {
    operation: &'static str,
    target_id: Option<String>,
    arguments_hash: Option<String>,
    approval_id: Option<String>,
    verdict: Verdict,
    code: Option<&'static str>,
}

impl Called {
    /// A call whose arguments have not been read.
    #[must_use]
    pub const fn unread(operation: &'static str) -> Self {
        let (target_id, arguments_hash, approval_id) = (None, None, None);
        Self { operation, target_id, arguments_hash, approval_id, verdict: Verdict::Done, code: None }
    }

    /// The same, with those arguments.
    #[must_use]
    pub fn with(self, arguments: &Value) -> Self {
        let id = arguments.get("id").and_then(Value::as_str);
        let is_one = |id: &&str| id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let target_id = id.filter(is_one).map(str::to_owned);
        Self { target_id, arguments_hash: Some(arguments_hash(arguments)), ..self }
    }

    /// The same, by that approval, which is used up by what it does.
    #[must_use]
    pub fn approved_by(self, approval: &ApprovalId) -> Self {
        Self { approval_id: Some(approval.as_str().to_owned()), ..self }
    }

    /// The same, refused with that code: it uses no approval up.
    #[must_use]
    pub fn refused(self, code: &'static str) -> Self {
        Self { verdict: Verdict::Denied, code: Some(code), approval_id: None, ..self }
    }

    /// The same, whose effect is elsewhere and comes after the event.
    pub(super) fn begun(&self) -> Self {
        Self { verdict: Verdict::Begun, ..self.clone() }
    }

    /// The same, about the row that a statement names as its `?2`, unless the arguments have named one.
    pub(super) fn about(&self, statement: &Statement) -> Self {
        let id = match statement.binds().get(1) {
            Some(Bind::Text(id)) => Some(id.clone()),
            _ => None,
        };
        Self { target_id: self.target_id.clone().or(id), ..self.clone() }
    }
}

/// How often a place in the chain that another request took is given up for the next one. Each time, some request has
/// got one: so many at once all get theirs.
const ATTEMPTS: usize = 32;

impl AuthCtx {
    /// Runs the statements and with them, last, the event of the call, in one round trip, unless another request has
    /// taken the event's place in the chain: then, once the new end is read, again.
    pub(super) async fn audited(
        &self,
        statements: &[Statement],
        how: OrgSql,
        called: &Called,
    ) -> Result<Vec<Rows>, SqlError> {
        for _ in 0..ATTEMPTS {
            let event = self.event(called).map_err(|error| SqlError::Other(error.to_string()))?;
            let last = event.statement(how, self.org_id());
            match self.batch(statements.iter().cloned().chain([last]).collect()).await {
                Err(SqlError::Constraint(Constraint::Unique(columns))) if columns == PLACE => {
                    let rows = self.batch(vec![sql::HEAD.bind(self.org_id(), [])]).await?;
                    let rows = rows.into_iter().next().unwrap_or_default();
                    let head = rows.decode_first().map_err(|error| SqlError::Other(error.to_string()))?;
                    self.head.replace(head.unwrap_or_default());
                }
                Err(error) => return Err(error),
                Ok(mut done) => {
                    if done.pop().is_some_and(|row| !row.rows.is_empty()) {
                        self.head.replace(Head { seq: event.seq, hash: event.hash });
                    }
                    return Ok(done);
                }
            }
        }
        Err(SqlError::Unavailable(format!("the audit log's end has moved {ATTEMPTS} times")))
    }

    /// Notes that the call was refused. Should that fail, it is logged, and the answer is what it was.
    pub async fn note_denial(&self, called: &Called) {
        if let Err(error) = self.audited(&[], sql::ALONE, called).await {
            (self.runtime().log_fault)(&format!("a denial of {} is not in the audit log: {error}", called.operation));
        }
    }

    /// The next event of the chain, as far as this request knows where it ends.
    fn event(&self, called: &Called) -> Result<AuditEvent> {
        let head = self.head.borrow();
        let mut event = AuditEvent {
            seq: head.seq + 1,
            at: self.now(),
            user_id: self.user_id().clone(),
            actor: self.actor().as_str().to_owned(),
            door: self.door(),
            operation: called.operation.to_owned(),
            target_id: called.target_id.clone(),
            arguments_hash: called.arguments_hash.clone(),
            approval_id: called.approval_id.clone(),
            verdict: called.verdict,
            code: called.code.map(str::to_owned),
            prev_hash: head.hash.clone(),
            hash: String::new(),
        };
        event.hash = event.sealed(self.org_id())?;
        Ok(event)
    }
}

/// How SQLite names the key that two requests for one place break.
const PLACE: &str = "audit_event.org_id, audit_event.seq";
