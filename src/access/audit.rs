//! The events of the audit log, and the calls that they are of. `chain` writes them, `crate::audit` reads them;
//! `docs/audit.md` says what is in it.
use crate::{
    Result,
    db::{Bind, OrgSql, Statement},
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

    pub(super) fn statement(&self, how: OrgSql, organization: &OrgId) -> Statement {
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

/// What the first event has for the hash of the one before it.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A call of an operation, or of one of Better Auth's endpoints, as the log has it.
#[derive(Clone, Debug)]
pub struct Called {
    pub(super) operation: &'static str,
    pub(super) target_id: Option<String>,
    pub(super) arguments_hash: Option<String>,
    pub(super) approval_id: Option<String>,
    pub(super) verdict: Verdict,
    pub(super) code: Option<&'static str>,
}

impl Called {
    /// A call whose arguments have not been read.
    #[must_use]
    pub const fn unread(operation: &'static str) -> Self {
        let (target_id, arguments_hash, approval_id) = (None, None, None);
        Self { operation, target_id, arguments_hash, approval_id, verdict: Verdict::Done, code: None }
    }

    /// The same, with those arguments, about the row that they name.
    #[must_use]
    pub fn with(self, arguments: &Value) -> Self {
        let id = arguments.get("id").and_then(Value::as_str).unwrap_or_default();
        Self { arguments_hash: Some(arguments_hash(arguments)), ..self }.on(id)
    }

    /// The same, about the row of that id, if it is one.
    #[must_use]
    pub fn on(self, id: &str) -> Self {
        let is_one = |id: &&str| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        };
        Self { target_id: Some(id).filter(is_one).map(str::to_owned), ..self }
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
