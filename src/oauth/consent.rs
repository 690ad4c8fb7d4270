//! `/oauth/authorize`: a person is asked, and decides.
use super::{
    asked::Asked,
    client::{Client, is_document},
    error::{Code, Failure, Refusal},
    page,
    params::Params,
    server_sql,
};
use crate::{
    Result,
    access::{
        App,
        credential::{NewSecret, SecretKind, signed_cookie},
    },
    api::{
        Request, Response,
        cookie::{Cookie, hmac_sha256},
        origin,
    },
    db::{Bind, Rows},
    id::OauthGrantId,
    policy::Permissions,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// How long a code lives, in seconds.
const CODE_EXPIRES_IN_S: i64 = 60;
/// How long a registered client is kept after someone has agreed to it, in seconds.
const CLIENT_KEPT_S: i64 = 90 * 86_400;
/// How many grants a person may have given in one organization.
const MAX_GRANTS: u32 = 100;

/// Who is signed in, by his cookie, and where he may let an application act for him.
pub struct Person {
    /// The session's token.
    token: String,
    /// His address.
    pub email: String,
    /// The organization that his session is in.
    pub active_organization_id: Option<String>,
    /// Those that he is a member of.
    pub organizations: Vec<Organization>,
}

/// An organization to choose.
#[derive(Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What [`server_sql::PERSON`] gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    email: String,
    active_organization_id: Option<String>,
}

/// `GET /oauth/authorize`: the page that asks, or one to sign in first.
pub async fn ask(app: &App, request: &Request) -> Result<Response, Failure> {
    let asked = Asked::read(app, request, &Params::of(&request.query)?)?;
    let (person, row) = look_up(app, request, &asked.client_id).await?;
    let Some(person) = person else { return Ok(page::sign_in(StatusCode::OK, &asked.to_query(), None)) };
    let client = client_of(app, &asked, row).await?;
    Ok(page::consent(&asked, &client, &person, &seal(app, &person, &asked)))
}

/// `POST /oauth/authorize` with `request` (what was asked), `seal`, `organization`, `access`, `decision`: sends the person
/// back to the application, with a code if he agrees.
pub async fn decide(app: &App, request: &Request) -> Result<Response, Failure> {
    origin::require(request, &app.config, app.runtime)?;
    let form = Params::posted(request)?;
    let asked = Asked::read(app, request, &Params::parse(form.get("request").unwrap_or_default().as_bytes())?)?;
    let (person, row) = look_up(app, request, &asked.client_id).await?;
    let Some(person) = person else {
        return Ok(page::sign_in(StatusCode::UNAUTHORIZED, &asked.to_query(), None));
    };
    let ours = seal(app, &person, &asked);
    if !bool::from(ours.as_bytes().ct_eq(form.get("seal").unwrap_or_default().as_bytes())) {
        return Err(Refusal::new(Code::AccessDenied, "This is not the page that you were asked on.").into());
    }
    let client = client_of(app, &asked, row).await?;
    if form.get("decision") != Some("allow") {
        return Ok(back(&asked.answer(&[("error", Code::AccessDenied.word())])));
    }
    let organization = form.get("organization").unwrap_or_default();
    if !person.organizations.iter().any(|one| one.id == organization) {
        return Err(Refusal::new(Code::AccessDenied, "You are not a member of this organization.").into());
    }
    let scope = if form.get("access") == Some("all") { asked.scope } else { narrowed(asked.scope) };
    grant(app, &asked, &client, &person, organization, scope).await
}

/// To look alone, if that is asked for at all.
fn narrowed(scope: Permissions) -> Permissions {
    let reads = scope.and(Permissions::read_only());
    if reads == Permissions::default() { scope } else { reads }
}

/// Seals what was agreed to in a grant, and sends its code to the application.
async fn grant(
    app: &App,
    asked: &Asked,
    client: &Client,
    person: &Person,
    organization: &str,
    scope: Permissions,
) -> Result<Response, Failure> {
    let code = NewSecret::generate(SecretKind::AuthorizationCode, app.random)?;
    let create = server_sql::CREATE_GRANT.bind([
        person.token.as_str().into(),
        app.now.into(),
        organization.into(),
        i64::from(MAX_GRANTS).into(),
        client.id.as_str().into(),
        (&OauthGrantId::generate(app.now, app.random)?).into(),
        asked.redirect_uri.as_str().into(),
        asked.resource.as_str().into(),
        Bind::json(&scope.to_json())?,
        code.hash().into(),
        asked.code_challenge.as_str().into(),
        app.now.plus_s(CODE_EXPIRES_IN_S).into(),
    ]);
    let mut statements = vec![create];
    if !is_document(&client.id) {
        let until = app.now.plus_s(CLIENT_KEPT_S);
        statements.push(server_sql::KEEP_CLIENT.bind([client.id.as_str().into(), until.into()]));
    }
    let made = app.identity().batch(statements).await?.into_iter().next().unwrap_or_default();
    if made.rows.is_empty() {
        let full = format!("You may let {MAX_GRANTS} applications act for you in an organization. Revoke one first.");
        return Err(Refusal::new(Code::AccessDenied, full).into());
    }
    Ok(back(&asked.answer(&[("code", &code.into_text())])))
}

/// The client, if it has that redirect URI.
async fn client_of(app: &App, asked: &Asked, row: Rows) -> Result<Client, Failure> {
    let client = Client::find(app, &asked.client_id, row).await?;
    client.require_redirect(&asked.redirect_uri)?;
    Ok(client)
}

/// Who is signed in, and the row of the client: one round trip.
async fn look_up(app: &App, request: &Request, client_id: &str) -> Result<(Option<Person>, Rows)> {
    let token = signed_cookie(request, &app.config, Cookie::SessionToken).unwrap_or_default();
    let statements = vec![
        server_sql::CLIENT.bind([client_id.into()]),
        server_sql::PERSON.bind([token.as_str().into(), app.now.into()]),
        server_sql::ORGANIZATIONS.bind([token.as_str().into(), app.now.into()]),
    ];
    let mut done = app.identity().batch(statements).await?.into_iter();
    let client = done.next().unwrap_or_default();
    let found: Option<Found> = done.next().unwrap_or_default().decode_first()?;
    let organizations = done.next().unwrap_or_default().decode()?;
    let person = found.map(|found| Person {
        token,
        email: found.email,
        active_organization_id: found.active_organization_id,
        organizations,
    });
    Ok((person, client))
}

/// Sends the person back to the application. After a form is posted it is 303, so that nothing of the form goes along.
fn back(url: &str) -> Response {
    Response::empty(StatusCode::SEE_OTHER)
        .with_header("location", url)
        .with_header("cache-control", "no-store")
        .with_header("referrer-policy", "no-referrer")
}

/// What shows that a decision is about this request, and comes from a page that we showed to this session.
fn seal(app: &App, person: &Person, asked: &Asked) -> String {
    let message = format!("oauth consent\n{}\n{}", person.token, asked.to_query());
    let mac = hmac_sha256(app.config.secret.as_bytes(), message.as_bytes());
    // A key of any length is good, so there is always one.
    mac.map(|mac| URL_SAFE_NO_PAD.encode(mac)).unwrap_or_default()
}
