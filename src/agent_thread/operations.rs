//! Threads' lines of the table of operations. None is a tool: a model has no business in other threads.
use super::{AgentThread, AgentThreadMessages};
use crate::{
    id::AgentThreadId,
    operation::{
        Deleted,
        input::{ById, DeleteById, PageInput},
        page::Page,
    },
};

crate::operations! {
    /// List your own threads with agents in the organization, newest first.
    agent_thread_list GET "/api/agent-threads" [Read AgentThread] super::list: PageInput<AgentThreadId> => Page<AgentThread>;
    /// Show one of your own threads, with its messages.
    agent_thread_show GET "/api/agent-threads/{id}" [Read AgentThread] super::show:
        ById<AgentThreadId> => AgentThreadMessages;
    /// Delete one of your own threads, with its messages. A run of it that is under way stops.
    agent_thread_delete DELETE "/api/agent-threads/{id}" [Delete AgentThread] super::delete:
        DeleteById<AgentThreadId> => Deleted<AgentThreadId>;
}
