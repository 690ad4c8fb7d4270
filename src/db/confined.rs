//! What may a statement reach? Asked of every one of ours, in tests, of its parse tree by SQLite's own grammar.
//!
//! Only the tables named here are reached, whatever else the database has. A table is confined to the organization if its own `t.org_id = ?1` is among the conditions that must all hold, or, of
//! an inserted row, if `?1` is its `org_id`. What is not understood is refused.
use sqlite3_parser::{
    Bump, FallibleIterator,
    ast::{
        As, Cmd, CompoundSelect, Expr, FromClause, FunctionCallOrder, FunctionTail, InsertBody, JoinConstraint,
        JoinOperator, JoinType, Name, OneSelect, Operator, Over, QualifiedName, ResultColumn, Select, SelectTable,
        Stmt, UpsertDo, Window,
    },
    lexer::sql::Parser,
};

/// The tables of organizations' rows. Each has `org_id`, so a bare `org_id` is the innermost table's own.
pub const ORG_TABLES: &[&str] = &[
    "agent_entry",
    "agent_thread",
    "api_key",
    "approval",
    "audit_anchor",
    "audit_event",
    "automation",
    "automation_run",
    "dashboard",
    "dataset",
    "delivery",
    "email_recipient",
    "notice",
    "oauth_grant",
    "oauth_token",
    "organization_setting",
    "webhook_secret",
    "widget",
];

/// What the gate reads of organizations' rows: credentials, which say which organization they are for, and are looked up
/// before one is known; the ends of audit logs; and what is due, for one clock ticks for all organizations' automations, and
/// for how long its runs are kept.
const GATE_TABLES: &[&str] = &[
    "api_key",
    "audit_event",
    "automation",
    "automation_run",
    "delivery",
    "oauth_grant",
    "oauth_token",
    "organization_setting",
];

/// What the sender of deliveries reaches, of every organization.
const OUTBOX_TABLES: &[&str] =
    &["delivery", "email_recipient", "notice", "webhook_secret", "organization", "member", "user"];

/// The tables that belong to no single organization.
pub const IDENTITY_TABLES: &[&str] = &[
    "account",
    "deleted_organization",
    "invitation",
    "member",
    "oauth_client",
    "organization",
    "organizationrole",
    "ratelimit",
    "session",
    "team",
    "teammember",
    "user",
    "verification",
];

/// Refuses a statement that may reach more than one organization's rows.
///
/// # Errors
/// Why, in words.
pub fn is_the_organizations(text: &str) -> Result<(), String> {
    let walk = walk(text)?;
    if walk.renames {
        return Err("calls another value org_id".into());
    }
    if walk.upserts {
        return Err("updates on conflict".into());
    }
    walk.uses.into_iter().try_for_each(|(table, confined)| match confined {
        _ if !ORG_TABLES.contains(&table.as_str()) => Err(format!("{table} is no table of organizations' rows")),
        false => Err(format!("{table} is not confined to the organization")),
        true => Ok(()),
    })
}

/// Refuses a statement that may reach more than the identity tables.
///
/// # Errors
/// Why, in words.
pub fn is_identitys(text: &str) -> Result<(), String> {
    reaches_only(text, |table| IDENTITY_TABLES.contains(&table))
}

/// Refuses a statement of the engine that may reach more than one organization's automations, their runs, and what those have
/// to tell.
///
/// # Errors
/// Why, in words.
pub fn is_the_engines(text: &str) -> Result<(), String> {
    is_the_organizations(text)?;
    reaches_only(text, |table| matches!(table, "automation" | "automation_run" | "notice" | "delivery"))
}

/// Refuses a statement of the gate, or of what makes credentials for it, that may reach more than identities, credentials,
/// the ends of audit logs, and what is due.
///
/// # Errors
/// Why, in words.
pub fn is_the_gates(text: &str) -> Result<(), String> {
    reaches_only(text, |table| GATE_TABLES.contains(&table) || IDENTITY_TABLES.contains(&table))
}

/// Refuses a statement of the outbox that may reach more than what is to be sent, to whom, and by whom. It is nobody's
/// request: it looks for what is due, whosever that is.
///
/// # Errors
/// Why, in words.
pub fn is_the_outboxes(text: &str) -> Result<(), String> {
    reaches_only(text, |table| OUTBOX_TABLES.contains(&table))
}

/// Refuses a statement that does more than delete rows of that table that are old, whosever they are, and so many at most.
///
/// # Errors
/// Why, in words.
pub fn is_a_purge(text: &str, table: &str) -> Result<(), String> {
    reaches_only(text, |reached| reached == table)?;
    let only = format!("id IN (SELECT id FROM {table} WHERE updated_at < ?1 ORDER BY updated_at LIMIT ?2)");
    let holds = conditions_of_change(text);
    if text.starts_with("delete ") && holds.contains(&only) { Ok(()) } else { Err(format!("{holds:?}, not {only}")) }
}

fn reaches_only(text: &str, may: impl Fn(&str) -> bool) -> Result<(), String> {
    match walk(text)?.uses.into_iter().find(|(table, _)| !may(table)) {
        Some((table, _)) => Err(format!("{table} is out of its reach")),
        None => Ok(()),
    }
}

/// What must hold of every row that an update or delete changes, one condition each.
pub fn conditions_of_change(text: &str) -> Vec<String> {
    let bump = Bump::new();
    match Parser::new(&bump, text.as_bytes()).next() {
        Ok(Some(Cmd::Stmt(
            Stmt::Update { where_clause: Some(filter), .. } | Stmt::Delete { where_clause: Some(filter), .. },
        ))) => conditions(&filter),
        _ => vec![],
    }
}

fn walk(text: &str) -> Result<Walk, String> {
    let bump = Bump::new();
    let mut parser = Parser::new(&bump, text.as_bytes());
    let command = parser.next().map_err(|error| error.to_string())?;
    let Some(Cmd::Stmt(statement)) = command else { return Err("not a statement".into()) };
    if parser.next().map_err(|error| error.to_string())?.is_some() {
        return Err("more than one statement".into());
    }
    let mut walk = Walk::default();
    walk.statement(&statement)?;
    Ok(walk)
}

#[derive(Default)]
struct Walk {
    /// Every table that the statement reads or writes, unquoted and in lower case, and whether it is confined to the
    /// organization there.
    uses: Vec<(String, bool)>,
    /// A column of a result is called `org_id`.
    renames: bool,
    /// A row that is there already is updated, whosever it is.
    upserts: bool,
}

type Walked = Result<(), String>;

impl Walk {
    fn statement(&mut self, statement: &Stmt<'_>) -> Walked {
        match statement {
            Stmt::Select(select) => self.select(select),
            Stmt::Insert { with: None, or_conflict: None, tbl_name, columns, body, returning } => {
                let columns: Vec<bool> =
                    columns.iter().flat_map(|names| names.iter()).map(|name| *name == "org_id").collect();
                self.insert(tbl_name, &columns, body)?;
                self.columns(returning.unwrap_or_default())
            }
            Stmt::Update {
                with: None, or_conflict: None, tbl_name, sets, from: None, where_clause, returning, ..
            } => {
                if sets.iter().flat_map(|set| set.col_names.iter()).any(|name| *name == "org_id") {
                    return Err("moves rows to another organization".into());
                }
                sets.iter().try_for_each(|set| self.expr(&set.expr))?;
                self.target(tbl_name, where_clause.as_ref())?;
                self.columns(returning.unwrap_or_default())
            }
            Stmt::Delete { with: None, tbl_name, where_clause, returning, .. } => {
                self.target(tbl_name, where_clause.as_ref())?;
                self.columns(returning.unwrap_or_default())
            }
            _ => Err("not a plain select, insert, update or delete".into()),
        }
    }

    fn target(&mut self, table: &QualifiedName<'_>, filter: Option<&Expr<'_>>) -> Walked {
        let holds = filter.map(conditions).unwrap_or_default();
        let called = table.alias.as_ref().unwrap_or(&table.name).to_string();
        self.uses.push((unquoted(&table.name), is_confined(&called, true, &holds)));
        filter.map_or(Ok(()), |filter| self.expr(filter))
    }

    /// `columns`: which of them are `org_id`.
    fn insert(&mut self, table: &QualifiedName<'_>, columns: &[bool], body: &InsertBody<'_>) -> Walked {
        let InsertBody::Select(select, upsert) = body else { return Err("inserts defaults".into()) };
        if let Some(upsert) = upsert {
            let UpsertDo::Set { sets, where_clause } = &upsert.do_clause else {
                return Err("does nothing on conflict".into());
            };
            self.upserts = true;
            sets.iter().map(|set| &set.expr).chain(where_clause.iter()).try_for_each(|expr| self.expr(expr))?;
        }
        let mut org_ids = (0..columns.len()).filter(|at| columns[*at]);
        let org_id = org_ids.next().filter(|_| org_ids.next().is_none());
        let is_ours = |row: Option<&Expr<'_>>| row.is_some_and(|value| value.to_string() == "?1");
        let rows_are_ours = |at: usize| match &select.body.select {
            OneSelect::Values(rows) => rows.iter().all(|row| is_ours(row.get(at))),
            OneSelect::Select { columns, .. } => match columns.get(at) {
                Some(ResultColumn::Expr(value, _)) => is_ours(Some(value)),
                _ => false,
            },
        };
        let confined = org_id.is_some_and(rows_are_ours) && select.body.compounds.is_none();
        self.uses.push((unquoted(&table.name), confined));
        self.select(select)
    }

    fn select(&mut self, select: &Select<'_>) -> Walked {
        if select.with.is_some() {
            return Err("names a table expression, which could hide a table".into());
        }
        self.one(&select.body.select)?;
        for CompoundSelect { select, .. } in select.body.compounds.iter().flatten() {
            self.one(select)?;
        }
        select.order_by.unwrap_or_default().iter().try_for_each(|column| self.expr(&column.expr))?;
        select.limit.map_or(Ok(()), |limit| {
            self.expr(&limit.expr)?;
            limit.offset.as_ref().map_or(Ok(()), |offset| self.expr(offset))
        })
    }

    fn one(&mut self, select: &OneSelect<'_>) -> Walked {
        match select {
            OneSelect::Values(rows) => rows.iter().flatten().try_for_each(|value| self.expr(value)),
            OneSelect::Select { columns, from, where_clause, group_by, having, window_clause: None, .. } => {
                self.columns(columns)?;
                group_by.unwrap_or_default().iter().try_for_each(|expr| self.expr(expr))?;
                where_clause.iter().chain(having.iter()).try_for_each(|expr| self.expr(expr))?;
                let holds = where_clause.map(conditions).unwrap_or_default();
                from.as_ref().map_or(Ok(()), |from| self.from(from, holds))
            }
            OneSelect::Select { .. } => Err("names a window".into()),
        }
    }

    /// `holds`: what must hold of every row.
    fn from(&mut self, from: &FromClause<'_>, mut holds: Vec<String>) -> Walked {
        let mut tables: Vec<(&SelectTable<'_>, Vec<String>)> =
            from.select.map(|first| (first, vec![])).into_iter().collect();
        for join in from.joins.iter().flatten() {
            let on = match &join.constraint {
                None => vec![],
                Some(JoinConstraint::On(on)) => {
                    self.expr(on)?;
                    conditions(on)
                }
                Some(JoinConstraint::Using(_)) => return Err("joins by using".into()),
            };
            // What stands in the `on` of a left join holds of the joined table alone.
            let own = match join.operator {
                JoinOperator::TypedJoin(Some(kind)) if kind.intersects(JoinType::RIGHT | JoinType::NATURAL) => {
                    return Err("a join other than inner or left".into());
                }
                JoinOperator::TypedJoin(Some(kind)) if kind.contains(JoinType::LEFT) => on,
                _ => {
                    holds.extend(on);
                    vec![]
                }
            };
            tables.push((&join.table, own));
        }
        let is_alone = tables.len() == 1;
        tables.into_iter().try_for_each(|(table, own)| self.table(table, is_alone, &[own, holds.clone()].concat()))
    }

    fn table(&mut self, table: &SelectTable<'_>, is_alone: bool, holds: &[String]) -> Walked {
        match table {
            SelectTable::Table(name, alias, _) => {
                let called = match alias {
                    Some(As::As(alias) | As::Elided(alias)) => alias,
                    None => &name.name,
                }
                .to_string();
                self.uses.push((unquoted(&name.name), is_confined(&called, is_alone, holds)));
                if name.db_name.is_some() { Err("names a schema".into()) } else { Ok(()) }
            }
            SelectTable::TableCall(name, args, _) if name.name == "json_each" => {
                args.unwrap_or_default().iter().try_for_each(|arg| self.expr(arg))
            }
            SelectTable::TableCall(name, ..) => Err(format!("calls {}", name.name)),
            SelectTable::Select(select, _) => self.select(select),
            SelectTable::Sub(..) => Err("joins in parentheses".into()),
        }
    }

    fn columns(&mut self, columns: &[ResultColumn<'_>]) -> Walked {
        columns.iter().try_for_each(|column| match column {
            ResultColumn::Expr(expr, name) => {
                self.renames |= matches!(name, Some(As::As(name) | As::Elided(name)) if *name == "org_id");
                self.expr(expr)
            }
            ResultColumn::Star | ResultColumn::TableStar(_) => Err("selects *".into()),
        })
    }

    /// What stands in `over (partition by … order by …)`.
    fn window(&mut self, over: &FunctionTail<'_>) -> Walked {
        match over {
            FunctionTail {
                filter_clause: None,
                over_clause: Some(Over::Window(Window { base: None, partition_by, order_by, frame_clause: None })),
            } => {
                partition_by.unwrap_or_default().iter().try_for_each(|expr| self.expr(expr))?;
                order_by.unwrap_or_default().iter().try_for_each(|column| self.expr(&column.expr))
            }
            _ => Err("names a window, or a part of one".into()),
        }
    }

    fn expr(&mut self, expr: &Expr<'_>) -> Walked {
        match expr {
            Expr::Literal(_) | Expr::Name(_) | Expr::Id(_) | Expr::Qualified(..) | Expr::Variable(_) => Ok(()),
            Expr::Between { lhs, start, end, .. } => [lhs, start, end].into_iter().try_for_each(|e| self.expr(e)),
            Expr::Binary(left, _, right) => [left, right].into_iter().try_for_each(|e| self.expr(e)),
            Expr::Case { base, when_then_pairs, else_expr } => {
                when_then_pairs.iter().flat_map(|(when, then)| [when, then]).try_for_each(|e| self.expr(e))?;
                base.iter().chain(else_expr.iter()).try_for_each(|e| self.expr(e))
            }
            Expr::Cast { expr, .. } | Expr::Collate(expr, _) | Expr::IsNull(expr) | Expr::NotNull(expr) => {
                self.expr(expr)
            }
            Expr::Unary(_, expr) => self.expr(expr),
            Expr::Exists(select) | Expr::Subquery(select) => self.select(select),
            Expr::FunctionCall { args, order_by: None, filter_over: None, .. } => {
                args.unwrap_or_default().iter().try_for_each(|arg| self.expr(arg))
            }
            Expr::FunctionCall { args, order_by: Some(FunctionCallOrder::SortList(by)), filter_over: None, .. } => {
                args.unwrap_or_default().iter().chain(by.iter().map(|c| &c.expr)).try_for_each(|arg| self.expr(arg))
            }
            Expr::FunctionCall { args: None, order_by: None, filter_over: Some(over), .. }
            | Expr::FunctionCallStar { filter_over: Some(over), .. } => self.window(over),
            Expr::FunctionCallStar { filter_over: None, .. } => Ok(()),
            Expr::InList { lhs, rhs, .. } => {
                self.expr(lhs)?;
                rhs.unwrap_or_default().iter().try_for_each(|e| self.expr(e))
            }
            Expr::InSelect { lhs, rhs, .. } => {
                self.expr(lhs)?;
                self.select(rhs)
            }
            Expr::Like { lhs, rhs, .. } => [lhs, rhs].into_iter().try_for_each(|e| self.expr(e)),
            Expr::Parenthesized(inner) => inner.iter().try_for_each(|e| self.expr(e)),
            other => Err(format!("not understood: {other}")),
        }
    }
}

/// A name as SQLite compares it: without quotes, in lower case.
fn unquoted(name: &Name<'_>) -> String {
    name.to_string().trim_matches(['"', '`', '[', ']', '\'']).to_lowercase()
}

/// Whether one of the conditions confines the table; without its name, only where no other table could be meant.
fn is_confined(called: &str, is_alone: bool, holds: &[String]) -> bool {
    let named = format!("{called}.org_id = ?1");
    holds.iter().any(|condition| *condition == named || (is_alone && condition == "org_id = ?1"))
}

/// The conditions that must all hold: of `a and (b and c)`, a, b and c.
fn conditions(expr: &Expr<'_>) -> Vec<String> {
    match expr {
        Expr::Binary(left, Operator::And, right) => [conditions(left), conditions(right)].concat(),
        Expr::Parenthesized(inner) if inner.len() == 1 => inner.iter().flat_map(conditions).collect(),
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::{
        IDENTITY_TABLES, ORG_TABLES, conditions_of_change, is_identitys, is_the_engines, is_the_gates,
        is_the_organizations,
    };
    use crate::db::sqlite::Sqlite;

    #[test]
    fn confined_statements_pass() {
        for text in [
            "select id from dataset where org_id = ?1 and (id = ?2)",
            "select w.id from widget w join dataset d on d.org_id = ?1 and d.id = w.dataset_id where w.org_id = ?1",
            "select d.id from dataset d left join widget w on w.org_id = ?1 and w.dataset_id = d.id where d.org_id = ?1",
            "select id from dataset where org_id = ?1 and id in (select value from json_each(?2))",
            "select (select count(*) from widget where org_id = ?1) as n",
            "insert into dataset (org_id, id) values (?1, ?2), (?1, ?3) returning id",
            "insert into widget (org_id, id) select ?1, id from dataset where org_id = ?1",
            "update dataset set name = ?3 where id = ?2 and org_id = ?1",
            "delete from dataset where org_id = ?1",
            "select id from \"Dataset\" where org_id = ?1",
            "select id from dataset where org_id = ?1 union select id from widget where org_id = ?1",
        ] {
            assert_eq!(is_the_organizations(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "select id from dataset",
            "select id from dataset where org_id <> ?1",
            "select id from dataset where org_id = ?1 or id = ?2",
            "select id from dataset where not (org_id = ?1)",
            "select id from dataset where org_id = ?2 and ?1 = ?1",
            "select id from dataset where (org_id, id) = (?1, ?2)",
            "select w.id from widget w join dataset d on d.id = w.dataset_id where w.org_id = ?1",
            "select w.id from widget w, dataset d where org_id = ?1",
            "select d.id from dataset d left join widget w on w.org_id = ?1 and d.org_id = ?1",
            "select d.id from dataset d right join widget w on w.org_id = ?1 where d.org_id = ?1",
            "select d.id from dataset d natural join widget w where d.org_id = ?1 and w.org_id = ?1",
            "select id from dataset where org_id = ?1 and id in (select dataset_id from widget)",
            "select id from dataset where org_id = ?1 and exists (select 1 from widget)",
            "select (select name from organization limit 1) from dataset where org_id = ?1",
            "select id from dataset where org_id = ?1 order by (select 1 from widget)",
            "select id from dataset where org_id = ?1 limit (select count(*) from widget)",
            "select id from dataset where org_id = ?1 union all select id from widget",
            "select id from main.dataset where org_id = ?1",
            "select name from pragma_table_list('x') where org_id = ?1",
            "with dataset as (select id from dataset) select id from dataset where org_id = ?1",
            "insert into dataset (id) values (?1)",
            "insert into dataset (org_id, id) values (?1, ?2), (?3, ?2)",
            "insert into dataset (org_id, id) values (?1, ?2) on conflict do update set org_id = ?3",
            "insert or replace into dataset (org_id, id) values (?1, ?2)",
            "insert into widget (org_id, id) select org_id, id from dataset where org_id = ?1",
            "insert into widget (org_id, id) select ?1, id from dataset",
            "update dataset set name = ?2",
            "update dataset set org_id = ?2 where org_id = ?1",
            "update dataset set name = (select name from widget) where org_id = ?1",
            "update dataset set name = w.id from widget w where dataset.org_id = ?1",
            "delete from dataset where id = ?1",
            "delete from dataset where org_id = ?1 returning (select id from widget)",
            "select 1; select 2",
            "pragma table_list",
            "select (select email from \"user\" where org_id = ?1 limit 1) from dataset where org_id = ?1",
            "select (select email from [User] where org_id = ?1 limit 1) from dataset where org_id = ?1",
            "select sql from sqlite_schema where org_id = ?1",
            "select name from pragma_table_list where org_id = ?1",
            "select ?2 as org_id, id from dataset where org_id = ?1",
            "select name \"ORG_ID\" from dataset where org_id = ?1",
            "update dataset set \"Org_Id\" = ?2 where org_id = ?1",
            "insert into dataset (org_id, ORG_ID, id) values (?1, ?2, ?3)",
            "attach database 'x' as y",
            "",
        ] {
            assert!(is_the_organizations(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_engine_reaches_automations_and_their_runs_of_one_organization() {
        for text in [
            "select id from automation where org_id = ?1",
            "update automation_run set status = ?2 where org_id = ?1 and exists (select 1 from automation a where a.org_id = ?1)",
        ] {
            assert_eq!(is_the_engines(text), Ok(()), "{text}");
        }
        for text in [
            "select id from automation where id = ?1",
            "select id from dataset where org_id = ?1",
            "select id from automation where org_id = ?1 and exists (select 1 from widget w where w.org_id = ?1)",
            "select id from automation where org_id = ?1 and exists (select 1 from automation_run)",
            "select email from user",
        ] {
            assert!(is_the_engines(text).is_err(), "{text}");
        }
        let partition = |by: &str| format!("select row_number() over (partition by {by} order by id) from automation");
        assert_eq!(is_the_gates(&partition("org_id")), Ok(()));
        assert!(is_the_gates(&partition("(select name from dataset)")).is_err());
        let count = |by: &str| format!("select count(*) over (partition by {by}) from automation");
        assert_eq!(is_the_gates(&count("org_id")), Ok(()));
        assert!(is_the_gates(&count("(select name from dataset)")).is_err());
    }

    #[test]
    fn identity_statements_reach_identity_tables_alone() {
        for text in [
            "select id from \"User\"",
            "select r.id from organizationRole r",
            "delete from [session] where id = ?1",
            "insert into rateLimit (id) values (?1) on conflict (id) do update set count = count + 1",
            "insert into rateLimit (id) values (?1) on conflict (id) do update set count = 1 where count > 1",
        ] {
            assert_eq!(is_identitys(text), Ok(()), "{text}");
        }
        for text in [
            "select id from dataset",
            "select id from \"DATASET\"",
            "select id from user where id in (select created_by from [widget])",
            "select sql from sqlite_schema",
            "select name from pragma_table_list",
            "select name from pragma_table_info('user')",
            "select id from temp.user",
            "insert into user (id) values (?1) on conflict (id) do update set name = (select name from dataset)",
            "insert into user (id) values (?1) on conflict (id) do update set name = 'x' where id = (select id from dataset)",
            "insert into user (id) values (?1) on conflict (id) do nothing",
        ] {
            assert!(is_identitys(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_table_has_an_organization_or_is_identitys() {
        let db = Sqlite::migrated();
        let tables = |having: &str| -> Vec<String> {
            db.query(&format!(
                "select lower(t.name) from sqlite_schema t where t.type = 'table' and t.name not like 'sqlite_%'
                 and (select count(*) from pragma_table_xinfo(t.name) c where c.name = 'org_id' and c.\"notnull\") = {having}
                 order by 1"
            ))
        };
        assert_eq!(tables("1"), ORG_TABLES);
        assert_eq!(tables("0"), IDENTITY_TABLES);
    }

    #[test]
    fn only_what_must_hold_is_a_condition() {
        let holds = conditions_of_change("delete from widget where org_id = ?1 and (dashboard_id = ?2 and (a or b))");
        assert_eq!(holds, ["org_id = ?1", "dashboard_id = ?2", "a OR b"]);
        assert!(conditions_of_change("delete from widget").is_empty());
    }
}
