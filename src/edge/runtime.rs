//! The runtime's own URLs, Unicode, scrypt and signatures.
use crate::runtime::{PublicKey, Runtime, Url};
use worker::{
    js_sys::{Array, Function, JsString, Object, Promise, Reflect, Uint8Array, global},
    wasm_bindgen::{JsCast, JsValue},
    wasm_bindgen_futures::JsFuture,
};

/// JavaScript's.
pub const JAVASCRIPT: Runtime = Runtime {
    nfkc: |text| JsString::from(text).normalize("NFKC").into(),
    scrypt: |password, salt| scrypt(password, salt).ok()?.to_vec().try_into().ok(),
    parse_url: |text| {
        let url = web_sys::Url::new(text).ok()?;
        Some(Url { scheme: url.protocol().trim_end_matches(':').to_owned(), host: url.host() })
    },
    verify: |key, signed, signature| Box::pin(async move { verify(key, &signed, &signature).await.unwrap_or(false) }),
};

/// `crypto.subtle.importKey("jwk", …)`, then `crypto.subtle.verify(…)`.
async fn verify(key: PublicKey, signed: &str, signature: &[u8]) -> Result<bool, JsValue> {
    let (jwk, algorithm) = match key {
        PublicKey::Rsa { n, e } => (
            object(&[("kty", "RSA"), ("n", &n), ("e", &e)])?,
            object(&[("name", "RSASSA-PKCS1-v1_5"), ("hash", "SHA-256")])?,
        ),
        PublicKey::P256 { x, y } => (
            object(&[("kty", "EC"), ("crv", "P-256"), ("x", &x), ("y", &y)])?,
            object(&[("name", "ECDSA"), ("namedCurve", "P-256"), ("hash", "SHA-256")])?,
        ),
    };
    let subtle = Reflect::get(&Reflect::get(&global(), &"crypto".into())?, &"subtle".into())?;
    let import: Function = Reflect::get(&subtle, &"importKey".into())?.dyn_into()?;
    let usages = Array::of1(&"verify".into());
    let arguments = Array::of5(&"jwk".into(), &jwk, &algorithm, &JsValue::FALSE, &usages);
    let key = JsFuture::from(Reflect::apply(&import, &subtle, &arguments)?.dyn_into::<Promise>()?).await?;
    let verify: Function = Reflect::get(&subtle, &"verify".into())?.dyn_into()?;
    let (signature, signed) = (Uint8Array::from(signature), Uint8Array::from(signed.as_bytes()));
    let arguments = Array::of4(&algorithm, &key, &signature, &signed);
    let verified = JsFuture::from(Reflect::apply(&verify, &subtle, &arguments)?.dyn_into::<Promise>()?).await?;
    Ok(verified.is_truthy())
}

fn object(fields: &[(&str, &str)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), &(*value).into())?;
    }
    Ok(object)
}

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
