//! Rows that come with an operation's input, in a body that may be long.
use crate::{Error, Result, stream::Stream};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180 with a header: separated by comma, semicolon or tab; any line end; with or without a byte order mark.
    Csv,
    /// An object on each line.
    Ndjson,
    /// One list of objects.
    Json,
}

/// Rows in pieces.
pub struct Upload {
    /// How they are written.
    pub format: Format,
    first: Option<Vec<u8>>,
    rest: Option<Stream>,
    max_bytes: usize,
    bytes: usize,
}

impl Upload {
    /// Of a body that has begun with `first`, and has at most `max_bytes`.
    #[must_use]
    pub const fn new(format: Format, first: Vec<u8>, rest: Option<Stream>, max_bytes: usize) -> Self {
        Self { format, first: Some(first), rest, max_bytes, bytes: 0 }
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// `PayloadTooLarge` once there is too much of it; `Invalid` if it breaks off.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let piece = match (self.first.take(), &self.rest) {
            (Some(first), _) => first,
            (None, None) => return Ok(None),
            (None, Some(rest)) => match rest.next().await {
                Some(piece) => piece?,
                None => return Ok(None),
            },
        };
        self.bytes += piece.len();
        if self.bytes > self.max_bytes { Err(Error::PayloadTooLarge(self.max_bytes)) } else { Ok(Some(piece)) }
    }
}
