//! JSON Web Tokens, signed with the deployment's secret (HS256) and nothing else.
//!
//! Source: RFC 7515 and 7519; Better Auth 1.7.25, `signJWT` and `verifyJWT`.
use crate::{Error, Result, api::cookie::hmac_sha256, config::Secret, time::Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use subtle::ConstantTimeEq;

const HEADER: &str = r#"{"alg":"HS256"}"#;

/// The JSON object with `iat` and `exp` (seconds) as its last members.
#[must_use]
pub fn claims(object: &str, now: Timestamp, expires_in_s: u32) -> String {
    let now_s = now.unix_ms() / 1000;
    with(object, &format!(r#""iat":{now_s},"exp":{}"#, now_s + i64::from(expires_in_s)))
}

/// The JSON object, which is not empty, with more members at its end.
#[must_use]
pub fn with(object: &str, members: &str) -> String {
    format!("{},{members}}}", object.strip_suffix('}').unwrap_or(object))
}

/// When a token of these claims ends; none if they do not say.
#[must_use]
pub fn expires_at(claims: &Value) -> Option<Timestamp> {
    Some(Timestamp::from_unix_ms(claims.get("exp")?.as_i64()?.saturating_mul(1000)))
}

/// The token of these claims (JSON).
///
/// # Errors
/// Never: see [`hmac_sha256`].
pub fn sign(claims: &str, secret: &Secret) -> Result<String> {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
    let mac = hmac_sha256(secret.as_bytes(), signed.as_bytes()).ok_or_else(|| Error::internal("no HMAC"))?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac)))
}

/// The claims of a token of ours, whether it is over or not.
#[must_use]
pub fn verify(token: &str, secret: &Secret) -> Option<Value> {
    let (signed, given) = token.rsplit_once('.')?;
    let ours = hmac_sha256(secret.as_bytes(), signed.as_bytes())?;
    let given = URL_SAFE_NO_PAD.decode(given).ok()?;
    let (header, claims) = signed.split_once('.')?;
    let is_ours = bool::from(ours.ct_eq(&given)) && object(header)?.get("alg")? == "HS256";
    if is_ours { object(claims) } else { None }
}

/// The JSON that a part of a token holds.
#[must_use]
pub fn object(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
