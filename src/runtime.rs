//! What a JavaScript runtime does better than code that the Worker would carry: URLs and Unicode's normal forms, 140 KB
//! gzipped, and scrypt, for which WebAssembly takes 1.8 times as long (`npm run bench`). The reference uses the runtime's as
//! well, so the two cannot read a URL or a password differently.

use futures_util::future::LocalBoxFuture;

/// The runtime's functions.
#[derive(Clone, Copy)]
pub struct Runtime {
    /// Unicode's NFKC (UAX #15) of a text.
    pub nfkc: fn(&str) -> String,
    /// scrypt (RFC 7914) of a password and a salt with N = 16384, r = 16, p = 1: the reference's parameters, 32 MiB. None
    /// if the runtime refuses.
    pub scrypt: fn(password: &str, salt: &str) -> Option<[u8; 64]>,
    /// A URL by the WHATWG URL Standard; none if it is not absolute.
    pub parse_url: fn(&str) -> Option<Url>,
    /// Waits for so many milliseconds.
    pub sleep: fn(u32) -> LocalBoxFuture<'static, ()>,
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
thread_local! {
    /// How long the tests' runtime would have waited, on this thread: it does not wait.
    pub static SLEPT_MS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
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
        let sleep = |ms| {
            SLEPT_MS.with(|slept| slept.set(slept.get() + ms));
            Box::pin(std::future::ready(())) as LocalBoxFuture<'static, ()>
        };
        Self { nfkc, scrypt, parse_url, sleep }
    }
}
