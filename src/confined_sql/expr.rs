//! Expressions.
use super::{
    Refusal,
    function::{self, Function, Gives, Kind},
    name,
    printer::{Printed, Printer},
};
use crate::store::ColumnType::{self, Boolean, Decimal, Integer, Text};
use serde_json::Value;
use sqlite3_parser::ast::{
    Distinctness, Expr, FrameBound, FrameExclude, FrameMode, FunctionCallOrder, FunctionTail, Id, LikeOperator,
    Literal, Name, Operator, Over, Type, TypeSize, UnaryOperator, Window,
};

/// The longest pattern of a LIKE that SQLite takes as Cloudflare runs it, in bytes.
const MAX_PATTERN: usize = 50;
/// The longest text that `replace` puts in, in bytes: each of nested ones multiplies the last.
const MAX_REPLACEMENT: usize = 16;

/// The type that an expression gives, if it can be told.
type Given = Option<ColumnType>;

impl Printer<'_> {
    pub fn expr(&mut self, expr: &Expr<'_>) -> Printed<Given> {
        self.tally.nodes += 1;
        self.deeper(|printer| printer.expr_here(expr))
    }

    /// Parentheses that keep the tree as it is.
    fn grouped<T>(&mut self, print: impl FnOnce(&mut Self) -> Printed<T>) -> Printed<T> {
        let (open, close) = if self.is_plain { ("", "") } else { ("(", ")") };
        self.put(open);
        let done = print(self)?;
        self.put(close);
        Ok(done)
    }

    fn expr_here(&mut self, expr: &Expr<'_>) -> Printed<Given> {
        match expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Id(Id(column)) | Expr::Name(Name(column)) => self.bare(column),
            Expr::Qualified(table, column) => {
                let (printed, given) = self.qualified(table.0, column.0)?;
                self.tally.columns += 1;
                self.put(if self.is_plain { table.0 } else { &printed });
                self.put(".");
                self.put_name(column.0);
                Ok(given)
            }
            Expr::Variable(which) => self.param(which),
            Expr::Binary(left, operator, right) => self.grouped(|printer| printer.binary(left, *operator, right)),
            Expr::Unary(operator, of) => self.grouped(|printer| {
                printer.put(match operator {
                    UnaryOperator::BitwiseNot => "~",
                    UnaryOperator::Negative => "- ",
                    UnaryOperator::Not => "NOT ",
                    UnaryOperator::Positive => "+",
                });
                let given = printer.expr(of)?;
                Ok(if *operator == UnaryOperator::Not { Some(Boolean) } else { given })
            }),
            // What needs parentheses is printed with its own.
            Expr::Parenthesized(inner) if inner.len() == 1 && !self.is_plain => {
                inner.first().map_or(Ok(None), |inner| self.expr(inner))
            }
            Expr::Parenthesized(inner) => {
                self.put("(");
                let mut given = None;
                self.list(inner, |printer, expr| {
                    given = printer.expr(expr)?;
                    Ok(())
                })?;
                self.put(")");
                Ok(given.filter(|_| inner.len() == 1))
            }
            Expr::Between { lhs, not, start, end } => self.test(|printer| {
                printer.expr(lhs)?;
                printer.put(if *not { " NOT BETWEEN " } else { " BETWEEN " });
                printer.expr(start)?;
                printer.put(" AND ");
                printer.expr(end).map(drop)
            }),
            Expr::IsNull(of) => self.test(|printer| {
                printer.expr(of)?;
                printer.put(" IS NULL");
                Ok(())
            }),
            Expr::NotNull(of) => self.test(|printer| {
                printer.expr(of)?;
                printer.put(" IS NOT NULL");
                Ok(())
            }),
            Expr::InList { lhs, not, rhs } => self.test(|printer| {
                printer.expr(lhs)?;
                printer.put(if *not { " NOT IN (" } else { " IN (" });
                printer.list(rhs.unwrap_or_default(), |printer, expr| printer.expr(expr).map(drop))?;
                printer.put(")");
                Ok(())
            }),
            Expr::InSelect { lhs, not, rhs } => self.test(|printer| {
                printer.expr(lhs)?;
                printer.put(if *not { " NOT IN " } else { " IN " });
                printer.subquery(rhs).map(drop)
            }),
            Expr::Exists(select) => self.test(|printer| {
                printer.put("EXISTS ");
                printer.subquery(select).map(drop)
            }),
            Expr::Subquery(select) => self.subquery(select),
            Expr::Like { lhs, not, op, rhs, escape } => self.test(|printer| printer.like(lhs, *not, *op, rhs, *escape)),
            Expr::Case { base, when_then_pairs, else_expr } => self.case(*base, when_then_pairs, *else_expr),
            Expr::Cast { expr, type_name } => self.cast(expr, type_name.as_ref()),
            Expr::Collate(of, collation) => self.grouped(|printer| printer.collate(of, collation)),
            Expr::FunctionCall { name, distinctness, args, order_by, filter_over } => {
                self.call(name.0, *distinctness, args.unwrap_or_default(), order_by.as_ref(), filter_over.as_ref())
            }
            Expr::FunctionCallStar { name, filter_over } => self.call_star(name.0, filter_over.as_ref()),
            Expr::DoublyQualified(schema, ..) => {
                self.refuse(schema.0, "a column is named as table.column, without a schema")
            }
            Expr::InTable { rhs, .. } => {
                let table = rhs.name.0;
                self.refuse(table, format!("write `in (select … from {table})`"))
            }
            Expr::Raise(..) => self.refuse("raise", "RAISE belongs to triggers, and there are none"),
        }
    }

    /// What is true or false.
    fn test(&mut self, print: impl FnOnce(&mut Self) -> Printed<()>) -> Printed<Given> {
        self.grouped(print)?;
        Ok(Some(Boolean))
    }

    fn bare(&mut self, column: &str) -> Printed<Given> {
        // Unquoted, these are columns only if there are such columns: as SQLite reads them.
        let is_truth = column.eq_ignore_ascii_case("true") || column.eq_ignore_ascii_case("false");
        match self.column(column) {
            Ok(given) => {
                self.tally.columns += 1;
                if is_truth && !name::is_quoted(column) {
                    self.put(column)
                } else {
                    self.put_name(column)
                }
                Ok(given)
            }
            Err(_) if is_truth => {
                self.put(&column.to_ascii_uppercase());
                Ok(Some(Boolean))
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn literal(&mut self, literal: &Literal<'_>) -> Printed<Given> {
        let now = self.now.to_string();
        let (day, time) = (now.get(..10).unwrap_or_default(), now.get(11..19).unwrap_or_default());
        let (text, given) = match literal {
            Literal::Numeric(digits) => {
                if !digits.bytes().all(|b| b.is_ascii_hexdigit() || b"xX._+-".contains(&b)) {
                    return self.refuse(digits, "this is not a number");
                }
                let is_whole =
                    !digits.contains(['.', 'e', 'E']) || digits.starts_with("0x") || digits.starts_with("0X");
                ((*digits).to_owned(), Some(if is_whole { Integer } else { Decimal }))
            }
            Literal::String(text) => (name::literal(&name::unquoted(text)), Some(Text)),
            Literal::Null => ("NULL".into(), None),
            Literal::CurrentDate => (format!("'{day}'"), Some(ColumnType::Date)),
            Literal::CurrentTime => (format!("'{time}'"), Some(Text)),
            Literal::CurrentTimestamp => (format!("'{day} {time}'"), Some(Text)),
            Literal::Blob(_) => return Err(Refusal::anywhere("binary values are not supported")),
            Literal::Keyword(word) => return self.refuse(word, "a keyword cannot stand here"),
        };
        self.put(&text);
        Ok(given)
    }

    /// `?` is the next of the given values, `?2` the second: printed as what it is.
    fn param(&mut self, which: &str) -> Printed<Given> {
        if self.is_plain {
            self.put("?");
            return Ok(None);
        }
        let number = which.strip_prefix('?').unwrap_or(which);
        let at = match number.parse::<usize>() {
            Ok(number) => number.checked_sub(1),
            Err(_) if number.is_empty() => Some(self.next_param),
            Err(_) => return Err(Refusal::anywhere(format!("write the parameter {which} as ? or ?1"))),
        };
        let Some(value) = at.and_then(|at| self.params.get(at)) else {
            let given = self.params.len();
            return Err(Refusal::anywhere(format!("has more parameters than the {given} values that it is given")));
        };
        if number.is_empty() {
            self.next_param += 1;
        }
        let (text, given) = match value {
            Value::Null => ("NULL".into(), None),
            Value::Bool(flag) => (u8::from(*flag).to_string(), Some(Boolean)),
            Value::Number(number) => {
                let given = if number.is_i64() { Integer } else { Decimal };
                let text = if given == Integer {
                    number.to_string()
                } else {
                    format!("{:e}", number.as_f64().unwrap_or(f64::NAN))
                };
                // As a minus is printed, so that it comes out the same when it is read again.
                (text.strip_prefix('-').map_or(text.clone(), |digits| format!("(- {digits})")), Some(given))
            }
            Value::String(text) if !text.contains('\0') => (name::literal(text), Some(Text)),
            _ => return Err(Refusal::anywhere("a parameter is null, true, false, a number or a text")),
        };
        self.put(&text);
        Ok(given)
    }

    fn binary(&mut self, left: &Expr<'_>, operator: Operator, right: &Expr<'_>) -> Printed<Given> {
        let Some(sign) = sign(operator) else {
            return Err(Refusal::anywhere("-> and ->> are not supported"));
        };
        // `a and b and c` needs no parentheses within; the engine's parser holds only so many.
        let left = match left {
            Expr::Binary(first, same, second) if *same == operator && is_chain(operator) => {
                self.tally.nodes += 1;
                self.deeper(|printer| printer.binary(first, operator, second))?
            }
            other => self.expr(other)?,
        };
        self.put(sign);
        let right = self.expr(right)?;
        Ok(match operator {
            Operator::Concat => Some(Text),
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Modulus => {
                match (left, right) {
                    (Some(Integer | Boolean), Some(Integer | Boolean)) => Some(Integer),
                    (Some(Decimal), _) | (_, Some(Decimal)) => Some(Decimal),
                    _ => None,
                }
            }
            Operator::BitwiseAnd | Operator::BitwiseOr | Operator::LeftShift | Operator::RightShift => Some(Integer),
            _ => Some(Boolean),
        })
    }

    fn subquery(&mut self, select: &sqlite3_parser::ast::Select<'_>) -> Printed<Given> {
        if self.is_plain {
            self.put("(select)");
            return Ok(None);
        }
        self.put("(");
        let shape = self.select(select)?;
        self.tally.inner = self.tally.inner.saturating_add(shape.nodes);
        self.put(")");
        Ok(shape.columns.and_then(|columns| columns.first().and_then(|column| column.r#type)))
    }

    fn like(
        &mut self,
        lhs: &Expr<'_>,
        not: bool,
        op: LikeOperator,
        rhs: &Expr<'_>,
        escape: Option<&Expr<'_>>,
    ) -> Printed<()> {
        let word = match op {
            LikeOperator::Like => "LIKE ",
            LikeOperator::Glob => "GLOB ",
            LikeOperator::Match => return self.refuse("match", "MATCH is not supported; write LIKE"),
            LikeOperator::Regexp => return self.refuse("regexp", "REGEXP is not supported; write LIKE or GLOB"),
        };
        let pattern = match rhs {
            Expr::Literal(Literal::String(text)) => name::unquoted(text),
            Expr::Variable(_) => String::new(),
            _ => return Err(Refusal::anywhere("the pattern of LIKE or GLOB must be a text, such as '%a%'")),
        };
        self.expr(lhs)?;
        self.put(if not { " NOT " } else { " " });
        self.put(word);
        let from = self.out.len();
        self.expr(rhs)?;
        let printed = self.out.len() - from;
        if pattern.len() > MAX_PATTERN || (matches!(rhs, Expr::Variable(_)) && printed > MAX_PATTERN + 2) {
            return Err(Refusal::anywhere(format!("a pattern has at most {MAX_PATTERN} bytes")));
        }
        if let Some(escape) = escape {
            self.put(" ESCAPE ");
            self.expr(escape)?;
        }
        Ok(())
    }

    fn case(
        &mut self,
        base: Option<&Expr<'_>>,
        pairs: &[(Expr<'_>, Expr<'_>)],
        otherwise: Option<&Expr<'_>>,
    ) -> Printed<Given> {
        self.put("CASE");
        if let Some(base) = base {
            self.put(" ");
            self.expr(base)?;
        }
        let mut given = None;
        for (when, then) in pairs {
            self.put(" WHEN ");
            self.expr(when)?;
            self.put(" THEN ");
            let then = self.expr(then)?;
            given = given.or(then);
        }
        if let Some(otherwise) = otherwise {
            self.put(" ELSE ");
            self.expr(otherwise)?;
        }
        self.put(" END");
        Ok(given)
    }

    fn cast(&mut self, expr: &Expr<'_>, to: Option<&Type<'_>>) -> Printed<Given> {
        let written = to.map_or("", |to| to.name);
        let words = written.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        let (word, given) = match words.as_str() {
            "text" | "varchar" | "char" | "string" => ("TEXT", Some(Text)),
            "integer" | "int" | "bigint" | "smallint" => ("INTEGER", Some(Integer)),
            "real" | "float" | "double" | "double precision" => ("REAL", Some(Decimal)),
            "numeric" | "decimal" => ("NUMERIC", None),
            "date" | "datetime" | "timestamp" => return self.refuse(written, "write date(x) or datetime(x)"),
            _ => return self.refuse(written, "cast to text, integer, real or numeric"),
        };
        if let Some(TypeSize::TypeSize(..)) = to.and_then(|to| to.size.as_ref()).filter(|_| word != "NUMERIC") {
            return self.refuse(written, "this type takes no size");
        }
        self.put("CAST(");
        self.expr(expr)?;
        self.put(&format!(" AS {word})"));
        Ok(given)
    }

    fn collate(&mut self, of: &Expr<'_>, collation: &str) -> Printed<Given> {
        let known = ["BINARY", "NOCASE", "RTRIM"];
        let wanted = name::unquoted(collation);
        let Some(known) = known.iter().find(|known| known.eq_ignore_ascii_case(&wanted)) else {
            return self.refuse(collation, "collate binary, nocase or rtrim");
        };
        let given = self.expr(of)?;
        self.put(&format!(" COLLATE {known}"));
        Ok(given)
    }

    fn function(&self, written: &str) -> Printed<&'static Function> {
        let wanted = name::unquoted(written);
        function::find(&wanted).map_or_else(
            || {
                let near = super::refusal::near(&wanted, function::NAMES.iter().copied());
                let near =
                    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
                self.refuse(written, format!("the function {wanted} is not supported{near}"))
            },
            Ok,
        )
    }

    fn call(
        &mut self,
        written: &str,
        distinctness: Option<Distinctness>,
        args: &[Expr<'_>],
        order_by: Option<&FunctionCallOrder<'_>>,
        tail: Option<&FunctionTail<'_>>,
    ) -> Printed<Given> {
        let function = self.function(written)?;
        let (least, most) = function.args;
        if args.len() < least || args.len() > most {
            let takes = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return self.refuse(written, format!("{} takes {takes} arguments", function.name));
        }
        self.stands(function, written, tail)?;
        if function.name == "replace" {
            self.replaces(args)?;
        }
        self.put(if self.is_plain { written } else { function.name });
        self.put("(");
        if distinctness == Some(Distinctness::Distinct) {
            self.put("DISTINCT ");
        }
        let mut given = vec![];
        for (at, arg) in args.iter().enumerate() {
            if at > 0 {
                self.put(", ");
            }
            given.push(self.argument(function, at, arg)?);
        }
        if let Kind::Time(at) = function.kind
            && args.len() == at
            && !self.is_plain
        {
            self.put(if at == 0 { "" } else { ", " });
            self.present();
        }
        if let Some(FunctionCallOrder::SortList(columns)) = order_by {
            self.order_by(Some(columns))?;
        }
        self.put(")");
        self.tail(tail)?;
        let first = given.first().copied().flatten();
        Ok(match function.gives {
            Gives::Always(always) => Some(always),
            Gives::First => first,
            Gives::Second => given.get(1).copied().flatten(),
            Gives::Number => match first {
                Some(Integer | Boolean) => Some(Integer),
                Some(_) => Some(Decimal),
                None => None,
            },
        })
    }

    fn argument(&mut self, function: &Function, at: usize, arg: &Expr<'_>) -> Printed<Given> {
        if function.kind == Kind::Time(at) && !self.is_plain { self.instant(arg) } else { self.expr(arg) }
    }

    /// What a function of time takes for its instant. SQLite asks its clock where that is `now`, `subsec` or `subsecond`,
    /// also if the word is made up as the statement runs. Written out, it is the request's instant here; made up, it gets
    /// a space behind it, which makes it no instant and leaves every other what it is.
    fn instant(&mut self, arg: &Expr<'_>) -> Printed<Given> {
        let (given, printed) = self.captured(|printer| printer.expr(arg))?;
        let is_written_out = matches!(arg, Expr::Literal(_) | Expr::Variable(_));
        if is_written_out && printed.eq_ignore_ascii_case("'now'") {
            self.present();
        } else if is_written_out && ["'subsec'", "'subsecond'"].iter().any(|word| printed.eq_ignore_ascii_case(word)) {
            self.present();
            self.put(", 'subsec'");
        } else if is_written_out || ends_in_a_space(arg) {
            self.put(&printed);
        } else {
            self.put(&format!("({printed} || ' ')"));
        }
        Ok(given)
    }

    /// The instant of the request, where SQLite would ask its clock.
    fn present(&mut self) {
        let now = self.now.to_string().replace('T', " ");
        self.put(&name::literal(now.trim_end_matches('Z')));
    }

    fn stands(&self, function: &Function, written: &str, tail: Option<&FunctionTail<'_>>) -> Printed<()> {
        let is_over = tail.is_some_and(|tail| tail.over_clause.is_some());
        match function.kind {
            Kind::Window if !is_over => self.refuse(written, format!("{} needs `over (…)`", function.name)),
            Kind::Gathering if is_over => self.refuse(written, format!("{} cannot stand over a window", function.name)),
            Kind::Scalar | Kind::Time(_) if tail.is_some() => {
                self.refuse(written, format!("{} is of one row: it takes no filter and no window", function.name))
            }
            _ => Ok(()),
        }
    }

    fn replaces(&self, args: &[Expr<'_>]) -> Printed<()> {
        let is_short =
            |arg: &Expr<'_>| matches!(arg, Expr::Literal(Literal::String(text)) if text.len() <= MAX_REPLACEMENT + 2);
        if args.iter().skip(1).all(is_short) {
            return Ok(());
        }
        self.refuse(
            "replace",
            format!("replace takes texts of at most {MAX_REPLACEMENT} bytes, such as replace(x, '$', '')"),
        )
    }

    fn call_star(&mut self, written: &str, tail: Option<&FunctionTail<'_>>) -> Printed<Given> {
        let function = self.function(written)?;
        if function.name != "count" {
            return self.refuse(written, format!("{} takes no *", function.name));
        }
        self.put(if self.is_plain { written } else { "count" });
        self.put("(*)");
        self.tail(tail)?;
        Ok(Some(Integer))
    }

    fn tail(&mut self, tail: Option<&FunctionTail<'_>>) -> Printed<()> {
        let Some(tail) = tail else { return Ok(()) };
        if let Some(filter) = tail.filter_clause {
            self.put(" FILTER (WHERE ");
            self.expr(filter)?;
            self.put(")");
        }
        match tail.over_clause {
            None => Ok(()),
            Some(Over::Name(window)) => {
                self.put(" OVER ");
                self.put_name(window.0);
                Ok(())
            }
            Some(Over::Window(window)) => {
                self.put(" OVER ");
                self.window(window)
            }
        }
    }

    pub fn window(&mut self, window: &Window<'_>) -> Printed<()> {
        self.put("(");
        if let Some(base) = &window.base {
            self.put_name(base.0);
        }
        if let Some(columns) = window.partition_by {
            self.put(" PARTITION BY ");
            self.list(columns, |printer, expr| printer.expr(expr).map(drop))?;
        }
        self.order_by(window.order_by)?;
        if let Some(frame) = &window.frame_clause {
            self.put(match frame.mode {
                FrameMode::Groups => " GROUPS ",
                FrameMode::Range => " RANGE ",
                FrameMode::Rows => " ROWS ",
            });
            if frame.end.is_some() {
                self.put("BETWEEN ");
            }
            self.bound(&frame.start)?;
            if let Some(end) = &frame.end {
                self.put(" AND ");
                self.bound(end)?;
            }
            if !matches!(frame.exclude, None | Some(FrameExclude::NoOthers)) {
                return self.refuse("exclude", "EXCLUDE is not supported: it reads the whole frame for each row");
            }
        }
        self.put(")");
        Ok(())
    }

    fn bound(&mut self, bound: &FrameBound<'_>) -> Printed<()> {
        let (expr, word) = match bound {
            FrameBound::CurrentRow => (None, "CURRENT ROW"),
            FrameBound::UnboundedFollowing => (None, "UNBOUNDED FOLLOWING"),
            FrameBound::UnboundedPreceding => (None, "UNBOUNDED PRECEDING"),
            FrameBound::Following(expr) => (Some(expr), " FOLLOWING"),
            FrameBound::Preceding(expr) => (Some(expr), " PRECEDING"),
        };
        if let Some(expr) = expr {
            self.expr(expr)?;
        }
        self.put(word);
        Ok(())
    }
}

/// Whether it is what [`Printer::instant`] prints.
fn ends_in_a_space(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::Parenthesized(inner) => inner.len() == 1 && inner.iter().all(ends_in_a_space),
        Expr::Binary(_, Operator::Concat, Expr::Literal(Literal::String(text))) => name::unquoted(text) == " ",
        _ => false,
    }
}

/// Whether `(a ∘ b) ∘ c` may be written `a ∘ b ∘ c`: SQLite reads it from the left.
const fn is_chain(operator: Operator) -> bool {
    matches!(operator, Operator::And | Operator::Or | Operator::Add | Operator::Concat | Operator::Multiply)
}

const fn sign(operator: Operator) -> Option<&'static str> {
    Some(match operator {
        Operator::Add => " + ",
        Operator::And => " AND ",
        Operator::BitwiseAnd => " & ",
        Operator::BitwiseOr => " | ",
        Operator::Concat => " || ",
        Operator::Equals => " = ",
        Operator::Divide => " / ",
        Operator::Greater => " > ",
        Operator::GreaterEquals => " >= ",
        Operator::Is => " IS ",
        Operator::IsNot => " IS NOT ",
        Operator::LeftShift => " << ",
        Operator::Less => " < ",
        Operator::LessEquals => " <= ",
        Operator::Modulus => " % ",
        Operator::Multiply => " * ",
        Operator::NotEquals => " <> ",
        Operator::Or => " OR ",
        Operator::RightShift => " >> ",
        Operator::Subtract => " - ",
        Operator::ArrowRight | Operator::ArrowRightShift => return None,
    })
}
