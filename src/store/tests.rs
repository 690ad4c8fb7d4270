//! One organization's store, over a real SQLite with Cloudflare's limits.
use super::{
    Append, Appended, Column, ColumnType, Engine, Limits, Query, Reply, Request, Selected, StoreError, Stored, Table,
    gate::FUNCTIONS, native::Native,
};
use crate::{confined_sql, time::Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Room for anything.
pub const ROOM: Limits = Limits { rows: u64::MAX, bytes: u64::MAX };

pub fn now() -> Timestamp {
    "2026-01-02T03:04:05.678Z".parse().unwrap()
}

pub fn column(id: &str, name: &str, r#type: ColumnType) -> Column {
    Column { id: id.into(), name: name.into(), r#type, nullable: true }
}

pub fn table(letter: char, version: i64, columns: Vec<Column>) -> Table {
    let id = serde_json::from_value(json!(format!("ds_{letter}{}", "0".repeat(31)))).unwrap();
    Table { id, name: format!("t{letter}"), defined_at: now().plus_s(version), columns }
}

fn everything() -> Table {
    use ColumnType::{Boolean, Date, Decimal, Integer, Text};
    let columns = [("t", Text), ("i", Integer), ("n", Decimal), ("d", Date), ("b", Boolean)];
    table('a', 0, columns.map(|(name, r#type)| column(name, name, r#type)).to_vec())
}

pub fn append(table: &Table, rows: &Value) -> Request {
    Request::Append(rows_for(table, rows))
}

pub fn rows_for(table: &Table, rows: &Value) -> Append {
    let chunks = vec![rows.to_string()];
    Append { table: table.clone(), replaces: false, chunks, key: None, staged: None, limits: ROOM, now: now() }
}

pub fn query(tables: &[Table], sql: &str) -> Request {
    let live = tables.iter().map(|table| table.id.clone()).collect();
    Request::Query(Query {
        sql: sql.into(),
        tables: tables.to_vec(),
        live,
        max_rows: 100,
        max_bytes: 8_000_000,
        now: now(),
    })
}

pub fn rows(store: &Native, table: &Table, sql: &str) -> Value {
    match store.answer(query(std::slice::from_ref(table), sql)) {
        Ok(Reply::Selected(answer)) => serde_json::from_str(&answer.selected.rows).unwrap(),
        other => panic!("{sql}: {other:?}"),
    }
}

pub fn appended(reply: Stored<Reply>) -> Appended {
    match reply {
        Ok(Reply::Appended(appended)) => appended,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_come_back_as_they_went_in() {
    let (store, table) = (Native::empty(), everything());
    let given = json!([
        ["it's \u{1f600}\n\"x\"", 9_007_199_254_740_991_i64, 0.1, "2026-01-01", 1],
        [null, null, null, null, null],
        ["", -1, -1e-7, "2026-01-01T00:00:00.000Z", 0]
    ]);
    let answer = appended(store.answer(append(&table, &given)));
    assert_eq!(answer, Appended { added: 3, row_count: 3, version: 1 });
    assert_eq!(rows(&store, &table, &format!("select * from {}", table.id)), given);
}

proptest! {
    #[test]
    fn any_row_comes_back_as_it_went_in(
        text in "[^\\x00]{0,40}", whole in -9_007_199_254_740_991_i64..=9_007_199_254_740_991, number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO, flag in 0..=1u8,
    ) {
        let (store, table) = (Native::empty(), everything());
        let given = json!([[text, whole, number, "2026-01-01", flag]]);
        appended(store.answer(append(&table, &given)));
        let back = rows(&store, &table, &format!("select * from {}", table.id));
        prop_assert_eq!(&back[0][0], &given[0][0]);
        prop_assert_eq!(&back[0][1], &given[0][1]);
        prop_assert_eq!(back[0][2].as_f64().unwrap(), number);
        prop_assert_eq!(&back[0][4], &given[0][4]);
    }
}

#[test]
fn what_breaks_a_definition_adds_nothing() {
    let (store, table) = (Native::empty(), everything());
    appended(store.answer(append(&table, &json!([["a", 1, 1.5, "2026-01-01", 1]]))));
    let before = store.dump();
    for bad in [
        json!([["ok", 1, 1, "2026-01-01", 1], ["b", "x", 1, "2026-01-01", 1]]),
        json!([["b", 1, 1, "soon", 1]]),
        json!([["b", 1, 1, "2026-01-01", 2]]),
    ] {
        assert!(matches!(store.answer(append(&table, &bad)), Err(StoreError::Failed(_))), "{bad}");
        assert_eq!(store.dump(), before);
    }
}

#[test]
fn a_key_brings_rows_once() {
    let (store, table) = (Native::empty(), everything());
    let keyed = |key: &str, now: Timestamp| {
        let rows = rows_for(&table, &json!([["a", 1, 1.5, "2026-01-01", 1]]));
        Request::Append(Append { key: Some(key.into()), now, ..rows })
    };
    let first = appended(store.answer(keyed("k", now())));
    assert_eq!(appended(store.answer(keyed("k", now()))), first);
    assert_eq!(appended(store.answer(keyed("l", now()))).row_count, 2);
    assert_eq!(appended(store.answer(keyed("k", now().plus_s(90_000)))).row_count, 3, "a day later it is new");
}

#[test]
fn replaced_rows_are_gone() {
    let (store, table) = (Native::empty(), everything());
    appended(store.answer(append(&table, &json!([["a", 1, 1.5, "2026-01-01", 1], ["b", 1, 1, "2026-01-01", 1]]))));
    let rows_of_it = rows_for(&table, &json!([["c", null, null, null, null]]));
    let replace = Request::Append(Append { replaces: true, ..rows_of_it });
    assert_eq!(appended(store.answer(replace)), Appended { added: 1, row_count: 1, version: 2 });
    assert_eq!(rows(&store, &table, &format!("select t from {}", table.id)), json!([["c"]]));
}

#[test]
fn a_new_definition_keeps_the_rows() {
    use ColumnType::{Boolean, Decimal, Integer, Text};
    let store = Native::empty();
    let old = table(
        'a',
        0,
        vec![
            column("1", "a", Integer),
            column("2", "b", Boolean),
            column("3", "c", Text),
            column("4", "d", ColumnType::Date),
        ],
    );
    appended(store.answer(append(&old, &json!([[1, 1, "x", "2026-01-01"], [2, 0, "y", null]]))));
    // Two names change places, one column is widened, one is dropped, one is new.
    let new = table(
        'a',
        1,
        vec![
            column("3", "a", Text),
            column("1", "c", Decimal),
            column("2", "flag", Text),
            column("9", "more", Integer),
        ],
    );
    let all = format!("select * from {}", new.id);
    assert_eq!(rows(&store, &new, &all), json!([["x", 1.0, "true", null], ["y", 2.0, "false", null]]));
    assert_eq!(
        rows(&store, &new, &all),
        json!([["x", 1.0, "true", null], ["y", 2.0, "false", null]]),
        "once is enough"
    );
    let late = store.answer(query(std::slice::from_ref(&old), &all));
    assert!(matches!(late, Err(StoreError::Changed)), "a request that is late does not turn it back: {late:?}");
}

/// A SQLite whose call number `fails_at` fails, as if the object were stopped there.
pub struct Failing<'a> {
    store: &'a Native,
    calls: std::cell::Cell<usize>,
    fails_at: usize,
}

impl<'a> Failing<'a> {
    pub fn new(store: &'a Native, fails_at: usize) -> Self {
        Self { store, calls: std::cell::Cell::default(), fails_at }
    }
}

impl Engine for Failing<'_> {
    fn run(&self, sql: &str, binds: &[crate::db::Bind]) -> Stored<Vec<Vec<Value>>> {
        self.calls.update(|calls| calls + 1);
        if self.calls.get() == self.fails_at {
            return Err(StoreError::Failed("stopped".into()));
        }
        self.store.run(sql, binds)
    }
    fn select(&self, sql: &str, max_rows: usize, max_bytes: usize) -> Stored<Selected> {
        self.store.select(sql, max_rows, max_bytes)
    }
    fn cache(&self) -> &super::cache::Cache {
        self.store.cache()
    }
    fn size_bytes(&self) -> u64 {
        self.store.size_bytes()
    }
}

#[test]
fn what_is_stopped_at_any_step_leaves_nothing_and_is_made_good() {
    let store = Native::empty();
    let old = table('a', 0, vec![column("1", "a", ColumnType::Integer)]);
    appended(store.answer(append(&old, &json!([[1]]))));
    let before = store.dump();
    let new = table('a', 1, vec![column("1", "b", ColumnType::Text), column("2", "d", ColumnType::Date)]);
    let mut steps = 0;
    for fails_at in 1.. {
        let failing = Failing::new(&store, fails_at);
        let done = store.within(|| super::answer(&failing, append(&new, &json!([["x", "2026-01-01"]]))));
        if done.is_ok() {
            break;
        }
        steps += 1;
        assert_eq!(store.dump(), before, "step {fails_at}");
    }
    assert!(steps > 10, "{steps}");
    assert_eq!(rows(&store, &new, &format!("select * from {}", new.id)), json!([["1", null], ["x", "2026-01-01"]]));
}

#[test]
fn deleted_datasets_are_forgotten_at_once_or_in_an_hour() {
    let store = Native::empty();
    let [kept, dropped, missed] =
        ['a', 'b', 'c'].map(|letter| table(letter, 0, vec![column("1", "a", ColumnType::Integer)]));
    for table in [&kept, &dropped, &missed] {
        appended(store.answer(append(table, &json!([[1]]))));
    }
    assert_eq!(store.answer(Request::Drop(dropped.id.clone())), Ok(Reply::Done));
    let tables = |store: &Native| store.dump().join("\n");
    assert!(!tables(&store).contains("ds_b") && tables(&store).contains("ds_c"));
    rows(&store, &kept, &format!("select a from {}", kept.id));
    assert!(tables(&store).contains("ds_c"), "it may have been made just now");
    let mut later = query(std::slice::from_ref(&kept), &format!("select a from {}", kept.id));
    if let Request::Query(query) = &mut later {
        query.now = now().plus_s(3601);
    }
    store.answer(later).unwrap();
    assert!(!tables(&store).contains("ds_c") && tables(&store).contains("ds_a"));
    assert_eq!(store.answer(Request::Clear), Ok(Reply::Done));
    assert_eq!(store.dump(), [""; 0]);
}

/// The gate alone, which does not know how a statement was made.
#[test]
fn the_gate_lets_nothing_pass_but_a_select_over_its_tables() {
    let store = Native::empty();
    let [ours, theirs] = ['a', 'b'].map(|letter| table(letter, 0, vec![column("1", "a", ColumnType::Integer)]));
    for table in [&ours, &theirs] {
        appended(store.answer(append(table, &json!([[1]]))));
    }
    let (a, b) = (ours.id.to_string(), theirs.id.to_string());
    let before = store.dump();
    for sql in [
        format!("select * from {b}"),
        format!("select * from main.{b}"),
        format!("select (select max(a) from {b}) from {a}"),
        format!("select * from {a} where a in {b}"),
        format!("with x as (select * from {b}) select * from x"),
        format!("select * from {a} union select * from {b}"),
        format!("delete from {a}"),
        format!("select 1; delete from {a}"),
        format!("with x as (select 1) delete from {a} returning *"),
        format!("with x as (select 1) insert into {a} select * from x returning *"),
        format!("update {a} set a = 1 returning *"),
        "select * from sqlite_schema".into(),
        "select * from pragma_table_list".into(),
        "select * from _dataset".into(),
        "select definition from _dataset".into(),
        "pragma user_version = 3".into(),
        "explain select 1".into(),
        "select randomblob(10)".into(),
        "select hex('a')".into(),
        "select printf('%100d', 1)".into(),
        format!("select json_group_array(a) from {a}"),
        "select value from json_each('[1]')".into(),
        "with recursive r(n) as (select 1 union all select n + 1 from r) select n from r".into(),
        "with r(n) as (select 1 union all select n + 1 from r) select n from r".into(),
        "vacuum".into(),
        "attach ':memory:' as x".into(),
        "create table x (a)".into(),
        format!("drop table {a}"),
        format!("select a from {a} --"),
        "select".into(),
        String::new(),
    ] {
        let answer = store.answer(query(std::slice::from_ref(&ours), &sql));
        assert!(matches!(answer, Err(StoreError::Refused(_))), "{sql}: {answer:?}");
        assert_eq!(store.dump(), before, "{sql}");
    }
    assert_eq!(rows(&store, &ours, &format!("select count(*) from {a} x, {a} y")), json!([[1]]));
}

/// A database beside the store's own has roots of the same numbers.
#[test]
fn a_table_of_another_database_is_not_taken_for_the_one_with_its_root() {
    let store = Native::empty();
    let ours = table('a', 0, vec![column("1", "a", ColumnType::Integer)]);
    appended(store.answer(append(&ours, &json!([[1]]))));
    for number in 1..=20 {
        store.run(&format!("create temp table t{number} (a)"), &[]).unwrap();
        let sql = format!("select * from temp.t{number}");
        let answer = store.answer(query(std::slice::from_ref(&ours), &sql));
        assert!(matches!(answer, Err(StoreError::Refused(_))), "{sql}: {answer:?}");
    }
    let root = store.run(&format!("select rootpage from sqlite_schema where name = '{}'", ours.id), &[]).unwrap();
    let others = store.run("select rootpage from temp.sqlite_schema", &[]).unwrap();
    assert!(others.contains(&root[0]), "no root is the same: {root:?}");
}

#[test]
fn what_could_take_too_long_does_not_start() {
    let store = Native::empty();
    let table = table('a', 0, vec![column("1", "a", ColumnType::Integer), column("2", "same", ColumnType::Integer)]);
    let many: Vec<_> = (0..20_000).map(|i| json!([i, 1])).collect();
    appended(store.answer(append(&table, &json!(many))));
    let t = table.id.to_string();
    for sql in [
        format!("select count(*) from {t} x, {t} y"),
        format!("select count(*) from {t} x cross join {t} y"),
        format!("select count(*) from {t} x join {t} y on x.a < y.a"),
        format!("select count(*) from {t} x join {t} y on x.same = y.same"),
        format!("select count(*) from {t} x join {t} y using (same)"),
        format!("select count(*) from {t} x natural join (select same from {t}) y"),
        format!("select count(*) from {t} x left join {t} y on x.a <> y.a"),
        format!("select (select count(*) from {t} y where y.a < x.a) from {t} x"),
        format!("select * from {t} x where exists (select 1 from {t} y where y.a + x.a = -1)"),
        format!("with c as materialized (select same from {t}) select count(*) from c x, c y"),
        format!("with c as (select x.a from {t} x, {t} y) select count(*) from c"),
        format!("select count(*) from (select 1 from {t} union all select 1 from {t}) x, {t} y"),
        format!("select count(*) from {t} x, {t} y, {t} z limit 1"),
        format!("select x.a, sum(y.a) over (order by y.a) from {t} x, {t} y"),
        format!("select group_concat(x.a) from {t} x, {t} y"),
    ] {
        let answer = store.answer(query(std::slice::from_ref(&table), &sql));
        assert!(matches!(&answer, Err(StoreError::Refused(why)) if why.contains("steps")), "{sql}: {answer:?}");
    }
    for sql in [
        format!("select count(*) from {t}"),
        format!("select count(*) from {t} x join {t} y on x.a = y.a"),
        format!("select count(*) from {t} x left join {t} y using (a)"),
        format!("select a, sum(same) over (order by a) from {t} order by a desc"),
        format!("select same, count(*) from {t} group by same"),
        format!("select count(*) from {t} where a in (select a from {t} where a > 3)"),
        format!("select (select max(a) from {t}), count(*) from {t}"),
    ] {
        rows(&store, &table, &sql);
    }
}

#[test]
fn the_guard_and_the_gate_know_the_same_functions() {
    for name in confined_sql::FUNCTIONS {
        assert!(FUNCTIONS.contains(name), "{name}");
    }
    for name in FUNCTIONS {
        assert!(confined_sql::FUNCTIONS.contains(name) || ["like", "glob"].contains(name), "{name}");
    }
}

#[test]
fn a_result_ends_where_it_was_told_to() {
    let (store, table) = (Native::empty(), table('a', 0, vec![column("1", "a", ColumnType::Integer)]));
    let many: Vec<_> = (0..300).map(|i| json!([i])).collect();
    appended(store.answer(append(&table, &json!(many))));
    let Ok(Reply::Selected(answer)) =
        store.answer(query(std::slice::from_ref(&table), &format!("select a from {}", table.id)))
    else {
        panic!()
    };
    assert_eq!((answer.selected.count, answer.selected.is_truncated), (100, true));
    assert_eq!(answer.selected.types, [Some(ColumnType::Integer)]);
    assert_eq!(answer.versions, [(table.id, 1)]);
}

#[test]
fn what_was_answered_is_known_until_its_rows_change() {
    let (store, table) = (Native::empty(), table('a', 0, vec![column("1", "a", ColumnType::Integer)]));
    let count = format!("select count(*) as n from {}", table.id);
    let known = |store: &Native| store.cache().get(cache_key(store, &table, &count)).is_some();
    for rows_so_far in 1..4 {
        appended(store.answer(append(&table, &json!([[1]]))));
        assert!(!known(&store), "a change of data misses at once");
        assert_eq!(rows(&store, &table, &count), json!([[rows_so_far]]));
        assert!(known(&store));
        assert_eq!(rows(&store, &table, &count), json!([[rows_so_far]]));
    }
    let renamed = Table { columns: vec![column("1", "b", ColumnType::Integer)], ..super::tests::table('a', 1, vec![]) };
    assert!(matches!(
        store.answer(query(&[renamed], &format!("select a from {}", table.id))),
        Err(StoreError::Refused(_))
    ));
    store.answer(Request::Clear).unwrap();
    assert!(!known(&store));
}

fn cache_key(store: &Native, table: &Table, sql: &str) -> super::cache::Key {
    let Request::Query(query) = query(std::slice::from_ref(table), sql) else { panic!() };
    let known = super::definition::known(store, &table.id).ok().flatten();
    super::cache::Key::of(&query, &known.into_iter().collect::<Vec<_>>())
}
