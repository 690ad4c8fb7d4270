//! What stands around a query to make a chart of it: which of its rows count, and how they become points.
//!
//! It is built of the parser's own tree and printed by the same printer, with the query as a table of its FROM. Nothing of
//! the query's text is read as anything else than a query, and the whole is parsed and printed again like any other.
use super::{
    name,
    printer::{Printed, Printer, Scope, Shape},
};
use crate::{time::civil_from_days, zone::Offsets};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlite3_parser::{
    Bump,
    ast::{As, Expr, Id, Literal, Name, OneSelect, Operator, ResultColumn as Column, Select, SortedColumn},
};

/// What the query is called in the SELECT around it.
const QUERY: &str = "`q`";

/// How rows that share an x become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aggregate {
    /// Their sum.
    Sum,
    /// Their mean.
    Avg,
    /// How many they are; with a y, how many have one.
    Count,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

impl Aggregate {
    /// SQL's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Count => "count",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

/// Dates that share a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Bucket {
    /// Those of a day.
    Day,
    /// Those of a week, which begins on Monday.
    Week,
    /// Those of a month.
    Month,
}

impl Bucket {
    /// From a day to the first of its bucket: SQLite's modifiers.
    const fn modifiers(self) -> &'static [&'static str] {
        match self {
            Self::Day => &[],
            Self::Week => &["-6 days", "weekday 1"],
            Self::Month => &["start of month"],
        }
    }
}

/// What stands around a query. Its fields are columns of the query's result.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// Which rows count; all of them, if none.
    pub range: Option<Range>,
    /// How they become points; none: they stay as they are.
    pub points: Option<Points>,
    /// Where the clock hangs by which an instant is of a day.
    pub offsets: Offsets,
}

/// Rows whose date is within these days.
#[derive(Clone, Debug)]
pub struct Range {
    /// The column of dates.
    pub column: String,
    /// The first day, since 1970.
    pub first: i64,
    /// The last day.
    pub last: i64,
}

/// One point for each x, in the order of x.
#[derive(Clone, Debug)]
pub struct Points {
    /// The column of x, and how dates in it are taken together; without one, there is one point for all rows.
    pub x: Option<(String, Option<Bucket>)>,
    /// The column of y; without one, rows are counted.
    pub y: Option<String>,
    /// How the ys of a point become one.
    pub aggregate: Aggregate,
}

impl Printer<'_> {
    /// Prints `select` with what stands around it.
    pub fn around(&mut self, select: &Select<'_>, around: &Around) -> Printed<Shape> {
        self.deeper(|printer| {
            let (bump, outer) = (Bump::new(), std::mem::take(&mut printer.tally));
            printer.scopes.push(Scope::default());
            let from = printer.captured(|printer| {
                printer.put("(");
                let shape = printer.select(select)?;
                printer.put(")");
                printer.called(Some(&As::As(Name(QUERY))), None, "q", shape)
            })?;
            let tree = Tree { bump: &bump, offsets: &around.offsets };
            let mut shape = printer.one_over(&tree.select(around), Some(from.1))?;
            if let Some(Points { x: Some(_), .. }) = around.points {
                printer.order_by(Some(&[SortedColumn { expr: tree.first_column(), order: None, nulls: None }]))?;
            }
            shape.nodes = printer.within_nodes(shape.nodes.saturating_add(printer.weigh(printer.tally)))?;
            printer.scopes.pop();
            printer.tally = outer;
            Ok(shape)
        })
    }
}

/// Makes the tree.
struct Tree<'b> {
    bump: &'b Bump,
    offsets: &'b Offsets,
}

impl<'b> Tree<'b> {
    /// The SELECT without its FROM.
    fn select(&self, around: &Around) -> OneSelect<'b> {
        let columns = match &around.points {
            Some(points) => self.points(points),
            None => vec![Column::Star],
        };
        let is_grouped = around.points.as_ref().is_some_and(|points| points.x.is_some());
        OneSelect::Select {
            distinctness: None,
            columns: self.bump.alloc_slice_fill_iter(columns),
            from: None,
            where_clause: around.range.as_ref().map(|range| self.kept(self.within(range))),
            group_by: is_grouped.then(|| self.all(vec![self.first_column()])),
            having: None,
            window_clause: None,
        }
    }

    fn points(&self, Points { x, y, aggregate }: &Points) -> Vec<Column<'b>> {
        let mut columns = vec![];
        if let Some((column, bucket)) = x {
            let value = match bucket {
                Some(bucket) => self.day(column, bucket.modifiers()),
                None => self.column(column),
            };
            columns.push(self.named(value, column));
        }
        let word = aggregate.word();
        let value = match y {
            Some(y) => self.call(word, vec![self.column(y)]),
            None => Expr::FunctionCallStar { name: Id(word), filter_over: None },
        };
        // Two columns of one name would be renamed by SQLite.
        let is_x = |name: &&String| x.as_ref().is_some_and(|(column, _)| name::same(column, name));
        columns.push(self.named(value, y.as_ref().filter(|y| !is_x(y)).map_or(word, String::as_str)));
        columns
    }

    /// A day is a text less than any instant of it, so that the texts alone tell which dates may be within the days, by an
    /// index; in a zone that is not UTC, the days of both ends are then looked at closely.
    fn within(&self, Range { column, first, last }: &Range) -> Expr<'b> {
        let margin = i64::from(!self.is_utc());
        let (from, to) = (self.text(&day(first - margin)), self.text(&day(last + margin + 1)));
        let near = self.and(
            self.compare(self.column(column), Operator::GreaterEquals, from),
            self.compare(self.column(column), Operator::Less, to),
        );
        if self.is_utc() {
            return near;
        }
        let exactly = |operator, days| self.compare(self.day(column, &[]), operator, self.text(&day(days)));
        let lower = self.and(near, exactly(Operator::GreaterEquals, *first));
        self.and(lower, exactly(Operator::LessEquals, *last))
    }

    /// The day of a date there, moved by `modifiers`.
    fn day(&self, column: &str, modifiers: &[&str]) -> Expr<'b> {
        let mut args = vec![self.column(column)];
        if !self.is_utc() {
            args.push(self.shift(column));
        }
        args.extend(modifiers.iter().map(|modifier| self.text(modifier)));
        self.call("date", args)
    }

    fn is_utc(&self) -> bool {
        self.offsets.first_s == 0 && self.offsets.changes.is_empty()
    }

    /// How far the clock there is ahead of UTC: not at all for a day, which is the same day everywhere.
    fn shift(&self, column: &str) -> Expr<'b> {
        const DAY: &str = "10";
        let length = self.call("length", vec![self.column(column)]);
        let is_day = self.compare(length, Operator::Equals, Expr::Literal(Literal::Numeric(DAY)));
        self.either(is_day, self.text("0 seconds"), self.ahead(column, self.offsets.first_s, &self.offsets.changes))
    }

    /// By halves: of a hundred changes, seven are looked at.
    fn ahead(&self, column: &str, before_s: i32, changes: &[(crate::time::Timestamp, i32)]) -> Expr<'b> {
        let (earlier, rest) = changes.split_at(changes.len() / 2);
        let Some(((at, after_s), later)) = rest.split_first() else {
            return self.text(&format!("{before_s} seconds"));
        };
        let is_earlier = self.compare(self.column(column), Operator::Less, self.text(&at.to_string()));
        self.either(is_earlier, self.ahead(column, before_s, earlier), self.ahead(column, *after_s, later))
    }

    fn kept<T>(&self, value: T) -> &'b T {
        self.bump.alloc(value)
    }

    fn all(&self, items: Vec<Expr<'b>>) -> &'b [Expr<'b>] {
        self.bump.alloc_slice_fill_iter(items)
    }

    /// The first of the result's columns, as GROUP BY and ORDER BY may call it.
    const fn first_column(&self) -> Expr<'b> {
        Expr::Literal(Literal::Numeric("1"))
    }

    fn column(&self, called: &str) -> Expr<'b> {
        Expr::Qualified(Name(QUERY), Name(self.bump.alloc_str(&name::quoted(called))))
    }

    fn named(&self, value: Expr<'b>, called: &str) -> Column<'b> {
        Column::Expr(value, Some(As::As(Name(self.bump.alloc_str(&name::quoted(called))))))
    }

    fn text(&self, text: &str) -> Expr<'b> {
        Expr::Literal(Literal::String(self.bump.alloc_str(&name::literal(text))))
    }

    fn call(&self, function: &'static str, args: Vec<Expr<'b>>) -> Expr<'b> {
        let args = Some(self.all(args));
        Expr::FunctionCall { name: Id(function), distinctness: None, args, order_by: None, filter_over: None }
    }

    fn compare(&self, left: Expr<'b>, operator: Operator, right: Expr<'b>) -> Expr<'b> {
        Expr::Binary(self.kept(left), operator, self.kept(right))
    }

    fn and(&self, left: Expr<'b>, right: Expr<'b>) -> Expr<'b> {
        self.compare(left, Operator::And, right)
    }

    fn either(&self, when: Expr<'b>, then: Expr<'b>, otherwise: Expr<'b>) -> Expr<'b> {
        let pairs = self.bump.alloc_slice_fill_iter([(when, then)]);
        Expr::Case { base: None, when_then_pairs: pairs, else_expr: Some(self.kept(otherwise)) }
    }
}

/// A day since 1970 as a date.
fn day(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        confined_sql::{
            ConfinedSql,
            attacks::{Fate, attacks},
            tests::{LEGITIMATE, answer, database, own},
        },
        store::ColumnType,
        time::{Timestamp, days_from_civil},
        zone::TimeZone,
    };

    const NOW: &str = "2026-01-02T03:04:05.678Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn points(x: Option<(&str, Option<Bucket>)>, y: Option<&str>, aggregate: Aggregate) -> Option<Points> {
        let x = x.map(|(column, bucket)| (column.to_owned(), bucket));
        Some(Points { x, y: y.map(str::to_owned), aggregate })
    }

    fn in_zone(name: &str) -> Offsets {
        let zone = TimeZone::try_from(name.to_owned()).unwrap();
        zone.offsets(Timestamp::from_unix_ms(0), "2036-01-01T00:00:00Z".parse().unwrap())
    }

    /// The rows, one a line, without types.
    fn rows(sql: &str, around: &Around) -> Vec<String> {
        let confined = ConfinedSql::around(sql, &own(), now(), around).unwrap_or_else(|refusal| panic!("{refusal}"));
        let db = database(true);
        db.execute_batch(
            "insert into ds_a0000000000000000000000000000000 (day, amount) values
                ('2026-01-01T23:30:00.000Z', 1), ('2026-01-04', 100), ('2026-01-05', 200), ('2025-03-30T00:59:59.999Z', 7)",
        )
        .unwrap();
        let all = answer(&db, confined.text());
        let plain = |row: &str| row.replace("Text(\"", "").replace("\")", "").replace("Real(", "").replace(')', "");
        all.lines().skip(1).map(plain).collect()
    }

    #[test]
    fn rows_become_points_by_day_week_and_month() {
        let by = |bucket, zone: &str| {
            let points = points(Some(("day", Some(bucket))), Some("amount"), Aggregate::Sum);
            rows("select * from sales", &Around { points, offsets: in_zone(zone), range: None })
        };
        let days = ["2025-03-30|7.0", "2025-12-30|Null", "2025-12-31|5.0", "2026-01-01|31.5", "2026-01-04|100.0"];
        assert_eq!(by(Bucket::Day, "UTC"), [&days[..], &["2026-01-05|200.0"]].concat());
        assert_eq!(by(Bucket::Week, "UTC"), ["2025-03-24|7.0", "2025-12-29|136.5", "2026-01-05|200.0"]);
        assert_eq!(by(Bucket::Month, "UTC"), ["2025-03-01|7.0", "2025-12-01|5.0", "2026-01-01|331.5"]);
        // Half past eleven in the evening is the next day in Berlin; a day is that day everywhere.
        let expected = ["2025-03-30|7.0", "2025-12-30|Null", "2025-12-31|5.0", "2026-01-01|30.5", "2026-01-02|1.0"];
        assert_eq!(by(Bucket::Day, "Europe/Berlin")[..5], expected);
        assert_eq!(by(Bucket::Day, "America/New_York")[0], "2025-03-29|7.0");
    }

    #[test]
    fn a_range_takes_whole_days_of_the_zone() {
        let within = |first: (i64, i64, i64), last: (i64, i64, i64), zone: &str| {
            let day = |(year, month, day)| days_from_civil(year, month, day);
            let range = Some(Range { column: "day".into(), first: day(first), last: day(last) });
            rows("select day from sales order by day", &Around { range, points: None, offsets: in_zone(zone) })
        };
        let new_year = ["2026-01-01", "2026-01-01", "2026-01-01T23:30:00.000Z"];
        assert_eq!(within((2026, 1, 1), (2026, 1, 1), "UTC"), new_year);
        assert_eq!(within((2026, 1, 1), (2026, 1, 1), "Europe/Berlin"), new_year[..2]);
        assert_eq!(within((2026, 1, 2), (2026, 1, 4), "Europe/Berlin"), ["2026-01-01T23:30:00.000Z", "2026-01-04"]);
    }

    #[test]
    fn a_range_finds_its_rows_by_the_index_of_the_date() {
        let range = Some(Range { column: "day".into(), first: 20_450, last: 20_456 });
        let db = database(false);
        db.execute_batch("create index by_day on ds_a0000000000000000000000000000000 (day)").unwrap();
        for zone in ["UTC", "Europe/Berlin"] {
            let points = points(Some(("day", Some(Bucket::Day))), Some("amount"), Aggregate::Sum);
            let around = Around { range: range.clone(), points, offsets: in_zone(zone) };
            let confined =
                ConfinedSql::around("select day, amount from sales where amount > 1", &own(), now(), &around);
            let plan = answer(&db, &format!("explain query plan {}", confined.unwrap().text()));
            assert!(plan.contains("USING INDEX by_day (day>? AND day<?)"), "{plan}");
        }
    }

    #[test]
    fn any_query_may_stand_within() {
        let count = Around { points: points(None, None, Aggregate::Count), ..Around::default() };
        for (sql, expected) in [
            ("select 1 union all select 2", "Integer(2)"),
            ("with d as (select day from sales limit 2) select * from d order by day", "Integer(2)"),
            ("select * from sales q where q.amount > 10", "Integer(4)"),
            ("select amount as `a``b` from sales limit 1 offset 1", "Integer(1)"),
        ] {
            let expected = expected.replace(')', "");
            assert_eq!(rows(sql, &count), [expected], "{sql}");
        }
        let odd = Around { points: points(Some(("a`b", None)), None, Aggregate::Count), ..Around::default() };
        assert_eq!(rows("select 'x' as `a``b`", &odd), ["x|Integer(1"]);
        for hostile in
            ["select 1) q union select token from secrets --", "select 1; drop table sales", "select * from q"]
        {
            assert!(ConfinedSql::around(hostile, &own(), now(), &count).is_err(), "{hostile}");
        }
    }

    #[test]
    fn around_any_statement_it_counts_exactly_its_rows() {
        let count = Around { points: points(None, None, Aggregate::Count), ..Around::default() };
        let (alone, shared) = (database(false), database(true));
        for text in LEGITIMATE.lines() {
            let [plain, counted] = [
                ConfinedSql::new(text, &own(), &[], now()).unwrap(),
                ConfinedSql::around(text, &own(), now(), &count).unwrap_or_else(|refusal| panic!("{text}: {refusal}")),
            ];
            let rows = answer(&alone, plain.text()).lines().count() - 1;
            let expected = format!("[\"count\"]\nInteger({rows})");
            assert_eq!([&alone, &shared].map(|db| answer(db, counted.text())), [expected.clone(), expected], "{text}");
        }
        for (_, text) in attacks().filter(|(fate, _)| matches!(fate, Fate::Refused(_))) {
            assert!(ConfinedSql::around(&text, &own(), now(), &count).is_err(), "{text}");
        }
    }

    #[test]
    fn a_point_has_the_fields_names_and_types() {
        let columns = |around: &Around| {
            let confined = ConfinedSql::around("select * from sales", &own(), now(), around).unwrap();
            let columns = confined.columns().unwrap().iter().map(|c| (c.name.clone(), c.r#type));
            columns.collect::<Vec<_>>()
        };
        let around = |points| Around { points, ..Around::default() };
        use ColumnType::{Date, Decimal, Integer, Text};
        let by_week = points(Some(("day", Some(Bucket::Week))), Some("amount"), Aggregate::Avg);
        assert_eq!(columns(&around(by_week)), [("day".into(), Some(Date)), ("amount".into(), Some(Decimal))]);
        let twice = points(Some(("region", None)), Some("Region"), Aggregate::Count);
        assert_eq!(columns(&around(twice)), [("region".into(), Some(Text)), ("count".into(), Some(Integer))]);
        let latest = points(None, Some("day"), Aggregate::Max);
        assert_eq!(columns(&around(latest)), [("day".into(), Some(Date))]);
    }

    #[test]
    fn a_field_that_is_no_column_is_refused() {
        let around = Around { points: points(None, Some("amont"), Aggregate::Sum), ..Around::default() };
        let refusal = ConfinedSql::around("select * from sales", &own(), now(), &around).unwrap_err();
        assert!(refusal.problem.contains("did you mean amount?"), "{refusal}");
    }
}
