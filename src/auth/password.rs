//! Passwords, as Better Auth stores them: `<salt>:<key>`, both in hex, of scrypt.
//!
//! Source: Better Auth 1.7.25, `crypto/password` (wire spec §3).
use super::code;
use crate::{Error, Result, random::Random, runtime::Runtime};
use std::fmt::Write;
use subtle::ConstantTimeEq;

/// UTF-16 code units, as JavaScript counts.
const MIN_LENGTH: usize = 8;
/// UTF-16 code units. Bounds what a hash can be made to cost.
const MAX_LENGTH: usize = 128;

/// A password that is short enough to be hashed: there is no other way to a hash.
pub struct Password {
    text: String,
    runtime: Runtime,
}

impl Password {
    /// One that someone says he has: at most 128 code units.
    ///
    /// # Errors
    /// `PASSWORD_TOO_LONG`.
    pub fn given(text: &str, runtime: Runtime) -> Result<Self> {
        if text.encode_utf16().count() > MAX_LENGTH {
            return Err(code::PASSWORD_TOO_LONG.into());
        }
        Ok(Self { text: (runtime.nfkc)(text), runtime })
    }

    /// One that someone chooses: at least 8 code units as well.
    ///
    /// # Errors
    /// `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`.
    pub fn chosen(text: &str, runtime: Runtime) -> Result<Self> {
        if text.encode_utf16().count() < MIN_LENGTH {
            return Err(code::PASSWORD_TOO_SHORT.into());
        }
        Self::given(text, runtime)
    }

    /// What to store, with a fresh salt.
    ///
    /// # Errors
    /// `Internal` if the platform has no randomness.
    pub fn hash(&self, random: Random) -> Result<String> {
        let salt = hex(&random.bytes::<16>()?)?;
        let key = hex(&self.key(&salt)?)?;
        Ok(format!("{salt}:{key}"))
    }

    /// Whether it is the one that was stored; compared in constant time. What is not of our form is no one's password.
    ///
    /// # Errors
    /// `Internal` if the runtime refuses to run scrypt.
    pub fn is(&self, stored: &str) -> Result<bool> {
        let (salt, key) = stored.split_once(':').unwrap_or((stored, ""));
        let ours = hex(&self.key(salt)?)?;
        Ok(ours.as_bytes().ct_eq(key.as_bytes()).into())
    }

    /// The salt is its hex text, not the bytes that it stands for.
    fn key(&self, salt: &str) -> Result<[u8; 64]> {
        (self.runtime.scrypt)(&self.text, salt).ok_or_else(|| Error::internal("the runtime refused to run scrypt"))
    }
}

fn hex(bytes: &[u8]) -> Result<String> {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(text, "{byte:02x}").map_err(Error::internal)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wire spec, appendix C.
    const STORED: &str = "000102030405060708090a0b0c0d0e0f:5125b03697dc97f7126f0f8418629d5794e1fc2d1c79dad27703c8dbb8d9f5e8\
        936088669a4427fcc6f2514fe9d166f1bdc7fd9ef7ed51a35a708bb73be9e355";

    #[test]
    fn the_references_hash_is_verified_and_only_with_its_password() {
        assert!(Password::given("password1", Runtime::for_tests()).unwrap().is(STORED).unwrap());
        assert!(!Password::given("password2", Runtime::for_tests()).unwrap().is(STORED).unwrap());
        for malformed in ["", ":", "000102030405060708090a0b0c0d0e0f", &STORED[..160]] {
            assert!(!Password::given("password1", Runtime::for_tests()).unwrap().is(malformed).unwrap(), "{malformed}");
        }
    }

    #[test]
    fn a_hash_has_a_salt_of_its_own_and_takes_the_other_spelling_of_a_letter() {
        let password = Password::chosen("pass\u{e9}word", Runtime::for_tests()).unwrap();
        let stored = password.hash(Random::for_tests()).unwrap();
        assert_eq!(stored.len(), 32 + 1 + 128);
        assert_ne!(stored, password.hash(Random::for_tests()).unwrap());
        assert!(Password::given("passe\u{301}word", Runtime::for_tests()).unwrap().is(&stored).unwrap(), "NFKC");
    }

    #[test]
    fn lengths_are_counted_as_javascript_counts_before_normalising() {
        for (text, is_good) in [
            ("1234567".to_owned(), false),
            ("12345678".to_owned(), true),
            ("😀".repeat(4), true),
            ("e\u{301}".repeat(3), false),
            (" ".repeat(8), true),
            ("a".repeat(128), true),
            ("a".repeat(129), false),
            ("😀".repeat(65), false),
        ] {
            assert_eq!(Password::chosen(&text, Runtime::for_tests()).is_ok(), is_good, "{text}");
        }
        assert!(
            Password::given("", Runtime::for_tests()).is_ok()
                && Password::given(&"a".repeat(129), Runtime::for_tests()).is_err()
        );
    }
}
