//! Requests to other servers, through one small port, so that whoever makes them is tested natively.
use crate::stream::Stream;
use futures_util::{
    future::{LocalBoxFuture, ready},
    stream::once,
};

/// A request to another server. It may hold secrets, so it has no debug form.
pub struct Outgoing {
    /// Where to: absolute.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(&'static str, String)>,
    /// What to POST; without it the request is a GET.
    pub body: Option<String>,
    /// How long the answer may take, in milliseconds; if it is streamed, how long the server may be silent.
    pub timeout_ms: u32,
}

/// What a server that we depend on may take: a sign-in asks its provider up to four times, and all must fit in the deadline
/// of one request.
pub const TIMEOUT_MS: u32 = 5_000;

/// What the other server answered.
pub struct Incoming {
    /// The status; a redirect is not followed.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// What the other server has begun to answer.
pub struct Streamed {
    /// The status; a redirect is not followed.
    pub status: u16,
    /// The body, as it comes; it breaks off with an error if the server does, or is silent for too long. The request ends
    /// when this is dropped.
    pub body: Stream,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It could not be reached, or what it sent is no HTTP.
    #[error("the request failed: {0}")]
    Failed(String),
    /// It took too long.
    #[error("no answer within the deadline")]
    TimedOut,
    /// The answer is longer than anyone here reads.
    #[error("the answer is too large")]
    TooLarge,
}

/// The port to other servers: each request has a deadline.
pub trait Fetch {
    /// Sends the request. The answer is whole, and bounded.
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>>;

    /// Sends the request, and gives the answer as it comes; here, once all of it is there.
    fn stream(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Streamed, FetchError>> {
        Box::pin(async move {
            let Incoming { status, body } = self.fetch(request).await?;
            Ok(Streamed { status, body: Stream::new(once(ready(Ok(body)))) })
        })
    }
}

/// No network: for tests that need none.
#[cfg(test)]
pub struct Offline;

#[cfg(test)]
impl Fetch for Offline {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        Box::pin(ready(Err(FetchError::Failed(format!("{}: there is no network", request.url)))))
    }
}
