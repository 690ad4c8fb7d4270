//! The stores over SQLite in memory, natively, for tests.
use super::{Engine, Reply, Request, Selected, StoreError, Stored, Stores, cache::Cache, engine::Seen};
use crate::{
    db::Bind,
    id::{Id, OrgId},
};
use futures_util::future::LocalBoxFuture;
use rusqlite::{Connection, limits::Limit, types::Value};
use serde_json::Value as Json;
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

/// One organization's SQLite, with the limits that Cloudflare sets.
pub struct Native(Connection, Cache);

impl Native {
    /// An empty one.
    pub fn empty() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
            (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
            (Limit::SQLITE_LIMIT_COLUMN, 100),
            (Limit::SQLITE_LIMIT_LENGTH, 2_200_000),
        ] {
            connection.set_limit(limit, value).unwrap();
        }
        Self(connection, Cache::default())
    }

    /// Answers a request as the object does: all of it, or nothing.
    pub fn answer(&self, request: Request) -> Stored<Reply> {
        self.within(|| super::answer(self, request))
    }

    /// Does the work within a transaction, and rolls back what fails.
    pub fn within(&self, work: impl FnOnce() -> Stored<Reply>) -> Stored<Reply> {
        self.0.execute_batch("begin").unwrap();
        let reply = work();
        self.0.execute_batch(if reply.is_ok() { "commit" } else { "rollback" }).unwrap();
        reply
    }

    /// Everything in it, to see that nothing has changed.
    pub fn dump(&self) -> Vec<String> {
        let tables = self.run("select name from sqlite_schema where type = 'table' order by 1", &[]).unwrap();
        let rows = |table: Vec<Json>| {
            let table = table[0].as_str().unwrap().to_owned();
            let rows = self.run(&format!("select * from `{table}`"), &[]).unwrap();
            rows.into_iter().map(move |row| format!("{table} {row:?}"))
        };
        tables.into_iter().flat_map(rows).collect()
    }

    fn rows(&self, sql: &str, binds: &[Bind]) -> rusqlite::Result<Vec<Vec<Json>>> {
        let mut prepared = self.0.prepare_cached(sql)?;
        let columns = prepared.column_count();
        #[expect(clippy::cast_precision_loss, reason = "as a Durable Object binds it")]
        let binds = binds.iter().map(|bind| match bind {
            Bind::Null => Value::Null,
            Bind::Integer(integer) => Value::Real(*integer as f64),
            Bind::Real(real) => Value::Real(*real),
            Bind::Text(text) => Value::Text(text.clone()),
        });
        let row = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at).map(json)).collect();
        prepared.query_map(rusqlite::params_from_iter(binds), row)?.collect()
    }

    fn selected(&self, sql: &str, max_rows: usize, max_bytes: usize) -> rusqlite::Result<Selected> {
        let mut prepared = self.0.prepare_cached(sql)?;
        let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
        let (mut seen, mut written, mut is_truncated) = (vec![Seen::default(); names.len()], vec![], false);
        let (mut rows, mut bytes) = (prepared.query([])?, 0);
        while let Some(row) = rows.next()? {
            let cells: Vec<Json> = (0..names.len()).map(|at| row.get(at).map(json)).collect::<rusqlite::Result<_>>()?;
            let text = serde_json::to_string(&cells).unwrap();
            if written.len() == max_rows || bytes + text.len() > max_bytes {
                is_truncated = true;
                break;
            }
            for (seen, cell) in seen.iter_mut().zip(&cells) {
                match cell {
                    Json::Number(number) => seen.number(number.as_f64().unwrap()),
                    Json::String(_) => seen.text(),
                    _ => {}
                }
            }
            bytes += text.len();
            written.push(text);
        }
        let types = seen.into_iter().map(Seen::r#type).collect();
        Ok(Selected {
            names,
            types,
            count: written.len(),
            rows: format!("[{}]", written.join(",")),
            is_truncated,
            rows_read: 0,
        })
    }
}

fn json(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(integer) => integer.into(),
        Value::Real(real) => real.into(),
        Value::Text(text) => text.into(),
        Value::Blob(_) => panic!("no value is binary"),
    }
}

/// SQLite's words, as the runtime gives them.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => format!("{msg} at offset {offset}"),
        other => other.to_string(),
    }
}

impl Engine for Native {
    fn run(&self, sql: &str, binds: &[Bind]) -> Stored<Vec<Vec<Json>>> {
        self.rows(sql, binds).map_err(|error| StoreError::Failed(words(&error)))
    }

    fn select(&self, sql: &str, max_rows: usize, max_bytes: usize) -> Stored<Selected> {
        self.selected(sql, max_rows, max_bytes).map_err(|error| StoreError::Refused(words(&error)))
    }

    fn cache(&self) -> &Cache {
        &self.1
    }

    fn size_bytes(&self) -> u64 {
        self.rows("select (page_count - freelist_count) * page_size from pragma_page_count, pragma_freelist_count, pragma_page_size", &[]).unwrap()[0][0]
            .as_u64()
            .unwrap()
    }
}

/// Every organization's.
#[derive(Default)]
pub struct NativeStores {
    stores: RefCell<HashMap<String, Rc<Native>>>,
    /// How many calls were made.
    pub calls: Cell<usize>,
    failing: Cell<usize>,
    before_next: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl NativeStores {
    /// Has so many calls fail, from the next one on.
    pub fn fail_next(&self, calls: usize) {
        self.failing.set(calls);
    }

    /// Does something just before the next call.
    pub fn before_next(&self, what: impl FnOnce() + 'static) {
        *self.before_next.borrow_mut() = Some(Box::new(what));
    }

    /// An organization's own.
    pub fn of(&self, organization: &str) -> Rc<Native> {
        self.stores.borrow_mut().entry(organization.to_owned()).or_insert_with(|| Rc::new(Native::empty())).clone()
    }
}

impl Stores for NativeStores {
    fn ask(&self, organization: &OrgId, request: Request) -> LocalBoxFuture<'_, Stored<Reply>> {
        self.calls.set(self.calls.get() + 1);
        let before = self.before_next.borrow_mut().take();
        if let Some(before) = before {
            before();
        }
        if let Some(left) = self.failing.get().checked_sub(1) {
            self.failing.set(left);
            return Box::pin(std::future::ready(Err(StoreError::Failed("a fault that a test asked for".into()))));
        }
        // As it crosses to the object and back.
        let request = serde_json::from_str(&serde_json::to_string(&request).unwrap()).unwrap();
        let reply = self.of(organization.as_str()).answer(request);
        let reply: Stored<Reply> = serde_json::from_str(&serde_json::to_string(&reply).unwrap()).unwrap();
        Box::pin(std::future::ready(reply))
    }
}
