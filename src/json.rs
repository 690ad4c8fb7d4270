//! JSON into types, with the place of what does not fit.
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A value that does not fit its type.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Misfit {
    /// Where: a dotted path such as `columns[0].name`; `.` is the whole.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

/// Reads a value as a `T`.
///
/// # Errors
/// The first misfit.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, Misfit> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| Misfit { place: error.path().to_string(), problem: error.into_inner().to_string() })
}
