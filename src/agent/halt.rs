//! Why a run ends before the model has had its say.
use super::event::Gone;
use crate::{
    Error,
    api::codes,
    llm::{ModelError, TooMuch},
};

/// Why a run ends early.
#[derive(Debug)]
pub enum Halt {
    /// The client went away.
    Gone,
    /// Someone asked for it.
    Stopped,
    /// Something is in the way: AG-UI's `RUN_ERROR`.
    Failed {
        /// A stable word.
        code: &'static str,
        /// A sentence that says what to do.
        message: String,
    },
}

impl Halt {
    pub fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self::Failed { code, message: message.into() }
    }
}

impl From<Gone> for Halt {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::failed(codes::of(&error).1, error.to_string())
    }
}

impl From<TooMuch> for Halt {
    fn from(_: TooMuch) -> Self {
        ModelError::TooLong.into()
    }
}

impl From<ModelError> for Halt {
    fn from(error: ModelError) -> Self {
        let code = match error {
            ModelError::Unreachable | ModelError::Unavailable(_) => "MODEL_UNAVAILABLE",
            ModelError::TimedOut => "MODEL_TIMED_OUT",
            ModelError::Refused(_) => "MODEL_REFUSED",
            ModelError::BrokeOff | ModelError::Reported | ModelError::TooLong => "MODEL_BROKE_OFF",
        };
        Self::failed(code, error.to_string())
    }
}
