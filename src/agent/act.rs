//! A tool call of the model, done for the caller: or what is in its way, said so that the model can mend it.
use super::halt::Halt;
use crate::{
    Error,
    access::{self, App, AuthCtx, Door},
    agent_thread::FunctionCall,
    api::Request,
    time::Timestamp,
    tools,
};
use serde_json::{Value, json};

/// How long a tool's answer may be for a model, in bytes.
const MAX_ANSWER_BYTES: usize = 16 << 10;

/// What comes of a call.
pub enum Outcome {
    /// The tool's answer, as JSON, or why there is none.
    Answers(String),
    /// A person has to approve it first: the approval's id.
    Asks {
        /// `ap_…`
        approval: String,
    },
}

/// Who runs an agent: the request that he began it with, for the one organization that it was for.
pub struct Caller {
    app: App,
    request: Request,
    cx: AuthCtx,
    began_ms: f64,
}

impl Caller {
    /// `request` is the one that `cx` was made of.
    pub fn new(app: App, request: &Request, cx: AuthCtx) -> Self {
        // Of the request, the gate reads the headers. Another organization may become the session's active one meanwhile;
        // the run stays in its own.
        let named = ("x-organization-id".to_owned(), cx.org_id().to_string());
        let headers = request.headers.iter().filter(|(name, _)| name != "x-organization-id").cloned();
        let request =
            Request { headers: headers.chain([named]).collect(), body: vec![], rest: None, ..request.clone() };
        let began_ms = (app.runtime.clock_ms)();
        Self { app, request, cx, began_ms }
    }

    /// The caller as he was when the run began.
    pub const fn cx(&self) -> &AuthCtx {
        &self.cx
    }

    /// What the core is given.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// How long ago the run began, in milliseconds.
    pub fn elapsed_ms(&self) -> f64 {
        (self.app.runtime.clock_ms)() - self.began_ms
    }

    /// This instant: the request's, and what has passed since.
    pub fn now(&self) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "the milliseconds of a run fit")]
        Timestamp::from_unix_ms(self.app.now.unix_ms() + self.elapsed_ms() as i64)
    }

    /// The caller as he is now: session, membership and role are read again.
    ///
    /// # Errors
    /// Those of the gate, if it does not let him in any more.
    pub async fn again(&self) -> Result<AuthCtx, Error> {
        let mut app = self.app.clone();
        app.now = self.now();
        let cx = access::enter(&app, &self.request, Door::Agent).await?;
        if cx.user_id() == self.cx.user_id() && cx.org_id() == self.cx.org_id() {
            Ok(cx)
        } else {
            Err(Error::NotAMember)
        }
    }

    /// Calls a tool for him, unless a person has to approve the call and has not.
    ///
    /// # Errors
    /// If the gate does not let him in any more: the run has to end.
    pub async fn call(&self, call: &FunctionCall) -> Result<Outcome, Halt> {
        let Some(operation) = tools::find(&call.name) else {
            return Ok(refused("NO_SUCH_TOOL", format!("There is no tool {:?}.", call.name)));
        };
        let arguments = if call.arguments.trim().is_empty() { "{}" } else { &call.arguments };
        let arguments: Value = match serde_json::from_str(arguments) {
            Ok(arguments @ Value::Object(_)) => arguments,
            Ok(_) => return Ok(refused("INVALID_INPUT", "The arguments must be a JSON object.")),
            Err(error) => return Ok(refused("INVALID_INPUT", format!("The arguments are not valid JSON: {error}."))),
        };
        let cx = self.again().await?;
        let (answer, error) = tools::call(operation, &cx, arguments).await;
        match error {
            Some(Error::ApprovalRequired(approval)) => return Ok(Outcome::Asks { approval }),
            Some(error @ (Error::Internal(_) | Error::Constraint(_))) => {
                (self.app.runtime.log_fault)(&format!("{}: {error:?}", operation.name));
            }
            _ => {}
        }
        Ok(Outcome::Answers(bounded(&String::from_utf8_lossy(&answer))))
    }
}

fn refused(code: &str, message: impl Into<String>) -> Outcome {
    Outcome::Answers(refusal(code, message))
}

/// What the model is told in place of an answer.
pub fn refusal(code: &str, message: impl Into<String>) -> String {
    json!({ "code": code, "message": message.into() }).to_string()
}

/// The answer; of a long one its beginning, and that it is one.
fn bounded(answer: &str) -> String {
    if answer.len() <= MAX_ANSWER_BYTES {
        return answer.to_owned();
    }
    let end = answer.floor_char_boundary(MAX_ANSWER_BYTES);
    let notice = format!("The answer has {} bytes, of which this is the beginning. Ask for less.", answer.len());
    json!({ "truncated": true, "notice": notice, "text": answer.get(..end) }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_cut_and_says_so() {
        let short = "é".repeat(MAX_ANSWER_BYTES / 2);
        assert_eq!(bounded(&short), short);
        let cut: Value = serde_json::from_str(&bounded(&format!("a{short}"))).unwrap();
        assert_eq!(cut["text"].as_str().unwrap().len(), MAX_ANSWER_BYTES - 1);
        assert_eq!((&cut["truncated"], cut["notice"].as_str().unwrap().contains("16385 bytes")), (&json!(true), true));
    }
}
