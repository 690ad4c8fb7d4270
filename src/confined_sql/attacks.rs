//! The corpora of attacks, and what must become of each.
//!
//! A file of `corpus/attacks` is a class. A line that starts with `-- ` says what becomes of those below it: `refused` by
//! the guard, or `stopped` by the store that is asked to run it, in words that have these in them; or `answered`. Other
//! lines are statements; `\u{…}` in one is that character.
use super::{
    ConfinedSql, Refusal,
    tests::{OTHERS, answer_and_steps, confine, database},
    two::{self, ask},
};
use crate::store::StoreError;

/// What must become of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Refused(&'static str),
    Stopped(&'static str),
    Answered,
}

macro_rules! classes {
    ($($class:literal)+) => {
        const CLASSES: &[(&str, &str)] = &[$(($class, include_str!(concat!("corpus/attacks/", $class, ".sql")))),+];
    };
}

classes! {
    "other-schemas" "the-schema-itself" "tables-of-the-store" "other-organizations" "shadowing" "quoting" "comments"
    "unicode" "other-statements" "table-functions" "functions" "hidden-columns" "values" "oracles" "depth-and-size"
}

/// What would never end.
const ENDLESS: &str = include_str!("corpus/endless.sql");

fn statements(file: &'static str) -> Vec<(Fate, String)> {
    let mut fate = None;
    let mut found = vec![];
    for line in file.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("-- ") {
            None => found.push((fate.expect("a fate comes first"), unescaped(line))),
            Some("answered") => fate = Some(Fate::Answered),
            Some(says) => match says.split_once(": ") {
                Some(("refused", words)) => fate = Some(Fate::Refused(words)),
                Some(("stopped", words)) => fate = Some(Fate::Stopped(words)),
                _ => assert!(fate.is_none(), "{line}"),
            },
        }
    }
    found
}

fn unescaped(line: &str) -> String {
    let mut parts = line.split("\\u{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap();
        text.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        text.push_str(rest);
    }
    text
}

/// Every attack of every class.
pub fn attacks() -> impl Iterator<Item = (Fate, String)> {
    CLASSES.iter().flat_map(|(_, file)| statements(file))
}

fn is_refused(confined: &Result<ConfinedSql, Refusal>, words: &str, text: &str) {
    match confined {
        Ok(confined) => panic!("{text}\nbecame {}", confined.text()),
        Err(refusal) => assert!(refusal.to_string().contains(words), "{text}: {refusal}"),
    }
}

#[test]
fn there_are_many_attacks_and_none_twice() {
    let mut all: Vec<_> = attacks().map(|(_, text)| text).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
    assert!(count >= 1100, "{count}");
    assert!(CLASSES.iter().all(|(_, file)| statements(file).len() >= 30));
}

#[test]
fn every_attack_meets_its_fate_and_another_organization_makes_no_difference() {
    let (two, alone, shared) = (two::small(), database(false), database(true));
    for (fate, text) in attacks() {
        let confined = confine(&text);
        if let Fate::Refused(words) = fate {
            is_refused(&confined, words, &text);
            continue;
        }
        let confined = confined.unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        let (ours, theirs) = (ask(&two.alone, &confined), ask(&two.shared, &confined));
        assert_eq!(ours, theirs, "{text}\n{}", confined.text());
        match (fate, &ours) {
            (Fate::Stopped(words), Err(StoreError::Refused(why))) => assert!(why.contains(words), "{text}: {why}"),
            (Fate::Answered, Ok(_)) => {}
            _ => panic!("{text}: {ours:?}"),
        }
        // The guard alone, without the gate.
        let (ours, theirs) = (answer_and_steps(&alone, confined.text()), answer_and_steps(&shared, confined.text()));
        assert_eq!(ours, theirs, "{text}\n{}", confined.text());
        assert!(!format!("{theirs:?}").contains(OTHERS), "{text}");
    }
}

/// Nothing could stop one that had started: this test would not end.
#[test]
fn what_would_never_end_does_not_start() {
    let two = two::crowded();
    let all = statements(ENDLESS);
    assert!(all.len() >= 100, "{}", all.len());
    for (fate, text) in all {
        match (fate, confine(&text)) {
            (Fate::Refused(words), confined) => is_refused(&confined, words, &text),
            (Fate::Stopped(words), Ok(confined)) => match ask(&two.alone, &confined) {
                Err(StoreError::Refused(why)) => assert!(why.contains(words), "{text}: {why}"),
                other => panic!("{text}: {other:?}"),
            },
            other => panic!("{text}: {other:?}"),
        }
    }
}
