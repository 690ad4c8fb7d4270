//! Threads: what a user and an agent have said. A thread is its user's own: whatever his role, no other sees it.
//!
//! `log` is what a run of an agent uses; here are the operations.
use crate::{
    Error, Result,
    access::{AuthCtx, OrgDb},
    db::Rows,
    id::AgentThreadId,
    operation::{
        Deleted, Output,
        input::{ById, DeleteById, PageInput},
        page::{Listed, Page},
    },
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod log;
pub mod operations;
pub mod purge;
pub mod sql;
#[cfg(test)]
mod tests;

/// How many messages of a thread are read, the newest.
const MAX_MESSAGES: i64 = 400;

/// A thread, without what is said in it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentThread {
    /// Its id.
    pub id: AgentThreadId,
    /// With which agent.
    pub agent: String,
    /// What the client calls it.
    pub thread_id: String,
    /// How it began.
    pub title: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last went on.
    pub updated_at: Timestamp,
}

impl Output for AgentThread {}

impl Listed for AgentThread {
    type Id = AgentThreadId;
    fn id(&self) -> &AgentThreadId {
        &self.id
    }
}

/// A thread, and what is said in it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentThreadMessages {
    /// The thread.
    pub thread: AgentThread,
    /// Its messages, the oldest first; of a long thread the newest 400.
    pub messages: Vec<AgentMessage>,
}

impl Output for AgentThreadMessages {}

/// A message, in the form of AG-UI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "role", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum AgentMessage {
    /// What the user says.
    User {
        /// Its id, which the client gave it.
        id: String,
        /// The text.
        content: String,
    },
    /// What the agent says.
    Assistant {
        /// Its id.
        id: String,
        /// The text; none if it only calls tools.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
        /// Which tools it calls.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
    },
    /// What a tool answers.
    Tool {
        /// Its id.
        id: String,
        /// Which call it answers.
        tool_call_id: String,
        /// The answer.
        content: String,
    },
}

impl AgentMessage {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User { id, .. } | Self::Assistant { id, .. } | Self::Tool { id, .. } => id,
        }
    }
}

/// A tool call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// Its id.
    pub id: String,
    /// Always `function`.
    #[serde(rename = "type")]
    pub kind: ToolCallKind,
    /// What is called.
    pub function: FunctionCall,
}

/// The kind of a tool call: there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ToolCallKind {
    /// `function`
    Function,
}

/// What a tool call calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionCall {
    /// The tool's name.
    pub name: String,
    /// Its arguments, as the model wrote them: JSON, if it did well.
    pub arguments: String,
}

/// A row of the statements that read messages.
#[derive(Deserialize)]
struct Said {
    message: AgentMessage,
}

/// The messages of rows that are newest first, the oldest first.
fn said(rows: Rows) -> Result<Vec<AgentMessage>> {
    Ok(rows.decode::<Said>()?.into_iter().rev().map(|row| row.message).collect())
}

/// The caller's threads in the organization, newest first.
async fn list(cx: &AuthCtx, db: &OrgDb<'_>, page: PageInput<AgentThreadId>) -> Result<Page<AgentThread>> {
    let args = [page.cursor.as_ref().into(), page.limit.and_one().into(), cx.user_id().into()];
    Ok(Page::of(db.all(sql::LIST, args).await?, page.limit))
}

/// One of the caller's threads, with its messages.
///
/// # Errors
/// `NotFound`, whoever else's it is.
async fn show(cx: &AuthCtx, db: &OrgDb<'_>, one: ById<AgentThreadId>) -> Result<AgentThreadMessages> {
    let show = db.bind(sql::SHOW, [(&one.id).into(), cx.user_id().into()]);
    let messages = db.bind(sql::MESSAGES, [(&one.id).into(), cx.user_id().into(), MAX_MESSAGES.into()]);
    let [thread, messages] = db.batch([show, messages]).await?;
    let thread = thread.decode_first()?.ok_or(Error::NotFound("thread"))?;
    Ok(AgentThreadMessages { thread, messages: said(messages)? })
}

/// Deletes one of the caller's threads.
///
/// # Errors
/// `NotFound`, `OrgPermission`, `Stale`; `Forbidden` if it is another member's.
async fn delete(_: &AuthCtx, db: &OrgDb<'_>, gone: DeleteById<AgentThreadId>) -> Result<Deleted<AgentThreadId>> {
    db.delete_owned(sql::DELETE, &gone.id, gone.updated_at).await?;
    Ok(Deleted::of(gone.id))
}
