//! The tokens in mails about addresses: a JWT, signed and not kept, so that it may be used more than once.
//!
//! Source: Better Auth 1.7.25, `createEmailVerificationToken` and `verifyEmail` (wire spec §5.19).
use super::{code, input::is_email};
use crate::{Error, Result, config::Secret, id::UserId, time::Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

/// Longer than any that we sign.
const MAX_BYTES: usize = 4096;

/// A change of address that its old address agrees to.
pub const CONFIRMATION: &str = "change-email-confirmation";
/// A change of address that its new address agrees to.
pub const VERIFICATION: &str = "change-email-verification";

/// What a token says. The fields' order is the reference's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailToken {
    /// The address of the user, in lower case.
    pub email: String,
    /// The address that he wants to have instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_to: Option<String>,
    /// [`CONFIRMATION`] or [`VERIFICATION`] of that change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_type: Option<String>,
    /// The user. Tokens of Better Auth before 1.7 lack it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
}

/// The token and its time, in seconds since 1970.
#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(flatten)]
    token: EmailToken,
    iat: i64,
    exp: i64,
}

impl EmailToken {
    /// That the address is the user's.
    #[must_use]
    pub fn of_address(user: &UserId, email: &str) -> Self {
        Self { email: email.to_lowercase(), update_to: None, request_type: None, user_id: Some(user.clone()) }
    }

    /// That the user's address is to be `update_to`.
    #[must_use]
    pub fn of_change(user: &UserId, email: &str, update_to: &str, request_type: &str) -> Self {
        Self {
            update_to: Some(update_to.to_lowercase()),
            request_type: Some(request_type.to_owned()),
            ..Self::of_address(user, email)
        }
    }

    /// The token's text.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    pub fn sign(self, secret: &Secret, now: Timestamp, expires_in_s: u32) -> Result<String> {
        let iat = now.unix_ms() / 1000;
        let claims = Claims { token: self, iat, exp: iat + i64::from(expires_in_s) };
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).map_err(Error::internal)?);
        let signed = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#));
        let signature = mac(secret, &signed)?.finalize().into_bytes();
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Reads a token that we signed, by HS256 whatever it says itself; compared in constant time.
    ///
    /// # Errors
    /// `TOKEN_EXPIRED`, or `INVALID_TOKEN` for anything else.
    pub fn verify(text: &str, secret: &Secret, now: Timestamp) -> Result<Self> {
        let claims = claims(text, secret)?.ok_or(code::INVALID_EMAIL_TOKEN)?;
        if claims.exp <= now.unix_ms() / 1000 {
            return Err(code::TOKEN_EXPIRED.into());
        }
        Ok(claims.token)
    }
}

fn claims(text: &str, secret: &Secret) -> Result<Option<Claims>> {
    let parts: Vec<&str> = text.split('.').collect();
    let ([header, claims, signature], true) = (parts.as_slice(), text.len() <= MAX_BYTES) else { return Ok(None) };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let json = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).ok();
    let is_hs256 = json(header).is_some_and(|header| header["alg"] == "HS256" && header.get("crit").is_none());
    let Some(signature) = decoded(signature).filter(|_| is_hs256) else { return Ok(None) };
    if mac(secret, &format!("{header}.{claims}"))?.verify_slice(&signature).is_err() {
        return Ok(None);
    }
    let claims: Option<Claims> = json(claims).and_then(|claims| serde_json::from_value(claims).ok());
    Ok(claims.filter(|claims| is_email(&claims.token.email)))
}

fn mac(secret: &Secret, signed: &str) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(Error::internal)?;
    mac.update(signed.as_bytes());
    Ok(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn secret() -> Secret {
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF".to_owned().into()
    }
    fn at(s: i64) -> Timestamp {
        Timestamp::from_unix_ms(s * 1000)
    }
    fn token() -> EmailToken {
        EmailToken::of_address(&UserId::from("u1".to_owned()), "Ada@ex.co")
    }
    fn forged(header: &Value, claims: &Value, secret: &Secret) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = mac(secret, &signed).unwrap().finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
    fn code(text: &str) -> &'static str {
        match EmailToken::verify(text, &secret(), at(100)) {
            Err(Error::Auth(error)) => error.code.unwrap(),
            Ok(_) => "",
            Err(other) => panic!("{other}"),
        }
    }

    /// Signed by jose 6 for better-auth 1.7.25.
    #[test]
    fn it_is_the_references_text() {
        let signed = token().sign(&secret(), at(1_893_456_000), 3600).unwrap();
        let claims = signed.split('.').nth(1).unwrap();
        assert_eq!(
            String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap(),
            r#"{"email":"ada@ex.co","userId":"u1","iat":1893456000,"exp":1893459600}"#
        );
        assert!(signed.starts_with("eyJhbGciOiJIUzI1NiJ9."), "{signed}");
        assert_eq!(signed, REFERENCE);
    }
    const REFERENCE: &str = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImFkYUBleC5jbyIsInVzZXJJZCI6InUxIiwiaWF0IjoxODkzNDU2MDAwLCJleHAiOjE4OTM0NTk2MDB9.0vM73L1E-76Lrql0Ejs94HH3HJelCK7qcj1ujGGoguo";

    #[test]
    fn a_token_lasts_until_its_second() {
        let signed = token().sign(&secret(), at(0), 100).unwrap();
        assert_eq!(EmailToken::verify(&signed, &secret(), at(99)).unwrap(), token());
        assert_eq!(code(&signed), "TOKEN_EXPIRED");
    }

    #[test]
    fn a_token_of_another_key_or_algorithm_or_shape_is_refused() {
        let (hs256, claims) = (json!({ "alg": "HS256" }), json!({ "email": "a@ex.co", "iat": 0, "exp": 1000 }));
        assert_eq!(code(&forged(&hs256, &claims, &secret())), "");
        let other = "another secret of a length that would do".to_owned().into();
        assert_eq!(code(&forged(&hs256, &claims, &other)), "INVALID_TOKEN");
        for header in
            [json!({ "alg": "none" }), json!({ "alg": "HS512" }), json!({}), json!({ "alg": "HS256", "crit": ["b64"] })]
        {
            assert_eq!(code(&forged(&header, &claims, &secret())), "INVALID_TOKEN", "{header}");
        }
        for claims in
            [json!({}), json!({ "email": "x", "iat": 0, "exp": 1000 }), json!({ "email": "a@ex.co", "iat": 0 })]
        {
            assert_eq!(code(&forged(&hs256, &claims, &secret())), "INVALID_TOKEN", "{claims}");
        }
        let good = forged(&hs256, &claims, &secret());
        let unsigned = good.rsplit_once('.').unwrap().0;
        for text in
            ["", "..", unsigned, &format!("{unsigned}."), &format!("{good}.x"), &format!("{good}="), &"a.".repeat(5000)]
        {
            assert_eq!(code(text), "INVALID_TOKEN", "{text:.40}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_token_or_not(text in "\\PC{0,60}") {
            prop_assert_eq!(code(&text), "INVALID_TOKEN");
        }
    }
}
