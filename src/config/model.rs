//! The model that agents think with, and how long one run of it may go on.
use super::{Environment, Reader, Secret};

/// An endpoint that speaks OpenAI's chat completions.
#[derive(Clone, Debug)]
pub struct ModelOptions {
    /// `LLM_BASE_URL`: what `/chat/completions` is put behind, such as `https://api.openai.com/v1`.
    pub base_url: String,
    /// `LLM_MODEL`: the model's name there.
    pub model: String,
    /// `LLM_API_KEY`: what is sent as its bearer token; none if it wants none.
    pub api_key: Option<Secret>,
    /// `LLM_TIMEOUT_MS`: how long it may be silent, before its answer and in it. Default 30,000.
    pub timeout_ms: u32,
}

impl ModelOptions {
    /// None if neither `LLM_BASE_URL` nor `LLM_MODEL` is set: everything but agents works without.
    pub(super) fn read(vars: &mut Reader<'_>, environment: Environment) -> Option<Self> {
        let timeout_ms = vars.number("LLM_TIMEOUT_MS", 30_000, 100..=300_000);
        let api_key = vars.text("LLM_API_KEY").map(Into::into);
        match (vars.text("LLM_BASE_URL"), vars.text("LLM_MODEL")) {
            (None, None) => None,
            (Some(base_url), Some(model)) => {
                let base_url = base_url.trim_end_matches('/').to_owned();
                let is_plain = environment == Environment::Development && base_url.starts_with("http://");
                if !(base_url.starts_with("https://") || is_plain) {
                    vars.problem("LLM_BASE_URL must be an https:// URL such as https://api.openai.com/v1.".into());
                }
                Some(Self { base_url, model, api_key, timeout_ms })
            }
            _ => {
                vars.problem("LLM_BASE_URL and LLM_MODEL go together: set both or neither.".into());
                None
            }
        }
    }
}

/// What one run of an agent may take, and how long its threads are kept.
#[derive(Clone, Copy, Debug)]
pub struct AgentLimits {
    /// `AGENT_MAX_STEPS`: how often the model is asked. Default 12.
    pub steps: u32,
    /// `AGENT_MAX_TOKENS`: how many tokens the model may write in all. Default 20,000.
    pub tokens: u64,
    /// `AGENT_MAX_SECONDS`: how long it may take in all. Default 120.
    pub seconds: u32,
    /// `AGENT_THREAD_DAYS`: how long a thread is kept after its last message. Default 90.
    pub thread_days: u32,
}

impl AgentLimits {
    pub(super) fn read(vars: &mut Reader<'_>) -> Self {
        Self {
            steps: vars.number("AGENT_MAX_STEPS", 12, 1..=100),
            tokens: vars.number("AGENT_MAX_TOKENS", 20_000, 1..=1_000_000).into(),
            seconds: vars.number("AGENT_MAX_SECONDS", 120, 1..=900),
            thread_days: vars.number("AGENT_THREAD_DAYS", 90, 1..=3650),
        }
    }
}
