//! Tables that follow their definitions, whatever is stopped on the way.
use crate::{
    id::DatasetId,
    store::{
        Append, ColumnType, PageOf, Profile, Query, Request, Stored, Table, answer,
        native::Native,
        tests::{Failing, append, appended, column, now, query, rows, rows_for, table},
    },
    time::Timestamp,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn old(letter: char) -> Table {
    table(letter, 0, vec![column("1", "a", ColumnType::Integer), column("2", "gone", ColumnType::Text)])
}

/// A column is renamed and widened, one is dropped, one is new.
fn new(letter: char) -> Table {
    table(letter, 1, vec![column("3", "day", ColumnType::Date), column("1", "b", ColumnType::Text)])
}

fn filled() -> Native {
    let store = Native::empty();
    for letter in ['a', 'b'] {
        appended(store.answer(append(&old(letter), &json!([[1, "x"], [null, null]]))));
    }
    store
}

fn later(s: i64) -> Timestamp {
    now().plus_s(s)
}

/// A query that finds that dataset b is gone.
fn sweeping(sql: &str) -> Request {
    match query(&[new('a')], sql) {
        Request::Query(asked) => Request::Query(Query { now: later(4000), ..asked }),
        other => other,
    }
}

#[test]
fn each_request_is_stopped_at_each_step_and_the_next_makes_it_good() {
    let id: DatasetId = old('a').id;
    let all = format!("select b from {id}");
    let requests: [(&str, &dyn Fn() -> Request); 8] = [
        ("an append", &|| append(&new('a'), &json!([["2026-01-01", "y"]]))),
        ("a replace", &|| Request::Append(Append { replaces: true, ..rows_for(&new('a'), &json!([])) })),
        ("an append with a key", &|| {
            Request::Append(Append { key: Some("k".into()), ..rows_for(&new('a'), &json!([])) })
        }),
        ("a query", &|| sweeping(&all)),
        ("a page", &|| Request::Page(PageOf { table: new('a'), after: 0, of: None })),
        ("a profile", &|| Request::Profile(Profile { table: new('a'), columns: vec!["1".into()] })),
        ("a deleted dataset", &|| Request::Drop(id.clone())),
        ("a deleted organization", &|| Request::Clear),
    ];
    for (name, request) in requests {
        let store = filled();
        let before = store.dump();
        let mut stopped = 0;
        for fails_at in 1.. {
            let failing = Failing::new(&store, fails_at);
            let done: Stored<_> = store.within(|| answer(&failing, request()));
            if done.is_ok() {
                break;
            }
            stopped += 1;
            assert_eq!(store.dump(), before, "{name}, call {fails_at}: {done:?}");
            // The next one comes after a stop, with the definition of then: its table is brought up to it.
            let next = filled();
            let _ = next.within(|| answer(&Failing::new(&next, fails_at), request()));
            assert_eq!(rows(&next, &new('a'), &format!("{all} order by b")), json!([[null], ["1"]]), "{name}");
        }
        assert!(stopped > 4, "{name}: {stopped}");
    }
}

#[test]
fn dates_have_an_index_however_their_column_came() {
    let store = filled();
    let indexes = |store: &Native| {
        let sql = "select count(*) from sqlite_schema where type = 'index' and tbl_name = ?1 and sql like '%`day`%'";
        crate::store::Engine::run(store, sql, &[(&old('a').id).into()]).unwrap()[0][0].clone()
    };
    assert_eq!(indexes(&store), json!(0));
    rows(&store, &new('a'), &format!("select b from {}", old('a').id));
    assert_eq!(indexes(&store), json!(1));
}

proptest! {
    #[test]
    fn a_number_that_becomes_a_text_is_the_same_number(
        whole in -9_007_199_254_740_991_i64..=9_007_199_254_740_991,
        number in proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL,
    ) {
        let numbers = table('a', 0, vec![column("1", "i", ColumnType::Integer), column("2", "n", ColumnType::Decimal)]);
        let texts = table('a', 1, vec![column("1", "i", ColumnType::Text), column("2", "n", ColumnType::Text)]);
        let doubles = table('a', 1, vec![column("1", "i", ColumnType::Decimal), column("2", "n", ColumnType::Decimal)]);
        let all = format!("select i, n from {}", numbers.id);
        let store = || {
            let store = Native::empty();
            appended(store.answer(append(&numbers, &json!([[whole, number]]))));
            store
        };
        let widened = rows(&store(), &texts, &all);
        let text = |at: usize| widened[0][at].as_str().unwrap();
        prop_assert_eq!(text(0), whole.to_string());
        prop_assert_eq!(text(1).parse::<f64>().unwrap(), number, "{}", text(1));
        let widened: Value = rows(&store(), &doubles, &all);
        #[expect(clippy::cast_precision_loss, reason = "none is lost within 2^53")]
        let exact = whole as f64;
        prop_assert_eq!((widened[0][0].as_f64(), widened[0][1].as_f64()), (Some(exact), Some(number)));
    }
}
