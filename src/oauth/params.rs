//! Parameters of OAuth's requests.
use super::error::{Code, Refusal};
use crate::api::Request;
use std::borrow::Cow;

const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters of a query or a form, none of them twice (RFC 6749 §3.1).
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Those of a query.
    ///
    /// # Errors
    /// `invalid_request` if one is given twice.
    pub fn of(pairs: &[(String, String)]) -> Result<Self, Refusal> {
        // Without a value it counts as left out.
        let given: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
        let mut names: Vec<_> = given.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        if names.is_sorted_by(|one, next| one < next) {
            Ok(Self(given))
        } else {
            Err(Refusal::new(Code::InvalidRequest, "A parameter is given twice."))
        }
    }

    /// Those of a text such as `a=b&c=d`.
    ///
    /// # Errors
    /// As [`Params::of`].
    pub fn parse(text: &[u8]) -> Result<Self, Refusal> {
        Self::of(&form_urlencoded::parse(text).into_owned().collect::<Vec<_>>())
    }

    /// Those of a form that is posted.
    ///
    /// # Errors
    /// `invalid_request` if the body is no form; as [`Params::of`].
    pub fn posted(request: &Request) -> Result<Self, Refusal> {
        if request.media_type().as_deref() != Some(FORM) {
            let needed = "Send the parameters as application/x-www-form-urlencoded, in the body.";
            return Err(Refusal::new(Code::InvalidRequest, needed));
        }
        Self::parse(&request.body)
    }

    /// The value, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The value, of no more than so many bytes.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn need(&self, name: &'static str, max_bytes: usize) -> Result<&str, Refusal> {
        let missing = || Refusal::new(Code::InvalidRequest, format!("The parameter {name} is missing."));
        self.optional(name, max_bytes)?.ok_or_else(missing)
    }

    /// The value, if there is one, of no more than so many bytes.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn optional(&self, name: &'static str, max_bytes: usize) -> Result<Option<&str>, Refusal> {
        match self.get(name) {
            Some(value) if value.len() > max_bytes => {
                let too_long: Cow<'static, str> = format!("The parameter {name} is too long.").into();
                Err(Refusal::new(Code::InvalidRequest, too_long))
            }
            value => Ok(value),
        }
    }
}
