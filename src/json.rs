//! JSON into types, with the place of what does not fit.
//!
//! Serde's own errors do not say where they are. `serde_path_to_error` adds it by wrapping every type's code in another
//! layer; a deserializer that puts the place together itself is that much smaller.
use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
        Visitor,
    },
    forward_to_deserialize_any,
};
use serde_json::Value;
use std::fmt::Display;

/// A value that does not fit its type.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Misfit {
    /// Where: a dotted path such as `columns[0].name`; empty for the whole.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl de::Error for Misfit {
    #[inline(never)]
    fn custom<T: Display>(problem: T) -> Self {
        Self { place: String::new(), problem: problem.to_string() }
    }
}

impl Misfit {
    /// The same, seen from around the field or item `step`.
    #[inline(never)]
    fn within(mut self, step: &str) -> Self {
        let dot = if self.place.is_empty() || self.place.starts_with('[') { "" } else { "." };
        self.place = format!("{step}{dot}{}", self.place);
        self
    }
}

/// Reads a value as a `T`.
///
/// # Errors
/// The first misfit.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, Misfit> {
    T::deserialize(Located(value))
}

/// A value that is read with its place in mind.
struct Located(Value);

impl<'de> Deserializer<'de> for Located {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(flag),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => {
                let mut items = Items { rest: items.into_iter(), next: 0 };
                let read = visitor.visit_seq(&mut items)?;
                match items.rest.len() {
                    0 => Ok(read),
                    more => Err(Misfit::invalid_length(items.next + more, &"fewer items")),
                }
            }
            Value::Object(fields) => visitor.visit_map(Fields { rest: fields.into_iter(), of_key: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            other => Err(wrong_type(&other, &visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Object(fields) => visitor.visit_map(Fields { rest: fields.into_iter(), of_key: None }),
            other => Err(wrong_type(&other, &visitor)),
        }
    }

    /// Enums are words; those that carry fields have a `type` (see `operation::tagged`).
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(IntoDeserializer::<Misfit>::into_deserializer(word)),
            other => Err(wrong_type(&other, &visitor)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

#[inline(never)]
fn wrong_type(value: &Value, expected: &dyn de::Expected) -> Misfit {
    let found = match value {
        Value::Null => Unexpected::Other("null"),
        Value::Bool(flag) => Unexpected::Bool(*flag),
        Value::Number(_) => Unexpected::Other("number"),
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    };
    Misfit::invalid_type(found, expected)
}

struct Items {
    rest: std::vec::IntoIter<Value>,
    next: usize,
}

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(item) = self.rest.next() else { return Ok(None) };
        let read = seed.deserialize(Located(item)).map_err(|misfit| misfit.within(&format!("[{}]", self.next)))?;
        self.next += 1;
        Ok(Some(read))
    }
}

struct Fields {
    rest: serde_json::map::IntoIter,
    of_key: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        let read = seed.deserialize(IntoDeserializer::<Misfit>::into_deserializer(key.as_str()));
        let read = read.map_err(|misfit| misfit.within(&key))?;
        self.of_key = Some((key, value));
        Ok(Some(read))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (key, value) = self.of_key.take().ok_or_else(|| Misfit::custom("a value without its key"))?;
        seed.deserialize(Located(value)).map_err(|misfit| misfit.within(&key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Row {
        word: Word,
        numbers: Vec<u8>,
        inner: Option<Box<Row>>,
        ratio: Option<f64>,
        text: Option<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        One,
        Two,
    }

    #[test]
    fn a_misfit_says_where() {
        let row = |numbers: Value, inner: Value| json!({ "word": "one", "numbers": numbers, "inner": inner });
        for (value, place, problem) in [
            (json!(7), "", "invalid type: number"),
            (json!({ "word": "one" }), "", "missing field `numbers`"),
            (json!({ "word": "three", "numbers": [] }), "word", "unknown variant `three`"),
            (json!({ "word": {}, "numbers": [] }), "word", "invalid type: map"),
            (row(json!([1, 256]), json!(null)), "numbers[1]", "expected u8"),
            (row(json!("1"), json!(null)), "numbers", "expected a sequence"),
            (row(json!([]), row(json!([0, -1]), json!(null))), "inner.numbers[1]", "expected u8"),
            (row(json!([]), json!({ "wrod": "one" })), "inner.wrod", "unknown field `wrod`"),
            (json!([[1]]), "", "expected struct Row"),
        ] {
            let misfit = read::<Row>(value.clone()).unwrap_err();
            assert_eq!(misfit.place, place, "{value}");
            assert!(misfit.problem.contains(problem), "{value}: {misfit}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "(one|two|\\PC{0,5})".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("(word|numbers|inner|ratio|text|x)", inner, 0..5)
                    .prop_map(|fields: BTreeMap<String, Value>| json!(fields)),
            ]
        })
    }

    /// Serde's own reader is the model; it also takes a struct as a list of its fields, which we do not.
    fn agrees<T: DeserializeOwned + PartialEq + std::fmt::Debug>(value: &Value) -> Result<(), TestCaseError> {
        let model = serde_json::from_value::<T>(value.clone()).ok();
        prop_assert_eq!(read::<T>(value.clone()).ok(), model, "{}", value);
        Ok(())
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_reads(value in any_json()) {
            prop_assert_eq!(read::<Value>(value.clone()).unwrap(), value.clone());
            if !value.to_string().contains('[') {
                agrees::<Row>(&value)?;
            }
            agrees::<Option<Word>>(&value)?;
            agrees::<Vec<Option<u8>>>(&value)?;
            agrees::<BTreeMap<String, i64>>(&value)?;
            agrees::<(f64, String)>(&value)?;
        }
    }
}
