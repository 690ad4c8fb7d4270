//! The port to the database over SQLite in memory, with the real migrations: D1's engine, natively, for tests.
use super::{Bind, Rows, Sql, SqlError, Statement};
use futures_util::future::LocalBoxFuture;
use rusqlite::{Connection, config::DbConfig, types::Value};
use std::{
    cell::{Cell, RefCell},
    path::Path,
};

/// A database.
pub struct Sqlite {
    connection: RefCell<Connection>,
    /// How many batches have run: round trips, were it D1.
    pub calls: Cell<usize>,
}

impl Sqlite {
    /// With every migration applied, in order.
    pub fn migrated() -> Self {
        let empty = Self::empty();
        for migration in migrations() {
            empty.execute(&std::fs::read_to_string(&migration).unwrap()).unwrap();
        }
        empty
    }

    /// Without a table.
    pub fn empty() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("pragma foreign_keys = on").unwrap();
        // Preparing a statement takes longer than running it: all are kept, with a plan that no value of a parameter changes.
        connection.set_prepared_statement_cache_capacity(1000);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).unwrap();
        Self { connection: connection.into(), calls: Cell::new(0) }
    }

    /// Runs a script, as a person at a prompt would.
    pub fn execute(&self, script: &str) -> rusqlite::Result<()> {
        self.connection.borrow().execute_batch(script)
    }

    /// Rows of one statement, each joined by `|`; its parameters are null.
    pub fn query(&self, text: &str) -> Vec<String> {
        let connection = self.connection.borrow();
        let mut statement = connection.prepare(text).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let cells = (0..columns).map(|i| row.get(i).map(cell));
            Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
        };
        statement.raw_query().mapped(row).map(Result::unwrap).collect()
    }

    /// Everything in it but the audit log, which also grows by what is refused: to see that nothing has changed.
    pub fn dump(&self) -> Vec<String> {
        let tables = self.query(
            "select name from sqlite_schema
             where type = 'table' and name not like 'sqlite_%' and name <> 'audit_event' order by 1",
        );
        let rows = |table: &String| self.query(&format!("select '{table}', * from \"{table}\" order by 1, 2"));
        tables.iter().flat_map(rows).collect()
    }
}

/// The files in `migrations/`, in order.
pub fn migrations() -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "sql")).collect();
    files.sort();
    files
}

fn cell(value: Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Integer(integer) => integer.to_string(),
        Value::Real(real) => real.to_string(),
        Value::Text(text) => text,
        Value::Blob(_) => "blob".into(),
    }
}

impl Sql for Sqlite {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, SqlError>> {
        self.calls.set(self.calls.get() + 1);
        let done = self.transaction(&statements).map_err(|error| SqlError::from_message(&error.to_string()));
        Box::pin(std::future::ready(done))
    }
}

impl Sqlite {
    fn transaction(&self, statements: &[Statement]) -> rusqlite::Result<Vec<Rows>> {
        let mut connection = self.connection.borrow_mut();
        let transaction = connection.transaction()?;
        let done = statements.iter().map(|statement| run(&transaction, statement)).collect::<rusqlite::Result<_>>()?;
        transaction.commit()?;
        Ok(done)
    }
}

fn run(connection: &Connection, statement: &Statement) -> rusqlite::Result<Rows> {
    let mut prepared = connection.prepare_cached(statement.text())?;
    let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    let row = |row: &rusqlite::Row<'_>| {
        let field = |(i, name): (usize, &String)| Ok((name.clone(), json(row.get(i)?)));
        names.iter().enumerate().map(field).collect()
    };
    let before = connection.total_changes();
    // As D1 does: every number is bound as a float.
    #[expect(clippy::cast_precision_loss, reason = "D1's own")]
    let binds = statement.binds().iter().map(|bind| match bind {
        Bind::Null => Value::Null,
        Bind::Integer(integer) => Value::Real(*integer as f64),
        Bind::Real(real) => Value::Real(*real),
        Bind::Text(text) => Value::Text(text.clone()),
    });
    let rows = prepared.query_map(rusqlite::params_from_iter(binds), row)?.collect::<rusqlite::Result<_>>()?;
    drop(prepared);
    Ok(Rows { rows, changed: connection.total_changes() - before })
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(integer) => integer.into(),
        Value::Real(real) => real.into(),
        Value::Text(text) => text.into(),
        Value::Blob(_) => panic!("no table has a blob"),
    }
}
