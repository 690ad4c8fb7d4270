//! Addresses are asked before automations mail to them: by a link, signed, bound to one address of one organization and to
//! the moment that it was mailed. Each is good for its week, until one is used.
//!
//! The link opens a page with a button. That it is opened alone changes nothing, for programs that scan mails open links.
use crate::{
    Error, Result,
    access::App,
    api::{Request, Response, cookie::hmac_sha256},
    html::escaped,
    id::{EmailRecipientId, OrgId},
    mail::{
        Mailer,
        templates::{self, Link},
    },
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use serde::Deserialize;
use subtle::ConstantTimeEq;

pub mod sql;
#[cfg(test)]
mod tests;

/// Where the link leads.
pub const PATH: &str = "/api/email-recipients/confirm";

/// How long a link is good.
const EXPIRES_IN_S: u32 = 7 * 24 * 60 * 60;
/// An address is mailed no more than one link in so long, by each organization.
const ASKED_EVERY_S: i64 = 24 * 60 * 60;
/// What the deployment's key is derived for.
const PURPOSE: &str = "email recipient";
/// Longer than any token of ours.
const MAX_TOKEN: usize = 200;

/// What a link is for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    id: EmailRecipientId,
    asked_at: Timestamp,
}

impl Asked {
    /// `<id>.<ms>.<HMAC-SHA256 in base64url>`.
    fn token(&self, app: &App) -> Result<String> {
        let signed = format!("{}.{}", self.id, self.asked_at.unix_ms());
        let mac = hmac_sha256(&app.derived_key(PURPOSE, "")?, signed.as_bytes());
        let mac = mac.ok_or_else(|| Error::internal("no HMAC"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac)))
    }

    /// Of a token that is ours and not over.
    fn of(app: &App, token: &str) -> Option<Self> {
        let (signed, _) = Some(token).filter(|token| token.len() <= MAX_TOKEN)?.rsplit_once('.')?;
        let (id, asked_ms) = signed.split_once('.')?;
        let id = serde_json::from_value(id.into()).ok()?;
        let asked = Self { id, asked_at: Timestamp::from_unix_ms(asked_ms.parse().ok()?) };
        let ours = asked.token(app).ok()?;
        let is_ours = bool::from(ours.as_bytes().ct_eq(token.as_bytes()));
        (is_ours && app.now < asked.asked_at.plus_s(EXPIRES_IN_S.into())).then_some(asked)
    }
}

/// Mails the link to an address, unless it got one within a day. A mail that is not handed over does not count.
///
/// # Errors
/// What the database says; `Internal` if the mail could not be made or handed over.
pub async fn ask(app: &App, org: &OrgId, organization: &str, email: &str, now: Timestamp) -> Result<()> {
    let Some(mailer) = &app.mailer else { return Ok(()) };
    let (id, long_ago) = (EmailRecipientId::generate(now, app.random)?, now.plus_s(-ASKED_EVERY_S));
    let row = [(&id).into(), org.into(), email.to_lowercase().into(), now.into(), long_ago.into()];
    let Some(asked) = app.identity().run(sql::ASK.bind(row)).await?.decode_first()? else { return Ok(()) };
    let handed_over = hand_over(app, mailer.as_ref(), &asked, organization, email).await;
    if handed_over.is_err() {
        let again = [(&asked.id).into(), asked.asked_at.into(), long_ago.into()];
        app.identity().run(sql::ASK_AGAIN.bind(again)).await?;
    }
    handed_over
}

async fn hand_over(app: &App, mailer: &dyn Mailer, asked: &Asked, organization: &str, email: &str) -> Result<()> {
    // Without a base URL this is a developer's machine: in production no mail is sent without one.
    let origin = app.config.base_url.as_deref().unwrap_or("http://localhost:8787");
    let url = format!("{origin}{PATH}?token={}", asked.token(app)?);
    let mail = templates::recipient(email, organization, Link { url: &url, expires_in_s: EXPIRES_IN_S })?;
    mailer.deliver(mail).await.map_err(Error::internal)
}

/// Whom a link is for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email: String,
    organization: String,
    is_verified: bool,
}

/// The page that the link opens (GET), and what its button does (POST).
///
/// # Errors
/// `MethodNotAllowed`; what the database says.
pub async fn answer(app: &App, request: &Request) -> Result<Response> {
    if request.method != Method::GET && request.method != Method::POST {
        return Err(Error::MethodNotAllowed { allow: "GET, HEAD, POST".into() });
    }
    let Some(asked) = Asked::of(app, request.query("token").unwrap_or_default()) else { return Ok(bad_link()) };
    if request.method == Method::GET {
        let found: Option<Recipient> =
            app.identity().run(sql::SHOW.bind([(&asked.id).into()])).await?.decode_first()?;
        let Some(found) = found.filter(|found| !found.is_verified) else { return Ok(bad_link()) };
        let (email, organization) = (escaped(&found.email), escaped(&found.organization));
        let question = format!("May automations of <b>{organization}</b> send mails to <b>{email}</b>?");
        let form = "<form method=\"post\"><button>Yes, they may</button></form>";
        return Ok(page(
            StatusCode::OK,
            &format!("<p>{question}</p>{form}<p>If not, close this page: nothing is sent.</p>"),
        ));
    }
    let verified = app.identity().run(sql::VERIFY.bind([(&asked.id).into(), app.now.into()])).await?;
    if verified.changed == 0 {
        return Ok(bad_link());
    }
    Ok(page(StatusCode::OK, "<p>Thank you: mails are sent to your address from now on.</p>"))
}

/// The same for a link that is over, used, unknown or forged.
fn bad_link() -> Response {
    let text =
        "<p>This link has been used, or is not good any more. If mails are still to be sent, another one comes.</p>";
    page(StatusCode::BAD_REQUEST, text)
}

/// No other page may frame it, so that nobody is led to press the button.
fn page(status: StatusCode, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Mails of an automation</title>\
         <h1>Mails of an automation</h1>{body}</html>"
    );
    let response = Response::of_type(status, "text/html; charset=utf-8", html.into_bytes());
    let policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    let headers = [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ];
    headers.into_iter().fold(response, |response, (name, value)| response.with_header(name, value.to_owned()))
}
