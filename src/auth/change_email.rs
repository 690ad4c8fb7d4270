//! `change-email`.
//!
//! Source: Better Auth 1.7.25, `changeEmail` (wire spec §5.12).
use super::{
    call::Call,
    code,
    email_token::{CONFIRMATION, EmailToken, VERIFICATION},
    input::{ANY, Root},
    model::User,
    session::require,
    sql,
    verify_email::{lasting, link, mail, show_again, update},
};
use crate::{Result, api::Response, mail::templates};
use serde_json::json;

/// `POST /change-email` `{"newEmail","callbackURL"?}`: `{"status":true}`. A verified address is asked first where the
/// configuration says so, else the new one is; an address that is not verified may be replaced at once. That the new one
/// is taken is not said, and nothing happens.
///
/// # Errors
/// `CHANGE_EMAIL_DISABLED`; 400 for the same address, or without a way to ask; `UNAUTHORIZED`.
pub async fn change_email(call: &mut Call<'_>) -> Result<Response> {
    let (new_email, callback_url) =
        call.body(Root::Object, |body| (body.email("newEmail"), body.optional_text("callbackURL", ANY)))?;
    let callback_url = callback_url.as_deref();
    let is_taken = |token: &str| vec![sql::EMAIL_IS_TAKEN.bind([token.into(), (&new_email).into()])];
    let (caller, rows) = require(call, code::UNAUTHORIZED, is_taken).await?;
    let (options, user) = (&call.app.config.user, &caller.user);
    if !options.change_email {
        return Err(code::CHANGE_EMAIL_DISABLED.into());
    }
    if new_email == user.email {
        return Err(code::EMAIL_IS_THE_SAME.into());
    }
    // Before the address is looked at: a refusal that only a free one meets would tell.
    let is_at_once = !user.email_verified && options.update_email_without_verification;
    if !is_at_once && call.app.mailer.is_none() {
        return Err(code::CHANGE_EMAIL_NEEDS_MAIL.into());
    }
    let is_taken = rows.first().is_some_and(|rows| !rows.rows.is_empty());
    if !is_taken && is_at_once {
        // None: taken by now, or changed by another request, which is not said either.
        if let Some(user) = update(call, user, &new_email, false).await? {
            call.app.send(mail(call, &user.id, &user.email, callback_url)?);
            show_again(call, &caller.session, &user);
        }
    } else if !is_taken {
        ask(call, user, &new_email, callback_url)?;
    }
    call.ok(&json!({ "status": true }))
}

/// Asks the old address, or the new one.
fn ask(call: &Call<'_>, user: &User, new_email: &str, callback_url: Option<&str>) -> Result<()> {
    let asks_old = user.email_verified && call.app.config.user.change_email_confirmation;
    let kind = if asks_old { CONFIRMATION } else { VERIFICATION };
    let url = link(call, EmailToken::of_change(&user.id, &user.email, new_email, kind), callback_url)?;
    let link = lasting(call, &url);
    call.app.send(if asks_old {
        templates::change_email_confirmation(&user.email, new_email, link)?
    } else {
        templates::change_email_verification(new_email, link)?
    });
    Ok(())
}
