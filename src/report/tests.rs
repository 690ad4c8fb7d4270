//! Reports of dashboards of every kind, in every bad state.
use super::{ReportFormat, Seen, render};
use crate::{
    dashboard::{DashboardResult, WidgetResult},
    dataset::{QueryColumn, QueryResult},
    id::{DashboardId, WidgetId},
    operation::Told,
    random::Random,
    time::Timestamp,
    widget::{TimeRange, WidgetKind},
    zone::TimeZone,
};
use proptest::prelude::*;
use serde_json::{Value, json, value::RawValue};

fn at() -> Timestamp {
    "2026-03-29T06:00:00.000Z".parse().unwrap()
}

fn widget(title: &str, kind: &str, columns: &[&str], rows: Value) -> WidgetResult {
    let columns = columns.iter().map(|name| QueryColumn { name: (*name).into(), r#type: None }).collect();
    let result = QueryResult {
        columns,
        rows: RawValue::from_string(rows.to_string()).unwrap(),
        truncated: false,
        elapsed_ms: 0,
        rows_read: 0,
        statement_hash: String::new(),
        dataset_versions: Default::default(),
    };
    let kind: WidgetKind = serde_json::from_value(kind.into()).unwrap();
    let id = WidgetId::generate(at(), Random::for_tests()).unwrap();
    WidgetResult { id, title: title.into(), kind, x_field: None, y_field: None, result: Some(result), error: None }
}

fn file(widgets: Vec<WidgetResult>, format: ReportFormat) -> String {
    let id = DashboardId::generate(at(), Random::for_tests()).unwrap();
    let result = DashboardResult { id, name: "Sales <of> & \"2026\"".into(), widgets };
    let zone = TimeZone::try_from("Europe/Berlin".to_owned()).unwrap();
    let seen = Seen { at: at(), time_zone: &zone, time_range: Some(TimeRange::Week) };
    let file = render(&result, format, seen).unwrap();
    assert!(file.name.starts_with("sales-of-2026-2026-03-29."), "{}", file.name);
    file.text
}

fn html(widget: WidgetResult) -> String {
    file(vec![widget], ReportFormat::Html)
}

/// How often it is there.
fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn numbers_beside_an_axis_are_short() {
    let of = |rows: Value| html(widget("t", "bar", &["x", "y"], rows));
    for (most, label) in
        [(20.0, ">20<"), (9_000.0, ">5000<"), (20_000.0, ">20k<"), (-3e6, ">-3M<"), (2e9, ">2G<"), (5e12, ">4T<")]
    {
        let page = of(json!([["a", 0], ["b", most]]));
        assert!(page.contains(label), "{label}: {page}");
    }
    let page = of(json!([["a", 1e300]]));
    assert!(page.contains("e300<"), "{page}");
}

#[test]
fn a_narrow_page_has_every_other_word() {
    let page = html(widget("t", "bar", &["x", "y"], json!([["a", 1], ["b", 2], ["c", 3]])));
    let middle = page.split_once("class=\"o\"").unwrap().1.split_once("</text>").unwrap().0;
    assert_eq!((count(&page, "class=\"o\""), middle.ends_with(">b")), (1, true), "{page}");
}

#[test]
fn each_kind_is_drawn_in_its_way() {
    let rows = json!([["a", 1], ["b", 2.5], ["c", 4]]);
    let of = |kind: &str| html(widget("t", kind, &["x", "y"], rows.clone()));
    assert_eq!(count(&of("bar"), "<rect "), 3);
    assert_eq!(count(&of("line"), "stroke-width=\"2\""), 1);
    assert_eq!((count(&of("area"), "fill-opacity=\".3\""), count(&of("area"), "stroke-width=\"2\"")), (1, 1));
    assert_eq!(count(&of("pie"), "A110 110"), 3);
    assert_eq!(count(&html(widget("t", "scatter", &["x", "y"], json!([[1, 1], [2, 4], [3, null]]))), "r=\"3.5\""), 2);
    assert!(of("table").contains("<td class=\"n\">2.5</td>") && !of("table").contains("<svg"));
    assert!(html(widget("t", "number", &["y"], json!([[1234.5]]))).contains("<p class=\"big\">1234.5</p>"));
}

#[test]
fn what_is_written_in_it_is_text_and_no_markup() {
    let bad = "</title></style><script>alert(1)</script>\"'&";
    for kind in ["bar", "line", "area", "pie", "scatter", "table", "number"] {
        let mut widget = widget(bad, kind, &[bad, "y"], json!([[bad, 1], [bad, 2]]));
        let page = html(widget);
        assert!(!page.contains("<script") && !page.contains("alert(1)</script>"), "{page}");
        assert_eq!((count(&page, "</title>"), count(&page, "</style>"), count(&page, "</body>")), (1, 1, 1), "{kind}");
        widget = super::tests::widget(bad, kind, &[], json!([]));
        widget.result = None;
        widget.error = Some(Told { code: "X", message: bad.into(), field: None, is_fault: false });
        assert!(!html(widget).contains("<script"));
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = html(widget("t", "bar", &["x", "y"], json!([["a", 1]])));
    for loads in [" src=", "href", "url(", "@import", "<script", "<link", "<img", "<iframe"] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn empty_null_negative_one_and_many_are_drawn_or_said() {
    let of = |kind: &str, rows: Value| html(widget("t", kind, &["x", "y"], rows));
    assert!(file(vec![], ReportFormat::Html).contains("no widgets"));
    for kind in ["bar", "line", "area", "pie", "scatter", "table", "number"] {
        assert!(of(kind, json!([])).contains("No rows."), "{kind}");
    }
    for kind in ["bar", "line", "area", "pie", "scatter"] {
        let page = of(kind, json!([["a", null], [null, null]]));
        assert!(!page.contains("<svg") && page.contains("<table"), "{kind} without a number is a table");
        for rows in
            [json!([["a", 0]]), json!([["a", -5]]), json!([["a", 1e300], ["b", -1e300]]), json!([["a", 5e-324]])]
        {
            let page = of(kind, rows);
            assert!(!page.contains("NaN") && !page.contains("inf"), "{kind}: {page}");
        }
    }
    assert_eq!(count(&of("line", json!([["a", 1], ["b", null], ["c", 2], ["d", 3]])), "stroke-width=\"2\""), 1);
    assert_eq!(count(&of("line", json!([["a", 1], ["b", null], ["c", 2], ["d", 3]])), "<circle"), 1, "one alone");
    assert_eq!(count(&of("bar", json!([["a", -1], ["b", 1]])), "<rect "), 2);
    assert!(of("pie", json!([["a", -1], ["b", 1]])).contains("<table"), "no share is below zero");
    assert_eq!(count(&of("pie", json!([["a", 1], ["b", 0]])), "<circle"), 1, "all of it is a circle");
    assert!(of("number", json!([["a", null]])).contains("<table"), "no number");

    let many: Vec<Value> = (0..10_000).map(|n| json!([format!("2026-{n}"), n])).collect();
    for kind in ["bar", "line", "area", "pie", "scatter", "table"] {
        let page = of(kind, json!(many));
        assert!(page.len() < 120_000, "{kind}: {}", page.len());
    }
    assert!(of("bar", json!(many)).contains("9500 more points are not drawn."));
    assert!(of("table", json!(many)).contains("and 9950 more rows"));
}

#[test]
fn long_words_are_cut() {
    let long = "ü".repeat(5_000);
    for kind in ["bar", "pie", "table", "line"] {
        let page = html(widget("t", kind, &[&long, "y"], json!([[long, 1], [long, 2]])));
        assert!(!page.contains(&"ü".repeat(81)) && page.contains('…'), "{kind}");
    }
}

#[test]
fn the_axes_are_those_that_the_widget_names() {
    let mut named = widget("t", "bar", &["amount", "other", "day"], json!([[7, 1, "mon"], [8, 2, "tue"]]));
    (named.x_field, named.y_field) = (Some("DAY".into()), Some("amount".into()));
    let page = html(named);
    let svg = &page[page.find("<svg").unwrap()..page.find("</svg>").unwrap()];
    assert!(svg.contains(">mon<") && svg.contains(">8<"), "{svg}");
}

#[test]
fn the_day_and_the_range_are_those_of_the_zone() {
    let page = html(widget("t", "table", &["x"], json!([[1]])));
    assert!(page.contains("2026-03-29 08:00 Europe/Berlin · 2026-03-23 to 2026-03-29"), "{page}");
}

#[test]
fn csv_has_a_block_for_each_widget_and_no_formula() {
    let broken = WidgetResult {
        result: None,
        error: Some(Told { code: "X", message: "no such column, sorry".into(), field: None, is_fault: false }),
        ..widget("Broken", "bar", &[], json!([]))
    };
    let rows = json!([["=cmd|' /C calc'!A0", -1.5], ["a,b \"c\"", null], ["@x\n", 9_007_199_254_740_993_i64]]);
    let text = file(vec![widget("+Title", "bar", &["x", "y"], rows), broken], ReportFormat::Csv);
    let expected = "\"'+Title\"\r\nx,y\r\n\"'=cmd|' /C calc'!A0\",-1.5\r\n\"a,b \"\"c\"\"\",\r\n\
                    \"'@x\n\",9007199254740993\r\n\r\nBroken\r\n\"no such column, sorry\"\r\n";
    assert_eq!(text, expected);
}

#[test]
fn json_has_what_the_dashboard_answers() {
    let text = file(vec![widget("T", "bar", &["x"], json!([[1], [null]]))], ReportFormat::Json);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&report["timeZone"], &report["firstDay"], &report["lastDay"]),
        (&json!("Europe/Berlin"), &json!("2026-03-23"), &json!("2026-03-29"))
    );
    let widget = &report["widgets"][0];
    assert_eq!(
        (&widget["rows"], &widget["truncated"], &widget["error"]),
        (&json!([[1], [null]]), &json!(false), &Value::Null)
    );
}

#[test]
fn a_file_is_of_bounded_size_and_says_what_it_leaves_out() {
    let rows: Vec<Value> = (0..10_000).map(|n| json!([format!("{n}{}", "x".repeat(100))])).collect();
    let widgets = || (0..10).map(|_| widget("T", "table", &["x"], json!(rows))).collect::<Vec<_>>();
    for (format, says) in [
        (ReportFormat::Csv, "(more rows were left out)"),
        (ReportFormat::Json, "\"truncated\":true"),
        (ReportFormat::Html, "and 9950 more rows"),
    ] {
        let text = file(widgets(), format);
        assert!(text.len() < 500_000 && count(&text, says) == 10, "{format:?}: {} {}", text.len(), count(&text, says));
    }
}

proptest! {
    #[test]
    fn any_rows_are_drawn(
        kind in "(bar|line|area|pie|scatter|table|number)",
        rows in prop::collection::vec((prop_oneof![any::<f64>().prop_map(Value::from), "\\PC{0,20}".prop_map(Value::from), Just(Value::Null)],
            prop_oneof![any::<f64>().prop_map(Value::from), any::<i64>().prop_map(Value::from), Just(Value::Null)]), 0..30),
    ) {
        let rows: Vec<_> = rows.into_iter().map(|(x, y)| json!([x, y])).collect();
        let page = html(widget("t", &kind, &["x", "y"], json!(rows)));
        let svg = page.split("<svg").nth(1).and_then(|rest| rest.split("</svg>").next()).unwrap_or_default();
        prop_assert!(!svg.contains("\"NaN") && !svg.contains(" NaN") && !svg.contains("\"inf") && !svg.contains(" inf"), "{}", svg);
    }
}
