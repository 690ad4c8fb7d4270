//! Why a statement is refused, where, and what would do.
use sqlite3_parser::lexer::{
    Scanner,
    sql::{Error, Tokenizer},
};
use std::fmt;

/// A place in the text, from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Why a statement is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// Where, if it is one place.
    pub place: Option<Place>,
    /// What is wrong, and what would do.
    pub problem: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { line, column }) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.problem)
    }
}

impl Refusal {
    /// Of the statement as a whole.
    pub(crate) fn anywhere(problem: impl Into<String>) -> Self {
        Self { place: None, problem: problem.into() }
    }

    /// Of the first token of `text` that is written like `word`: the tree does not keep places.
    pub(crate) fn at(text: &str, word: &str, problem: impl Into<String>) -> Self {
        Self { place: find(text, word).map(|offset| place(text, offset)), problem: problem.into() }
    }

    /// What the parser says.
    pub(crate) fn syntax(text: &str, error: &Error) -> Self {
        let (position, problem) = match error {
            Error::UnrecognizedToken(at) => (at, "this is not SQL".to_owned()),
            Error::UnterminatedLiteral(at) => (at, "this quote is never closed".to_owned()),
            Error::UnterminatedBracket(at) => (at, "this [ is never closed".to_owned()),
            Error::UnterminatedBlockComment(at) => (at, "this comment is never closed".to_owned()),
            Error::BadVariableName(at) => (at, "write a parameter as ? or ?1".to_owned()),
            Error::BadNumber(at) | Error::MalformedHexInteger(at) => (at, "this is not a number".to_owned()),
            Error::ExpectedEqualsSign(at) => (at, "write != or <> for not equal".to_owned()),
            Error::MalformedBlobLiteral(at) => (at, "binary values are not supported".to_owned()),
            Error::ParserError(error, at) => (at, error.to_string()),
            _ => (&None, "this is not SQL".to_owned()),
        };
        Self { place: position.as_ref().map(|at| place(text, offset(text, at.line, at.column))), problem }
    }
}

/// The byte at a line and column of bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    before + column.saturating_sub(1)
}

fn place(text: &str, offset: usize) -> Place {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let before = String::from_utf8_lossy(before);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Place { line, column }
}

fn find(text: &str, word: &str) -> Option<usize> {
    let mut scanner = Scanner::new(Tokenizer::new());
    loop {
        match scanner.scan(text.as_bytes()) {
            Ok((start, Some((token, _)), _)) if token.eq_ignore_ascii_case(word.as_bytes()) => return Some(start),
            Ok((_, Some(_), _)) => {}
            _ => return None,
        }
    }
}

/// How often the word OFFSET stands in the text, unquoted.
pub(crate) fn offsets(text: &str) -> usize {
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut count = 0;
    while let Ok((_, Some((token, _)), _)) = scanner.scan(text.as_bytes()) {
        count += usize::from(token.eq_ignore_ascii_case(b"offset"));
    }
    count
}

/// Those of `known` that `wanted` may have been meant for, best first: at most three.
pub(crate) fn near<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let far = wanted.chars().count() / 3 + 1;
    let distance = |name: &str| {
        let name = name.to_lowercase();
        if name.contains(&wanted) || wanted.contains(&name) { 1 } else { distance(&wanted, &name) }
    };
    let mut found: Vec<_> = known.map(|name| (distance(name), name)).filter(|(d, _)| *d <= far).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, name)| name).take(3).collect()
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let here = (diagonal + usize::from(x != *y)).min(*cell + 1).min(left + 1);
            diagonal = std::mem::replace(cell, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// `; did you mean a or b?`, or the whole list if it is short, or nothing.
pub(crate) fn hint<'a>(wanted: &str, what: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let near = near(wanted, known.clone());
    if !near.is_empty() {
        return format!("; did you mean {}?", near.join(" or "));
    }
    let all: Vec<_> = known.take(13).collect();
    match all.len() {
        0 => format!("; there are no {what}"),
        13.. => String::new(),
        _ => format!("; {what}: {}", all.join(", ")),
    }
}
