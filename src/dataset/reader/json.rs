//! Objects: one on each line, or one list of them.
use super::{Fields, MAX_ROW_BYTES, SHORTER, Sink};
use crate::{Error, Result};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

const OBJECT: &str = "a JSON object";

/// A part of the input that may come in several pieces: a line, or an item of a list.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    is_too_long: bool,
}

impl Part {
    fn add(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > MAX_ROW_BYTES {
            self.is_too_long = true;
            self.bytes.clear();
        }
        if !self.is_too_long {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn is_blank(&self) -> bool {
        !self.is_too_long && self.bytes.trim_ascii().is_empty()
    }

    /// Tells the sink what it is, and begins anew.
    fn end(&mut self, sink: &mut dyn Sink) {
        if self.is_too_long {
            sink.refuse("a longer row", SHORTER.into());
        } else {
            object(&self.bytes, sink);
        }
        self.bytes.clear();
        self.is_too_long = false;
    }
}

fn object(bytes: &[u8], sink: &mut dyn Sink) {
    match serde_json::from_slice::<Object<'_>>(bytes) {
        Ok(Object(fields)) => sink.object(&fields),
        Err(error) if error.is_data() && bytes.trim_ascii_start().starts_with(b"{") => {
            sink.refuse(&String::from_utf8_lossy(bytes), "an object that gives no name twice".into());
        }
        Err(_) => sink.refuse(&String::from_utf8_lossy(bytes), OBJECT.into()),
    }
}

/// An object whose values stay JSON.
struct Object<'a>(Fields<'a>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(ObjectVisitor).map(Self)
    }
}

struct ObjectVisitor;

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct FieldName<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(OBJECT)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
        let mut fields: Fields<'de> = vec![];
        while let Some((FieldName(name), value)) = map.next_entry::<FieldName<'de>, &'de RawValue>()? {
            if fields.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom("a name is given twice"));
            }
            fields.push((name, value));
        }
        Ok(fields)
    }
}

/// Reads an object from each line that is not blank.
#[derive(Default)]
pub struct Ndjson {
    line: Part,
    has_begun: bool,
}

impl Ndjson {
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn Sink) {
        let mut lines = bytes.split(|b| *b == b'\n').peekable();
        while let Some(line) = lines.next() {
            self.line.add(line);
            if lines.peek().is_some() {
                self.finish(sink);
            }
        }
    }

    pub(super) fn finish(&mut self, sink: &mut dyn Sink) {
        if !self.has_begun {
            self.has_begun = true;
            let mark = "\u{feff}".as_bytes();
            if self.line.bytes.starts_with(mark) {
                self.line.bytes.drain(..mark.len());
            }
        }
        if self.line.is_blank() {
            self.line.bytes.clear();
        } else {
            self.line.end(sink);
        }
    }
}

/// Reads the objects of one list. It finds where each begins and ends; what is between is read as JSON then.
#[derive(Default)]
pub struct List {
    state: State,
    item: Part,
    items: usize,
    /// How many brackets of the item are open.
    depth: usize,
    is_string: bool,
    is_escaped: bool,
}

#[derive(Default, PartialEq)]
enum State {
    #[default]
    Before,
    Within,
    After,
}

impl List {
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<()> {
        let mut from = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if self.state != State::Within {
                self.outside(*byte)?;
                from = at + 1;
            } else if self.ends_item(*byte) {
                self.item.add(bytes.get(from..at).unwrap_or_default());
                from = at + 1;
                self.end_item(*byte, sink)?;
            }
        }
        if self.state == State::Within {
            self.item.add(bytes.get(from..).unwrap_or_default());
        }
        Ok(())
    }

    pub(super) fn finish(&self) -> Result<()> {
        if self.state == State::After { Ok(()) } else { Err(Error::NotJson("the list of rows is not closed".into())) }
    }

    fn outside(&mut self, byte: u8) -> Result<()> {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => Ok(()),
            b'[' if self.state == State::Before => {
                self.state = State::Within;
                Ok(())
            }
            _ => Err(Error::NotJson("rows are one list of objects, and nothing beside it".into())),
        }
    }

    fn ends_item(&mut self, byte: u8) -> bool {
        if self.is_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.is_string = true,
            b'{' | b'[' => self.depth += 1,
            b',' | b']' if self.depth == 0 => return true,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        false
    }

    fn end_item(&mut self, by: u8, sink: &mut dyn Sink) -> Result<()> {
        if by == b']' {
            self.state = State::After;
        }
        if !self.item.is_blank() {
            self.items += 1;
            self.item.end(sink);
            return Ok(());
        }
        self.item.bytes.clear();
        match (by, self.items) {
            (b']', 0) => Ok(()),
            _ => Err(Error::NotJson("the list of rows has a comma too many".into())),
        }
    }
}
