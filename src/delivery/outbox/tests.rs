//! The outbox over SQLite, against receivers that the tests play; tests/delivery.spec.ts has real ones.
use super::{Due, claim, sweep};
use crate::{
    delivery::tests::{keep, run, to_url},
    fetch::{Fetch, FetchError, Incoming, Outgoing},
    house::world::{NOW, World},
};
use futures_util::future::LocalBoxFuture;
use pollster::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    future::ready,
    rc::Rc,
};

const URL: &str = "https://example.com/hook";

/// What a receiver does with the next request.
type Answer = Result<u16, FetchError>;

/// A receiver that answers as it is told, and 204 otherwise.
#[derive(Default)]
struct Receiver {
    answers: RefCell<Vec<Answer>>,
    requests: RefCell<Vec<Outgoing>>,
}

impl Fetch for Receiver {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        self.requests.borrow_mut().push(request);
        let answer = self.answers.borrow_mut().pop().unwrap_or(Ok(204));
        Box::pin(ready(answer.map(|status| Incoming { status, body: vec![] })))
    }
}

fn world() -> (World, Rc<Receiver>) {
    let receiver = Rc::new(Receiver::default());
    let mut w = World::new();
    w.app.fetch = receiver.clone();
    (w, receiver)
}

fn later(w: &mut World, s: i64) {
    w.app.now = w.app.now.plus_s(s);
}

/// Status, attempt and error of the only delivery.
fn state(w: &World) -> String {
    w.db.query("select status || ' ' || attempt || ' ' || coalesce(error, '-') from delivery").join(", ")
}

fn header(request: &Outgoing, name: &str) -> Option<String> {
    request.headers.iter().find(|(given, _)| *given == name).map(|(_, value)| value.clone())
}

#[test]
fn what_is_due_is_sent_once() {
    let (w, receiver) = world();
    let made = to_url(&w, "owner-a", URL);
    let secret = w.made("owner-a", "/api/webhook-secrets", json!({ "url": URL }));
    assert!(secret["secret"].is_string());
    assert_eq!(block_on(sweep(&w.app)).unwrap(), 1);
    assert_eq!(block_on(sweep(&w.app)).unwrap(), 0);
    assert_eq!(state(&w), "delivered 1 -");
    let requests = receiver.requests.borrow();
    let [request] = requests.as_slice() else { panic!("{}", requests.len()) };
    let body: Value = serde_json::from_str(request.body.as_ref().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "type": "alert", "timestamp": made["createdAt"], "runId": made["runId"], "title": "Orders are low",
            "text": "7 is below 10.", "data": { "value": 7 },
        })
    );
    assert_eq!((request.url.as_str(), header(request, "webhook-id")), (URL, made["id"].as_str().map(str::to_owned)));
    let second = (w.app.now.unix_ms() / 1000).to_string();
    assert_eq!(header(request, "webhook-timestamp"), Some(second));
    assert!(header(request, "webhook-signature").unwrap().starts_with("v1,"));
}

#[test]
fn a_url_without_a_secret_gets_no_signature_and_one_of_two_gets_two() {
    let (mut w, receiver) = world();
    let signatures = |w: &World| {
        to_url(w, "owner-a", URL);
        block_on(sweep(&w.app)).unwrap();
        let last = receiver.requests.borrow_mut().pop().unwrap();
        header(&last, "webhook-signature").map_or(0, |all| all.split(' ').count())
    };
    assert_eq!(signatures(&w), 0);
    w.made("owner-b", "/api/webhook-secrets", json!({ "url": URL }));
    assert_eq!(signatures(&w), 0, "another organization's secret signs nothing of ours");
    w.made("owner-a", "/api/webhook-secrets", json!({ "url": URL }));
    assert_eq!(signatures(&w), 1);
    later(&mut w, 3600);
    w.made("owner-a", "/api/webhook-secrets", json!({ "url": URL }));
    assert_eq!(signatures(&w), 2);
    later(&mut w, 24 * 3600);
    assert_eq!(signatures(&w), 1);
}

#[test]
fn a_receiver_that_stays_down_is_given_up_and_can_be_asked_again() {
    let (mut w, receiver) = world();
    let made = to_url(&w, "owner-a", URL);
    receiver.answers.replace(vec![Ok(503); 8]);
    let mut sent = vec![];
    for minute in 0..28 * 60 {
        if block_on(sweep(&w.app)).unwrap() > 0 {
            sent.push(minute);
        }
        later(&mut w, 60);
    }
    assert_eq!(sent, [0, 1, 6, 36, 156, 456, 1056, 1656], "on the minute after each is due");
    assert_eq!(state(&w), "dead 8 HTTP_503");
    let resend = format!("/api/deliveries/{}/resend", made["id"].as_str().unwrap());
    assert_eq!(w.send("admin-a", "POST", &resend, Value::Null).0, 200);
    assert_eq!(block_on(sweep(&w.app)).unwrap(), 1);
    assert_eq!(state(&w), "delivered 1 -");
    let ids: Vec<_> = receiver.requests.borrow().iter().map(|request| header(request, "webhook-id")).collect();
    assert_eq!(ids, vec![made["id"].as_str().map(str::to_owned); 9], "the id is the same at each attempt");
}

#[test]
fn each_attempt_is_remembered_and_of_many_the_last() {
    let (mut w, receiver) = world();
    let made = to_url(&w, "owner-a", URL);
    let path = format!("/api/deliveries/{}", made["id"].as_str().unwrap());
    let attempts = |w: &World| w.send("member-a", "GET", &path, Value::Null).1["attempts"].clone();
    assert_eq!(attempts(&w), json!([]));
    let begun = w.app.now;
    receiver.answers.replace(vec![Ok(204), Err(FetchError::TimedOut), Ok(503)]);
    for _ in 0..2 {
        block_on(sweep(&w.app)).unwrap();
        later(&mut w, 300);
    }
    // One whose sender is cut off.
    let due = [Due { org_id: String::from("a").into() }];
    assert_eq!(block_on(claim(&w.app, &due, w.app.now)).unwrap().len(), 1);
    let is = |s: i64, ms: Value, status: Value, error: Value| json!({ "at": begun.plus_s(s), "elapsedMs": ms, "status": status, "error": error });
    let so_far = [
        is(0, json!(0), json!(503), json!("HTTP_503")),
        is(300, json!(0), Value::Null, json!("TIMED_OUT")),
        is(600, Value::Null, Value::Null, Value::Null),
    ];
    assert_eq!(attempts(&w), json!(so_far));
    later(&mut w, 300);
    let before = w.db.calls.get();
    block_on(sweep(&w.app)).unwrap();
    assert_eq!(w.db.calls.get() - before, 3 + 1, "to remember it costs no call; the last finds nothing due");
    let all = attempts(&w);
    assert_eq!((&all[3], all.as_array().unwrap().len()), (&is(900, json!(0), json!(204), Value::Null), 4));
    let page =
        w.send("member-a", "GET", &format!("/api/deliveries?runId={}", made["runId"].as_str().unwrap()), Value::Null).1;
    assert_eq!(page["items"][0]["attempts"], all);

    w.db.execute("update delivery set status = 'dead', delivered_at = null").unwrap();
    for _ in 0..2 {
        assert_eq!(w.send("owner-a", "POST", &format!("{path}/resend"), Value::Null).0, 200);
        receiver.answers.replace(vec![Ok(500); 8]);
        for _ in 0..8 {
            block_on(sweep(&w.app)).unwrap();
            later(&mut w, 36_000);
        }
    }
    let all = attempts(&w);
    assert_eq!(all.as_array().unwrap().iter().filter(|attempt| attempt["error"] == "HTTP_500").count(), 16);
    assert_eq!(all.as_array().unwrap().len(), 16);
}

#[test]
fn each_way_to_fail_has_a_word() {
    for (answer, expected) in [
        (Ok(302), "pending 1 HTTP_302"),
        (Ok(404), "pending 1 HTTP_404"),
        (Ok(410), "dead 1 HTTP_410"),
        (Err(FetchError::TimedOut), "pending 1 TIMED_OUT"),
        (Err(FetchError::TooLarge), "pending 1 ANSWER_TOO_LARGE"),
        (Err(FetchError::Failed("secret words of a stranger".into())), "pending 1 UNREACHABLE"),
    ] {
        let (w, receiver) = world();
        to_url(&w, "owner-a", URL);
        receiver.answers.replace(vec![answer]);
        block_on(sweep(&w.app)).unwrap();
        assert_eq!(state(&w), expected);
    }
}

#[test]
fn a_url_that_nothing_may_be_sent_to_is_asked_again_before_each_send() {
    let (w, receiver) = world();
    to_url(&w, "owner-a", "https://169.254.169.254/latest/meta-data/");
    assert_eq!(block_on(sweep(&w.app)).unwrap(), 1);
    assert_eq!((state(&w).as_str(), receiver.requests.borrow().len()), ("dead 1 TARGET_REFUSED", 0));
}

#[test]
fn who_is_cut_off_holds_it_until_the_lease_ends_and_then_it_is_sent_again() {
    let (mut w, receiver) = world();
    to_url(&w, "owner-a", URL);
    let due = || [Due { org_id: String::from("a").into() }];
    assert_eq!(block_on(claim(&w.app, &due(), w.app.now)).unwrap().len(), 1);
    assert_eq!(block_on(claim(&w.app, &due(), w.app.now)).unwrap().len(), 0, "another sender takes nothing");
    assert_eq!((block_on(sweep(&w.app)).unwrap(), state(&w).as_str()), (0, "sending 1 -"));
    later(&mut w, 121);
    assert_eq!((block_on(sweep(&w.app)).unwrap(), state(&w).as_str()), (1, "delivered 2 -"));
    assert_eq!(receiver.requests.borrow().len(), 1);
}

#[test]
fn a_lease_lasts_longer_than_mails_may_take() {
    let w = World::with(&[("WEBHOOK_TIMEOUT_MS", "1000")]);
    to_url(&w, "owner-a", URL);
    let due = [Due { org_id: String::from("a").into() }];
    assert_eq!(block_on(claim(&w.app, &due, w.app.now)).unwrap().len(), 1);
    assert_eq!(w.db.query("select next_attempt_at from delivery"), [w.app.now.plus_s(4 * 5 + 60).to_string()]);
}

#[test]
fn what_was_noted_too_late_changes_nothing() {
    let (mut w, _) = world();
    to_url(&w, "owner-a", URL);
    let due = [Due { org_id: String::from("a").into() }];
    let stalled = block_on(claim(&w.app, &due, w.app.now)).unwrap().pop().unwrap();
    later(&mut w, 121);
    block_on(sweep(&w.app)).unwrap();
    let before = w.db.dump();
    let record = super::sql::RECORD.bind([
        (&stalled.id).into(),
        stalled.lease.into(),
        "dead".into(),
        crate::db::Bind::Null,
        "HTTP_500".into(),
        crate::db::Bind::Null,
        w.app.now.into(),
        "{}".into(),
    ]);
    assert_eq!(block_on(w.app.identity().run(record)).unwrap().changed, 0);
    assert_eq!(w.db.dump(), before);
}

#[test]
fn what_ends_its_sender_each_time_is_given_up() {
    let (mut w, receiver) = world();
    to_url(&w, "owner-a", URL);
    for attempt in 1..=8 {
        let due = [Due { org_id: String::from("a").into() }];
        assert_eq!(block_on(claim(&w.app, &due, w.app.now)).unwrap().len(), 1, "{attempt}");
        later(&mut w, 121);
    }
    assert_eq!(block_on(sweep(&w.app)).unwrap(), 0);
    assert_eq!((state(&w).as_str(), receiver.requests.borrow().len()), ("dead 8 INTERRUPTED", 0));
    let last = w.db.query("select attempts ->> '$[#-1].error', json_array_length(attempts) from delivery");
    assert_eq!(last, ["INTERRUPTED|8"]);
}

#[test]
fn who_has_much_to_send_does_not_keep_another_waiting() {
    let (w, receiver) = world();
    let urls: Vec<_> = (0..100).map(|n| json!({ "type": "webhook", "url": format!("{URL}?{n}") })).collect();
    let much = run(&w, "owner-a");
    keep(&w, "owner-a", &much, &json!(urls));
    to_url(&w, "owner-b", URL);
    let clock = super::Clock::start(&w.app);
    assert_eq!(block_on(super::round(&w.app, &clock, 0)).unwrap(), 13);
    let is_there = receiver.requests.borrow().iter().any(|request| request.url == URL);
    assert!(is_there, "the other organization's only one is in the first round");
    let before = w.db.calls.get();
    assert_eq!(block_on(super::round(&w.app, &clock, 0)).unwrap(), 24);
    assert_eq!(w.db.calls.get() - before, 3, "round trips");
    assert_eq!(block_on(sweep(&w.app)).unwrap(), 64);
    assert_eq!(w.db.query("select distinct status from delivery"), ["delivered"]);
}

/// Organizations `o10` to `o39`, each with three deliveries that are due, those of the last ones since now alone.
fn thirty_organizations(w: &World) {
    w.db.execute(&format!(
        r#"create table of (org text, run text, since text);
         with recursive n(i) as (select 10 union all select i + 1 from n where i < 39)
         insert into of select 'o' || i, printf('run_%032d', i), iif(i < 34, '2026-01-01T00:00:00.000Z', '{NOW}') from n;
         insert into organization (id, name, slug, createdAt) select org, 'O', org, '{NOW}' from of;
         insert into automation (id, org_id, name, is_enabled, config, schedule, created_at, updated_at)
         select 'aut_' || org, org, 'x', 1, '{{}}', '{{}}', '{NOW}', '{NOW}' from of;
         insert into automation_run (id, org_id, automation_id, scheduled_for, status, attempt, finished_at, created_at, updated_at)
         select run, org, 'aut_' || org, '{NOW}', 'succeeded', 1, '{NOW}', '{NOW}', '{NOW}' from of;
         insert into notice select run, org, 'alert', 'x', 'x', '{{}}', '{NOW}' from of;
         insert into delivery (id, org_id, run_id, destination, status, next_attempt_at, created_at, updated_at)
         select replace(run, 'run_00', 'dlv_' || value), org, run,
            json_object('type', 'webhook', 'url', '{URL}?' || org || '&' || value), 'pending', since, '{NOW}', '{NOW}'
         from of join json_each('["01", "02", "03"]');
         drop table of;"#
    ))
    .unwrap();
}

#[test]
fn nobodys_backlog_keeps_another_organization_waiting_for_more_than_its_turn() {
    thread_local! {
        static MS: Cell<f64> = const { Cell::new(0.0) };
    }
    let (mut w, receiver) = world();
    thirty_organizations(&w);
    // Whoever looks at this clock finds the time of a sweep up.
    w.app.runtime.clock_ms = || MS.replace(MS.get() + 41_000.0);
    let told = || {
        let requests = receiver.requests.borrow();
        requests.iter().map(|request| request.url.split(['?', '&']).nth(1).unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    for organizations in [24, 30] {
        assert_eq!(block_on(sweep(&w.app)).unwrap(), 24);
        assert_eq!(told().len(), organizations);
        later(&mut w, 60);
    }
}

#[test]
fn one_that_cannot_be_read_holds_no_other_up() {
    let (w, _) = world();
    let bad = to_url(&w, "owner-a", &format!("{URL}?bad"));
    to_url(&w, "owner-a", URL);
    let bad = bad["id"].as_str().unwrap();
    w.db.execute(&format!("update delivery set destination = '{{\"type\":\"pigeon\"}}' where id = '{bad}'")).unwrap();
    assert_eq!(block_on(sweep(&w.app)).unwrap(), 1);
    let status = |of: &str| w.db.query(&format!("select status from delivery where id {of} '{bad}'"));
    assert_eq!((status("="), status("<>")), (vec!["sending".to_owned()], vec!["delivered".to_owned()]));
}

#[test]
fn a_mail_says_what_and_why_and_one_that_is_not_sent_waits() {
    let (mut w, _) = world();
    w.db.execute("update user set emailVerified = 1").unwrap();
    let run = run(&w, "owner-a");
    keep(&w, "owner-a", &run, &json!([{ "type": "email", "to": ["owner-a@x.co"] }]));
    let mailer = w.app.mailer.take();
    block_on(sweep(&w.app)).unwrap();
    assert_eq!(state(&w), "pending 1 MAIL_DISABLED");
    w.app.mailer = mailer;
    later(&mut w, 60);
    block_on(sweep(&w.app)).unwrap();
    assert_eq!(state(&w), "delivered 2 -");
    let [mail] = w.mails("owner-a@x.co").try_into().map_err(|_| "not one mail").unwrap();
    assert_eq!((mail.kind(), mail.subject()), ("notice", "Orders are low"));
    assert!(mail.text().starts_with("7 is below 10.\n") && mail.text().contains("an automation of A sends"));
}

/// What may happen to a delivery.
#[derive(Clone, Debug)]
enum Event {
    /// So many seconds pass.
    Passes(i64),
    /// A tick, whose receiver answers so.
    Tick(Answer),
    /// A tick that is cut off: after it has sent, or before.
    CutOff { sends: bool },
    /// The batch that ends the run, once more.
    KeptAgain,
    /// A person sends it again.
    Resent,
}

fn event() -> impl Strategy<Value = Event> {
    let answer = prop_oneof![
        1 => Just(Ok(200)), 6 => Just(Ok(500)), 1 => Just(Ok(410)), 1 => Just(Err(FetchError::TimedOut))
    ];
    prop_oneof![
        4 => prop_oneof![Just(1), Just(60), Just(3600), Just(86_400)].prop_map(Event::Passes),
        4 => answer.prop_map(Event::Tick),
        1 => any::<bool>().prop_map(|sends| Event::CutOff { sends }),
        1 => Just(Event::KeptAgain),
        1 => Just(Event::Resent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens: one delivery; nothing is sent after it was noted as delivered; never more than eight attempts
    /// between two orders to send; and while it is neither delivered nor dead, it is due some day.
    #[test]
    fn every_history_keeps_the_rules(events in prop::collection::vec(event(), 1..60)) {
        let (mut w, receiver) = world();
        let run = run(&w, "owner-a");
        let channels = json!([{ "type": "webhook", "url": URL }]);
        keep(&w, "owner-a", &run, &channels);
        let id = w.db.query("select id from delivery").pop().unwrap();
        let (mut since_order, mut is_delivered) = (0, false);
        for event in events {
            let before = receiver.requests.borrow().len();
            match event {
                Event::Passes(s) => later(&mut w, s),
                Event::Tick(answer) => {
                    receiver.answers.replace(vec![answer]);
                    since_order += block_on(sweep(&w.app)).unwrap();
                }
                Event::CutOff { sends } => {
                    let due = [Due { org_id: String::from("a").into() }];
                    let claimed = block_on(claim(&w.app, &due, w.app.now)).unwrap();
                    since_order += claimed.len() as u64;
                    for claimed in claimed.into_iter().filter(|_| sends) {
                        let clock = super::Clock::start(&w.app);
                        drop(block_on(super::attempt(&w.app, &clock, claimed)));
                    }
                }
                Event::KeptAgain => keep(&w, "owner-a", &run, &channels),
                Event::Resent => {
                    let was_dead = state(&w).starts_with("dead");
                    let (status, _) = w.send("owner-a", "POST", &format!("/api/deliveries/{id}/resend"), Value::Null);
                    prop_assert_eq!(status == 200, was_dead || state(&w).starts_with("pending"));
                    since_order = if was_dead { 0 } else { since_order };
                }
            }
            let sent = receiver.requests.borrow().len() - before;
            prop_assert!(!(is_delivered && sent > 0), "sent after it was delivered");
            is_delivered = state(&w).starts_with("delivered");
            prop_assert!(since_order <= 8);
            prop_assert_eq!(w.db.query("select id from delivery"), [id.clone()]);
            let is_over = is_delivered || state(&w).starts_with("dead");
            prop_assert_eq!(w.db.query("select 1 from delivery where next_attempt_at is null").len() == 1, is_over);
        }
    }
}
