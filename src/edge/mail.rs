//! Mail's ways out: Cloudflare's binding, a provider's HTTP API, and in development the outbox.
use super::{Waiting, deadline::within, fetch::Network};
use crate::{
    Error,
    config::{Config, MailProvider, MailSender, MailTransport},
    fetch::{Fetch, FetchError, Outgoing, TIMEOUT_MS},
    mail::{self, Mail, Mailer, Outbox, provider},
};
use futures_util::future::LocalBoxFuture;
use std::{rc::Rc, time::Duration};
use worker::{EmailAddress, EmailAttachment, Env, SendEmail, SendEmailBuilder, console_error, js_sys};

thread_local! {
    /// Development's mails. Requests share them on purpose: one makes a mail, another looks at it.
    static OUTBOX: Rc<Outbox> = Rc::default();
}

/// The mailer that the configuration asks for; none if mails are not to be sent.
pub fn mailer(config: &Rc<Config>, env: &Env, context: Waiting) -> Result<Option<Rc<dyn Mailer>>, Error> {
    let binding = match config.mail.transport {
        MailTransport::None => return Ok(None),
        MailTransport::Outbox => return Ok(Some(OUTBOX.with(Rc::clone))),
        MailTransport::Http(_) => None,
        MailTransport::Cloudflare(_) => Some(env.get_binding::<SendEmail>("EMAIL").map_err(|_| {
            Error::Misconfigured(
                "MAIL_TRANSPORT is `cloudflare`: wrangler.toml lacks the send_email binding EMAIL.".into(),
            )
        })?),
    };
    Ok(Some(Rc::new(Transport { config: config.clone(), binding, context })))
}

struct Transport {
    config: Rc<Config>,
    binding: Option<SendEmail>,
    context: Waiting,
}

impl Mailer for Transport {
    fn send(&self, mail: Mail) {
        let (config, binding) = (self.config.clone(), self.binding.clone());
        self.context.wait_until(async move {
            let Err(why) = handed_over(&config, binding.as_ref(), &mail).await else { return };
            // Not the provider's own words: they may repeat the address, and the link with its token.
            console_error!(
                "{}",
                serde_json::json!({ "error": "a mail was not sent", "mail": mail.kind(), "why": why })
            );
        });
    }

    fn deliver(&self, mail: Mail) -> LocalBoxFuture<'_, Result<(), String>> {
        Box::pin(async move { handed_over(&self.config, self.binding.as_ref(), &mail).await })
    }
}

async fn handed_over(config: &Config, binding: Option<&SendEmail>, mail: &Mail) -> Result<(), String> {
    match (&config.mail.transport, binding) {
        (MailTransport::Http(provider), _) => by_http(provider, mail).await,
        (MailTransport::Cloudflare(from), Some(binding)) => by_binding(binding, from, mail).await,
        _ => Ok(()),
    }
}

async fn by_http(provider: &MailProvider, mail: &Mail) -> Result<(), String> {
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("authorization", format!("Bearer {}", provider.token.as_str())),
    ];
    let body = provider::body(provider.format, &provider.from, mail).to_string();
    match Network.fetch(Outgoing { url: provider.url.clone(), headers, body: Some(body), timeout_ms: TIMEOUT_MS }).await
    {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
        Ok(answer) => Err(format!("the provider answered {}", answer.status)),
        Err(FetchError::TimedOut) => Err("the provider did not answer in time".to_owned()),
        Err(FetchError::Failed(_) | FetchError::TooLarge) => Err("the provider could not be reached".to_owned()),
    }
}

async fn by_binding(binding: &SendEmail, from: &MailSender, mail: &Mail) -> Result<(), String> {
    let builder = SendEmailBuilder::new(&from.email, mail.to(), mail.subject());
    if let Some(name) = &from.name {
        builder.set_from_with_email_address(&EmailAddress::new(name, &from.email));
    }
    builder.set_text(mail.text());
    builder.set_html(mail.html());
    let attachment = |file: &mail::Attachment| {
        let bytes = js_sys::Uint8Array::from(file.text.as_bytes());
        EmailAttachment::new_attachment_with_typed_array(&file.name, &file.media_type, &bytes)
    };
    if !mail.attachments().is_empty() {
        builder.set_attachments(&mail.attachments().iter().map(attachment).collect::<Vec<_>>());
    }
    let limit = Duration::from_millis(TIMEOUT_MS.into());
    let sent = within(limit, binding.send_with_builder(&builder)).await;
    let sent = sent.ok_or("the binding did not answer in time")?;
    sent.map(drop).map_err(|error| format!("the binding refused: {}", code(&error)))
}

/// `E_SENDER_NOT_VERIFIED` and its like: the part of the error that repeats nothing of the mail.
fn code(error: &js_sys::Error) -> String {
    let code = js_sys::Reflect::get(error, &"code".into()).ok().and_then(|code| code.as_string());
    code.unwrap_or_else(|| "without a code".to_owned())
}
