//! Where an automation sends what it has to say.
use crate::operation::{input::Items, tagged::Tagged};
use http::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// Where an automation sends what it has to say: 1 to 10 places.
pub type Channels = Items<Channel, 1, 10>;

/// One place to send to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Channel {
    /// An e-mail to each address.
    Email(EmailChannel),
    /// A POST of JSON.
    Webhook(WebhookChannel),
}

/// An e-mail to each address, such as `{"type":"email","to":["ada@example.com"]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmailChannel {
    /// Who gets it: 1 to 50 addresses.
    pub to: Items<EmailAddress, 1, 50>,
}

/// A POST of JSON, such as `{"type":"webhook","url":"https://example.com/hook"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookChannel {
    /// Where to: https, on the public Internet, at most 2048 characters, without user and password.
    pub url: WebhookUrl,
}

impl<'de> Deserialize<'de> for Channel {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let channel = Tagged::deserialize(from)?;
        match channel.tag.as_str() {
            "email" => channel.read().map(Self::Email),
            "webhook" => channel.read().map(Self::Webhook),
            _ => Err(channel.unknown(&["email", "webhook"])),
        }
    }
}

/// An e-mail address: what HTML's `<input type=email>` takes, with a dot in the domain and dots in the local part only
/// between other characters. Quoted local parts and address literals (RFC 5321 §4.1.2) are refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(!try_from, inline)]
pub struct EmailAddress(#[schemars(email, length(max = 254))] String);

/// The longest path of RFC 5321 §4.5.3.1.3, without its angle brackets.
const MAX_EMAIL: usize = 254;
/// The longest local part of RFC 5321 §4.5.3.1.1.
const MAX_LOCAL_PART: usize = 64;
/// The longest label of a domain's name, RFC 1035 §2.3.4.
const MAX_LABEL: usize = 63;

impl TryFrom<String> for EmailAddress {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let is_address = text.len() <= MAX_EMAIL
            && text.rsplit_once('@').is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
        if is_address { Ok(Self(text)) } else { Err("must be an e-mail address such as ada@example.com") }
    }
}

impl EmailAddress {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local_part(text: &str) -> bool {
    let is_atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    text.len() <= MAX_LOCAL_PART && text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom))
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// Where a webhook is sent: https, or http to this very machine, which only development lets through. That the host may be
/// reached at all is for [`super::target::check`] to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(!try_from, inline)]
pub struct WebhookUrl(#[schemars(url, length(max = 2048))] String);

const MAX_URL: usize = 2048;

impl TryFrom<String> for WebhookUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        const PROBLEM: &str = "must be an https URL such as https://example.com/hook, of at most 2048 characters, \
                               without user, password or fragment";
        let is_plain = text.len() <= MAX_URL && text.is_ascii() && !text.contains('#');
        let uri: Uri = text.parse().map_err(|_| PROBLEM)?;
        let is_safe = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]")),
            _ => false,
        };
        if is_plain && is_safe && has_plain_authority(&uri) { Ok(Self(text)) } else { Err(PROBLEM) }
    }
}

impl WebhookUrl {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it names a host and, if at all, a port, and nothing else: no user, no password.
fn has_plain_authority(uri: &Uri) -> bool {
    uri.authority().is_some_and(|authority| {
        let is_host_alone = authority.as_str() == authority.host();
        !authority.host().is_empty()
            && !authority.as_str().contains('@')
            && (is_host_alone || authority.port_u16().is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Error, operation::input};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn a_channel_reads_and_writes_as_documented() {
        for channel in [
            json!({ "type": "email", "to": ["ada@example.com", "o'hara+sales@mail.example.co.uk"] }),
            json!({ "type": "webhook", "url": "https://example.com/hook?a=1&b=%20" }),
            json!({ "type": "webhook", "url": "https://example.com:8443" }),
            json!({ "type": "webhook", "url": "https://[2001:db8::1]/hook" }),
        ] {
            assert_eq!(json!(input::read::<Channel>(channel.clone()).unwrap()), channel);
        }
    }

    #[test]
    fn what_is_no_channel_is_refused_where_it_is_wrong() {
        let email = |to: Value| json!({ "type": "email", "to": to });
        for (channel, field) in [
            (json!({}), "input"),
            (json!({ "type": "sms" }), "type"),
            (json!({ "type": null }), "type"),
            (json!({ "type": "email" }), "input"),
            (json!({ "type": "email", "to": ["a@b.co"], "url": "https://b.co" }), "url"),
            (json!({ "type": "webhook", "to": ["a@b.co"] }), "to"),
            (email(json!("a@b.co")), "to"),
            (email(json!([])), "to"),
            (email(json!(["a@b.co", 7])), "to[1]"),
            (email(json!(vec!["a@b.co"; 51])), "to"),
        ] {
            match input::read::<Channel>(channel.clone()) {
                Err(Error::Invalid { field: at, .. }) => assert_eq!(at, field, "{channel}"),
                other => panic!("{channel}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = |local: usize, label: usize| format!("{}@{}.co", "a".repeat(local), "b".repeat(label));
        for bad in [
            "",
            "ada",
            "@b.co",
            "a@",
            "a@b",
            "a@b.",
            "a@.co",
            "a@-b.co",
            "a@b-.co",
            "a b@c.co",
            "a@b@c.co",
            ".a@b.co",
            "a..b@c.co",
            "a.@b.co",
            "a@b_c.co",
            "ä@b.co",
            "a@bä.co",
            "a@b.co\n",
            "\"a b\"@c.co",
            "a@[127.0.0.1]",
            "Ada <a@b.co>",
            &long(65, 1),
            &long(1, 64),
            &format!("a@{}", "b.".repeat(126) + "coo"),
        ] {
            assert!(EmailAddress::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        for good in [long(64, 63), format!("a@{}co", "b.".repeat(125))] {
            assert!(EmailAddress::try_from(good.clone()).is_ok(), "{good}");
        }
    }

    #[test]
    fn what_is_no_https_url_is_refused() {
        for bad in [
            "",
            "example.com",
            "/hook",
            "http://example.com",
            "HTTP://example.com",
            "ftp://example.com",
            "https://",
            "https:example.com",
            "https:///hook",
            "https://user@example.com",
            "https://user@example.com:8443",
            "https://user:pass@example.com",
            "https://example.com:",
            "https://example.com:99999",
            "https://example.com/#top",
            "https://exa mple.com",
            "https://example.com/a b",
            "https://ex\u{e4}mple.com",
            "https://example.com/\n",
            "javascript:alert(1)",
            " https://example.com",
            &format!("https://example.com/{}", "a".repeat(2029)),
        ] {
            assert!(WebhookUrl::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(WebhookUrl::try_from(format!("https://example.com/{}", "a".repeat(2028))).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_and_a_url_or_not(text in "(https://)?[\\PC@:/.]{0,40}") {
            let _ = EmailAddress::try_from(text.clone());
            let _ = WebhookUrl::try_from(text);
        }
    }
}
