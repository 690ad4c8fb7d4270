//! Bytes that come in pieces.
use crate::Result;
use futures_util::{StreamExt, stream::LocalBoxStream};
use std::{cell::Cell, fmt, rc::Rc};

/// Pieces of bytes, one after the other. Copies are of the same stream: who takes it has it alone.
#[derive(Clone)]
pub struct Stream(Rc<Cell<Option<Pieces>>>);

/// A stream that is read.
pub type Pieces = LocalBoxStream<'static, Result<Vec<u8>>>;

impl Stream {
    /// Of these pieces.
    #[must_use]
    pub fn new(pieces: impl futures_util::Stream<Item = Result<Vec<u8>>> + 'static) -> Self {
        Self(Rc::new(Cell::new(Some(pieces.boxed_local()))))
    }

    /// The pieces, the first time that it is asked for them.
    #[must_use]
    pub fn take(&self) -> Option<Pieces> {
        self.0.take()
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
