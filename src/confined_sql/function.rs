//! The functions that a statement may call. None of them reads anything but its arguments, depends on chance, or makes
//! much of little, as `randomblob`, `zeroblob`, `hex`, `printf` and `json_each` do.
use crate::store::ColumnType::{self, Date, Decimal, Integer, Text};

/// Where a function may stand, and what it does with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of one row.
    Scalar,
    /// Of one row; its argument of that place is an instant, and without one the present.
    Time(usize),
    /// Of many rows; `over` makes a window function of it.
    Aggregate,
    /// The same, but not over a window, where its results could grow with each row.
    Gathering,
    /// Needs `over`.
    Window,
}

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Always the same type.
    Always(ColumnType),
    /// The type of its first argument.
    First,
    /// The type of its second argument.
    Second,
    /// Integer of integers, decimal of others.
    Number,
}

/// A function.
pub struct Function {
    pub name: &'static str,
    /// The least and the most arguments.
    pub args: (usize, usize),
    pub kind: Kind,
    pub gives: Gives,
}

macro_rules! functions {
    ($($name:literal $least:literal..=$most:literal $kind:expr, $gives:expr;)+) => {
        const ALL: &[Function] = &[$(Function { name: $name, args: ($least, $most), kind: $kind, gives: $gives }),+];
        /// Their names.
        pub const NAMES: &[&str] = &[$($name),+];
    };
}

use Gives::{Always, First, Number, Second};
use Kind::{Aggregate, Gathering, Scalar, Time, Window};

functions! {
    "abs" 1..=1 Scalar, First;
    "avg" 1..=1 Aggregate, Always(Decimal);
    "ceil" 1..=1 Scalar, Number;
    "coalesce" 2..=20 Scalar, First;
    "count" 0..=1 Aggregate, Always(Integer);
    "cume_dist" 0..=0 Window, Always(Decimal);
    "date" 0..=9 Time(0), Always(Date);
    "datetime" 0..=9 Time(0), Always(Text);
    "dense_rank" 0..=0 Window, Always(Integer);
    "exp" 1..=1 Scalar, Always(Decimal);
    "first_value" 1..=1 Window, First;
    "floor" 1..=1 Scalar, Number;
    "group_concat" 1..=2 Gathering, Always(Text);
    "ifnull" 2..=2 Scalar, First;
    "iif" 3..=3 Scalar, Second;
    "instr" 2..=2 Scalar, Always(Integer);
    "julianday" 0..=9 Time(0), Always(Decimal);
    "lag" 1..=3 Window, First;
    "last_value" 1..=1 Window, First;
    "lead" 1..=3 Window, First;
    "length" 1..=1 Scalar, Always(Integer);
    "ln" 1..=1 Scalar, Always(Decimal);
    "log" 1..=2 Scalar, Always(Decimal);
    "log2" 1..=1 Scalar, Always(Decimal);
    "lower" 1..=1 Scalar, Always(Text);
    "ltrim" 1..=2 Scalar, Always(Text);
    "max" 1..=20 Aggregate, First;
    "min" 1..=20 Aggregate, First;
    "mod" 2..=2 Scalar, Always(Decimal);
    "nth_value" 2..=2 Window, First;
    "ntile" 1..=1 Window, Always(Integer);
    "nullif" 2..=2 Scalar, First;
    "percent_rank" 0..=0 Window, Always(Decimal);
    "pi" 0..=0 Scalar, Always(Decimal);
    "pow" 2..=2 Scalar, Always(Decimal);
    "rank" 0..=0 Window, Always(Integer);
    "replace" 3..=3 Scalar, Always(Text);
    "round" 1..=2 Scalar, Always(Decimal);
    "row_number" 0..=0 Window, Always(Integer);
    "rtrim" 1..=2 Scalar, Always(Text);
    "sign" 1..=1 Scalar, Always(Integer);
    "sqrt" 1..=1 Scalar, Always(Decimal);
    "strftime" 1..=10 Time(1), Always(Text);
    "substr" 2..=3 Scalar, Always(Text);
    "substring" 2..=3 Scalar, Always(Text);
    "sum" 1..=1 Aggregate, Number;
    "time" 0..=9 Time(0), Always(Text);
    "total" 1..=1 Aggregate, Always(Decimal);
    "trim" 1..=2 Scalar, Always(Text);
    "trunc" 1..=1 Scalar, Number;
    "typeof" 1..=1 Scalar, Always(Text);
    "unixepoch" 0..=9 Time(0), Always(Integer);
    "upper" 1..=1 Scalar, Always(Text);
}

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}
