//! What a JavaScript runtime does better than code that the Worker would carry: URLs and Unicode's normal forms, 140 KB
//! gzipped, and scrypt, for which WebAssembly takes 1.8 times as long (`npm run bench`). The reference uses the runtime's as
//! well, so the two cannot read a URL or a password differently.

/// The runtime's text functions.
#[derive(Clone, Copy)]
pub struct Runtime {
    /// Unicode's NFKC (UAX #15) of a text.
    pub nfkc: fn(&str) -> String,
    /// scrypt (RFC 7914) of a password and a salt with N = 16384, r = 16, p = 1: the reference's parameters, 32 MiB. None
    /// if the runtime refuses.
    pub scrypt: fn(password: &str, salt: &str) -> Option<[u8; 64]>,
    /// A URL by the WHATWG URL Standard; none if it is not absolute.
    pub parse_url: fn(&str) -> Option<Url>,
    /// The clock, in milliseconds, to see how long something took. On Cloudflare it moves only while one waits.
    pub clock_ms: fn() -> f64,
}

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
impl Runtime {
    /// The same by crates, for tests.
    pub const fn for_tests() -> Self {
        use unicode_normalization::UnicodeNormalization;
        let nfkc = |text: &str| text.nfkc().collect();
        let parse_url = |text: &str| {
            let url = url::Url::parse(text).ok()?;
            let host = url.host_str().unwrap_or_default();
            let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
            Some(Url { scheme: url.scheme().to_owned(), host })
        };
        let scrypt = |password: &str, salt: &str| {
            let params = scrypt::Params::new(14, 16, 1).ok()?;
            let mut key = [0; 64];
            scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut key).ok()?;
            Some(key)
        };
        Self { nfkc, scrypt, parse_url, clock_ms: || 0.0 }
    }
}
