//! Non-interference: what a statement answers over an organization's data does not depend on another's in the same file.
//!
//! `FUZZ_STATEMENTS=1000000 FUZZ_SEED=7 cargo test --release --lib fuzz` for a longer run; a failure prints the statement.
use super::{
    ConfinedSql,
    tests::{LEGITIMATE, answer, confine, database},
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// What a statement names, most often.
const OWN_TABLES: &[&str] = &["sales", "sales", "[sales]", "\"sales\""];
const OWN_COLUMNS: &[&str] = &["amount", "region", "day", "customer", "1", "null", "'a'", "true"];
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
    "x.amount",
    "y.region",
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
        let functions =
            &["sum", "count", "max", "upper", "coalesce", "length", "group_concat", "hex", "load_extension", "date"];
        prop_oneof![
            (inner.clone(), one_of(&["+", "=", "<", "and", "or", "||", "is", "is not", "*", "->"]), inner.clone())
                .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (one_of(functions), inner.clone()).prop_map(|(name, arg)| format!("{name}({arg})")),
            inner.clone().prop_map(|a| format!("({a})")),
            (inner.clone(), table()).prop_map(|(a, table)| format!("(select {a} from {table} limit 1)")),
            (inner.clone(), table()).prop_map(|(a, table)| format!("exists (select {a} from {table})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("case when {a} then {b} end")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("sum({a}) over (order by {b})")),
        ]
    })
}

fn statement() -> impl Strategy<Value = String> {
    let source = || {
        (table(), one_of(&["", "", "", " x", " as y", " secrets", " sales", " as \"main\""]))
            .prop_map(|(table, alias)| table + &alias)
    };
    let select = (
        expr(),
        expr(),
        source(),
        prop::option::of((one_of(&[", ", " join ", " left join ", " natural join "]), source())),
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
                inner.clone(),
                one_of(&["; ", " -- ", " /* ", "; drop table sales; ", " union select token, 1 from secrets", "\0"])
            )
                .prop_map(|(a, tail)| a + &tail),
        ]
    })
}

fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().map_or(default, |value| value.parse().unwrap())
}

#[test]
fn what_a_statement_answers_never_depends_on_anothers_data() {
    let (alone, shared) = (database(false), database(true));
    let (statements, seed) = (number("FUZZ_STATEMENTS", 20_000), number("FUZZ_SEED", 1));
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner =
        TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::with_cases(statements) }, rng);
    let counts = std::cell::Cell::new((0_u32, 0_u32));
    runner
        .run(&statement(), |text| {
            let Ok(confined) = confine(&text) else { return Ok(()) };
            let (alone, shared) = (answer(&alone, confined.text()), answer(&shared, confined.text()));
            counts.update(|(ran, answered)| (ran + 1, answered + u32::from(!alone.starts_with("error"))));
            prop_assert!(!shared.contains("secret\""), "{text}\n{}\n{shared}", confined.text());
            prop_assert_eq!(alone, shared, "{}", text);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("FUZZ_SEED={seed}: {error}"));
    let (ran, answered) = counts.get();
    println!("{statements} statements of seed {seed}: {ran} passed the guard, {answered} were answered");
    assert!(answered > statements / 10, "too few of the statements mean anything: {answered}");
}

#[test]
fn nor_does_what_the_corpora_answer() {
    let (alone, shared) = (database(false), database(true));
    let confined = LEGITIMATE.lines().filter_map(|text| confine(text).ok());
    confined.for_each(|sql: ConfinedSql| assert_eq!(answer(&alone, sql.text()), answer(&shared, sql.text())));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text_is_printed_or_refused(text in "\\PC{0,80}|select \\PC{0,60}|[a-z(),.*'\"`\\[\\]; 0-9+=<>|-]{0,80}") {
        let _ = confine(&text);
    }
}
