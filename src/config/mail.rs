//! How mail is sent.
use super::{Environment, Reader, Secret};
use std::fmt;

/// What mails need.
#[derive(Clone, Debug)]
pub struct MailOptions {
    /// `MAIL_TRANSPORT`, and what it needs.
    pub transport: MailTransport,
    /// `INVITATION_URL`: where an invitation's link leads; `{id}` stands for the invitation. One that begins with `/` is
    /// at the base URL.
    pub invitation_url: String,
}

/// How mails leave.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// They do not: what needs a mail answers that it is not enabled.
    None,
    /// They stay, and `GET /__dev/outbox` shows them. In development alone.
    Outbox,
    /// By the binding `EMAIL` (`send_email`).
    Cloudflare(MailSender),
    /// By a provider's HTTP API.
    Http(MailProvider),
}

/// A provider's HTTP API: a JSON body, a bearer token.
#[derive(Clone, Debug)]
pub struct MailProvider {
    /// What it takes.
    pub format: MailFormat,
    /// `MAIL_URL`.
    pub url: String,
    /// `MAIL_TOKEN`.
    pub token: Secret,
    /// `MAIL_FROM`.
    pub from: MailSender,
}

/// The body that a provider takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFormat {
    /// `{"from","to","subject","text","html"}`: Resend, and the REST API of Cloudflare's Email Service.
    Resend,
    /// `{"personalizations","from","subject","content"}`: SendGrid.
    Sendgrid,
}

impl MailFormat {
    const fn default_url(self) -> &'static str {
        match self {
            Self::Resend => "https://api.resend.com/emails",
            Self::Sendgrid => "https://api.sendgrid.com/v3/mail/send",
        }
    }
}

/// Who sends: `mail@example.com` or `Acme <mail@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSender {
    /// The name that the reader sees.
    pub name: Option<String>,
    /// The address.
    pub email: String,
}

impl MailSender {
    fn parse(text: &str) -> Option<Self> {
        let (name, email) = match text.strip_suffix('>').and_then(|rest| rest.split_once('<')) {
            Some((name, email)) => (Some(name.trim()).filter(|name| !name.is_empty()), email),
            None => (None, text),
        };
        let is_plain = |text: &str| !text.contains(|c: char| c.is_control() || "<>\"\\,;".contains(c));
        let is_address = email.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !host.is_empty() && !host.contains('@') && !email.contains(char::is_whitespace)
        });
        let is_good = is_address && is_plain(email) && name.is_none_or(is_plain);
        is_good.then(|| Self { name: name.map(str::to_owned), email: email.to_owned() })
    }
}

impl fmt::Display for MailSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.email),
            None => f.write_str(&self.email),
        }
    }
}

/// `MAIL_TRANSPORT`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    None,
    Outbox,
    Cloudflare,
    Http(MailFormat),
}

impl MailOptions {
    pub(super) fn read(vars: &mut Reader<'_>, environment: Environment, has_base_url: bool) -> Self {
        let choices = [
            ("none", Choice::None),
            ("outbox", Choice::Outbox),
            ("cloudflare", Choice::Cloudflare),
            ("resend", Choice::Http(MailFormat::Resend)),
            ("sendgrid", Choice::Http(MailFormat::Sendgrid)),
        ];
        let is_production = environment == Environment::Production;
        let default = if is_production { Choice::None } else { Choice::Outbox };
        let choice = vars.choice("MAIL_TRANSPORT", &choices, default);
        if is_production && choice == Choice::Outbox {
            vars.problem(
                "MAIL_TRANSPORT must not be `outbox` in production: it would keep mails and send none.".into(),
            );
        } else if is_production && choice != Choice::None && !has_base_url {
            // Otherwise a forged host would get into the links, and a reset's token to whoever forged it.
            vars.problem("MAIL_TRANSPORT needs BETTER_AUTH_URL, which the links in mails begin with.".into());
        }
        let from = sender(vars, matches!(choice, Choice::Cloudflare | Choice::Http(_)));
        let provider = provider(vars, choice, &from);
        let transport = match choice {
            Choice::None => MailTransport::None,
            Choice::Outbox => MailTransport::Outbox,
            Choice::Cloudflare => MailTransport::Cloudflare(from),
            Choice::Http(_) => provider,
        };
        Self { transport, invitation_url: invitation_url(vars) }
    }
}

fn sender(vars: &mut Reader<'_>, is_needed: bool) -> MailSender {
    let text = vars.text("MAIL_FROM").unwrap_or_default();
    let sender = MailSender::parse(&text);
    if sender.is_none() && (is_needed || !text.is_empty()) {
        vars.problem("MAIL_FROM must be an address such as `Acme <mail@example.com>`.".into());
    }
    sender.unwrap_or_else(|| MailSender { name: None, email: String::new() })
}

fn provider(vars: &mut Reader<'_>, choice: Choice, from: &MailSender) -> MailTransport {
    let (url, token) = (vars.text("MAIL_URL"), vars.text("MAIL_TOKEN").unwrap_or_default());
    let Choice::Http(format) = choice else { return MailTransport::None };
    let url = url.unwrap_or_else(|| format.default_url().to_owned());
    let is_loopback = ["http://127.0.0.1:", "http://localhost:"].iter().any(|start| url.starts_with(start));
    if !url.starts_with("https://") && !is_loopback {
        vars.problem("MAIL_URL must be an https URL: the token goes there.".into());
    }
    if token.is_empty() {
        vars.problem("MAIL_TOKEN is not set: the provider's key, by `npx wrangler secret put MAIL_TOKEN`.".into());
    }
    MailTransport::Http(MailProvider { format, url, token: token.into(), from: from.clone() })
}

fn invitation_url(vars: &mut Reader<'_>) -> String {
    let url = vars.text("INVITATION_URL").unwrap_or_else(|| "/accept-invitation/{id}".to_owned());
    let has_start = ["/", "https://", "http://"].iter().any(|start| url.starts_with(start));
    if !has_start || !url.contains("{id}") || url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        vars.problem(
            "INVITATION_URL must be a URL or a path with {id}, such as https://app.example.com/join/{id}.".into(),
        );
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError};

    fn read(vars: &[(&str, &str)]) -> Result<MailOptions, ConfigError> {
        let secret = [("BETTER_AUTH_SECRET", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF")];
        let var = |name: &str| vars.iter().chain(&secret).find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::read(var).map(|config| config.mail)
    }

    #[test]
    fn production_sends_nothing_until_it_is_told_how_and_keeps_nothing() {
        assert!(matches!(read(&[]).unwrap().transport, MailTransport::None));
        assert!(matches!(read(&[("ENVIRONMENT", "development")]).unwrap().transport, MailTransport::Outbox));
        assert!(read(&[("MAIL_TRANSPORT", "outbox")]).unwrap_err().to_string().starts_with("MAIL_TRANSPORT"));
    }

    #[test]
    fn a_transport_says_all_that_it_lacks_and_its_token_is_not_printed() {
        let error = read(&[("MAIL_TRANSPORT", "resend"), ("MAIL_URL", "http://api.example.com")]).unwrap_err();
        for name in ["BETTER_AUTH_URL", "MAIL_FROM", "MAIL_URL", "MAIL_TOKEN"] {
            assert!(error.to_string().contains(name), "{error}");
        }
        let vars = [
            ("MAIL_TRANSPORT", "sendgrid"),
            ("BETTER_AUTH_URL", "https://a.co"),
            ("MAIL_FROM", "Acme <mail@acme.co>"),
            ("MAIL_TOKEN", "SG.key"),
        ];
        let options = read(&vars).unwrap();
        assert!(!format!("{options:?}").contains("SG.key"));
        let MailTransport::Http(provider) = options.transport else { panic!() };
        assert_eq!(provider.url, "https://api.sendgrid.com/v3/mail/send");
        assert_eq!(provider.from.to_string(), "Acme <mail@acme.co>");
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let sender = |name: Option<&str>| Some(MailSender { name: name.map(str::to_owned), email: "m@a.co".into() });
        assert_eq!(MailSender::parse("m@a.co"), sender(None));
        assert_eq!(MailSender::parse("<m@a.co>"), sender(None));
        assert_eq!(MailSender::parse("Acme & Co <m@a.co>"), sender(Some("Acme & Co")));
        for bad in ["", "Acme", "m@", "@a.co", "m@a.co, n@a.co", "A\r\nB <m@a.co>", "A \"B\" <m@a.co>", "<m@a.co> x"] {
            assert_eq!(MailSender::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_invitations_url_has_a_place_for_its_id() {
        assert_eq!(read(&[]).unwrap().invitation_url, "/accept-invitation/{id}");
        for bad in ["/join", "join/{id}", "javascript:{id}", "/a b/{id}"] {
            assert!(read(&[("INVITATION_URL", bad)]).is_err(), "{bad}");
        }
    }
}
