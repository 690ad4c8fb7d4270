//! What a request says, checked field by field, with zod's words for what is wrong.
//!
//! Source: Better Auth 1.7.25 and zod 4 (wire spec §0).
use crate::{Result, error::AuthError};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// A text of any length.
pub const ANY: RangeInclusive<usize> = 0..=usize::MAX;

/// What the object at the root must be, in zod's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// An object.
    Object,
    /// An object, or nothing at all.
    OptionalObject,
    /// An object whose further fields are kept.
    Record,
    /// An object and a record: both complain.
    ObjectAndRecord,
    /// An object and one of several: both complain.
    ObjectAndOneOf,
    /// One of several objects.
    OneOf,
}

/// None of several kinds that would do.
const INVALID_INPUT: &str = "Invalid input";

/// Reads `value`, which stands at `place` (`body` or `query`). `shape` names every field, in the order in which the
/// reference complains; fields that it does not name are ignored.
///
/// # Errors
/// `VALIDATION_ERROR`, 400, with everything that is wrong: `[body.email] Invalid email address; [body.name] …`.
pub fn read<T>(
    place: &'static str,
    value: Option<&Value>,
    root: Root,
    shape: impl FnOnce(&mut Fields<'_>) -> T,
) -> Result<T> {
    let nothing = Map::new();
    let mut issues = vec![];
    let (fields, issue) = match (value, root) {
        (Some(Value::Object(fields)), _) => (fields, None),
        (None, Root::OptionalObject) => (&nothing, None),
        (_, Root::Record) => (&nothing, Some(expected("record", value))),
        (_, Root::ObjectAndRecord) => {
            (&nothing, Some(format!("{}; [{place}] {}", expected("object", value), expected("record", value))))
        }
        (_, Root::OneOf) => (&nothing, Some(INVALID_INPUT.to_owned())),
        (_, Root::ObjectAndOneOf) => {
            (&nothing, Some(format!("{}; [{place}] {INVALID_INPUT}", expected("object", value))))
        }
        (_, Root::Object | Root::OptionalObject) => (&nothing, Some(expected("object", value))),
    };
    if let Some(issue) = issue {
        return Err(validation_error(&[format!("[{place}] {issue}")]));
    }
    let read = shape(&mut Fields { place: place.to_owned(), fields, issues: &mut issues });
    if issues.is_empty() { Ok(read) } else { Err(validation_error(&issues)) }
}

fn validation_error(issues: &[String]) -> crate::Error {
    AuthError { message: Some(issues.join("; ").into()), ..AuthError::new(400, "VALIDATION_ERROR", "") }.into()
}

fn expected(word: &str, given: Option<&Value>) -> String {
    let given = match given {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    };
    format!("Invalid input: expected {word}, received {given}")
}

/// An object's fields. What is wrong with one is collected; what is then returned in its place is never seen.
pub struct Fields<'a> {
    place: String,
    fields: &'a Map<String, Value>,
    issues: &'a mut Vec<String>,
}

impl Fields<'_> {
    /// A text whose length in characters is in the range.
    pub fn text(&mut self, name: &str, length: RangeInclusive<usize>) -> String {
        match self.fields.get(name) {
            Some(Value::String(text)) => {
                let count = text.chars().count();
                if count < *length.start() {
                    self.issue(name, &format!("Too small: expected string to have >={} characters", length.start()));
                } else if count > *length.end() {
                    self.issue(name, &format!("Too big: expected string to have <={} characters", length.end()));
                }
                text.clone()
            }
            other => {
                self.issue(name, &expected("string", other));
                if let Some(Value::Array(items)) = other
                    && items.len() < *length.start()
                {
                    self.issue(name, &format!("Too small: expected array to have >={} items", length.start()));
                }
                String::new()
            }
        }
    }

    /// The same, or nothing.
    pub fn optional_text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<String> {
        self.fields.contains_key(name).then(|| self.text(name, length))
    }

    /// The same; an empty one is none.
    pub fn optional_id(&mut self, name: &str) -> Option<String> {
        self.optional_text(name, ANY).filter(|id| !id.is_empty())
    }

    /// The same as an optional text; `Some(None)` is null.
    pub fn nullable_text(&mut self, name: &str, length: RangeInclusive<usize>) -> Option<Option<String>> {
        match self.fields.get(name)? {
            Value::Null => Some(None),
            _ => Some(Some(self.text(name, length))),
        }
    }

    /// A text, or a list of texts: all of them, `max` characters together at most.
    pub fn texts(&mut self, name: &str, max: usize) -> Vec<String> {
        let texts = match self.fields.get(name) {
            Some(Value::String(text)) => Some(vec![text.clone()]),
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        match &texts {
            None => self.issue(name, INVALID_INPUT),
            Some(texts) if texts.iter().map(|text| text.chars().count() + 1).sum::<usize>() > max + 1 => {
                self.issue(name, &format!("Too big: expected string to have <={max} characters"));
            }
            Some(_) => {}
        }
        texts.unwrap_or_default()
    }

    /// The same, or nothing.
    pub fn optional_texts(&mut self, name: &str, max: usize) -> Option<Vec<String>> {
        self.fields.contains_key(name).then(|| self.texts(name, max))
    }

    /// A number as the query has it: a text, given once; or nothing.
    pub fn optional_number_text(&mut self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) => Some(text.clone()),
            _ => {
                self.issue(name, INVALID_INPUT);
                None
            }
        }
    }

    /// One of the words, or nothing.
    pub fn optional_word(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let given = self.fields.get(name)?;
        let word = words.iter().copied().find(|word| given == word);
        if word.is_none() {
            let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
            self.issue(name, &format!("Invalid option: expected one of {}", words.join("|")));
        }
        word
    }

    /// Exactly one of the fields, if it reads: its name and what was read.
    pub fn one_of<T>(
        &mut self,
        names: &[&'static str],
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<(&'static str, T)> {
        let found = names.iter().filter_map(|name| Some((*name, read(self.fields.get(*name)?)?)));
        let mut found: Vec<_> = found.collect();
        match found.len() {
            1 => found.pop(),
            0 => {
                self.issues.push(format!("[{}] {INVALID_INPUT}", self.place));
                None
            }
            _ => {
                self.issues.push(format!("[{}] {INVALID_INPUT}: more than one option matched", self.place));
                None
            }
        }
    }

    /// What JavaScript's `String(value)` makes of it (zod's `coerce.string`).
    pub fn coerced_text(&mut self, name: &str) -> String {
        match self.fields.get(name) {
            None => {
                self.issue(name, &expected("nonoptional", None));
                String::new()
            }
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(_) | Value::Object(_)) => "[object Object]".into(),
            Some(other) => other.to_string(),
        }
    }

    /// An object of lists of texts, at most so many bytes of JSON.
    pub fn lists(&mut self, name: &str, max_bytes: usize) -> Vec<(String, Vec<String>)> {
        let Some(Value::Object(lists)) = self.fields.get(name) else {
            self.issue(name, &expected("record", self.fields.get(name)));
            return vec![];
        };
        if lists.iter().map(|(key, list)| key.len() + list.to_string().len()).sum::<usize>() > max_bytes {
            self.issue(name, &format!("Too big: expected record to have <={max_bytes} bytes of JSON"));
        }
        lists.iter().map(|(key, list)| (key.clone(), self.list(&format!("{name}.{key}"), list))).collect()
    }

    fn list(&mut self, place: &str, list: &Value) -> Vec<String> {
        let Value::Array(items) = list else {
            self.issue(place, &expected("array", Some(list)));
            return vec![];
        };
        let mut text = |(at, item): (usize, &Value)| {
            let text = item.as_str().map(str::to_owned);
            if text.is_none() {
                self.issue(&format!("{place}.{at}"), &expected("string", Some(item)));
            }
            text
        };
        items.iter().enumerate().filter_map(&mut text).collect()
    }

    /// The same, or nothing.
    pub fn optional_lists(&mut self, name: &str, max_bytes: usize) -> Option<Vec<(String, Vec<String>)>> {
        self.fields.contains_key(name).then(|| self.lists(name, max_bytes))
    }

    /// The first of the fields that is a text and not empty, with its place among the names.
    pub fn first_text(&mut self, names: &[&str]) -> (usize, String) {
        let text = |name: &&str| self.fields.get(*name)?.as_str().filter(|text| !text.is_empty());
        let found = names.iter().enumerate().find_map(|(at, name)| Some((at, text(name)?.to_owned())));
        if found.is_none() {
            // Of a union zod tells what is wrong with the only branch that has the right type.
            let texts: Vec<_> = names.iter().filter(|name| self.is_text(name)).collect();
            match texts[..] {
                [name] => self.issue(name, "Too small: expected string to have >=1 characters"),
                _ => self.issues.push(format!("[{}] {INVALID_INPUT}", self.place)),
            }
        }
        found.unwrap_or_default()
    }

    /// Whether a field is a text.
    #[must_use]
    pub fn is_text(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(Value::is_string)
    }

    /// An e-mail address, in lower case.
    pub fn email(&mut self, name: &str) -> String {
        let email = self.text(name, ANY);
        if self.is_text(name) && !is_email(&email) {
            self.issue(name, "Invalid email address");
        }
        email.to_ascii_lowercase()
    }

    /// True, false, or nothing.
    pub fn optional_boolean(&mut self, name: &str) -> Option<bool> {
        match self.fields.get(name)? {
            Value::Bool(flag) => Some(*flag),
            other => {
                self.issue(name, &expected("boolean", Some(other)));
                None
            }
        }
    }

    /// An object of any fields, as JSON text of at most so many bytes, or nothing.
    pub fn optional_record(&mut self, name: &str, max_bytes: usize) -> Option<String> {
        let given = self.fields.get(name)?;
        let text = given.to_string();
        if !given.is_object() {
            self.issue(name, &expected("record", Some(given)));
        } else if text.len() > max_bytes {
            self.issue(name, &format!("Too big: expected record to have <={max_bytes} bytes of JSON"));
        }
        Some(text)
    }

    /// Another object.
    pub fn object<T>(&mut self, name: &str, shape: impl FnOnce(&mut Fields<'_>) -> T) -> T {
        let place = format!("{}.{name}", self.place);
        match self.fields.get(name) {
            Some(Value::Object(fields)) => shape(&mut Fields { place, fields, issues: self.issues }),
            other => {
                self.issue(name, &expected("object", other));
                // One complaint is enough: those about the fields of what is no object go nowhere.
                shape(&mut Fields { place, fields: &Map::new(), issues: &mut vec![] })
            }
        }
    }

    /// A text, where the reference would take it for one of several kinds.
    pub fn any_text(&mut self, name: &str) -> String {
        let text = self.fields.get(name).and_then(Value::as_str).map(str::to_owned);
        text.unwrap_or_else(|| {
            self.issue(name, INVALID_INPUT);
            String::new()
        })
    }

    /// A list of texts, or nothing.
    pub fn optional_list(&mut self, name: &str) -> Option<Vec<String>> {
        let given = self.fields.get(name)?;
        let Value::Array(items) = given else {
            self.issue(name, &expected("array", Some(given)));
            return None;
        };
        let items: Vec<_> = items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect();
        Some(items.into_iter().filter_map(|(at, item)| self.text_within(name, &at, item)).collect())
    }

    /// An object of texts, or nothing.
    pub fn optional_map(&mut self, name: &str) -> Option<Vec<(String, String)>> {
        let given = self.fields.get(name)?;
        let Value::Object(fields) = given else {
            self.issue(name, &expected("record", Some(given)));
            return None;
        };
        let text = |(key, value): (&String, &Value)| Some((key.clone(), self.text_within(name, key, value)?));
        Some(fields.iter().filter_map(text).collect())
    }

    fn text_within(&mut self, name: &str, key: &str, value: &Value) -> Option<String> {
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.issue(&format!("{name}.{key}"), &expected("string", Some(value)));
        }
        text
    }

    /// The field as it is.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// Complains of the whole, which is none of several shapes.
    pub fn misfit(&mut self) {
        self.issues.push(format!("[{}] {INVALID_INPUT}", self.place));
    }

    /// Complains of fields that are not among these.
    pub fn only(&mut self, names: &[&str]) {
        let others: Vec<_> = self.fields.keys().filter(|key| !names.contains(&key.as_str())).collect();
        if !others.is_empty() {
            let plural = if others.len() > 1 { "s" } else { "" };
            let others = others.into_iter().map(|key| format!("{key:?}")).collect::<Vec<_>>().join(", ");
            self.issues.push(format!("[{}] Unrecognized key{plural}: {others}", self.place));
        }
    }

    /// Whether the field is there, and JavaScript would call it true.
    pub fn is_truthy(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(is_truthy)
    }

    /// Complains of the field.
    pub fn issue(&mut self, name: &str, text: &str) {
        self.issues.push(format!("[{}.{name}] {text}", self.place));
    }
}

/// JavaScript's `Boolean(value)`.
#[must_use]
pub fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Longer than any address that mail can reach (RFC 5321 §4.5.3.1): the column is indexed.
const MAX_EMAIL: usize = 320;

/// The syntax that the reference takes for an address: `local@host.tld`, ASCII, no quotes.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.split_once('@') else { return false };
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '\'' | '+' | '-');
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphanumeric())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let Some((labels, top)) = host.rsplit_once('.') else { return false };
    text.len() <= MAX_EMAIL
        && local.split('.').all(|part| !part.is_empty() && part.chars().all(is_local))
        && !local.ends_with('\'')
        && labels.split('.').all(is_label)
        && top.len() >= 2
        && top.chars().all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn message(value: Option<Value>, root: Root, shape: impl FnOnce(&mut Fields<'_>)) -> String {
        match read("body", value.as_ref(), root, shape) {
            Err(crate::Error::Auth(AuthError { message: Some(message), .. })) => message.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    /// Wire spec §0, and zod 4.5.4 itself.
    #[test]
    fn what_is_wrong_is_said_in_zods_words_and_all_at_once() {
        let given = json!({ "name": 1, "email": "x", "password": "", "remember": "x", "list": [], "data": { "n": "", "m": [] } });
        let said = message(Some(given), Root::Object, |body| {
            body.text("name", ANY);
            body.email("email");
            body.text("password", 1..=usize::MAX);
            body.optional_boolean("remember");
            body.text("list", 1..=5);
            body.object("data", |data| {
                data.optional_text("n", 1..=5);
                data.optional_record("m", 100);
            });
            body.text("token", ANY);
        });
        assert_eq!(
            said,
            "[body.name] Invalid input: expected string, received number; [body.email] Invalid email address; \
             [body.password] Too small: expected string to have >=1 characters; \
             [body.remember] Invalid input: expected boolean, received string; \
             [body.list] Invalid input: expected string, received array; \
             [body.list] Too small: expected array to have >=1 items; \
             [body.data.n] Too small: expected string to have >=1 characters; \
             [body.data.m] Invalid input: expected record, received array; \
             [body.token] Invalid input: expected string, received undefined"
        );
    }

    /// zod 4.5.4 itself.
    #[test]
    fn what_may_be_one_of_several_kinds_says_only_that_it_is_none() {
        let lists = |value: &Value| value.as_array().map(|_| ());
        let said = |given: Value| {
            message(Some(given), Root::Object, |body| {
                body.texts("role", 5);
                body.optional_texts("team", 5);
                body.optional_number_text("limit");
                body.optional_word("way", &["asc", "desc"]);
                body.one_of(&["a", "b"], lists);
            })
        };
        assert_eq!(
            said(json!({ "role": [1], "team": null, "limit": ["1"], "way": "up", "a": 1 })),
            "[body.role] Invalid input; [body.team] Invalid input; [body.limit] Invalid input; \
             [body.way] Invalid option: expected one of \"asc\"|\"desc\"; [body] Invalid input"
        );
        assert_eq!(
            said(json!({ "role": ["ab", "cde"], "a": [], "b": [] })),
            "[body.role] Too big: expected string to have <=5 characters; \
             [body] Invalid input: more than one option matched"
        );
        assert_eq!(
            message(None, Root::ObjectAndOneOf, |_| {}),
            "[body] Invalid input: expected object, received undefined; [body] Invalid input"
        );
    }

    #[test]
    fn a_body_that_is_no_object_is_one_issue_for_each_kind_of_root() {
        let nothing = |_: &mut Fields<'_>| {};
        let object = "[body] Invalid input: expected object, received ";
        assert_eq!(message(None, Root::Object, nothing), format!("{object}undefined"));
        assert_eq!(message(Some(json!([])), Root::OptionalObject, nothing), format!("{object}array"));
        assert_eq!(
            message(Some(json!(1)), Root::Record, nothing),
            "[body] Invalid input: expected record, received number"
        );
        assert_eq!(
            message(None, Root::ObjectAndRecord, nothing),
            format!("{object}undefined; [body] Invalid input: expected record, received undefined")
        );
    }

    /// Wire spec §0: the reference's verdicts.
    #[test]
    fn addresses_as_the_reference_judges_them() {
        for good in ["a+b@x.co", "A@X.CO", "o'x@x.co", "a@xn--80ak6aa92e.com", "a.b@x.y.co"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "a@b",
            "a@b.c",
            "a@x.c",
            "a b@x.co",
            "a@x..co",
            "\"a\"@x.co",
            "a.@x.co",
            ".a@x.co",
            "a..b@x.co",
            "a@-x.co",
            "a@1.1.1.1",
            "a@localhost",
            "a@x_y.co",
            "ü@x.co",
            "a@x.co ",
            "",
            "@x.co",
            "a'@x.co",
            "a@b@x.co",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("{}@x.co", "a".repeat(MAX_EMAIL))));
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_not(text in "\\PC{0,40}") {
            let _ = is_email(&text);
        }
    }
}
