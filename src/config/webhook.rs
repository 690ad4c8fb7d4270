//! Webhooks.
use super::{Environment, Reader};

/// How webhooks leave.
#[derive(Clone, Copy, Debug)]
pub struct WebhookOptions {
    /// `WEBHOOK_ALLOW_LOOPBACK`: whether they may go to this very machine, by http too. Only in development.
    pub allows_loopback: bool,
    /// `WEBHOOK_TIMEOUT_MS`: how long a receiver may take to answer. Default 15,000.
    pub timeout_ms: u32,
}

impl WebhookOptions {
    pub(super) fn read(vars: &mut Reader<'_>, environment: Environment) -> Self {
        let allows_loopback = vars.flag("WEBHOOK_ALLOW_LOOPBACK", false);
        if allows_loopback && environment == Environment::Production {
            vars.problem("WEBHOOK_ALLOW_LOOPBACK is for ENVIRONMENT=development alone: remove it.".into());
        }
        Self { allows_loopback, timeout_ms: vars.number("WEBHOOK_TIMEOUT_MS", 15_000, 1..=30_000) }
    }
}
