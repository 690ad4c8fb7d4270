//! Variables, typed.
use std::ops::RangeInclusive;

/// Reads variables and collects what is wrong with them, a sentence each.
pub struct Reader<'a> {
    var: &'a dyn Fn(&str) -> Option<String>,
    pub(super) problems: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(var: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { var, problems: vec![] }
    }

    /// A text without blanks around it; a blank one is none.
    pub fn text(&self, name: &str) -> Option<String> {
        (self.var)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        self.choice(name, &[("true", true), ("false", false)], default)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)], default: T) -> T {
        let Some(text) = self.text(name) else { return default };
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
        self.problem(format!("{name} must be {}.", words.join(" or ")));
        default
    }

    /// A whole number in the range.
    pub fn number(&mut self, name: &str, default: u32, range: RangeInclusive<u32>) -> u32 {
        self.optional_number(name, range).unwrap_or(default)
    }

    /// The same, or nothing.
    pub fn optional_number(&mut self, name: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let text = self.text(name)?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.problem(format!("{name} must be a whole number from {} to {}.", range.start(), range.end()));
        }
        number
    }

    /// Notes what is wrong: a sentence that names the variable and says what to do.
    pub fn problem(&mut self, sentence: String) {
        self.problems.push(sentence);
    }
}
