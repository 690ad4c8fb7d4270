//! A run: the model is asked, its tools are called, and so on until it has nothing to call; within budgets.
use super::{
    act::{self, Caller, Outcome},
    event::{self, Event, Interrupt, Out, TokenUsage},
    halt::Halt,
    input::RunInput,
    prompt,
    turn::Turn,
};
use crate::{
    Error, Result,
    agent_thread::{
        AgentMessage, ToolCall,
        log::{self, Started},
    },
    config::ModelOptions,
    llm::{self, Usage},
    tools,
};
use futures_util::{
    future::{Either, select},
    pin_mut,
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// How many calls of one answer are done.
const MAX_CALLS: usize = 16;
/// Whether the run is to stop is asked this often while the model speaks, or is silent.
const STOP_IS_ASKED_EVERY_MS: u32 = 1000;

/// A run that has begun.
pub struct Run {
    caller: Caller,
    input: RunInput,
    started: Started,
    out: Out,
    /// All that was said in the thread.
    messages: Vec<AgentMessage>,
    /// How many of them are kept.
    kept: usize,
    /// What a person is asked before the run can go on.
    interrupts: Vec<Interrupt>,
    usage: Usage,
    /// When it was last asked whether the run is to stop, in milliseconds after it began.
    asked_ms: f64,
}

impl Run {
    /// `before` is what was said in the thread so far; what is new in `input` is taken.
    pub fn new(caller: Caller, mut input: RunInput, started: Started, before: Vec<AgentMessage>, out: Out) -> Self {
        let (kept, interrupts) = (before.len(), vec![]);
        let mut messages = before;
        for message in std::mem::take(&mut input.messages) {
            if is_new(&message, &messages) {
                messages.push(message);
            }
        }
        Self { caller, input, started, out, messages, kept, interrupts, usage: Usage::default(), asked_ms: 0.0 }
    }

    /// Runs to the end, and tells the client of it. What was said is kept first, so that his next run knows it.
    pub async fn go(mut self) {
        let ended = self.steps().await;
        self.answer_what_is_open();
        let new = self.messages.get(self.kept..).unwrap_or_default();
        let kept = log::end(self.caller.cx(), &self.started, self.caller.now(), new).await;
        let ended = match (ended, kept) {
            (Ok(()) | Err(Halt::Stopped), Err(error)) => Err(error.into()),
            (ended, _) => ended,
        };
        // Who went away is told nothing.
        let _ = self.tell(ended).await;
    }

    async fn tell(&mut self, ended: Result<(), Halt>) -> Result<(), Halt> {
        self.out.close().await?;
        match ended {
            Ok(()) | Err(Halt::Stopped) => {
                let model = self.caller.app().config.model.as_ref().map_or("", |options| options.model.as_str());
                let Usage { input, output } = self.usage;
                let usage = TokenUsage { model: model.to_owned(), input_tokens: input, output_tokens: output };
                let RunInput { thread, run, .. } = &self.input;
                let outcome =
                    (!self.interrupts.is_empty()).then_some(event::Outcome::Interrupt { interrupts: &self.interrupts });
                let last = Event::RunFinished { thread_id: thread, run_id: run, usage: &[usage], outcome };
                Ok(self.out.send(&last).await?)
            }
            Err(Halt::Failed { code, message }) => {
                Ok(self.out.send(&Event::RunError { message: &message, code }).await?)
            }
            Err(Halt::Gone) => Ok(()),
        }
    }

    async fn steps(&mut self) -> Result<(), Halt> {
        self.out.send(&Event::RunStarted { thread_id: &self.input.thread, run_id: &self.input.run }).await?;
        let Some(model) = self.caller.app().config.model.clone() else {
            let message = "No model is configured. Whoever runs this deployment sets LLM_BASE_URL and LLM_MODEL, and the secret \
                LLM_API_KEY if the model wants one: docs/agents.md.";
            return Err(Halt::failed("MODEL_NOT_CONFIGURED", message));
        };
        if self.messages.is_empty() {
            return Err(Halt::failed("NO_MESSAGE", "There is nothing to answer: send a message of the user."));
        }
        self.keep().await?;
        self.go_on_with_what_was_asked().await?;
        let system = prompt::system(&self.datasets().await);
        let tools = self.tools();
        let steps = self.caller.app().config.agent.steps;
        for _ in 0..steps {
            self.ask_whether_to_stop().await?;
            let calls = self.turn(&model, &system, &tools).await?;
            if calls.is_empty() || self.call(calls).await? {
                return Ok(());
            }
            self.keep().await?;
        }
        Err(Halt::failed(
            "STEP_LIMIT",
            format!("The agent was still at work after {steps} steps. Ask for less at once, or go on."),
        ))
    }

    /// What `dataset_list` answers the caller; nothing if he may not list them.
    async fn datasets(&self) -> Value {
        let Some(operation) = tools::find("dataset_list") else { return Value::Null };
        let (answer, _) = tools::call(operation, self.caller.cx(), json!({ "limit": 100 })).await;
        serde_json::from_slice(&answer).unwrap_or_default()
    }

    /// What the model may call: what the caller's roles grant, and what the page has.
    fn tools(&self) -> Vec<Value> {
        let ours = tools::granted(self.caller.cx()).map(|(_, tool)| {
            let field = |name: &str| tool.get(name).cloned().unwrap_or_default();
            let (name, description, parameters) = (field("name"), field("description"), field("inputSchema"));
            json!({ "type": "function", "function": { "name": name, "description": description, "parameters": parameters } })
        });
        ours.chain(self.input.tools.iter().map(|tool| tool.described.clone())).collect()
    }

    /// Asks the model, and gives which tools it calls. What it has said is said, even if it breaks off.
    async fn turn(
        &mut self,
        model: &ModelOptions,
        system: &llm::Message,
        tools: &[Value],
    ) -> Result<Vec<ToolCall>, Halt> {
        let mut turn = Turn::new(self.caller.app().random)?;
        let read = self.read(&mut turn, model, system, tools).await;
        self.usage += turn.usage();
        let message = turn.into_message(read.is_ok());
        let calls = match &message {
            Some(AgentMessage::Assistant { tool_calls, .. }) => tool_calls.clone(),
            _ => vec![],
        };
        self.messages.extend(message);
        read.map(|()| calls)
    }

    async fn read(
        &mut self,
        turn: &mut Turn,
        model: &ModelOptions,
        system: &llm::Message,
        tools: &[Value],
    ) -> Result<(), Halt> {
        let app = self.caller.app();
        let (random, runtime, fetch) = (app.random, app.runtime, app.fetch.clone());
        let taken = call_ids(&self.messages);
        let told: Vec<_> = std::iter::once(system.clone()).chain(prompt::history(&self.messages)).collect();
        let mut answer = self.while_silent(llm::ask(&*fetch, runtime, model, &told, tools)).await??;
        while let Some(chunk) = self.while_silent(answer.next()).await?? {
            turn.take(chunk, &mut self.out, random, &taken).await?;
            self.is_within_budget(turn.usage())?;
            if self.caller.elapsed_ms() - self.asked_ms >= f64::from(STOP_IS_ASKED_EVERY_MS) {
                self.ask_whether_to_stop().await?;
            }
        }
        Ok(self.out.close().await?)
    }

    /// Waits for the model. As long as it is silent, the client is written to now and then, for that alone tells whether he is
    /// still there, and whether to stop is asked.
    async fn while_silent<T>(&mut self, awaited: impl Future<Output = T>) -> Result<T, Halt> {
        let sleep = self.caller.app().runtime.sleep;
        pin_mut!(awaited);
        loop {
            if let Either::Left((done, _)) = select(awaited.as_mut(), sleep(STOP_IS_ASKED_EVERY_MS)).await {
                return Ok(done);
            }
            self.out.keep_alive().await?;
            self.ask_whether_to_stop().await?;
        }
    }

    fn is_within_budget(&self, more: Usage) -> Result<(), Halt> {
        let limits = self.caller.app().config.agent;
        if self.usage.output.saturating_add(more.output) > limits.tokens {
            let message =
                format!("The model has written more than {} tokens. Ask for less at once, or go on.", limits.tokens);
            return Err(Halt::failed("TOKEN_LIMIT", message));
        }
        if self.caller.elapsed_ms() > f64::from(limits.seconds) * 1000.0 {
            let message =
                format!("The agent was at work for {} seconds. Ask for less at once, or go on.", limits.seconds);
            return Err(Halt::failed("TIME_LIMIT", message));
        }
        Ok(())
    }

    /// Also whether there is time left.
    async fn ask_whether_to_stop(&mut self) -> Result<(), Halt> {
        self.is_within_budget(Usage::default())?;
        self.asked_ms = self.caller.elapsed_ms();
        match log::is_stopped(self.caller.cx(), &self.started).await? {
            Some(false) => Ok(()),
            Some(true) => Err(Halt::Stopped),
            // The thread was deleted; or it went with the membership, which the gate tells.
            None => Err(self.caller.again().await.err().map_or(Halt::Stopped, Into::into)),
        }
    }

    /// Calls the tools, one after the other; gives whether the run ends here: for the page to call its own, or for a person to
    /// approve a call.
    async fn call(&mut self, calls: Vec<ToolCall>) -> Result<bool, Halt> {
        let mut is_pages_turn = false;
        for (at, call) in calls.into_iter().enumerate() {
            if self.input.tools.iter().any(|tool| tool.name == call.function.name) {
                is_pages_turn = true;
            } else if at >= MAX_CALLS {
                let message = format!("At most {MAX_CALLS} tools are called at once: call this one again.");
                self.answer(call.id, act::refusal("TOO_MANY_CALLS", message)).await?;
            } else {
                self.ask_whether_to_stop().await?;
                match self.caller.call(&call.function).await? {
                    Outcome::Answers(content) => self.answer(call.id, content).await?,
                    Outcome::Asks { approval } => self.interrupts.push(asks(approval, call)),
                }
            }
        }
        Ok(is_pages_turn || !self.interrupts.is_empty())
    }

    /// Makes the calls that an earlier run has asked a person about, with the arguments that are in the thread. What he has
    /// not approved is not made: he has gone on without.
    async fn go_on_with_what_was_asked(&mut self) -> Result<(), Halt> {
        for call in self.open_calls_of_ours() {
            self.ask_whether_to_stop().await?;
            let content = match self.caller.call(&call.function).await? {
                Outcome::Answers(content) => content,
                Outcome::Asks { .. } => {
                    act::refusal("NOT_APPROVED", "The person has gone on and not approved this call.")
                }
            };
            self.answer(call.id, content).await?;
        }
        Ok(())
    }

    /// Tells the client what a tool answered, and the thread.
    async fn answer(&mut self, tool_call_id: String, content: String) -> Result<(), Halt> {
        let id = format!("res_{}", self.caller.app().random.alphanumeric(24)?);
        let told = self.out.answer(&id, &tool_call_id, &content).await;
        // What was done is kept, whether or not somebody still reads.
        self.messages.push(AgentMessage::Tool { id, tool_call_id, content });
        Ok(told?)
    }

    fn open_calls_of_ours(&self) -> Vec<ToolCall> {
        open_calls(&self.messages).filter(|call| tools::find(&call.function.name).is_some()).cloned().collect()
    }

    /// Calls of our tools that the run has not come to are answered in the thread. Open stay those of the page, and those that
    /// a person is asked about.
    fn answer_what_is_open(&mut self) {
        for call in self.open_calls_of_ours() {
            if !self.interrupts.iter().any(|interrupt| interrupt.tool_call_id == call.id) {
                let content = act::refusal("NOT_CALLED", "The run ended before this tool was called.");
                let id = format!("res_{}", call.id);
                self.messages.push(AgentMessage::Tool { id, tool_call_id: call.id, content });
            }
        }
    }

    /// Keeps what is not kept yet.
    async fn keep(&mut self) -> Result<(), Error> {
        let new = self.messages.get(self.kept..).unwrap_or_default();
        log::append(self.caller.cx(), &self.started, self.caller.now(), new).await?;
        self.kept = self.messages.len();
        Ok(())
    }
}

/// What a person is asked: whether that very call is to be made.
fn asks(approval: String, call: ToolCall) -> Interrupt {
    let approve = json!({ "approve": { "type": "boolean" } });
    Interrupt {
        id: approval,
        reason: "tool_call",
        message: format!("Approve {} with {}?", call.function.name, call.function.arguments),
        tool_call_id: call.id,
        response_schema: json!({ "type": "object", "properties": approve, "required": ["approve"] }),
    }
}

/// Whether the thread takes the client's message: what the user says is new if its id is; a tool's answer only if a tool of
/// the page was called and has not answered.
fn is_new(message: &AgentMessage, before: &[AgentMessage]) -> bool {
    let is_known = before.iter().any(|known| known.id() == message.id());
    match message {
        AgentMessage::Tool { tool_call_id, .. } => {
            let mut open = open_calls(before).filter(|call| tools::find(&call.function.name).is_none());
            !is_known && open.any(|call| call.id == *tool_call_id)
        }
        _ => !is_known,
    }
}

/// The calls that have no answer.
fn open_calls(messages: &[AgentMessage]) -> impl Iterator<Item = &ToolCall> {
    let is_answered = |id: &str| {
        messages.iter().any(|message| matches!(message, AgentMessage::Tool { tool_call_id, .. } if tool_call_id == id))
    };
    calls(messages).filter(move |call| !is_answered(&call.id))
}

fn calls(messages: &[AgentMessage]) -> impl Iterator<Item = &ToolCall> {
    messages.iter().flat_map(|message| match message {
        AgentMessage::Assistant { tool_calls, .. } => tool_calls.as_slice(),
        _ => &[],
    })
}

fn call_ids(messages: &[AgentMessage]) -> HashSet<String> {
    calls(messages).map(|call| call.id.clone()).collect()
}
