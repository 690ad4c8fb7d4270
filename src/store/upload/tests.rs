//! Rows that come in parts.
use crate::{
    id::UploadId,
    store::{
        Append, Appended, ColumnType, Limits, Reply, Request, Stage, Staged, StoreError, Stored, Table, answer,
        native::Native,
        tests::{Failing, ROOM, append, appended, column, now, query, rows, rows_for, table},
    },
};
use serde_json::{Value, json};

fn upload(letter: char) -> UploadId {
    serde_json::from_value(json!(format!("up_{}", letter.to_string().repeat(32)))).unwrap()
}

fn numbers() -> Table {
    table('a', 0, vec![column("1", "a", ColumnType::Integer), column("2", "d", ColumnType::Date)])
}

fn part(table: &Table, letter: char, part: u32, rows: &Value) -> Stage {
    let chunks = vec![rows.to_string()];
    Stage {
        table: table.clone(),
        replaces: false,
        upload: upload(letter),
        part,
        chunks,
        key: None,
        limits: ROOM,
        now: now(),
    }
}

fn stage(store: &Native, table: &Table, letter: char, at: u32, rows: &Value) {
    assert_eq!(store.answer(Request::Stage(part(table, letter, at, rows))), Ok(Reply::Done));
}

fn last(table: &Table, letter: char, parts: u32, rows: &Value) -> Append {
    Append { staged: Some(Staged { upload: upload(letter), parts }), ..rows_for(table, rows) }
}

fn all(store: &Native, table: &Table) -> Value {
    rows(store, table, &format!("select a from {} order by a", table.id))
}

#[test]
fn rows_that_come_in_parts_are_seen_when_the_last_is_there_and_not_before() {
    for replaces in [false, true] {
        let (store, table) = (Native::empty(), numbers());
        appended(store.answer(append(&table, &json!([[0, "2026-01-01"]]))));
        stage(&store, &table, 'a', 0, &json!([[1, null], [2, "2026-01-02"]]));
        stage(&store, &table, 'a', 1, &json!([[3, null]]));
        assert_eq!(all(&store, &table), json!([[0]]));
        let last = Append { replaces, ..last(&table, 'a', 2, &json!([[4, null]])) };
        let answer = appended(store.answer(Request::Append(last)));
        let row_count = if replaces { 4 } else { 5 };
        assert_eq!(answer, Appended { added: 4, row_count, version: 2 });
        let from = if replaces { 1 } else { 0 };
        assert_eq!(all(&store, &table), json!((from..5).map(|n| [n]).collect::<Vec<_>>()));
        assert!(!store.dump().join("\n").contains("up_"), "nothing is left of the upload");
        appended(store.answer(append(&table, &json!([[9, null]]))));
    }
}

#[test]
fn a_part_that_is_missing_or_comes_twice_adds_nothing() {
    let (store, table) = (Native::empty(), numbers());
    appended(store.answer(append(&table, &json!([[0, null]]))));
    stage(&store, &table, 'a', 0, &json!([[1, null]]));
    for request in [
        Request::Stage(part(&table, 'a', 2, &json!([[3, null]]))),
        Request::Stage(part(&table, 'b', 1, &json!([[3, null]]))),
        Request::Append(last(&table, 'a', 2, &json!([[3, null]]))),
        Request::Append(last(&table, 'b', 1, &json!([[3, null]]))),
    ] {
        let before = store.dump();
        let refused = store.answer(request);
        assert!(matches!(&refused, Err(StoreError::Refused(why)) if why.contains("Send it again")), "{refused:?}");
        assert_eq!(store.dump(), before);
    }
    assert_eq!(all(&store, &table), json!([[0]]));
}

#[test]
fn an_upload_that_broke_off_is_swept_away_and_one_of_a_dataset_that_is_gone_at_once() {
    let (store, table) = (Native::empty(), numbers());
    appended(store.answer(append(&table, &json!([[0, null]]))));
    let is_there = |letter: char| store.dump().join("\n").contains(&upload(letter).to_string());
    stage(&store, &table, 'a', 0, &json!([[1, null]]));
    let at = |s: i64| Request::Append(Append { now: now().plus_s(s), ..rows_for(&table, &json!([])) });
    appended(store.answer(at(899)));
    assert!(is_there('a'));
    appended(store.answer(at(901)));
    assert!(!is_there('a'));
    for gone in [Request::Drop(table.id.clone()), Request::Clear] {
        stage(&store, &table, 'b', 0, &json!([[1, null]]));
        assert!(is_there('b'));
        store.answer(gone).unwrap();
        assert!(!is_there('b'));
        assert!(store.answer(Request::Append(last(&table, 'b', 1, &json!([])))).is_err(), "nothing comes back to life");
    }
    assert_eq!(store.answer(Request::Clear), Ok(Reply::Done));
    assert_eq!(store.dump(), [""; 0]);
}

#[test]
fn a_key_that_was_answered_keeps_no_more_parts() {
    let (store, table) = (Native::empty(), numbers());
    let keyed = |stage: Stage| Request::Stage(Stage { key: Some("k".into()), ..stage });
    let last = |letter: char| Request::Append(Append { key: Some("k".into()), ..last(&table, letter, 1, &json!([])) });
    // Two at once: the second has begun before the first is done.
    for letter in ['a', 'b'] {
        let stored: Stored<Reply> = store.answer(keyed(part(&table, letter, 0, &json!([[1, null]]))));
        assert_eq!(stored, Ok(Reply::Done));
    }
    let first = appended(store.answer(last('a')));
    assert_eq!(appended(store.answer(last('b'))), first);
    assert_eq!(store.answer(keyed(part(&table, 'c', 0, &json!([[1, null]])))), Ok(Reply::Appended(first)));
    assert_eq!(all(&store, &table), json!([[1]]));
    assert!(!store.dump().join("\n").contains("up_"));
}

#[test]
fn more_than_there_may_be_is_refused_before_it_is_all_there() {
    let (store, table) = (Native::empty(), numbers());
    appended(store.answer(append(&table, &json!([[1, null], [2, null]]))));
    let other = Table { name: "other".into(), ..crate::store::tests::table('b', 0, numbers().columns) };
    appended(store.answer(append(&other, &json!([[1, null]]))));
    let limits = |rows: u64| Limits { rows, bytes: u64::MAX };
    let rows = json!([[3, null], [4, null]]);
    let stage = |replaces: bool, most: u64| {
        let stage = Stage { replaces, limits: limits(most), ..part(&table, 'a', 0, &rows) };
        let stored = store.answer(Request::Stage(stage));
        if stored.is_ok() {
            store.answer(Request::Discard(upload('a'))).unwrap();
        }
        stored
    };
    let append = |most: u64| store.answer(Request::Append(Append { limits: limits(most), ..rows_for(&table, &rows) }));
    let is_full = |stored: Stored<Reply>| matches!(stored, Err(StoreError::Full(why)) if why.contains("at most"));
    assert!(is_full(stage(false, 4)) && is_full(append(4)) && is_full(stage(true, 2)));
    assert!(stage(false, 5).is_ok() && stage(true, 3).is_ok());
    let small = Limits { rows: u64::MAX, bytes: 1000 };
    assert!(is_full(store.answer(Request::Append(Append { limits: small, ..rows_for(&table, &rows) }))));
    assert_eq!(all(&store, &table), json!([[1], [2]]));
    appended(append(5));
}

#[test]
fn an_upload_that_is_stopped_at_any_step_leaves_nothing_that_is_seen() {
    for replaces in [false, true] {
        let (store, table) = (Native::empty(), numbers());
        appended(store.answer(append(&table, &json!([[0, "2026-01-01"]]))));
        let mut stopped = 0;
        for step in 0..3 {
            let request = || match step {
                0 | 1 => Request::Stage(Stage { replaces, ..part(&table, 'a', step, &json!([[step + 1, null]])) }),
                _ => Request::Append(Append { replaces, ..last(&table, 'a', 2, &json!([[3, null]])) }),
            };
            let before = store.dump();
            for fails_at in 1.. {
                let failing = Failing::new(&store, fails_at);
                if store.within(|| answer(&failing, request())).is_ok() {
                    break;
                }
                stopped += 1;
                assert_eq!(store.dump(), before, "step {step}, call {fails_at}");
            }
            if step < 2 {
                assert_eq!(all(&store, &table), json!([[0]]));
            }
        }
        assert!(stopped > 30, "{stopped}");
        let expected = if replaces { json!([[1], [2], [3]]) } else { json!([[0], [1], [2], [3]]) };
        assert_eq!(all(&store, &table), expected);
    }
}

#[test]
fn columns_that_change_while_rows_come_end_the_upload() {
    let (store, table) = (Native::empty(), numbers());
    appended(store.answer(append(&table, &json!([[0, null]]))));
    stage(&store, &table, 'a', 0, &json!([[1, null]]));
    let changed = crate::store::tests::table('a', 1, vec![column("1", "a", ColumnType::Text)]);
    assert_eq!(all(&store, &changed), json!([["0"]]));
    let late = store.answer(Request::Append(last(&table, 'a', 1, &json!([[2, null]]))));
    assert!(matches!(late, Err(StoreError::Changed)), "{late:?}");
    assert_eq!(all(&store, &changed), json!([["0"]]));
    // Whoever changes them when the store has not heard of it yet changes the rows that have come, too.
    stage(&store, &changed, 'b', 0, &json!([["1"]]));
    appended(store.answer(Request::Append(last(&changed, 'b', 1, &json!([["2"]])))));
    let renamed = crate::store::tests::table('a', 2, vec![column("1", "b", ColumnType::Text)]);
    assert_eq!(
        rows(&store, &renamed, &format!("select b from {} order by b", renamed.id)),
        json!([["0"], ["1"], ["2"]])
    );
}

#[test]
fn no_query_sees_what_is_under_way() {
    let (store, table) = (Native::empty(), numbers());
    appended(store.answer(append(&table, &json!([[0, null]]))));
    stage(&store, &table, 'a', 0, &json!([[1, null]]));
    for sql in [format!("select * from {}", upload('a')), "select * from _upload".into()] {
        let answer = store.answer(query(std::slice::from_ref(&table), &sql));
        assert!(matches!(answer, Err(StoreError::Refused(_))), "{sql}: {answer:?}");
    }
}
