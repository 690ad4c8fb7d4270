//! Two organizations and their people, over SQLite, to send requests to the whole core.
use crate::{
    access::{App, Databases},
    api::{Request, Response, cookie},
    config::Config,
    db::sqlite::Sqlite,
    fetch::Offline,
    mail::{Mail, Mailer, Outbox},
    queue::{Queue, QueueError, Wake},
    random::Random,
    routes,
    runtime::Runtime,
    store::native::NativeStores,
    time::Timestamp,
};
use futures_util::future::{LocalBoxFuture, join, join_all};
use serde_json::Value;
use std::{cell::RefCell, rc::Rc};

/// The instant of every request in tests.
pub const NOW: &str = "2026-01-02T03:04:05.678Z";

/// A queue that only notes its messages.
#[derive(Default)]
pub struct Noted(pub RefCell<Vec<Wake>>);

impl Queue for Noted {
    fn send(&self, messages: Vec<Wake>) -> LocalBoxFuture<'_, Result<(), QueueError>> {
        self.0.borrow_mut().extend(messages);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A deployment with organizations `a` and `b`.
pub struct World {
    /// The database.
    pub db: Rc<Sqlite>,
    /// The organizations' rows.
    pub stores: Rc<NativeStores>,
    /// Messages about automations.
    pub queue: Rc<Noted>,
    /// What handlers are given.
    pub app: App,
    /// What requests have left to be done in the background.
    pub tasks: Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>,
}

/// Who asks: the tokens of sessions that [`World::new`] made.
pub const PEOPLE: &[&str] = &["owner-a", "admin-a", "member-a", "owner-b", "removed-a", "expired-a"];

impl World {
    /// With one session for each of [`PEOPLE`], active in the organization that the name ends with. `removed-a` is no
    /// member any more, the session of `expired-a` is over.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// The same, with more variables set.
    pub fn with(more: &[(&str, &str)]) -> Self {
        let db = Rc::new(Sqlite::migrated());
        db.execute("insert into organization (id, name, slug, createdAt) values ('a', 'A', 'a-inc', '2026-01-01T00:00:00.000Z'), ('b', 'B', 'b-inc', '2026-01-01T00:00:00.000Z')")
            .unwrap();
        for person in PEOPLE {
            let (role, org) = person.split_once('-').unwrap();
            let expires = if role == "expired" { "2026-01-01T00:00:00.000Z" } else { "2027-01-01T00:00:00.000Z" };
            db.execute(&format!(
                "insert into user values ('u-{person}', '{person}', '{person}@x.co', 0, null, '{NOW}', '{NOW}');
                 insert into session (id, token, userId, activeOrganizationId, expiresAt, createdAt, updatedAt)
                 values ('s-{person}', '{person}', 'u-{person}', '{org}', '{expires}', '{NOW}', '{NOW}');"
            ))
            .unwrap();
            if role != "removed" {
                let role = if role == "expired" { "owner" } else { role };
                db.execute(&format!(
                    "insert into member values ('m-{person}', '{org}', 'u-{person}', '{role}', '{NOW}')"
                ))
                .unwrap();
            }
        }
        let secret = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF";
        let vars = [("BETTER_AUTH_SECRET", secret), ("ENVIRONMENT", "development"), ("RATE_LIMIT", "false")];
        let var = |name: &str| more.iter().chain(&vars).find(|(n, _)| *n == name).map(|(_, v)| (*v).into());
        let config = Config::read(var).unwrap();
        let stores = Rc::new(NativeStores::default());
        let now: Timestamp = NOW.parse().unwrap();
        let mailer: Rc<dyn Mailer> = Rc::new(Outbox::default());
        let app = App::new(
            Databases { sql: db.clone(), stores: stores.clone() },
            Rc::new(Offline),
            Some(mailer),
            Rc::new(config),
            Random::for_tests(),
            Runtime::for_tests(),
            now,
        );
        let (tasks, queue) = (Rc::<RefCell<Vec<_>>>::default(), Rc::new(Noted::default()));
        let later = tasks.clone();
        let app = app.with_background(Some(Rc::new(move |task| later.borrow_mut().push(task))));
        let app = app.queued_by(Some(queue.clone()));
        Self { db, stores, queue, app, tasks }
    }

    /// Sends a request with the person's cookie, and gives status and body.
    pub fn send(&self, who: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let response = self.answer(&self.request(who, method, path, body));
        (response.status.as_u16(), serde_json::from_slice(&response.body).unwrap_or(Value::Null))
    }

    /// Creates a row as that person, and gives it.
    pub fn made(&self, who: &str, path: &str, body: Value) -> Value {
        let (status, made) = self.send(who, "POST", path, body);
        assert_eq!(status, 201, "{made}");
        made
    }

    /// How many calls to the database a request costs, beside the gate's.
    pub fn calls(&self, who: &str, method: &str, path: &str, body: Value) -> usize {
        let before = self.db.calls.get();
        let (status, answer) = self.send(who, method, path, body);
        assert!(status < 300, "{method} {path}: {answer}");
        self.db.calls.get() - before - 1
    }

    /// Sends each request (method, path, body, field) as `owner-a`: each is a 400 that names the field, and nothing is
    /// written.
    pub fn refuses_each(&self, cases: &[(&str, &str, Value, &str)]) {
        let before = self.db.dump();
        for (method, path, body, field) in cases {
            let (status, error) = self.send("owner-a", method, path, body.clone());
            assert_eq!((status, error["field"].as_str()), (400, Some(*field)), "{body} {error}");
        }
        assert_eq!(self.db.dump(), before);
    }

    /// Sends each request (method, path, body) as `owner-a`, in order: each costs one call beside the gate's.
    pub fn each_is_one_call(&self, cases: &[(&str, &str, Value)]) {
        for (method, path, body) in cases {
            assert_eq!(self.calls("owner-a", method, path, body.clone()), 1, "{method} {path}");
        }
    }

    /// A request with the person's cookie; `path` may have a query.
    pub fn request(&self, who: &str, method: &str, path: &str, body: Value) -> Request {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let cookie = cookie::sign(who, &self.app.config.secret);
        let headers = [
            ("cookie", format!("better-auth.session_token={cookie}")),
            ("origin", "http://localhost:8787".into()),
            ("content-type", "application/json".into()),
        ];
        Request {
            method: method.parse().unwrap(),
            origin: "http://localhost:8787".into(),
            path: path.into(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: if body.is_null() { vec![] } else { body.to_string().into_bytes() },
            rest: None,
        }
    }

    /// Answers it.
    pub fn answer(&self, request: &Request) -> Response {
        let (response, error) = pollster::block_on(routes::answer(&self.app, request));
        if let Some(crate::Error::Internal(cause)) = error {
            panic!("{} {}: {cause}", request.method, request.path);
        }
        response
    }

    /// Sends a request with the person's cookie, and gives status and the whole body, while what it left to be done in the
    /// background is done.
    pub fn streamed(&self, who: &str, method: &str, path: &str, body: Value) -> (u16, String) {
        let response = self.answer(&self.request(who, method, path, body));
        let tasks = std::mem::take(&mut *self.tasks.borrow_mut());
        let read = async {
            let mut body = response.body.clone();
            while let Some(rest) = &response.rest
                && let Some(piece) = rest.next().await
            {
                body.extend(piece.unwrap());
            }
            String::from_utf8(body).unwrap()
        };
        (response.status.as_u16(), pollster::block_on(join(read, join_all(tasks))).0)
    }

    /// The mails to the address, the oldest first.
    pub fn mails(&self, to: &str) -> Vec<Mail> {
        self.app.mailer.as_ref().unwrap().outbox().unwrap().to(Some(to))
    }
}
