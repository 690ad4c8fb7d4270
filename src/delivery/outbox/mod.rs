//! The outbox: takes what is due, sends it, and notes what came of it.
//!
//! Each delivery is taken by a lease, under a condition in the statement, so two senders never hold the same one. Who is
//! cut off between sending and noting sends it again once the lease has ended: it arrives at least once, under the same id,
//! by which a receiver can tell.
use super::{Destination, Notice, recipient, secret, target};
use crate::{
    Result,
    access::App,
    db::{IdentityStatement, Rows},
    fetch::{FetchError, Outgoing, TIMEOUT_MS},
    id::{AutomationRunId, DeliveryId, Id, OrgId},
    mail::templates,
    time::Timestamp,
};
use futures_util::{StreamExt, stream};
use secret::SecretRow;
use serde::Deserialize;
use serde_json::{Value, json};
use state::{Failure, MAX_ATTEMPTS, Next};

pub mod sql;
pub mod state;
#[cfg(test)]
mod tests;

/// Deliveries that one round takes, and organizations that it takes them of: each gets the same share of it, so that one
/// that has much to send does not keep the others waiting.
const ROUND: u32 = 24;
/// Requests at once: Cloudflare opens no more connections, and one that waits for its turn would time out.
const AT_ONCE: u32 = 6;
/// After so long, what is left is the next tick's.
const MAX_MS: f64 = 40_000.0;
/// Attempts that a delivery remembers: those of two orders to send.
const REMEMBERED: i64 = 16;
/// Rounds of one sweep, whatever the clock says.
const MAX_ROUNDS: usize = 200;
/// How long a lease lasts beyond what its round may take to send, be it webhooks or mails: for what the database takes.
const LEASE_MARGIN_S: i64 = 60;

/// Sends what is due, until there is no more or the time is up. Gives how many attempts it made.
///
/// # Errors
/// What the database says; what was noted until then is noted, the rest is due again when its lease ends.
pub async fn sweep(app: &App) -> Result<u64> {
    let clock = Clock::start(app);
    let mut attempts = 0;
    // Each minute begins with another turn: were each sweep cut short after its first round, all would still have theirs.
    for turn in (app.now.unix_ms() / 60_000..).take(MAX_ROUNDS) {
        let made = round(app, &clock, turn).await?;
        attempts += made as u64;
        if made == 0 || clock.elapsed_ms() > MAX_MS {
            break;
        }
    }
    Ok(attempts)
}

/// The present of a sweep, which goes on while it sends.
struct Clock<'a> {
    app: &'a App,
    begun_ms: f64,
}

impl<'a> Clock<'a> {
    fn start(app: &'a App) -> Self {
        Self { app, begun_ms: (app.runtime.clock_ms)() }
    }

    fn elapsed_ms(&self) -> f64 {
        (self.app.runtime.clock_ms)() - self.begun_ms
    }

    fn now(&self) -> Timestamp {
        #[expect(clippy::cast_possible_truncation, reason = "a duration: small")]
        let elapsed_ms = self.elapsed_ms() as i64;
        Timestamp::from_unix_ms(self.app.now.unix_ms() + elapsed_ms)
    }
}

/// An organization that has something due.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Due {
    org_id: OrgId,
}

/// A delivery that is held under a lease, and what is needed to send it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claimed {
    id: DeliveryId,
    org_id: OrgId,
    run_id: AutomationRunId,
    destination: Destination,
    attempt: usize,
    lease: String,
    notice: SentNotice,
    organization: String,
    secrets: Vec<SecretRow>,
    /// Whether mails may be sent to the address.
    is_verified: bool,
}

/// A notice, and when it was made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SentNotice {
    #[serde(flatten)]
    notice: Notice,
    created_at: Timestamp,
}

/// Takes some of what is due, sends it, and notes what came of it: three round trips. From one turn to the next come other
/// organizations, until all that have something due have had theirs.
async fn round(app: &App, clock: &Clock<'_>, turn: i64) -> Result<usize> {
    let (now, organizations) = (clock.now(), i64::from(ROUND));
    let due = [now.into(), organizations.into(), (turn * organizations).into()];
    let due = app.identity().run(sql::DUE.bind(due)).await?;
    let organizations: Vec<Due> = due.decode()?;
    if organizations.is_empty() {
        return Ok(0);
    }
    let claimed = claim(app, &organizations, now).await?;
    let attempts = claimed.len();
    let recorded = stream::iter(claimed).map(|claimed| attempt(app, clock, claimed)).buffer_unordered(AT_ONCE as usize);
    let recorded: Vec<IdentityStatement> = recorded.collect().await;
    if !recorded.is_empty() {
        app.identity().batch(recorded).await?;
    }
    Ok(attempts)
}

/// Takes as many as a round has, of each organization the same share.
async fn claim(app: &App, organizations: &[Due], now: Timestamp) -> Result<Vec<Claimed>> {
    let share = (ROUND / u32::try_from(organizations.len()).unwrap_or(ROUND)).max(1);
    let longest_ms = app.config.webhook.timeout_ms.max(TIMEOUT_MS);
    let until = now.plus_s(i64::from(ROUND.div_ceil(AT_ONCE) * longest_ms.div_ceil(1000)) + LEASE_MARGIN_S);
    let lease = app.random.alphanumeric(16)?;
    let mut statements = vec![];
    for Due { org_id } in organizations {
        let last = i64::try_from(MAX_ATTEMPTS).unwrap_or(i64::MAX);
        let given_up = [org_id.into(), now.into(), last.into(), Failure::Interrupted.to_string().into()];
        statements.push(sql::GIVE_UP.bind(given_up));
        let taken =
            [org_id.into(), now.into(), (&lease).into(), until.into(), i64::from(share).into(), REMEMBERED.into()];
        statements.push(sql::CLAIM.bind(taken));
    }
    let done = app.identity().batch(statements).await?;
    let mut claimed = vec![];
    for rows in done.into_iter().skip(1).step_by(2) {
        claimed.extend(readable(app, rows));
    }
    Ok(claimed)
}

/// The rows that can be read. One that cannot is not sent, and holds no other up: it is taken again until it is given up.
fn readable(app: &App, rows: Rows) -> Vec<Claimed> {
    let mut readable = vec![];
    for row in rows.rows {
        match (Rows { rows: vec![row], changed: 0 }).decode() {
            Ok(row) => readable.extend(row),
            Err(error) => (app.runtime.log_fault)(&format!("a delivery cannot be read: {error:?}")),
        }
    }
    readable
}

/// Sends one, and gives the statement that notes what came of it.
async fn attempt(app: &App, clock: &Clock<'_>, claimed: Claimed) -> IdentityStatement {
    let begun = clock.now();
    let outcome = match &claimed.destination {
        Destination::Webhook { url } => post(app, &claimed, url, begun).await.map(Some),
        Destination::Email { to } => mail(app, &claimed, to.as_str(), begun).await.map(|()| None),
    };
    let now = clock.now();
    let attempt = made(begun, now, outcome);
    let delivered_at = outcome.is_ok().then_some(now);
    let Next { status, next_attempt_at, failure } = state::after(claimed.attempt, outcome.map(|_| ()), now);
    sql::RECORD.bind([
        (&claimed.id).into(),
        claimed.lease.into(),
        status.word().into(),
        next_attempt_at.into(),
        failure.map(|failure| failure.to_string()).into(),
        delivered_at.into(),
        now.into(),
        attempt.to_string().into(),
    ])
}

/// What is remembered of an attempt: a [`super::DeliveryAttempt`].
fn made(begun: Timestamp, ended: Timestamp, outcome: Result<Option<u16>, Failure>) -> Value {
    let status = match outcome {
        Ok(status) => status,
        Err(Failure::Http(status)) => Some(status),
        Err(_) => None,
    };
    let error = outcome.err().map(|failure| failure.to_string());
    json!({ "at": begun, "elapsedMs": ended.unix_ms() - begun.unix_ms(), "status": status, "error": error })
}

/// Posts a webhook, signed after Standard Webhooks 1.0. Gives the status that it was taken with.
async fn post(app: &App, claimed: &Claimed, url: &super::WebhookUrl, now: Timestamp) -> Result<u16, Failure> {
    let options = app.config.webhook;
    target::check(url, app.runtime, options.allows_loopback).map_err(|_| Failure::TargetRefused)?;
    let SentNotice { notice, created_at } = &claimed.notice;
    let body = json!({
        "type": notice.kind, "timestamp": created_at, "runId": claimed.run_id, "title": notice.title,
        "text": notice.text, "data": notice.data,
    })
    .to_string();
    let timestamp_s = now.unix_ms() / 1000;
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "Orgscope".to_owned()),
        ("webhook-id", claimed.id.to_string()),
        ("webhook-timestamp", timestamp_s.to_string()),
    ];
    let keys = secret::active(&claimed.secrets, now).into_iter();
    let keys: Vec<_> = keys.filter_map(|id| app.derived_key(secret::PURPOSE, id.as_str()).ok()).collect();
    if !keys.is_empty() {
        headers.push(("webhook-signature", secret::signatures(&keys, claimed.id.as_str(), timestamp_s, &body)));
    }
    let request = Outgoing { url: url.as_str().to_owned(), headers, body: Some(body), timeout_ms: options.timeout_ms };
    match app.fetch.fetch(request).await {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(answer.status),
        Ok(answer) => Err(Failure::Http(answer.status)),
        Err(FetchError::TimedOut) => Err(Failure::TimedOut),
        Err(FetchError::TooLarge) => Err(Failure::AnswerTooLarge),
        Err(FetchError::Failed(_)) => Err(Failure::Unreachable),
    }
}

/// Hands a mail over, if the address has agreed; else asks it. A report goes along as a file, and a page as the mail itself
/// too.
async fn mail(app: &App, claimed: &Claimed, to: &str, now: Timestamp) -> Result<(), Failure> {
    let mailer = app.mailer.as_ref().ok_or(Failure::MailDisabled)?;
    if !claimed.is_verified {
        if let Err(error) = recipient::ask(app, &claimed.org_id, &claimed.organization, to, now).await {
            (app.runtime.log_fault)(&format!("an address was not asked: {error:?}"));
        }
        return Err(Failure::AddressNotVerified);
    }
    let Notice { title, text, data, .. } = &claimed.notice.notice;
    let file = data.get("file").and_then(|file| serde_json::from_value(file.clone()).ok());
    let mail = templates::notice(to, &claimed.organization, title, text, file).map_err(|_| Failure::MailFailed)?;
    mailer.deliver(mail).await.map_err(|_| Failure::MailFailed)
}
