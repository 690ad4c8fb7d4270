//! What counts requests: the Durable Object `RateLimiter`, one for each client; and for API keys the platform's own binding.
//!
//! `limiter.js` is its class. What it counts is in its memory; but an object that no one asks is put away after some ten
//! seconds, so counts of a longer window are in its storage as well, until an alarm empties it.
use super::{deadline::within, runtime::call};
use crate::{
    Error, Result,
    rate_limit::{Count, KeyLimiter, RateLimiter, Rule},
    time::Timestamp,
};
use futures_util::future::LocalBoxFuture;
use std::time::Duration;
use worker::{
    Date, Env,
    js_sys::{Map, Promise, Reflect},
    wasm_bindgen::{self, JsValue, prelude::wasm_bindgen},
    wasm_bindgen_futures::JsFuture,
};

/// An object lives as long without a request.
const IN_MEMORY_S: u32 = 10;

/// How long an object may take: it does next to nothing.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Counts a request in the object's memory and, for a long window, its storage: the seconds to wait, or 0.
#[wasm_bindgen(js_name = takeRequest)]
pub fn take_request(counts: &Map, storage: &JsValue, bucket: &str, window_s: u32, max: u32) -> Result<u32, JsValue> {
    let now = i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX);
    let (key, kv) = (JsValue::from(bucket), Reflect::get(storage, &"kv".into())?);
    let is_long = window_s > IN_MEMORY_S;
    let mut before = counts.get(&key);
    if before.is_undefined() && is_long {
        before = call(&kv, "get", std::slice::from_ref(&key))?;
    }
    let before: Option<Count> = before.as_string().and_then(|text| text.parse().ok());
    let taken = match (Rule { window_s, max }).take(before, Timestamp::from_unix_ms(now)) {
        Ok(taken) => JsValue::from(taken.to_string()),
        Err(wait_s) => return Ok(wait_s),
    };
    if is_long {
        call(&kv, "put", &[key.clone(), taken.clone()])?;
        let lapsed_ms = now.saturating_add(i64::from(window_s) * 1000);
        #[expect(clippy::cast_precision_loss, reason = "JavaScript's instants are floats")]
        call(storage, "setAlarm", &[JsValue::from(lapsed_ms as f64)])?;
    }
    counts.set(&key, &taken);
    Ok(0)
}

/// Every client's object.
pub struct RateLimiters(JsValue);

impl RateLimiters {
    /// Those of the binding `RATE_LIMITER`; none if there is no such binding.
    pub fn of(env: &Env) -> Option<Self> {
        Reflect::get(env, &"RATE_LIMITER".into()).ok().filter(|namespace| !namespace.is_undefined()).map(Self)
    }

    /// `namespace.getByName(client).take(bucket, windowS, max)`.
    async fn ask(&self, client: &str, bucket: &str, rule: Rule) -> Result<u32, JsValue> {
        let object = call(&self.0, "getByName", &[client.into()])?;
        let answer = call(&object, "take", &[bucket.into(), rule.window_s.into(), rule.max.into()])?;
        let answer = within(TIMEOUT, JsFuture::from(Promise::resolve(&answer))).await.ok_or("no answer in time")?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of seconds")]
        answer?.as_f64().map(|s| s as u32).ok_or_else(|| "no number".into())
    }
}

impl RateLimiter for RateLimiters {
    /// Asked once more if it fails, for an object that has just moved does once. A request that is counted twice is no
    /// harm; one that is not counted at all is not let through.
    fn take(&self, client: &str, bucket: &str, rule: Rule) -> LocalBoxFuture<'_, Result<Option<u32>>> {
        let (client, bucket) = (client.to_owned(), bucket.to_owned());
        Box::pin(async move {
            let wait_s = match self.ask(&client, &bucket, rule).await {
                Err(_) => self.ask(&client, &bucket, rule).await,
                done => done,
            };
            let wait_s = wait_s.map_err(|error| Error::internal(format!("the rate limiter: {error:?}")))?;
            Ok((wait_s > 0).then_some(wait_s))
        })
    }
}

/// The rate limiting binding `KEY_RATE_LIMITER`, whose limit stands in wrangler.toml.
pub struct KeyRateLimiter(worker::RateLimiter);

impl KeyRateLimiter {
    /// It; none if there is no such binding.
    pub fn of(env: &Env) -> Option<Self> {
        env.rate_limiter("KEY_RATE_LIMITER").ok().map(Self)
    }
}

impl KeyLimiter for KeyRateLimiter {
    fn admits<'a>(&'a self, key_hash: &'a str) -> LocalBoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let outcome = self.0.limit(key_hash.to_owned()).await;
            Ok(outcome.map_err(|error| Error::internal(error.to_string()))?.success)
        })
    }
}
