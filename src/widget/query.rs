//! What a widget draws, as a query, and what that answers.
use super::{Widget, WidgetConfig, config::TimeRange, sql};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    confined_sql::{self, Aggregate, Around, Bucket, ConfinedSql, Points, Range, ResultColumn},
    dataset::{self, Dataset, Limits, QueryResult},
    id::{DatasetId, WidgetId},
    policy::{Action, Permission, Resource},
    store::{ColumnType, Table},
    time::Timestamp,
    zone::TimeZone,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Rows of datasets are seen, so the caller needs what `dataset_query` needs.
pub const QUERIES: Permission = Permission { resource: Resource::Dataset, action: Action::Query };

/// How long after now a zone's rules are followed, and from 1970 on, where rows are not limited to some days.
const FORESEEN_S: i64 = 10 * 366 * 86_400;

/// A widget, and how to look at it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WidgetQueryInput {
    /// Its id.
    pub id: WidgetId,
    /// How far back rows are drawn, in place of the widget's own `timeRange`.
    #[serde(default)]
    pub time_range: Option<TimeRange>,
    /// The zone of the IANA database whose days count. Without it, UTC.
    #[serde(default)]
    pub time_zone: TimeZone,
}

/// How widgets are looked at.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// How far back, in place of the widget's own.
    pub time_range: Option<TimeRange>,
    /// Whose days count.
    pub time_zone: TimeZone,
}

/// What a widget's query answers.
///
/// # Errors
/// `NotFound` if the organization has no such widget, whoever else may; `Forbidden` if the caller may not query datasets;
/// `Invalid`, with the field, if what it draws is not there any more or could take too long.
pub async fn query(cx: &AuthCtx, db: &OrgDb<'_>, input: WidgetQueryInput) -> Result<QueryResult> {
    cx.authorize(QUERIES)?;
    let both = [db.bind(sql::SHOW, [(&input.id).into()]), db.bind(dataset::sql::ALL_OF_THEM, [])];
    let [widget, datasets] = db.batch(both).await?;
    let widget: Widget = widget.decode_first()?.ok_or(Error::NotFound("widget"))?;
    let datasets: Vec<Dataset> = datasets.decode()?;
    let tables: Vec<_> = datasets.iter().map(Dataset::table).collect();
    let view = View { time_range: input.time_range, time_zone: input.time_zone };
    widget.answer(cx, db, &tables, &view, Limits::default()).await
}

impl Widget {
    /// Runs its query.
    ///
    /// # Errors
    /// `Invalid`, with the field.
    pub async fn answer(
        &self,
        cx: &AuthCtx,
        db: &OrgDb<'_>,
        tables: &[Table],
        view: &View,
        limits: Limits,
    ) -> Result<QueryResult> {
        let confined = self.drawn().confined(tables, view, cx.now())?;
        dataset::answer(cx, db, &confined, tables, limits).await.map_err(|error| match error {
            Error::Invalid { problem, .. } => Error::invalid("config.sql", problem),
            other => other,
        })
    }

    /// What it draws.
    #[must_use]
    pub const fn drawn(&self) -> Drawn<'_> {
        Drawn { config: &self.config, dataset: self.dataset_id.as_ref() }
    }
}

/// What a widget draws.
#[derive(Clone, Copy, Debug)]
pub struct Drawn<'a> {
    /// Its query, or how to make one of its dataset's rows.
    pub config: &'a WidgetConfig,
    /// Its dataset.
    pub dataset: Option<&'a DatasetId>,
}

impl Drawn<'_> {
    /// Checks it as it is when a widget is saved.
    ///
    /// # Errors
    /// `Invalid`, with the field.
    pub fn check(&self, tables: &[Table], now: Timestamp) -> Result<()> {
        if let Some(id) = self.dataset
            && !tables.iter().any(|table| table.id == *id)
        {
            return Err(Error::invalid("datasetId", "no such dataset in your organization"));
        }
        self.confined(tables, &View::default(), now).map(drop)
    }

    /// The query. For it the present is a whole minute, so that those who look at a widget within a minute ask the same.
    ///
    /// # Errors
    /// `Invalid`, with the field.
    pub fn confined(&self, tables: &[Table], view: &View, now: Timestamp) -> Result<ConfinedSql> {
        let now = Timestamp::from_unix_ms(now.unix_ms() - now.unix_ms().rem_euclid(60_000));
        let refused = |refusal: confined_sql::Refusal| Error::invalid("config.sql", refusal.to_string());
        let text = self.text(tables)?;
        let plain = ConfinedSql::new(&text, tables, &[], now).map_err(refused)?;
        match self.around(plain.columns(), view, now)? {
            None => Ok(plain),
            Some(around) => ConfinedSql::around(&text, tables, now, &around).map_err(refused),
        }
    }

    /// Its SQL, or that of all rows of its dataset.
    fn text(&self, tables: &[Table]) -> Result<String> {
        if let Some(sql) = &self.config.sql {
            return Ok(sql.as_str().to_owned());
        }
        let table = self.dataset.and_then(|id| tables.iter().find(|table| table.id == *id));
        let table =
            table.ok_or_else(|| Error::invalid("config.sql", "give sql, or the datasetId whose rows are drawn"))?;
        Ok(confined_sql::rows_of(table))
    }

    fn around(&self, columns: Option<&[ResultColumn]>, view: &View, now: Timestamp) -> Result<Option<Around>> {
        let WidgetConfig { x_field, y_field, aggregate, time_range, bucket, .. } = self.config;
        let x = field("config.xField", x_field.as_ref().map(|x| x.as_str()), columns)?;
        let y = field("config.yField", y_field.as_ref().map(|y| y.as_str()), columns)?;
        let is_date = |column: &&ResultColumn| column.r#type == Some(ColumnType::Date);
        if bucket.is_some() && x.as_ref().filter(is_date).is_none() {
            return Err(Error::invalid("config.bucket", "takes dates together: it needs an xField that is a date"));
        }
        let time_range = view.time_range.or(*time_range).unwrap_or(TimeRange::All);
        let range = match time_range.days() {
            None => None,
            Some(days) => {
                let dates: Vec<_> = columns.unwrap_or_default().iter().filter(is_date).collect();
                let column =
                    x.as_ref().filter(is_date).or(if dates.len() == 1 { dates.first().copied() } else { None });
                let column = column.ok_or_else(no_date)?.name.clone();
                let last = view.time_zone.day(now);
                Some(Range { column, first: last - days + 1, last })
            }
        };
        let bucket = bucket.unwrap_or_else(|| time_range.bucket());
        let points = aggregate.map(|aggregate| points(x, y, aggregate, bucket)).transpose()?;
        if range.is_none() && points.is_none() {
            return Ok(None);
        }
        let (from, to) = match &range {
            Some(Range { first, last, .. }) => (instant(first - 2), instant(last + 2)),
            None => (instant(0), now.plus_s(FORESEEN_S)),
        };
        Ok(Some(Around { range, points, offsets: view.time_zone.offsets(from, to) }))
    }
}

/// The beginning of a day since 1970, in UTC.
fn instant(day: i64) -> Timestamp {
    Timestamp::from_unix_ms(day.saturating_mul(86_400_000))
}

fn no_date() -> Error {
    Error::invalid(
        "config.timeRange",
        "needs a date: make xField a column of type date, or have exactly one such column in the query's result",
    )
}

/// The column that a field names.
fn field(place: &'static str, name: Option<&str>, columns: Option<&[ResultColumn]>) -> Result<Option<ResultColumn>> {
    let column = |name: &str| match columns {
        Some(columns) => confined_sql::column_named(columns, name).cloned(),
        // Of a join that makes one column of two, only the engine knows the columns.
        None => Ok(ResultColumn { name: name.to_owned(), r#type: None }),
    };
    name.map(column).transpose().map_err(|problem| Error::invalid(place, problem))
}

fn points(x: Option<ResultColumn>, y: Option<ResultColumn>, aggregate: Aggregate, bucket: Bucket) -> Result<Points> {
    let word = aggregate.word();
    if y.is_none() && aggregate != Aggregate::Count {
        return Err(Error::invalid("config.yField", format!("is needed: the column whose {word} is drawn")));
    }
    if matches!(aggregate, Aggregate::Sum | Aggregate::Avg)
        && let Some(ResultColumn { name, r#type: Some(ColumnType::Text | ColumnType::Date) }) = &y
    {
        return Err(Error::invalid("config.yField", format!("{name} is no number, and {word} takes numbers")));
    }
    let bucketed = |column: ResultColumn| (column.name, (column.r#type == Some(ColumnType::Date)).then_some(bucket));
    Ok(Points { x: x.map(bucketed), y: y.map(|column| column.name), aggregate })
}
