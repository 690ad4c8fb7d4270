//! Mail: what may be sent, the port it leaves by, and the outbox that keeps it in development.
use crate::{Error, Result};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

mod outbox;
pub mod provider;
pub mod templates;

pub use outbox::Outbox;

/// Longer than any address that mail can reach (RFC 5321 §4.5.3.1).
const MAX_ADDRESS_BYTES: usize = 320;
/// Characters of a subject that people see.
const MAX_SUBJECT: usize = 200;

/// A file that goes with a mail, or with what else is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// What it is called: letters, digits, dashes, and a dot before its extension.
    pub name: String,
    /// Its media type, such as `text/csv; charset=utf-8`.
    pub media_type: String,
    /// What is in it.
    pub text: String,
}

/// A mail to one person: `{"to","subject","text","html"}`, and `attachments` if it has some. No value in it can begin a header or name another recipient,
/// for [`Mail::new`] is the only way to one. It is not printed: it may hold a token.
#[derive(Clone, Serialize)]
pub struct Mail {
    #[serde(skip)]
    kind: &'static str,
    to: String,
    subject: String,
    text: String,
    html: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
}

impl Mail {
    /// A mail of a kind, which is all that a log may say of it. The subject becomes one line.
    ///
    /// # Errors
    /// `Internal` if `to` is not one address: it would have been refused when it was read.
    fn new(kind: &'static str, to: &str, subject: &str, text: String, html: String) -> Result<Self> {
        if !is_one_address(to) {
            return Err(Error::internal("a mail to what is no address"));
        }
        Ok(Self { kind, to: to.to_owned(), subject: one_line(subject, MAX_SUBJECT), text, html, attachments: vec![] })
    }

    /// The same mail with a file.
    fn with(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Its files.
    #[must_use]
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// What it is, such as `verification`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// The address it goes to.
    #[must_use]
    pub fn to(&self) -> &str {
        &self.to
    }

    /// Its subject: one line.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What it says, as plain text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same, as HTML.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }
}

/// The port that mail leaves by.
pub trait Mailer {
    /// Sends the mail, behind the answer's back: neither how long that takes nor what comes of it is seen in the answer.
    fn send(&self, mail: Mail);

    /// Hands the mail over, and waits for what comes of that.
    ///
    /// # Errors
    /// Why it was not taken, without address or content.
    fn deliver(&self, mail: Mail) -> LocalBoxFuture<'_, Result<(), String>>;

    /// The mails so far, if they are kept here and go nowhere.
    fn outbox(&self) -> Option<&Outbox> {
        None
    }
}

/// Whether it is a single address, whatever a mail program makes of it: no list, no name, no comment, no other line.
fn is_one_address(text: &str) -> bool {
    let is_special = |c: char| c.is_control() || c.is_whitespace() || "<>()[]\\,;:\"".contains(c);
    text.len() <= MAX_ADDRESS_BYTES
        && !text.contains(is_special)
        && text
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// At most so many characters on one line, read from left to right: what would break or turn a line becomes a blank.
fn one_line(text: &str, max: usize) -> String {
    let breaks = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let line: String = text.chars().map(|c| if breaks(c) { ' ' } else { c }).collect();
    line.trim().chars().take(max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mail(to: &str, subject: &str) -> Result<Mail> {
        Mail::new("test", to, subject, String::new(), String::new())
    }

    #[test]
    fn a_name_cannot_begin_another_header() {
        let mail = mail("ada@ex.co", "Join A\r\nBcc: all@ex.co\u{2028}\u{202e}x").unwrap();
        assert_eq!(mail.subject(), "Join A  Bcc: all@ex.co  x");
        assert_eq!(one_line(&"é".repeat(300), MAX_SUBJECT).chars().count(), MAX_SUBJECT);
    }

    #[test]
    fn a_mail_goes_to_one_address_and_to_no_other() {
        for good in ["ada@ex.co", "o'hara+x@mail.ex.co", "ü@ex.co"] {
            assert_eq!(mail(good, "").unwrap().to(), good);
        }
        let long = format!("{}@ex.co", "a".repeat(MAX_ADDRESS_BYTES));
        for bad in
            ["", "ada", "@ex.co", "ada@", "a@b@c", "a@ex.co,b@ex.co", "a@ex.co\r\nBcc: b@ex.co", "A <a@ex.co>", &long]
        {
            assert!(mail(bad, "").is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_subject_has_two_lines(subject in any::<String>()) {
            prop_assert!(!mail("a@ex.co", &subject).unwrap().subject().contains(char::is_control));
        }
    }
}
