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
/// The same, from `delete-user`.
pub const SESSION_EXPIRED: AuthError =
    AuthError::new(400, "SESSION_EXPIRED", "Session expired. Re-authenticate to perform this action.");
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
/// `delete-user` is turned off.
pub const DELETE_USER_DISABLED: AuthError = AuthError::empty(404);
/// The same, from its callback.
pub const DELETE_USER_CALLBACK_DISABLED: AuthError = AuthError::new(404, "NOT_FOUND", "Not found");
/// No session, from that callback.
pub const FAILED_TO_GET_USER_INFO: AuthError =
    AuthError::new(404, "FAILED_TO_GET_USER_INFO", "Failed to get user info");
/// No such delete token, or an old one, or another user's.
pub const INVALID_DELETE_TOKEN: AuthError = AuthError::new(404, "INVALID_TOKEN", "Invalid token");
/// Sign-up is turned off.
pub const EMAIL_PASSWORD_SIGN_UP_DISABLED: AuthError =
    AuthError::new(400, "EMAIL_PASSWORD_SIGN_UP_DISABLED", "Email and password sign up is not enabled");
/// The address is not verified, and must be.
pub const EMAIL_NOT_VERIFIED: AuthError = AuthError::new(403, "EMAIL_NOT_VERIFIED", "Email not verified");
/// Mails are not sent, at `send-verification-email`.
pub const VERIFICATION_EMAIL_NOT_ENABLED: AuthError =
    AuthError::new(400, "VERIFICATION_EMAIL_NOT_ENABLED", VERIFICATION_NOT_ENABLED);
/// The same, at `change-email`.
pub const CHANGE_EMAIL_NEEDS_MAIL: AuthError = AuthError::without_code(400, VERIFICATION_NOT_ENABLED);
const VERIFICATION_NOT_ENABLED: &str = "Verification email isn't enabled";
/// Not the address of the session's user.
pub const EMAIL_MISMATCH: AuthError = AuthError::new(400, "EMAIL_MISMATCH", "Email mismatch");
/// There is nothing to verify.
pub const EMAIL_ALREADY_VERIFIED: AuthError =
    AuthError::new(400, "EMAIL_ALREADY_VERIFIED", "Email is already verified");
/// `change-email` is turned off.
pub const CHANGE_EMAIL_DISABLED: AuthError = AuthError::new(400, "CHANGE_EMAIL_DISABLED", "Change email is disabled");
/// The address that one has.
pub const EMAIL_IS_THE_SAME: AuthError = AuthError::without_code(400, "Email is the same");
/// Mails are not sent, at `request-password-reset`.
pub const RESET_PASSWORD_DISABLED: AuthError =
    AuthError::new(400, "RESET_PASSWORD_DISABLED", "Reset password isn't enabled");
/// No such reset token, or an old one, or a used one.
pub const INVALID_RESET_TOKEN: AuthError = AuthError::new(400, "INVALID_TOKEN", "Invalid token");
/// The user of a reset token is gone.
pub const USER_OF_RESET_NOT_FOUND: AuthError = AuthError::new(400, "USER_NOT_FOUND", "User not found");
/// Not a token that we mailed, or not for this address any more.
pub const INVALID_EMAIL_TOKEN: AuthError = AuthError::new(401, "INVALID_TOKEN", "Invalid token");
/// A token that we mailed, too long ago.
pub const TOKEN_EXPIRED: AuthError = AuthError::new(401, "TOKEN_EXPIRED", "Token expired");
/// The user of a mailed token is gone.
pub const USER_OF_EMAIL_NOT_FOUND: AuthError = AuthError::new(401, "USER_NOT_FOUND", "User not found");
/// The token is of another user than the session.
pub const INVALID_USER: AuthError = AuthError::new(401, "INVALID_USER", "Invalid user");
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

/// No provider of that name is configured, or it cannot be reached.
pub const PROVIDER_NOT_FOUND: AuthError = AuthError::new(404, "PROVIDER_NOT_FOUND", "Provider not found");
/// The provider gives no id tokens.
pub const ID_TOKEN_NOT_SUPPORTED: AuthError = AuthError::new(404, "ID_TOKEN_NOT_SUPPORTED", "id_token not supported");
/// The id token is not the provider's, not for us, or over.
pub const INVALID_ID_TOKEN: AuthError = AuthError::new(401, "INVALID_TOKEN", "Invalid token");
/// The provider does not say who it is.
pub const UNAUTHORIZED_WITHOUT_USER_INFO: AuthError =
    AuthError::new(401, "FAILED_TO_GET_USER_INFO", "Failed to get user info");
/// The provider tells no address.
pub const USER_EMAIL_NOT_FOUND: AuthError = AuthError::new(401, "USER_EMAIL_NOT_FOUND", "User email not found");
/// The account is another user's.
pub const SOCIAL_ACCOUNT_ALREADY_LINKED: AuthError =
    AuthError::new(409, "SOCIAL_ACCOUNT_ALREADY_LINKED", "Social account already linked");
/// Nobody vouches for the account's address.
pub const LINKING_NOT_ALLOWED: AuthError =
    AuthError::new(401, "LINKING_NOT_ALLOWED", "Account not linked - linking not allowed");
/// The account has another address than the user.
pub const LINKING_DIFFERENT_EMAILS_NOT_ALLOWED: AuthError =
    AuthError::new(401, "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED", "Account not linked - different emails not allowed");
/// The provider gives no new tokens, at `get-access-token`.
pub const FAILED_TO_GET_ACCESS_TOKEN: AuthError =
    AuthError::new(400, "FAILED_TO_GET_ACCESS_TOKEN", "Failed to get a valid access token");
/// The account has no refresh token.
pub const REFRESH_TOKEN_NOT_FOUND: AuthError =
    AuthError::new(400, "REFRESH_TOKEN_NOT_FOUND", "Refresh token not found");
/// The provider gives no new tokens, at `refresh-token`.
pub const FAILED_TO_REFRESH_ACCESS_TOKEN: AuthError =
    AuthError::new(400, "FAILED_TO_REFRESH_ACCESS_TOKEN", "Failed to refresh access token");
/// The account is of no provider that is configured.
pub const PROVIDER_NOT_CONFIGURED: AuthError =
    AuthError::new(400, "PROVIDER_NOT_CONFIGURED", "Account is not associated with a configured social provider.");
/// The account has no access token.
pub const ACCESS_TOKEN_NOT_FOUND: AuthError = AuthError::new(400, "ACCESS_TOKEN_NOT_FOUND", "Access token not found");

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
/// Not a member, on has-permission.
pub const UNAUTHORIZED_TO_NON_MEMBERS: AuthError =
    AuthError::new(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization");
/// Not a member, on list-members, get-active-member-role and the endpoints of teams and roles.
pub const YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization");
/// The deployment lets only some users make organizations, or none.
pub const YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION",
    "You are not allowed to create a new organization",
);
/// He is in as many as the deployment lets a user be in.
pub const YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS: AuthError = AuthError::new(
    403,
    "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS",
    "You have reached the maximum number of organizations",
);
/// The deployment lets no one delete an organization.
pub const ORGANIZATION_DELETION_DISABLED: AuthError =
    AuthError::new(404, "ORGANIZATION_DELETION_DISABLED", "Organization deletion is disabled");
/// The session has no active organization.
pub const NO_ACTIVE_ORGANIZATION: AuthError = AuthError::new(400, "NO_ACTIVE_ORGANIZATION", "No active organization");
/// No such member.
pub const MEMBER_NOT_FOUND: AuthError = AuthError::new(400, "MEMBER_NOT_FOUND", "Member not found");
/// No role is named.
pub const BAD_REQUEST_EMPTY: AuthError = AuthError::empty(400);
/// No role, or none of that name.
pub const ROLE_NOT_FOUND: AuthError = AuthError::new(400, "ROLE_NOT_FOUND", "Role not found");
/// A role without `member:update`, one that would give what it lacks, or an owner's role in another's hand. Also on
/// list-user-teams, of another's teams.
pub const YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "You are not allowed to update this member");
/// A role without `member:delete`.
pub const YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER: AuthError =
    AuthError::new(401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER", "You are not allowed to delete this member");
/// The last owner gives his role up.
pub const YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER: AuthError = AuthError::new(
    400,
    "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER",
    "You cannot leave the organization without an owner",
);
/// The last owner leaves or is removed, or someone else removes an owner.
pub const YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER: AuthError = AuthError::new(
    400,
    "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
    "You cannot leave the organization as the only owner",
);

/// No such team in the organization.
pub const TEAM_NOT_FOUND: AuthError = AuthError::new(400, "TEAM_NOT_FOUND", "Team not found");
/// A role without `invitation:create`; no member, on create-team.
pub const YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION",
    "You are not allowed to invite users to this organization",
);
/// A role that is an owner's to give, or grants what the inviter lacks.
pub const YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE",
    "You are not allowed to invite a user with this role",
);
/// The address is a member's.
pub const USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION: AuthError = AuthError::new(
    400,
    "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION",
    "User is already a member of this organization",
);
/// The address has an invitation that it may still accept.
pub const USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION: AuthError =
    AuthError::new(400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION", "User is already invited to this organization");
/// As many as may be are pending.
pub const INVITATION_LIMIT_REACHED: AuthError =
    AuthError::new(403, "INVITATION_LIMIT_REACHED", "Invitation limit reached");
/// The organization is full.
pub const ORGANIZATION_MEMBERSHIP_LIMIT_REACHED: AuthError =
    AuthError::new(403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED", "Organization membership limit reached");
/// A team's id with a comma, which separates several.
pub const INVALID_TEAM_ID: AuthError = AuthError::new(400, "INVALID_TEAM_ID", "Team id contains a reserved character");
/// The team is full.
pub const TEAM_MEMBER_LIMIT_REACHED: AuthError =
    AuthError::new(403, "TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached");
/// No such invitation that could still be answered.
pub const INVITATION_NOT_FOUND: AuthError = AuthError::new(400, "INVITATION_NOT_FOUND", "Invitation not found");
/// The same, from reject-invitation.
pub const INVITATION_TO_REJECT_NOT_FOUND: AuthError =
    AuthError::new(400, "INVITATION_NOT_FOUND", "Invitation not found!");
/// It was sent to another address.
pub const YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", "You are not the recipient of the invitation");
/// The deployment wants a verified address for an answer.
pub const EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION: AuthError = AuthError::new(
    403,
    "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION",
    "Email verification required before accepting or rejecting invitation",
);
/// A verified address is needed to see an invitation.
pub const EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION: AuthError = AuthError::new(
    403,
    "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION",
    "Email verification required to view or list invitations for the session email",
);
/// A role without `invitation:cancel`, or an owner's invitation in another's hand.
pub const YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION",
    "You are not allowed to cancel this invitation",
);
/// A role without `invitation:create`, on list-invitations.
pub const YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS",
    "You are not allowed to list invitations for this organization",
);
/// Who invited has left.
pub const INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION: AuthError = AuthError::new(
    400,
    "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION",
    "Inviter is no longer a member of the organization",
);
/// No session, on get-invitation.
pub const NOT_AUTHENTICATED: AuthError = AuthError::without_code(401, "Not authenticated");
/// No organization named and none active, on list-invitations.
pub const ORGANIZATION_ID_IS_REQUIRED: AuthError = AuthError::without_code(400, "Organization ID is required");
/// Not a member, on list-invitations.
pub const NOT_A_MEMBER: AuthError = AuthError::without_code(403, "You are not a member of this organization");
/// An address in the query, on list-user-invitations.
pub const USER_EMAIL_CANNOT_BE_PASSED: AuthError =
    AuthError::without_code(400, "User email cannot be passed for client side API calls.");
/// No session, on list-user-invitations.
pub const MISSING_SESSION_HEADERS: AuthError =
    AuthError::without_code(400, "Missing session headers, or email query parameter.");
/// A role without `team:create`.
pub const YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION",
    "You are not allowed to create teams in this organization",
);
/// `MAXIMUM_TEAMS`.
pub const YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS: AuthError =
    AuthError::new(400, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS", "You have reached the maximum number of teams");
/// Not a member, on list-teams.
pub const YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION",
    "You are not allowed to access this organization as an owner",
);
/// Not a member, or a role without `team:update`.
pub const YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM", "You are not allowed to update this team");
/// Not a member, or it is the caller's active team.
pub const YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM", "You are not allowed to delete this team");
/// A role without `team:delete`.
pub const YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION",
    "You are not allowed to delete teams in this organization",
);
/// The last team, unless `ALLOW_REMOVING_ALL_TEAMS`.
pub const UNABLE_TO_REMOVE_LAST_TEAM: AuthError =
    AuthError::new(400, "UNABLE_TO_REMOVE_LAST_TEAM", "Unable to remove last team");
/// Not in the team.
pub const USER_IS_NOT_A_MEMBER_OF_THE_TEAM: AuthError =
    AuthError::new(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "User is not a member of the team");
/// No team is named and none is active.
pub const YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM: AuthError =
    AuthError::new(400, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM", "You do not have an active team");
/// A role without `member:update`, on add-team-member.
pub const YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER: AuthError = AuthError::new(
    403,
    "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER",
    "You are not allowed to create a new member",
);
/// A role without `member:delete`, on remove-team-member.
pub const YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER", "You are not allowed to remove a team member");
/// Not in the team, on set-active-team.
pub const USER_IS_NOT_A_MEMBER_OF_THE_TEAM_FORBIDDEN: AuthError =
    AuthError::new(403, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "User is not a member of the team");
/// No organization is named and none is active.
pub const YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE: AuthError = AuthError::new(
    400,
    "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE",
    "You must be in an organization to create a role",
);
/// A role without `ac:create`, or one that would give what it lacks.
pub const YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE", "You are not allowed to create a role");
/// A role without `ac:update`, or one that would give what it lacks.
pub const YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE", "You are not allowed to update a role");
/// A role without `ac:delete`.
pub const YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE", "You are not allowed to delete a role");
/// A role without `ac:read`.
pub const YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE", "You are not allowed to read a role");
/// A role without `ac:read`.
pub const YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE: AuthError =
    AuthError::new(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE", "You are not allowed to list a role");
/// `MAXIMUM_ROLES_PER_ORGANIZATION`.
pub const TOO_MANY_ROLES: AuthError = AuthError::new(400, "TOO_MANY_ROLES", "This organization has too many roles");
/// A resource that no one knows.
pub const INVALID_RESOURCE: AuthError =
    AuthError::new(400, "INVALID_RESOURCE", "The provided permission includes an invalid resource");
/// A built-in role's name, or that of one of the organization's own.
pub const ROLE_NAME_IS_ALREADY_TAKEN: AuthError =
    AuthError::new(400, "ROLE_NAME_IS_ALREADY_TAKEN", "That role name is already taken");
/// A built-in role.
pub const CANNOT_DELETE_A_PRE_DEFINED_ROLE: AuthError =
    AuthError::new(400, "CANNOT_DELETE_A_PRE_DEFINED_ROLE", "Cannot delete a pre-defined role");
/// Someone has the role.
pub const ROLE_IS_ASSIGNED_TO_MEMBERS: AuthError = AuthError::new(
    400,
    "ROLE_IS_ASSIGNED_TO_MEMBERS",
    "Cannot delete a role that is assigned to members. Please reassign the members to a different role first",
);
