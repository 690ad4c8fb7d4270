//! The printer: a tree of SQLite's grammar in, the text of a confined SELECT out.
use super::{
    Around, ConfinedSql, MAX_PARAMS, Refusal, ResultColumn, name,
    refusal::{self, hint},
};
use crate::{
    store::{ColumnType, Table},
    time::Timestamp,
};
use serde_json::Value;
use sqlite3_parser::{
    Bump, FallibleIterator,
    ast::{Cmd, Stmt},
    lexer::sql::Parser,
};
use std::collections::BTreeSet;

/// How deep expressions and queries may nest. SQLite refuses an expression of depth 100.
const MAX_DEPTH: usize = 50;
/// How many nodes the engine may have to hold once it has put every subquery in the place of its name. It does so before
/// anything can stop it, and each of a few nested subqueries can multiply the last.
const MAX_NODES: u64 = 50_000;
/// How many tables may be named, those within a table expression counted each time that it is.
const MAX_REFERENCES: u64 = 40;
/// The longest text that is printed: what the engine takes.
const MAX_PRINTED: usize = 100_000;

pub type Printed<T> = Result<T, Refusal>;

/// Parses `text` and prints it confined to `tables`, with what is to stand around it.
pub fn print(
    text: &str,
    tables: &[Table],
    params: &[Value],
    now: Timestamp,
    around: Option<&Around>,
) -> Printed<ConfinedSql> {
    if text.contains('\0') {
        return Err(Refusal::anywhere("has a NUL character"));
    }
    if params.len() > MAX_PARAMS {
        return Err(Refusal::anywhere(format!("has {} parameters, and may have {MAX_PARAMS}", params.len())));
    }
    let bump = Bump::new();
    let mut parser = Parser::new(&bump, text.as_bytes());
    let statement = match parser.next().map_err(|error| Refusal::syntax(text, &error))? {
        Some(Cmd::Stmt(Stmt::Select(select))) => select,
        Some(Cmd::Stmt(_)) => {
            return Err(Refusal::anywhere("only a SELECT is run; datasets are changed by their own operations"));
        }
        Some(_) => return Err(Refusal::anywhere("EXPLAIN is not run; write the SELECT alone")),
        None => return Err(Refusal::anywhere("there is no statement; write a SELECT")),
    };
    if !matches!(parser.next(), Ok(None)) {
        return Err(Refusal::anywhere("there is more than one statement; write one SELECT"));
    }
    let mut printer = Printer::new(text, tables, params, now);
    // The parser gives `limit 1, 2` as it gives `limit 1 offset 2`, which is something else: the words tell them apart.
    let offsets = refusal::offsets(text);
    printer.commas = offsets == 0;
    let shape = match around {
        Some(around) => printer.around(statement, around)?,
        None => printer.select(statement)?,
    };
    if printer.offsets > 0 && !printer.commas && printer.offsets != offsets {
        return Err(Refusal::at(text, "limit", "write `limit n offset m`, and put a column named offset in quotes"));
    }
    if printer.out.len() > MAX_PRINTED {
        return Err(Refusal::anywhere("is too long"));
    }
    let used = printer.used.iter().filter_map(|at| tables.get(*at)).map(|table| table.id.clone());
    Ok(ConfinedSql { text: printer.out.clone(), tables: used.collect(), columns: shape.columns })
}

/// What is known of a query's result.
#[derive(Clone, Default)]
pub struct Shape {
    /// Its columns, if they are known.
    pub columns: Option<Vec<ResultColumn>>,
    /// The nodes of its heaviest column, with every subquery put in its place.
    pub weight: u64,
    /// The nodes of all of it, likewise.
    pub nodes: u64,
}

/// What a FROM names.
pub struct Source {
    pub called: String,
    /// The name that it is printed under: one of ours, which says what it is, and is given once in a statement.
    pub printed: String,
    pub shape: Shape,
}

/// The names that an expression may use.
#[derive(Default)]
pub struct Scope {
    pub sources: Vec<Source>,
    /// What the result's columns are called.
    pub aliases: Vec<ResultColumn>,
    /// Whether an unqualified name may mean a column that is not known here.
    pub is_open: bool,
    /// Whether a join makes one column of two.
    pub merges: bool,
}

impl Scope {
    pub fn weight(&self) -> u64 {
        self.sources.iter().map(|source| source.shape.weight).max().unwrap_or(1)
    }
}

/// A table expression that may be named.
pub struct Cte {
    pub called: String,
    pub printed: String,
    pub shape: Shape,
    pub references: u64,
}

/// What an expression is made of.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    /// Its own nodes.
    pub nodes: u64,
    /// Those that are columns.
    pub columns: u64,
    /// The nodes of the queries in it.
    pub inner: u64,
}

pub struct Printer<'a> {
    pub text: &'a str,
    tables: &'a [Table],
    pub params: &'a [Value],
    pub next_param: usize,
    pub now: Timestamp,
    pub out: String,
    pub ctes: Vec<Cte>,
    cte_count: usize,
    source_count: usize,
    pub scopes: Vec<Scope>,
    used: BTreeSet<usize>,
    depth: usize,
    references: u64,
    /// How many LIMITs have an offset.
    pub offsets: usize,
    /// Whether they are written `limit skipped, taken`.
    pub commas: bool,
    pub tally: Tally,
    /// Whether an expression is printed to name a column: as it was written.
    pub is_plain: bool,
}

impl<'a> Printer<'a> {
    fn new(text: &'a str, tables: &'a [Table], params: &'a [Value], now: Timestamp) -> Self {
        Self {
            text,
            tables,
            params,
            next_param: 0,
            now,
            out: String::new(),
            ctes: vec![],
            cte_count: 0,
            source_count: 0,
            scopes: vec![],
            used: BTreeSet::new(),
            depth: 0,
            references: 0,
            offsets: 0,
            commas: false,
            tally: Tally::default(),
            is_plain: false,
        }
    }

    pub fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A name in backticks; or, where a column is named by its expression, as it was written.
    pub fn put_name(&mut self, written: &str) {
        let name = if self.is_plain { written.to_owned() } else { name::quoted(&name::unquoted(written)) };
        self.put(&name);
    }

    /// What `print` prints.
    pub fn captured<T>(&mut self, print: impl FnOnce(&mut Self) -> Printed<T>) -> Printed<(T, String)> {
        let before = std::mem::take(&mut self.out);
        let done = print(self);
        let printed = std::mem::replace(&mut self.out, before);
        Ok((done?, printed))
    }

    /// Prints each, with commas between.
    pub fn list<T>(&mut self, items: &[T], mut print: impl FnMut(&mut Self, &T) -> Printed<()>) -> Printed<()> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.put(", ");
            }
            print(self, item)?;
        }
        Ok(())
    }

    /// One step deeper.
    pub fn deeper<T>(&mut self, print: impl FnOnce(&mut Self) -> Printed<T>) -> Printed<T> {
        if self.depth >= MAX_DEPTH {
            let hint = "nests too deep; write `x in (…)` for many alternatives, or take the query apart";
            return Err(Refusal::anywhere(hint));
        }
        self.depth += 1;
        let done = print(self);
        self.depth -= 1;
        done
    }

    pub fn refuse<T>(&self, word: &str, problem: impl Into<String>) -> Printed<T> {
        Err(Refusal::at(self.text, word, problem))
    }

    /// The nodes of an expression, every column of it put in its place.
    pub fn weigh(&self, tally: Tally) -> u64 {
        let of_column = self.scopes.iter().map(Scope::weight).max().unwrap_or(1);
        tally.nodes.saturating_add(tally.columns.saturating_mul(of_column)).saturating_add(tally.inner)
    }

    pub fn within_nodes(&self, nodes: u64) -> Printed<u64> {
        if nodes > MAX_NODES {
            return Err(Refusal::anywhere(
                "is too large once each subquery stands where it is named; use fewer of them",
            ));
        }
        Ok(nodes)
    }

    fn refer(&mut self, references: u64) -> Printed<()> {
        self.references = self.references.saturating_add(references);
        if self.references > MAX_REFERENCES {
            return Err(Refusal::anywhere(format!(
                "names more than {MAX_REFERENCES} tables, those within a WITH counted each time that it is named"
            )));
        }
        Ok(())
    }

    /// Declares a table expression under a name of our own, so that it hides no table.
    pub fn declare(&mut self, called: &str, shape: Shape, references: u64) -> String {
        self.cte_count += 1;
        let printed = format!("c{}", self.cte_count);
        self.ctes.push(Cte { called: called.to_owned(), printed: printed.clone(), shape, references });
        printed
    }

    /// A name for a table of a FROM, which nothing else in the statement has: `store::cost` reads from it what it is.
    pub fn source_name(&mut self, of: &str) -> String {
        self.source_count += 1;
        format!("{of}_{}", self.source_count)
    }

    pub fn references(&self) -> u64 {
        self.references
    }

    /// The printed name of a table or table expression, and what its rows look like.
    pub fn resolve(&mut self, written: &str) -> Printed<(String, Shape)> {
        let wanted = name::unquoted(written);
        if let Some(cte) = self.ctes.iter().rev().find(|cte| name::same(&cte.called, &wanted)) {
            let (found, references) = ((cte.printed.clone(), cte.shape.clone()), cte.references);
            self.refer(references.saturating_add(1))?;
            return Ok(found);
        }
        self.refer(1)?;
        let Some(at) = self.tables.iter().position(|table| name::same(&table.name, &wanted)) else {
            let known =
                self.ctes.iter().map(|cte| cte.called.as_str()).chain(self.tables.iter().map(|t| t.name.as_str()));
            let known = hint(&wanted, "datasets", known);
            return self.refuse(written, format!("there is no dataset named {wanted}{known}"));
        };
        self.used.insert(at);
        let Some(table) = self.tables.get(at) else { return self.refuse(written, "there is no such dataset") };
        let column =
            |column: &crate::store::Column| ResultColumn { name: column.name.clone(), r#type: Some(column.r#type) };
        let columns = table.columns.iter().map(column).collect();
        Ok((table.id.to_string(), Shape { columns: Some(columns), weight: 1, nodes: 1 }))
    }

    /// The type of a column, if it is known. The engine decides what the name means; here it is refused if no table in
    /// reach has it.
    pub fn column(&self, written: &str) -> Printed<Option<ColumnType>> {
        self.unqualified(written, &name::unquoted(written))
    }

    /// The printed name of the table that `qualifier` means, and the type of its column.
    pub fn qualified(&self, qualifier: &str, written: &str) -> Printed<(String, Option<ColumnType>)> {
        let (of, wanted) = (name::unquoted(qualifier), &name::unquoted(written));
        let mut sources = self.scopes.iter().rev().flat_map(|scope| &scope.sources);
        let Some(source) = sources.find(|source| name::same(&source.called, &of)) else {
            let known = self.scopes.iter().flat_map(|scope| &scope.sources).map(|source| source.called.as_str());
            return self
                .refuse(qualifier, format!("no table in this FROM is called {of}{}", hint(&of, "tables", known)));
        };
        let Some(columns) = &source.shape.columns else { return Ok((source.printed.clone(), None)) };
        match columns.iter().find(|column| name::same(&column.name, wanted)) {
            Some(column) => Ok((source.printed.clone(), column.r#type)),
            None => {
                let known = hint(wanted, "columns", columns.iter().map(|column| column.name.as_str()));
                self.refuse(written, format!("{of} has no column {wanted}{known}"))
            }
        }
    }

    fn unqualified(&self, written: &str, wanted: &str) -> Printed<Option<ColumnType>> {
        for scope in self.scopes.iter().rev() {
            let columns = scope.sources.iter().filter_map(|source| source.shape.columns.as_ref()).flatten();
            if let Some(column) = columns.chain(&scope.aliases).find(|column| name::same(&column.name, wanted)) {
                return Ok(column.r#type);
            }
            if scope.is_open || scope.sources.iter().any(|source| source.shape.columns.is_none()) {
                return Ok(None);
            }
        }
        let columns = self.scopes.iter().flat_map(|scope| &scope.sources).filter_map(|s| s.shape.columns.as_ref());
        let known = hint(wanted, "columns", columns.flatten().map(|column| column.name.as_str()));
        let text = if written.starts_with('"') { "; a text stands in single quotes" } else { "" };
        self.refuse(written, format!("there is no column {wanted}{known}{text}"))
    }
}
