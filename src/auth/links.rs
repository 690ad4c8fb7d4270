//! The links in mails.
use super::{BASE_PATH, call::Call};
use crate::api::uri::component;

impl Call<'_> {
    /// The origin that links begin with: the configured one, else the one that the request was sent to.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.app.config.base_url.as_deref().unwrap_or(&self.request.origin)
    }

    /// The whole URL of one of our endpoints.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{BASE_PATH}{path}", self.origin())
    }
}

/// `…/verify-email?token=…&callbackURL=…`; without a page to go on to, `/`.
#[must_use]
pub fn verify_email(call: &Call<'_>, token: &str, callback_url: Option<&str>) -> String {
    with_callback(call, "/verify-email", token, callback_url)
}

/// `…/delete-user/callback?token=…&callbackURL=…`; the same.
#[must_use]
pub fn delete_user(call: &Call<'_>, token: &str, callback_url: Option<&str>) -> String {
    with_callback(call, "/delete-user/callback", token, callback_url)
}

fn with_callback(call: &Call<'_>, path: &str, token: &str, callback_url: Option<&str>) -> String {
    let callback_url = callback_url.filter(|url| !url.is_empty()).unwrap_or("/");
    call.endpoint(&format!("{path}?token={token}&callbackURL={}", component(callback_url)))
}

/// `…/reset-password/<token>?callbackURL=…`, empty without a page to go on to.
#[must_use]
pub fn reset_password(call: &Call<'_>, token: &str, redirect_to: Option<&str>) -> String {
    let redirect_to = component(redirect_to.unwrap_or_default());
    call.endpoint(&format!("/reset-password/{token}?callbackURL={redirect_to}"))
}

/// The page on which one answers the invitation of that id.
#[must_use]
pub fn invitation(call: &Call<'_>, id: &str) -> String {
    let url = call.app.config.mail.invitation_url.replace("{id}", &component(id));
    if url.starts_with('/') { format!("{}{url}", call.origin()) } else { url }
}
