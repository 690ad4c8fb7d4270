//! Orgscope: identity, organizations and org-scoped data on Cloudflare Workers and D1.
//!
//! The crate in five sentences; `docs/architecture.md` has the reasons.
//!
//! 1. One operation, many doors: what the product does is an `async fn` over [`access::AuthCtx`], declared once in
//!    [`operations`]; REST, MCP and the agent only read input and write the answer.
//! 2. The organization is in the type: rows are reached through [`access::OrgDb`], which binds it.
//! 3. JavaScript stays at the edge: only `edge` names the `worker` crate; the rest is tested natively.
//! 4. What can be listed is listed: operations, routes, statements and permissions are tables that tests walk.
//! 5. Arrows point down only: edge → routes → operations → features → access → api, db → the words at the bottom.
pub mod access;
pub mod agent;
pub mod agent_thread;
pub mod api;
pub mod api_key;
pub mod approval;
pub mod audit;
pub mod auth;
pub mod automation;
pub mod config;
pub mod confined_sql;
pub mod dashboard;
pub mod dataset;
pub mod db;
pub mod delivery;
#[cfg(target_arch = "wasm32")]
mod edge;
pub mod error;
pub mod fetch;
pub mod html;
pub mod id;
pub mod json;
pub mod llm;
pub mod mail;
pub mod mcp;
pub mod oauth;
pub mod operation;
pub mod operations;
pub mod organization_setting;
pub mod path;
pub mod policy;
pub mod queue;
pub mod random;
pub mod rate_limit;
pub mod report;
pub mod rest;
pub mod routes;
pub mod runtime;
pub mod store;
pub mod stream;
pub mod time;
pub mod tools;
pub mod widget;
pub mod zone;

pub use error::{Error, Result};

#[cfg(test)]
mod house;
