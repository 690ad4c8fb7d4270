//! Answers of a while ago, kept for who asks the same of the same rows.
//!
//! A cache is one organization's own, and lives in the memory of its object. An answer is found by the statement, its limits
//! and the version of each dataset that it reads, and a version never comes back: once rows have changed, what was answered
//! before is not found any more.
use super::{Answer, Query, definition::Known};
use crate::id::Id;
use sha2::{Digest, Sha256};
use std::cell::RefCell;

/// The most that is kept, in bytes of rows: many organizations' objects may share 128 MB.
const MAX_BYTES: usize = 4_000_000;
/// The largest answer that is kept.
const MAX_ANSWER: usize = 1_000_000;
/// The most answers.
const MAX_ANSWERS: usize = 128;

/// What an answer is found by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// Of a query over tables as they are now.
    pub fn of(query: &Query, tables: &[Known]) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("{} {} {} ", query.max_rows, query.max_bytes, tables.len()));
        for Known { table, version, .. } in tables {
            hash.update(format!("{} {version} ", table.id.as_str()));
        }
        hash.update(&query.sql);
        Self(hash.finalize().into())
    }
}

/// The answers, the one that was asked for last at the end.
#[derive(Default)]
pub struct Cache(RefCell<Vec<(Key, Answer)>>);

impl Cache {
    /// What was answered; no row was read for it now.
    pub fn get(&self, key: Key) -> Option<Answer> {
        let mut kept = self.0.borrow_mut();
        let at = kept.iter().position(|(of, _)| *of == key)?;
        let found = kept.remove(at);
        let mut answer = found.1.clone();
        kept.push(found);
        answer.selected.rows_read = 0;
        Some(answer)
    }

    /// Keeps an answer, and lets go of those that no one has asked for longest.
    pub fn put(&self, key: Key, answer: &Answer) {
        if answer.selected.rows.len() > MAX_ANSWER {
            return;
        }
        let mut kept = self.0.borrow_mut();
        kept.push((key, answer.clone()));
        let mut bytes: usize = kept.iter().map(|(_, answer)| answer.selected.rows.len()).sum();
        let mut gone = 0;
        for (_, answer) in kept.iter() {
            if bytes <= MAX_BYTES && kept.len() - gone <= MAX_ANSWERS {
                break;
            }
            bytes -= answer.selected.rows.len();
            gone += 1;
        }
        kept.drain(..gone);
    }

    /// Forgets all of them.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Selected;

    fn key(number: u8) -> Key {
        Key([number; 32])
    }

    fn answer(bytes: usize) -> Answer {
        let selected = Selected { rows: "x".repeat(bytes), rows_read: 9, ..Selected::default() };
        Answer { selected, versions: vec![] }
    }

    #[test]
    fn an_answer_is_found_by_its_key_and_read_no_row() {
        let cache = Cache::default();
        cache.put(key(1), &answer(5));
        let found = cache.get(key(1)).unwrap();
        assert_eq!((found.selected.rows.as_str(), found.selected.rows_read), ("xxxxx", 0));
        assert!(cache.get(key(2)).is_none());
        cache.clear();
        assert!(cache.get(key(1)).is_none());
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let cache = Cache::default();
        for number in 0..=254 {
            cache.put(key(number), &answer(1));
            cache.get(key(0)).unwrap();
        }
        let kept = (0..=254).filter(|number| cache.get(key(*number)).is_some()).count();
        assert_eq!(kept, MAX_ANSWERS);
        for number in 0..5 {
            cache.put(key(number), &answer(MAX_ANSWER));
        }
        let bytes: usize = cache.0.borrow().iter().map(|(_, answer)| answer.selected.rows.len()).sum();
        assert!(bytes <= MAX_BYTES, "{bytes}");
        assert!(cache.get(key(4)).is_some());
        cache.put(key(200), &answer(MAX_ANSWER + 1));
        assert!(cache.get(key(200)).is_none(), "too large to keep");
    }
}
