//! What goes wrong: a seed decides, and the same seed decides the same.
use crate::{
    db::{Rows, Sql, SqlError, Statement, sqlite::Sqlite},
    fetch::{Fetch, FetchError, Incoming, Outgoing},
    mail::{Mail, Mailer},
};
use futures_util::future::{LocalBoxFuture, ready};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::poll_fn,
    rc::Rc,
    task::Poll,
};

/// Numbers that a seed decides. Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
#[derive(Clone)]
pub struct Dice(Rc<Cell<u64>>);

impl Dice {
    pub fn of(seed: u64) -> Self {
        Self(Rc::new(Cell::new(seed)))
    }

    pub fn below(&self, limit: u64) -> u64 {
        self.0.set(self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut z = self.0.get();
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    pub fn is_one_in(&self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn one_of<T: Copy>(&self, these: &[T]) -> T {
        these[usize::try_from(self.below(these.len() as u64)).unwrap()]
    }
}

/// Is not ready the first time that it is asked: others go first, and whoever waits here may die here.
async fn others_first() {
    let mut has_waited = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        // Whoever waits for many at once asks only those again that say so.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A database that lets others go first, and fails now and then: before a batch, or after it took effect.
pub struct Faulty {
    pub db: Rc<Sqlite>,
    pub dice: Dice,
    pub one_in: Cell<u64>,
}

impl Sql for Faulty {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, SqlError>> {
        Box::pin(async move {
            others_first().await;
            let fails = || self.one_in.get() > 0 && self.dice.is_one_in(self.one_in.get());
            if fails() {
                return Err(SqlError::Unavailable("a fault of the simulation".into()));
            }
            let done = self.db.batch(statements).await;
            others_first().await;
            if fails() { Err(SqlError::TimedOut) } else { done }
        })
    }
}

/// Whoever is told: receivers of webhooks, and the provider of mails. They refuse now and then, answer too late, and are
/// given what they have taken again.
pub struct Receivers {
    pub dice: Dice,
    pub one_in: Cell<u64>,
    /// How often each message was taken, by its id and URL.
    pub taken: RefCell<BTreeMap<(String, String), u32>>,
    /// How many mails were taken.
    pub mails: Cell<u64>,
}

impl Receivers {
    fn fails(&self) -> bool {
        self.one_in.get() > 0 && self.dice.is_one_in(self.one_in.get())
    }
}

impl Fetch for Receivers {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        Box::pin(async move {
            others_first().await;
            if self.fails() {
                return Err(FetchError::Failed("a fault of the simulation".into()));
            }
            let id = request.headers.iter().find(|(name, _)| *name == "webhook-id").map(|(_, id)| id.clone()).unwrap();
            *self.taken.borrow_mut().entry((id, request.url)).or_default() += 1;
            others_first().await;
            if self.fails() {
                return Err(FetchError::TimedOut);
            }
            Ok(Incoming { status: if self.fails() { 503 } else { 204 }, body: vec![] })
        })
    }
}

impl Mailer for Receivers {
    fn send(&self, _: Mail) {}

    fn deliver(&self, _: Mail) -> LocalBoxFuture<'_, Result<(), String>> {
        if self.fails() {
            return Box::pin(ready(Err("a fault of the simulation".into())));
        }
        self.mails.set(self.mails.get() + 1);
        Box::pin(ready(Ok(())))
    }
}
