//! Base64url of JSON, signed by HMAC-SHA256.
use crate::{Error, Result, api::cookie::hmac_sha256, auth::jwt::with, config::Secret, time::Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use subtle::ConstantTimeEq;

const SESSION: &str = r#"{"session":"#;
const EXPIRES_AT: &str = r#","expiresAt":"#;
const SIGNATURE: &str = r#","signature":""#;

/// What is signed is `{...payload,"expiresAt"}` as JavaScript writes it. Ours is written so: keys in the rows' order, no
/// blanks, and `serde_json` escapes what `JSON.stringify` does.
fn signature(payload: &str, expires_at: Timestamp, secret: &Secret) -> Option<[u8; 32]> {
    let signed = with(payload, &format!(r#""expiresAt":{}"#, expires_at.unix_ms()));
    hmac_sha256(secret.as_bytes(), signed.as_bytes())
}

/// `{"session":<payload>,"expiresAt":<ms>,"signature":"<base64url>"}`.
pub fn write(payload: &str, expires_at: Timestamp, secret: &Secret) -> Result<String> {
    let signature = signature(payload, expires_at, secret).ok_or_else(|| Error::internal("no HMAC"))?;
    let (signature, ms) = (URL_SAFE_NO_PAD.encode(signature), expires_at.unix_ms());
    Ok(URL_SAFE_NO_PAD.encode(format!(r#"{SESSION}{payload}{EXPIRES_AT}{ms}{SIGNATURE}{signature}"}}"#)))
}

/// The payload and when it ends. The text itself is verified, not what a parser makes of it: a copy that is written in
/// another way than both servers do is none.
pub fn read(value: &str, secret: &Secret) -> Option<(Value, Timestamp)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
    let (payload, rest) = text.strip_prefix(SESSION)?.rsplit_once(EXPIRES_AT)?;
    let (ms, given) = rest.strip_suffix("\"}")?.split_once(SIGNATURE)?;
    let expires_at = Timestamp::from_unix_ms(ms.parse().ok()?);
    let given = URL_SAFE_NO_PAD.decode(given).ok()?;
    let is_ours = bool::from(signature(payload, expires_at, secret)?.ct_eq(&given));
    if is_ours { Some((serde_json::from_str(payload).ok()?, expires_at)) } else { None }
}
