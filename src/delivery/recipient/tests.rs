//! Addresses are asked, through the whole core over SQLite.
use super::PATH;
use crate::{
    delivery::{
        outbox::sweep,
        tests::{keep, run},
    },
    house::world::World,
    mail::{Mail, Mailer},
    random::Random,
};
use futures_util::future::LocalBoxFuture;
use pollster::block_on;
use serde_json::{Value, json};
use std::{future::ready, rc::Rc};

const STRANGER: &str = "Ops@example.com";

/// A delivery to the address that was tried once. Gives the links that were mailed.
fn tried(w: &World, who: &str, to: &str) -> Vec<String> {
    let run = run(w, who);
    keep(w, who, &run, &json!([{ "type": "email", "to": [to] }]));
    block_on(sweep(&w.app)).unwrap();
    links(w, to)
}

fn links(w: &World, to: &str) -> Vec<String> {
    let mails = w.mails(to);
    let link = |text: &str| text.lines().find(|line| line.starts_with("http")).map(str::to_owned);
    let paths = mails.iter().filter_map(|mail| link(mail.text()));
    paths.map(|url| url.trim_start_matches("http://localhost:8787").to_owned()).collect()
}

fn open(w: &World, method: &str, link: &str) -> (u16, String) {
    let mut request = w.request("", method, link, Value::Null);
    request.headers.clear();
    let response = w.answer(&request);
    (response.status.as_u16(), String::from_utf8(response.body).unwrap())
}

fn statuses(w: &World) -> Vec<String> {
    w.db.query("select status || ' ' || coalesce(error, '-') from delivery order by id")
}

fn notices(w: &World, to: &str) -> usize {
    w.mails(to).iter().filter(|mail| mail.kind() == "notice").count()
}

#[test]
fn a_strangers_address_is_asked_before_anything_else_is_sent_to_it() {
    let mut w = World::new();
    let [link] = tried(&w, "owner-a", STRANGER).try_into().unwrap();
    assert!(link.starts_with(&format!("{PATH}?token=rcp_")), "{link}");
    assert_eq!((statuses(&w), notices(&w, STRANGER)), (vec!["pending ADDRESS_NOT_VERIFIED".to_owned()], 0));
    let (status, page) = open(&w, "GET", &link);
    assert!(status == 200 && page.contains("<b>A</b>") && page.contains("<b>ops@example.com</b>"), "{page}");
    w.app.now = w.app.now.plus_s(60);
    block_on(sweep(&w.app)).unwrap();
    assert_eq!((notices(&w, STRANGER), links(&w, STRANGER).len()), (0, 1), "opened is not agreed; not asked again");

    assert_eq!(open(&w, "POST", &link).0, 200);
    w.app.now = w.app.now.plus_s(3600);
    block_on(sweep(&w.app)).unwrap();
    assert_eq!((statuses(&w), notices(&w, STRANGER)), (vec!["delivered -".to_owned()], 1));
    for method in ["GET", "POST"] {
        assert_eq!(open(&w, method, &link).0, 400, "it is good once");
    }
    tried(&w, "owner-a", "ops@EXAMPLE.com");
    assert_eq!(notices(&w, STRANGER), 2, "whatever the case");
    tried(&w, "owner-b", STRANGER);
    assert_eq!((notices(&w, STRANGER), links(&w, STRANGER).len()), (2, 2), "another organization asks by itself");
}

#[test]
fn a_members_own_verified_address_needs_no_asking() {
    let w = World::new();
    w.db.execute("update user set emailVerified = 1 where id in ('u-member-a', 'u-owner-b', 'u-removed-a')").unwrap();
    assert_eq!(tried(&w, "owner-a", "Member-A@x.co").len(), 0);
    assert_eq!(notices(&w, "member-a@x.co"), 1);
    for other in ["owner-a@x.co", "owner-b@x.co", "removed-a@x.co"] {
        assert_eq!((tried(&w, "owner-a", other).len(), notices(&w, other)), (1, 0), "{other}");
    }
}

#[test]
fn a_link_is_good_for_a_week_for_one_address_and_cannot_be_made() {
    let mut w = World::new();
    let [link] = tried(&w, "owner-a", STRANGER).try_into().unwrap();
    let token = link.split_once('=').unwrap().1.to_owned();
    let [id, ms, mac] = token.split('.').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
    let other = crate::id::EmailRecipientId::generate(w.app.now, Random::for_tests()).unwrap();
    let before = w.db.dump();
    for forged in [
        String::new(),
        "a.b.c".into(),
        format!("{id}.{ms}"),
        format!("{id}.{ms}."),
        format!("{id}.{ms}.{mac}x"),
        format!("{other}.{ms}.{mac}"),
        format!("{id}.{}.{mac}", ms.parse::<i64>().unwrap() + 1),
        format!("{id}.0{ms}.{mac}"),
        "x".repeat(10_000),
    ] {
        let answer = open(&w, "POST", &format!("{PATH}?token={forged}"));
        assert_eq!(answer.0, 400, "{forged}");
    }
    assert_eq!(open(&w, "DELETE", &link).0, 405);
    w.app.now = w.app.now.plus_s(7 * 86_400);
    assert_eq!(open(&w, "POST", &link).0, 400, "a week is over");
    assert_eq!(w.db.dump(), before);
}

#[test]
fn each_link_is_good_for_its_own_week_until_one_is_used() {
    for used in [0, 1] {
        let mut w = World::new();
        tried(&w, "owner-a", STRANGER);
        w.app.now = w.app.now.plus_s(86_400);
        let links: [String; 2] = tried(&w, "owner-a", STRANGER).try_into().unwrap();
        assert_eq!(open(&w, "POST", &links[used]).0, 200, "{used}");
        for link in &links {
            assert_eq!((open(&w, "GET", link).0, open(&w, "POST", link).0), (400, 400), "{used}");
        }
    }
    let mut w = World::new();
    tried(&w, "owner-a", STRANGER);
    w.app.now = w.app.now.plus_s(86_400);
    let [old, new] = tried(&w, "owner-a", STRANGER).try_into().unwrap();
    w.app.now = w.app.now.plus_s(6 * 86_400);
    assert_eq!((open(&w, "GET", &old).0, open(&w, "GET", &new).0), (400, 200));
}

/// A way out that takes nothing.
struct Shut;

impl Mailer for Shut {
    fn send(&self, _: Mail) {}

    fn deliver(&self, _: Mail) -> LocalBoxFuture<'_, Result<(), String>> {
        Box::pin(ready(Err("it is shut".into())))
    }
}

#[test]
fn who_could_not_be_mailed_is_asked_at_the_next_attempt() {
    let mut w = World::new();
    let way_out = w.app.mailer.replace(Rc::new(Shut));
    let run = run(&w, "owner-a");
    keep(&w, "owner-a", &run, &json!([{ "type": "email", "to": [STRANGER] }]));
    block_on(sweep(&w.app)).unwrap();
    w.app.mailer = way_out;
    for _ in 0..2 {
        w.app.now = w.app.now.plus_s(300);
        block_on(sweep(&w.app)).unwrap();
        assert_eq!(links(&w, STRANGER).len(), 1);
    }
    assert_eq!(open(&w, "POST", &links(&w, STRANGER)[0]).0, 200);
}

#[test]
fn a_name_is_text_in_the_mail_and_on_the_page() {
    let w = World::new();
    let name = format!("<script>\r\nBcc: x@ex.co{}", "a".repeat(500));
    w.db.execute(&format!("update organization set name = '{name}' where id = 'a'")).unwrap();
    let [link] = tried(&w, "owner-a", STRANGER).try_into().unwrap();
    assert!(!open(&w, "GET", &link).1.contains("<script"));
    let [mail] = w.mails(STRANGER).try_into().map_err(|_| "one").unwrap();
    assert!(!mail.html().contains("<script") && !mail.text().contains("\nBcc") && mail.text().len() < 900);
}
