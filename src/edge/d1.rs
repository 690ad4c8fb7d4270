//! The port to the database, over D1.
use super::deadline::within;
use crate::db::{Bind, Rows, Sql, SqlError, Statement};
use futures_util::future::LocalBoxFuture;
use std::time::Duration;
use worker::{D1Database, wasm_bindgen::JsValue};

/// D1, with a deadline for each call.
pub struct D1 {
    database: D1Database,
    timeout: Duration,
}

impl D1 {
    pub fn new(database: D1Database, timeout_ms: u32) -> Self {
        Self { database, timeout: Duration::from_millis(timeout_ms.into()) }
    }

    async fn within_deadline(&self, statements: &[Statement]) -> Result<Vec<Rows>, SqlError> {
        let done = within(self.timeout, self.run(statements)).await.ok_or(SqlError::TimedOut)?;
        done.map_err(|error| SqlError::from_message(&message(&error)))
    }

    async fn run(&self, statements: &[Statement]) -> worker::Result<Vec<Rows>> {
        let prepare =
            |s: &Statement| self.database.prepare(s.text()).bind(&s.binds().iter().map(js).collect::<Vec<_>>());
        let prepared = statements.iter().map(prepare).collect::<worker::Result<_>>()?;
        let rows = |done: worker::D1Result| {
            let changed = done.meta()?.and_then(|meta| meta.changes).unwrap_or(0);
            Ok(Rows { changed: changed as u64, rows: done.results()? })
        };
        self.database.batch(prepared).await?.into_iter().map(rows).collect()
    }
}

impl Sql for D1 {
    /// What only reads is tried once more when D1 is unavailable for a moment.
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, SqlError>> {
        Box::pin(async move {
            match self.within_deadline(&statements).await {
                Err(SqlError::Unavailable(_)) if statements.iter().all(Statement::is_read) => {
                    self.within_deadline(&statements).await
                }
                done => done,
            }
        })
    }
}

/// D1 takes no BigInt: an integer goes as a number, exact to 2^53.
#[expect(clippy::cast_precision_loss, reason = "D1 has no other integer; ours are counts and flags")]
fn js(bind: &Bind) -> JsValue {
    match bind {
        Bind::Null => JsValue::NULL,
        Bind::Integer(integer) => JsValue::from_f64(*integer as f64),
        Bind::Real(real) => JsValue::from_f64(*real),
        Bind::Text(text) => JsValue::from_str(text),
    }
}

/// The text of an error. `D1Error`'s own `Display` throws, `cause` does not.
fn message(error: &worker::Error) -> String {
    match error {
        worker::Error::D1(error) => error.cause(),
        worker::Error::UnknownJsError { message, .. } => message.clone(),
        other => other.to_string(),
    }
}
