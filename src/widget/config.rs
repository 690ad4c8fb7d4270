//! What a widget draws and where it stands: what `widget.config` and `widget.position` hold.
use crate::{
    confined_sql::{Aggregate, Bucket},
    db::Bind,
    operation::input::{Name, SqlText, Whole},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a widget draws its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WidgetKind {
    /// A line through the points.
    Line,
    /// A bar for each row.
    Bar,
    /// A line with the area below it filled.
    Area,
    /// A share of the whole for each row.
    Pie,
    /// A mark for each row, by two numbers.
    Scatter,
    /// The rows as they are.
    Table,
    /// One number.
    Number,
}

impl From<WidgetKind> for Bind {
    fn from(kind: WidgetKind) -> Self {
        Self::from(match kind {
            WidgetKind::Line => "line",
            WidgetKind::Bar => "bar",
            WidgetKind::Area => "area",
            WidgetKind::Pie => "pie",
            WidgetKind::Scatter => "scatter",
            WidgetKind::Table => "table",
            WidgetKind::Number => "number",
        })
    }
}

/// How far back rows are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TimeRange {
    /// The last 7 days.
    #[serde(rename = "7d")]
    Week,
    /// The last 30 days.
    #[serde(rename = "30d")]
    Month,
    /// The last 90 days.
    #[serde(rename = "90d")]
    Quarter,
    /// Everything.
    #[serde(rename = "all")]
    All,
}

impl TimeRange {
    /// How many days it has, today among them; none if it has no end.
    #[must_use]
    pub const fn days(self) -> Option<i64> {
        match self {
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::Quarter => Some(90),
            Self::All => None,
        }
    }

    /// What dates are taken together by, if the widget does not say.
    #[must_use]
    pub const fn bucket(self) -> Bucket {
        match self {
            Self::Week | Self::Month => Bucket::Day,
            Self::Quarter => Bucket::Week,
            Self::All => Bucket::Month,
        }
    }
}

/// What a widget draws, such as `{"sql":"select day, amount from sales","xField":"day","yField":"amount","aggregate":"sum"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WidgetConfig {
    /// The query that gives its rows. Without it, they are those of its dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<SqlText>,
    /// The query's column along the x axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_field: Option<Name>,
    /// The query's column along the y axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y_field: Option<Name>,
    /// How the ys of rows that share an x become one; without an `xField`, those of all rows. Without it, each row is
    /// drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<Aggregate>,
    /// How far back rows are drawn: whole days up to today, by the `xField` if it is a date, else by the only date in the
    /// query's result. Without it, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_range: Option<TimeRange>,
    /// What dates along the x axis are taken together by, if there is an aggregate. Without it: the day within 7d and 30d,
    /// the week within 90d, else the month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Bucket>,
}

/// How many columns the grid has: the x, y, w and h of react-grid-layout and gridstack, whose default it is.
const GRID_COLUMNS: u32 = 12;

/// Where a widget stands, in cells of a grid that is 12 columns wide and grows downwards, such as
/// `{"x":0,"y":0,"w":6,"h":4}`. Widgets that overlap are for the client to push apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Rectangle")]
#[schemars(!try_from, deny_unknown_fields)]
pub struct Position {
    /// Its leftmost column: 0 to 11.
    pub x: Whole<0, 11>,
    /// Its topmost row: 0 to 9999.
    pub y: Whole<0, 9999>,
    /// How many columns wide: 1 to 12, no further than the grid.
    pub w: Whole<1, 12>,
    /// How many rows high: 1 to 100.
    pub h: Whole<1, 100>,
}

/// The fields of a [`Position`], before they are seen together.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rectangle {
    x: Whole<0, 11>,
    y: Whole<0, 9999>,
    w: Whole<1, 12>,
    h: Whole<1, 100>,
}

impl TryFrom<Rectangle> for Position {
    type Error = &'static str;

    fn try_from(Rectangle { x, y, w, h }: Rectangle) -> Result<Self, &'static str> {
        if x.get() + w.get() <= GRID_COLUMNS {
            Ok(Self { x, y, w, h })
        } else {
            Err("must not reach over the 12 columns of the grid: x and w together are at most 12")
        }
    }
}

impl Default for Position {
    /// The upper left, half as wide as the grid.
    fn default() -> Self {
        Self { x: Whole::at::<0>(), y: Whole::at::<0>(), w: Whole::at::<6>(), h: Whole::at::<4>() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::input;
    use serde_json::{Value, json};

    #[test]
    fn what_is_valid_reads_and_writes_as_documented() {
        for config in [
            json!({}),
            json!({ "sql": "select 1" }),
            json!({
                "sql": "select 1", "xField": "day", "yField": "Total amount", "aggregate": "avg", "timeRange": "7d",
                "bucket": "week",
            }),
        ] {
            assert_eq!(json!(input::read::<WidgetConfig>(config.clone()).unwrap()), config);
        }
        for word in ["sum", "avg", "count", "min", "max"] {
            assert_eq!(json!(input::read::<Aggregate>(json!(word)).unwrap()), word);
        }
        for word in ["7d", "30d", "90d", "all"] {
            assert_eq!(json!(input::read::<TimeRange>(json!(word)).unwrap()), word);
        }
        for word in ["line", "bar", "area", "pie", "scatter", "table", "number"] {
            let kind = input::read::<WidgetKind>(json!(word)).unwrap();
            assert_eq!((json!(kind), Bind::from(kind)), (json!(word), Bind::from(word)));
        }
        for position in [json!({ "x": 0, "y": 0, "w": 12, "h": 1 }), json!({ "x": 11, "y": 9999, "w": 1, "h": 100 })] {
            assert_eq!(json!(input::read::<Position>(position.clone()).unwrap()), position);
        }
        assert_eq!(json!(Position::default()), json!({ "x": 0, "y": 0, "w": 6, "h": 4 }));
    }

    #[test]
    fn what_is_not_is_refused() {
        let with = |field: &str, value: Value| {
            let mut config = json!({ "sql": "select 1" });
            config[field] = value;
            config
        };
        for config in [
            json!("select 1"),
            with("sql", json!("")),
            with("sql", json!(" \n")),
            with("sql", json!("select '\0'")),
            with("sql", json!("x".repeat(20_001))),
            with("xField", json!("")),
            with("aggregate", json!("median")),
            with("timeRange", json!("1d")),
            with("bucket", json!("year")),
            with("x_field", json!("day")),
            with("orgId", json!("b")),
        ] {
            assert!(input::read::<WidgetConfig>(config.clone()).is_err(), "{config}");
        }
        for (x, y, w, h) in [(12, 0, 1, 1), (0, 0, 0, 1), (0, 0, 1, 0), (7, 0, 6, 1), (0, 10_000, 1, 1), (0, 0, 1, 101)]
        {
            let position = json!({ "x": x, "y": y, "w": w, "h": h });
            assert!(input::read::<Position>(position.clone()).is_err(), "{position}");
        }
        for position in
            [json!({ "x": 0.5, "y": 0, "w": 1, "h": 1 }), json!({ "x": -1, "y": 0, "w": 1, "h": 1 }), json!({})]
        {
            assert!(input::read::<Position>(position.clone()).is_err(), "{position}");
        }
    }
}
