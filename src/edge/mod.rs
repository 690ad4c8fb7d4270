//! The only module that names `worker`: it converts, calls the core, and converts back.
#[worker::event(fetch)]
async fn fetch(_req: worker::Request, env: worker::Env, _cx: worker::Context) -> worker::Result<worker::Response> {
    env.d1("DB")?;
    worker::Response::from_json(&serde_json::json!({ "status": "ok" }))
}
