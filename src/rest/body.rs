//! A body as a JSON object in which no field is given twice. Of two, `serde_json` would take the last, another reader the
//! first (RFC 8259 §4).
use crate::{
    Error, Result,
    api::Request,
    operation::upload::{Format, Upload},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;

/// Reads the body; empty, it is an empty object.
pub fn read(request: &Request) -> Result<Map<String, Value>> {
    if request.body.is_empty() || request.is_safe() {
        return Ok(Map::new());
    }
    match request.media_type().as_deref() {
        Some("application/json") => {}
        // Rows, for the operations that take them.
        Some("text/csv") => return text("csv", &request.body),
        Some("application/x-ndjson" | "application/ndjson" | "application/jsonl") => {
            return text("ndjson", &request.body);
        }
        _ => return Err(Error::UnsupportedMediaType),
    }
    match serde_json::from_slice(&request.body) {
        Ok(Once(Value::Object(fields))) => Ok(fields),
        Ok(_) => Err(Error::invalid("body", "must be a JSON object")),
        Err(error) if error.is_data() => Err(Error::invalid("body", error.to_string())),
        Err(error) => Err(Error::NotJson(error.to_string())),
    }
}

/// How the rows are written that the body is, if it is rows.
pub fn rows(request: &Request) -> Option<Format> {
    match request.media_type()?.as_str() {
        "text/csv" => Some(Format::Csv),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Format::Ndjson),
        "application/json" if request.body.trim_ascii_start().starts_with(b"[") => Some(Format::Json),
        _ => None,
    }
}

/// The body as rows.
///
/// # Errors
/// `PayloadTooLarge`, if it says so before it is read.
pub fn upload(format: Format, request: &Request, max_bytes: usize) -> Result<Upload> {
    let declared = request.header("content-length").and_then(|length| length.parse::<usize>().ok());
    if declared.is_some_and(|bytes| bytes > max_bytes) {
        return Err(Error::PayloadTooLarge(max_bytes));
    }
    Ok(Upload::new(format, request.body.clone(), request.rest.clone(), max_bytes))
}

/// The body as the field of that name.
fn text(field: &str, body: &[u8]) -> Result<Map<String, Value>> {
    let text = std::str::from_utf8(body).map_err(|error| {
        Error::invalid(field.to_owned(), format!("must be UTF-8, and is not after byte {}", error.valid_up_to()))
    })?;
    Ok(Map::from_iter([(field.to_owned(), text.into())]))
}

/// JSON in which nothing is said twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OnceVisitor).map(Self)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }
    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = vec![];
        while let Some(Once(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(all.into())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some((name, Once(value))) = fields.next_entry::<String, _>()? {
            if all.contains_key(&name) {
                return Err(A::Error::custom(format_args!("{name} is given twice")));
            }
            all.insert(name, value);
        }
        Ok(all.into())
    }
}
