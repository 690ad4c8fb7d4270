//! Values as they come in, into values as columns hold them: exactly, or not at all.
use crate::{
    store::{Column, ColumnType},
    time::{civil_from_days, days_from_civil},
};
use std::borrow::Cow;

/// The largest whole number that a JavaScript number holds with its neighbours.
const MAX_WHOLE: i64 = (1 << 53) - 1;
/// The longest text, in bytes.
const MAX_TEXT: usize = 1_000_000;
/// `2026-01-31`
const DAY_BYTES: usize = 10;

/// A value as a column holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// None.
    Null,
    /// A text, or a date as one.
    Text(Cow<'a, str>),
    /// A whole number; of a boolean 0 or 1.
    Whole(i64),
    /// A number.
    Number(f64),
}

impl Cell<'_> {
    /// Adds the value to `json`, as JSON.
    pub fn write(&self, json: &mut Vec<u8>) {
        // To memory, and of values that JSON has: none fails.
        let _ = match self {
            Self::Null => serde_json::to_writer(json, &()),
            Self::Text(text) => serde_json::to_writer(json, text.as_ref()),
            Self::Whole(whole) => serde_json::to_writer(json, whole),
            Self::Number(number) => serde_json::to_writer(json, number),
        };
    }
}

/// The value for a column of a value in JSON, or what was expected there. A number is read from its digits, so that none
/// is rounded before it is seen.
///
/// # Errors
/// What the column takes.
pub fn of_json<'a>(column: &Column, json: &'a str) -> Result<Cell<'a>, &'static str> {
    let first = json.as_bytes().first().copied().unwrap_or_default();
    match (column.r#type, first) {
        (_, b'n') => null(column),
        (ColumnType::Text, b'"') => a_text(string(json).ok_or(TEXT)?),
        (ColumnType::Text, _) => Err(TEXT),
        (ColumnType::Boolean, b't') => Ok(Cell::Whole(1)),
        (ColumnType::Boolean, b'f') => Ok(Cell::Whole(0)),
        (ColumnType::Boolean, _) => Err("true or false"),
        (ColumnType::Date, b'"') => a_date(string(json).ok_or(DATE)?),
        (ColumnType::Date, _) => Err(DATE),
        (ColumnType::Integer, b'-' | b'0'..=b'9') => a_whole(json),
        (ColumnType::Integer, _) => Err(WHOLE),
        (ColumnType::Decimal, b'-' | b'0'..=b'9') => a_decimal(json),
        (ColumnType::Decimal, _) => Err(DECIMAL),
    }
}

/// The same of a cell of CSV, which has only texts. An empty one is null, if there may be a null.
///
/// # Errors
/// What the column takes.
pub fn of_text<'a>(column: &Column, text: &'a str) -> Result<Cell<'a>, &'static str> {
    if text.is_empty() && (column.nullable || column.r#type != ColumnType::Text) {
        return null(column);
    }
    let trimmed = text.trim();
    match column.r#type {
        ColumnType::Text => a_text(text.into()),
        ColumnType::Integer => a_whole(trimmed),
        ColumnType::Decimal => a_decimal(trimmed),
        ColumnType::Date => a_date(trimmed.into()),
        ColumnType::Boolean if trimmed == "1" || trimmed.eq_ignore_ascii_case("true") => Ok(Cell::Whole(1)),
        ColumnType::Boolean if trimmed == "0" || trimmed.eq_ignore_ascii_case("false") => Ok(Cell::Whole(0)),
        ColumnType::Boolean => Err("true or false"),
    }
}

const TEXT: &str = "a text";
const DATE: &str = "a day such as 2026-01-31, or an instant such as 2026-01-31T09:30:00Z";
const WHOLE: &str = "a whole number within ±9007199254740991 (2^53 - 1)";
const DECIMAL: &str = "a number";

/// The text that a string of JSON stands for.
fn string(json: &str) -> Option<Cow<'_, str>> {
    match serde_json::from_str::<&str>(json) {
        Ok(text) => Some(text.into()),
        // It has escapes.
        Err(_) => serde_json::from_str::<String>(json).ok().map(Into::into),
    }
}

const fn null<'a>(column: &Column) -> Result<Cell<'a>, &'static str> {
    if column.nullable { Ok(Cell::Null) } else { Err("a value: the column may not be null") }
}

fn a_text(text: Cow<'_, str>) -> Result<Cell<'_>, &'static str> {
    if text.contains('\0') {
        Err("a text without NUL")
    } else if text.len() > MAX_TEXT {
        Err("a text of at most 1000000 bytes")
    } else {
        Ok(Cell::Text(text))
    }
}

fn a_whole<'a>(text: &str) -> Result<Cell<'a>, &'static str> {
    // JSON may write 5 as 5.0.
    let digits =
        text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|b| b == b'0')).map_or(text, |(whole, _)| whole);
    let number: Option<i64> = digits.parse().ok();
    number.filter(|number| (-MAX_WHOLE..=MAX_WHOLE).contains(number)).map(Cell::Whole).ok_or(WHOLE)
}

/// A fraction is the nearest double, as everywhere; a whole number that no double is, is refused.
fn a_decimal<'a>(text: &str) -> Result<Cell<'a>, &'static str> {
    let is_written = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let number: f64 = text.parse().ok().filter(|number: &f64| is_written && number.is_finite()).ok_or(DECIMAL)?;
    let is_whole = text.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
    if is_whole && number.abs() >= 9_007_199_254_740_992.0 && format!("{number:.0}") != text.trim_start_matches('+') {
        return Err("a number that a double holds exactly");
    }
    Ok(Cell::Number(number))
}

/// A day as `2026-01-31`; an instant as UTC with milliseconds, so that texts sort as instants do.
fn a_date(text: Cow<'_, str>) -> Result<Cell<'_>, &'static str> {
    if text.len() == DAY_BYTES && day_number(&text).is_some() {
        return Ok(Cell::Text(text));
    }
    date(&text).map(|date| Cell::Text(date.into())).ok_or(DATE)
}

fn date(text: &str) -> Option<String> {
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let days = day_number(day)?;
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, offset_min) = zone(clock)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let ms = milliseconds(fraction)?;
    let mut parts = clock.split(':').map(|part| digits(part, 2));
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        Some(second) => second?,
        None if fraction.is_empty() => 0,
        None => return None,
    };
    if hour > 23 || minute > 59 || second > 59 || parts.next().is_some() {
        return None;
    }
    let minutes = days * 1440 + hour * 60 + minute - offset_min;
    let (year, month, day) = civil_from_days(minutes.div_euclid(1440));
    let (hour, minute) = (minutes.rem_euclid(1440) / 60, minutes.rem_euclid(60));
    (0..=9999)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z"))
}

/// Days since 1970 of `2026-01-31`, if there is such a day.
fn day_number(day: &str) -> Option<i64> {
    let mut parts = day.split('-');
    let date = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let days = days_from_civil(date.0, date.1, date.2);
    (parts.next().is_none() && civil_from_days(days) == date).then_some(days)
}

/// The clock without its zone, and the zone's minutes ahead of UTC; without one it is UTC.
fn zone(clock: &str) -> Option<(&str, i64)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = clock.rfind(['+', '-']) else { return Some((clock, 0)) };
    let (clock, offset) = clock.split_at_checked(at)?;
    let (sign, offset) = (if offset.starts_with('-') { -1 } else { 1 }, offset.get(1..)?.replace(':', ""));
    let (hours, minutes) = offset.split_at_checked(2)?;
    let (hours, minutes) = (digits(hours, 2)?, if minutes.is_empty() { 0 } else { digits(minutes, 2)? });
    (hours <= 23 && minutes <= 59).then_some((clock, sign * (hours * 60 + minutes)))
}

/// Of `.5` it is 500; what is finer is only taken if it is nothing.
fn milliseconds(fraction: &str) -> Option<i64> {
    let (ms, finer) = fraction.split_at_checked(3).unwrap_or((fraction, ""));
    let is_nothing = finer.bytes().all(|b| b == b'0');
    (is_nothing && (fraction.is_empty() || ms.bytes().all(|b| b.is_ascii_digit())))
        .then(|| format!("{ms:0<3}").parse().ok())?
}

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn column(r#type: ColumnType) -> Column {
        Column { id: "c".into(), name: "c".into(), r#type, nullable: false }
    }

    fn json(cell: Cell<'_>) -> Value {
        let mut json = vec![];
        cell.write(&mut json);
        serde_json::from_slice(&json).unwrap()
    }

    #[test]
    fn what_is_exact_is_taken() {
        use ColumnType::{Boolean, Date, Decimal, Integer, Text};
        for (r#type, text, value) in [
            (Text, " a ", json!(" a ")),
            (Text, "", json!("")),
            (Integer, "9007199254740991", json!(9_007_199_254_740_991_i64)),
            (Integer, " -7 ", json!(-7)),
            (Integer, "5.0", json!(5)),
            (Decimal, "0.1", json!(0.1)),
            (Decimal, "-1e3", json!(-1000.0)),
            (Decimal, "9007199254740992", json!(9_007_199_254_740_992.0)),
            (Boolean, "TRUE", json!(1)),
            (Boolean, "0", json!(0)),
            (Date, "2026-01-31", json!("2026-01-31")),
            (Date, "1901-02-28", json!("1901-02-28")),
            (Date, "2026-01-31T09:30:00+02:00", json!("2026-01-31T07:30:00.000Z")),
            (Date, "2026-01-31 00:30", json!("2026-01-31T00:30:00.000Z")),
            (Date, "2025-12-31T23:30:15.5-0100", json!("2026-01-01T00:30:15.500Z")),
        ] {
            assert_eq!(of_text(&column(r#type), text).map(json), Ok(value), "{text}");
        }
        for (r#type, text, value) in [
            (Boolean, "true", json!(1)),
            (Integer, "5.0", json!(5)),
            (Decimal, "1e300", json!(1e300)),
            (Decimal, "18446744073709551616", json!(18_446_744_073_709_551_616.0)),
            (Text, r#""\u00e9\n""#, json!("é\n")),
        ] {
            assert_eq!(of_json(&column(r#type), text).map(json), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_is_not_is_refused() {
        use ColumnType::{Boolean, Date, Decimal, Integer, Text};
        for (r#type, text) in [
            (Text, "a\0b"),
            (Integer, ""),
            (Integer, "9007199254740992"),
            (Integer, "1.5"),
            (Integer, "1,000"),
            (Integer, "0x10"),
            (Decimal, "9007199254740993"),
            (Decimal, "1e999"),
            (Decimal, "inf"),
            (Decimal, "NaN"),
            (Decimal, "1,5"),
            (Boolean, "yes"),
            (Date, "2026-02-30"),
            (Date, "31.01.2026"),
            (Date, "2026-01-31T25:00"),
            (Date, "2026-01-31T10"),
            (Date, "2026-01-31T10:00:00.0001Z"),
            (Date, "２026-01-31"),
        ] {
            assert!(of_text(&column(r#type), text).is_err(), "{text}");
        }
        for (r#type, value) in [
            (Text, "1"),
            (Text, r#""\ud800""#),
            (Text, "{}"),
            (Boolean, "1"),
            (Integer, r#""1""#),
            (Decimal, r#""1""#),
            (Date, "1"),
            (Text, "null"),
            (Integer, "1.5"),
            (Integer, "12345678901234567890123"),
            (Decimal, "18446744073709551617"),
        ] {
            assert!(of_json(&column(r#type), value).is_err(), "{value}");
        }
    }
}
