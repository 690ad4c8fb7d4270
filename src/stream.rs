//! Bytes that come in pieces.
use crate::Result;
use futures_util::{StreamExt, stream::LocalBoxStream};
use std::{cell::Cell, fmt, rc::Rc};

/// Pieces of bytes, one after the other. Copies are of the same stream: each piece comes to who asks for it.
#[derive(Clone)]
pub struct Stream(Rc<Cell<Option<Pieces>>>);

type Pieces = LocalBoxStream<'static, Result<Vec<u8>>>;

impl Stream {
    /// Of these pieces.
    #[must_use]
    pub fn new(pieces: impl futures_util::Stream<Item = Result<Vec<u8>>> + 'static) -> Self {
        Self(Rc::new(Cell::new(Some(pieces.boxed_local()))))
    }

    /// The next piece. None at the end, after an error, and once someone has given up waiting for a piece.
    pub async fn next(&self) -> Option<Result<Vec<u8>>> {
        let mut pieces = self.0.take()?;
        let piece = pieces.next().await?;
        if piece.is_ok() {
            self.0.set(Some(pieces));
        }
        Some(piece)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stream")
    }
}

impl PartialEq for Stream {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
