//! The runtime's own URLs, Unicode and cryptography.
use crate::runtime::{PublicKey, Runtime, Url};
use std::time::Duration;
use worker::{
    Delay, console_error,
    js_sys::{Array, Function, JsString, Object, Promise, Reflect, Uint8Array, global},
    wasm_bindgen::{JsCast, JsValue},
    wasm_bindgen_futures::JsFuture,
};

/// JavaScript's.
pub const JAVASCRIPT: Runtime = Runtime {
    nfkc: |text| JsString::from(text).normalize("NFKC").into(),
    scrypt: |password, salt| scrypt(password, salt).ok()?.to_vec().try_into().ok(),
    aes_256_cbc_encrypt: |key, iv, text| aes_256_cbc("createCipheriv", key, iv, text).ok(),
    aes_256_cbc_decrypt: |key, iv, text| aes_256_cbc("createDecipheriv", key, iv, text).ok(),
    hmac_sha512: |key, message| hmac_sha512(key, message).ok()?.try_into().ok(),
    parse_url: |text| {
        let url = web_sys::Url::new(text).ok()?;
        Some(Url { scheme: url.protocol().trim_end_matches(':').to_owned(), host: url.host() })
    },
    clock_ms: worker::js_sys::Date::now,
    verify: |key, signed, signature| Box::pin(async move { verify(key, &signed, &signature).await.unwrap_or(false) }),
    sleep: |ms| Box::pin(Delay::from(Duration::from_millis(ms.into()))),
    log_fault: |fault| console_error!("{}", serde_json::json!({ "error": fault })),
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
    let usages = Array::of1(&"verify".into());
    let import = ["jwk".into(), jwk.into(), algorithm.clone().into(), JsValue::FALSE, usages.into()];
    let key = settled(call(&subtle, "importKey", &import)?).await?;
    let verify = [algorithm.into(), key, bytes(signature), bytes(signed.as_bytes())];
    let verified = settled(call(&subtle, "verify", &verify)?).await?;
    Ok(verified.is_truthy())
}

async fn settled(promise: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}

fn object(fields: &[(&str, &str)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), &(*value).into())?;
    }
    Ok(object)
}

/// `scryptSync(password, salt, 64, { N, r, p, maxmem })`.
fn scrypt(password: &str, salt: &str) -> Result<Uint8Array, JsValue> {
    let options = Object::new();
    // By default it refuses the 32 MiB that these parameters need.
    for (name, value) in [("N", 16_384), ("r", 16), ("p", 1), ("maxmem", 64 << 20)] {
        Reflect::set(&options, &name.into(), &JsValue::from(value))?;
    }
    call(&crypto()?, "scryptSync", &[password.into(), salt.into(), 64.into(), options.into()])?.dyn_into()
}

/// `createCipheriv("aes-256-cbc", key, iv)`, or its inverse.
fn aes_256_cbc(direction: &str, key: &[u8], iv: &[u8], text: &[u8]) -> Result<Vec<u8>, JsValue> {
    let cipher = call(&crypto()?, direction, &["aes-256-cbc".into(), bytes(key), bytes(iv)])?;
    let mut out = call(&cipher, "update", &[bytes(text)])?.dyn_into::<Uint8Array>()?.to_vec();
    out.extend(call(&cipher, "final", &[])?.dyn_into::<Uint8Array>()?.to_vec());
    Ok(out)
}

/// `createHmac("sha512", key).update(message).digest()`.
fn hmac_sha512(key: &[u8], message: &[u8]) -> Result<Vec<u8>, JsValue> {
    let hmac = call(&crypto()?, "createHmac", &["sha512".into(), bytes(key)])?;
    call(&hmac, "update", &[bytes(message)])?;
    Ok(call(&hmac, "digest", &[])?.dyn_into::<Uint8Array>()?.to_vec())
}

/// `process.getBuiltinModule("node:crypto")`.
fn crypto() -> Result<JsValue, JsValue> {
    call(&Reflect::get(&global(), &"process".into())?, "getBuiltinModule", &["node:crypto".into()])
}

/// `object.method(...args)`. A method of another object (RPC) is callable, but its prototype is not `Function`'s.
pub fn call(object: &JsValue, method: &str, args: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.unchecked_into();
    Reflect::apply(&method, object, &args.iter().collect::<Array>())
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}
