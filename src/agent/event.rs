//! What a run tells its client: AG-UI's events, as server-sent ones.
//!
//! Source: AG-UI 0.0.59, as CopilotKit 1.75.0 pins it; 1.0 reads the same. A field that has no value is absent, never null:
//! at a null, CopilotKit's client ends silently.
use crate::{Result, agent_thread::AgentMessage};
use futures_channel::mpsc::Sender;
use serde::Serialize;
use std::{cell::Cell, future::poll_fn, rc::Rc};

/// One event.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Event<'a> {
    /// The first of a run.
    RunStarted { thread_id: &'a str, run_id: &'a str },
    /// The last of a run that came to its end, or was stopped.
    RunFinished {
        thread_id: &'a str,
        run_id: &'a str,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        usage: &'a [TokenUsage],
        #[serde(skip_serializing_if = "Option::is_none")]
        outcome: Option<Outcome<'a>>,
    },
    /// The last of a run that failed.
    RunError { message: &'a str, code: &'a str },
    /// A text begins; one that was ended goes on.
    TextMessageStart { message_id: &'a str, role: &'a str },
    /// More of it.
    TextMessageContent { message_id: &'a str, delta: &'a str },
    /// It has ended.
    TextMessageEnd { message_id: &'a str },
    /// The model calls a tool.
    ToolCallStart { tool_call_id: &'a str, tool_call_name: &'a str, parent_message_id: &'a str },
    /// More of the arguments.
    ToolCallArgs { tool_call_id: &'a str, delta: &'a str },
    /// The call is whole.
    ToolCallEnd { tool_call_id: &'a str },
    /// What the tool answered.
    ToolCallResult { message_id: &'a str, tool_call_id: &'a str, content: &'a str, role: &'a str },
    /// All that was said so far.
    MessagesSnapshot { messages: &'a [AgentMessage] },
}

/// How a run ended that has not come to its end.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Outcome<'a> {
    /// A person is asked something; his answer begins the next run.
    Interrupt { interrupts: &'a [Interrupt] },
}

/// What a person is asked: whether a call is to be made.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Interrupt {
    /// The approval's id.
    pub id: String,
    /// Always `tool_call`.
    pub reason: &'static str,
    /// Which call.
    pub tool_call_id: String,
    /// The question.
    pub message: String,
    /// What his answer is to be.
    pub response_schema: serde_json::Value,
}

/// How many tokens a run took.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenUsage {
    /// Which model.
    pub model: String,
    /// What it read.
    pub input_tokens: u64,
    /// What it wrote.
    pub output_tokens: u64,
}

impl Event<'_> {
    /// As it is sent. JSON has no line ends of its own, so one line of data holds it.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    pub fn encoded(&self) -> Result<Vec<u8>> {
        let json = serde_json::to_string(self).map_err(crate::Error::internal)?;
        Ok(format!("data: {json}\n\n").into_bytes())
    }

    const fn is_last(&self) -> bool {
        matches!(self, Self::RunFinished { .. } | Self::RunError { .. })
    }
}

/// Nobody reads any more.
#[derive(Debug)]
pub struct Gone;

/// The way to the client. It knows what is open, and ends that before the run ends: clients reject a run that leaves a text
/// or a tool call open.
pub struct Out {
    to: Sender<Vec<u8>>,
    has_ended: Rc<Cell<bool>>,
    open_text: Option<String>,
    open_calls: Vec<String>,
}

impl Out {
    /// `has_ended` will say whether the last event of the run was sent.
    pub const fn new(to: Sender<Vec<u8>>, has_ended: Rc<Cell<bool>>) -> Self {
        Self { to, has_ended, open_text: None, open_calls: vec![] }
    }

    /// More of a message's text.
    pub async fn text(&mut self, message_id: &str, delta: &str) -> Result<(), Gone> {
        if delta.is_empty() {
            return Ok(());
        }
        if self.open_text.is_none() {
            self.send(&Event::TextMessageStart { message_id, role: "assistant" }).await?;
            self.open_text = Some(message_id.to_owned());
        }
        self.send(&Event::TextMessageContent { message_id, delta }).await
    }

    /// A tool call begins, of that message.
    pub async fn call(&mut self, parent_message_id: &str, tool_call_id: &str, name: &str) -> Result<(), Gone> {
        self.end_text().await?;
        self.send(&Event::ToolCallStart { tool_call_id, tool_call_name: name, parent_message_id }).await?;
        self.open_calls.push(tool_call_id.to_owned());
        Ok(())
    }

    /// More of a call's arguments.
    pub async fn arguments(&mut self, tool_call_id: &str, delta: &str) -> Result<(), Gone> {
        if delta.is_empty() {
            return Ok(());
        }
        self.send(&Event::ToolCallArgs { tool_call_id, delta }).await
    }

    /// What a tool answered.
    pub async fn answer(&mut self, message_id: &str, tool_call_id: &str, content: &str) -> Result<(), Gone> {
        self.send(&Event::ToolCallResult { message_id, tool_call_id, content, role: "tool" }).await
    }

    /// Ends whatever is open.
    pub async fn close(&mut self) -> Result<(), Gone> {
        self.end_text().await?;
        for call in std::mem::take(&mut self.open_calls) {
            self.send(&Event::ToolCallEnd { tool_call_id: &call }).await?;
        }
        Ok(())
    }

    async fn end_text(&mut self) -> Result<(), Gone> {
        match self.open_text.take() {
            Some(message_id) => self.send(&Event::TextMessageEnd { message_id: &message_id }).await,
            None => Ok(()),
        }
    }

    /// Says nothing: a comment, which clients skip.
    pub async fn keep_alive(&mut self) -> Result<(), Gone> {
        self.write(b":\n\n".to_vec()).await
    }

    /// Sends an event, once the client has read what was sent before.
    pub async fn send(&mut self, event: &Event<'_>) -> Result<(), Gone> {
        self.write(event.encoded().map_err(|_| Gone)?).await?;
        self.has_ended.set(self.has_ended.get() || event.is_last());
        Ok(())
    }

    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), Gone> {
        poll_fn(|context| self.to.poll_ready(context)).await.map_err(|_| Gone)?;
        self.to.start_send(bytes).map_err(|_| Gone)
    }
}
