//! When an automation is due: what `automation.schedule` holds.
use crate::zone::TimeZone;
use croner::{
    CronPattern, Weekday,
    parser::{CronParser, Seconds, Year},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When an automation is due, such as `{"cron":"0 8 * * MON-FRI","timeZone":"Europe/Berlin"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
    /// Minute, hour, day of the month, month and day of the week.
    pub cron: Cron,
    /// Where the clock hangs that `cron` is read by: a zone of the IANA database.
    pub time_zone: TimeZone,
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
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        match parser.parse(&text) {
            Ok(cron) if !is_ever_due(&cron.pattern) => Err("is never due: none of its months has such a day".into()),
            Ok(_) => Ok(Self(fields.join(" "))),
            Err(error) => Err(format!("must be a cron expression: {error}")),
        }
    }
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
        assert!(input::read::<Schedule>(json!({ "cron": "* * * * *" })).is_err(), "no zone is assumed");
    }

    proptest! {
        #[test]
        fn any_text_is_a_cron_expression_or_not(text in "([0-9*/,LW#?+@A-Z-]{0,6} ){4}[0-9*/,LW#?+@A-Z-]{0,6}|\\PC{0,20}") {
            let _ = Cron::try_from(text.clone());
            let _ = TimeZone::try_from(text);
        }
    }
}
