//! The tool calls of one answer, put together from their parts.
use super::chunk::Fragment;

/// A tool call: what is known of it so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    index: Option<usize>,
    /// The provider's id; empty if it gave none.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments: JSON, once they are whole.
    pub arguments: String,
}

/// The calls, in the order in which they began.
#[derive(Debug, Default)]
pub struct Calls(Vec<Call>);

/// More arguments than any tool takes, or more calls at once than a model makes that is in its senses.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMuch;

/// How many calls one answer may have, before any of them is looked at.
const MAX_CALLS: usize = 64;

/// How long a call's arguments may be, in bytes.
const MAX_ARGUMENT_BYTES: usize = 128 << 10;

impl Calls {
    /// Adds a part to its call, and gives which one that is: the one of its index and id; of its id alone; or, if it has
    /// neither, the last. None for a part in which all is null, with which some end.
    ///
    /// # Errors
    /// `TooMuch`.
    pub fn add(&mut self, part: Fragment) -> Result<Option<usize>, TooMuch> {
        let at = match self.position(&part) {
            Some(at) => at,
            None if part.name.is_empty() && part.id.is_empty() && part.arguments.is_empty() => return Ok(None),
            None if self.0.len() == MAX_CALLS => return Err(TooMuch),
            None => {
                self.0.push(Call { index: part.index, ..Call::default() });
                self.0.len() - 1
            }
        };
        let call = self.0.get_mut(at).ok_or(TooMuch)?;
        if call.id.is_empty() {
            call.id = part.id;
        }
        if call.name.is_empty() {
            call.name = part.name;
        }
        call.arguments.push_str(&part.arguments);
        if call.arguments.len() > MAX_ARGUMENT_BYTES { Err(TooMuch) } else { Ok(Some(at)) }
    }

    fn position(&self, part: &Fragment) -> Option<usize> {
        match part.index {
            // Some number every call of an answer 0; then the ids tell them apart.
            Some(index) => self.0.iter().rposition(|call| {
                call.index == Some(index) && (part.id.is_empty() || call.id.is_empty() || part.id == call.id)
            }),
            None if !part.id.is_empty() => self.0.iter().rposition(|call| call.id == part.id),
            // Without an id, a name begins another call.
            None => self.0.len().checked_sub(1).filter(|_| part.name.is_empty()),
        }
    }

    /// What is known so far of the call there.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&Call> {
        self.0.get(at)
    }

    /// All of them, once the answer has ended.
    #[must_use]
    pub fn into_vec(self) -> Vec<Call> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(index: Option<usize>, id: &str, name: &str, arguments: &str) -> Fragment {
        Fragment { index, id: id.into(), name: name.into(), arguments: arguments.into() }
    }

    fn calls(parts: &[Fragment]) -> Vec<[String; 3]> {
        let mut calls = Calls::default();
        for part in parts {
            calls.add(part.clone()).unwrap();
        }
        calls.into_vec().into_iter().map(|call| [call.id, call.name, call.arguments]).collect()
    }

    #[test]
    fn parts_come_to_their_calls() {
        let two = [["a", "me", "{}"].map(str::to_owned), ["b", "list", "{\"x\":1}"].map(str::to_owned)];
        for parts in [
            // By index, interleaved.
            vec![
                part(Some(0), "a", "me", ""),
                part(Some(1), "b", "list", ""),
                part(Some(1), "", "", "{\"x\""),
                part(Some(0), "", "", "{}"),
                part(Some(1), "", "", ":1}"),
            ],
            // The same index for both.
            vec![part(Some(0), "a", "me", "{}"), part(Some(0), "b", "list", "{\"x\":1}")],
            // Without an index.
            vec![
                part(None, "a", "me", "{"),
                part(None, "", "", "}"),
                part(None, "b", "list", "{\"x\""),
                part(None, "b", "", ":1}"),
                part(None, "", "", ""),
            ],
            // The id after the name.
            vec![part(Some(0), "", "me", ""), part(Some(0), "a", "", "{}"), part(Some(7), "b", "list", "{\"x\":1}")],
        ] {
            assert_eq!(calls(&parts), two, "{parts:?}");
        }
        let without_ids = [["", "me", "{}"], ["", "me", "{}"]].map(|call| call.map(str::to_owned));
        assert_eq!(calls(&[part(None, "", "me", "{}"), part(None, "", "me", "{}")]), without_ids);
        assert_eq!(calls(&[part(Some(0), "", "", "")]), [[""; 3]; 0]);
    }

    #[test]
    fn there_is_an_end_to_it() {
        let mut many = Calls::default();
        (0..MAX_CALLS).for_each(|at| assert_eq!(many.add(part(Some(at), "", "me", "")), Ok(Some(at))));
        assert_eq!(many.add(part(Some(MAX_CALLS), "", "me", "")), Err(TooMuch));
        let mut long = Calls::default();
        long.add(part(Some(0), "", "me", &"x".repeat(MAX_ARGUMENT_BYTES))).unwrap();
        assert_eq!(long.add(part(Some(0), "", "", "x")), Err(TooMuch));
    }
}
