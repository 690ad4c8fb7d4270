//! The model: a client of OpenAI's chat completions, streamed.
//!
//! A request is made of the deployment's configuration and of what the caller puts together; nothing of an inbound request
//! goes along. What the provider says of its errors stays here: it may hold parts of keys and accounts.
mod calls;
mod chunk;
mod sse;
#[cfg(test)]
pub mod tests;

pub use calls::{Call, Calls, TooMuch};
pub use chunk::{Chunk, Usage};

use crate::{
    Error,
    config::ModelOptions,
    fetch::{Fetch, FetchError, Outgoing},
    runtime::Runtime,
    stream::Stream,
};
use chunk::NoChunk;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// How often a request is sent that is answered with "too many requests" or a fault of the server, before anything of an
/// answer has come.
const ATTEMPTS: u32 = 3;
/// How long the first pause between them is; the next is twice as long.
const FIRST_PAUSE_MS: u32 = 500;
/// The longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// One message of a conversation, as a model is sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Message {
    /// What the model is to do.
    System {
        /// the text
        content: String,
    },
    /// What the user says.
    User {
        /// the text
        content: String,
    },
    /// What the model has said.
    Assistant {
        /// the text; null if it only calls tools
        content: Option<String>,
        /// which tools it calls
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Value>,
    },
    /// What a tool has answered.
    Tool {
        /// the call's id
        tool_call_id: String,
        /// the text
        content: String,
    },
}

/// Why there is no answer, or no more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It could not be reached.
    #[error("The model could not be reached. Try again; if it goes on, check LLM_BASE_URL.")]
    Unreachable,
    /// It was silent for too long.
    #[error("The model took too long to answer. Try again.")]
    TimedOut,
    /// It refuses the deployment.
    #[error(
        "The model refused this deployment (status {0}). Whoever runs it should check LLM_BASE_URL, LLM_MODEL and LLM_API_KEY."
    )]
    Refused(u16),
    /// It is overloaded, or has a fault.
    #[error("The model cannot answer now (status {0}). Try again later.")]
    Unavailable(u16),
    /// Its answer broke off, or is none.
    #[error("The model's answer broke off. Try again.")]
    BrokeOff,
    /// It reports an error in the middle of its answer.
    #[error("The model reported an error in the middle of its answer. Try again.")]
    Reported,
    /// Its answer is longer than anyone reads.
    #[error("The model's answer is too long. Ask for less at once.")]
    TooLong,
}

/// Asks the model, and gives its answer once that begins.
///
/// # Errors
/// `Unreachable`, `TimedOut`, `Refused`, `Unavailable`.
pub async fn ask(
    fetch: &dyn Fetch,
    runtime: Runtime,
    options: &ModelOptions,
    messages: &[Message],
    tools: &[Value],
) -> Result<Answer, ModelError> {
    let mut body = json!({
        "model": options.model,
        "messages": messages,
        "stream": true,
        "stream_options": { "include_usage": true },
    });
    // An empty list is refused by some.
    if let Some(body) = body.as_object_mut().filter(|_| !tools.is_empty()) {
        body.insert("tools".into(), tools.into());
    }
    let body = body.to_string();
    let mut pause_ms = FIRST_PAUSE_MS;
    for attempt in 1.. {
        let error = match fetch.stream(request(options, body.clone())).await {
            Ok(answer) if (200..300).contains(&answer.status) => return Ok(Answer::of(answer.body)),
            Ok(answer) if answer.status == 429 || answer.status >= 500 => ModelError::Unavailable(answer.status),
            Ok(answer) => return Err(ModelError::Refused(answer.status)),
            Err(FetchError::TimedOut) => return Err(ModelError::TimedOut),
            Err(FetchError::Failed(_) | FetchError::TooLarge) => ModelError::Unreachable,
        };
        if attempt == ATTEMPTS {
            return Err(error);
        }
        (runtime.sleep)(pause_ms).await;
        pause_ms *= 2;
    }
    Err(ModelError::Unreachable)
}

fn request(options: &ModelOptions, body: String) -> Outgoing {
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("accept", "text/event-stream".to_owned()),
        // Cloudflare's AI Gateway finds kept answers by the request, whoever's it is. Others take no notice.
        ("cf-aig-skip-cache", "true".to_owned()),
    ];
    if let Some(key) = &options.api_key {
        headers.push(("authorization", format!("Bearer {}", key.as_str())));
    }
    Outgoing {
        url: format!("{}/chat/completions", options.base_url),
        headers,
        body: Some(body),
        timeout_ms: options.timeout_ms,
    }
}

/// A model's answer, as it comes. The request ends when this is dropped.
pub struct Answer {
    body: Stream,
    events: sse::Reader,
    /// What has come and was not asked for yet.
    ready: VecDeque<Chunk>,
    /// The answer is no stream of events but one JSON text, so far this.
    whole: Option<Vec<u8>>,
    bytes: usize,
    /// It was said why the answer ends.
    is_finished: bool,
    /// Nothing more comes.
    is_over: bool,
}

impl Answer {
    fn of(body: Stream) -> Self {
        Self {
            body,
            events: sse::Reader::default(),
            ready: VecDeque::new(),
            whole: None,
            bytes: 0,
            is_finished: false,
            is_over: false,
        }
    }

    /// The next piece of it; none at its end.
    ///
    /// # Errors
    /// `TimedOut`, `BrokeOff`, `Reported`, `TooLong`.
    pub async fn next(&mut self) -> Result<Option<Chunk>, ModelError> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Ok(Some(chunk));
            }
            if self.is_over {
                return if self.is_finished { Ok(None) } else { Err(ModelError::BrokeOff) };
            }
            match self.body.next().await {
                Some(piece) => self.take(&piece.map_err(|error| broken(&error))?)?,
                None => self.end()?,
            }
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), ModelError> {
        self.bytes += piece.len();
        if self.bytes > MAX_ANSWER_BYTES {
            return Err(ModelError::TooLong);
        }
        let is_first = self.bytes == piece.len();
        if is_first && piece.trim_ascii_start().starts_with(b"{") {
            self.whole = Some(vec![]);
        }
        if let Some(whole) = &mut self.whole {
            whole.extend_from_slice(piece);
            return Ok(());
        }
        let events = self.events.push(piece).map_err(|sse::TooLong| ModelError::TooLong)?;
        events.iter().try_for_each(|event| self.event(event))
    }

    fn end(&mut self) -> Result<(), ModelError> {
        let rest = self.whole.take().or_else(|| self.events.end());
        self.is_over = true;
        rest.map_or(Ok(()), |rest| self.event(&rest))
    }

    fn event(&mut self, data: &[u8]) -> Result<(), ModelError> {
        match data.trim_ascii() {
            b"" => {}
            b"[DONE]" => (self.is_over, self.is_finished) = (true, true),
            // After its end, nothing of it is read.
            _ if self.is_over && self.is_finished => {}
            json => {
                let chunk = chunk::read(json)?;
                self.is_finished |= chunk.finish.is_some();
                self.ready.push_back(chunk);
            }
        }
        Ok(())
    }
}

impl From<NoChunk> for ModelError {
    fn from(no: NoChunk) -> Self {
        match no {
            NoChunk::Reported => Self::Reported,
            NoChunk::Malformed => Self::BrokeOff,
        }
    }
}

fn broken(error: &Error) -> ModelError {
    match error {
        Error::Internal(cause) if cause.downcast_ref() == Some(&FetchError::TimedOut) => ModelError::TimedOut,
        _ => ModelError::BrokeOff,
    }
}
