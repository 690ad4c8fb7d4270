//! `sign-out`, `get-session`, `list-sessions`.
use super::{Found, Refreshed, find, is_set, refresh, require};
use crate::{
    Result,
    access::credential,
    api::Response,
    auth::{
        cache::Copied,
        call::Call,
        code,
        input::{ANY, Root},
        model::{Session, User},
        sql,
    },
    error::AuthError,
};
use serde::Serialize;
use serde_json::json;

/// `POST /sign-out`: ends the session, if there is one, and clears the cookies. `{"success":true}`.
pub async fn sign_out(call: &mut Call<'_>) -> Result<Response> {
    call.body(Root::OptionalObject, |body| {
        body.optional_text("callbackURL", ANY);
        body.optional_boolean("disableRedirect");
        body.optional_text("state", ANY);
    })?;
    if let Some(token) = credential::session_token(call.request, &call.app.config) {
        call.app.identity().run(sql::DELETE_SESSION.bind([token.into()])).await?;
    }
    call.jar.clear_session();
    call.ok(&json!({ "success": true }))
}

/// What `get-session` says of a live one.
#[derive(Serialize)]
struct SessionAndUser<'a> {
    session: &'a Session,
    user: &'a User,
}

/// `GET /get-session`: `{"session","user"}`, or `null`; never 401 for want of one. The browser's copy answers, if it has
/// one that counts and the query does not forbid it.
///
/// # Errors
/// `FAILED_TO_GET_SESSION`, 401, if it is revoked while it is renewed.
pub async fn get_session(call: &mut Call<'_>) -> Result<Response> {
    let answer = match copied(call) {
        Some(Copied { session, user, .. }) => call.ok(&SessionAndUser { session: &session, user: &user })?,
        None => read_session(call).await?,
    };
    Ok(answer.with_header("cache-control", "no-store").with_header("pragma", "no-cache"))
}

/// The browser's copy of the session that it claims.
fn copied(call: &mut Call<'_>) -> Option<Copied> {
    if call.app.config.session.cookie_cache.is_none() {
        // Of another server, or of a time when there was a cache.
        call.jar.clear_copy();
        return None;
    }
    let token = credential::session_token(call.request, &call.app.config)?;
    if is_set(call, "disableCookieCache") { None } else { call.jar.copy(&token) }
}

async fn read_session(call: &mut Call<'_>) -> Result<Response> {
    let Found::Live(mut caller, _) = find(call, |_| vec![]).await? else { return call.ok(&None::<()>) };
    if refresh(call, &mut caller).await? == Refreshed::Gone {
        return Err(code::FAILED_TO_GET_SESSION.into());
    }
    if !call.jar.is_forgetful() && !is_set(call, "disableRefresh") {
        call.jar.set_copy(&caller.session, &caller.user);
    }
    call.ok(&SessionAndUser { session: &caller.session, user: &caller.user })
}

/// `POST /get-session`: 405, for sessions are renewed by any request here.
///
/// # Errors
/// `METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED`.
pub async fn post_session(_: &mut Call<'_>) -> Result<Response> {
    Err(code::METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED.into())
}

/// `POST /update-session`: there is nothing of a session that a client may set; which organization and team are active
/// has endpoints of its own.
///
/// # Errors
/// `FIELD_NOT_ALLOWED`, `No fields to update`; `UNAUTHORIZED`.
pub async fn update_session(call: &mut Call<'_>) -> Result<Response> {
    let owned = call.body(Root::Record, |body| {
        ["activeOrganizationId", "activeTeamId"].into_iter().find(|field| body.is_truthy(field))
    })?;
    require(call, code::UNAUTHORIZED, |_| vec![]).await?;
    Err(owned
        .map_or(code::NO_FIELDS_TO_UPDATE, |field| AuthError {
            message: Some(format!("{field} is not allowed to be set").into()),
            ..code::FIELD_NOT_ALLOWED
        })
        .into())
}

/// `GET /list-sessions`: the user's unexpired sessions with their tokens, at most 100.
///
/// # Errors
/// `UNAUTHORIZED`; `SESSION_NOT_FRESH`.
pub async fn list_sessions(call: &mut Call<'_>) -> Result<Response> {
    let now = call.app.now;
    let list = |token: &str| vec![sql::LIST_SESSIONS.bind([token.into(), now.into()])];
    let (caller, rows) = require(call, code::UNAUTHORIZED, list).await?;
    caller.require_fresh(call)?;
    let sessions: Vec<Session> = rows.into_iter().next().unwrap_or_default().decode()?;
    call.ok(&sessions)
}
