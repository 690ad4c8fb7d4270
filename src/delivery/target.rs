//! Which servers a webhook may reach: public ones. Asked when an automation is saved, and before each send.
//!
//! The URL is read by the runtime's parser, which is the one that `fetch` reads it by, so no spelling of an address can
//! mean one thing here and another there: `0x7f.1` comes out of it as `127.0.0.1`. What a name resolves to is not seen
//! here: docs/delivery.md says what that leaves open.
use super::WebhookUrl;
use crate::runtime::Runtime;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why a webhook is not sent somewhere: the end of a sentence that begins with the URL.
type Refusal = &'static str;

const NOT_PUBLIC: Refusal = "must name a server on the public Internet: not a private, loopback, link-local or otherwise \
                             reserved address";

/// IPv4 networks that are not the public Internet. Source: IANA IPv4 Special-Purpose Address Registry; RFC 5771 for
/// multicast.
const V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Of IPv6, only 2000::/3 is given out for the public Internet, so ::1, fc00::/7, fe80::/10, ff00::/8, IPv4 in IPv6
/// (::ffff:0:0/96) and NAT64 (64:ff9b::/96) are outside of it. These are inside, and lead elsewhere: Teredo and others
/// (2001::/23), examples, 6to4. Source: IANA IPv6 Special-Purpose Address Registry.
const V6: [([u16; 2], u32); 4] = [([0x2001, 0], 23), ([0x2001, 0xdb8], 32), ([0x2002, 0], 16), ([0x3fff, 0], 20)];

/// Last labels of names that networks give to themselves. Source: RFC 6761, 6762 appendix G, 7686, 8375; ICANN's
/// reservation of `internal`.
const PRIVATE_NAMES: [&str; 12] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "test",
    "invalid",
    "onion",
    "arpa",
];

/// Refuses a URL that leads elsewhere than to the public Internet. With `allows_loopback`, which only development may set,
/// `localhost`, 127.0.0.0/8 and ::1 are let through, and those by http as well.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub fn check(url: &WebhookUrl, runtime: Runtime, allows_loopback: bool) -> Result<(), Refusal> {
    let parsed = (runtime.parse_url)(url.as_str()).ok_or("is no URL")?;
    let host = Host::of(&parsed.host);
    if allows_loopback && host.is_loopback() {
        return Ok(());
    }
    if parsed.scheme != "https" {
        return Err("must begin with https://");
    }
    match host {
        Host::V4(address) if is_public_v4(address) => Ok(()),
        Host::V6(address) if is_public_v6(address) => Ok(()),
        Host::Name(name) => check_name(name),
        Host::V4(_) | Host::V6(_) => Err(NOT_PUBLIC),
    }
}

/// Whom a URL names.
enum Host<'a> {
    V4(Ipv4Addr),
    V6(Ipv6Addr),
    Name(&'a str),
}

impl<'a> Host<'a> {
    /// Of a URL's host and port, as the runtime gives them: in lower case, addresses in their one form.
    fn of(authority: &'a str) -> Self {
        if let Some(address) = authority.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            return address.parse().map_or(Self::Name(authority), Self::V6);
        }
        let host = authority.split(':').next().unwrap_or_default();
        host.parse().map_or(Self::Name(host), Self::V4)
    }

    fn is_loopback(&self) -> bool {
        match *self {
            Self::V4(address) => IpAddr::from(address).is_loopback(),
            Self::V6(address) => IpAddr::from(address).is_loopback(),
            Self::Name(name) => name == "localhost",
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_in =
        |(network, length): &([u8; 4], u32)| (u32::from_be_bytes(*network) ^ address.to_bits()) >> (32 - length) == 0;
    !V4.iter().any(is_in)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let begin = u32::from(first) << 16 | u32::from(second);
    let is_in =
        |([a, b], length): &([u16; 2], u32)| ((u32::from(*a) << 16 | u32::from(*b)) ^ begin) >> (32 - length) == 0;
    first >> 13 == 0b001 && !V6.iter().any(is_in)
}

/// A name of the public DNS has a dot, does not end in one (the root's form escapes lists of names), and its last label is
/// not one that networks keep for themselves.
fn check_name(name: &str) -> Result<(), Refusal> {
    match name.rsplit_once('.') {
        Some((_, "")) => Err("must not end its host with a dot"),
        Some((_, last)) if !PRIVATE_NAMES.contains(&last) => Ok(()),
        _ => Err("must name a host of the public DNS, such as example.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What becomes of a URL that a person saves: refused as text, or by where it leads.
    fn is_taken(url: &str, allows_loopback: bool) -> bool {
        WebhookUrl::try_from(url.to_owned()).is_ok_and(|url| check(&url, Runtime::for_tests(), allows_loopback).is_ok())
    }

    /// Each spelling leads, or might lead, elsewhere than to the public Internet.
    const REFUSED: &[&str] = &[
        // Not https, or not a URL with a plain authority.
        "http://example.com/hook",
        "ftp://example.com/hook",
        "file:///etc/passwd",
        "gopher://example.com/",
        "data:text/plain,x",
        "//example.com/hook",
        "https:example.com",
        "https:/example.com",
        "https:\\\\example.com",
        "https://example.com\\@127.0.0.1/",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com@127.0.0.1/",
        "https://127.0.0.1#@example.com/",
        "https://exa\u{200b}mple.com/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://example.com:99999/",
        // This host, private, shared, link-local (cloud metadata), reserved, multicast, broadcast.
        "https://0.0.0.0/",
        "https://0/",
        "https://0.1.2.3/",
        "https://10.0.0.1/",
        "https://10.1/",
        "https://0xa.0.0.1/",
        "https://100.64.0.1/",
        "https://100.127.255.255/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://169.254.43518/",
        "https://172.16.0.1/",
        "https://172.31.255.255/",
        "https://192.0.0.1/",
        "https://192.0.2.1/",
        "https://192.168.0.1/",
        "https://192.168.1/",
        "https://3232235777/",
        "https://192.88.99.1/",
        "https://198.18.0.1/",
        "https://198.19.255.255/",
        "https://198.51.100.1/",
        "https://203.0.113.1/",
        "https://224.0.0.1/",
        "https://239.255.255.255/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://4294967295/",
        // No address: a last label that is a number must be one.
        "https://256.256.256.256/",
        "https://1.2.3.4.5/",
        "https://example.1/",
        // IPv6: IPv4 within, NAT64, 6to4, Teredo, unique local, link-local, site-local, multicast, examples, discard.
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b:1::a00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://[2001::1]/",
        "https://[2001:0:7f00:1::]/",
        "https://[2001:db8::1]/",
        "https://[3fff::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://[100::1]/",
        "https://[5f00::1]/",
        // Names that networks give to themselves.
        "https://intranet/",
        "https://router/",
        "https://printer.local/",
        "https://printer.local./",
        "https://PRINTER.LOCAL/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://db.corp/",
        "https://nas.home/",
        "https://nas.home.arpa/",
        "https://1.0.0.127.in-addr.arpa/",
        "https://router.lan/",
        "https://app.test/",
        "https://x.invalid/",
        "https://x.onion/",
        "https://example.com./",
        "https://./",
        "https://../",
    ];

    /// This machine, in every spelling that the URL standard reads as its address or name.
    const LOOPBACK: &[&str] = &[
        "https://127.0.0.1/",
        "https://127.0.0.1:8443/",
        "https://127.0.0.1./",
        "https://127.1/",
        "https://127.0.1/",
        "https://127.255.255.254/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://0177.0.0.01/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0X7F.0x0.0x0.0x1/",
        "https://%31%32%37.0.0.1/",
        "https://localhost/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://localhost:8787/",
        "https://a.localhost/",
        "https://[::1]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::1]:8443/",
        "https://[::]/",
        "https://[0::1]/",
    ];

    #[test]
    fn what_leads_off_the_public_internet_is_refused_in_every_spelling() {
        assert!(REFUSED.len() + LOOPBACK.len() > 100);
        for url in REFUSED.iter().chain(LOOPBACK) {
            assert!(!is_taken(url, false), "{url}");
        }
    }

    #[test]
    fn what_is_public_is_taken() {
        for url in [
            "https://example.com",
            "https://example.com/hook?a=1&b=%20",
            "https://EXAMPLE.com/Hook",
            "https://example.com:8443/hook",
            "https://hooks.example.co.uk/a/b",
            "https://xn--bcher-kva.example/",
            "https://local.example.com/",
            "https://localhost.example.com/",
            "https://internal-tools.io/",
            "https://8.8.8.8/",
            "https://1.1.1.1:8443/",
            "https://9.255.255.255/",
            "https://11.0.0.1/",
            "https://100.63.255.255/",
            "https://100.128.0.1/",
            "https://172.15.0.1/",
            "https://172.32.0.1/",
            "https://192.167.0.1/",
            "https://198.20.0.1/",
            "https://223.255.255.255/",
            "https://[2606:4700:4700::1111]/",
            "https://[2a00:1450:4001:81b::200e]:8443/",
        ] {
            assert!(is_taken(url, false), "{url}");
        }
    }

    #[test]
    fn development_may_reach_its_own_machine_and_no_other() {
        let loopback =
            ["http://127.0.0.1:9/", "http://localhost:9/x", "http://[::1]:9/", "https://127.0.0.2/", "https://0x7f.1/"];
        for url in loopback {
            assert!(is_taken(url, true), "{url}");
            assert!(!is_taken(url, false), "{url}");
        }
        for url in REFUSED {
            assert!(!is_taken(url, true), "{url}");
        }
    }

    proptest! {
        /// Of any IPv4 address, all spellings have the same fate.
        #[test]
        fn an_address_is_judged_by_its_value(bits in any::<u32>()) {
            let address = Ipv4Addr::from_bits(bits);
            let [a, b, c, d] = address.octets();
            let is_public = is_public_v4(address);
            let is_private = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_documentation();
            prop_assert!(!(is_public && is_private));
            for host in [
                address.to_string(), bits.to_string(), format!("0x{bits:x}"), format!("0{bits:o}"),
                format!("{a}.{}", bits & 0xff_ffff), format!("0{a:o}.0x{b:x}.{}", u32::from(c) << 8 | u32::from(d)),
            ] {
                prop_assert_eq!(is_taken(&format!("https://{host}/"), false), is_public, "{}", host);
            }
            let mapped = format!("https://[::ffff:{address}]/");
            prop_assert!(!is_taken(&mapped, false));
        }
    }
}
