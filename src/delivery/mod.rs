//! Deliveries: where automations send what they have to tell, and how it gets there.
use crate::{Error, Result, access::AuthCtx};

pub mod channel;
pub mod target;

pub use channel::{Channel, Channels, EmailAddress, EmailChannel, WebhookChannel, WebhookUrl};

/// Refuses channels that lead where nothing may be sent.
///
/// # Errors
/// `Invalid`, naming the channel in `field`, the list of them.
pub fn check_channels(cx: &AuthCtx, field: &str, channels: &[Channel]) -> Result<()> {
    for (at, channel) in channels.iter().enumerate() {
        if let Channel::Webhook(webhook) = channel {
            target::check(&webhook.url, cx.runtime(), cx.webhooks().allows_loopback)
                .map_err(|problem| Error::invalid(format!("{field}[{at}].url"), problem))?;
        }
    }
    Ok(())
}
