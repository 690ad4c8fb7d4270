//! What providers of mail want to be sent over HTTP.
use super::Mail;
use crate::config::{MailFormat, MailSender};
use serde_json::{Value, json};

/// The body of the request that has the provider send the mail.
#[must_use]
pub fn body(format: MailFormat, from: &MailSender, mail: &Mail) -> Value {
    let Mail { to, subject, text, html, .. } = mail;
    match format {
        // Resend, "Send Email"; the REST API of Cloudflare's Email Service takes the same.
        MailFormat::Resend => {
            json!({ "from": from.to_string(), "to": to, "subject": subject, "text": text, "html": html })
        }
        // Twilio SendGrid, "Mail Send", v3.
        MailFormat::Sendgrid => {
            let mut sender = json!({ "email": from.email });
            if let (Some(name), Some(sender)) = (&from.name, sender.as_object_mut()) {
                sender.insert("name".into(), json!(name));
            }
            json!({
                "personalizations": [{ "to": [{ "email": to }] }],
                "from": sender,
                "subject": subject,
                "content": [{ "type": "text/plain", "value": text }, { "type": "text/html", "value": html }],
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_gets_what_it_documents() {
        let mail = Mail::new("test", "ada@ex.co", "Hello", "T".into(), "<p>H</p>".into()).unwrap();
        let named = MailSender { name: Some("Acme".into()), email: "mail@acme.co".into() };
        let plain = MailSender { name: None, ..named.clone() };
        assert_eq!(
            body(MailFormat::Resend, &named, &mail),
            json!({ "from": "Acme <mail@acme.co>", "to": "ada@ex.co", "subject": "Hello", "text": "T", "html": "<p>H</p>" })
        );
        assert_eq!(body(MailFormat::Resend, &plain, &mail)["from"], "mail@acme.co");
        assert_eq!(
            body(MailFormat::Sendgrid, &named, &mail),
            json!({
                "personalizations": [{ "to": [{ "email": "ada@ex.co" }] }],
                "from": { "email": "mail@acme.co", "name": "Acme" },
                "subject": "Hello",
                "content": [{ "type": "text/plain", "value": "T" }, { "type": "text/html", "value": "<p>H</p>" }],
            })
        );
        assert_eq!(body(MailFormat::Sendgrid, &plain, &mail)["from"], json!({ "email": "mail@acme.co" }));
    }
}
