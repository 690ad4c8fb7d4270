//! How long a text could become that a statement makes of others.
use sqlite3_parser::lexer::{Scanner, sql::Tokenizer};

/// The longest text that SQLite makes as Cloudflare runs it, in bytes.
pub const MAX_TEXT: u64 = 2_200_000;

/// What a statement makes of texts.
#[derive(Debug, PartialEq, Eq)]
pub struct Growth {
    /// How many times the longest text that is stored, or written in the statement, a text could be.
    pub factor: u64,
    /// The longest text that is written in the statement, in bytes.
    pub literal: u64,
    /// Whether `group_concat` makes one text of many rows, and another query reads it.
    pub gathers: bool,
}

/// What a parenthesis is of.
enum Open {
    Replace,
    Other,
}

/// Reads it from the words alone: `||` adds a text to another, and what one query made is made more of by the next, so that
/// the factors of queries multiply, and those of `replace` too. No query is within itself, so that each counts once.
pub fn of(sql: &str) -> Growth {
    let mut scanner = Scanner::new(Tokenizer::new());
    let (mut growth, mut joined, mut open, mut last) =
        (Growth { factor: 1, literal: 0, gathers: false }, 1_u64, vec![], [None::<u64>; 4]);
    let (mut word, mut selects) = (Vec::new(), 0);
    while let Ok((_, Some((token, _)), _)) = scanner.scan(sql.as_bytes()) {
        let text = token.first().is_some_and(|first| *first == b'\'').then(|| token.len().saturating_sub(2) as u64);
        growth.literal = growth.literal.max(text.unwrap_or_default());
        match token {
            b"(" => open.push(if word == b"replace" { Open::Replace } else { Open::Other }),
            b")" if matches!(open.pop(), Some(Open::Replace)) => {
                // Its last two arguments are texts, each after a comma; what else they are cannot be told.
                let times = match last {
                    [_, Some(of), None, Some(by)] => by.div_ceil(of.max(1)).max(1),
                    _ => MAX_TEXT,
                };
                growth.factor = growth.factor.saturating_mul(times);
            }
            b"||" => joined += 1,
            // No more than a byte, at most as often as expressions are deep: the guard puts it behind instants.
            b"' '" if word == b"||" => joined -= 1,
            _ => {}
        }
        last.rotate_left(1);
        last[3] = text;
        word = token.to_ascii_lowercase();
        match word.as_slice() {
            b"select" => {
                growth.factor = growth.factor.saturating_mul(joined);
                joined = 1;
                selects += 1;
            }
            b"group_concat" => growth.gathers |= selects > 1 || !open.is_empty(),
            _ => {}
        }
    }
    growth.factor = growth.factor.saturating_mul(joined);
    growth
}

#[cfg(test)]
mod tests {
    use super::{Growth, MAX_TEXT, of};

    #[test]
    fn texts_grow_by_what_is_added_and_queries_multiply() {
        let factor = |sql: &str| of(sql).factor;
        assert_eq!(factor("select a from t"), 1);
        assert_eq!(factor("select a || b || c from t"), 3);
        assert_eq!(factor("select date((a || ' ')), ' ' || b, b || ' ' || b from t"), 3);
        assert_eq!(factor("with w as (select a || a from t) select a || a || a from w"), 6);
        assert_eq!(factor("select replace(replace(a, '$', ''), ',', '.') from t"), 1);
        assert_eq!(factor("select replace(replace(a, 'x', 'xxxx'), 'yy', 'xxxx') from t"), 8);
        assert_eq!(factor("select replace(a, '', 'xx') from t"), 2);
        assert_eq!(factor("select replace(a, 'x', b) from t"), MAX_TEXT);
        assert_eq!(factor("select '||', `||` from t"), 1);
        assert_eq!(of("select 'abc' from t"), Growth { factor: 1, literal: 3, gathers: false });
        assert!(!of("select group_concat(a) from t").gathers);
        assert!(of("select length(a) from (select group_concat(a) as a from t)").gathers);
    }
}
