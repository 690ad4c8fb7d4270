//! Better Auth's error codes: those that we answer.
//!
//! Source: Better Auth 1.7.25 (wire spec §7).
use crate::error::AuthError;

/// No session, or one that is no longer good.
pub const UNAUTHORIZED: AuthError = AuthError::new(401, "UNAUTHORIZED", "Unauthorized");
/// The same, from `organization/create` and `organization/delete`.
pub const UNAUTHORIZED_EMPTY: AuthError = AuthError::empty(401);
/// The same, from `organization/update`.
pub const USER_NOT_FOUND: AuthError = AuthError::without_code(401, "User not found");
/// The session was revoked while it was being renewed.
pub const FAILED_TO_GET_SESSION: AuthError = AuthError::new(401, "FAILED_TO_GET_SESSION", "Failed to get session");
/// The session is older than a day: sign in again.
pub const SESSION_NOT_FRESH: AuthError = AuthError::new(403, "SESSION_NOT_FRESH", "Session is not fresh");
/// `POST /get-session`.
pub const METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED: AuthError = AuthError::new(
    405,
    "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
    "POST method requires deferSessionRefresh to be enabled in session config",
);

/// The body is no JSON.
pub const INVALID_JSON: AuthError = AuthError::new(400, "BAD_REQUEST", "Invalid JSON in request body");
/// A page elsewhere sent its reader here to sign in.
pub const CROSS_SITE_NAVIGATION_LOGIN_BLOCKED: AuthError = AuthError::new(
    403,
    "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
    "Cross-site navigation login blocked. This request appears to be a CSRF attack.",
);
/// `callbackURL` leads to an origin that is not trusted.
pub const INVALID_CALLBACK_URL: AuthError = AuthError::new(403, "INVALID_CALLBACK_URL", "Invalid callbackURL");
/// `redirectTo` does.
pub const INVALID_REDIRECT_URL: AuthError = AuthError::new(403, "INVALID_REDIRECT_URL", "Invalid redirectURL");
/// `errorCallbackURL` does.
pub const INVALID_ERROR_CALLBACK_URL: AuthError =
    AuthError::new(403, "INVALID_ERROR_CALLBACK_URL", "Invalid errorCallbackURL");
/// `newUserCallbackURL` does.
pub const INVALID_NEW_USER_CALLBACK_URL: AuthError =
    AuthError::new(403, "INVALID_NEW_USER_CALLBACK_URL", "Invalid newUserCallbackURL");

/// Not the syntax of an address, at sign-in.
pub const INVALID_EMAIL: AuthError = AuthError::new(400, "INVALID_EMAIL", "Invalid email");
/// No such user, no password, or another password: one answer, for who guesses must not learn which.
pub const INVALID_EMAIL_OR_PASSWORD: AuthError =
    AuthError::new(401, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password");
/// Under 8 UTF-16 code units.
pub const PASSWORD_TOO_SHORT: AuthError = AuthError::new(400, "PASSWORD_TOO_SHORT", "Password too short");
/// Over 128 UTF-16 code units.
pub const PASSWORD_TOO_LONG: AuthError = AuthError::new(400, "PASSWORD_TOO_LONG", "Password too long");
/// The current password is another one.
pub const INVALID_PASSWORD: AuthError = AuthError::new(400, "INVALID_PASSWORD", "Invalid password");
/// The user has no password.
pub const CREDENTIAL_ACCOUNT_NOT_FOUND: AuthError =
    AuthError::new(400, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found");
/// It would leave the user no way to sign in.
pub const FAILED_TO_UNLINK_LAST_ACCOUNT: AuthError =
    AuthError::new(400, "FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account");
/// The user has no such account.
pub const ACCOUNT_NOT_FOUND: AuthError = AuthError::new(400, "ACCOUNT_NOT_FOUND", "Account not found");
/// The address is taken, at sign-up.
pub const USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: AuthError =
    AuthError::new(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.");
/// `update-user` with an address.
pub const EMAIL_CAN_NOT_BE_UPDATED: AuthError =
    AuthError::new(400, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated");
/// `update-session` with a field that is not the client's to set; the message names it.
pub const FIELD_NOT_ALLOWED: AuthError = AuthError::new(400, "FIELD_NOT_ALLOWED", "Field not allowed to be set");
/// `update-user` or `update-session` with nothing that it knows.
pub const NO_FIELDS_TO_UPDATE: AuthError = AuthError::without_code(400, "No fields to update");

/// The slug is taken, at `organization/create`.
pub const ORGANIZATION_ALREADY_EXISTS: AuthError =
    AuthError::new(400, "ORGANIZATION_ALREADY_EXISTS", "Organization already exists");
/// The slug is taken, elsewhere.
pub const ORGANIZATION_SLUG_ALREADY_TAKEN: AuthError =
    AuthError::new(400, "ORGANIZATION_SLUG_ALREADY_TAKEN", "Organization slug already taken");
/// No such organization, or none named and none active.
pub const ORGANIZATION_NOT_FOUND: AuthError = AuthError::new(400, "ORGANIZATION_NOT_FOUND", "Organization not found");
/// Not a member, on update and delete; also when there is no such organization.
pub const USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION: AuthError =
    AuthError::new(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization");
/// Not a member, on set-active and get-full-organization.
pub const FORBIDDEN_TO_NON_MEMBERS: AuthError =
    AuthError::new(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization");
/// A role without `organization:update`.
pub const YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION",
    "You are not allowed to update this organization",
);
/// A role without `organization:delete`.
pub const YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION",
    "You are not allowed to delete this organization",
);
/// The session has no active organization.
pub const NO_ACTIVE_ORGANIZATION: AuthError = AuthError::new(400, "NO_ACTIVE_ORGANIZATION", "No active organization");
/// No such member.
pub const MEMBER_NOT_FOUND: AuthError = AuthError::new(400, "MEMBER_NOT_FOUND", "Member not found");
