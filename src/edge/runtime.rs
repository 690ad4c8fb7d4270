//! The runtime's own URLs, Unicode and scrypt.
use crate::runtime::{Runtime, Url};
use worker::{
    js_sys::{Function, JsString, Object, Reflect, Uint8Array, global},
    wasm_bindgen::{JsCast, JsValue},
};

/// JavaScript's.
pub const JAVASCRIPT: Runtime = Runtime {
    nfkc: |text| JsString::from(text).normalize("NFKC").into(),
    scrypt: |password, salt| scrypt(password, salt).ok()?.to_vec().try_into().ok(),
    parse_url: |text| {
        let url = web_sys::Url::new(text).ok()?;
        Some(Url { scheme: url.protocol().trim_end_matches(':').to_owned(), host: url.host() })
    },
    clock_ms: worker::js_sys::Date::now,
};

/// `process.getBuiltinModule("node:crypto").scryptSync(password, salt, 64, { N, r, p, maxmem })`.
fn scrypt(password: &str, salt: &str) -> Result<Uint8Array, JsValue> {
    let process = Reflect::get(&global(), &"process".into())?;
    let get_module: Function = Reflect::get(&process, &"getBuiltinModule".into())?.dyn_into()?;
    let crypto = get_module.call1(&process, &"node:crypto".into())?;
    let scrypt: Function = Reflect::get(&crypto, &"scryptSync".into())?.dyn_into()?;
    let options = Object::new();
    // By default it refuses the 32 MiB that these parameters need.
    for (name, value) in [("N", 16_384), ("r", 16), ("p", 1), ("maxmem", 64 << 20)] {
        Reflect::set(&options, &name.into(), &JsValue::from(value))?;
    }
    scrypt.call4(&crypto, &password.into(), &salt.into(), &64.into(), &options)?.dyn_into()
}
