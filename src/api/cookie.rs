//! Cookies as Better Auth writes, signs and reads them.
//!
//! Source: Better Auth 1.7.25, `cookies` and `better-call`'s signed cookies (wire spec §2.1 to §2.9).
use super::uri::component;
use crate::config::{Config, Secret};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Base64 of 32 bytes of HMAC-SHA256, with padding.
const SIGNATURE_LENGTH: usize = 44;

/// The cookies that we set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The session's token, signed.
    SessionToken,
    /// The session's and the user's rows, for a while (the cookie cache); in chunks if they are long.
    SessionData,
    /// `true`, signed: the session ends with the browser.
    DontRemember,
    /// Which answer of a provider this browser waits for, signed.
    State,
}

impl Cookie {
    /// Its name in this deployment, such as `__Secure-better-auth.session_token`.
    #[must_use]
    pub fn name(self, config: &Config) -> String {
        let secure = if config.has_secure_cookies() { "__Secure-" } else { "" };
        let name = match self {
            Self::SessionToken => "session_token",
            Self::SessionData => "session_data",
            Self::DontRemember => "dont_remember",
            Self::State => "state",
        };
        format!("{secure}better-auth.{name}")
    }

    /// The value of a `set-cookie` header. `max_age_s` of `None` makes it last as long as the browser, 0 clears it.
    #[must_use]
    pub fn set(self, config: &Config, value: &str, max_age_s: Option<u32>) -> String {
        set(&self.name(config), config, value, max_age_s)
    }
}

/// The same, for a cookie of another name.
#[must_use]
pub fn set(name: &str, config: &Config, value: &str, max_age_s: Option<u32>) -> String {
    let max_age = max_age_s.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
    let secure = if config.has_secure_cookies() { "; Secure" } else { "" };
    format!("{name}={value}{max_age}; Path=/; HttpOnly{secure}; SameSite=Lax")
}

/// The first cookie of that name in a `cookie` header, percent-decoded where that is possible.
#[must_use]
pub fn read(header: &str, name: &str) -> Option<String> {
    pairs(header).find_map(|(key, value)| (key == name).then(|| decode(value)))
}

/// The names and raw values in a `cookie` header.
pub fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = value.trim();
        let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        Some((name.trim(), bare.unwrap_or(value)))
    })
}

/// `payload.signature`, percent-encoded: a cookie's value.
#[must_use]
pub fn sign(payload: &str, secret: &Secret) -> String {
    component(&signed(payload, secret))
}

/// `payload.signature`, as `set-auth-token` carries it.
#[must_use]
pub fn signed(payload: &str, secret: &Secret) -> String {
    format!("{payload}.{}", signature(payload, secret))
}

/// The payload of `payload.signature` if the signature is ours; compared in constant time.
#[must_use]
pub fn verify(value: &str, secret: &Secret) -> Option<String> {
    let (payload, given) = value.rsplit_once('.')?;
    if given.len() != SIGNATURE_LENGTH || !given.ends_with('=') {
        return None;
    }
    let ours = signature(payload, secret);
    bool::from(ours.as_bytes().ct_eq(given.as_bytes())).then(|| payload.to_owned())
}

/// Percent-decoded text; as it is when that gives no UTF-8.
#[must_use]
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), |decoded| decoded.into_owned())
}

fn signature(payload: &str, secret: &Secret) -> String {
    // Without a key there is no signature that anyone could give.
    hmac_sha256(secret.as_bytes(), payload.as_bytes()).map(|mac| STANDARD.encode(mac)).unwrap_or_default()
}

/// HMAC-SHA256 of a message. A key of any length is good, for a long one is hashed (RFC 2104 §3): None never happens.
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The reference's own vectors (wire spec, appendix C).
    const TOKEN: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    const VALUE: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUV.%2BynO7jLZodVFVssHOJzZecz02uMwZgMgZYpEi5gWtsU%3D";
    fn secret() -> Secret {
        Secret::from("abcdefghijklmnopqrstuvwxyz0123456789ABCDEF".to_owned())
    }

    #[test]
    fn signs_as_the_reference_does() {
        assert_eq!(sign(TOKEN, &secret()), VALUE);
        assert_eq!(sign("true", &secret()), "true.PZHzujKEh9jFMOgcr%2BvXLwy8htINMNBokmuxvP3FB8I%3D");
    }

    #[test]
    fn verifies_its_own_and_nothing_else() {
        let good = decode(VALUE);
        assert_eq!(verify(&good, &secret()).as_deref(), Some(TOKEN));
        let other = Secret::from("another secret of at least 32 bytes.".to_owned());
        assert_eq!(verify(&good, &other), None);
        for bad in [TOKEN, "", ".", &good.replace('=', ""), &good.replace('+', "-"), &good.replacen('0', "1", 1)] {
            assert_eq!(verify(bad, &secret()), None, "{bad}");
        }
    }

    #[test]
    fn the_first_cookie_of_a_name_is_read() {
        assert_eq!(read("a=1; b=\"2%3D\"; a=3", "a").as_deref(), Some("1"));
        assert_eq!(read("a=1;b=\"2%3D\"", "b").as_deref(), Some("2="));
        assert_eq!(read("a=1; ab=2", "b"), None);
        assert_eq!(read("b=%ff", "b").as_deref(), Some("%ff"));
    }

    proptest! {
        #[test]
        fn a_signature_is_good_for_its_payload_alone(payload in "[ -~]{0,40}", other in "[ -~]{0,40}") {
            let value = signed(&payload, &secret());
            prop_assert_eq!(verify(&value, &secret()), Some(payload.clone()));
            let (_, signature) = value.rsplit_once('.').unwrap();
            prop_assert_eq!(verify(&format!("{other}.{signature}"), &secret()).is_some(), other == payload);
        }
        #[test]
        fn any_header_is_read(header in "\\PC{0,80}", name in "[a-z]{1,3}") {
            let _ = read(&header, &name);
        }
    }
}
