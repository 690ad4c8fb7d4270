//! How often a client may ask, counted as Better Auth counts.
//!
//! Source: Better Auth 1.7.25, `decideConsume` (wire spec §4.6).
use crate::{Result, time::Timestamp};
use futures_util::future::LocalBoxFuture;
use std::{fmt, str::FromStr};

/// So many requests, none of them longer than a window after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The window, in seconds.
    pub window_s: u32,
    /// How many.
    pub max: u32,
}

/// What has been allowed of late. Its text is `<requests> <milliseconds since 1970>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    requests: u32,
    last_at: Timestamp,
}

impl Rule {
    /// The count with a request of now. Each request that is allowed begins the window anew; one that is not, does not.
    ///
    /// # Errors
    /// The seconds to wait, if it is one too many.
    pub fn take(self, before: Option<Count>, now: Timestamp) -> Result<Count, u32> {
        let first = Count { requests: 1, last_at: now };
        let Some(before) = before else { return Ok(first) };
        let left_ms = before.last_at.plus_s(self.window_s.into()).unix_ms() - now.unix_ms();
        if left_ms <= 0 {
            Ok(first)
        } else if before.requests < self.max {
            Ok(Count { requests: before.requests + 1, last_at: now })
        } else {
            Err(u32::try_from((left_ms + 999) / 1000).unwrap_or(u32::MAX))
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.requests, self.last_at.unix_ms())
    }
}

impl FromStr for Count {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (requests, last_ms) = text.split_once(' ').ok_or(())?;
        let last_at = Timestamp::from_unix_ms(last_ms.parse().map_err(drop)?);
        Ok(Self { requests: requests.parse().map_err(drop)?, last_at })
    }
}

/// The port to what counts, for all isolates together: the check and the count are one step.
pub trait RateLimiter {
    /// Counts a request of the client in one of his buckets: the seconds to wait if it is one too many. Buckets are
    /// few: none is named by what a client sends.
    fn take(&self, client: &str, bucket: &str, rule: Rule) -> LocalBoxFuture<'_, Result<Option<u32>>>;
}

/// The port to what counts the requests of API keys, fast and roughly: each of the platform's locations by itself.
pub trait KeyLimiter {
    /// Counts a request with a key of that hash: whether it is let through.
    fn admits<'a>(&'a self, key_hash: &'a str) -> LocalBoxFuture<'a, Result<bool>>;
}

/// A port that lets so many requests of each key through, for tests.
#[cfg(test)]
pub struct AdmitsFirst {
    /// how many
    pub max: usize,
    /// the keys of those that were counted
    pub counted: std::cell::RefCell<Vec<String>>,
}

#[cfg(test)]
impl KeyLimiter for AdmitsFirst {
    fn admits<'a>(&'a self, key_hash: &'a str) -> LocalBoxFuture<'a, Result<bool>> {
        self.counted.borrow_mut().push(key_hash.to_owned());
        let count = self.counted.borrow().iter().filter(|counted| *counted == key_hash).count();
        Box::pin(std::future::ready(Ok(count <= self.max)))
    }
}

/// The port, in memory, for tests.
#[cfg(test)]
pub struct InMemory {
    counts: std::cell::RefCell<std::collections::BTreeMap<(String, String), Count>>,
    /// The limiter's own clock.
    pub now: std::cell::Cell<Timestamp>,
}

#[cfg(test)]
impl InMemory {
    /// With no counts yet.
    pub fn new(now: Timestamp) -> Self {
        Self { counts: Default::default(), now: now.into() }
    }

    /// How many counts it keeps.
    pub fn kept(&self) -> usize {
        self.counts.borrow().len()
    }
}

#[cfg(test)]
impl RateLimiter for InMemory {
    fn take(&self, client: &str, bucket: &str, rule: Rule) -> LocalBoxFuture<'_, Result<Option<u32>>> {
        let (mut counts, key) = (self.counts.borrow_mut(), (client.to_owned(), bucket.to_owned()));
        let taken = rule.take(counts.get(&key).copied(), self.now.get());
        let wait_s = taken.err();
        counts.extend(taken.ok().map(|count| (key, count)));
        Box::pin(std::future::ready(Ok(wait_s)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: Rule = Rule { window_s: 10, max: 3 };

    /// The reference's own: neither a fixed window nor a sliding one.
    #[test]
    fn a_request_counts_while_each_is_within_a_window_of_the_one_before() {
        let mut count = None;
        for (at_ms, expected) in [
            (0, Ok(())),
            (9_000, Ok(())),
            (18_000, Ok(())),
            // Three, though the first is out of the window: the wait is from the last that was allowed.
            (27_000, Err(1)),
            (27_001, Err(1)),
            (27_999, Err(1)),
            (28_000, Ok(())),
            (28_000, Ok(())),
            (28_000, Ok(())),
            (28_000, Err(10)),
            (28_001, Err(10)),
        ] {
            let taken = RULE.take(count, Timestamp::from_unix_ms(at_ms));
            count = taken.ok().or(count);
            assert_eq!(taken.map(drop), expected, "{at_ms}");
        }
    }

    proptest! {
        #[test]
        fn no_more_than_the_rule_allows_within_any_window(steps in prop::collection::vec(0_i64..12_000, 1..60)) {
            let (mut now, mut count, mut allowed) = (0, None, vec![]);
            for step in steps {
                now += step;
                if let Ok(taken) = RULE.take(count, Timestamp::from_unix_ms(now)) {
                    count = Some(taken.to_string().parse().unwrap());
                    allowed.push(now);
                }
            }
            for (i, from) in allowed.iter().enumerate() {
                prop_assert!(allowed[i..].iter().filter(|at| **at < from + 10_000).count() <= 3 + 2, "{allowed:?}");
            }
            for four in allowed.windows(4) {
                prop_assert!(four[3] - four[0] >= 10_000, "{allowed:?}");
            }
        }
    }
}
