//! The only module that names `worker`: it converts, calls the core, and converts back.
use crate::{
    Error,
    access::{App, Background, Databases},
    agent_thread,
    api::{Request, Response},
    audit, auth, automation,
    config::Config,
    delivery, oauth,
    random::Random,
    rate_limit::{KeyLimiter, RateLimiter},
    routes,
    stream::Stream,
    time::Timestamp,
};
use futures_util::{
    StreamExt,
    future::ready,
    stream::{once, unfold},
};
use std::rc::Rc;
use waiting::Waiting;
use worker::{Env, Headers, Method, console_error, console_log};

mod d1;
mod deadline;
mod fetch;
mod mail;
mod org_store;
mod queue;
mod rate_limiter;
mod runtime;
mod waiting;

/// The Worker's entry for HTTP.
#[worker::event(fetch)]
async fn fetch(request: worker::Request, env: Env, context: worker::Context) -> worker::Result<worker::Response> {
    let ray = request.headers().get("cf-ray").ok().flatten();
    let (response, error) = match app(&env, Waiting::Request(Rc::new(context))) {
        Ok(app) => match read(request, &app.config).await {
            Ok(request) => {
                let answered = routes::answer(&app, &request).await;
                if let Some(rest) = &request.rest {
                    read_out(rest, app.config.max_upload_bytes).await;
                }
                answered
            }
            Err(error) => ((&error).into(), Some(error)),
        },
        Err(error) => ((&error).into(), Some(error)),
    };
    if let Some(error) = error.filter(|_| response.status.is_server_error()) {
        // The error's debug form has its cause; neither holds a bound value, so no secret and nothing of a tenant's.
        console_error!("{}", serde_json::json!({ "error": format!("{error:?}"), "ray": ray }));
    }
    write(response)
}

/// The Worker's entry for its cron triggers: one each minute, and one each hour.
#[worker::event(scheduled)]
async fn scheduled(event: worker::ScheduledEvent, env: Env, context: worker::ScheduleContext) {
    let app = match app(&env, Waiting::Schedule(Rc::new(context))) {
        Ok(app) => app,
        Err(error) => return log_error("scheduled", &error),
    };
    if event.cron() == EVERY_MINUTE {
        log_count("dispatched", automation::engine::tick(&app).await.map(|messages| messages as u64));
        log_count("attempts", delivery::outbox::sweep(&app).await);
        return;
    }
    // Each by itself: one that fails is no reason to keep what the others would delete.
    log_count("purged", auth::purge::purge(&app).await);
    log_count("purgedGrants", oauth::purge::purge(&app).await);
    log_count("purgedThreads", agent_thread::purge::purge(&app).await);
    log_count("purgedRuns", automation::engine::purge(&app).await);
    log_count("purgedEvents", audit::purge::purge(&app).await);
}

/// The cron trigger of automations, as wrangler.toml has it.
const EVERY_MINUTE: &str = "* * * * *";

/// The Worker's entry for its queue. What the runs have to tell is sent at once.
#[worker::event(queue)]
async fn queue(
    batch: worker::MessageBatch<serde_json::Value>,
    env: Env,
    context: worker::Context,
) -> worker::Result<()> {
    let waiting = Waiting::Request(Rc::new(context));
    queue::receive(&batch, || app(&env, waiting.clone())).await;
    match app(&env, waiting) {
        Ok(app) => log_count("attempts", delivery::outbox::sweep(&app).await),
        Err(error) => log_error("attempts", &error),
    }
    Ok(())
}

/// Notes what a task has done; that it found nothing to do, each minute of a deployment's life, is not news.
fn log_count(task: &str, done: Result<u64, Error>) {
    match done {
        Ok(0) => {}
        Ok(count) => console_log!("{}", serde_json::json!({ task: count })),
        Err(error) => log_error(task, &error),
    }
}

fn log_error(task: &str, error: &Error) {
    console_error!("{}", serde_json::json!({ "error": format!("{error:?}"), task: null }));
}

/// What the core is given.
fn app(env: &Env, context: Waiting) -> Result<App, Error> {
    let var = |name: &str| env.var(name).ok().map(|value| value.to_string());
    let config = Config::read(var).map_err(|error| Error::Misconfigured(error.to_string()))?;
    let d1 = env.d1("DB").map_err(|_| Error::Misconfigured("The binding DB is missing in wrangler.toml.".into()))?;
    let sql = Rc::new(d1::D1::new(d1, config.d1_timeout_ms));
    let stores = org_store::OrgStores::of(env, config.store_timeout_ms)
        .ok_or_else(|| Error::Misconfigured("The binding ORG_STORE is missing in wrangler.toml.".into()))?;
    let now = i64::try_from(worker::Date::now().as_millis()).map_err(Error::internal)?;
    let (config, now) = (Rc::new(config), Timestamp::from_unix_ms(now));
    let background: Background = {
        let context = context.clone();
        Rc::new(move |task| context.wait_until(task))
    };
    let mailer = mail::mailer(&config, env, context)?;
    let limiter = rate_limiter::RateLimiters::of(env).map(|limiters| Rc::new(limiters) as Rc<dyn RateLimiter>);
    let databases = Databases { sql, stores: Rc::new(stores) };
    let app =
        App::new(databases, Rc::new(fetch::Network), mailer, config, Random::platform(), runtime::JAVASCRIPT, now);
    let key_limiter = rate_limiter::KeyRateLimiter::of(env).map(|limiter| Rc::new(limiter) as Rc<dyn KeyLimiter>);
    let app = app.limited_by(limiter, key_limiter).with_background(Some(background));
    Ok(app.queued_by(queue::AutomationQueue::of(env)))
}

async fn read(mut request: worker::Request, config: &Config) -> Result<Request, Error> {
    let url = request.inner().url();
    let (origin, path, query) = split(&url);
    let method = http::Method::from_bytes(request.inner().method().as_bytes()).map_err(Error::internal)?;
    let headers: Vec<(String, String)> = request.headers().entries().collect();
    let (body, rest) = if matches!(request.method(), Method::Get | Method::Head) {
        (vec![], None)
    } else {
        read_body(&mut request, config.max_body_bytes).await?
    };
    Ok(Request {
        method,
        origin: origin.to_owned(),
        path: path.to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers,
        body,
        rest,
    })
}

/// Origin, path and query of a URL as the runtime gives it: absolute, and normalized by the WHATWG URL standard. The `url`
/// crate would parse it a second time, for 60 KB.
fn split(url: &str) -> (&str, &str, &str) {
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |path| host + path);
    let (origin, path) = url.split_at_checked(path).unwrap_or((url, "/"));
    (origin, path, query)
}

/// The body; what is longer than `max_body_bytes`, as its beginning and the rest.
async fn read_body(request: &mut worker::Request, max_body_bytes: usize) -> Result<(Vec<u8>, Option<Stream>), Error> {
    // A request without a body has no stream.
    let Ok(mut chunks) = request.stream() else { return Ok((vec![], None)) };
    let body = read_chunks(&mut chunks, max_body_bytes).await.map_err(|error| Error::internal(error.to_string()))?;
    let rest = (body.len() > max_body_bytes).then(|| {
        Stream::new(chunks.map(|chunk| chunk.map_err(|_| Error::invalid("body", "broke off: send it again"))))
    });
    Ok((body, rest))
}

/// Reads no more than one chunk past so many bytes, whatever length was declared.
async fn read_chunks(chunks: &mut worker::ByteStream, max_bytes: usize) -> worker::Result<Vec<u8>> {
    let mut body = vec![];
    while body.len() <= max_bytes
        && let Some(chunk) = chunks.next().await
    {
        body.extend(chunk?);
    }
    Ok(body)
}

/// Reads what no one has asked for, up to so many bytes: most clients lose an answer that comes while they still send.
async fn read_out(rest: &Stream, max_bytes: usize) {
    let mut bytes = 0;
    while bytes <= max_bytes
        && let Some(Ok(piece)) = rest.next().await
    {
        bytes += piece.len();
    }
}

fn write(response: Response) -> worker::Result<worker::Response> {
    let headers = Headers::new();
    for (name, value) in &response.headers {
        headers.append(name, value)?;
    }
    if let Some(rest) = response.rest {
        let first = once(ready(Ok(response.body)));
        let rest = unfold(rest, |rest| async move { Some((rest.next().await?, rest)) });
        let body = first.chain(rest).map(|piece| piece.map_err(|error| worker::Error::RustError(error.to_string())));
        let streamed = worker::Response::from_stream(body)?;
        return Ok(streamed.with_status(response.status.as_u16()).with_headers(headers));
    }
    let body =
        if response.body.is_empty() { worker::Response::empty() } else { worker::Response::from_bytes(response.body) };
    Ok(body?.with_status(response.status.as_u16()).with_headers(headers))
}

/// The text of what JavaScript threw.
fn text(error: &worker::wasm_bindgen::JsValue) -> String {
    let message = worker::js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| format!("{error:?}"))
}
