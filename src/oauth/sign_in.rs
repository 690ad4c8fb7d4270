//! `POST /oauth/sign-in`: the form of the page for who is not signed in yet. It is Better Auth's `sign-in/email`, with a
//! page for an answer.
use super::{AUTHORIZE, asked::Asked, error::Failure, page, params::Params};
use crate::{
    access::App,
    api::{Request, Response, origin},
    auth,
};
use http::StatusCode;
use serde_json::{Value, json};

const ENDPOINT: &str = "/sign-in/email";

/// Signs in with `email` and `password`, and goes on to what is asked for in `request`.
pub async fn sign_in(app: &App, request: &Request) -> Result<Response, Failure> {
    // Also without a cookie: nobody is to be signed in by a page that is not ours.
    origin::require(request, &app.config, app.runtime)?;
    let form = Params::posted(request)?;
    let asked = Asked::read(app, request, &Params::parse(form.get("request").unwrap_or_default().as_bytes())?)?;
    let field = |name: &str| form.get(name).unwrap_or_default();
    let body = json!({ "email": field("email"), "password": field("password") });
    let answer = auth::answer(app, &as_json(request, &body), ENDPOINT).await?;
    if answer.status != StatusCode::OK {
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let problem = problem.get("message").and_then(Value::as_str).unwrap_or("That did not work.");
        return Ok(page::sign_in(answer.status, &asked.to_query(), Some(problem)));
    }
    let cookies = answer.headers.into_iter().filter(|(name, _)| *name == "set-cookie");
    let mut response = Response::empty(StatusCode::SEE_OTHER)
        .with_header("location", format!("{AUTHORIZE}?{}", asked.to_query()))
        .with_header("cache-control", "no-store");
    response.headers.extend(cookies);
    Ok(response)
}

/// The request as the endpoint takes it.
fn as_json(request: &Request, body: &Value) -> Request {
    let mut headers = request.headers.clone();
    headers.retain(|(name, _)| name != "content-type");
    headers.push(("content-type".into(), "application/json".into()));
    let path = format!("{}{ENDPOINT}", auth::BASE_PATH);
    Request { path, headers, body: body.to_string().into_bytes(), ..request.clone() }
}
