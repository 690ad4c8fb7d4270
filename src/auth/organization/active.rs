//! `organization/set-active`.
use super::{Target, next, refuse_non_member, sql, target};
use crate::{
    Result,
    api::Response,
    auth::{
        call::Call,
        code,
        input::{ANY, Root},
        model::Session,
        session::{Caller, require},
    },
};

/// `POST /organization/set-active` `{"organizationId"?,"organizationSlug"?}`: the organization, now the session's active
/// one, or `null`. The id counts before the slug; null leaves the session without one; nothing asks anew whether the
/// active one is still the caller's.
///
/// # Errors
/// `ORGANIZATION_NOT_FOUND` for a slug that no one has; `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`, 403; `UNAUTHORIZED`.
pub async fn set_active(call: &mut Call<'_>) -> Result<Response> {
    let (id, slug) = call.body(Root::Object, |body| {
        let id = body.nullable_text("organizationId", ANY);
        (id, body.optional_id("organizationSlug"))
    })?;
    let is_to_clear = id == Some(None);
    let id = id.flatten().filter(|id| !id.is_empty());
    let named = |token: &str| vec![target(token, id.as_ref(), slug.as_ref())];
    let (caller, rows) = require(call, code::UNAUTHORIZED, named).await?;
    let had_one = caller.session.active_organization_id.is_some();
    if is_to_clear && had_one {
        return clear(call, &caller).await;
    }
    if is_to_clear || id.is_none() && slug.is_none() && !had_one {
        return call.ok(&None::<()>);
    }
    let target: Option<Target> = next(&mut rows.into_iter()).decode_first()?;
    match target {
        Some(target) if target.role.is_some() => activate(call, &caller, target).await,
        None if id.is_none() && slug.is_some() => Err(code::ORGANIZATION_NOT_FOUND.into()),
        target => refuse_non_member(call, &caller, target.as_ref().map(|target| &target.id)).await,
    }
}

async fn activate(call: &mut Call<'_>, caller: &Caller, target: Target) -> Result<Response> {
    let token = &caller.session.token;
    let statement = sql::SET_ACTIVE.bind([token.into(), (&target.id).into(), call.app.now.into()]);
    let changed: Option<Session> = call.app.identity().run(statement).await?.decode_first()?;
    let changed = changed.ok_or(code::FORBIDDEN_TO_NON_MEMBERS)?;
    call.jar.set_session(token, None);
    call.jar.set_copy(&changed, &caller.user);
    call.ok(&target.into_organization())
}

async fn clear(call: &mut Call<'_>, caller: &Caller) -> Result<Response> {
    let token = &caller.session.token;
    let cleared = call.app.identity().run(sql::CLEAR_ACTIVE.bind([token.into(), call.app.now.into()])).await?;
    call.jar.set_session(token, None);
    if let Some(session) = cleared.decode_first::<Session>()? {
        call.jar.set_copy(&session, &caller.user);
    }
    call.ok(&None::<()>)
}
