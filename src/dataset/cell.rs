//! Values as they come in, into values as columns hold them: exactly, or not at all.
use crate::{
    store::{Column, ColumnType},
    time::{civil_from_days, days_from_civil},
};
use serde_json::Value;

/// The largest whole number that a JavaScript number holds with its neighbours.
const MAX_WHOLE: i64 = (1 << 53) - 1;
/// The longest text, in bytes.
const MAX_TEXT: usize = 1_000_000;

/// The value for a column, or what was expected there.
///
/// # Errors
/// What the column takes.
pub fn of_json(column: &Column, value: &Value) -> Result<Value, &'static str> {
    match (column.r#type, value) {
        (_, Value::Null) => null(column),
        (ColumnType::Text, Value::String(text)) => a_text(text),
        (ColumnType::Text, _) => Err("a text"),
        (ColumnType::Boolean, Value::Bool(flag)) => Ok(u8::from(*flag).into()),
        (ColumnType::Boolean, _) => Err("true or false"),
        (ColumnType::Date, Value::String(text)) => a_date(text),
        (ColumnType::Date, _) => Err(DATE),
        (ColumnType::Integer, Value::Number(number)) => a_whole(&number.to_string()),
        (ColumnType::Integer, _) => Err(WHOLE),
        (ColumnType::Decimal, Value::Number(number)) => a_decimal(&number.to_string()),
        (ColumnType::Decimal, _) => Err(DECIMAL),
    }
}

/// The same of a cell of CSV, which has only texts. An empty one is null, if there may be a null.
///
/// # Errors
/// What the column takes.
pub fn of_text(column: &Column, text: &str) -> Result<Value, &'static str> {
    if text.is_empty() && (column.nullable || column.r#type != ColumnType::Text) {
        return null(column);
    }
    let trimmed = text.trim();
    match column.r#type {
        ColumnType::Text => a_text(text),
        ColumnType::Integer => a_whole(trimmed),
        ColumnType::Decimal => a_decimal(trimmed),
        ColumnType::Date => a_date(trimmed),
        ColumnType::Boolean => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(1.into()),
            "false" | "0" => Ok(0.into()),
            _ => Err("true or false"),
        },
    }
}

const DATE: &str = "a day such as 2026-01-31, or an instant such as 2026-01-31T09:30:00Z";
const WHOLE: &str = "a whole number within ±9007199254740991 (2^53 - 1)";
const DECIMAL: &str = "a number";

const fn null(column: &Column) -> Result<Value, &'static str> {
    if column.nullable { Ok(Value::Null) } else { Err("a value: the column may not be null") }
}

fn a_text(text: &str) -> Result<Value, &'static str> {
    if text.contains('\0') {
        Err("a text without NUL")
    } else if text.len() > MAX_TEXT {
        Err("a text of at most 1000000 bytes")
    } else {
        Ok(text.into())
    }
}

fn a_whole(text: &str) -> Result<Value, &'static str> {
    // JSON may write 5 as 5.0.
    let digits =
        text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|b| b == b'0')).map_or(text, |(whole, _)| whole);
    let number: Option<i64> = digits.parse().ok();
    number.filter(|number| (-MAX_WHOLE..=MAX_WHOLE).contains(number)).map(Value::from).ok_or(WHOLE)
}

/// A fraction is the nearest double, as everywhere; a whole number that no double is, is refused.
fn a_decimal(text: &str) -> Result<Value, &'static str> {
    let is_written = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    let number: f64 = text.parse().ok().filter(|number: &f64| is_written && number.is_finite()).ok_or(DECIMAL)?;
    let is_whole = text.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
    if is_whole && number.abs() >= 9_007_199_254_740_992.0 && format!("{number:.0}") != text.trim_start_matches('+') {
        return Err("a number that a double holds exactly");
    }
    Ok(number.into())
}

/// A day as `2026-01-31`; an instant as UTC with milliseconds, so that texts sort as instants do.
fn a_date(text: &str) -> Result<Value, &'static str> {
    date(text).map(Value::from).ok_or(DATE)
}

fn date(text: &str) -> Option<String> {
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let days = day_number(day)?;
    if rest.is_empty() {
        return Some(day.to_owned());
    }
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
    use serde_json::json;

    fn column(r#type: ColumnType) -> Column {
        Column { id: "c".into(), name: "c".into(), r#type, nullable: false }
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
            assert_eq!(of_text(&column(r#type), text), Ok(value), "{text}");
        }
        assert_eq!(of_json(&column(Boolean), &json!(true)), Ok(json!(1)));
        assert_eq!(of_json(&column(Integer), &json!(5.0)), Ok(json!(5)));
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
            (Text, json!(1)),
            (Boolean, json!(1)),
            (Integer, json!("1")),
            (Decimal, json!("1")),
            (Date, json!(1)),
            (Text, json!(null)),
            (Integer, json!(1.5)),
        ] {
            assert!(of_json(&column(r#type), &value).is_err(), "{value}");
        }
    }
}
