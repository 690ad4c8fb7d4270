//! The agent's door: `/api/copilotkit`, as CopilotKit's runtime answers there, in AG-UI's events.
//!
//! Source: CopilotKit 1.75.0 (`@copilotkit/runtime`, REST and single-endpoint form) and AG-UI 0.0.59. There is one agent.
//! Who calls, and for which organization, is read from each request's credential, as at every door, and from nothing else.
mod act;
mod event;
mod halt;
mod input;
mod prompt;
mod run;
#[cfg(test)]
mod tests;
mod turn;

use crate::{
    Error, Result,
    access::{self, App, AuthCtx, Door},
    agent_thread::log::{self, ThreadName},
    api::{Request, Response, origin},
    operations, path,
    stream::Stream,
};
use act::Caller;
use event::{Event, Out};
use futures_channel::mpsc;
use futures_util::{StreamExt, stream};
use http::{Method, StatusCode};
use input::{Resume, RunInput};
use percent_encoding::percent_decode_str;
use run::Run;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{cell::Cell, rc::Rc};

/// Where it is.
pub const PATH: &str = "/api/copilotkit";

/// The agent: what CopilotKit asks for that is told no other name.
const AGENT: &str = "default";

/// How many events wait for a client that reads slowly; then the run waits for it.
const EVENTS_AHEAD: usize = 16;

/// How long after its budget of seconds a run may still be ending.
const RUN_ENDS_WITHIN_S: i64 = 60;

/// What is asked for.
enum Asked {
    Info,
    Run(Value),
    Connect(Value),
    Stop { thread: String },
}

/// What follows the door's path, if the request's path leads to it.
#[must_use]
pub fn path_of(request: &Request) -> Option<&str> {
    request.path.strip_prefix(PATH).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request to `path`, behind the door's own.
///
/// # Errors
/// What is wrong before a run begins. What goes wrong in it is an event.
pub async fn answer(app: &App, request: &Request, path: &str) -> Result<Response> {
    request.within(app.config.max_body_bytes)?;
    origin::check(request, &app.config, app.runtime)?;
    let is_info = path == "/info";
    if request.method != if is_info { Method::GET } else { Method::POST } {
        return Err(Error::MethodNotAllowed { allow: if is_info { "GET, HEAD" } else { "POST" }.into() });
    }
    let cx = access::enter(app, request, Door::Agent).await?;
    let response = match asked(request, path)? {
        Asked::Info => Response::json(StatusCode::OK, &info())?,
        Asked::Run(input) => run(app, request, cx, input).await?,
        Asked::Connect(input) => connect(&cx, input).await?,
        Asked::Stop { thread } => stop(app, &cx, thread).await?,
    };
    Ok(response.with_header("cache-control", "no-store"))
}

fn asked(request: &Request, path: &str) -> Result<Asked> {
    if path == "/info" {
        return Ok(Asked::Info);
    }
    if matches!(path, "" | "/") {
        return enveloped(json(request)?);
    }
    let segment = |params: path::Params, name: &str| {
        let found = params.into_iter().find(|(param, _)| *param == name);
        let (_, text) = found.unwrap_or_default();
        percent_decode_str(&text).decode_utf8().map(String::from).map_err(|_| Error::NoSuchRoute)
    };
    if let Some(params) = path::params("/agent/{agent}/stop/{thread}", path) {
        is_ours(&segment(params.clone(), "agent")?)?;
        return Ok(Asked::Stop { thread: segment(params, "thread")? });
    }
    for (pattern, asked) in
        [("/agent/{agent}/run", Asked::Run as fn(Value) -> Asked), ("/agent/{agent}/connect", Asked::Connect)]
    {
        if let Some(params) = path::params(pattern, path) {
            is_ours(&segment(params, "agent")?)?;
            return Ok(asked(json(request)?));
        }
    }
    Err(Error::NoSuchRoute)
}

/// The single-endpoint form: what is asked for stands in the body.
fn enveloped(envelope: Value) -> Result<Asked> {
    #[derive(Deserialize)]
    struct Envelope {
        method: String,
        #[serde(default)]
        params: Value,
        #[serde(default)]
        body: Value,
    }
    let read = crate::json::read(envelope).map_err(|misfit| Error::invalid(misfit.place, misfit.problem));
    let Envelope { method, params, body } = read?;
    if method == "info" {
        return Ok(Asked::Info);
    }
    let param = |name| params.get(name).and_then(Value::as_str);
    is_ours(param("agentId").unwrap_or_default())?;
    match method.as_str() {
        "agent/run" => Ok(Asked::Run(body)),
        "agent/connect" => Ok(Asked::Connect(body)),
        "agent/stop" => {
            let thread =
                param("threadId").ok_or_else(|| Error::invalid("params.threadId", "must be the thread's name"))?;
            Ok(Asked::Stop { thread: thread.to_owned() })
        }
        _ => Err(Error::invalid("method", "must be info, agent/run, agent/connect or agent/stop")),
    }
}

fn is_ours(agent: &str) -> Result<()> {
    if agent == AGENT { Ok(()) } else { Err(Error::NotFound("agent")) }
}

fn json(request: &Request) -> Result<Value> {
    if request.media_type().as_deref() != Some("application/json") {
        return Err(Error::UnsupportedMediaType);
    }
    serde_json::from_slice(&request.body).map_err(|error| Error::NotJson(error.to_string()))
}

/// What CopilotKit asks first. The version is that of the runtime whose answers these are.
fn info() -> Value {
    let agent =
        json!({ "name": AGENT, "description": "Works with the organization's datasets, dashboards and widgets." });
    json!({
        "version": "1.75.0",
        "agents": { AGENT: agent },
        "mode": "sse",
        "audioFileTranscriptionEnabled": false,
        "suggestions": false,
        "threadEndpoints": { "list": false, "inspect": false, "mutations": false, "realtimeMetadata": false },
        "a2uiEnabled": false,
        "openGenerativeUIEnabled": false,
        "telemetryDisabled": true,
    })
}

/// Begins a run. It goes on by itself, so that it can keep what was said when its client goes away.
async fn run(app: &App, request: &Request, cx: AuthCtx, input: Value) -> Result<Response> {
    let input = RunInput::read(input)?;
    let background = app.background.clone().ok_or_else(|| Error::internal("nothing runs in the background here"))?;
    let name = ThreadName { agent: AGENT.into(), thread: input.thread.clone() };
    decide(app, request, &input.resume).await?;
    let (started, before) = log::start(&cx, &name, input.title()).await?;
    let (to, events) = mpsc::channel(EVENTS_AHEAD);
    let has_ended = Rc::new(Cell::new(false));
    let caller = Caller::new(app.clone(), request, cx);
    background(Box::pin(Run::new(caller, input, started, before, Out::new(to, has_ended.clone())).go()));
    Ok(streamed(events.map(Ok).chain(unless_ended(has_ended))))
}

/// Decides on what a run has asked a person. He answers by his page, and no model has a part in it: it is as if he had
/// called `approval_decide` over REST, with all that is asked there of who decides. One that is decided or over stays so.
async fn decide(app: &App, request: &Request, answers: &[Resume]) -> Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    let cx = access::enter(app, request, Door::Rest).await?;
    let operation = operations::all().find(|operation| operation.name == "approval_decide");
    let operation = operation.ok_or_else(|| Error::internal("nothing decides on approvals"))?;
    for answer in answers {
        let decision = if answer.approves() { "approve" } else { "deny" };
        let decided = json!({ "id": answer.interrupt_id, "decision": decision });
        match operation.call(&cx, || Ok(decided.into())).await {
            Ok(_) | Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What is said in place of the last event of a run that broke off: a panic, say, of which it knows nothing.
fn unless_ended(has_ended: Rc<Cell<bool>>) -> impl futures_util::Stream<Item = Result<Vec<u8>>> {
    let message = "Something went wrong on our side. Try again.";
    stream::once(async move {
        if has_ended.get() { Ok(vec![]) } else { Event::RunError { message, code: "INTERNAL_SERVER_ERROR" }.encoded() }
    })
}

/// What was said in the thread; nothing for one that is not the caller's, whether or not it is another's.
async fn connect(cx: &AuthCtx, input: Value) -> Result<Response> {
    let RunInput { thread, run, .. } = RunInput::read(input)?;
    let name = ThreadName { agent: AGENT.into(), thread };
    let messages = log::replay(cx, &name).await?;
    if messages.is_empty() {
        return Ok(streamed(stream::empty()));
    }
    let events = [
        Event::RunStarted { thread_id: &name.thread, run_id: &run },
        Event::MessagesSnapshot { messages: &messages },
        Event::RunFinished { thread_id: &name.thread, run_id: &run, usage: &[], outcome: None },
    ];
    let events: Result<Vec<_>> = events.iter().map(Event::encoded).collect();
    Ok(streamed(stream::iter(events?.into_iter().map(Ok))))
}

async fn stop(app: &App, cx: &AuthCtx, thread: String) -> Result<Response> {
    let longest = i64::from(app.config.agent.seconds) + RUN_ENDS_WITHIN_S;
    let name = ThreadName { agent: AGENT.into(), thread };
    let stopped = log::stop(cx, &name, app.now.plus_s(-longest)).await?;
    let told =
        if stopped { json!({ "stopped": true }) } else { json!({ "stopped": false, "message": "No such run." }) };
    Response::json(StatusCode::OK, &told)
}

fn streamed(events: impl futures_util::Stream<Item = Result<Vec<u8>>> + 'static) -> Response {
    Response { rest: Some(Stream::new(events)), ..Response::of_type(StatusCode::OK, "text/event-stream", vec![]) }
}
