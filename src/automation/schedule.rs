//! When an automation is due: what `automation.schedule` holds.
use crate::{
    operation::{
        input::Whole,
        tagged::{Tagged, at},
    },
    zone::TimeZone,
};
use croner::{
    CronPattern, Weekday,
    errors::CronError,
    parser::{CronParser, Seconds, Year},
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// When an automation is due, such as `{"cron":"0 8 * * MON-FRI","timeZone":"Europe/Berlin"}`, or
/// `{"preset":{"type":"weekdays","at":"08:00"},"timeZone":"Europe/Berlin"}`. It has a `cron` or a `preset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
    /// Minute, hour, day of the month, month and day of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<Cron>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// Where the clock hangs that it is read by: a zone of the IANA database.
    pub time_zone: TimeZone,
    /// What becomes of the times that it was due and did not run, for more than five minutes. Without it, `latest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<MissedRule>,
    /// How many minutes later a missed time may still be made up for: 1 to 10080. Without it, 1440: a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catch_up_minutes: Option<Whole<1, 10_080>>,
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct Fields {
            cron: Option<Cron>,
            preset: Option<Preset>,
            time_zone: TimeZone,
            missed: Option<MissedRule>,
            catch_up_minutes: Option<Whole<1, 10_080>>,
        }
        let Fields { cron, preset, time_zone, missed, catch_up_minutes } = Fields::deserialize(from)?;
        match (&cron, &preset) {
            (None, None) => Err(at("", "must have a cron or a preset")),
            (Some(_), Some(_)) => Err(at("preset", "must be left out beside a cron")),
            _ => Ok(Self { cron, preset, time_zone, missed, catch_up_minutes }),
        }
    }
}

impl Schedule {
    /// Its cron expression: that of the preset, if it has one.
    #[must_use]
    pub fn expression(&self) -> String {
        match (&self.cron, &self.preset) {
            (Some(cron), _) => cron.0.clone(),
            (None, Some(preset)) => preset.expression(),
            // None is read without one of them.
            (None, None) => String::new(),
        }
    }

    /// How old a slot may be that is still made up for, in seconds.
    #[must_use]
    pub fn catch_up_s(&self) -> i64 {
        60 * self.catch_up_minutes.map_or(1440, |minutes| i64::from(minutes.get()))
    }
}

/// What becomes of missed times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MissedRule {
    /// They are not made up for.
    Skip,
    /// The latest of them is.
    #[default]
    Latest,
    /// All of them are, oldest first.
    All,
}

/// A schedule in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Preset {
    /// Every hour.
    Hourly(Hourly),
    /// Every day.
    Daily(Daily),
    /// Monday to Friday.
    Weekdays(Daily),
    /// One day of each week.
    Weekly(Weekly),
    /// One day of each month. A month without such a day is passed over.
    Monthly(Monthly),
    /// The last day of each month.
    MonthEnd(Daily),
}

/// Every hour, such as `{"type":"hourly","minute":30}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hourly {
    /// How many minutes past the hour: 0 to 59.
    pub minute: Whole<0, 59>,
}

/// At a time of the day, such as `{"type":"daily","at":"08:00"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Daily {
    /// When, from `00:00` to `23:59`.
    pub at: LocalTime,
}

/// On a day of the week, such as `{"type":"weekly","on":"monday","at":"08:00"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Weekly {
    /// On which day.
    pub on: DayOfWeek,
    /// When, from `00:00` to `23:59`.
    pub at: LocalTime,
}

/// On a day of the month, such as `{"type":"monthly","day":1,"at":"08:00"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Monthly {
    /// On which day: 1 to 31.
    pub day: Whole<1, 31>,
    /// When, from `00:00` to `23:59`.
    pub at: LocalTime,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DayOfWeek {
    /// The first.
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The last.
    Sunday,
}

/// A time of the day, such as `08:00`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(!try_from, inline)]
pub struct LocalTime(#[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))] String);

impl TryFrom<String> for LocalTime {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let parts = text.split_once(':').filter(|_| text.len() == 5);
        let below = |digits: &str, limit: u8| {
            digits.len() == 2
                && digits.bytes().all(|b| b.is_ascii_digit())
                && digits.parse::<u8>().is_ok_and(|number| number < limit)
        };
        let is_time = parts.is_some_and(|(hour, minute)| below(hour, 24) && below(minute, 60));
        if is_time { Ok(Self(text)) } else { Err("must be a time such as 08:00, from 00:00 to 23:59") }
    }
}

impl LocalTime {
    /// Minute and hour, as cron has them.
    fn fields(&self) -> String {
        let (hour, minute) = self.0.split_once(':').unwrap_or_default();
        let number = |digits: &str| digits.parse::<u8>().unwrap_or_default();
        format!("{} {}", number(minute), number(hour))
    }
}

impl<'de> Deserialize<'de> for Preset {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let preset = Tagged::deserialize(from)?;
        match preset.tag.as_str() {
            "hourly" => preset.read().map(Self::Hourly),
            "daily" => preset.read().map(Self::Daily),
            "weekdays" => preset.read().map(Self::Weekdays),
            "weekly" => preset.read().map(Self::Weekly),
            "monthly" => preset.read().map(Self::Monthly),
            "month_end" => preset.read().map(Self::MonthEnd),
            _ => Err(preset.unknown(&["hourly", "daily", "weekdays", "weekly", "monthly", "month_end"])),
        }
    }
}

impl Preset {
    fn expression(&self) -> String {
        match self {
            Self::Hourly(hourly) => format!("{} * * * *", hourly.minute.get()),
            Self::Daily(daily) => format!("{} * * *", daily.at.fields()),
            Self::Weekdays(daily) => format!("{} * * MON-FRI", daily.at.fields()),
            Self::Weekly(weekly) => format!("{} * * {}", weekly.at.fields(), weekly.on.name()),
            Self::Monthly(monthly) => format!("{} {} * *", monthly.at.fields(), monthly.day.get()),
            Self::MonthEnd(daily) => format!("{} L * *", daily.at.fields()),
        }
    }
}

impl DayOfWeek {
    const fn name(self) -> &'static str {
        match self {
            Self::Monday => "MON",
            Self::Tuesday => "TUE",
            Self::Wednesday => "WED",
            Self::Thursday => "THU",
            Self::Friday => "FRI",
            Self::Saturday => "SAT",
            Self::Sunday => "SUN",
        }
    }
}

/// A cron expression of five fields: minute, hour, day of the month, month, day of the week. Numbers, names (`MON`,
/// `JAN`), lists, ranges and steps, and croner's `L`, `W` and `#`. At most 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(!try_from, inline)]
pub struct Cron(#[schemars(length(min = 9, max = 100))] String);

const MAX_CRON: usize = 100;

impl TryFrom<String> for Cron {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        const FIELDS: &str = "must have five fields: minute, hour, day of the month, month and day of the week";
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        if text.len() > MAX_CRON || !text.is_ascii() || fields.len() != 5 {
            return Err(FIELDS.into());
        }
        // The parser skips what is missing between commas; of a field `,` nothing would be left, and it never be due.
        if fields.iter().any(|field| field.split(',').any(str::is_empty)) {
            return Err("must have something before and after each comma".into());
        }
        match pattern(&text) {
            Ok(pattern) if !is_ever_due(&pattern) => Err("is never due: none of its months has such a day".into()),
            Ok(_) => Ok(Self(fields.join(" "))),
            Err(error) => Err(format!("must be a cron expression: {error}")),
        }
    }
}

/// The expression, parsed.
///
/// # Errors
/// What the parser says.
pub(super) fn pattern(expression: &str) -> Result<CronPattern, CronError> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    Ok(parser.parse(expression)?.pattern)
}

/// Whether some month has a day that matches. Every date falls on every weekday in some year, the 29th of February too.
fn is_ever_due(pattern: &CronPattern) -> bool {
    const LEAP_YEAR: i32 = 2024;
    // Of a day that the month does not have, the answer is an error.
    let matches = |month, day, weekday| {
        let weekday = Weekday::from_days_from_sunday(weekday);
        pattern.day_match(LEAP_YEAR, month, day, weekday).unwrap_or(false)
    };
    let mut months = (1..=12).filter(|month| pattern.month_match(*month).unwrap_or(false));
    months.any(|month| (1..=31).any(|day| (0..7).any(|weekday| matches(month, day, weekday))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::input;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_schedule_reads_and_writes_as_documented() {
        for (cron, written) in [
            ("* * * * *", "* * * * *"),
            ("*/15 8-18 1,15 JAN-MAR MON-FRI", "*/15 8-18 1,15 JAN-MAR MON-FRI"),
            (" 0  8\t* * sun ", "0 8 * * sun"),
            ("0 0 L * *", "0 0 L * *"),
            ("0 0 * * FRI#L", "0 0 * * FRI#L"),
            ("0 0 29 2 *", "0 0 29 2 *"),
            ("0 0 30 2 MON", "0 0 30 2 MON"),
            ("0 0 31 2,3 *", "0 0 31 2,3 *"),
            ("0 0 LW 2 *", "0 0 LW 2 *"),
        ] {
            let read: Schedule = input::read(json!({ "cron": cron, "timeZone": "europe/berlin" })).unwrap();
            assert_eq!(json!(read), json!({ "cron": written, "timeZone": "Europe/Berlin" }));
        }
        for zone in ["UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
            assert_eq!(json!(input::read::<TimeZone>(json!(zone)).unwrap()), zone);
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for cron in [
            "",
            "*",
            "* * * *",
            "0 * * * * *",
            "* * * * * 2030",
            "@daily",
            "@daily * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * * 8",
            "*/0 * * * *",
            "5-1 * * * *",
            "-1 * * * *",
            "1.5 * * * *",
            "a * * * *",
            ", * * * *",
            "0 0 30 2 *",
            "0 0 31 4,6,9,11 *",
            "0 0 30 2 +MON",
            "1,,2 * * * *",
            "* * * * *;",
            "* * * * ١",
            &format!("{} * * * *", vec!["1"; 60].join(",")),
        ] {
            assert!(input::read::<Cron>(json!(cron)).is_err(), "{cron}");
        }
        for zone in ["", "Berlin", "Europe/Berlin ", "CEST", "+02:00", "Europe/Atlantis", "../UTC"] {
            assert!(input::read::<TimeZone>(json!(zone)).is_err(), "{zone}");
        }
        for schedule in [
            json!({ "cron": "* * * * *" }),
            json!({ "timeZone": "UTC" }),
            json!({ "timeZone": "UTC", "cron": "* * * * *", "preset": { "type": "daily", "at": "08:00" } }),
            json!({ "timeZone": "UTC", "preset": { "type": "daily", "at": "24:00" } }),
            json!({ "timeZone": "UTC", "preset": { "type": "daily", "at": "8:00" } }),
            json!({ "timeZone": "UTC", "preset": { "type": "daily", "at": "08:0a" } }),
            json!({ "timeZone": "UTC", "preset": { "type": "daily", "at": "08:00", "day": 1 } }),
            json!({ "timeZone": "UTC", "preset": { "type": "hourly", "minute": 60 } }),
            json!({ "timeZone": "UTC", "preset": { "type": "weekly", "on": "someday", "at": "08:00" } }),
            json!({ "timeZone": "UTC", "preset": { "type": "monthly", "day": 32, "at": "08:00" } }),
            json!({ "timeZone": "UTC", "preset": { "type": "yearly" } }),
            json!({ "timeZone": "UTC", "cron": "* * * * *", "missed": "never" }),
            json!({ "timeZone": "UTC", "cron": "* * * * *", "catchUpMinutes": 0 }),
            json!({ "timeZone": "UTC", "cron": "* * * * *", "catchUpMinutes": 10_081 }),
        ] {
            assert!(input::read::<Schedule>(schedule.clone()).is_err(), "{schedule}");
        }
    }

    #[test]
    fn a_preset_is_a_cron_expression_in_words() {
        for (preset, cron) in [
            (json!({ "type": "hourly", "minute": 5 }), "5 * * * *"),
            (json!({ "type": "daily", "at": "08:05" }), "5 8 * * *"),
            (json!({ "type": "weekdays", "at": "23:59" }), "59 23 * * MON-FRI"),
            (json!({ "type": "weekly", "on": "sunday", "at": "00:00" }), "0 0 * * SUN"),
            (json!({ "type": "monthly", "day": 31, "at": "09:00" }), "0 9 31 * *"),
            (json!({ "type": "month_end", "at": "18:30" }), "30 18 L * *"),
        ] {
            let schedule = json!({ "preset": preset, "timeZone": "UTC", "missed": "all", "catchUpMinutes": 60 });
            let read: Schedule = input::read(schedule.clone()).unwrap();
            assert_eq!((read.expression(), json!(read)), (cron.to_owned(), schedule));
            assert!(Cron::try_from(read.expression()).is_ok(), "{cron}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_cron_expression_or_not(text in "([0-9*/,LW#?+@A-Z-]{0,6} ){4}[0-9*/,LW#?+@A-Z-]{0,6}|\\PC{0,20}") {
            let _ = Cron::try_from(text.clone());
            let _ = TimeZone::try_from(text);
        }
    }
}
