//! Charts as SVG, small enough for a mail. Text has the color of the page's text, so that it is legible on light and dark;
//! what is drawn has colors of middle brightness.
use super::{Drawn, shortened, shown, shown_number};
use crate::{html::escaped, widget::WidgetKind};
use serde_json::Value;
use std::fmt::Write;

/// The size of a chart, in units of its own; the page stretches it.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 260.0;
/// Around what is drawn: room for the numbers of the y axis, and for the words of the x axis.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;

/// As many points as are drawn.
pub(super) const MAX_POINTS: usize = 500;
/// As many shares as a pie has; the rest are one.
const MAX_SHARES: usize = 8;
/// As many words as stand along the x axis.
const MAX_WORDS: usize = 6;
/// Characters of each.
const MAX_WORD: usize = 12;

const COLORS: [&str; MAX_SHARES] =
    ["#3b82f6", "#d97706", "#059669", "#db2777", "#7c6cf0", "#0d9488", "#dc4c3f", "#7b8794"];

/// A point: what is written below it, and its number, if it has one.
struct Point {
    word: String,
    x: Option<f64>,
    y: Option<f64>,
}

/// The chart of a widget's rows; none for a kind that has no chart, or without a number to draw.
pub(super) fn svg(drawn: &Drawn<'_>) -> Option<String> {
    let points = points(drawn)?;
    if !points.iter().any(|point| point.y.is_some()) {
        return None;
    }
    let body = match drawn.widget.kind {
        WidgetKind::Line => on_axes(&points, false, line),
        WidgetKind::Area => on_axes(&points, true, area),
        WidgetKind::Bar => on_axes(&points, true, bars),
        WidgetKind::Scatter => scatter(&points)?,
        WidgetKind::Pie => pie(&points)?,
        WidgetKind::Table | WidgetKind::Number => return None,
    };
    let label = escaped(&drawn.widget.title);
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"100%\" role=\"img\" \
         aria-label=\"{label}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\">{body}</svg>"
    ))
}

/// The number that a widget shows that is one: of the first row, by the y axis' column.
pub(super) fn number(drawn: &Drawn<'_>) -> Option<String> {
    let (_, y) = axes(drawn)?;
    drawn.rows.first()?.get(y).map(|cell| if cell.is_null() { "–".to_owned() } else { shown(cell).into_owned() })
}

/// Which columns are x and y: those that the widget names; else the first, and the first other one with a number. With one
/// column alone, that is y.
fn axes(drawn: &Drawn<'_>) -> Option<(Option<usize>, usize)> {
    let named = |name: &Option<String>| {
        let name = name.as_ref()?;
        drawn.columns().iter().position(|column| column.name.eq_ignore_ascii_case(name))
    };
    let count = drawn.columns().len();
    let has_number = |column: usize| drawn.rows.iter().any(|row| row.get(column).is_some_and(Value::is_number));
    let x = named(&drawn.widget.x_field).or((count > 1).then_some(0));
    let y =
        named(&drawn.widget.y_field).or_else(|| (0..count).find(|column| Some(*column) != x && has_number(*column)));
    Some((x, y?))
}

fn points(drawn: &Drawn<'_>) -> Option<Vec<Point>> {
    let (x, y) = axes(drawn)?;
    let point = |row: &Vec<Value>| {
        let at = x.and_then(|x| row.get(x));
        let word = at.map(|cell| shown(cell).into_owned()).unwrap_or_default();
        Point { word, x: at.and_then(Value::as_f64), y: row.get(y).and_then(Value::as_f64) }
    };
    Some(drawn.rows.iter().take(MAX_POINTS).map(point).collect())
}

/// A scale: from numbers to places.
#[derive(Clone, Copy)]
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Round numbers about those that are drawn, and if asked zero.
    fn of(numbers: impl Iterator<Item = f64>, has_zero: bool, from: f64, to: f64) -> Self {
        let zero = has_zero.then_some(0.0);
        let (low, high) =
            numbers.chain(zero).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), n| (l.min(n), h.max(n)));
        // Numbers that are all one have some room about them.
        let room = if low < high { 0.0 } else { (low.abs() / 2.0).max(1.0) };
        let (low, high) = (low - if has_zero && low == 0.0 { 0.0 } else { room }, high + room);
        let step = step(low, high);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, from, to }
    }

    fn at(self, number: f64) -> f64 {
        self.from + (number - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    fn ticks(self) -> impl Iterator<Item = f64> {
        let step = step(self.low, self.high);
        (0..=12).map(move |n| self.low + f64::from(n) * step).take_while(move |tick| *tick <= self.high + step / 2.0)
    }
}

/// 1, 2 or 5 times a power of ten, of which four or so lie between the two. Their difference may be beyond all numbers.
fn step(low: f64, high: f64) -> f64 {
    let rough = (high / 4.0 - low / 4.0).clamp(f64::MIN_POSITIVE * 1e10, f64::MAX / 100.0);
    let power = 10_f64.powf(rough.log10().floor());
    let factor = rough / power;
    power
        * if factor <= 1.0 {
            1.0
        } else if factor <= 2.0 {
            2.0
        } else if factor <= 5.0 {
            5.0
        } else {
            10.0
        }
}

/// The y axis, the words of the x axis, and what is drawn between.
fn on_axes(points: &[Point], has_zero: bool, draw: fn(&[Point], &[f64], Scale) -> String) -> String {
    let y = Scale::of(points.iter().filter_map(|point| point.y), has_zero, HEIGHT - BOTTOM, TOP);
    #[expect(clippy::cast_precision_loss, reason = "at most MAX_POINTS")]
    let (count, slot) = (points.len(), (WIDTH - LEFT - RIGHT) / points.len() as f64);
    #[expect(clippy::cast_precision_loss, reason = "at most MAX_POINTS")]
    let xs: Vec<f64> = (0..count).map(|n| LEFT + slot * (n as f64 + 0.5)).collect();
    let mut svg = y_axis(y);
    let every = count.div_ceil(MAX_WORDS).max(1);
    for (nth, (point, x)) in points.iter().zip(&xs).step_by(every).enumerate() {
        word(&mut svg, nth, *x, &shortened(&point.word, MAX_WORD));
    }
    svg + &draw(points, &xs, y)
}

fn y_axis(y: Scale) -> String {
    let mut svg = String::new();
    for tick in y.ticks() {
        let (at, text) = (y.at(tick), tick_label(tick));
        let _ = write!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{}\" stroke=\"currentColor\" stroke-opacity=\".2\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            WIDTH - RIGHT,
            LEFT - 8.0,
            at + 4.0
        );
    }
    svg
}

/// The nth word of the x axis. A narrow page leaves every other one out.
fn word(svg: &mut String, nth: usize, x: f64, text: &str) {
    let (y, class) = (HEIGHT - 12.0, if nth % 2 == 1 { " class=\"o\"" } else { "" });
    let _ = write!(svg, "<text{class} x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", escaped(text));
}

/// A number that fits beside an axis, such as `2.5M`.
fn tick_label(number: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let is_long = (1e4..1e15).contains(&number.abs());
    let unit = UNITS.into_iter().find(|(size, _)| is_long && number.abs() >= *size);
    unit.map_or_else(|| shown_number(number), |(size, unit)| shown_number(number / size) + unit)
}

/// Lines through neighbours that have a number; one that stands alone is a mark.
fn line(points: &[Point], xs: &[f64], y: Scale) -> String {
    let mut svg = String::new();
    for run in runs(points, xs, y) {
        if let [(x, y)] = run.as_slice() {
            let _ = write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{}\"/>", COLORS[0]);
        } else {
            let _ =
                write!(svg, "<path d=\"M{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>", path(&run), COLORS[0]);
        }
    }
    svg
}

/// The same, and what is between them and zero.
fn area(points: &[Point], xs: &[f64], y: Scale) -> String {
    let zero = y.at(0.0);
    let mut svg = String::new();
    for run in runs(points, xs, y) {
        if let [(first, _), .., (last, _)] = run.as_slice() {
            let _ = write!(
                svg,
                "<path d=\"M{first:.1} {zero:.1}L{}L{last:.1} {zero:.1}Z\" fill=\"{}\" fill-opacity=\".3\"/>",
                path(&run),
                COLORS[0]
            );
        }
    }
    svg + &line(points, xs, y)
}

fn bars(points: &[Point], xs: &[f64], y: Scale) -> String {
    let zero = y.at(0.0);
    #[expect(clippy::cast_precision_loss, reason = "at most MAX_POINTS")]
    let width = ((WIDTH - LEFT - RIGHT) / points.len() as f64 * 0.8).min(60.0);
    let mut svg = String::new();
    for (point, x) in points.iter().zip(xs) {
        let Some(number) = point.y else { continue };
        let (top, height) = (y.at(number).min(zero), (y.at(number) - zero).abs());
        let _ = write!(
            svg,
            "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{}\"/>",
            x - width / 2.0,
            COLORS[0]
        );
    }
    let right = WIDTH - RIGHT;
    svg + &format!("<path d=\"M{LEFT} {zero:.1}H{right}\" stroke=\"currentColor\" stroke-opacity=\".6\"/>")
}

/// Where the points stand, in runs of neighbours that have a number.
fn runs(points: &[Point], xs: &[f64], y: Scale) -> Vec<Vec<(f64, f64)>> {
    let places: Vec<_> = points.iter().zip(xs).map(|(point, x)| point.y.map(|number| (*x, y.at(number)))).collect();
    let runs = places.split(Option::is_none).map(|run| run.iter().copied().flatten().collect::<Vec<_>>());
    runs.filter(|run| !run.is_empty()).collect()
}

fn path(places: &[(f64, f64)]) -> String {
    places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect::<Vec<_>>().join("L")
}

/// None if no point has two numbers.
fn scatter(points: &[Point]) -> Option<String> {
    let both: Vec<(f64, f64)> = points.iter().filter_map(|point| Some((point.x?, point.y?))).collect();
    both.first()?;
    let x = Scale::of(both.iter().map(|(x, _)| *x), false, LEFT, WIDTH - RIGHT);
    let y = Scale::of(both.iter().map(|(_, y)| *y), false, HEIGHT - BOTTOM, TOP);
    let mut svg = y_axis(y);
    for (nth, tick) in x.ticks().enumerate() {
        word(&mut svg, nth, x.at(tick), &tick_label(tick));
    }
    for (a, b) in both {
        let (a, b) = (x.at(a), y.at(b));
        let _ =
            write!(svg, "<circle cx=\"{a:.1}\" cy=\"{b:.1}\" r=\"3.5\" fill=\"{}\" fill-opacity=\".7\"/>", COLORS[0]);
    }
    Some(svg)
}

/// None if there is nothing to share: no number above zero, or one below.
fn pie(points: &[Point]) -> Option<String> {
    let mut shares: Vec<(String, f64)> =
        points.iter().filter_map(|point| Some((point.word.clone(), point.y?))).collect();
    let total: f64 = shares.iter().map(|(_, share)| share).sum();
    if shares.iter().any(|(_, share)| *share < 0.0) || total <= 0.0 || !total.is_finite() {
        return None;
    }
    shares.retain(|(_, share)| *share > 0.0);
    shares.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    if shares.len() > MAX_SHARES {
        let rest: f64 = shares.split_off(MAX_SHARES - 1).iter().map(|(_, share)| share).sum();
        shares.push(("all others".to_owned(), rest));
    }
    let (mut svg, mut before) = (String::new(), 0.0);
    for ((word, share), (color, row)) in shares.iter().zip(COLORS.iter().zip(0_i32..)) {
        slice(&mut svg, color, before / total, (before + share) / total);
        let y = 34.0 + 27.0 * f64::from(row);
        let _ = write!(
            svg,
            "<rect x=\"290\" y=\"{:.1}\" width=\"12\" height=\"12\" fill=\"{color}\"/><text x=\"310\" y=\"{y}\">{} · {} ({}%)</text>",
            y - 11.0,
            escaped(&shortened(word, 24)),
            shown_number(*share),
            shown_number((share / total * 1000.0).round() / 10.0)
        );
        before += share;
    }
    Some(svg)
}

/// The part of a circle from one share of it to another, from the top clockwise.
fn slice(svg: &mut String, color: &str, from: f64, to: f64) {
    const RADIUS: f64 = 110.0;
    let (cx, cy) = (150.0, HEIGHT / 2.0);
    if to - from > 0.9999 {
        let _ = write!(svg, "<circle cx=\"{cx}\" cy=\"{cy}\" r=\"{RADIUS}\" fill=\"{color}\"/>");
        return;
    }
    let at = |share: f64| {
        let (sin, cos) = (share * std::f64::consts::TAU).sin_cos();
        format!("{:.1} {:.1}", cx + RADIUS * sin, cy - RADIUS * cos)
    };
    let is_large = i32::from(to - from > 0.5);
    let _ = write!(
        svg,
        "<path d=\"M{cx} {cy}L{}A{RADIUS} {RADIUS} 0 {is_large} 1 {}Z\" fill=\"{color}\"/>",
        at(from),
        at(to)
    );
}
