//! An error as a part of an answer.
use crate::{Error, api::codes};
use schemars::JsonSchema;
use serde::Serialize;

/// What went wrong with one of several things that were asked for at once: as the whole answer would have told it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Told {
    /// The stable code: docs/errors.md.
    pub code: &'static str,
    /// What to do.
    pub message: String,
    /// Which value is at fault, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl From<&Error> for Told {
    fn from(error: &Error) -> Self {
        let field = match error {
            Error::Invalid { field, .. } => Some(field.clone().into_owned()),
            _ => None,
        };
        Self { code: codes::of(error).1, message: error.to_string(), field }
    }
}
