//! The reference's vectors (wire spec, appendix C), and copies that do not count.
use super::*;
use crate::{config::Config, house::world::World};

const SECRET: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF";
const PAYLOAD: &str = r#"{"session":{"expiresAt":"2030-01-08T00:00:00.000Z","token":"0123456789ABCDEFGHIJKLMNOPQRSTUV","createdAt":"2030-01-01T00:00:00.000Z","updatedAt":"2030-01-01T00:00:00.000Z","ipAddress":"","userAgent":"","userId":"u1","activeOrganizationId":null,"activeTeamId":null,"id":"s1"},"user":{"name":"A","email":"a@x.co","emailVerified":false,"image":null,"createdAt":"2030-01-01T00:00:00.000Z","updatedAt":"2030-01-01T00:00:00.000Z","id":"u1"},"updatedAt":1893456000000,"version":"1"}"#;
const TOKEN: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

/// At the instant at which the vector was made.
fn world(strategy: &str) -> (World, CookieCache) {
    let mut w = World::with(&[("COOKIE_CACHE", strategy)]);
    w.app.now = "2030-01-01T00:00:00.000Z".parse().unwrap();
    let cache = w.app.config.session.cookie_cache.unwrap();
    (w, cache)
}

fn copied() -> Copied {
    json::read(serde_json::from_str(PAYLOAD).unwrap()).unwrap()
}

fn written(w: &World, cache: CookieCache) -> String {
    let Copied { session, user, .. } = copied();
    write(&w.app, cache, true, &session, &user).unwrap()
}

#[test]
fn a_compact_copy_is_the_references_to_the_byte() {
    let (w, cache) = world("compact");
    let value = written(&w, cache);
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(value).unwrap()).unwrap();
    let signature = "Fk5QF2cJgFe4-pFTOaXuC77XAT3iV4MIqYr-qArwXRg";
    assert_eq!(text, format!(r#"{{"session":{PAYLOAD},"expiresAt":1893456300000,"signature":"{signature}"}}"#));
}

#[test]
fn the_key_of_an_encrypted_copy_is_the_references() {
    let key = jwe::Key::of(&SECRET.to_owned().into()).unwrap();
    assert_eq!(key.id(), "hx3JQ1BHRVO3W2y8JJITkPk6vvp_06WfUWgnF-nyNfQ");
}

/// Made by better-auth 1.7.25's `symmetricEncodeJWT`, of `{"a":1}`.
#[test]
fn an_encrypted_token_of_the_reference_is_read() {
    let (w, _) = world("jwe");
    let token = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwia2lkIjoiaHgzSlExQkhSVk8zVzJ5OEpKSVRrUGs2dnZwXzA2V2ZVV2duRi1ueU5mUSJ9..LkdYwLcvcWHourtMpVtMdg.J7R6amXyw5DTpTGEHEZ3yfLsD-0-0wUmh534-hK9A7pflO6tbOTTeYLJHEa2Ynnk0P93IGDgYb6KRVVfte-zX39AfWV0VufO_QkXyOA5QnaG3US-oa5ol8SUkGYZ8Wxp.cuFsuzepabK_f17PgGoy2ZI53hO2OBezbk-ByQMSRtc";
    assert_eq!(jwe::read(&w.app, token).unwrap()["a"], 1);
}

#[test]
fn a_copy_counts_for_its_session_while_it_and_the_session_last_and_unaltered() {
    for strategy in ["compact", "jwt", "jwe"] {
        let (mut w, cache) = world(strategy);
        let value = written(&w, cache);
        let back = read(&w.app, cache, TOKEN, &value).unwrap();
        assert_eq!((back.user.email.as_str(), back.session.id.as_str()), ("a@x.co", "s1"));
        assert!(read(&w.app, cache, "another", &value).is_none(), "{strategy}: of another session");
        for at in 0..value.len() {
            let mut altered = value.clone().into_bytes();
            // The lowest bit of the alphabet's last character of a part may stand for nothing.
            altered[at] = if altered[at] == b'A' { b'z' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(read(&w.app, cache, TOKEN, &altered).is_none(), "{strategy}: altered at {at}");
        }
        assert!(read(&w.app, cache, TOKEN, &value[..value.len() - 1]).is_none());
        for other in ["compact", "jwt", "jwe"].into_iter().filter(|other| *other != strategy) {
            let (w, cache) = world(other);
            assert!(read(&w.app, cache, TOKEN, &value).is_none(), "{strategy} read as {other}");
        }
        w.app.now = w.app.now.plus_s(300);
        assert!(read(&w.app, cache, TOKEN, &value).is_none(), "{strategy}: over");
    }
}

#[test]
fn a_copy_of_a_session_that_is_over_or_of_another_version_or_secret_does_not_count() {
    let (w, cache) = world("compact");
    let value =
        |payload: &str, secret: &str| compact::write(payload, w.app.now.plus_s(60), &secret.to_owned().into()).unwrap();
    let count = |payload: &str, secret| read(&w.app, cache, TOKEN, &value(payload, secret)).is_some();
    assert!(count(PAYLOAD, SECRET));
    assert!(count(&PAYLOAD.replace(r#","version":"1""#, ""), SECRET), "a version that is not said is the first");
    assert!(!count(&PAYLOAD.replace(r#""version":"1""#, r#""version":"2""#), SECRET));
    assert!(!count(&PAYLOAD.replace("2030-01-08", "2029-12-31"), SECRET));
    assert!(!count(&PAYLOAD.replace(r#""user":{"#, r#""u":{"#), SECRET));
    assert!(!count(PAYLOAD, "another secret of at least 32 bytes."));
}

#[test]
fn a_token_of_another_algorithm_is_none() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let secret = SECRET.to_owned().into();
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, "{}", "1"] {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
        let mac = crate::api::cookie::hmac_sha256(SECRET.as_bytes(), signed.as_bytes()).unwrap();
        assert_eq!(jwt::verify(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac)), &secret), None, "{header}");
    }
    assert!(jwt::verify(&jwt::sign(r#"{"a":1}"#, &secret).unwrap(), &secret).is_some());
}

#[test]
fn any_text_is_read_or_refused() {
    let config = Config::read(|name| (name == "BETTER_AUTH_SECRET").then(|| SECRET.to_owned())).unwrap();
    assert!(config.session.cookie_cache.is_none(), "off unless it is asked for");
    for strategy in ["compact", "jwt", "jwe"] {
        let (w, cache) = world(strategy);
        for text in ["", ".", "..", "....", "a.b.c", "a.b.c.d.e", "eyJhbGciOiJkaXIifQ....", "%", "ü", "e30", "bnVsbA"]
        {
            assert!(read(&w.app, cache, TOKEN, text).is_none(), "{text}");
        }
    }
}
