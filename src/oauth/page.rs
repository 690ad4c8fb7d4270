//! The pages that a person sees: plain HTML, without script, in no frame.
use super::{
    AUTHORIZE, SIGN_IN,
    asked::Asked,
    client::{Client, is_document},
    consent::Person,
    error::Refusal,
    scope,
};
use crate::{
    api::Response,
    html::escaped,
    policy::{Action, Permission, Permissions, Resource},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use sha2::{Digest, Sha256};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}\
    label,select,input{display:block;width:100%;box-sizing:border-box}label{margin:.75rem 0}\
    select,input,button{font:inherit;padding:.5rem}button{padding:.5rem 1rem;margin:.5rem .5rem 0 0}\
    strong,code{overflow-wrap:anywhere}.error{color:#b00020}@media(prefers-color-scheme:dark){.error{color:#ff8a80}}";

/// A page. Nothing is loaded but its own style, and no other page may show it in a frame. Where its forms lead is not
/// confined: browsers would hold the redirect to the application, and those that follow, against that.
fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{style}'; frame-ancestors 'none'; base-uri 'none'");
    let title = escaped(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>"
    );
    Response::of_type(status, "text/html; charset=utf-8", html.into_bytes())
        .with_header("cache-control", "no-store")
        .with_header("content-security-policy", policy)
        .with_header("x-frame-options", "DENY")
        .with_header("x-content-type-options", "nosniff")
        // Without the origin a browser would hide that a form is of our own page.
        .with_header("referrer-policy", "same-origin")
}

/// Why the application may not ask. The person sees it, and the application is not told by itself: nobody is sent to a place
/// that no one has agreed to, so that this is no way to lead people astray (RFC 9700 §4.11).
pub fn refused(refusal: &Refusal) -> Response {
    let (code, description) = (escaped(refusal.code.word()), escaped(&refusal.description));
    let body = format!(
        "<p>An application asked for access, and was refused. Nothing was granted.</p>\
         <p class=\"error\">{description} <code>{code}</code></p>"
    );
    page(refusal.code.status(), "Access refused", &body)
}

/// Asks who is there to sign in first; `request` is what he will be asked then.
pub fn sign_in(status: StatusCode, request: &str, problem: Option<&str>) -> Response {
    let (request, problem) = (escaped(request), problem.map(escaped));
    let problem = problem.map(|problem| format!("<p class=\"error\">{problem}</p>")).unwrap_or_default();
    let body = format!(
        "<p>An application asks to act for you. Sign in, to see which one and what it asks for.</p>{problem}\
         <form method=\"post\" action=\"{SIGN_IN}\"><input type=\"hidden\" name=\"request\" value=\"{request}\">\
         <label>E-mail <input type=\"email\" name=\"email\" autocomplete=\"username\" required></label>\
         <label>Password <input type=\"password\" name=\"password\" autocomplete=\"current-password\" required></label>\
         <button>Sign in</button></form>\
         <p>You sign in another way? Do so, then <a href=\"{AUTHORIZE}?{request}\">come back here</a>.</p>"
    );
    page(status, "Sign in", &body)
}

/// Asks a person whether the application may have what it asks for, and in which of his organizations.
pub fn consent(asked: &Asked, client: &Client, person: &Person, seal: &str) -> Response {
    let (name, email, request) = (escaped(&client.name), escaped(&person.email), escaped(&asked.to_query()));
    let from = if is_document(&client.id) {
        format!("It is described at <code>{}</code>.", escaped(&client.id))
    } else {
        "It gave itself that name, and nobody has checked it.".to_owned()
    };
    let host = escaped(host(&asked.redirect_uri));
    let lines =
        scope::in_words(asked.scope).iter().map(|line| format!("<li>{}</li>", escaped(line))).collect::<String>();
    // bdi: a name of letters that turn the direction of writing turns its own alone.
    let body = format!(
        "<p><strong><bdi>{name}</bdi></strong> asks to act for you, <strong>{email}</strong>, in one organization. {from}</p>\
         <p>Your answer goes to <strong>{host}</strong>. If you did not start this there, cancel.</p>\
         <p>It asks for:</p><ul>{lines}</ul>{}\
         <p>It can never do more than your own roles allow at that moment. You can revoke it at any time.</p>\
         <form method=\"post\" action=\"{AUTHORIZE}\">\
         <input type=\"hidden\" name=\"request\" value=\"{request}\"><input type=\"hidden\" name=\"seal\" value=\"{seal}\">\
         <label>Organization <select name=\"organization\" required>{}</select></label>{}\
         <button name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\" formnovalidate>Cancel</button></form>",
        warning(asked.scope),
        organizations(person),
        access(asked.scope),
    );
    page(StatusCode::OK, "Allow access?", &body)
}

/// What a person may not think of: what he allows with automations goes on without him, and leaves the organization.
fn warning(scope: Permissions) -> &'static str {
    let acts =
        |permission: Permission| permission.resource == Resource::Automation && permission.action != Action::Read;
    if scope.iter().any(acts) {
        "<p><strong>Automations act when nobody is there, and send what they find to the addresses that are set in them. \
         Allow them only to an application that you would give these data.</strong></p>"
    } else {
        ""
    }
}

fn organizations(person: &Person) -> String {
    let option = |(id, name): (&str, &str)| {
        let is_active = person.active_organization_id.as_deref() == Some(id);
        let selected = if is_active { " selected" } else { "" };
        format!("<option value=\"{}\"{selected}>{}</option>", escaped(id), escaped(name))
    };
    person.organizations.iter().map(|one| option((&one.id, &one.name))).collect()
}

/// Lets him grant less than is asked for: to look alone, which is what is chosen already.
fn access(scope: Permissions) -> String {
    let reads = scope.and(Permissions::read_only());
    if reads == scope || reads == Permissions::default() {
        return String::new();
    }
    "<label>Access <select name=\"access\"><option value=\"read\" selected>Read and query only</option>\
     <option value=\"all\">All that it asks for</option></select></label>"
        .to_owned()
}

/// The host of a redirect URI, or of an application's own scheme that and the scheme.
fn host(uri: &str) -> &str {
    let rest = uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://"));
    let end = |text: &str, from: usize| {
        text.get(from..).and_then(|rest| rest.find(['/', '?'])).map_or(text.len(), |at| from + at)
    };
    match rest {
        Some(rest) => rest.get(..end(rest, 0)).unwrap_or(rest),
        None => uri.get(..end(uri, uri.find("://").map_or(0, |at| at + 3))).unwrap_or(uri),
    }
}
