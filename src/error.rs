//! What can go wrong, in words that do not know about HTTP. `api` turns them into answers; `docs/errors.md` lists them.
use crate::policy::Permission;
use serde::Serialize;
use std::borrow::Cow;

/// The result of every fallible function in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No credential, or one that is no longer good.
    #[error(
        "Sign in first: send the session cookie, or `Authorization: Bearer` with a session token, an API key or an access token."
    )]
    Unauthenticated,
    /// Signed in, but no organization is chosen.
    #[error(
        "No organization is active. Choose one with POST /api/auth/organization/set-active, \
         or name it in the header x-organization-id."
    )]
    NoActiveOrganization,
    /// The organization that the caller named, or that his session still has, is not his. Also when it does not exist.
    #[error("You are not a member of this organization.")]
    NotAMember,
    /// A member, whose roles do not grant it.
    #[error("Your role does not grant {0}. Ask an owner or admin of your organization.")]
    Forbidden(Permission),
    /// The caller's API key or access token does not grant it, whatever his roles do.
    #[error("This API key or access token does not grant {0}. Use one that does: its permissions do not change.")]
    OutOfScope(Permission),
    /// A model's call that needs an approval, on which no person has decided: the approval's id.
    #[error(
        "A person must approve this call first, within 15 minutes: POST /api/approvals/{0}/decide with \
         {{\"decision\":\"approve\"}}. Then go on with the very same call."
    )]
    ApprovalRequired(String),
    /// The same, which a person has denied.
    #[error("A person has denied this call ({0}). Do something else; ask him before you try it again.")]
    ApprovalDenied(String),
    /// A program wants to decide on an approval.
    #[error("Only a person who is signed in decides on approvals, over REST.")]
    NotAPerson,
    /// A change aimed at a row of another organization.
    #[error(transparent)]
    OrgPermission(#[from] OrgPermissionError),
    /// No such row in the caller's organization. Says nothing of other organizations.
    #[error("There is no such {0} in your organization.")]
    NotFound(&'static str),
    /// No such path.
    #[error("There is no such route. GET /api/openapi.json lists every route.")]
    NoSuchRoute,
    /// The path exists, for other methods.
    #[error("This route answers {allow}.")]
    MethodNotAllowed {
        /// the methods it answers, such as `GET, POST`
        allow: String,
    },
    /// Input that breaks a rule the caller can fix.
    #[error("{field}: {problem}")]
    Invalid {
        /// where: a dotted path, such as `columns[0].name`
        field: Cow<'static, str>,
        /// what is wrong, and what would do
        problem: String,
    },
    /// The body is not JSON.
    #[error("The body is not valid JSON: {0}.")]
    NotJson(String),
    /// The body has another type than JSON.
    #[error(
        "Send the body as JSON, with the header content-type: application/json; rows also as text/csv or application/x-ndjson."
    )]
    UnsupportedMediaType,
    /// The body is longer than this many bytes.
    #[error("The body is larger than the limit of {0} bytes.")]
    PayloadTooLarge(usize),
    /// Taken.
    #[error("{0}")]
    Conflict(String),
    /// More data than an organization may have.
    #[error("{0}")]
    QuotaExceeded(String),
    /// A change of a dataset after which these widgets would not be drawn any more.
    #[error("{}", would_break(.0))]
    WidgetsBreak(Vec<BrokenWidget>),
    /// More often than it may be.
    #[error("{why}")]
    TooManyRequests {
        /// what is, and what to do
        why: &'static str,
        /// after how many seconds at most it may be again
        wait_s: u32,
    },
    /// Changed by someone else since the caller read it.
    #[error("This {0} has changed since you read it. Read it again, then repeat your change.")]
    Stale(&'static str),
    /// The database refused a row. An operation that can break a constraint turns this into a `Conflict` or an
    /// `Invalid`; one that is left is a fault of ours.
    #[error("Something went wrong on our side.")]
    Constraint(#[from] Constraint),
    /// An answer in Better Auth's own words.
    #[error("{0:?}")]
    Auth(#[from] AuthError),
    /// The deployment lacks something that its owner must set.
    #[error("{0}")]
    Misconfigured(String),
    /// Ours to fix. The cause is logged at the edge, never shown.
    #[error("Something went wrong on our side. Try again; if it goes on, tell us the time of this request.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps a cause that the caller can do nothing about.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Whether it is a refusal of what the caller may not do, which the audit log has.
    #[must_use]
    pub const fn is_denial(&self) -> bool {
        matches!(self, Self::Forbidden(_) | Self::OutOfScope(_) | Self::OrgPermission(_) | Self::NotAPerson)
    }

    /// Input that breaks a rule.
    pub fn invalid(field: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), problem: problem.into() }
    }
}

/// A widget that a change would break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenWidget {
    /// Its id.
    pub id: String,
    /// What is written above it.
    pub title: String,
    /// What would be wrong with it.
    pub problem: String,
}

fn would_break(widgets: &[BrokenWidget]) -> String {
    let count = widgets.len();
    let widgets = if count == 1 { "a widget".to_owned() } else { format!("{count} widgets") };
    format!("This would break {widgets}. Change or delete what `widgets` lists first, or send force: true.")
}

/// A constraint of the schema that a row would have broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Constraint {
    /// A unique key is taken: its columns, such as `dataset.org_id, dataset.name`.
    #[error("unique: {0}")]
    Unique(String),
    /// A row that is referred to is not there.
    #[error("foreign key")]
    ForeignKey,
}

/// A change was aimed at a row of another organization. Names no organization; nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This {kind} belongs to another organization. You can only change what belongs to yours.")]
pub struct OrgPermissionError {
    /// What kind of row, such as `dataset`.
    pub kind: &'static str,
}

/// An error of Better Auth's API: its status, code and text, exactly. `auth::code` has them all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}")]
pub struct AuthError {
    /// The HTTP status.
    pub status: u16,
    /// The code; a few answers have none.
    pub code: Option<&'static str>,
    /// The text; without one, the body is empty.
    pub message: Option<Cow<'static, str>>,
    /// `missingPermissions`, if it is for these: such as `dataset:delete`.
    pub missing: Vec<String>,
}

impl AuthError {
    /// One with a code and a text.
    #[must_use]
    pub const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self { status, code: Some(code), message: Some(Cow::Borrowed(message)), missing: Vec::new() }
    }

    /// One without a code.
    #[must_use]
    pub const fn without_code(status: u16, message: &'static str) -> Self {
        Self { status, code: None, message: Some(Cow::Borrowed(message)), missing: Vec::new() }
    }

    /// One with an empty body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self { status, code: None, message: None, missing: Vec::new() }
    }

    /// The code, if it says that the caller's roles do not let him.
    #[must_use]
    pub fn denial(&self) -> Option<&'static str> {
        self.code.filter(|code| code.starts_with("YOU_ARE_NOT_ALLOWED_TO_"))
    }
}
