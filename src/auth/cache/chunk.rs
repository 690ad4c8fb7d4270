//! A cookie that is too long for a browser goes in chunks: `session_data.0`, `session_data.1`, …
use crate::{
    api::cookie::{self, Cookie},
    config::Config,
};

/// The longest `set-cookie` header: a little under what the strictest browser takes.
const MAX_COOKIE_BYTES: usize = 4050;
/// Of 16 KB in all. The reference writes 100, which no server on the way takes back: a user with a large picture could
/// send no request any more.
const MAX_CHUNKS: usize = 4;
/// What the reference writes at most.
const MAX_CHUNKS_READ: usize = 100;

/// The cookie's headers' names and values: one cookie, or chunks; none if it is too long for them.
pub fn chunks(config: &Config, value: &str, max_age_s: Option<u32>) -> Vec<(String, String)> {
    let name = Cookie::SessionData.name(config);
    let around = cookie::set(&format!("{name}.99"), config, "", max_age_s).len();
    // Base64url and dots: a byte is a character.
    let parts: Vec<&[u8]> = value.as_bytes().chunks(MAX_COOKIE_BYTES.saturating_sub(around).max(1)).collect();
    match parts.len() {
        0 | 1 => vec![(name, value.to_owned())],
        2..=MAX_CHUNKS => {
            let part = |(i, part): (usize, &&[u8])| (format!("{name}.{i}"), String::from_utf8_lossy(part).into_owned());
            parts.iter().enumerate().map(part).collect()
        }
        _ => vec![],
    }
}

/// The names of the cookie and its chunks that the header has.
pub fn sent(config: &Config, header: &str) -> Vec<String> {
    let name = Cookie::SessionData.name(config);
    let is_one = |other: &&str| *other == name || is_chunk(&name, other);
    cookie::pairs(header).map(|(other, _)| other).filter(is_one).map(str::to_owned).collect()
}

/// The value that was sent, whole or in chunks.
pub fn join(config: &Config, header: &str) -> Option<String> {
    let name = Cookie::SessionData.name(config);
    if let Some(whole) = cookie::read(header, &name).filter(|whole| !whole.is_empty()) {
        return Some(whole);
    }
    // A cookie of the reference may have many; what lacks one in between is none.
    let part = |i: usize| cookie::read(header, &format!("{name}.{i}"));
    let whole: String = (0..MAX_CHUNKS_READ).map_while(part).collect();
    (!whole.is_empty()).then_some(whole)
}

/// Whether it is a chunk of the cookie of that name: its number is written in one way only.
fn is_chunk(name: &str, other: &str) -> bool {
    let Some(number) = other.strip_prefix(name).and_then(|suffix| suffix.strip_prefix('.')) else { return false };
    let is_number = !number.is_empty() && number.len() <= 10 && number.bytes().all(|b| b.is_ascii_digit());
    is_number && (number == "0" || !number.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let secret = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF";
        Config::read(|name| match name {
            "BETTER_AUTH_SECRET" => Some(secret.into()),
            "ENVIRONMENT" => Some("development".into()),
            _ => None,
        })
        .unwrap()
    }

    #[test]
    fn a_long_value_goes_in_chunks_and_comes_back() {
        for (length, names) in [(1_usize, 1), (3900, 1), (3999, 2), (12_000, 4), (20_000, 0)] {
            let value = "a-_.9".repeat(length.div_ceil(5));
            let written = chunks(&config(), &value, Some(300));
            assert_eq!(written.len(), names, "{length}");
            for (name, part) in &written {
                assert!(cookie::set(name, &config(), part, Some(300)).len() <= MAX_COOKIE_BYTES);
            }
            let mut header: Vec<_> = written.iter().rev().map(|(name, part)| format!("{name}={part}")).collect();
            header.insert(0, "a=b".into());
            let back = join(&config(), &header.join("; "));
            assert_eq!(back, (names > 0).then_some(value));
        }
    }

    #[test]
    fn only_a_canonical_number_makes_a_chunk() {
        const NAME: &str = "better-auth.session_data";
        for (suffix, is_chunk) in [
            ("0", true),
            ("99", true),
            ("01", false),
            ("+1", false),
            ("-1", false),
            ("1e1", false),
            ("", false),
            ("x", false),
        ] {
            let header = format!("{NAME}.{suffix}=x");
            assert_eq!(sent(&config(), &header).len(), usize::from(is_chunk), "{suffix}");
        }
        assert_eq!(sent(&config(), "better-auth.session_data2=x"), [""; 0]);
        let join = |header: &str| join(&config(), &header.replace('N', NAME));
        assert_eq!(join("N=; N.1=b; N.01=x; N.0=a").as_deref(), Some("ab"));
        for none in ["", "N=", "N.1=b", "N.00=a", "N.x=a", "N2=a"] {
            assert_eq!(join(none), None, "{none}");
        }
        assert_eq!(join("N.0=a; N.2=c").as_deref(), Some("a"), "the rest does not count");
    }
}
