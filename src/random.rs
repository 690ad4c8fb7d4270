//! Randomness, passed in so that a test can see where it is used.
use crate::{Error, Result};

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[cfg(test)]
thread_local! {
    /// Where [`Random::seeded`] stands, on this thread.
    static SEED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// A source of cryptographic randomness.
#[derive(Clone, Copy)]
pub struct Random(fn(&mut [u8]) -> std::result::Result<(), getrandom::Error>);

impl Random {
    /// The platform's: WebCrypto in workerd, the kernel natively.
    #[must_use]
    pub const fn platform() -> Self {
        Self(getrandom::fill)
    }

    /// What tests use: the platform's as well, for nothing here depends on its values.
    #[cfg(test)]
    pub const fn for_tests() -> Self {
        Self::platform()
    }

    /// What a simulation uses: on this thread, what follows from the seed.
    #[cfg(test)]
    pub fn seeded(seed: u64) -> Self {
        SEED.set(seed);
        Self(|bytes| {
            for byte in bytes {
                // Knuth's constants, "The Art of Computer Programming", 3.3.4.
                SEED.set(SEED.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
                *byte = SEED.get().to_be_bytes()[0];
            }
            Ok(())
        })
    }

    /// Fills `bytes`.
    ///
    /// # Errors
    /// `Internal` if the platform refuses.
    pub fn fill(self, bytes: &mut [u8]) -> Result<()> {
        (self.0)(bytes).map_err(|e| Error::internal(e.to_string()))
    }

    /// `N` bytes.
    ///
    /// # Errors
    /// `Internal` if the platform refuses.
    pub fn bytes<const N: usize>(self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// `length` characters of `A–Z a–z 0–9`, each as likely as the others: a byte of 248 and over is drawn again.
    ///
    /// # Errors
    /// `Internal` if the platform refuses.
    pub fn alphanumeric(self, length: usize) -> Result<String> {
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let fair = self.bytes::<64>()?.into_iter().filter(|&b| b < 248);
            let letters = fair.filter_map(|b| ALPHANUMERIC.get(usize::from(b % 62)));
            text.extend(letters.take(length - text.len()).map(|&b| char::from(b)));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphanumeric_has_the_length_and_the_letters() {
        let text = Random::platform().alphanumeric(200).unwrap();
        assert_eq!(text.len(), 200);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric()), "{text}");
        assert_ne!(text, Random::platform().alphanumeric(200).unwrap());
    }
}
