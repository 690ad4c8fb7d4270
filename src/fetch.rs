//! Requests to other servers, through one small port, so that whoever makes them is tested natively.
use futures_util::future::LocalBoxFuture;

/// A request to another server. It may hold secrets, so it has no debug form.
pub struct Outgoing {
    /// Where to: absolute.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(&'static str, String)>,
    /// What to POST; without it the request is a GET.
    pub body: Option<String>,
    /// How long the answer may take, in milliseconds.
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

/// The port to other servers: each request has a deadline, each answer a bound.
pub trait Fetch {
    /// Sends the request.
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>>;
}

/// No network: for tests that need none.
#[cfg(test)]
pub struct Offline;

#[cfg(test)]
impl Fetch for Offline {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        Box::pin(std::future::ready(Err(FetchError::Failed(format!("{}: there is no network", request.url)))))
    }
}
