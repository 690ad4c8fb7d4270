//! Better Auth's options, one variable each. The defaults are the reference's (wire spec §6.1).
use super::{Environment, Reader};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// A lifetime in seconds: at most the 400 days that a browser keeps a cookie.
const LIFETIME_S: RangeInclusive<u32> = 1..=34_560_000;
/// The most of anything that may be counted.
const COUNT: RangeInclusive<u32> = 1..=1_000_000;

/// Who may sign up and in by e-mail and password, and how.
#[derive(Clone, Debug)]
pub struct EmailAndPassword {
    /// `DISABLE_SIGN_UP`: no one may sign up any more.
    pub disable_sign_up: bool,
    /// `AUTO_SIGN_IN`: who signs up is signed in.
    pub auto_sign_in: bool,
    /// `REQUIRE_EMAIL_VERIFICATION`: no session without a verified address.
    pub require_email_verification: bool,
    /// `RESET_PASSWORD_TOKEN_EXPIRES_IN`, in seconds.
    pub reset_password_token_expires_in_s: u32,
    /// `REVOKE_SESSIONS_ON_PASSWORD_RESET`: a reset ends the user's sessions.
    pub revoke_sessions_on_password_reset: bool,
}

/// The verification of addresses.
#[derive(Clone, Debug)]
pub struct EmailVerification {
    /// `SEND_VERIFICATION_ON_SIGN_UP`: by default if a verified address is required.
    pub send_on_sign_up: bool,
    /// `SEND_VERIFICATION_ON_SIGN_IN`: to who signs in before he verified, if that is required.
    pub send_on_sign_in: bool,
    /// `AUTO_SIGN_IN_AFTER_VERIFICATION`: who opens the link is signed in.
    pub auto_sign_in_after_verification: bool,
    /// `VERIFICATION_EXPIRES_IN`, in seconds.
    pub expires_in_s: u32,
}

/// What users may do with their accounts.
#[derive(Clone, Debug)]
pub struct UserOptions {
    /// `CHANGE_EMAIL`: they may change their address.
    pub change_email: bool,
    /// `CHANGE_EMAIL_CONFIRMATION`: a verified address must agree to it first.
    pub change_email_confirmation: bool,
    /// `UPDATE_EMAIL_WITHOUT_VERIFICATION`: an address that is not verified is replaced at once.
    pub update_email_without_verification: bool,
    /// `DELETE_USER`: they may delete themselves.
    pub delete_user: bool,
    /// `DELETE_USER_VERIFICATION`: by a link in a mail.
    pub delete_user_verification: bool,
    /// `DELETE_TOKEN_EXPIRES_IN`, in seconds.
    pub delete_token_expires_in_s: u32,
    /// `ALLOW_UNLINKING_ALL`: a user may give up his last account, and with it every way to sign in.
    pub allow_unlinking_all: bool,
}

/// How long sessions live.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// `SESSION_EXPIRES_IN`, in seconds.
    pub expires_in_s: u32,
    /// `SESSION_UPDATE_AGE`: seconds of its life after which it is renewed; 0 is on every request.
    pub update_age_s: u32,
    /// `SESSION_FRESH_AGE`: seconds during which it is fresh; 0 is always.
    pub fresh_age_s: u32,
    /// `COOKIE_CACHE` and `COOKIE_CACHE_MAX_AGE`; none is off.
    pub cookie_cache: Option<CookieCache>,
}

/// A copy of the session in a cookie, which answers `get-session` without the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieCache {
    /// How it is protected.
    pub strategy: CacheStrategy,
    /// Seconds for which it counts.
    pub max_age_s: u32,
}

/// How the copy is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheStrategy {
    /// JSON with an HMAC.
    Compact,
    /// A JWT, signed (HS256).
    Jwt,
    /// A JWT, encrypted (A256CBC-HS512).
    Jwe,
}

/// Who may make organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganizationCreation {
    /// Every user.
    Everyone,
    /// Users with a verified address.
    Verified,
    /// No one over HTTP.
    Nobody,
}

/// The organization plugin's options.
#[derive(Clone, Debug)]
pub struct OrganizationOptions {
    /// `ALLOW_USER_TO_CREATE_ORGANIZATION`.
    pub creation: OrganizationCreation,
    /// `ORGANIZATION_LIMIT`: organizations that a user may be in when he makes another.
    pub organization_limit: Option<u32>,
    /// `MEMBERSHIP_LIMIT`: members of an organization; also how many `list-members` gives at once.
    pub membership_limit: u32,
    /// `INVITATION_LIMIT`: pending invitations of an organization.
    pub invitation_limit: u32,
    /// `INVITATION_EXPIRES_IN`, in seconds.
    pub invitation_expires_in_s: u32,
    /// `CANCEL_PENDING_INVITATIONS_ON_RE_INVITE`.
    pub cancel_pending_invitations_on_re_invite: bool,
    /// `REQUIRE_EMAIL_VERIFICATION_ON_INVITATION`: only a verified address may answer one.
    pub require_email_verification_on_invitation: bool,
    /// `DISABLE_ORGANIZATION_DELETION`.
    pub disable_deletion: bool,
    /// `MAXIMUM_TEAMS` of an organization.
    pub maximum_teams: Option<u32>,
    /// `MAXIMUM_MEMBERS_PER_TEAM`.
    pub maximum_members_per_team: Option<u32>,
    /// `ALLOW_REMOVING_ALL_TEAMS`.
    pub allow_removing_all_teams: bool,
    /// `MAXIMUM_ROLES_PER_ORGANIZATION`: roles of its own making.
    pub maximum_roles: Option<u32>,
    /// `PERMISSION_RESOURCES`: more resources, with their actions, which an organization's own roles may name.
    pub permission_resources: BTreeMap<String, Vec<String>>,
}

impl EmailAndPassword {
    pub(super) fn read(vars: &mut Reader<'_>) -> Self {
        Self {
            disable_sign_up: vars.flag("DISABLE_SIGN_UP", false),
            auto_sign_in: vars.flag("AUTO_SIGN_IN", true),
            require_email_verification: vars.flag("REQUIRE_EMAIL_VERIFICATION", false),
            reset_password_token_expires_in_s: vars.number("RESET_PASSWORD_TOKEN_EXPIRES_IN", 3600, LIFETIME_S),
            revoke_sessions_on_password_reset: vars.flag("REVOKE_SESSIONS_ON_PASSWORD_RESET", false),
        }
    }
}

impl EmailVerification {
    pub(super) fn read(vars: &mut Reader<'_>, is_required: bool) -> Self {
        Self {
            send_on_sign_up: vars.flag("SEND_VERIFICATION_ON_SIGN_UP", is_required),
            send_on_sign_in: vars.flag("SEND_VERIFICATION_ON_SIGN_IN", false),
            auto_sign_in_after_verification: vars.flag("AUTO_SIGN_IN_AFTER_VERIFICATION", false),
            expires_in_s: vars.number("VERIFICATION_EXPIRES_IN", 3600, LIFETIME_S),
        }
    }
}

impl UserOptions {
    pub(super) fn read(vars: &mut Reader<'_>) -> Self {
        Self {
            change_email: vars.flag("CHANGE_EMAIL", false),
            change_email_confirmation: vars.flag("CHANGE_EMAIL_CONFIRMATION", false),
            update_email_without_verification: vars.flag("UPDATE_EMAIL_WITHOUT_VERIFICATION", false),
            delete_user: vars.flag("DELETE_USER", false),
            delete_user_verification: vars.flag("DELETE_USER_VERIFICATION", false),
            delete_token_expires_in_s: vars.number("DELETE_TOKEN_EXPIRES_IN", 86_400, LIFETIME_S),
            allow_unlinking_all: vars.flag("ALLOW_UNLINKING_ALL", false),
        }
    }
}

impl SessionOptions {
    pub(super) fn read(vars: &mut Reader<'_>) -> Self {
        let strategies = [
            ("off", None),
            ("compact", Some(CacheStrategy::Compact)),
            ("jwt", Some(CacheStrategy::Jwt)),
            ("jwe", Some(CacheStrategy::Jwe)),
        ];
        let strategy = vars.choice("COOKIE_CACHE", &strategies, None);
        let max_age_s = vars.number("COOKIE_CACHE_MAX_AGE", 300, 1..=86_400);
        let expires_in_s = vars.number("SESSION_EXPIRES_IN", 604_800, LIFETIME_S);
        Self {
            expires_in_s,
            update_age_s: vars.number("SESSION_UPDATE_AGE", 86_400.min(expires_in_s), 0..=expires_in_s),
            fresh_age_s: vars.number("SESSION_FRESH_AGE", 86_400, 0..=*LIFETIME_S.end()),
            cookie_cache: strategy.map(|strategy| CookieCache { strategy, max_age_s }),
        }
    }
}

impl OrganizationOptions {
    pub(super) fn read(vars: &mut Reader<'_>) -> Self {
        let creation = [
            ("true", OrganizationCreation::Everyone),
            ("verified", OrganizationCreation::Verified),
            ("false", OrganizationCreation::Nobody),
        ];
        Self {
            creation: vars.choice("ALLOW_USER_TO_CREATE_ORGANIZATION", &creation, OrganizationCreation::Everyone),
            organization_limit: vars.optional_number("ORGANIZATION_LIMIT", COUNT),
            membership_limit: vars.number("MEMBERSHIP_LIMIT", 100, COUNT),
            invitation_limit: vars.number("INVITATION_LIMIT", 100, COUNT),
            invitation_expires_in_s: vars.number("INVITATION_EXPIRES_IN", 172_800, LIFETIME_S),
            cancel_pending_invitations_on_re_invite: vars.flag("CANCEL_PENDING_INVITATIONS_ON_RE_INVITE", false),
            require_email_verification_on_invitation: vars.flag("REQUIRE_EMAIL_VERIFICATION_ON_INVITATION", false),
            disable_deletion: vars.flag("DISABLE_ORGANIZATION_DELETION", false),
            maximum_teams: vars.optional_number("MAXIMUM_TEAMS", COUNT),
            maximum_members_per_team: vars.optional_number("MAXIMUM_MEMBERS_PER_TEAM", COUNT),
            allow_removing_all_teams: vars.flag("ALLOW_REMOVING_ALL_TEAMS", false),
            maximum_roles: vars.optional_number("MAXIMUM_ROLES_PER_ORGANIZATION", COUNT),
            permission_resources: resources(vars),
        }
    }
}

/// `{"invoice":["create","read"]}`.
fn resources(vars: &mut Reader<'_>) -> BTreeMap<String, Vec<String>> {
    let Some(text) = vars.text("PERMISSION_RESOURCES") else { return BTreeMap::new() };
    serde_json::from_str(&text).unwrap_or_else(|_| {
        vars.problem(
            "PERMISSION_RESOURCES must be a JSON object of lists of actions, such as {\"invoice\":[\"create\",\"read\"]}."
                .into(),
        );
        BTreeMap::new()
    })
}

/// `RATE_LIMIT`: on in production.
pub(super) fn rate_limit(vars: &mut Reader<'_>, environment: Environment) -> bool {
    vars.flag("RATE_LIMIT", environment == Environment::Production)
}
