//! `organization/create`, `organization/check-slug`, and the organization that a new user gets.
use super::{Parsed, next, sql};
use crate::{
    Error, Result,
    access::{App, OrgLog},
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Root},
        model::{Member, Organization, Session, User},
        session::require,
    },
    config::OrganizationCreation,
    db::{IdentityStatement, Rows, SqlError},
    error::Constraint,
    id::{Id, OrgId, UserId},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::ops::RangeInclusive;

/// How long a name is.
pub const NAME: RangeInclusive<usize> = 1..=255;
/// How long a slug is.
pub(super) const SLUG: RangeInclusive<usize> = 1..=100;
/// How long the URL of a logo is.
pub(super) const LOGO: RangeInclusive<usize> = 0..=65_536;
/// How long metadata is, as JSON.
pub(super) const MAX_METADATA_BYTES: usize = 65_536;

/// What it takes to make an organization with its owner and its team.
pub struct Founding {
    member: Member,
    statements: Vec<IdentityStatement>,
    activate: Option<IdentityStatement>,
}

impl Founding {
    /// For the user, if he is in fewer organizations than the limit; where he has the session of the token, only as long as
    /// that is live.
    ///
    /// # Errors
    /// `Internal` if the platform has no randomness.
    pub fn of(
        app: &App,
        organization: &Organization,
        owner: &UserId,
        token: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Self> {
        let Organization { id, name, slug, logo, created_at: now, metadata } = organization;
        let ids = [app.random.alphanumeric(32)?, app.random.alphanumeric(32)?, app.random.alphanumeric(32)?];
        let [member_id, team_id, team_member_id] = ids;
        let key = membership_key(&team_id, owner)?;
        let now = *now;
        let statements = vec![
            sql::CREATE.bind([
                id.into(),
                name.into(),
                slug.into(),
                logo.as_ref().into(),
                metadata.as_ref().into(),
                now.into(),
                token.into(),
                limit.map(i64::from).into(),
                owner.into(),
            ]),
            sql::CREATE_OWNER.bind([(&member_id).into(), id.into(), owner.into(), now.into()]),
            sql::CREATE_DEFAULT_TEAM.bind([(&team_id).into(), id.into(), now.into()]),
            sql::CREATE_TEAM_MEMBER.bind([
                team_member_id.into(),
                (&team_id).into(),
                owner.into(),
                key.into(),
                now.into(),
            ]),
        ];
        let activate = token.map(|token| sql::ACTIVATE.bind([token.into(), id.into(), (&team_id).into(), now.into()]));
        let member = Member {
            organization_id: id.clone(),
            user_id: owner.clone(),
            role: "owner".into(),
            created_at: now,
            id: member_id,
            user: None,
        };
        Ok(Self { member, statements, activate })
    }

    /// The statements, the organization's first; they make it the active one of the session as well, if there is one.
    pub fn activated(mut self) -> Vec<IdentityStatement> {
        self.statements.extend(self.activate);
        self.statements
    }
}

/// What is unique of a team's member: base64url of SHA-256 of `["<team>","<user>"]`. Source: Better Auth 1.7.25.
pub(super) fn membership_key(team_id: &str, user: &UserId) -> Result<String> {
    let pair = serde_json::to_vec(&(team_id, user)).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(pair)))
}

/// The organization that a new user gets, named after him, else after his address. Its slug cannot be guessed, so it is
/// neither taken nor does it tell that he is here.
///
/// # Errors
/// `Internal` if the platform has no randomness.
pub fn personal(app: &App, user: &User) -> Result<Organization> {
    let who = match user.name.trim() {
        "" => user.email.split('@').next().unwrap_or_default(),
        name => name,
    };
    // The name that the sign-up allows, and some more for the possessive.
    let name: String = format!("{}'s organization", who.chars().take(*NAME.end() - 15).collect::<String>());
    let slug = format!("{}-{}", slug_of(who), app.random.alphanumeric(16)?.to_ascii_lowercase());
    Ok(Organization {
        name,
        slug: slug.trim_start_matches('-').to_owned(),
        logo: None,
        created_at: app.now,
        metadata: None,
        id: OrgId::generate(app.random)?,
    })
}

/// Letters and digits in lower case, with one `-` for whatever is between.
fn slug_of(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    slug.chars().take(40).collect()
}

/// The answer of `create`.
#[derive(Serialize)]
struct Created<'a> {
    #[serde(flatten)]
    organization: Parsed<'a>,
    members: [&'a Member; 1],
}

/// `POST /organization/create` `{"name","slug","logo"?,"metadata"?,"keepCurrentActiveOrganization"?}`: with its team
/// and the caller as owner, all or nothing; it becomes the active one. The organization with `members`.
///
/// # Errors
/// `YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION`, `YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS`,
/// `ORGANIZATION_ALREADY_EXISTS`; 401.
pub async fn create(call: &mut Call<'_>) -> Result<Response> {
    let (now, random) = (call.app.now, call.app.random);
    let id = OrgId::generate(random)?;
    let (organization, keep) = call.body(Root::Object, |body| {
        let (name, slug) = (body.text("name", NAME), body.text("slug", SLUG));
        let logo = body.nullable_text("logo", LOGO).flatten();
        let metadata = body.optional_record("metadata", MAX_METADATA_BYTES);
        let keep = body.optional_boolean("keepCurrentActiveOrganization").unwrap_or(false);
        (Organization { name, slug, logo, created_at: now, metadata, id }, keep)
    })?;
    let look_up = |token: &str| {
        vec![sql::COUNT_MINE.bind([token.into()]), sql::SLUG_IS_TAKEN.bind([(&organization.slug).into()])]
    };
    let (caller, rows) = require(call, code::UNAUTHORIZED_EMPTY, look_up).await?;
    let mut rows = rows.into_iter();
    let options = &call.app.config.organization;
    let is_allowed = match options.creation {
        OrganizationCreation::Everyone => true,
        OrganizationCreation::Verified => caller.user.email_verified,
        OrganizationCreation::Nobody => false,
    };
    if !is_allowed {
        return Err(code::YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION.into());
    }
    refuse_above(options.organization_limit, &next(&mut rows))?;
    if !next(&mut rows).rows.is_empty() {
        return Err(code::ORGANIZATION_ALREADY_EXISTS.into());
    }
    let token = &caller.session.token;
    let founding = Founding::of(call.app, &organization, &caller.user.id, Some(token), options.organization_limit)?;
    let member = founding.member.clone();
    call.log = Some(OrgLog::of_new(organization.id.clone(), caller.user.id.clone()));
    let founding = if keep { founding.statements } else { founding.activated() };
    const CREATE_AT: usize = 1;
    // Counted again, to say why if nothing is made.
    let statements = std::iter::once(sql::COUNT_MINE.bind([token.into()])).chain(founding).collect();
    let done = call.change_by(statements, CREATE_AT, organization.id.as_str()).await;
    let mut done = done.map_err(|error| slug_taken(error, code::ORGANIZATION_ALREADY_EXISTS))?.into_iter();
    let count = next(&mut done);
    if next(&mut done).changed == 0 {
        refuse_above(options.organization_limit, &count)?;
        return Err(code::UNAUTHORIZED_EMPTY.into());
    }
    if let Some(session) = done.next_back().filter(|_| !keep).unwrap_or_default().decode_first::<Session>()? {
        call.jar.set_copy(&session, &caller.user);
    }
    call.ok(&Created { organization: Parsed::of(&organization), members: [&member] })
}

/// Refuses who is in as many organizations as anyone may be.
fn refuse_above(limit: Option<u32>, mine: &Rows) -> Result<()> {
    if limit.is_some_and(|limit| mine.count() >= u64::from(limit)) {
        return Err(code::YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS.into());
    }
    Ok(())
}

/// What a taken slug is called here; any other error stays what it is.
pub(super) fn slug_taken(error: SqlError, taken: crate::error::AuthError) -> Error {
    match error {
        SqlError::Constraint(Constraint::Unique(columns)) if columns == "organization.slug" => taken.into(),
        other => other.into(),
    }
}

/// `POST /organization/check-slug` `{"slug"}`: `{"status":true}` if it is free.
///
/// # Errors
/// `ORGANIZATION_SLUG_ALREADY_TAKEN`; `UNAUTHORIZED`.
pub async fn check_slug(call: &mut Call<'_>) -> Result<Response> {
    let slug = call.body(Root::Object, |body| body.text("slug", ANY))?;
    let look_up = |_: &str| vec![sql::SLUG_IS_TAKEN.bind([slug.into()])];
    let (_, rows) = require(call, code::UNAUTHORIZED, look_up).await?;
    if next(&mut rows.into_iter()).rows.is_empty() {
        call.ok(&json!({ "status": true }))
    } else {
        Err(code::ORGANIZATION_SLUG_ALREADY_TAKEN.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wire spec, appendix C.
    #[test]
    fn a_membership_key_is_the_references() {
        let key = membership_key("team1", &UserId::from("user1".to_owned())).unwrap();
        assert_eq!(key, "mS9qjHTGRz06ArNtq21MAZ50vJ4vZT0OXIoFN_L6MGA");
    }

    #[test]
    fn a_slug_is_made_of_letters_digits_and_single_dashes() {
        assert_eq!(slug_of("  Ada  Lovelace, Countess "), "ada-lovelace-countess");
        assert_eq!(slug_of("Ö!"), "");
    }
}
