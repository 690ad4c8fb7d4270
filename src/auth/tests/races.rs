//! What someone else does between a request's two round trips.
use super::{Browser, ada, cookies, parsed};
use crate::{
    access::{App, Databases},
    api::{Request, Response},
    db::{Rows, Sql, SqlError, Statement, sqlite::Sqlite},
    house::world::World,
    random::Random,
    routes,
};
use futures_util::future::LocalBoxFuture;
use serde_json::json;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// A database in which something is done after the first batch.
struct Interrupted {
    db: Rc<Sqlite>,
    meanwhile: Cell<Option<Box<dyn FnOnce()>>>,
    batches: Cell<usize>,
}

impl Sql for Interrupted {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, SqlError>> {
        if self.batches.replace(self.batches.get() + 1) == 1 {
            self.meanwhile.take().unwrap()();
        }
        self.db.batch(statements)
    }
}

#[test]
fn what_has_changed_since_it_was_read_is_not_built_upon() {
    for (path, body, script, status, code) in [
        (
            "/organization/create",
            json!({ "name": "Acme", "slug": "acme" }),
            "update session set expiresAt = '2026-01-01T00:00:00.000Z' where token = 'owner-a'",
            401,
            "",
        ),
        (
            "/organization/update",
            json!({ "data": { "name": "Mine" } }),
            "update member set role = 'member' where userId = 'u-owner-a'",
            400,
            "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
        ),
        (
            "/organization/delete",
            json!({ "organizationId": "a" }),
            "update member set role = 'admin' where userId = 'u-owner-a'",
            400,
            "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
        ),
        (
            "/organization/set-active",
            json!({ "organizationId": "a" }),
            "delete from member where userId = 'u-owner-a'",
            403,
            "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
        ),
    ] {
        let expected = World::new();
        expected.db.execute(script).unwrap();
        let w = World::new();
        let answer = interrupted(&w, script, &Browser::of(&w, "owner-a").request("POST", path, &body));
        assert_eq!(
            (answer.status.as_u16(), parsed(&answer)["code"].as_str().unwrap_or_default()),
            (status, code),
            "{path}"
        );
        assert_eq!(w.db.dump(), expected.db.dump(), "{path}: only the script has changed anything");
    }
}

#[test]
fn a_session_that_is_revoked_while_it_is_renewed_is_gone() {
    for (path, code) in [("/get-session", "FAILED_TO_GET_SESSION"), ("/organization/list", "UNAUTHORIZED")] {
        let w = World::new();
        w.db.execute("update session set expiresAt = '2026-01-03T00:00:00.000Z' where token = 'owner-a'").unwrap();
        let request = Browser::of(&w, "owner-a").request("GET", path, &serde_json::Value::Null);
        let answer = interrupted(&w, "delete from session where token = 'owner-a'", &request);
        assert_eq!((answer.status.as_u16(), &parsed(&answer)["code"]), (401, &json!(code)));
        assert!(
            cookies(&answer)[0].contains("session_token=; Max-Age=0;") && answer.header("set-auth-token").is_none()
        );
    }
}

#[test]
fn a_password_that_was_changed_meanwhile_opens_nothing() {
    let w = World::new();
    let mut browser = Browser::new(&w);
    browser.post("/sign-up/email", ada());
    let script = "update account set password = 'another'";
    let sign_in = json!({ "email": "ada@ex.co", "password": "password1" });
    let change = json!({ "currentPassword": "password1", "newPassword": "password2", "revokeOtherSessions": true });
    let before = w.db.query("select token from session order by token");
    let hash = w.db.query("select password from account").remove(0);
    for (path, body, code) in
        [("/sign-in/email", sign_in, "INVALID_EMAIL_OR_PASSWORD"), ("/change-password", change, "INVALID_PASSWORD")]
    {
        w.db.execute(&format!("update account set password = '{hash}'")).unwrap();
        let answer = interrupted(&w, script, &browser.request("POST", path, &body));
        assert_eq!(parsed(&answer)["code"], code);
        assert!(cookies(&answer).is_empty());
        assert_eq!(w.db.query("select password from account"), ["another"]);
        assert_eq!(w.db.query("select token from session order by token"), before);
    }
}

/// The answer to the request, between whose two round trips the script runs.
pub(super) fn interrupted(w: &World, script: &'static str, request: &Request) -> Response {
    let db = w.db.clone();
    between(w, request, move || db.execute(script).unwrap())
}

/// The answers to two requests at once: of the first, and of the second, which is all answered between the two round trips
/// of the first.
pub(super) fn at_once(w: &World, first: &Request, second: &Request) -> (Response, Response) {
    let (app, second, answer) = (w.app.clone(), second.clone(), Rc::new(RefCell::new(None)));
    let slot = answer.clone();
    let first = between(w, first, move || {
        slot.replace(Some(pollster::block_on(routes::answer(&app, &second)).0));
    });
    (first, answer.take().unwrap())
}

/// The answer to the request, between whose two round trips something is done.
fn between(w: &World, request: &Request, meanwhile: impl FnOnce() + 'static) -> Response {
    let sql = Interrupted { db: w.db.clone(), meanwhile: Cell::new(Some(Box::new(meanwhile))), batches: Cell::new(0) };
    let app = App::new(
        Databases { sql: Rc::new(sql), stores: w.stores.clone() },
        w.app.fetch.clone(),
        w.app.mailer.clone(),
        w.app.config.clone(),
        Random::for_tests(),
        w.app.runtime,
        w.app.now,
    );
    pollster::block_on(routes::answer(&app, request)).0
}
