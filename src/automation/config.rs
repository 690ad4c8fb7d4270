//! What an automation does: what `automation.config` holds.
use crate::{
    delivery::{Channel, Channels},
    id::{DashboardId, DatasetId},
    operation::{
        input::{SqlText, Whole},
        tagged::{Tagged, at},
    },
    policy::{Action, Permission, Resource},
    report::ReportFormat,
    widget::{QUERIES, TimeRange},
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// What an automation does.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AutomationConfig {
    /// Watches a number, and tells when it crosses a threshold and when it is back.
    ThresholdAlert(ThresholdAlert),
    /// Sends what a dashboard shows.
    ScheduledReport(ScheduledReport),
}

/// What any automation may need.
pub const ALL_NEEDS: &[Permission] = &[
    QUERIES,
    Permission { resource: Resource::Dashboard, action: Action::Read },
    Permission { resource: Resource::Widget, action: Action::Read },
];

impl AutomationConfig {
    /// Whom it tells.
    #[must_use]
    pub fn channels(&self) -> &[Channel] {
        match self {
            Self::ThresholdAlert(alert) => alert.channels.as_slice(),
            Self::ScheduledReport(report) => report.channels.as_slice(),
        }
    }

    /// What whom it runs as must be granted.
    #[must_use]
    pub const fn needs(&self) -> &'static [Permission] {
        match self {
            Self::ThresholdAlert(_) => &[QUERIES],
            Self::ScheduledReport(_) => ALL_NEEDS,
        }
    }

    /// What a run that fails means.
    #[must_use]
    pub fn on_error(&self) -> OnError {
        match self {
            Self::ThresholdAlert(alert) => alert.on_error.unwrap_or_default(),
            Self::ScheduledReport(_) => OnError::default(),
        }
    }
}

impl<'de> Deserialize<'de> for AutomationConfig {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let config = Tagged::deserialize(from)?;
        match config.tag.as_str() {
            "threshold_alert" => {
                let alert: ThresholdAlert = config.read()?;
                alert.check_recovery().map_err(|problem| at("recoverThreshold", problem))?;
                Ok(Self::ThresholdAlert(alert))
            }
            "scheduled_report" => config.read().map(Self::ScheduledReport),
            _ => Err(config.unknown(&["threshold_alert", "scheduled_report"])),
        }
    }
}

/// Watches the number that a query gives, such as `{"type":"threshold_alert","datasetId":"ds_…","sql":"select
/// count(*) from orders","operator":"lt","threshold":10,"noData":"alert","channels":[…]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ThresholdAlert {
    /// The dataset that it watches, which cannot be deleted meanwhile.
    pub dataset_id: DatasetId,
    /// The query that gives the number: the column of its only row. With two columns it gives a number for each group:
    /// the first has the group's name, the second its number, in at most 100 rows; each group alerts by itself.
    pub sql: SqlText,
    /// How the number is held against `threshold`.
    pub operator: Operator,
    /// It alerts when the number is so (`operator`) to this.
    pub threshold: f64,
    /// It is well again only when the number is back on the other side of this, at `threshold` or farther back: so that
    /// a number that trembles about the threshold gives one alert. Without it, `threshold`. Not with `eq` and `neq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recover_threshold: Option<f64>,
    /// How many runs in a row must find it so before it alerts: 1 to 100. Without it, 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_runs: Option<Whole<1, 100>>,
    /// How many runs in a row must find it well before it says so: 1 to 100. Without it, 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_runs: Option<Whole<1, 100>>,
    /// After how many minutes it tells again that it still alerts: 5 to 10080. Without it, never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_minutes: Option<Whole<5, 10_080>>,
    /// What a query without a row, or with null, means; and a group that is not there any more.
    pub no_data: NoData,
    /// What a run that fails means, once it has been tried as often as it is. Without it, `notify`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_error: Option<OnError>,
    /// Whom it tells: 1 to 10 channels.
    pub channels: Channels,
}

impl ThresholdAlert {
    /// The way back cannot end on the alert's own side of the threshold. Both are finite, for JSON has no other numbers.
    fn check_recovery(&self) -> Result<(), &'static str> {
        let Some(recover) = self.recover_threshold else { return Ok(()) };
        match self.operator {
            Operator::Gt | Operator::Gte if recover > self.threshold => Err("must be at most threshold"),
            Operator::Lt | Operator::Lte if recover < self.threshold => Err("must be at least threshold"),
            Operator::Eq | Operator::Neq => Err("must be left out with eq and neq"),
            _ => Ok(()),
        }
    }
}

/// Sends what a dashboard shows, such as
/// `{"type":"scheduled_report","dashboardId":"db_…","format":"csv","channels":[…]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduledReport {
    /// The dashboard that it sends, which cannot be deleted meanwhile.
    pub dashboard_id: DashboardId,
    /// As what.
    pub format: ReportFormat,
    /// How far back rows are drawn, in place of each widget's own `timeRange`: in days of the schedule's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_range: Option<TimeRange>,
    /// Whom to: 1 to 10 channels.
    pub channels: Channels,
}

/// How a number is held against a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Equal.
    Eq,
    /// Not equal.
    Neq,
}

/// What a query that gives no number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoData {
    /// All is well.
    Ok,
    /// As if the threshold were crossed.
    Alert,
    /// Nothing: it stays as it was.
    Keep,
}

/// What a run that fails means. However it is, each group's alert stays as it was, and after some failures in a row the
/// automation is switched off, which is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// The first in a row is told as a failure.
    #[default]
    Notify,
    /// The first in a row is told as an alert.
    Alert,
    /// Nothing.
    Keep,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, operation::input};
    use serde_json::{Value, json};

    fn alert(fields: Value) -> Value {
        let mut config = json!({
            "type": "threshold_alert", "datasetId": "ds_0190a6b7c8d97e0f8a1b2c3d4e5f6071", "sql": "select 1",
            "operator": "gt", "threshold": 10.5, "noData": "keep",
            "channels": [{ "type": "webhook", "url": "https://example.com" }],
        });
        config.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        config
    }

    fn report(fields: Value) -> Value {
        let mut config = json!({
            "type": "scheduled_report", "dashboardId": "db_0190a6b7c8d97e0f8a1b2c3d4e5f6071", "format": "csv",
            "channels": [{ "type": "email", "to": ["ada@example.com"] }],
        });
        config.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        config
    }

    #[test]
    fn what_is_valid_reads_and_writes_as_documented() {
        let words = ["gt", "gte", "lt", "lte", "eq", "neq"].map(|operator| alert(json!({ "operator": operator })));
        let no_data = ["ok", "alert", "keep"].map(|word| alert(json!({ "noData": word })));
        let on_error = ["notify", "alert", "keep"].map(|word| alert(json!({ "onError": word })));
        let formats = ["csv", "json", "html"].map(|format| report(json!({ "format": format })));
        let ranges = ["7d", "30d", "90d", "all"].map(|range| report(json!({ "timeRange": range })));
        let recoveries = [("gt", 10.5), ("gt", 9.0), ("gte", -1e300), ("lt", 10.5), ("lte", 11.25)];
        let recoveries =
            recoveries.map(|(operator, at)| alert(json!({ "operator": operator, "recoverThreshold": at })));
        let runs = [alert(json!({ "pendingRuns": 1, "clearRuns": 100 }))];
        for config in [&words[..], &no_data, &on_error, &formats, &ranges, &recoveries, &runs].concat() {
            assert_eq!(json!(input::read::<AutomationConfig>(config.clone()).unwrap()), config);
        }
        let whole: AutomationConfig = input::read(alert(json!({ "threshold": 10, "recoverThreshold": null }))).unwrap();
        assert_eq!(json!(whole), alert(json!({ "threshold": 10.0 })), "null is as left out");
    }

    #[test]
    fn what_is_not_is_refused_where_it_is_wrong() {
        for (config, field) in [
            (json!(null), "input"),
            (json!({}), "input"),
            (json!({ "type": "threshold_alert" }), "input"),
            (json!({ "type": "webhook" }), "type"),
            (json!({ "type": 1 }), "type"),
            (alert(json!({ "datasetId": "db_0190a6b7c8d97e0f8a1b2c3d4e5f6071" })), "datasetId"),
            (alert(json!({ "datasetId": null })), "datasetId"),
            (alert(json!({ "dashboardId": "db_0190a6b7c8d97e0f8a1b2c3d4e5f6071" })), "dashboardId"),
            (alert(json!({ "sql": " " })), "sql"),
            (alert(json!({ "operator": ">" })), "operator"),
            (alert(json!({ "threshold": "10" })), "threshold"),
            (alert(json!({ "threshold": null })), "threshold"),
            (alert(json!({ "noData": "no" })), "noData"),
            (alert(json!({ "onError": "ok" })), "onError"),
            (alert(json!({ "recoverThreshold": 10.6 })), "recoverThreshold"),
            (alert(json!({ "operator": "gte", "recoverThreshold": 11 })), "recoverThreshold"),
            (alert(json!({ "operator": "lt", "recoverThreshold": 10 })), "recoverThreshold"),
            (alert(json!({ "operator": "lte", "recoverThreshold": 10.4 })), "recoverThreshold"),
            (alert(json!({ "operator": "eq", "recoverThreshold": 10.5 })), "recoverThreshold"),
            (alert(json!({ "operator": "neq", "recoverThreshold": 10.5 })), "recoverThreshold"),
            (alert(json!({ "pendingRuns": 0 })), "pendingRuns"),
            (alert(json!({ "clearRuns": 101 })), "clearRuns"),
            (alert(json!({ "clearRuns": 1.5 })), "clearRuns"),
            (alert(json!({ "channels": [] })), "channels"),
            (alert(json!({ "channels": vec![json!({ "type": "webhook", "url": "https://b.co" }); 11] })), "channels"),
            (alert(json!({ "channels": [{ "type": "email", "to": ["a@b.co", "b"] }] })), "channels[0].to[1]"),
            (alert(json!({ "orgId": "b" })), "orgId"),
            (report(json!({ "dashboardId": "x" })), "dashboardId"),
            (report(json!({ "format": "pdf" })), "format"),
            (report(json!({ "timeRange": "1d" })), "timeRange"),
            (report(json!({ "threshold": 1 })), "threshold"),
            (report(json!({ "onError": "alert" })), "onError"),
        ] {
            match input::read::<AutomationConfig>(config.clone()) {
                Err(Error::Invalid { field: at, .. }) => assert_eq!(at, field, "{config}"),
                other => panic!("{config}: {other:?}"),
            }
        }
    }

    #[test]
    fn json_has_no_number_that_is_not_finite() {
        for text in ["1e999", "NaN", "Infinity", "-Infinity"] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
    }
}
