//! The rows that the API shows, as it shows them: the fields' order is the reference's.
//!
//! Source: Better Auth 1.7.25 (wire spec §0.1).
use crate::{
    id::{OrgId, UserId},
    time::Timestamp,
};
use serde::{Deserialize, Deserializer, Serialize, de::Visitor};
use std::fmt;

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// His name; may be empty.
    pub name: String,
    /// His address, in lower case.
    pub email: String,
    /// Whether he has shown that it is his.
    #[serde(deserialize_with = "flag")]
    pub email_verified: bool,
    /// Where his picture is.
    pub image: Option<String>,
    /// When he signed up.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
    /// His id.
    pub id: UserId,
}

/// A session, with its token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// When it ends.
    pub expires_at: Timestamp,
    /// Who shows it has the session.
    pub token: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
    /// Where it was made from; empty if that is unknown.
    pub ip_address: Option<String>,
    /// With what; empty if that is unknown.
    pub user_agent: Option<String>,
    /// Whose it is.
    pub user_id: UserId,
    /// The organization that counts where a request names none.
    pub active_organization_id: Option<OrgId>,
    /// The team, in that organization.
    pub active_team_id: Option<String>,
    /// Its id.
    pub id: String,
}

/// An organization, its metadata as the column's text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its name.
    pub name: String,
    /// Its name in URLs; unique.
    pub slug: String,
    /// Where its picture is.
    pub logo: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// JSON text of an object.
    pub metadata: Option<String>,
    /// Its id.
    pub id: OrgId,
}

/// A user's place in an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The organization.
    pub organization_id: OrgId,
    /// The user.
    pub user_id: UserId,
    /// His roles, comma-joined.
    pub role: String,
    /// Since when.
    pub created_at: Timestamp,
    /// The row's id.
    pub id: String,
    /// Who he is, where the endpoint says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<MemberUser>,
}

/// What members see of each other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MemberUser {
    /// His id.
    pub id: UserId,
    /// His name.
    pub name: String,
    /// His address.
    pub email: String,
    /// Where his picture is.
    pub image: Option<String>,
}

/// An invitation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// Into which organization.
    pub organization_id: OrgId,
    /// To which address.
    pub email: String,
    /// The roles it gives, comma-joined.
    pub role: Option<String>,
    /// The teams it leads to, comma-joined.
    pub team_id: Option<String>,
    /// `pending`, `accepted`, `rejected` or `canceled`.
    pub status: String,
    /// Until when it may be accepted.
    pub expires_at: Timestamp,
    /// When it was made; unknown in databases of Better Auth 1.3.
    pub created_at: Option<Timestamp>,
    /// Who invites.
    pub inviter_id: UserId,
    /// Its id.
    pub id: String,
}

/// A team.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// Its name.
    pub name: String,
    /// How many are in it.
    pub member_count: i64,
    /// Whose it is.
    pub organization_id: OrgId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// Its id.
    pub id: String,
}

/// SQLite has no booleans: 1, which D1 may pass on as 1.0, is true. A copy of the row in a cookie has one.
fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    struct Flag;
    impl Visitor<'_> for Flag {
        type Value = bool;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a flag")
        }
        fn visit_bool<E>(self, flag: bool) -> Result<bool, E> {
            Ok(flag)
        }
        fn visit_u64<E>(self, number: u64) -> Result<bool, E> {
            Ok(number == 1)
        }
        fn visit_f64<E>(self, number: f64) -> Result<bool, E> {
            Ok(number == 1.0)
        }
    }
    from.deserialize_any(Flag)
}
