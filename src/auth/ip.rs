//! Where a request comes from, as a session remembers it.
//!
//! Source: Better Auth 1.7.25 (wire spec §4.7).
use crate::api::Request;
use std::net::IpAddr;

/// The reference stores any length; a row of D1 should not carry a header of 100 KB.
const MAX_USER_AGENT_BYTES: usize = 2048;

/// The client's address as Cloudflare saw it, which no client can forge; empty if there is none. Of IPv6 it is the
/// network, for one client has a whole /64: `2001:0db8:0001:0002:0000:0000:0000:0000`.
pub fn address(request: &Request) -> String {
    match request.header("cf-connecting-ip").map(|text| text.trim().parse::<IpAddr>()) {
        Some(Ok(address)) => match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:04x}:{b:04x}:{c:04x}:{d:04x}:0000:0000:0000:0000")
            }
        },
        _ => String::new(),
    }
}

/// The header `user-agent`, cut off where it is absurd.
pub fn user_agent(request: &Request) -> &str {
    let given = request.header("user-agent").unwrap_or_default();
    given.get(..given.floor_char_boundary(MAX_USER_AGENT_BYTES)).unwrap_or(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(name: &str, value: &str) -> Request {
        Request { headers: vec![(name.to_owned(), value.to_owned())], ..Request::default() }
    }

    #[test]
    fn an_address_is_normalised() {
        for (given, stored) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:DB8:1:2:3:4:5:6", "2001:0db8:0001:0002:0000:0000:0000:0000"),
            ("::1", "0000:0000:0000:0000:0000:0000:0000:0000"),
            ("1.2.3.4, 5.6.7.8", ""),
            ("evil", ""),
        ] {
            assert_eq!(address(&request("cf-connecting-ip", given)), stored);
        }
        assert_eq!(address(&request("x-forwarded-for", "203.0.113.7")), "", "whoever sends it chooses it");
    }

    #[test]
    fn a_user_agent_is_kept_as_it_is_and_cut_off_where_it_is_absurd() {
        assert_eq!(user_agent(&request("user-agent", "Mozilla/5.0")), "Mozilla/5.0");
        assert_eq!(user_agent(&request("user-agent", &"ä".repeat(3000))).len(), 2048);
        assert_eq!(user_agent(&Request::default()), "");
    }
}
