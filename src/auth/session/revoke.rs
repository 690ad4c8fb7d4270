//! `revoke-session`, `revoke-sessions`, `revoke-other-sessions`: each in the round trip that finds the caller, by a
//! statement that hangs on his session.
use super::{Caller, Found, Refreshed, find, refresh};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Root},
        sql,
    },
    db::IdentityStatement,
};
use serde_json::json;

/// `POST /revoke-session` `{"token"}`: ends one of the caller's sessions. Another's, or none, is `{"status":true}` too.
///
/// # Errors
/// `UNAUTHORIZED`.
pub async fn revoke_session(call: &mut Call<'_>) -> Result<Response> {
    let revoked = call.body(Root::Object, |body| body.text("token", ANY))?;
    let now = call.app.now;
    let caller = revoke(call, |token| sql::REVOKE_SESSION.bind([(&revoked).into(), token.into(), now.into()])).await?;
    if caller.session.token == revoked {
        call.jar.clear_session();
    } else {
        renew(call, caller).await?;
    }
    call.ok(&json!({ "status": true }))
}

/// `POST /revoke-sessions`: ends all of the caller's sessions, this one too.
///
/// # Errors
/// `UNAUTHORIZED`.
pub async fn revoke_sessions(call: &mut Call<'_>) -> Result<Response> {
    let now = call.app.now;
    revoke(call, |token| sql::REVOKE_SESSIONS.bind([token.into(), now.into()])).await?;
    call.jar.clear_session();
    call.ok(&json!({ "status": true }))
}

/// `POST /revoke-other-sessions`: ends all of the caller's sessions but this one, however many.
///
/// # Errors
/// `UNAUTHORIZED`.
pub async fn revoke_other_sessions(call: &mut Call<'_>) -> Result<Response> {
    let now = call.app.now;
    let caller = revoke(call, |token| sql::REVOKE_OTHER_SESSIONS.bind([token.into(), now.into()])).await?;
    renew(call, caller).await?;
    call.ok(&json!({ "status": true }))
}

async fn revoke(call: &mut Call<'_>, statement: impl FnOnce(&str) -> IdentityStatement) -> Result<Box<Caller>> {
    match find(call, |token| vec![statement(token)]).await? {
        Found::Live(caller, _) => Ok(caller),
        Found::Nothing | Found::Over => Err(code::UNAUTHORIZED.into()),
    }
}

/// Renews the caller's own session if that is due; for one that has just ended there is nothing to renew.
async fn renew(call: &mut Call<'_>, mut caller: Box<Caller>) -> Result<()> {
    match refresh(call, &mut caller).await? {
        Refreshed::Live => Ok(()),
        Refreshed::Gone => Err(code::UNAUTHORIZED.into()),
    }
}
