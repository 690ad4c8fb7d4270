//! What a JavaScript runtime does better than code that the Worker would carry: URLs and Unicode's normal forms, 140 KB
//! gzipped; public keys, 60 KB more; AES and SHA-512; and scrypt, for which WebAssembly takes 1.8 times as long
//! (`npm run bench`). The reference uses the runtime's as well, so the two cannot read a URL or a password differently.
use futures_util::future::LocalBoxFuture;

/// The runtime's functions.
#[derive(Clone, Copy)]
pub struct Runtime {
    /// Unicode's NFKC (UAX #15) of a text.
    pub nfkc: fn(&str) -> String,
    /// scrypt (RFC 7914) of a password and a salt with N = 16384, r = 16, p = 1: the reference's parameters, 32 MiB. None
    /// if the runtime refuses.
    pub scrypt: fn(password: &str, salt: &str) -> Option<[u8; 64]>,
    /// AES-256 in CBC mode with PKCS #7 padding. None if the runtime refuses.
    pub aes_256_cbc_encrypt: AesCbc,
    /// Its inverse. None if the padding is wrong.
    pub aes_256_cbc_decrypt: AesCbc,
    /// HMAC with SHA-512. None if the runtime refuses.
    pub hmac_sha512: fn(key: &[u8], message: &[u8]) -> Option<[u8; 64]>,
    /// A URL by the WHATWG URL Standard; none if it is not absolute.
    pub parse_url: fn(&str) -> Option<Url>,
    /// The clock, in milliseconds, to see how long something took. On Cloudflare it moves only while one waits.
    pub clock_ms: fn() -> f64,
    /// Whether the signature of the text is the key's.
    pub verify: fn(PublicKey, signed: String, signature: Vec<u8>) -> LocalBoxFuture<'static, bool>,
    /// Waits for so many milliseconds.
    pub sleep: fn(u32) -> LocalBoxFuture<'static, ()>,
    /// Tells who runs the deployment of a fault that no answer's status tells of.
    pub log_fault: fn(&str),
}

/// A key to verify signatures with: its parameters in base64url, as a JWK has them (RFC 7518 §6).
pub enum PublicKey {
    /// RSASSA-PKCS1-v1_5 with SHA-256: `RS256`.
    Rsa {
        /// the modulus
        n: String,
        /// the exponent
        e: String,
    },
    /// ECDSA on P-256 with SHA-256: `ES256`.
    P256 {
        /// the first coordinate
        x: String,
        /// the second
        y: String,
    },
}

/// From a key, an initialization vector and a text to the other text.
pub type AesCbc = fn(key: &[u8], iv: &[u8], text: &[u8]) -> Option<Vec<u8>>;

/// The parts of a URL that tell whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// Its scheme, in lower case, such as `https`.
    pub scheme: String,
    /// Host and port, the default port left out; empty if it has no host.
    pub host: String,
}

impl Url {
    /// Its origin, such as `https://app.example.com`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }
}

#[cfg(test)]
thread_local! {
    /// How long the tests' runtime would have waited, on this thread: it does not wait.
    pub static SLEPT_MS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
    /// Which faults were logged, on this thread.
    pub static FAULTS: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(vec![]) };
    /// How often scrypt ran, on this thread.
    pub static HASHES: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
impl Runtime {
    /// The same by crates, for tests.
    pub const fn for_tests() -> Self {
        use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
        use hmac::{KeyInit, Mac};
        use std::future::ready;
        use unicode_normalization::UnicodeNormalization;
        let nfkc = |text: &str| text.nfkc().collect();
        let parse_url = |text: &str| {
            let url = url::Url::parse(text).ok()?;
            let host = url.host_str().unwrap_or_default();
            let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            Some(Url { scheme: url.scheme().to_owned(), host })
        };
        let scrypt = |password: &str, salt: &str| {
            HASHES.with(|hashes| hashes.set(hashes.get() + 1));
            let params = scrypt::Params::new(14, 16, 1).ok()?;
            let mut key = [0; 64];
            scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut key).ok()?;
            Some(key)
        };
        let hmac_sha512 = |key: &[u8], message: &[u8]| {
            let mac = hmac::Hmac::<sha2::Sha512>::new_from_slice(key).ok()?;
            Some(mac.chain_update(message).finalize().into_bytes().into())
        };
        let sleep = |ms| {
            SLEPT_MS.with(|slept| slept.set(slept.get() + ms));
            Box::pin(ready(())) as LocalBoxFuture<'static, ()>
        };
        Self {
            nfkc,
            scrypt,
            aes_256_cbc_encrypt: |key, iv, text| {
                let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?;
                Some(cipher.encrypt_padded_vec::<Pkcs7>(text))
            },
            aes_256_cbc_decrypt: |key, iv, text| {
                let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?;
                cipher.decrypt_padded_vec::<Pkcs7>(text).ok()
            },
            hmac_sha512,
            parse_url,
            clock_ms: || 0.0,
            sleep,
            log_fault: |fault| FAULTS.with(|faults| faults.borrow_mut().push(fault.to_owned())),
            verify: |key, signed, signature| Box::pin(ready(is_signed(&key, &signed, &signature))),
        }
    }
}

/// The same by `ring`.
#[cfg(test)]
fn is_signed(key: &PublicKey, signed: &str, signature: &[u8]) -> bool {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
    };
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    match key {
        PublicKey::Rsa { n, e } => {
            let key = RsaPublicKeyComponents { n: bytes(n), e: bytes(e) };
            key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), signature).is_ok()
        }
        PublicKey::P256 { x, y } => {
            let point = [vec![4], bytes(x), bytes(y)].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), signature).is_ok()
        }
    }
}
