//! What is remembered between the request that sends a user to his provider and the one that brings him back.
//!
//! The browser carries only a random text: in the URL, where the provider hands it back, and in a signed cookie, so that
//! no one else's browser can finish what this one began. It is good once, for ten minutes.
use super::sql;
use crate::{
    Error, Result,
    access::credential,
    api::cookie::Cookie,
    auth::{call::Call, verification},
    id::UserId,
};
use serde::Serialize;
use serde_json::Value;

const LIFETIME_S: u32 = 600;
/// Ours has 32 characters; whatever is far longer is not looked up.
const MAX_BYTES: usize = 128;

/// The row's value. Source: Better Auth 1.7.25, `generateState` (wire spec §5.26); `provider` and `link.sessionId` are
/// ours.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Where the user goes at last.
    #[serde(rename = "callbackURL")]
    pub callback_url: String,
    /// What the code is exchanged with (RFC 7636).
    pub code_verifier: String,
    /// Where he goes if it fails.
    #[serde(rename = "errorURL", skip_serializing_if = "Option::is_none")]
    pub error_url: Option<String>,
    /// Where he goes if he is new.
    #[serde(rename = "newUserURL", skip_serializing_if = "Option::is_none")]
    pub new_user_url: Option<String>,
    /// Whose account it will be, if he was signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// In milliseconds.
    pub expires_at: i64,
    /// Whether he may become a user though the provider makes none by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_sign_up: Option<bool>,
    /// What the id token must repeat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_nonce: Option<String>,
    /// The text that the browser carries.
    pub oauth_state: String,
    /// Which provider he was sent to: another's answer is none (RFC 9700 §4.4).
    pub provider: String,
}

/// Who asked to link an account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The user.
    pub user_id: UserId,
    /// His address.
    pub email: String,
    /// The session in which he asked. The reference keeps its token, encrypted; its id opens nothing.
    pub session_id: String,
}

/// What came of a state that a browser brings.
pub enum Brought {
    /// It is this browser's, and is now used up.
    Good(Box<State>),
    /// It is not, or no more; where it would have gone to say so, if that is known.
    Bad(Option<String>),
}

/// Remembers the state, and gives the browser its cookie.
///
/// # Errors
/// `Internal`.
pub async fn save(call: &mut Call<'_>, state: &State) -> Result<()> {
    let value = serde_json::to_string(state).map_err(Error::internal)?;
    let save = verification::create(call.app, &identifier(&state.oauth_state), &value, LIFETIME_S)?;
    call.app.identity().run(save).await?;
    call.jar.set_state(&state.oauth_state);
    Ok(())
}

/// When a state that begins now ends, in milliseconds.
pub fn end(call: &Call<'_>) -> i64 {
    call.app.now.plus_s(LIFETIME_S.into()).unix_ms()
}

impl State {
    /// By hand: serde's code for it is many times as long. Nothing if it is not ours.
    fn read(value: &Value) -> Option<Self> {
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
        let link = match value.get("link") {
            Some(link) => Some(Link {
                user_id: text(link, "userId")?.into(),
                email: text(link, "email")?,
                session_id: text(link, "sessionId")?,
            }),
            None => None,
        };
        Some(Self {
            callback_url: text(value, "callbackURL")?,
            code_verifier: text(value, "codeVerifier")?,
            error_url: text(value, "errorURL"),
            new_user_url: text(value, "newUserURL"),
            link,
            expires_at: value.get("expiresAt")?.as_i64()?,
            request_sign_up: value.get("requestSignUp").and_then(Value::as_bool),
            id_token_nonce: text(value, "idTokenNonce"),
            oauth_state: text(value, "oauthState")?,
            provider: text(value, "provider")?,
        })
    }
}

/// Uses the state up, if it is this browser's: of two requests with one state, one gets it.
///
/// # Errors
/// `Internal`.
pub async fn consume(call: &mut Call<'_>, given: &str) -> Result<Brought> {
    if given.len() > MAX_BYTES {
        return Ok(Brought::Bad(None));
    }
    let cookie = credential::signed_cookie(call.request, &call.app.config, Cookie::State);
    let is_this_browsers = cookie.as_deref() == Some(given);
    // Another browser's stays: whoever has learned a state must not be able to spoil it.
    let statement = if is_this_browsers { sql::CONSUME_STATE } else { sql::STATE };
    let found = call.app.identity().run(statement.bind([identifier(given).into()])).await?;
    let text = found.rows.first().and_then(|row| row.get("value")?.as_str());
    let state = text.and_then(|text| State::read(&serde_json::from_str(text).ok()?));
    if is_this_browsers && state.is_some() {
        call.jar.clear_state();
    }
    Ok(match state {
        Some(state) if is_this_browsers && state.oauth_state == given && state.expires_at >= call.app.now.unix_ms() => {
            Brought::Good(Box::new(state))
        }
        state => Brought::Bad(state.and_then(|state| state.error_url)),
    })
}

fn identifier(state: &str) -> String {
    format!("auth-state:{state}")
}
