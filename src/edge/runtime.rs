//! The runtime's own URLs and Unicode.
use crate::runtime::{Runtime, Url};
use worker::js_sys::JsString;

/// JavaScript's.
pub const JAVASCRIPT: Runtime = Runtime {
    nfkc: |text| JsString::from(text).normalize("NFKC").into(),
    parse_url: |text| {
        let url = web_sys::Url::new(text).ok()?;
        Some(Url { scheme: url.protocol().trim_end_matches(':').to_owned(), host: url.host() })
    },
};
