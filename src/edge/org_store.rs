//! The Durable Object `OrgStore`: its SQLite as an [`Engine`], and the way to it by an organization's id.
//!
//! `store.js` is its class: it hands a request to [`answer_store`] within a transaction. Every call to JavaScript here
//! gives an error back: the `worker` crate's own cursor lets some escape, and then its caller would never be answered.
use super::{deadline::within, text};
use crate::{
    db::Bind,
    id::{Id, OrgId},
    store::{self, Engine, Reply, Request, Seen, Selected, StoreError, Stored, Stores},
};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::{panic::AssertUnwindSafe, time::Duration};
use worker::{
    Env,
    js_sys::{Array, Function, Iterator, JSON, Promise, Reflect},
    wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen},
    wasm_bindgen_futures::JsFuture,
};

/// What one object has answered before. It is a value of the object's, for one isolate runs many organizations' objects.
/// A panic may lose answers of it, and leaves no half of one.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub struct StoreCache(AssertUnwindSafe<store::cache::Cache>);

#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
impl StoreCache {
    /// An empty one.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self(AssertUnwindSafe(store::cache::Cache::default()))
    }
}

/// Answers a request, both as JSON, over the object's storage. What fails is thrown, as JSON too, so that the transaction
/// around it is rolled back.
#[wasm_bindgen(js_name = answerStore)]
pub fn answer_store(storage: JsValue, cache: &StoreCache, request: &str) -> Result<String, JsValue> {
    let reply = serde_json::from_str(request)
        .map_err(|error| StoreError::Failed(error.to_string()))
        .and_then(|request| store::answer(&Storage(storage, &cache.0), request));
    let is_done = reply.is_ok();
    let json = serde_json::to_string(&reply).map_err(|error| JsValue::from(error.to_string()))?;
    if is_done { Ok(json) } else { Err(json.into()) }
}

/// A Durable Object's storage.
struct Storage<'a>(JsValue, &'a store::cache::Cache);

type Js<T> = Result<T, JsValue>;

impl Storage<'_> {
    fn sql(&self) -> Js<JsValue> {
        Reflect::get(&self.0, &"sql".into())
    }

    fn exec(&self, sql: &str, binds: &[Bind]) -> Js<JsValue> {
        let args = Array::of1(&sql.into());
        for bind in binds {
            args.push(&js(bind));
        }
        call(&self.sql()?, "exec", &args)
    }

    fn rows(&self, sql: &str, binds: &[Bind]) -> Js<Vec<Vec<Value>>> {
        let rows = raw(&self.exec(sql, binds)?)?;
        let mut all = vec![];
        loop {
            let next = rows.next()?;
            if next.done() {
                return Ok(all);
            }
            all.push(Array::from(&next.value()).iter().map(|cell| value(&cell)).collect());
        }
    }

    fn selected(&self, sql: &str, max_rows: usize, max_bytes: usize) -> Js<Selected> {
        let cursor = self.exec(sql, &[])?;
        let names = Array::from(&Reflect::get(&cursor, &"columnNames".into())?);
        let names: Vec<String> = names.iter().filter_map(|name| name.as_string()).collect();
        let mut seen = vec![Seen::default(); names.len()];
        let mut selected = Selected { names, rows: "[".into(), ..Selected::default() };
        let rows = raw(&cursor)?;
        loop {
            let next = rows.next()?;
            if next.done() {
                break;
            }
            let row = next.value();
            let json = String::from(JSON::stringify(&row)?);
            if selected.count == max_rows || selected.rows.len() + json.len() > max_bytes {
                selected.is_truncated = true;
                // A cursor that is left open locks its tables; this closes it, and fails as there are more rows.
                let _ = call(&cursor, "one", &Array::new());
                break;
            }
            for (seen, cell) in seen.iter_mut().zip(Array::from(&row).iter()) {
                match cell.as_f64() {
                    Some(number) => seen.number(number),
                    None if cell.is_string() => seen.text(),
                    None => {}
                }
            }
            selected.rows.push_str(if selected.count == 0 { "" } else { "," });
            selected.rows.push_str(&json);
            selected.count += 1;
        }
        selected.rows.push(']');
        selected.types = seen.into_iter().map(Seen::r#type).collect();
        selected.rows_read = number(&Reflect::get(&cursor, &"rowsRead".into())?);
        Ok(selected)
    }
}

/// `object.name(...args)`. A method of another object (RPC) is callable, but what it would seem to inherit from `Function`
/// is the other object's.
fn call(object: &JsValue, name: &str, args: &Array) -> Js<JsValue> {
    let method: Function = Reflect::get(object, &name.into())?.unchecked_into();
    Reflect::apply(&method, object, args)
}

/// The rows of a cursor, as arrays.
fn raw(cursor: &JsValue) -> Js<Iterator> {
    Ok(call(cursor, "raw", &Array::new())?.unchecked_into())
}

impl Engine for Storage<'_> {
    fn run(&self, sql: &str, binds: &[Bind]) -> Stored<Vec<Vec<Value>>> {
        self.rows(sql, binds).map_err(|error| StoreError::Failed(text(&error)))
    }

    fn select(&self, sql: &str, max_rows: usize, max_bytes: usize) -> Stored<Selected> {
        self.selected(sql, max_rows, max_bytes).map_err(|error| StoreError::Refused(text(&error)))
    }

    fn cache(&self) -> &store::cache::Cache {
        self.1
    }

    fn size_bytes(&self) -> u64 {
        self.sql().and_then(|sql| Reflect::get(&sql, &"databaseSize".into())).map_or(0, |size| number(&size))
    }
}

fn js(bind: &Bind) -> JsValue {
    match bind {
        Bind::Null => JsValue::NULL,
        #[expect(clippy::cast_precision_loss, reason = "an object has no other integer; ours are counts")]
        Bind::Integer(integer) => JsValue::from_f64(*integer as f64),
        Bind::Real(real) => JsValue::from_f64(*real),
        Bind::Text(text) => JsValue::from_str(text),
    }
}

fn value(cell: &JsValue) -> Value {
    match (cell.as_f64(), cell.as_string()) {
        (Some(number), _) => number.into(),
        (_, Some(text)) => text.into(),
        _ => Value::Null,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts and sizes: whole and not negative")]
fn number(value: &JsValue) -> u64 {
    value.as_f64().unwrap_or_default() as u64
}

/// Every organization's store: each is the object of its id.
pub struct OrgStores {
    namespace: JsValue,
    timeout: Duration,
}

impl OrgStores {
    /// Those of the binding `ORG_STORE`; none if there is no such binding.
    pub fn of(env: &Env, timeout_ms: u32) -> Option<Self> {
        let namespace = Reflect::get(env, &"ORG_STORE".into()).ok().filter(|namespace| !namespace.is_undefined())?;
        Some(Self { namespace, timeout: Duration::from_millis(timeout_ms.into()) })
    }

    /// `namespace.getByName(id).ask(request)`.
    fn call(&self, organization: &str, request: &str) -> Js<Promise> {
        let object = call(&self.namespace, "getByName", &Array::of1(&organization.into()))?;
        Ok(Promise::resolve(&call(&object, "ask", &Array::of1(&request.into()))?))
    }

    async fn answered(&self, organization: &str, request: &str) -> Stored<Reply> {
        let failed = |error: JsValue| StoreError::Failed(text(&error));
        let reply = JsFuture::from(self.call(organization, request).map_err(failed)?);
        let reply = within(self.timeout, reply).await;
        let reply = reply.ok_or_else(|| StoreError::Failed("it did not answer in time".into()))?;
        let json = reply.map_err(failed)?.as_string().unwrap_or_default();
        serde_json::from_str(&json).unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
    }
}

impl Stores for OrgStores {
    fn ask(&self, organization: &OrgId, request: Request) -> LocalBoxFuture<'_, Stored<Reply>> {
        let organization = organization.as_str().to_owned();
        Box::pin(async move {
            let request = serde_json::to_string(&request).map_err(|error| StoreError::Failed(error.to_string()))?;
            self.answered(&organization, &request).await
        })
    }
}
