//! Queries: what stands around expressions.
use super::{
    Refusal, ResultColumn, name,
    printer::{Printed, Printer, Scope, Shape, Source, Tally},
};
use sqlite3_parser::ast::{
    As, CommonTableExpr, CompoundOperator, Distinctness, FromClause, JoinConstraint, JoinOperator, JoinType, Limit,
    Materialized, NullsOrder, OneSelect, ResultColumn as Column, Select, SelectTable, SortOrder, SortedColumn, With,
};

/// SQLite as Cloudflare runs it compounds no more.
const MAX_COMPOUNDS: usize = 5;

impl Printer<'_> {
    pub fn select(&mut self, select: &Select<'_>) -> Printed<Shape> {
        self.deeper(|printer| printer.select_here(select))
    }

    fn select_here(&mut self, select: &Select<'_>) -> Printed<Shape> {
        let (ctes, outer) = (self.ctes.len(), std::mem::take(&mut self.tally));
        if let Some(with) = &select.with {
            self.with(with)?;
        }
        self.scopes.push(Scope::default());
        let mut shape = self.one(&select.body.select)?;
        let compounds = select.body.compounds.as_deref().unwrap_or_default();
        if compounds.len() >= MAX_COMPOUNDS {
            return Err(Refusal::anywhere(format!("combines more than {MAX_COMPOUNDS} SELECTs")));
        }
        let mut sources = vec![];
        for compound in compounds {
            self.put(match compound.operator {
                CompoundOperator::Union => " UNION ",
                CompoundOperator::UnionAll => " UNION ALL ",
                CompoundOperator::Except => " EXCEPT ",
                CompoundOperator::Intersect => " INTERSECT ",
            });
            sources.extend(self.scopes.pop().unwrap_or_default().sources);
            self.scopes.push(Scope::default());
            let next = self.one(&compound.select)?;
            shape.weight = shape.weight.max(next.weight);
            shape.columns = shape.columns.map(|columns| alike(columns, next.columns.as_deref()));
        }
        if !compounds.is_empty() {
            // ORDER BY may mean a column of any of them.
            sources.extend(self.scopes.pop().unwrap_or_default().sources);
            self.scopes.push(Scope { sources, is_open: true, ..Scope::default() });
        }
        self.order_by(select.order_by)?;
        if let Some(limit) = select.limit {
            self.limit(limit)?;
        }
        shape.nodes = self.within_nodes(shape.nodes.saturating_add(self.weigh(self.tally)))?;
        self.scopes.pop();
        self.ctes.truncate(ctes);
        self.tally = outer;
        Ok(shape)
    }

    fn with(&mut self, with: &With<'_>) -> Printed<()> {
        if with.recursive {
            return self.refuse("recursive", "recursive queries are not run: nothing could stop one");
        }
        self.put("WITH ");
        self.list(with.ctes, |printer, cte| printer.cte(cte))?;
        self.put(" ");
        Ok(())
    }

    fn cte(&mut self, cte: &CommonTableExpr<'_>) -> Printed<()> {
        let before = self.references();
        // Its own name is not in reach within it, so that it cannot call itself.
        let (mut shape, body) = self.captured(|printer| printer.select(cte.select))?;
        let names: Vec<String> =
            cte.columns.unwrap_or_default().iter().map(|column| name::unquoted(column.col_name.0)).collect();
        if !names.is_empty() {
            let known = shape.columns.unwrap_or_default().into_iter().map(|column| column.r#type);
            let types = known.chain(std::iter::repeat(None));
            shape.columns =
                Some(names.iter().cloned().zip(types).map(|(name, r#type)| ResultColumn { name, r#type }).collect());
        }
        let references = self.references() - before;
        let printed = self.declare(&name::unquoted(cte.tbl_name.0), shape, references);
        self.put(&printed);
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(|column| name::quoted(column)).collect();
            self.put(&format!("({})", names.join(", ")));
        }
        self.put(match cte.materialized {
            Materialized::Any => " AS (",
            Materialized::Yes => " AS MATERIALIZED (",
            Materialized::No => " AS NOT MATERIALIZED (",
        });
        self.put(&body);
        self.put(")");
        Ok(())
    }

    /// Prints one SELECT in the scope that stands ready, and leaves its names there.
    fn one(&mut self, select: &OneSelect<'_>) -> Printed<Shape> {
        let from = match select {
            OneSelect::Select { from: Some(from), .. } => Some(self.captured(|printer| printer.from(from))?.1),
            _ => None,
        };
        self.one_over(select, from)
    }

    /// The same over a FROM that is printed, and whose tables are in the scope.
    pub fn one_over(&mut self, select: &OneSelect<'_>, from: Option<String>) -> Printed<Shape> {
        let OneSelect::Select { distinctness, columns, where_clause, group_by, having, window_clause, .. } = select
        else {
            return self.refuse("values", "VALUES is not supported; write `select 1, 2 union all select 3, 4`");
        };
        self.put(match distinctness {
            Some(Distinctness::Distinct) => "SELECT DISTINCT ",
            _ => "SELECT ",
        });
        let mut shape = Shape { columns: Some(vec![]), weight: 1, nodes: 0 };
        self.list(columns, |printer, column| printer.result_column(column, &mut shape))?;
        if let Some(scope) = self.scopes.last_mut() {
            scope.aliases = shape.columns.clone().unwrap_or_default();
        }
        if let Some(from) = from {
            self.put(" FROM ");
            self.put(&from);
        }
        if let Some(filter) = where_clause {
            self.put(" WHERE ");
            self.expr(filter)?;
        }
        if let Some(group_by) = group_by {
            self.put(" GROUP BY ");
            self.list(group_by, |printer, expr| printer.expr(expr).map(drop))?;
        }
        if let Some(having) = having {
            self.put(" HAVING ");
            self.expr(having)?;
        }
        if let Some(windows) = window_clause {
            self.put(" WINDOW ");
            self.list(windows, |printer, window| {
                printer.put_name(window.name.0);
                printer.put(" AS ");
                printer.window(&window.window)
            })?;
        }
        let sources = self
            .scopes
            .last()
            .map_or(0, |scope| scope.sources.iter().fold(0_u64, |sum, source| sum.saturating_add(source.shape.nodes)));
        shape.nodes = self.within_nodes(sources)?;
        Ok(shape)
    }

    fn result_column(&mut self, column: &Column<'_>, shape: &mut Shape) -> Printed<()> {
        let before = std::mem::take(&mut self.tally);
        let added = match column {
            Column::Star => {
                if self.scopes.last().is_none_or(|scope| scope.sources.is_empty()) {
                    return self.refuse("*", "a * stands for the columns of a FROM, and there is none");
                }
                self.put("*");
                let scope = self.scopes.last();
                let of = |source: &Source| source.shape.columns.clone();
                let columns =
                    scope.filter(|scope| !scope.merges).and_then(|scope| scope.sources.iter().map(of).collect());
                shape.weight = shape.weight.max(scope.map_or(1, Scope::weight));
                columns.map(|columns: Vec<_>| columns.concat())
            }
            Column::TableStar(table) => {
                let called = name::unquoted(table.0);
                let scope = self.scopes.last();
                shape.weight = shape.weight.max(scope.map_or(1, Scope::weight));
                let source = scope.and_then(|scope| scope.sources.iter().find(|s| name::same(&s.called, &called)));
                let Some(Source { printed, shape, .. }) = source else {
                    return self.refuse(table.0, format!("no table in this FROM is called {called}"));
                };
                let (printed, columns) = (printed.clone(), shape.columns.clone());
                self.put(&printed);
                self.put(".*");
                columns
            }
            Column::Expr(expr, alias) => {
                let r#type = self.expr(expr)?;
                let name = match alias {
                    Some(As::As(alias) | As::Elided(alias)) => name::unquoted(alias.0),
                    None => self.column_name(expr)?,
                };
                self.put(" AS ");
                self.put(&name::quoted(&name));
                shape.weight = shape.weight.max(self.weigh(self.tally));
                Some(vec![ResultColumn { name, r#type }])
            }
        };
        shape.columns = shape.columns.take().zip(added).map(|(all, added)| [all, added].concat());
        self.tally = Tally {
            nodes: before.nodes + self.tally.nodes + 1,
            columns: before.columns + self.tally.columns,
            inner: before.inner.saturating_add(self.tally.inner),
        };
        Ok(())
    }

    /// `sum(amount)` is called `sum(amount)`, as SQLite would call it of the text that was written.
    fn column_name(&mut self, expr: &sqlite3_parser::ast::Expr<'_>) -> Printed<String> {
        use sqlite3_parser::ast::Expr;
        if let Expr::Id(sqlite3_parser::ast::Id(name)) | Expr::Name(sqlite3_parser::ast::Name(name)) = expr {
            return Ok(name::unquoted(name));
        }
        if let Expr::Qualified(_, column) = expr {
            return Ok(name::unquoted(column.0));
        }
        let tally = self.tally;
        self.is_plain = true;
        let printed = self.captured(|printer| printer.expr(expr));
        self.is_plain = false;
        self.tally = tally;
        Ok(printed?.1.chars().take(100).collect())
    }

    /// Prints the tables of a FROM, and adds them to the innermost scope.
    fn from(&mut self, from: &FromClause<'_>) -> Printed<()> {
        let joins = from.joins.as_deref().unwrap_or_default();
        let mut printed = vec![];
        for table in from.select.into_iter().chain(joins.iter().map(|join| &join.table)) {
            printed.push(self.captured(|printer| printer.table(table))?.1);
        }
        let mut printed = printed.iter();
        printed.next().into_iter().for_each(|first| self.out.push_str(first));
        for (join, table) in joins.iter().zip(printed) {
            let operator = self.join(join.operator);
            self.put(&operator);
            self.put(table);
            match &join.constraint {
                None => {}
                Some(JoinConstraint::On(on)) => {
                    self.put(" ON ");
                    self.expr(on)?;
                }
                Some(JoinConstraint::Using(names)) => {
                    self.merge();
                    let names: Vec<_> = names.iter().map(|name| name::quoted(&name::unquoted(name.0))).collect();
                    self.put(&format!(" USING ({})", names.join(", ")));
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.merges = true;
        }
    }

    fn join(&mut self, operator: JoinOperator) -> String {
        let JoinOperator::TypedJoin(kind) = operator else { return ", ".into() };
        let kind = kind.unwrap_or(JoinType::INNER);
        if kind.contains(JoinType::NATURAL) {
            self.merge();
        }
        let words = [
            (kind.contains(JoinType::NATURAL), "NATURAL"),
            (kind.contains(JoinType::LEFT | JoinType::RIGHT), "FULL"),
            (kind.contains(JoinType::LEFT) && !kind.contains(JoinType::RIGHT), "LEFT"),
            (kind.contains(JoinType::RIGHT) && !kind.contains(JoinType::LEFT), "RIGHT"),
            (kind.contains(JoinType::CROSS), "CROSS"),
        ];
        let words = words.iter().filter(|(is, _)| *is).map(|(_, word)| format!(" {word}"));
        format!("{} JOIN ", words.collect::<String>())
    }

    fn table(&mut self, table: &SelectTable<'_>) -> Printed<()> {
        match table {
            SelectTable::Table(table, alias, None) => {
                if let Some(schema) = &table.db_name {
                    return self.refuse(schema.0, "a dataset is named alone, without a schema");
                }
                let (of, shape) = self.resolve(table.name.0)?;
                self.put(&of);
                self.called(alias.as_ref(), Some(table.name.0), &of, shape)
            }
            SelectTable::Table(..) => self.refuse("indexed", "INDEXED BY is not supported"),
            SelectTable::TableCall(table, ..) => {
                self.refuse(table.name.0, format!("{} is no dataset: table functions are not supported", table.name.0))
            }
            SelectTable::Select(select, alias) => {
                self.put("(");
                let shape = self.select(select)?;
                self.put(")");
                self.called(alias.as_ref(), None, "q", shape)
            }
            SelectTable::Sub(from, None) => self.deeper(|printer| {
                printer.put("(");
                printer.from(from)?;
                printer.put(")");
                Ok(())
            }),
            SelectTable::Sub(..) => Err(Refusal::anywhere("a join in parentheses takes no name; name its tables")),
        }
    }

    /// Prints the name of a table of the FROM, and adds it to the innermost scope as what it is called: its own name if
    /// it has no other.
    pub fn called(&mut self, alias: Option<&As<'_>>, own: Option<&str>, of: &str, shape: Shape) -> Printed<()> {
        let written = alias.map(|(As::As(alias) | As::Elided(alias))| alias.0).or(own);
        let called = written.map(name::unquoted).unwrap_or_default();
        let printed = self.source_name(of);
        self.put(" AS ");
        self.put(&printed);
        let Some(scope) = self.scopes.last_mut() else { return Ok(()) };
        if let Some(written) = written
            && scope.sources.iter().any(|source| name::same(&source.called, &called))
        {
            let problem = format!(
                "two tables of this FROM are called {called}; give one another name, as in `from {called} other`"
            );
            return self.refuse(written, problem);
        }
        scope.sources.push(Source { called, printed, shape });
        Ok(())
    }

    pub fn order_by(&mut self, columns: Option<&[SortedColumn<'_>]>) -> Printed<()> {
        let Some(columns) = columns else { return Ok(()) };
        self.put(" ORDER BY ");
        self.list(columns, |printer, column| {
            printer.expr(&column.expr)?;
            printer.put(match column.order {
                Some(SortOrder::Asc) => " ASC",
                Some(SortOrder::Desc) => " DESC",
                None => "",
            });
            printer.put(match column.nulls {
                Some(NullsOrder::First) => " NULLS FIRST",
                Some(NullsOrder::Last) => " NULLS LAST",
                None => "",
            });
            Ok(())
        })
    }

    fn limit(&mut self, limit: &Limit<'_>) -> Printed<()> {
        self.put(" LIMIT ");
        let (taken, skipped) = match &limit.offset {
            Some(second) if self.commas => (second, Some(&limit.expr)),
            offset => (&limit.expr, offset.as_ref()),
        };
        self.expr(taken)?;
        if let Some(skipped) = skipped {
            self.offsets += 1;
            self.put(" OFFSET ");
            self.expr(skipped)?;
        }
        Ok(())
    }
}

/// The columns of two SELECTs in one: a type counts if both have it.
fn alike(columns: Vec<ResultColumn>, next: Option<&[ResultColumn]>) -> Vec<ResultColumn> {
    let next = next.unwrap_or_default().iter().map(|column| column.r#type).chain(std::iter::repeat(None));
    let both = |(column, next): (ResultColumn, Option<_>)| ResultColumn {
        r#type: column.r#type.filter(|t| Some(*t) == next),
        ..column
    };
    columns.into_iter().zip(next).map(both).collect()
}
