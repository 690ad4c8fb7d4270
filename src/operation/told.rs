//! An error as a part of an answer.
use crate::{Error, api::codes, runtime::Runtime};
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
    /// Whether it is a fault of ours, which may be gone at another attempt.
    #[serde(skip)]
    pub is_fault: bool,
}

impl Told {
    /// What to tell of the error. One that is a fault of ours is logged: the answer that it is a part of is none.
    #[must_use]
    pub fn of(error: &Error, runtime: Runtime) -> Self {
        let (status, code) = codes::of(error);
        let is_fault = status.is_server_error();
        if is_fault {
            // As where a whole answer is one: its debug form has its cause, and no bound value.
            (runtime.log_fault)(&format!("{error:?}"));
        }
        let field = match error {
            Error::Invalid { field, .. } => Some(field.clone().into_owned()),
            _ => None,
        };
        Self { code, message: error.to_string(), field, is_fault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::FAULTS;

    #[test]
    fn a_fault_of_ours_is_logged_with_its_cause_and_told_without() {
        let told = |error| Told::of(&error, Runtime::for_tests());
        assert_eq!(told(Error::invalid("config.sql", "no such column")).field.as_deref(), Some("config.sql"));
        assert_eq!(FAULTS.with(|faults| faults.borrow().len()), 0);
        let internal = told(Error::internal("the disk is on fire"));
        assert_eq!(internal.code, "INTERNAL_SERVER_ERROR");
        assert!(!internal.message.contains("fire"), "{}", internal.message);
        assert!(FAULTS.with(|faults| faults.borrow()[0].contains("the disk is on fire")));
    }
}
