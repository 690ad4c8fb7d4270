//! What a provider says of a user.
use crate::auth::{input::is_email, organization::create::NAME, user::IMAGE};
use serde::Serialize;
use serde_json::Value;

/// A user as his provider describes him.
pub struct Profile {
    /// Who he is there, for ever.
    pub subject: String,
    /// His address, in lower case.
    pub email: Option<String>,
    /// Whether the provider has verified it.
    pub is_email_verified: bool,
    /// His name; may be empty.
    pub name: String,
    /// Where his picture is.
    pub image: Option<String>,
    /// All that the provider said.
    pub data: Value,
}

/// The same, as `account-info` shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown<'a> {
    name: &'a str,
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    email_verified: bool,
}

/// OpenID Connect Core §2: a subject has at most 255 characters.
const MAX_SUBJECT: usize = 255;

impl Profile {
    /// Of the claims of an id token, or of the userinfo endpoint. Nothing without a subject.
    pub fn of_claims(claims: Value) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        Some(Self {
            subject: text("sub").filter(|subject| is_subject(subject))?.to_owned(),
            email: text("email").and_then(address),
            is_email_verified: is_true(claims.get("email_verified")),
            name: name(text("name")),
            image: image(text("picture")),
            data: claims,
        })
    }

    /// Of GitHub's `/user` and `/user/emails`. The first has the address that the user shows to everyone, if he shows
    /// one; only the second tells whether it is verified.
    pub fn of_github(mut user: Value, emails: Option<Value>) -> Option<Self> {
        let emails = match emails {
            Some(Value::Array(emails)) => emails,
            _ => vec![],
        };
        let subject = match user.get("id") {
            Some(Value::Number(id)) => id.to_string(),
            Some(Value::String(id)) => id.clone(),
            _ => return None,
        };
        let shown = user.get("email").and_then(Value::as_str).map(str::to_owned);
        let primary = || emails.iter().find(|entry| is_true(entry.get("primary"))).or_else(|| emails.first());
        let email = shown.or_else(|| Some(primary()?.get("email")?.as_str()?.to_owned()));
        let entry = emails
            .iter()
            .find(|entry| email.is_some() && entry.get("email").and_then(Value::as_str) == email.as_deref());
        let is_email_verified = is_true(entry.and_then(|entry| entry.get("verified")));
        if let (Some(fields), Some(email)) = (user.as_object_mut(), &email) {
            fields.insert("email".into(), email.clone().into());
        }
        let text = |name: &str| user.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        Some(Self {
            subject: Some(subject).filter(|subject| is_subject(subject))?,
            email: email.as_deref().and_then(address),
            is_email_verified,
            name: name(text("name").or_else(|| text("login"))),
            image: image(text("avatar_url")),
            data: user,
        })
    }

    /// As `account-info` shows it.
    pub fn shown(&self) -> Shown<'_> {
        Shown {
            name: &self.name,
            email: self.email.as_deref(),
            image: self.image.as_deref(),
            email_verified: self.is_email_verified,
        }
    }
}

fn is_subject(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_SUBJECT
}

/// `true`; some providers write `"true"`. Anything else, `"false"` above all, is not.
fn is_true(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value == true || value == "true")
}

fn address(text: &str) -> Option<String> {
    is_email(text).then(|| text.to_ascii_lowercase())
}

fn name(text: Option<&str>) -> String {
    text.unwrap_or_default().chars().take(*NAME.end()).collect()
}

fn image(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty() && text.len() <= *IMAGE.end()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_true_is_verified() {
        for (said, verified) in [
            (json!(true), true),
            (json!("true"), true),
            (json!("false"), false),
            (json!(1), false),
            (json!("yes"), false),
            (json!(null), false),
        ] {
            let profile = Profile::of_claims(json!({ "sub": "1", "email": "A@x.co", "email_verified": said })).unwrap();
            assert_eq!((profile.is_email_verified, profile.email.as_deref()), (verified, Some("a@x.co")), "{said}");
        }
    }

    #[test]
    fn no_one_is_without_a_subject() {
        for claims in
            [json!({}), json!({ "sub": "" }), json!({ "sub": 1 }), json!({ "sub": "a".repeat(256) }), json!([])]
        {
            assert!(Profile::of_claims(claims).is_none());
        }
        assert!(Profile::of_github(json!({ "login": "ada" }), None).is_none());
    }

    #[test]
    fn githubs_address_is_the_one_shown_else_the_primary_one_and_verified_as_the_list_says() {
        let list = json!([
            { "email": "old@x.co", "primary": false, "verified": true },
            { "email": "ada@x.co", "primary": true, "verified": false },
        ]);
        for (user, emails, email, verified) in [
            (json!({ "id": 7, "login": "ada" }), Some(list.clone()), Some("ada@x.co"), false),
            (json!({ "id": 7, "email": "old@x.co" }), Some(list.clone()), Some("old@x.co"), true),
            (json!({ "id": 7, "email": "new@x.co" }), Some(list), Some("new@x.co"), false),
            (json!({ "id": 7 }), Some(json!([{ "verified": true }])), None, false),
            (json!({ "id": 7 }), None, None, false),
        ] {
            let profile = Profile::of_github(user, emails).unwrap();
            assert_eq!((profile.email.as_deref(), profile.is_email_verified), (email, verified));
            assert_eq!(profile.subject, "7");
        }
        let ada = json!({ "id": 7, "login": "ada", "name": null, "avatar_url": "https://x.co/7" });
        let profile = Profile::of_github(ada, None).unwrap();
        assert_eq!((profile.name.as_str(), profile.image.as_deref()), ("ada", Some("https://x.co/7")));
    }
}
