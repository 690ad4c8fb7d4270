//! Non-interference: what a statement answers over an organization's data does not depend on another's in the same file.
//!
//! `npm run fuzz:isolation -- --statements 1000000 --seed 7` for a longer run; a failure prints the statement and the seed.
use super::{
    ConfinedSql,
    attacks::attacks,
    tests::{LEGITIMATE, OTHERS, answer, answer_and_steps, confine, database, own},
    two::{self, Two, ask},
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use rusqlite::Connection;
use sqlite3_parser::lexer::{Scanner, sql::Tokenizer};

/// What a statement names, most often.
const OWN_TABLES: &[&str] = &["sales", "sales", "[sales]", "\"sales\""];
const OWN_COLUMNS: &[&str] =
    &["amount", "x.region", "day", "customer", "x.amount", "paid", "1", "null", "'a'", "true", "-2.5", "'north'"];
/// What it tries now and then: what is not its own, or not a name at all.
const OTHER_TABLES: &[&str] = &[
    "customers",
    "\"Odd name\"",
    "x",
    "y",
    "secrets",
    "main.sales",
    "c1",
    "c2",
    "sqlite_schema",
    "ds_b0000000000000000000000000000000",
    "ds_a0000000000000000000000000000000",
    "main.secrets",
    "'secrets'",
    "pragma_table_list",
    "json_each('[1]')",
    "temp.secrets",
    "`secrets`",
];
const OTHER_COLUMNS: &[&str] = &[
    "sales.region",
    "region",
    "y.region",
    "y.name",
    "token",
    "secrets.token",
    "rowid",
    "\"region\"",
    "'region'",
    "*",
    "x.*",
    "?1",
    "main.sales.amount",
    "sql",
];

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(words).prop_map(str::to_owned)
}

fn table() -> impl Strategy<Value = String> {
    prop_oneof![30 => one_of(OWN_TABLES), 1 => one_of(OTHER_TABLES)]
}

fn column() -> impl Strategy<Value = String> {
    prop_oneof![60 => one_of(OWN_COLUMNS), 1 => one_of(OTHER_COLUMNS)]
}

fn expr() -> impl Strategy<Value = String> {
    column().prop_recursive(2, 6, 2, |inner| {
        let functions = prop_oneof![
            20 => one_of(&["sum", "count", "max", "min", "avg", "upper", "abs", "length", "group_concat", "typeof", "date"]),
            1 => one_of(&["hex", "load_extension", "coalesce", "row_number", "zeroblob", "quote"])
        ];
        let operators = prop_oneof![
            20 => one_of(&["+", "=", "<", "and", "or", "||", "is", "is not", "*", "-", "/", ">="]),
            1 => one_of(&["->", "collate", "regexp", "in"])
        ];
        prop_oneof![
            (inner.clone(), operators, inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (functions, inner.clone()).prop_map(|(name, arg)| format!("{name}({arg})")),
            inner.clone().prop_map(|a| format!("({a})")),
            (inner.clone(), table()).prop_map(|(a, table)| format!("(select {a} from {table} limit 1)")),
            (inner.clone(), table()).prop_map(|(a, table)| format!("exists (select {a} from {table})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("case when {a} then {b} end")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("sum({a}) over (order by {b})")),
        ]
    })
}

fn statement() -> impl Strategy<Value = String> {
    let source = |called: &'static [&'static str]| {
        let others = one_of(&["", " x", " as y", " secrets", " sales", " as \"main\""]);
        (table(), prop_oneof![12 => one_of(called), 1 => others]).prop_map(|(table, alias)| table + &alias)
    };
    let joined = prop_oneof![4 => one_of(&["customers y", "(select id, name from customers) y"]), 1 => source(&[" y"])];
    let select = (
        expr(),
        expr(),
        source(&[" x"]),
        prop::option::of((one_of(&[", ", " join ", " left join ", " natural join "]), joined)),
        prop::option::of(expr()),
        prop::option::of(expr()),
        prop::option::of(expr()),
    )
        .prop_map(|(a, b, from, join, filter, group, order)| {
            let part =
                |word: &str, expr: Option<String>| expr.map(|expr| format!(" {word} {expr}")).unwrap_or_default();
            let join = join.map(|(kind, table)| kind + &table).unwrap_or_default();
            format!(
                "select {a}, {b} from {from}{join}{}{}{} limit 50",
                part("where", filter),
                part("group by", group),
                part("order by", order)
            )
        });
    select.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), one_of(&["union", "union all", "except", "intersect"]))
                .prop_map(|(a, b, op)| format!("select * from ({a}) {op} select * from ({b})")),
            (
                inner.clone(),
                inner.clone(),
                one_of(&["x", "sales", "secrets", "c1", "ds_b0000000000000000000000000000000"])
            )
                .prop_map(|(a, b, name)| format!("with {name} as ({a}) {b}")),
            inner.clone().prop_map(|a| format!("select * from ({a}) x")),
            (
                inner,
                one_of(&["; ", " -- ", " /* ", "; drop table sales; ", " union select token, 1 from secrets", "\0"])
            )
                .prop_map(|(a, tail)| a + &tail),
        ]
    })
}

/// The words of a statement.
fn words(text: &str) -> Vec<String> {
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut words = vec![];
    while let Ok((_, Some((word, _)), _)) = scanner.scan(text.as_bytes()) {
        words.push(String::from_utf8_lossy(word).into_owned());
    }
    words
}

/// One statement of the corpora with some of its words replaced by some of another.
fn spliced() -> impl Strategy<Value = String> {
    let all: Vec<_> = attacks().map(|(_, text)| text).chain(LEGITIMATE.lines().map(str::to_owned)).collect();
    let all: Vec<_> = all.iter().map(|text| words(text)).filter(|words| (1..60).contains(&words.len())).collect();
    let legitimate: Vec<_> = LEGITIMATE.lines().map(words).collect();
    let places = (any::<prop::sample::Index>(), 0..4_usize, any::<prop::sample::Index>(), 0..6_usize);
    (prop::sample::select(legitimate), prop::sample::select(all), places).prop_map(|(into, from, places)| {
        let (at, cut, taken_at, taken) = places;
        let (at, taken_at) = (at.index(into.len()), taken_at.index(from.len()));
        let rest = into.iter().skip(at + cut);
        let words: Vec<_> =
            into.iter().take(at).chain(from.iter().skip(taken_at).take(taken)).chain(rest).cloned().collect();
        words.join(" ")
    })
}

/// The organization's data under the names that people use, to see that the guard changes no meaning.
fn plain() -> Connection {
    let db = database(false);
    for table in own() {
        db.execute_batch(&format!("alter table {} rename to `{}`", table.id, table.name)).unwrap();
    }
    db
}

/// The rows, if they are no error and do not depend on the clock.
fn rows_of(db: &Connection, text: &str) -> Option<String> {
    let is_timeless = !["now", "current", "date", "time", "day"].iter().any(|word| text.to_lowercase().contains(word));
    answer(db, text).split_once('\n').filter(|_| is_timeless).map(|(_, rows)| rows.to_owned())
}

/// Databases of all kinds, and what became of the statements.
struct Proof {
    two: Two,
    alone: Connection,
    shared: Connection,
    plain: Connection,
    passed: u32,
    answered: u32,
    compared: u32,
}

impl Proof {
    fn new() -> Self {
        let (alone, shared) = (database(false), database(true));
        Self { two: two::small(), alone, shared, plain: plain(), passed: 0, answered: 0, compared: 0 }
    }

    fn of(&mut self, text: &str, confined: &ConfinedSql) -> Result<(), TestCaseError> {
        self.passed += 1;
        // The guard alone: the same rows or error, in as many operations of SQLite's machine.
        let ours = answer_and_steps(&self.alone, confined.text());
        let theirs = answer_and_steps(&self.shared, confined.text());
        prop_assert!(!theirs.0.contains(OTHERS), "{text}\n{}\n{}", confined.text(), theirs.0);
        prop_assert_eq!(&ours, &theirs, "{}\n{}", text, confined.text());
        // The store: the same columns, types, rows, versions or refusal.
        let (alone, shared) = (ask(&self.two.alone, confined), ask(&self.two.shared, confined));
        self.answered += u32::from(alone.is_ok());
        prop_assert_eq!(alone, shared, "{}\n{}", text, confined.text());
        // What SQLite itself makes of the text.
        if let (Some(plain), Some(ours)) = (rows_of(&self.plain, text), rows_of(&self.alone, confined.text())) {
            self.compared += 1;
            prop_assert_eq!(plain, ours, "{}\n{}", text, confined.text());
        }
        Ok(())
    }
}

fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().map_or(default, |value| value.parse().unwrap())
}

#[test]
fn what_a_statement_answers_never_depends_on_anothers_data() {
    let (statements, seed) = (number("FUZZ_STATEMENTS", 20_000), number("FUZZ_SEED", 1));
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner =
        TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::with_cases(statements) }, rng);
    let proof = std::cell::RefCell::new(Proof::new());
    runner
        .run(&prop_oneof![2 => statement(), 1 => spliced()], |text| match confine(&text) {
            Ok(confined) => proof.borrow_mut().of(&text, &confined),
            Err(_) => Ok(()),
        })
        .unwrap_or_else(|error| panic!("FUZZ_STATEMENTS={statements} FUZZ_SEED={seed}: {error}"));
    let Proof { passed, answered, compared, .. } = proof.into_inner();
    println!(
        "{statements} statements of seed {seed}: {passed} passed the guard, {answered} were answered, {compared} of them \
         compared with what SQLite makes of them as they were written"
    );
    assert!(answered > statements / 10, "too few of the statements mean anything: {answered}");
}

#[test]
fn nor_does_what_legitimate_statements_answer() {
    let mut proof = Proof::new();
    for text in LEGITIMATE.lines() {
        // SQLite takes `with sales as (select … from sales)` for a circle.
        proof.of(text, &confine(text).unwrap()).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text_is_printed_or_refused(text in "\\PC{0,80}|select \\PC{0,60}|[a-z(),.*'\"`\\[\\]; 0-9+=<>|-]{0,80}") {
        let _ = confine(&text);
    }
}
