//! Corpora of statements, and what becomes of them on a real SQLite that holds two organizations' tables.
use super::{ConfinedSql, FUNCTIONS, Refusal};
use crate::store::{Column, ColumnType, Table};
use rusqlite::{Connection, StatementStatus};
use serde_json::{Value, json};

/// Of statements that are to be run, one a line.
pub const LEGITIMATE: &str = include_str!("corpus/legitimate.sql");
/// What another organization's rows hold, and nothing else.
pub const OTHERS: &str = "known to another alone";
pub const NOW: &str = "2026-01-02T03:04:05.678Z";

fn table(id: char, name: &str, columns: &[(&str, ColumnType)]) -> Table {
    let columns = columns.iter().map(|(name, r#type)| Column {
        id: (*name).into(),
        name: (*name).into(),
        r#type: *r#type,
        nullable: true,
    });
    let id = serde_json::from_value(json!(format!("ds_{id}{}", "0".repeat(31)))).unwrap();
    Table { id, name: name.into(), defined_at: NOW.parse().unwrap(), columns: columns.collect() }
}

/// What the organization has.
pub fn own() -> Vec<Table> {
    use ColumnType::{Boolean, Date, Decimal, Integer, Text};
    vec![
        table(
            'a',
            "sales",
            &[("day", Date), ("amount", Decimal), ("region", Text), ("customer", Integer), ("paid", Boolean)],
        ),
        table('c', "customers", &[("id", Integer), ("name", Text), ("region", Text)]),
        table('d', "Odd name", &[("Name with space", Text)]),
    ]
}

/// A database of its tables, and, if `shared`, another organization's in the same file.
pub fn database(shared: bool) -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "create table ds_a0000000000000000000000000000000 (day text, amount real, region text, customer integer, paid integer);
         insert into ds_a0000000000000000000000000000000 values ('2026-01-01', 10.5, 'north', 1, 1),
            ('2026-01-01', 20, 'south', 2, 0), ('2025-12-31', 5, 'north', 1, 1), ('2025-12-30', null, null, 3, null);
         create table ds_c0000000000000000000000000000000 (id integer, name text, region text);
         insert into ds_c0000000000000000000000000000000 values (1, 'Ada', 'north'), (2, 'Grace', 'east'), (3, null, null);
         create table ds_d0000000000000000000000000000000 (`Name with space` text);
         insert into ds_d0000000000000000000000000000000 values ('odd');",
    )
    .unwrap();
    if shared {
        db.execute_batch(&format!(
            "create table ds_b0000000000000000000000000000000 (token text); insert into ds_b0000000000000000000000000000000 values ('{OTHERS}');
             create table secrets (token text); insert into secrets values ('{OTHERS}');
             create table c1 (x text); insert into c1 values ('{OTHERS}');
             create table sales (amount text); insert into sales values ('{OTHERS}');
             create table ds_a0000000000000000000000000000000_1 (amount text); create table q_1 (amount text);",
        ))
        .unwrap();
    }
    db
}

pub fn confine(text: &str) -> Result<ConfinedSql, Refusal> {
    ConfinedSql::new(text, &own(), &[], NOW.parse().unwrap())
}

/// The rows, or the error, as text, and how many operations SQLite's machine took for it: what could be told from the time.
pub fn answer_and_steps(db: &Connection, text: &str) -> (String, i32) {
    let mut statement = match db.prepare(text) {
        Ok(statement) => statement,
        Err(error) => return (format!("error: {error}"), 0),
    };
    let rows = rows(&mut statement);
    let rows = rows.map_or_else(|error| format!("error: {error}"), |rows| rows.join("\n"));
    (rows, statement.get_status(StatementStatus::VmStep))
}

/// The rows, or the error, as text.
pub fn answer(db: &Connection, text: &str) -> String {
    answer_and_steps(db, text).0
}

fn rows(statement: &mut rusqlite::Statement<'_>) -> rusqlite::Result<Vec<String>> {
    // Escaped, as cells are: a column may be called by two lines, and a row is one.
    let names = format!("{:?}", statement.column_names().collect::<Vec<_>>());
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let cells = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at).map(|value| format!("{value:?}")));
        Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
    };
    let rows: Vec<_> = statement.query_map([], row)?.collect::<rusqlite::Result<_>>()?;
    Ok([vec![names], rows].concat())
}

#[test]
fn what_is_legitimate_is_printed_and_runs() {
    let db = database(true);
    let mut count = 0;
    for text in LEGITIMATE.lines() {
        let confined = confine(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        let answer = answer(&db, confined.text());
        assert!(!answer.starts_with("error"), "{text}\n{}\n{answer}", confined.text());
        assert!(!answer.contains(OTHERS), "{text}");
        count += 1;
    }
    assert!(count >= 60, "{count}");
}

#[test]
fn the_meaning_is_kept() {
    let db = database(false);
    db.execute_batch(
        "create temp view sales as select * from ds_a0000000000000000000000000000000;
         create temp view customers as select * from ds_c0000000000000000000000000000000;
         create temp view `Odd name` as select * from ds_d0000000000000000000000000000000;",
    )
    .unwrap();
    for text in LEGITIMATE.lines() {
        // SQLite takes the one for a circle, and its clock is another.
        if text.starts_with("with sales as") || text.contains("now") || text.contains("current") {
            continue;
        }
        let rows = |text: &str| answer(&db, text).split_once('\n').map(|(_, rows)| rows.to_owned());
        assert_eq!(rows(confine(text).unwrap().text()), rows(text), "{text}");
    }
}

#[test]
fn a_refusal_says_where_and_what_would_do() {
    for (text, says) in [
        ("select amont from sales", "line 1, column 8: there is no column amont; did you mean amount?"),
        ("select *\nfrom sale", "line 2, column 6: there is no dataset named sale; did you mean sales?"),
        ("select s.amont from sales s", "line 1, column 10: s has no column amont; did you mean amount?"),
        ("select t.amount from sales s", "line 1, column 8: no table in this FROM is called t; did you mean s?"),
        ("select suum(amount) from sales", "line 1, column 8: the function suum is not supported; did you mean sum?"),
        ("select * frm sales", "line 1, column 10: near \"frm\": syntax error"),
        (
            "select * from sales where region = \"north\"",
            "line 1, column 36: there is no column north; columns: day, amount, region, customer, paid; a text stands in single quotes",
        ),
    ] {
        assert_eq!(confine(text).unwrap_err().to_string(), says);
    }
    let none = ConfinedSql::new("select * from sales", &[], &[], NOW.parse().unwrap()).unwrap_err();
    assert_eq!(none.to_string(), "line 1, column 15: there is no dataset named sales; there are no datasets");
}

#[test]
fn the_result_has_names_and_types() {
    use ColumnType::{Boolean, Date, Decimal, Integer, Text};
    let text =
        "select day, sum(customer), avg(amount) as mean, count(*), upper(region), paid, amount > 1, x.* from sales,
        (select max(amount) top, 'a' || 1 from sales) x";
    let columns = confine(text).unwrap();
    let columns: Vec<_> = columns.columns().unwrap().iter().map(|c| (c.name.as_str(), c.r#type.unwrap())).collect();
    let expected = [
        ("day", Date),
        ("sum(customer)", Integer),
        ("mean", Decimal),
        ("count(*)", Integer),
        ("upper(region)", Text),
        ("paid", Boolean),
        ("amount > 1", Boolean),
        ("top", Decimal),
        ("'a' || 1", Text),
    ];
    assert_eq!(columns, expected);
}

#[test]
fn values_are_printed_as_what_they_are() {
    let params = [json!("it's"), json!(-3), json!(1.5), json!(true), Value::Null];
    let run = |text: &str| {
        let confined = ConfinedSql::new(text, &own(), &params, NOW.parse().unwrap()).unwrap();
        answer(&database(false), confined.text()).lines().last().unwrap().to_owned()
    };
    assert_eq!(run("select ?, ?, ?, ?, ?"), r#"Text("it's")|Integer(-3)|Real(1.5)|Integer(1)|Null"#);
    assert_eq!(run("select ?2, ?1"), r#"Integer(-3)|Text("it's")"#);
    assert_eq!(run("select 'x' like ?1"), "Integer(0)");
    let long = [json!("x".repeat(51))];
    assert!(ConfinedSql::new("select 'x' like ?", &own(), &long, NOW.parse().unwrap()).is_err());
    for bad in [json!([1]), json!({}), json!("a\0b")] {
        assert!(ConfinedSql::new("select ?", &own(), &[bad], NOW.parse().unwrap()).is_err());
    }
}

#[test]
fn the_present_is_the_requests() {
    let answered = |text: &str| answer(&database(false), confine(text).unwrap().text());
    let rows =
        answered("select date('now'), current_timestamp, datetime(), strftime('%Y', 'NOW', '-1 year'), current_time");
    assert!(rows.ends_with(r#"Text("2026-01-02")|Text("2026-01-02 03:04:05")|Text("2026-01-02 03:04:05")|Text("2025")|Text("03:04:05")"#), "{rows}");
    let rows = answered("select datetime('subsec'), strftime('%f', 'SubSecond', '-1 second')");
    assert!(rows.ends_with(r#"Text("2026-01-02 03:04:05.678")|Text("04.678")"#), "{rows}");
    // Made up as it runs, a word is no instant; whatever is one stays what it was.
    let rows = answered(
        "select date('n' || 'ow'), time((select 'subsec')), datetime(iif(amount > 0, 'NoW', 'now')) from sales limit 1",
    );
    assert!(rows.ends_with("Null|Null|Null"), "{rows}");
    let rows = answered(
        "select date(day), date(day || ''), julianday(day || ' 12:00'), datetime(julianday('2026-01-01 03:04:05.678')),
            datetime(1767323045 + customer * 0, 'unixepoch'), date(null || 'x') from sales limit 1",
    );
    let same = r#"Text("2026-01-01")|Text("2026-01-01")|Real(2461042.0)|Text("2026-01-01 03:04:05")|Text("2026-01-02 03:04:05")|Null"#;
    assert!(rows.ends_with(same), "{rows}");
    let now =
        ["now", "subsec"].map(|word| ConfinedSql::new("select date(?)", &own(), &[json!(word)], NOW.parse().unwrap()));
    assert!(now.into_iter().all(|sql| sql.unwrap().text().contains("2026-01-02")));
}

#[test]
fn every_function_is_known_to_the_engine() {
    let known = answer(&database(false), "select distinct name from pragma_function_list");
    for name in FUNCTIONS {
        assert!(known.contains(&format!("Text({name:?})")) || ["iif", "coalesce", "ifnull"].contains(name), "{name}");
    }
}
