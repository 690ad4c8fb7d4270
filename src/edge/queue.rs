//! The queue of messages about automations, over Cloudflare's.
use crate::{
    Error,
    access::App,
    automation::engine,
    queue::{Queue, QueueError, Wake},
};
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;
use worker::{BatchMessageBuilder, Env, MessageBatch, MessageExt, console_error};

/// Cloudflare takes so many messages at once.
const BATCH: usize = 100;
/// How many steps one message may lead to, so that it does not outlive its time. What is left is the next tick's.
const MAX_STEPS: usize = 24;

/// The queue `AUTOMATIONS`.
pub struct AutomationQueue(worker::Queue);

impl AutomationQueue {
    /// It, if wrangler.toml names it.
    pub fn of(env: &Env) -> Option<Rc<dyn Queue>> {
        env.queue("AUTOMATIONS").ok().map(|queue| Rc::new(Self(queue)) as Rc<dyn Queue>)
    }
}

impl Queue for AutomationQueue {
    fn send(&self, messages: Vec<Wake>) -> LocalBoxFuture<'_, Result<(), QueueError>> {
        Box::pin(async move {
            for some in messages.chunks(BATCH) {
                let batch = BatchMessageBuilder::new().messages(some.to_vec()).build();
                self.0.send_batch(batch).await.map_err(|error| QueueError(error.to_string()))?;
            }
            Ok(())
        })
    }
}

/// Does what the messages are about, one after the other, each with the clock of its own beginning. One that is no message
/// of ours is dropped; one that could not be dealt with is delivered again, and in the end to the dead-letter queue.
pub async fn receive(batch: &MessageBatch<serde_json::Value>, app: impl Fn() -> Result<App, Error>) {
    for (message, read) in batch.raw_iter().zip(batch.iter()) {
        let Some(wake) = read.ok().and_then(|read| serde_json::from_value::<Wake>(read.into_body()).ok()) else {
            console_error!(
                "{}",
                serde_json::json!({ "error": "a message of the queue is none of ours", "queue": batch.queue() })
            );
            message.ack();
            continue;
        };
        match follow(wake, &app).await {
            Ok(()) => message.ack(),
            Err(error) => {
                console_error!("{}", serde_json::json!({ "error": format!("{error:?}"), "queue": batch.queue() }));
                message.retry();
            }
        }
    }
}

async fn follow(wake: Wake, app: &impl Fn() -> Result<App, Error>) -> Result<(), Error> {
    let mut next = Some(wake);
    for _ in 0..MAX_STEPS {
        let Some(wake) = next else { break };
        next = engine::receive(&app()?, &wake).await?;
    }
    Ok(())
}
