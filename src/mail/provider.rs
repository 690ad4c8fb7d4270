//! What providers of mail want to be sent over HTTP.
use super::{Attachment, Mail};
use crate::config::{MailFormat, MailSender};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// The body of the request that has the provider send the mail.
#[must_use]
pub fn body(format: MailFormat, from: &MailSender, mail: &Mail) -> Value {
    let Mail { to, subject, text, html, attachments, .. } = mail;
    let mut body = match format {
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
    };
    if let (false, Some(body)) = (attachments.is_empty(), body.as_object_mut()) {
        body.insert("attachments".into(), attachments.iter().map(|file| attached(format, file)).collect());
    }
    body
}

/// A file, as each of them wants it: in base64.
fn attached(format: MailFormat, Attachment { name, media_type, text }: &Attachment) -> Value {
    let content = STANDARD.encode(text);
    // Media types with parameters are not what a provider takes for a type.
    let plain = media_type.split(';').next().unwrap_or_default();
    match format {
        MailFormat::Resend => json!({ "filename": name, "content": content, "content_type": plain }),
        MailFormat::Sendgrid => {
            json!({ "filename": name, "content": content, "type": plain, "disposition": "attachment" })
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
        let (name, media_type) = ("sales.csv".to_owned(), "text/csv; charset=utf-8".to_owned());
        let mail = mail.with(Attachment { name, media_type, text: "a,b".into() });
        assert_eq!(
            body(MailFormat::Resend, &plain, &mail)["attachments"],
            json!([{ "filename": "sales.csv", "content": "YSxi", "content_type": "text/csv" }])
        );
        assert_eq!(
            body(MailFormat::Sendgrid, &plain, &mail)["attachments"],
            json!([{ "filename": "sales.csv", "content": "YSxi", "type": "text/csv", "disposition": "attachment" }])
        );
    }
}
