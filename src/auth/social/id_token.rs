//! Id tokens: signed by the issuer, for us, now, for this request (OpenID Connect Core §3.1.3.7).
use super::provider::Provider;
use crate::{access::App, config::ProviderKind, runtime::PublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// No honest one is nearly that long.
const MAX_BYTES: usize = 32 << 10;
/// How far the issuer's clock may be from ours. Source: Better Auth 1.7.25, `ID_TOKEN_CLOCK_TOLERANCE_SECONDS`.
const TOLERANCE_S: i64 = 30;
/// How old Google's may be. Source: Better Auth 1.7.25, `GOOGLE_ID_TOKEN_MAX_AGE`.
const GOOGLE_MAX_AGE_S: i64 = 3600;
/// A shorter modulus is no key (RFC 7518 §3.3).
const MIN_RSA_BYTES: usize = 256;
/// An issuer rotates a few keys; whoever lists hundreds wants us to compute.
const MAX_TRIES: usize = 8;

/// A token whose parts can be read; nothing of it is to be believed yet.
pub struct Parsed<'a> {
    header: Value,
    claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

/// Splits a token.
pub fn parse(token: &str) -> Option<Parsed<'_>> {
    let (signed, signature) = token.rsplit_once('.').filter(|_| token.len() <= MAX_BYTES)?;
    let (header, claims) = signed.split_once('.')?;
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let json = |part: &str| serde_json::from_slice(&bytes(part)?).ok();
    Some(Parsed { header: json(header)?, claims: json(claims)?, signed, signature: bytes(signature)? })
}

/// The claims, if one of the keys has signed them and they are for us, now, and for the request of that nonce.
pub async fn verify(
    app: &App,
    token: Parsed<'_>,
    keys: &Value,
    provider: &Provider<'_>,
    nonce: Option<&str>,
) -> Option<Value> {
    // Cheaper than a signature, and no oracle: who made the token knows what is in it.
    if !is_for_us(app, &token.claims, provider, nonce) {
        return None;
    }
    let keys = keys.get("keys")?.as_array()?;
    for key in keys.iter().filter_map(|key| key_for(&token.header, key)).take(MAX_TRIES) {
        if (app.runtime.verify)(key, token.signed.to_owned(), token.signature.clone()).await {
            return Some(token.claims);
        }
    }
    None
}

/// The JWK, if the token may be signed with it. The algorithm is that of the key's type: a token cannot choose.
fn key_for(header: &Value, jwk: &Value) -> Option<PublicKey> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let owned = |name: &str| text(name).map(str::to_owned);
    let said = |name: &str| header.get(name).and_then(Value::as_str);
    // What a critical extension would change we do not know (RFC 7515 §4.1.11).
    let is_other = header.get("crit").is_some()
        || said("kid").is_some_and(|kid| text("kid") != Some(kid))
        || text("use").is_some_and(|purpose| purpose != "sig");
    let (algorithm, key) = match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let n = owned("n")?;
            let is_long = URL_SAFE_NO_PAD.decode(&n).is_ok_and(|n| n.len() >= MIN_RSA_BYTES);
            ("RS256", PublicKey::Rsa { n, e: owned("e").filter(|_| is_long)? })
        }
        ("EC", Some("P-256")) => ("ES256", PublicKey::P256 { x: owned("x")?, y: owned("y")? }),
        _ => return None,
    };
    let is_same = said("alg") == Some(algorithm) && text("alg").is_none_or(|alg| alg == algorithm);
    (is_same && !is_other).then_some(key)
}

fn is_for_us(app: &App, claims: &Value, provider: &Provider<'_>, nonce: Option<&str>) -> bool {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let second = |name: &str| claims.get(name).and_then(Value::as_f64);
    let us = provider.options.client_id.as_str();
    let is_ours = match claims.get("aud") {
        Some(Value::String(audience)) => audience == us,
        // Of several audiences, the one for whom it was made is named.
        Some(Value::Array(all)) => {
            all.iter().any(|audience| audience == us) && (all.len() == 1 || text("azp") == Some(us))
        }
        _ => false,
    };
    #[expect(clippy::cast_precision_loss, reason = "exact until the year 287396")]
    let now = (app.now.unix_ms() / 1000) as f64;
    #[expect(clippy::cast_precision_loss, reason = "small constants")]
    let (tolerance, max_age) = (TOLERANCE_S as f64, GOOGLE_MAX_AGE_S as f64);
    let is_young = |issued: f64| provider.options.kind != ProviderKind::Google || issued > now - max_age - tolerance;
    is_ours
        && text("iss").is_some_and(|issuer| provider.issuers.iter().any(|ours| ours == issuer))
        && second("exp").is_some_and(|end| end > now - tolerance)
        && second("nbf").is_none_or(|start| start <= now + tolerance)
        && second("iat").is_some_and(|issued| issued <= now + tolerance && is_young(issued))
        && nonce.is_none_or(|nonce| text("nonce") == Some(nonce))
}
