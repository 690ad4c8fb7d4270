//! One type of instant: a millisecond of UTC, written as Better Auth writes it.
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, str::FromStr};

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Its text, stored and on the wire, is
/// `2026-01-02T03:04:05.678Z`: of fixed width, so SQL compares instants as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// The last instant that has four digits of year.
const MAX_MS: i64 = 253_402_300_799_999;

impl Timestamp {
    /// From milliseconds since 1970; before 1970 and after the year 9999 is cut off.
    #[must_use]
    pub fn from_unix_ms(ms: i64) -> Self {
        Self(ms.clamp(0, MAX_MS))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// The instant `seconds` later.
    #[must_use]
    pub fn plus_s(self, seconds: i64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, ms) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        let (year, month, day) = civil_from_days(days);
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }
}

/// Not an instant in ISO 8601, UTC.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an instant such as 2026-01-02T03:04:05.678Z")]
pub struct NotATimestamp;

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fff]Z`.
    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        let bytes = text.as_bytes();
        let part = |from: usize, to: usize| -> Option<i64> {
            let digits = bytes.get(from..to)?;
            digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
        };
        let is = |at: usize, b: u8| bytes.get(at) == Some(&b);
        let ms = match bytes.len() {
            20 => Some(0),
            24 if is(19, b'.') => part(20, 23),
            _ => None,
        };
        let parsed = (|| {
            let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
            let (h, m, s, ms) = (part(11, 13)?, part(14, 16)?, part(17, 19)?, ms?);
            let shaped =
                is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':') && text.ends_with('Z');
            let days = days_from_civil(year, month, day);
            let real = civil_from_days(days) == (year, month, day) && h < 24 && m < 60 && s < 60;
            (shaped && real).then(|| Self::from_unix_ms(((days * 24 + h) * 60 + m) * 60_000 + s * 1000 + ms))
        })();
        parsed.ok_or(NotATimestamp)
    }
}

/// Days since 1970 to year, month, day of the Gregorian calendar.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
#[must_use]
pub const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + (month <= 2) as i64, month, day)
}

/// The inverse of [`civil_from_days`]; same source.
#[must_use]
pub const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = year - (month <= 2) as i64;
    let yoe = y.rem_euclid(400);
    let mp = (month + 9).rem_euclid(12);
    let doy = (153 * mp + 2) / 5 + day - 1;
    y.div_euclid(400) * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_instants() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_893_456_000_000, "2030-01-01T00:00:00.000Z"),
            (MAX_MS, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp(ms).to_string(), text);
            assert_eq!(text.parse(), Ok(Timestamp(ms)));
        }
        assert_eq!("2030-01-01T00:00:00Z".parse(), Ok(Timestamp(1_893_456_000_000)));
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for bad in [
            "",
            "2030-01-01",
            "2030-02-30T00:00:00.000Z",
            "2030-13-01T00:00:00.000Z",
            "2030-01-01T24:00:00.000Z",
            "2030-01-01 00:00:00.000Z",
            "2030-01-01T00:00:00.000+",
            "２030-01-01T00:00:00.000Z",
        ] {
            assert_eq!(bad.parse::<Timestamp>(), Err(NotATimestamp), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn text_and_instant_are_one(ms in 0..=MAX_MS) {
            prop_assert_eq!(Timestamp(ms).to_string().parse(), Ok(Timestamp(ms)));
        }
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let _ = text.parse::<Timestamp>();
        }
    }
}
