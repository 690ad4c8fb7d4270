//! Mail's ways out: Cloudflare's binding, a provider's HTTP API, and in development the outbox.
use crate::{
    Error,
    config::{Config, MailProvider, MailSender, MailTransport},
    mail::{Mail, Mailer, Outbox, provider},
};
use futures_util::{
    future::{Either, LocalBoxFuture, select},
    pin_mut,
};
use std::{rc::Rc, time::Duration};
use worker::{
    Context, Delay, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, SendEmail, console_error,
    wasm_bindgen::JsValue,
};

/// How long one mail may take: the runtime stops what goes on for 30 s behind an answer.
const TIMEOUT: Duration = Duration::from_secs(20);

thread_local! {
    /// Development's mails. Requests share them on purpose: one makes a mail, another looks at it.
    static OUTBOX: Rc<Outbox> = Rc::default();
}

/// The mailer that the configuration asks for; none if mails are not to be sent.
pub fn mailer(config: &Rc<Config>, env: &Env, context: Context) -> Result<Option<Rc<dyn Mailer>>, Error> {
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
    context: Context,
}

impl Mailer for Transport {
    fn send(&self, mail: Mail) {
        let (config, binding) = (self.config.clone(), self.binding.clone());
        self.context.wait_until(async move {
            let sent: LocalBoxFuture<'_, Result<(), String>> = match (&config.mail.transport, &binding) {
                (MailTransport::Http(provider), _) => Box::pin(by_http(provider, &mail)),
                (MailTransport::Cloudflare(from), Some(binding)) => Box::pin(by_binding(binding, from, &mail)),
                _ => return,
            };
            let late = Delay::from(TIMEOUT);
            pin_mut!(late);
            let failure = match select(sent, late).await {
                Either::Left((Ok(()), _)) => return,
                Either::Left((Err(why), _)) => why,
                Either::Right(_) => "no answer in time".to_owned(),
            };
            // Not the provider's own words: they may repeat the address, and the link with its token.
            console_error!(
                "{}",
                serde_json::json!({ "error": "a mail was not sent", "mail": mail.kind(), "why": failure })
            );
        });
    }
}

async fn by_http(provider: &MailProvider, mail: &Mail) -> Result<(), String> {
    let request = request(provider, mail).map_err(|_| "the request could not be made".to_owned())?;
    match Fetch::Request(request).send().await {
        Ok(response) if (200..300).contains(&response.status_code()) => Ok(()),
        Ok(response) => Err(format!("the provider answered {}", response.status_code())),
        Err(_) => Err("the provider could not be reached".to_owned()),
    }
}

fn request(provider: &MailProvider, mail: &Mail) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("authorization", &format!("Bearer {}", provider.token.as_str()))?;
    let body = provider::body(provider.format, &provider.from, mail).to_string();
    let mut init = RequestInit::new();
    // A redirect would carry the mail, and maybe the token, elsewhere.
    init.with_method(Method::Post).with_headers(headers).with_body(Some(JsValue::from_str(&body)));
    init.with_redirect(RequestRedirect::Manual);
    Request::new_with_init(&provider.url, &init)
}

async fn by_binding(binding: &SendEmail, from: &MailSender, mail: &Mail) -> Result<(), String> {
    let builder = worker::SendEmailBuilder::new(&from.email, mail.to(), mail.subject());
    if let Some(name) = &from.name {
        builder.set_from_with_email_address(&worker::EmailAddress::new(name, &from.email));
    }
    builder.set_text(mail.text());
    builder.set_html(mail.html());
    match binding.send_with_builder(&builder).await {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("the binding refused: {}", code(&error))),
    }
}

/// `E_SENDER_NOT_VERIFIED` and its like: the part of the error that repeats nothing of the mail.
fn code(error: &worker::js_sys::Error) -> String {
    let code = worker::js_sys::Reflect::get(error, &"code".into()).ok().and_then(|code| code.as_string());
    code.unwrap_or_else(|| "without a code".to_owned())
}
