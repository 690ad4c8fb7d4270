//! The port to other servers, over the runtime's `fetch`.
use super::{deadline, read_chunks};
use crate::{
    Error,
    fetch::{Fetch, FetchError, Incoming, Outgoing, Streamed},
    stream::Stream,
};
use futures_util::{StreamExt, future::LocalBoxFuture, stream::unfold};
use std::time::Duration;
use worker::{AbortController, AbortSignal, Headers, Method, RequestInit, RequestRedirect, wasm_bindgen::JsValue};

/// Far longer than a discovery document, a key set or a profile.
const MAX_BYTES: usize = 256 << 10;

/// The Internet.
pub struct Network;

impl Fetch for Network {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        Box::pin(async move {
            let (abort, timeout) = (Abort::default(), Duration::from_millis(request.timeout_ms.into()));
            let answered = async {
                let mut answer = send(request, &abort.signal()).await?;
                let status = answer.status_code();
                // An answer without a body has no stream.
                let Ok(mut chunks) = answer.stream() else { return Ok(Some(Incoming { status, body: vec![] })) };
                let body = read_chunks(&mut chunks, MAX_BYTES).await?;
                Ok((body.len() <= MAX_BYTES).then_some(Incoming { status, body }))
            };
            within(timeout, answered).await?.ok_or(FetchError::TooLarge)
        })
    }

    fn stream(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Streamed, FetchError>> {
        Box::pin(async move {
            let (abort, silence) = (Abort::default(), Duration::from_millis(request.timeout_ms.into()));
            let mut answer = within(silence, send(request, &abort.signal())).await?;
            let status = answer.status_code();
            let Ok(chunks) = answer.stream() else {
                return Ok(Streamed { status, body: Stream::new(futures_util::stream::empty()) });
            };
            let pieces = unfold((chunks, abort), move |(mut chunks, abort)| async move {
                let next = within(silence, async { chunks.next().await.transpose() }).await;
                let piece = next.map_err(Error::internal).transpose()?;
                Some((piece, (chunks, abort)))
            });
            Ok(Streamed { status, body: Stream::new(pieces) })
        })
    }
}

/// Ends the request when it is dropped.
#[derive(Default)]
struct Abort(AbortController);

impl Abort {
    fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        std::mem::take(&mut self.0).abort();
    }
}

async fn within<T>(limit: Duration, answer: impl Future<Output = worker::Result<T>>) -> Result<T, FetchError> {
    let answer = deadline::within(limit, answer).await.ok_or(FetchError::TimedOut)?;
    answer.map_err(|error| FetchError::Failed(error.to_string()))
}

async fn send(request: Outgoing, signal: &AbortSignal) -> worker::Result<worker::Response> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers).with_redirect(RequestRedirect::Manual);
    if let Some(body) = &request.body {
        init.with_method(Method::Post).with_body(Some(JsValue::from_str(body)));
    }
    let request = worker::Request::new_with_init(&request.url, &init)?;
    worker::Fetch::Request(request).send_with_signal(signal).await
}
