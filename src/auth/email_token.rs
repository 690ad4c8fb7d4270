//! The tokens in mails about addresses: a JWT, signed and not kept, so that it may be used more than once.
//!
//! Source: Better Auth 1.7.25, `createEmailVerificationToken` and `verifyEmail` (wire spec §5.19).
use super::{code, input::is_email, jwt};
use crate::{Error, Result, config::Secret, id::UserId, time::Timestamp};
use serde::{Deserialize, Serialize};

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
    pub fn sign(&self, secret: &Secret, now: Timestamp, expires_in_s: u32) -> Result<String> {
        let claims = serde_json::to_string(self).map_err(Error::internal)?;
        jwt::sign(&jwt::claims(&claims, now, expires_in_s), secret)
    }

    /// Reads a token that we signed.
    ///
    /// # Errors
    /// `TOKEN_EXPIRED`, or `INVALID_TOKEN` for anything else.
    pub fn verify(text: &str, secret: &Secret, now: Timestamp) -> Result<Self> {
        let claims = Some(text).filter(|text| text.len() <= MAX_BYTES).and_then(|text| jwt::verify(text, secret));
        let claims = claims.ok_or(code::INVALID_EMAIL_TOKEN)?;
        let expires_at = jwt::expires_at(&claims).ok_or(code::INVALID_EMAIL_TOKEN)?;
        if expires_at <= now {
            return Err(code::TOKEN_EXPIRED.into());
        }
        let token: Option<Self> = serde_json::from_value(claims).ok();
        token.filter(|token| is_email(&token.email)).ok_or_else(|| code::INVALID_EMAIL_TOKEN.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::cookie::hmac_sha256;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::{Value, json};

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
        let signature = hmac_sha256(secret.as_bytes(), signed.as_bytes()).unwrap();
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
        for header in [json!({ "alg": "none" }), json!({ "alg": "HS512" }), json!({})] {
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
