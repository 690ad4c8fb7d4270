//! Server-sent events, read as liberally as the providers of models write them.
//!
//! Source: the HTML Standard, §9.2 (line ends, comments, fields, several `data` lines). Of an event only its data is given.

/// The longest event that is read, in bytes.
const MAX_EVENT_BYTES: usize = 1 << 20;

/// Puts events together from pieces of bytes, wherever those were cut.
#[derive(Default)]
pub struct Reader {
    /// What has come of a line that has not ended.
    line: Vec<u8>,
    /// The lines of data of an event that has not ended.
    data: Option<Vec<u8>>,
    /// The last byte was a CR: an LF that follows is of the same line end.
    after_cr: bool,
}

/// An event is longer than any that a model's provider sends.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong;

impl Reader {
    /// The events that end in this piece.
    ///
    /// # Errors
    /// `TooLong`: nothing can be read after it.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut events = vec![];
        for &byte in piece {
            match byte {
                b'\n' if std::mem::take(&mut self.after_cr) => {}
                b'\r' | b'\n' => {
                    self.after_cr = byte == b'\r';
                    events.extend(self.end_line());
                }
                byte => {
                    self.after_cr = false;
                    self.line.push(byte);
                }
            }
            if self.line.len() + self.data.as_ref().map_or(0, Vec::len) > MAX_EVENT_BYTES {
                return Err(TooLong);
            }
        }
        Ok(events)
    }

    /// What has come of an event that has not ended: the last may lack its blank line.
    pub fn end(&mut self) -> Option<Vec<u8>> {
        let event = self.end_line();
        event.or_else(|| self.data.take())
    }

    /// The event that this line ends, if it does.
    fn end_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        // A byte order mark may precede the first line.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if line.is_empty() {
            return self.data.take();
        }
        if let Some(value) = line.strip_prefix(b"data") {
            let value = match value.strip_prefix(b":") {
                Some(value) => value.strip_prefix(b" ").unwrap_or(value),
                None if value.is_empty() => value,
                None => return None,
            };
            match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                none => *none = Some(value.to_vec()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut reader = Reader::default();
        let mut events: Vec<Vec<u8>> = pieces.iter().flat_map(|piece| reader.push(piece).unwrap()).collect();
        events.extend(reader.end());
        events.into_iter().map(|event| String::from_utf8(event).unwrap()).collect()
    }

    #[test]
    fn events_are_read_however_they_are_written() {
        for (text, expected) in [
            ("data: a\n\ndata: b\n\n", vec!["a", "b"]),
            ("data:a\r\n\r\ndata: b\r\n\r\n", vec!["a", "b"]),
            ("data: a\r\rdata: b\r\r", vec!["a", "b"]),
            (": keep-alive\n\nid: 1\nevent: x\nretry: 3\ndata: a\n\n", vec!["a"]),
            ("data: {\ndata: }\n\n", vec!["{\n}"]),
            ("data\n\n", vec![""]),
            ("data:  a\n\n", vec![" a"]),
            ("database: a\n\n", vec![]),
            ("\u{feff}data: a\n\n", vec!["a"]),
            ("data: a\n\ndata: b", vec!["a", "b"]),
            ("\n\n\n", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(read(&[text.as_bytes()]), expected, "{text:?}");
        }
    }

    #[test]
    fn an_event_without_end_is_not_kept() {
        let mut reader = Reader::default();
        let piece = vec![b'a'; MAX_EVENT_BYTES];
        assert_eq!(reader.push(&piece), Ok(vec![]));
        assert_eq!(reader.push(b"a"), Err(TooLong));
        let (mut reader, line) =
            (Reader::default(), b"data: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n".repeat(MAX_EVENT_BYTES / 30));
        assert_eq!(reader.push(&line), Err(TooLong));
    }

    proptest! {
        #[test]
        fn where_the_pieces_are_cut_makes_no_difference(
            text in "(data: ?[a-zé]{0,3}(\r|\n|\r\n)|: x(\n|\r\n)|(\n|\r|\r\n)){0,12}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            cuts.sort_unstable();
            let bounds = std::iter::once(0).chain(cuts.iter().copied());
            let pieces: Vec<&[u8]> =
                bounds.zip(cuts.iter().copied().chain([text.len()])).map(|(from, to)| &text.as_bytes()[from..to]).collect();
            prop_assert_eq!(read(&pieces), read(&[text.as_bytes()]));
        }
    }
}
