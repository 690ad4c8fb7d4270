//! One answer of the model, while it comes.
use super::{event::Out, halt::Halt};
use crate::{
    Result,
    agent_thread::{AgentMessage, FunctionCall, ToolCall, ToolCallKind},
    llm::{Calls, Chunk, Usage},
    random::Random,
};
use std::collections::HashSet;

/// How long a provider's id of a call may be; others are replaced.
const MAX_ID_BYTES: usize = 64;

/// What has come of it.
pub struct Turn {
    id: String,
    text: String,
    calls: Calls,
    /// By which ids the client knows the calls: of those whose name has come.
    ids: Vec<Option<String>>,
    usage: Option<Usage>,
    /// How many bytes the model has written.
    bytes: u64,
}

impl Turn {
    pub fn new(random: Random) -> Result<Self> {
        let id = format!("msg_{}", random.alphanumeric(24)?);
        Ok(Self { id, text: String::new(), calls: Calls::default(), ids: vec![], usage: None, bytes: 0 })
    }

    /// Takes a piece, and tells the client. `taken` are the ids that calls of the thread have.
    pub async fn take(
        &mut self,
        chunk: Chunk,
        out: &mut Out,
        random: Random,
        taken: &HashSet<String>,
    ) -> Result<(), Halt> {
        self.usage = chunk.usage.or(self.usage);
        self.bytes += chunk.text.len() as u64;
        self.text.push_str(&chunk.text);
        out.text(&self.id, &chunk.text).await?;
        for part in chunk.calls {
            let more = part.arguments.clone();
            self.bytes += (part.name.len() + more.len()) as u64;
            let Some(at) = self.calls.add(part)? else { continue };
            if self.ids.len() <= at {
                self.ids.resize(at + 1, None);
            }
            let (Some(call), Some(id)) = (self.calls.get(at), self.ids.get(at)) else { continue };
            match id {
                Some(id) => out.arguments(id, &more).await?,
                None if call.name.is_empty() => {}
                None => {
                    let id = id_of(&call.id, random, |id| {
                        taken.contains(id) || self.ids.iter().flatten().any(|other| other == id)
                    })?;
                    out.call(&self.id, &id, &call.name).await?;
                    out.arguments(&id, &call.arguments).await?;
                    if let Some(known) = self.ids.get_mut(at) {
                        *known = Some(id);
                    }
                }
            }
        }
        Ok(())
    }

    /// How many tokens the model has read and written: as it says; until it does, a token for each four bytes.
    pub fn usage(&self) -> Usage {
        self.usage.unwrap_or(Usage { input: 0, output: self.bytes.div_ceil(4) })
    }

    /// The message, with the calls if it is whole; none if nothing was said.
    pub fn into_message(self, is_whole: bool) -> Option<AgentMessage> {
        let calls = if is_whole { self.calls.into_vec() } else { vec![] };
        let known = calls.into_iter().zip(self.ids).filter_map(|(call, id)| Some((call, id?)));
        let tool_calls: Vec<_> = known
            .map(|(call, id)| ToolCall {
                id,
                kind: ToolCallKind::Function,
                function: FunctionCall { name: call.name, arguments: call.arguments },
            })
            .collect();
        let content = Some(self.text).filter(|text| !text.is_empty());
        let is_empty = content.is_none() && tool_calls.is_empty();
        (!is_empty).then_some(AgentMessage::Assistant { id: self.id, content, tool_calls })
    }
}

/// The provider's id, if it is one that no other call has; else one of ours.
fn id_of(given: &str, random: Random, is_taken: impl Fn(&str) -> bool) -> Result<String> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_good = (1..=MAX_ID_BYTES).contains(&given.len()) && given.bytes().all(is_letter) && !is_taken(given);
    if is_good { Ok(given.to_owned()) } else { Ok(format!("call_{}", random.alphanumeric(24)?)) }
}
