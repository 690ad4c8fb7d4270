//! Objects whose field `type` tells what else they have, such as `{"type":"email","to":["ada@example.com"]}`.
//!
//! Serde's own `#[serde(tag = "type")]` forgets where in the object an error was: of fifty addresses the caller would
//! learn that one is wrong. Here the place travels in the error's text, the one thing that a serde error carries, until
//! [`super::input::read`] takes it out again.
use crate::{Error, json};
use serde::{Deserialize, Deserializer, de, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::fmt::Display;

/// Before and after the place in an error's text. Serde's own errors begin with words of its own, never with this.
const MARK: char = '\u{1f}';

/// An object by its `type`.
pub struct Tagged {
    /// Its `type`.
    pub tag: String,
    rest: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Tagged {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut rest = Map::deserialize(from)?;
        match rest.remove("type") {
            Some(Value::String(tag)) => Ok(Self { tag, rest }),
            Some(_) => Err(at("type", "must be a string")),
            None => Err(de::Error::missing_field("type")),
        }
    }
}

impl Tagged {
    /// Its other fields.
    ///
    /// # Errors
    /// Those of `T`, with their place.
    pub fn read<T: DeserializeOwned, E: de::Error>(self) -> Result<T, E> {
        json::read(Value::Object(self.rest)).map_err(|misfit| at(&misfit.place, misfit.problem))
    }

    /// The error of a `type` that is none of `known`.
    pub fn unknown<E: de::Error>(&self, known: &'static [&'static str]) -> E {
        at("type", E::unknown_variant(&self.tag, known))
    }
}

/// An error at a place within the object that is being read, such as `to[3]`.
pub fn at<E: de::Error>(place: &str, problem: impl Display) -> E {
    // A place may have a field's name that the caller made up.
    let (place, problem) = located(place.replace(MARK, ""), problem.to_string());
    E::custom(format_args!("{MARK}{place}{MARK}{problem}"))
}

/// What is wrong at `place`, or deeper if the error says so.
pub(super) fn invalid(place: String, problem: String) -> Error {
    let (place, problem) = located(place, problem);
    Error::invalid(if place.is_empty() { "input".to_owned() } else { place }, problem)
}

/// Takes the inner place out of the text and joins it to the outer one; empty is the whole.
fn located(outer: String, text: String) -> (String, String) {
    match text.strip_prefix(MARK).and_then(|rest| rest.split_once(MARK)) {
        None => (outer, text),
        Some(("", problem)) => (outer, problem.to_owned()),
        Some((inner, problem)) if outer.is_empty() => (inner.to_owned(), problem.to_owned()),
        Some((inner, problem)) => (format!("{outer}.{inner}"), problem.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::input;
    use serde_json::json;

    #[derive(Debug)]
    struct Shape;
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Group {
        #[serde(rename = "of")]
        _of: Vec<Shape>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Circle {
        #[serde(rename = "radius")]
        _radius: u8,
    }
    impl<'de> Deserialize<'de> for Shape {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let shape = Tagged::deserialize(from)?;
            match shape.tag.as_str() {
                "circle" => shape.read::<Circle, _>().map(|_| Self),
                "group" => shape.read::<Group, _>().map(|_| Self),
                _ => Err(shape.unknown(&["circle", "group"])),
            }
        }
    }
    #[derive(Debug, Deserialize)]
    struct Input {
        #[serde(rename = "shape")]
        _shape: Shape,
    }

    #[test]
    fn an_error_knows_its_place_however_deep() {
        let circle = |radius: Value| json!({ "type": "circle", "radius": radius });
        let group = |of: Value| json!({ "type": "group", "of": of });
        for (shape, place) in [
            (json!(7), "shape"),
            (json!({}), "shape"),
            (circle(json!("wide")), "shape.radius"),
            (json!({ "type": "circle" }), "shape"),
            (json!({ "type": "square" }), "shape.type"),
            (json!({ "type": 1 }), "shape.type"),
            (json!({ "type": "circle", "radius": 1, "\u{1f}x\u{1f}": 1 }), "shape.x"),
            (group(json!([circle(json!(1)), circle(json!(-1))])), "shape.of[1].radius"),
            (group(json!([group(json!([{ "type": "square" }]))])), "shape.of[0].of[0].type"),
        ] {
            match input::read::<Input>(json!({ "shape": shape })) {
                Err(Error::Invalid { field, .. }) => assert_eq!(field, place, "{shape}"),
                other => panic!("{shape}: {other:?}"),
            }
        }
    }
}
