//! Every code that an answer outside `/api/auth` may carry, its status, and when. `docs/errors.md` is this table.
use crate::Error;
use http::StatusCode;

/// Status, code, and when it is answered.
pub type Line = (StatusCode, &'static str, &'static str);

const UNAUTHORIZED: Line = (
    StatusCode::UNAUTHORIZED,
    "UNAUTHORIZED",
    "No session, API key or access token, or one that is unknown, revoked, expired or for another resource.",
);
const NO_ACTIVE_ORGANIZATION: Line = (
    StatusCode::FORBIDDEN,
    "NO_ACTIVE_ORGANIZATION",
    "Signed in, but the session has no active organization and the request names none.",
);
const NOT_A_MEMBER: Line = (
    StatusCode::FORBIDDEN,
    "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION",
    "The organization that the request or the session names is not one of the caller's, or does not exist.",
);
const FORBIDDEN: Line =
    (StatusCode::FORBIDDEN, "FORBIDDEN", "A member, whose roles do not grant the operation's permission.");
const INSUFFICIENT_SCOPE: Line = (
    StatusCode::FORBIDDEN,
    "INSUFFICIENT_SCOPE",
    "An API key or access token that does not grant the operation's permission, whatever the roles of whom it acts as do.",
);
/// A person's decision is awaited.
pub const APPROVAL_REQUIRED: Line = (
    StatusCode::FORBIDDEN,
    "APPROVAL_REQUIRED",
    "A model's call that destroys or says where data is sent, on which no person has decided yet; `approval` is the id to decide on.",
);
const APPROVAL_DENIED: Line =
    (StatusCode::FORBIDDEN, "APPROVAL_DENIED", "A model's call that waited for a person, who has denied it.");
const PERSON_REQUIRED: Line = (
    StatusCode::FORBIDDEN,
    "PERSON_REQUIRED",
    "A program wants to decide on an approval, which only a person who is signed in may.",
);
const ORG_PERMISSION_DENIED: Line = (
    StatusCode::FORBIDDEN,
    "ORG_PERMISSION_DENIED",
    "An update or delete aimed at a row of another organization. Nothing has changed.",
);
const NOT_FOUND: Line = (
    StatusCode::NOT_FOUND,
    "NOT_FOUND",
    "No such row in the caller's organization, or no such route. On reads, another organization's row answers the same.",
);
const METHOD_NOT_ALLOWED: Line = (
    StatusCode::METHOD_NOT_ALLOWED,
    "METHOD_NOT_ALLOWED",
    "The path exists for other methods; the header `allow` lists them.",
);
const INVALID_INPUT: Line =
    (StatusCode::BAD_REQUEST, "INVALID_INPUT", "A value of the input breaks a rule; `field` says which.");
const INVALID_JSON: Line = (StatusCode::BAD_REQUEST, "INVALID_JSON", "The body is not JSON.");
const UNSUPPORTED_MEDIA_TYPE: Line =
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "The body has another type than application/json.");
const PAYLOAD_TOO_LARGE: Line = (
    StatusCode::PAYLOAD_TOO_LARGE,
    "PAYLOAD_TOO_LARGE",
    "The body is longer than `MAX_BODY_BYTES`, or, if it is rows, `MAX_UPLOAD_BYTES`.",
);
const CONFLICT: Line = (StatusCode::CONFLICT, "CONFLICT", "A name is taken, or a row is still needed.");
const QUOTA_EXCEEDED: Line = (
    StatusCode::CONFLICT,
    "QUOTA_EXCEEDED",
    "The organization would have more datasets, rows or bytes than it may. Nothing was added.",
);
const WIDGETS_WOULD_BREAK: Line = (
    StatusCode::CONFLICT,
    "WIDGETS_WOULD_BREAK",
    "A change of a dataset would break the widgets that `widgets` lists, each with its `problem`. `force: true` goes on.",
);
const PRECONDITION_FAILED: Line = (
    StatusCode::PRECONDITION_FAILED,
    "PRECONDITION_FAILED",
    "The row has changed since the `updatedAt` (or `If-Match`) that the request named.",
);
const TOO_MANY_REQUESTS: Line = (
    StatusCode::TOO_MANY_REQUESTS,
    "TOO_MANY_REQUESTS",
    "An API key has sent more requests than `KEY_RATE_LIMITER` in wrangler.toml lets through, or an organization more tests of its automations' channels than 20 an hour; `retry-after` has the seconds to wait at most.",
);
const MISCONFIGURED: Line = (
    StatusCode::INTERNAL_SERVER_ERROR,
    "MISCONFIGURED",
    "The deployment lacks a secret, a variable or its migrations; the message names it and the way out.",
);
const INTERNAL_SERVER_ERROR: Line = (
    StatusCode::INTERNAL_SERVER_ERROR,
    "INTERNAL_SERVER_ERROR",
    "A fault of ours or of the platform. The cause is in the logs, never in the answer.",
);

/// The whole table.
pub const ALL: &[Line] = &[
    INVALID_INPUT,
    INVALID_JSON,
    UNAUTHORIZED,
    NO_ACTIVE_ORGANIZATION,
    NOT_A_MEMBER,
    FORBIDDEN,
    INSUFFICIENT_SCOPE,
    APPROVAL_REQUIRED,
    APPROVAL_DENIED,
    PERSON_REQUIRED,
    ORG_PERMISSION_DENIED,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    CONFLICT,
    QUOTA_EXCEEDED,
    WIDGETS_WOULD_BREAK,
    PRECONDITION_FAILED,
    PAYLOAD_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    TOO_MANY_REQUESTS,
    MISCONFIGURED,
    INTERNAL_SERVER_ERROR,
];

/// The status and code of an error. Those of [`Error::Auth`] are its own.
#[must_use]
pub const fn of(error: &Error) -> (StatusCode, &'static str) {
    let (status, code, _) = match error {
        Error::Unauthenticated => UNAUTHORIZED,
        Error::NoActiveOrganization => NO_ACTIVE_ORGANIZATION,
        Error::NotAMember => NOT_A_MEMBER,
        Error::Forbidden(_) => FORBIDDEN,
        Error::OutOfScope(_) => INSUFFICIENT_SCOPE,
        Error::ApprovalRequired(_) => APPROVAL_REQUIRED,
        Error::ApprovalDenied(_) => APPROVAL_DENIED,
        Error::NotAPerson => PERSON_REQUIRED,
        Error::OrgPermission(_) => ORG_PERMISSION_DENIED,
        Error::NotFound(_) | Error::NoSuchRoute => NOT_FOUND,
        Error::MethodNotAllowed { .. } => METHOD_NOT_ALLOWED,
        Error::Invalid { .. } => INVALID_INPUT,
        Error::NotJson(_) => INVALID_JSON,
        Error::UnsupportedMediaType => UNSUPPORTED_MEDIA_TYPE,
        Error::PayloadTooLarge(_) => PAYLOAD_TOO_LARGE,
        Error::Conflict(_) => CONFLICT,
        Error::QuotaExceeded(_) => QUOTA_EXCEEDED,
        Error::WidgetsBreak(_) => WIDGETS_WOULD_BREAK,
        Error::Stale(_) => PRECONDITION_FAILED,
        Error::TooManyRequests { .. } => TOO_MANY_REQUESTS,
        Error::Misconfigured(_) => MISCONFIGURED,
        Error::Auth(_) | Error::Constraint(_) | Error::Internal(_) => INTERNAL_SERVER_ERROR,
    };
    (status, code)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_docs_list_every_code() {
        let mut table = String::from("| status | code | when |\n|---|---|---|\n");
        for (status, code, when) in super::ALL {
            table += &format!("| {} | `{code}` | {when} |\n", status.as_u16());
        }
        crate::house::docs::section_is("docs/errors.md", "codes", &table);
    }

    #[test]
    fn every_line_is_in_the_table() {
        let declared = include_str!("codes.rs")
            .lines()
            .filter(|line| line.trim_start_matches("pub ").starts_with("const ") && line.contains(": Line ="));
        let codes: std::collections::HashSet<_> = super::ALL.iter().map(|(_, code, _)| code).collect();
        assert_eq!((codes.len(), super::ALL.len()), (declared.count(), codes.len()));
    }
}
