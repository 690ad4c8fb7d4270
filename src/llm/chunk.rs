//! One piece of a model's answer: a chunk of OpenAI's chat completions, or a whole completion from who does not stream.
//!
//! Read liberally: what a provider leaves out, nulls or adds is no fault. Source: OpenAI's API reference, "chat completion
//! chunk"; and what others are known to send in its place.
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What a piece says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// More of the text.
    pub text: String,
    /// More of the tool calls.
    pub calls: Vec<Fragment>,
    /// Why the answer ends, if it does.
    pub finish: Option<String>,
    /// How many tokens the model has read and written, if it says so.
    pub usage: Option<Usage>,
}

/// A part of a tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, from = "Call")]
pub struct Fragment {
    /// Which of the answer's calls it is of.
    pub index: Option<usize>,
    /// The call's id: in its first part.
    pub id: String,
    /// The tool's name: in its first part.
    pub name: String,
    /// More of the arguments, which are JSON when all of them are put together.
    pub arguments: String,
}

/// How many tokens a model has read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// What it was sent.
    #[serde(rename = "prompt_tokens", deserialize_with = "or_default")]
    pub input: u64,
    /// What it wrote.
    #[serde(rename = "completion_tokens", deserialize_with = "or_default")]
    pub output: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, more: Self) {
        self.input = self.input.saturating_add(more.input);
        self.output = self.output.saturating_add(more.output);
    }
}

/// Why a piece is none.
#[derive(Debug, PartialEq, Eq)]
pub enum NoChunk {
    /// The provider reports an error.
    Reported,
    /// It is not of the protocol.
    Malformed,
}

/// Reads a piece.
///
/// # Errors
/// `Reported` for an error object, whose words are not for the model's users; `Malformed`.
pub fn read(json: &[u8]) -> Result<Chunk, NoChunk> {
    if !json.starts_with(b"{") {
        return Err(NoChunk::Malformed); // serde would read a list as an object's fields
    }
    let wire: Wire = serde_json::from_slice(json).map_err(|_| NoChunk::Malformed)?;
    if !matches!(wire.error, Value::Null) {
        return Err(NoChunk::Reported);
    }
    let choice = wire.choices.into_iter().next().unwrap_or_default();
    let said = choice.delta.or(choice.message).unwrap_or_default();
    Ok(Chunk {
        text: said.content + &said.refusal,
        calls: said.tool_calls,
        finish: Some(choice.finish_reason).filter(|reason| !reason.is_empty()),
        usage: wire.usage,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    error: Value,
    #[serde(deserialize_with = "or_default")]
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: Option<Said>,
    message: Option<Said>,
    #[serde(deserialize_with = "or_default")]
    finish_reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    #[serde(deserialize_with = "or_default")]
    content: String,
    #[serde(deserialize_with = "or_default")]
    refusal: String,
    #[serde(deserialize_with = "or_default")]
    tool_calls: Vec<Fragment>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Call {
    index: Option<usize>,
    #[serde(deserialize_with = "or_default")]
    id: String,
    #[serde(deserialize_with = "or_default")]
    function: Function,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Function {
    #[serde(deserialize_with = "or_default")]
    name: String,
    arguments: Value,
}

impl From<Call> for Fragment {
    fn from(Call { index, id, function: Function { name, arguments } }: Call) -> Self {
        let arguments = match arguments {
            Value::Null => String::new(),
            Value::String(text) => text,
            // Workers AI's models give the object itself.
            value => value.to_string(),
        };
        Self { index, id, name, arguments }
    }
}

/// A null is as good as an absent field.
fn or_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn chunk(json: Value) -> Chunk {
        read(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn chunks_of_every_provider_are_read() {
        let text = |text: &str| Chunk { text: text.into(), ..Chunk::default() };
        let choice =
            |delta: Value| json!({ "id": "c", "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] });
        assert_eq!(chunk(choice(json!({ "role": "assistant", "content": "Hi" }))), text("Hi"));
        assert_eq!(chunk(choice(json!({ "content": null, "tool_calls": null, "reasoning": "hm" }))), text(""));
        assert_eq!(chunk(choice(json!({ "refusal": "I can't." }))), text("I can't."));
        assert_eq!(chunk(json!({ "choices": [] })), text(""));
        let call =
            json!({ "index": 1, "id": "call_1", "type": "function", "function": { "name": "me", "arguments": "{" } });
        let fragment = Fragment { index: Some(1), id: "call_1".into(), name: "me".into(), arguments: "{".into() };
        assert_eq!(chunk(choice(json!({ "tool_calls": [call] }))).calls, [fragment]);
        let rest = json!({ "id": null, "function": { "name": null, "arguments": { "a": 1 } } });
        let fragment = Fragment { arguments: "{\"a\":1}".into(), ..Fragment::default() };
        assert_eq!(chunk(choice(json!({ "tool_calls": [rest] }))).calls, [fragment]);
        assert_eq!(chunk(choice(json!({ "tool_calls": [{ "function": null }] }))).calls, [Fragment::default()]);
        let usage =
            json!({ "choices": [], "usage": { "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7 } });
        assert_eq!(chunk(usage).usage, Some(Usage { input: 3, output: 4 }));
        let whole = json!({ "choices": [{ "message": { "content": "Hi" }, "finish_reason": "stop" }], "usage": null });
        assert_eq!(chunk(whole), Chunk { text: "Hi".into(), finish: Some("stop".into()), ..Chunk::default() });
    }

    #[test]
    fn what_is_no_chunk_is_told_apart() {
        assert_eq!(read(br#"{"error":{"message":"sk-abc is over its quota","code":429}}"#), Err(NoChunk::Reported));
        assert_eq!(read(br#"{"error":"no"}"#), Err(NoChunk::Reported));
        for malformed in ["", "{", "[]", "1", "<html>", r#"{"choices":{}}"#, r#"{"choices":[{"delta":{"content":1}}]}"#]
        {
            assert_eq!(read(malformed.as_bytes()), Err(NoChunk::Malformed), "{malformed}");
        }
    }
}
