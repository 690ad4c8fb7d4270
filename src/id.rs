//! One type per kind of id, so that no id can stand where another is meant.
use crate::{Result, random::Random, time::Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt};

/// The text of an id, for binding it to a statement.
pub trait Id {
    /// The text, as stored.
    fn as_str(&self) -> &str;
}

macro_rules! id_common {
    ($name:ident) => {
        impl Id for $name {
            fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// Ids of identity rows: opaque text. New ones have 32 characters `A–Z a–z 0–9`; a database taken over may hold UUIDs
/// or integers. Source: Better Auth 1.7.25, `generateId`.
macro_rules! identity_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);
        id_common!($name);
        impl $name {
            /// A fresh id.
            ///
            /// # Errors
            /// `Internal` if the platform has no randomness.
            pub fn generate(random: Random) -> Result<Self> {
                random.alphanumeric(32).map(Self)
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    )+};
}

identity_ids! {
    /// `user.id`.
    UserId;
    /// `organization.id`.
    OrgId;
}

/// Ids of domain rows: a prefix that tells a person what they hold, then a UUIDv7 (RFC 9562 §5.7) as 32 hex digits.
/// Ordered by creation, so "newest first" and a page's cursor need no second column.
macro_rules! domain_ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);
        id_common!($name);
        impl $name {
            /// A fresh id, which sorts after those of earlier milliseconds.
            ///
            /// # Errors
            /// `Internal` if the platform has no randomness.
            pub fn generate(now: Timestamp, random: Random) -> Result<Self> {
                uuid_v7(now, random).map(|uuid| Self(format!(concat!($prefix, "{}"), uuid)))
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                if is_domain_id(&text, $prefix) {
                    Ok(Self(text))
                } else {
                    Err(de::Error::custom(concat!("must be `", $prefix, "` and 32 hex digits, as given by this API")))
                }
            }
        }
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": concat!("^", $prefix, "[0-9a-f]{32}$") })
            }
        }
    )+};
}

domain_ids! {
    /// `dataset.id`.
    DatasetId "ds_";
    /// `dashboard.id`.
    DashboardId "db_";
    /// `widget.id`.
    WidgetId "wg_";
    /// `automation.id`.
    AutomationId "au_";
    /// `automation_run.id`.
    AutomationRunId "run_";
    /// `api_key.id`.
    ApiKeyId "key_";
    /// `approval.id`.
    ApprovalId "ap_";
    /// `oauth_grant.id`.
    OauthGrantId "grant_";
    /// `agent_thread.id`.
    AgentThreadId "th_";
    /// `delivery.id`.
    DeliveryId "dlv_";
    /// `email_recipient.id`.
    EmailRecipientId "rcp_";
    /// `webhook_secret.id`.
    WebhookSecretId "whs_";
    /// Rows that are under way to a dataset, and the table that has them meanwhile.
    UploadId "up_";
}

fn uuid_v7(now: Timestamp, random: Random) -> Result<uuid::fmt::Simple> {
    let mut tail = [0; 10];
    random.fill(&mut tail)?;
    Ok(uuid::Builder::from_unix_timestamp_millis(now.unix_ms().unsigned_abs(), &tail).into_uuid().simple())
}

fn is_domain_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_id_sorts_by_its_instant_and_reads_back() {
        let random = Random::for_tests();
        let old = DatasetId::generate(Timestamp::from_unix_ms(1_700_000_000_000), random).unwrap();
        let new = DatasetId::generate(Timestamp::from_unix_ms(1_700_000_000_001), random).unwrap();
        assert!(old < new);
        assert_eq!(serde_json::from_str::<DatasetId>(&serde_json::to_string(&old).unwrap()).unwrap(), old);
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        for bad in ["", "ds_", "wg_0190a6b7c8d97e0f8a1b2c3d4e5f6071", "ds_0190A6B7C8D97E0F8A1B2C3D4E5F6071"] {
            assert!(serde_json::from_value::<DatasetId>(bad.into()).is_err(), "{bad}");
        }
    }
}
