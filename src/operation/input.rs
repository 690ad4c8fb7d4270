//! Input types that every feature shares, and how an input is read.
use super::tagged;
use crate::{Error, Result, db::Bind, json, time::Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de, de::DeserializeOwned};
use serde_json::Value;
use std::{borrow::Cow, fmt};

/// Reads an input, naming the field that is wrong.
///
/// # Errors
/// `Invalid`.
pub fn read<T: DeserializeOwned>(input: Value) -> Result<T> {
    json::read(input).map_err(|misfit| tagged::invalid(misfit.place, misfit.problem))
}

/// An operation that needs to be told nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The row that an operation is about.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "{Id}Input")]
pub struct ById<Id> {
    /// Its id.
    pub id: Id,
}

/// The row to delete.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Delete{Id}")]
pub struct DeleteById<Id> {
    /// Its id.
    pub id: Id,
    /// Delete it only if it has not changed since: the `updatedAt` that you read. REST: the header `If-Match`.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
}

/// A page of a list. Newest first.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, bound(deserialize = "Id: Deserialize<'de>"))]
#[schemars(rename = "{Id}Page")]
pub struct PageInput<Id> {
    /// How many at most: 1 to 100.
    #[serde(default)]
    pub limit: Limit,
    /// Where the page before it ended: its `nextCursor`.
    #[serde(default)]
    pub cursor: Option<Id>,
}

/// How many rows a page has: 1 to 100, 50 by default.
#[derive(Clone, Copy, Debug, JsonSchema)]
#[schemars(inline)]
pub struct Limit(#[schemars(range(min = 1, max = 100))] u8);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl Limit {
    /// One row more than the page has: whether it comes tells whether there is a next page.
    #[must_use]
    pub fn and_one(self) -> i64 {
        i64::from(self.0) + 1
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0.into()
    }
}

impl<'de> Deserialize<'de> for Limit {
    /// A number, or its digits: a query string has only text.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Limit;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 1 to 100")
            }
            fn visit_u64<E: de::Error>(self, n: u64) -> Result<Limit, E> {
                let limit = u8::try_from(n).ok().filter(|n| (1..=100).contains(n));
                limit.map(Limit).ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(n), &self))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Limit, E> {
                let number = text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))?;
                self.visit_u64(number)
            }
        }
        from.deserialize_any(Visitor)
    }
}

/// For a field of a patch that may be cleared: absent leaves it, `null` clears it.
///
/// # Errors
/// Those of `T`.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// True or false, or the word: a query string has only text. Without it, false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(inline)]
pub struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }
            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Flag, E> {
                Ok(Flag(flag))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Flag, E> {
                let flag = text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))?;
                Ok(Flag(flag))
            }
        }
        from.deserialize_any(Visitor)
    }
}

/// The longest JSON that one column of a row may hold, in bytes: a page of 100 rows stays below 8 MB.
const MAX_JSON: usize = 64 * 1024;

/// `value` as JSON, for a column that holds it; `field` is its name in the input.
///
/// # Errors
/// `Invalid` if it is longer than 64 KiB.
pub fn bounded_json(field: &'static str, value: &impl Serialize) -> Result<Bind> {
    let json = serde_json::to_string(value).map_err(Error::internal)?;
    if json.len() <= MAX_JSON {
        Ok(Bind::Text(json))
    } else {
        Err(Error::invalid(field, format!("has {} bytes as JSON, and may have at most {MAX_JSON}", json.len())))
    }
}

/// A text of `MIN` to `MAX` characters, none of them a control character (but tab and line ends, if it `HAS_LINES`),
/// and not blank unless `MIN` is 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const MIN: usize, const MAX: usize, const HAS_LINES: bool = false>(String);

/// What a row is called.
pub type Name = Text<1, 100>;
/// What a row is for.
pub type Description = Text<0, 2000, true>;
/// A query over datasets. Only its length is checked here.
pub type SqlText = Text<1, 20_000, true>;

impl<const MIN: usize, const MAX: usize, const HAS_LINES: bool> Text<MIN, MAX, HAS_LINES> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize, const HAS_LINES: bool> TryFrom<String> for Text<MIN, MAX, HAS_LINES> {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let length = text.chars().count();
        if length > MAX || length < MIN || (MIN > 0 && text.trim().is_empty()) {
            return Err(format!("must have {MIN} to {MAX} characters, and not only blanks"));
        }
        if text.chars().any(|c| c.is_control() && !(HAS_LINES && matches!(c, '\t' | '\n' | '\r'))) {
            let but = if HAS_LINES { " but tabs and line ends" } else { "" };
            return Err(format!("must have no control characters{but}"));
        }
        Ok(Self(text))
    }
}

impl<const MIN: usize, const MAX: usize, const HAS_LINES: bool> From<&Text<MIN, MAX, HAS_LINES>> for Bind {
    fn from(text: &Text<MIN, MAX, HAS_LINES>) -> Self {
        Self::Text(text.0.clone())
    }
}

impl<const MIN: usize, const MAX: usize, const HAS_LINES: bool> JsonSchema for Text<MIN, MAX, HAS_LINES> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Text{MIN}To{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": MIN, "maxLength": MAX })
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Whole<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Whole<MIN, MAX> {
    /// A number that is known when compiling.
    ///
    /// ```compile_fail
    /// const _: orgscope::operation::input::Whole<1, 12> = orgscope::operation::input::Whole::at::<0>();
    /// ```
    #[must_use]
    pub const fn at<const NUMBER: u32>() -> Self {
        const { assert!(MIN <= NUMBER && NUMBER <= MAX, "out of bounds") };
        Self(NUMBER)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Whole<MIN, MAX> {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if (MIN..=MAX).contains(&number) { Ok(Self(number)) } else { Err(format!("must be from {MIN} to {MAX}")) }
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Whole<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Whole{MIN}To{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// `MIN` to `MAX` items, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Items<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> TryFrom<Vec<T>> for Items<T, MIN, MAX> {
    type Error = String;

    fn try_from(items: Vec<T>) -> Result<Self, String> {
        if (MIN..=MAX).contains(&items.len()) {
            Ok(Self(items))
        } else {
            Err(format!("must have {MIN} to {MAX} items"))
        }
    }
}

impl<T, const MIN: usize, const MAX: usize> Items<T, MIN, MAX> {
    /// The items.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<T: JsonSchema, const MIN: usize, const MAX: usize> JsonSchema for Items<T, MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("{MIN}To{MAX}{}", T::schema_name()).into()
    }
    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": schemas.subschema_for::<T>(), "minItems": MIN, "maxItems": MAX })
    }
}
