//! The port to other servers, over the runtime's `fetch`.
use super::read_chunks;
use crate::fetch::{Fetch, FetchError, Incoming, Outgoing};
use futures_util::{
    future::{Either, LocalBoxFuture, select},
    pin_mut,
};
use std::time::Duration;
use worker::{
    AbortController, AbortSignal, Delay, Headers, Method, RequestInit, RequestRedirect, wasm_bindgen::JsValue,
};

/// Far longer than a discovery document, a key set or a profile.
const MAX_BYTES: usize = 256 << 10;

/// The Internet.
pub struct Network;

impl Fetch for Network {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        Box::pin(async move {
            let abort = AbortController::default();
            let signal = abort.signal();
            let deadline = Delay::from(Duration::from_millis(request.timeout_ms.into()));
            let sent = send(request, &signal);
            pin_mut!(sent, deadline);
            match select(sent, deadline).await {
                Either::Left((Ok(Some(answer)), _)) => Ok(answer),
                Either::Left((Ok(None), _)) => Err(FetchError::TooLarge),
                Either::Left((Err(error), _)) => Err(FetchError::Failed(error.to_string())),
                Either::Right(_) => {
                    abort.abort();
                    Err(FetchError::TimedOut)
                }
            }
        })
    }
}

async fn send(request: Outgoing, signal: &AbortSignal) -> worker::Result<Option<Incoming>> {
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
    let mut answer = worker::Fetch::Request(request).send_with_signal(signal).await?;
    let status = answer.status_code();
    // An answer without a body has no stream.
    let Ok(mut chunks) = answer.stream() else { return Ok(Some(Incoming { status, body: vec![] })) };
    let body = read_chunks(&mut chunks, MAX_BYTES).await?;
    Ok((body.len() <= MAX_BYTES).then_some(Incoming { status, body }))
}
