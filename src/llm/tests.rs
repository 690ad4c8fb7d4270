//! The client, against a model that sends what a test says.
use super::*;
use crate::{
    config::Secret,
    fetch::{Incoming, Streamed},
    runtime::SLEPT_MS,
};
use futures_util::{future::LocalBoxFuture, stream};
use pollster::block_on;
use std::{cell::RefCell, future::ready};

/// One answer: its status, and its body in pieces; an error is where it breaks off.
pub type Sent = Result<(u16, Vec<Result<Vec<u8>, FetchError>>), FetchError>;

/// A request: its URL, headers and body.
type Asked = (String, Vec<(&'static str, String)>, Value);

/// A server that gives its answers in order.
#[derive(Default)]
pub struct Server {
    /// What it will answer.
    pub answers: RefCell<VecDeque<Sent>>,
    /// What it was sent: URL, headers and body.
    pub requests: RefCell<Vec<Asked>>,
}

impl Fetch for Server {
    fn fetch(&self, _: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        unimplemented!("models are streamed")
    }

    fn stream(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Streamed, FetchError>> {
        let body = serde_json::from_str(&request.body.unwrap()).unwrap();
        self.requests.borrow_mut().push((request.url, request.headers, body));
        let answer = self.answers.borrow_mut().pop_front().expect("no answer is left");
        Box::pin(ready(answer.map(|(status, pieces)| {
            let pieces = pieces.into_iter().map(|piece| piece.map_err(Error::internal));
            Streamed { status, body: Stream::new(stream::iter(pieces)) }
        })))
    }
}

/// An answer of those pieces, as it should come.
pub fn answer(pieces: &[&str]) -> Sent {
    Ok((200, pieces.iter().map(|piece| Ok(piece.as_bytes().to_vec())).collect()))
}

fn options() -> ModelOptions {
    ModelOptions {
        base_url: "https://llm.example/v1".into(),
        model: "m".into(),
        api_key: Some(Secret::from("sk-hush".to_owned())),
        timeout_ms: 1000,
    }
}

/// All that comes of an answer: the text until its end, or why it has none.
fn told(answers: Vec<Sent>) -> (Result<String, ModelError>, usize) {
    let server = Server { answers: RefCell::new(answers.into()), ..Server::default() };
    let hello = [Message::User { content: "Hello".into() }];
    let text = block_on(async {
        let mut answer = ask(&server, Runtime::for_tests(), &options(), &hello, &[]).await?;
        let mut text = String::new();
        while let Some(chunk) = answer.next().await? {
            text += &chunk.text;
        }
        Ok(text)
    });
    (text, server.requests.borrow().len())
}

fn event(text: &str, finish: Option<&str>) -> String {
    let choice = json!({ "index": 0, "delta": { "content": text }, "finish_reason": finish });
    format!("data: {}\n\n", json!({ "choices": [choice] }))
}

#[test]
fn an_answer_is_read_however_it_comes() {
    let (a, b) = (event("Good ", None), event("day", Some("stop")));
    let cut = a.len() / 2;
    let whole = json!({ "choices": [{ "message": { "content": "Good day" }, "finish_reason": "stop" }] }).to_string();
    for pieces in [
        vec![&*a, &b, "data: [DONE]\n\n"],
        vec![&a[..cut], &a[cut..], &b],
        vec![": waiting\n\n", &a, "event: x\n", &b, "data: [DONE]"],
        vec![&a, &b, "data: [DONE]\n\ndata: nothing that counts\n\n"],
        vec![&whole[..9], &whole[9..]],
    ] {
        assert_eq!(told(vec![answer(&pieces)]), (Ok("Good day".into()), 1), "{pieces:?}");
    }
    let crlf = format!("{a}{b}data: [DONE]\n\n").replace('\n', "\r\n");
    assert_eq!(told(vec![answer(&[&crlf])]).0, Ok("Good day".into()));
}

#[test]
fn an_answer_that_breaks_off_is_no_answer() {
    let a = event("Good ", None);
    let reported = "data: {\"error\":{\"message\":\"sk-abc is over its quota\"}}\n\n";
    for (pieces, error) in [
        (vec![Ok(a.clone().into_bytes())], ModelError::BrokeOff),
        (vec![], ModelError::BrokeOff),
        (vec![Ok(a.clone().into_bytes()), Err(FetchError::Failed("reset".into()))], ModelError::BrokeOff),
        (vec![Ok(a.clone().into_bytes()), Err(FetchError::TimedOut)], ModelError::TimedOut),
        (vec![Ok(a.into_bytes()), Ok(reported.into())], ModelError::Reported),
        (vec![Ok("<html>".into()), Ok("data: <html>\n\n".into())], ModelError::BrokeOff),
        (vec![Ok(b"data: {\"choices\":[]}\n\n".repeat(MAX_ANSWER_BYTES / 20))], ModelError::TooLong),
    ] {
        assert_eq!(told(vec![Ok((200, pieces))]), (Err(error), 1));
    }
}

#[test]
fn only_what_may_pass_is_asked_again_and_not_for_ever() {
    let good = || answer(&[&event("Yes", Some("stop"))]);
    let status = |status| Ok((status, vec![Ok(b"sk-abc of org-9 is over its quota".to_vec())]));
    for (answers, expected, requests) in [
        (vec![status(429), good()], Ok("Yes"), 2),
        (vec![status(500), status(503), good()], Ok("Yes"), 3),
        (vec![Err(FetchError::Failed("refused".into())), good()], Ok("Yes"), 2),
        (vec![status(429), status(500), status(529), good()], Err(ModelError::Unavailable(529)), 3),
        (vec![status(401), good()], Err(ModelError::Refused(401)), 1),
        (vec![status(302), good()], Err(ModelError::Refused(302)), 1),
        (vec![Err(FetchError::TimedOut), good()], Err(ModelError::TimedOut), 1),
    ] {
        SLEPT_MS.set(0);
        assert_eq!(told(answers), (expected.map(str::to_owned), requests));
        assert_eq!(SLEPT_MS.get(), [0, 500, 1500][requests - 1]);
    }
}

#[test]
fn a_request_has_our_headers_and_nothing_else() {
    let server = Server { answers: RefCell::new([answer(&[])].into()), ..Server::default() };
    let messages = [
        Message::System { content: "Be brief.".into() },
        Message::User { content: "Hello".into() },
        Message::Assistant { content: None, tool_calls: vec![json!({ "id": "c" })] },
        Message::Tool { tool_call_id: "c".into(), content: "{}".into() },
    ];
    let asked = block_on(ask(&server, Runtime::for_tests(), &options(), &messages, &[json!({ "type": "function" })]));
    assert!(asked.is_ok());
    let requests = server.requests.borrow();
    let (url, headers, body) = &requests[0];
    assert_eq!(url, "https://llm.example/v1/chat/completions");
    let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["content-type", "accept", "cf-aig-skip-cache", "authorization"]);
    assert_eq!(headers[3].1, "Bearer sk-hush");
    assert_eq!(
        *body,
        json!({
            "model": "m",
            "stream": true,
            "stream_options": { "include_usage": true },
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "Hello" },
                { "role": "assistant", "content": null, "tool_calls": [{ "id": "c" }] },
                { "role": "tool", "tool_call_id": "c", "content": "{}" },
            ],
            "tools": [{ "type": "function" }],
        })
    );
}
