//! What a run of an agent reads of its thread, and adds to it.
use super::{AgentMessage, MAX_MESSAGES, said, sql};
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    db::Bind,
    id::AgentThreadId,
    operation::caller_is_gone,
    policy::{Action, Permission, Resource},
    time::Timestamp,
};
use serde::Deserialize;

/// How many threads a user may have in an organization.
const MAX_THREADS: i64 = 1000;
/// How many entries a thread may have.
const MAX_ENTRIES: i64 = 4000;
/// How many characters of the first message are the thread's title.
const TITLE_CHARS: usize = 80;

/// How a client names a thread. It is the caller's own by that name, or none: another's cannot be named.
#[derive(Clone, Debug)]
pub struct ThreadName {
    /// With which agent.
    pub agent: String,
    /// What the client calls it.
    pub thread: String,
}

/// A run that has begun.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Started {
    thread_id: AgentThreadId,
    /// Its number in the thread.
    run: i64,
}

/// Begins a run of the caller's thread of that name, which is made if it is not there; gives what was said in it before.
///
/// # Errors
/// `Forbidden`, `OutOfScope`; `QuotaExceeded` if the thread is full or the user has too many; `NotAMember` if he is gone.
pub async fn start(cx: &AuthCtx, name: &ThreadName, first: &str) -> Result<(Started, Vec<AgentMessage>)> {
    let db = handle(cx, Action::Create)?;
    let [user, agent, thread] = key(cx, name);
    let title: String = first.chars().take(TITLE_CHARS).collect();
    let id = AgentThreadId::generate(cx.now(), cx.random())?;
    let new = [(&id).into(), title.into(), cx.now().into(), MAX_THREADS.into()];
    let [new_id, title, now, max] = new;
    let key = || [user.clone(), agent.clone(), thread.clone()];
    let [k1, k2, k3] = key();
    let create = db.bind(sql::CREATE, [k1, k2, k3, new_id, title, now.clone(), max]);
    let [k1, k2, k3] = key();
    let start = db.bind(sql::START, [k1, k2, k3, now, MAX_ENTRIES.into()]);
    let before = db.bind(sql::REPLAY, [user, agent, thread, MAX_MESSAGES.into()]);
    let done = db.say([create, start, before]).await;
    let [_, started, before] = done.map_err(Error::from).map_err(caller_is_gone)?;
    let full = || {
        let problem = format!(
            "This thread is full, or you have {MAX_THREADS}. Begin a new one; delete those that you need no more."
        );
        Error::QuotaExceeded(problem)
    };
    Ok((started.decode_first()?.ok_or_else(full)?, said(before)?))
}

/// Adds messages to the run's thread; those that it has already are left as they are. Nothing if the thread is gone.
///
/// # Errors
/// What the database says.
pub async fn append(cx: &AuthCtx, run: &Started, now: Timestamp, messages: &[AgentMessage]) -> Result<()> {
    let db = handle(cx, Action::Create)?;
    let args = [(&run.thread_id).into(), cx.user_id().into(), run.run.into(), Bind::json(&messages)?, now.into()];
    db.say([db.bind(sql::APPEND, args)]).await?;
    Ok(())
}

/// Adds the run's last messages, and that it has ended.
///
/// # Errors
/// As [`append`].
pub async fn end(cx: &AuthCtx, run: &Started, now: Timestamp, messages: &[AgentMessage]) -> Result<()> {
    let db = handle(cx, Action::Create)?;
    let args = [(&run.thread_id).into(), cx.user_id().into(), run.run.into(), Bind::json(&messages)?, now.into()];
    let end = [(&run.thread_id).into(), cx.user_id().into(), run.run.into(), now.into()];
    db.say([db.bind(sql::APPEND, args), db.bind(sql::END, end)]).await?;
    Ok(())
}

/// Whether someone has asked the run to stop; none if its thread is gone.
///
/// # Errors
/// What the database says.
pub async fn is_stopped(cx: &AuthCtx, run: &Started) -> Result<Option<bool>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Row {
        is_stopped: bool,
    }
    let db = handle(cx, Action::Read)?;
    let args = [(&run.thread_id).into(), cx.user_id().into(), run.run.into()];
    let row: Option<Row> = db.first(sql::IS_STOPPED, args).await?;
    Ok(row.map(|row| row.is_stopped))
}

/// Asks what runs in the caller's thread of that name to stop; gives whether anything did. What began before `since` is
/// over, whatever the log says.
///
/// # Errors
/// `Forbidden`, `OutOfScope`.
pub async fn stop(cx: &AuthCtx, name: &ThreadName, since: Timestamp) -> Result<bool> {
    let db = handle(cx, Action::Create)?;
    let [user, agent, thread] = key(cx, name);
    let [stopped] = db.say([db.bind(sql::STOP, [user, agent, thread, cx.now().into(), since.into()])]).await?;
    Ok(stopped.changed > 0)
}

/// What was said in the caller's thread of that name; nothing if there is none.
///
/// # Errors
/// `Forbidden`, `OutOfScope`.
pub async fn replay(cx: &AuthCtx, name: &ThreadName) -> Result<Vec<AgentMessage>> {
    let db = handle(cx, Action::Read)?;
    let [user, agent, thread] = key(cx, name);
    let [messages] = db.batch([db.bind(sql::REPLAY, [user, agent, thread, MAX_MESSAGES.into()])]).await?;
    said(messages)
}

fn handle(cx: &AuthCtx, action: Action) -> Result<OrgDb<'_>> {
    cx.authorize(Permission { resource: Resource::AgentThread, action })
}

/// What a thread is found by, beside the organization.
fn key(cx: &AuthCtx, name: &ThreadName) -> [Bind; 3] {
    [cx.user_id().into(), (&name.agent).into(), (&name.thread).into()]
}
