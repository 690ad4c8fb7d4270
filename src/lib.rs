//! Orgscope: identity, organizations and org-scoped data on Cloudflare Workers and D1.
#[cfg(target_arch = "wasm32")]
mod edge;
