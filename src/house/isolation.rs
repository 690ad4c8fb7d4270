//! What one organization sees does not depend on another: random histories, with and without the other.
use super::world::World;
use crate::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The collections, and what a new row of each needs; `parent` is a row of the kind that it stands on.
const KINDS: &[Kind] = &[
    Kind { path: "/api/datasets", parent: None, new: new_dataset },
    Kind { path: "/api/dashboards", parent: None, new: |name, _| json!({ "name": name }) },
    Kind { path: "/api/widgets", parent: Some(1), new: new_widget },
    Kind { path: "/api/automations", parent: Some(1), new: new_automation },
];

struct Kind {
    path: &'static str,
    parent: Option<usize>,
    new: fn(name: &str, parent: &str) -> Value,
}

fn new_dataset(name: &str, _: &str) -> Value {
    json!({ "name": name, "columns": [{ "name": "amount", "type": "decimal", "nullable": true }] })
}

fn new_widget(title: &str, dashboard: &str) -> Value {
    json!({ "dashboardId": dashboard, "kind": "table", "title": title, "config": { "sql": "select 1" } })
}

fn new_automation(name: &str, dashboard: &str) -> Value {
    let channels = json!([{ "type": "email", "to": ["ops@example.com"] }]);
    let config = json!({ "type": "scheduled_report", "dashboardId": dashboard, "format": "csv", "channels": channels });
    json!({ "name": name, "schedule": { "cron": "0 9 * * *", "timeZone": "UTC" }, "config": config })
}

/// One step of a history: who does what to which row. Rows are picked by their place among all rows ever made, so that a
/// step may well be aimed at another organization's.
#[derive(Clone, Debug)]
struct Step {
    is_a: bool,
    verb: Verb,
    kind: usize,
    row: usize,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verb {
    Create,
    Rename,
    Delete,
    Show,
    List,
}

fn step() -> impl Strategy<Value = Step> {
    let verb = prop_oneof![
        4 => Just(Verb::Create), 2 => Just(Verb::Rename), 1 => Just(Verb::Delete), 2 => Just(Verb::Show), 1 => Just(Verb::List)
    ];
    (any::<bool>(), verb, 0..KINDS.len(), 0..12usize, "[a-d]").prop_map(|(is_a, verb, kind, row, name)| Step {
        is_a,
        verb,
        kind,
        row,
        name,
    })
}

/// A row that some step made: its step, kind, id and owner.
struct Made {
    step: usize,
    kind: usize,
    id: String,
    is_a: bool,
}

/// Plays the steps of those for whom `plays`, and gives what A was answered at each of his.
fn play(steps: &[Step], plays: impl Fn(&Step) -> bool) -> BTreeMap<usize, String> {
    let mut w = World::new();
    let (mut made, mut seen) = (Vec::<Made>::new(), BTreeMap::new());
    for (at, step) in steps.iter().enumerate().filter(|(_, step)| plays(step)) {
        w.app.now = Timestamp::from_unix_ms(1_780_000_000_000 + i64::try_from(at).unwrap() * 1000);
        let (status, mut answer) = take(&w, step, &made);
        without_column_keys(&mut answer);
        if step.verb == Verb::Create && status == 201 {
            made.push(Made { step: at, kind: step.kind, id: answer["id"].as_str().unwrap().into(), is_a: step.is_a });
        }
        if step.is_a {
            let names = |text: String, row: &Made| text.replace(&row.id, &format!("row of step {}", row.step));
            seen.insert(at, made.iter().fold(format!("{status} {answer}"), names));
        }
    }
    seen
}

/// The keys of columns are chance, and differ from play to play.
fn without_column_keys(answer: &mut Value) {
    match answer {
        Value::Object(fields) => {
            for column in fields.get_mut("columns").and_then(Value::as_array_mut).into_iter().flatten() {
                column.as_object_mut().unwrap().remove("key").unwrap();
            }
            fields.values_mut().for_each(without_column_keys);
        }
        Value::Array(items) => items.iter_mut().for_each(without_column_keys),
        _ => {}
    }
}

fn take(w: &World, step: &Step, made: &[Made]) -> (u16, Value) {
    let who = if step.is_a { "owner-a" } else { "owner-b" };
    let kind = &KINDS[step.kind];
    // A's own rows are told by the step that made them, so a pick means the same row in both plays. B takes what he likes.
    let mine = |kind: usize| {
        let rows: Vec<_> =
            made.iter().filter(|row| row.kind == kind && (row.is_a == step.is_a || !step.is_a)).collect();
        rows.get(step.row % rows.len().max(1)).map_or_else(|| absent(kind), |row| row.id.clone())
    };
    let path = format!("{}/{}", kind.path, mine(step.kind));
    match step.verb {
        Verb::Create => {
            let parent = kind.parent.map(mine).unwrap_or_default();
            w.send(who, "POST", kind.path, (kind.new)(&step.name, &parent))
        }
        Verb::Rename => {
            let field = if kind.path == "/api/widgets" { "title" } else { "name" };
            w.send(who, "PATCH", &path, json!({ field: step.name }))
        }
        Verb::Delete => w.send(who, "DELETE", &path, Value::Null),
        Verb::Show => w.send(who, "GET", &path, Value::Null),
        Verb::List => w.send(who, "GET", kind.path, Value::Null),
    }
}

/// An id that no row has.
fn absent(kind: usize) -> String {
    let prefix = ["ds", "db", "wg", "au"][kind];
    format!("{prefix}_{}", "0".repeat(32))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_one_organization_sees_never_depends_on_another(steps in prop::collection::vec(step(), 1..60)) {
        prop_assert_eq!(play(&steps, |_| true), play(&steps, |step| step.is_a));
    }

    #[test]
    fn reading_anothers_row_answers_like_an_id_that_never_was(kind in 0..KINDS.len(), name in "[a-z]{1,8}") {
        let w = World::new();
        let mut parent = String::new();
        if let Some(of) = KINDS[kind].parent {
            parent = w.send("owner-b", "POST", KINDS[of].path, (KINDS[of].new)("parent", "")).1["id"].as_str().unwrap().into();
        }
        let (_, foreign) = w.send("owner-b", "POST", KINDS[kind].path, (KINDS[kind].new)(&name, &parent));
        let id = foreign["id"].as_str().unwrap();
        let read = |id: &str| w.answer(&w.request("owner-a", "GET", &format!("{}/{id}", KINDS[kind].path), Value::Null));
        prop_assert_eq!(read(id), read(&absent(kind)));
        let before = w.db.dump();
        for (method, body) in [("PATCH", json!({ "name": "mine now" })), ("DELETE", Value::Null)] {
            let body = if KINDS[kind].path == "/api/widgets" && method == "PATCH" { json!({ "title": "mine now" }) } else { body };
            let (status, error) = w.send("owner-a", method, &format!("{}/{id}", KINDS[kind].path), body);
            prop_assert_eq!((status, error["code"].as_str()), (403, Some("ORG_PERMISSION_DENIED")));
            let text = error["message"].as_str().unwrap();
            prop_assert!(!text.contains(id) && !text.contains("b-inc"), "{}", text);
        }
        prop_assert_eq!(w.db.dump(), before);
    }
}
