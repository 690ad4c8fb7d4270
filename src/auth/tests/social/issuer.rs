//! A provider: it keeps codes, checks what they are exchanged with, and signs.
use crate::fetch::{Fetch, FetchError, Incoming, Outgoing};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use futures_util::future::LocalBoxFuture;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

/// What a test may change.
pub struct Says {
    pub discovery: Value,
    /// Merged into the claims of id tokens; null takes one away.
    pub claims: Value,
    /// The header of id tokens.
    pub header: Value,
    pub userinfo: Value,
    pub emails: Value,
    /// Merged into the answers of the token endpoint.
    pub tokens: Value,
    /// Merged into the one public key.
    pub key: Value,
}

pub struct Issuer {
    key: EcdsaKeyPair,
    pub says: RefCell<Says>,
    /// By code: what the request for it had in its URL.
    codes: RefCell<BTreeMap<String, BTreeMap<String, String>>>,
    made: Cell<usize>,
    /// Every URL that was asked, with the form.
    pub asked: RefCell<Vec<(String, BTreeMap<String, String>)>>,
}

/// 2026-01-02T03:04:05Z, the instant of tests.
pub const NOW_S: i64 = 1_767_323_045;

impl Issuer {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        let at = |path: &str| format!("https://id.acme.co{path}");
        let discovery = json!({
            "issuer": "https://id.acme.co", "authorization_endpoint": at("/authorize?tenant=a%20b&state=old"),
            "token_endpoint": at("/token"), "jwks_uri": at("/keys"), "userinfo_endpoint": at("/me"),
            "authorization_response_iss_parameter_supported": true,
        });
        let says = Says {
            discovery,
            claims: json!({ "email": "Ada@x.co", "email_verified": true, "name": "Ada", "picture": "https://x.co/a" }),
            header: json!({ "alg": "ES256", "kid": "k" }),
            userinfo: json!({ "sub": "s-1", "email": "ada@x.co", "email_verified": true, "name": "Ada" }),
            emails: json!([{ "email": "ada@x.co", "primary": true, "verified": true }]),
            tokens: json!({}),
            key: json!({}),
        };
        let (codes, asked) = (RefCell::default(), RefCell::default());
        Self { key, says: says.into(), codes, made: Cell::new(0), asked }
    }

    /// The user agrees: the path at which he comes back.
    pub fn authorize(&self, url: &str) -> String {
        let url = url::Url::parse(url).unwrap();
        let asked: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!((&*asked["response_type"], &*asked["code_challenge_method"]), ("code", "S256"));
        self.made.set(self.made.get() + 1);
        let (code, state) = (format!("code-{}", self.made.get()), asked["state"].clone());
        let back = asked["redirect_uri"].strip_prefix("http://localhost:8787/api/auth").unwrap().to_owned();
        self.codes.borrow_mut().insert(code.clone(), asked);
        let issuer = if back == "/callback/acme" { "&iss=https%3A%2F%2Fid.acme.co" } else { "" };
        format!("{back}?code={code}&state={state}{issuer}")
    }

    /// An id token with these claims beside the usual ones.
    pub fn id_token(&self, more: &Value) -> String {
        let says = self.says.borrow();
        let mut claims = json!({
            "iss": "https://id.acme.co", "sub": "s-1", "aud": "us", "iat": NOW_S, "exp": NOW_S + 600,
        });
        merge(&mut claims, &says.claims);
        merge(&mut claims, more);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&says.header), part(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn keys(&self) -> Value {
        let point = self.key.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let mut key = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "k", "use": "sig" });
        merge(&mut key, &self.says.borrow().key);
        json!({ "keys": [{ "kty": "oct", "k": "AAAA" }, key] })
    }

    /// As RFC 6749 and 7636 have it: whoever shows the wrong verifier, secret or place gets nothing.
    fn exchange(&self, form: &BTreeMap<String, String>, authorization: Option<&str>) -> Option<Value> {
        let basic = format!("Basic {}", STANDARD.encode("us:hush+%26+hush"));
        let is_ours = authorization == Some(&basic)
            || form.get("client_id")? == "us" && form.get("client_secret")? == "hush & hush";
        if !is_ours {
            return None;
        }
        let mut nonce = Value::Null;
        match form.get("grant_type")?.as_str() {
            "refresh_token" => drop((form.get("refresh_token")? == "refresh-1").then_some(())?),
            _ => {
                let asked = self.codes.borrow_mut().remove(form.get("code")?)?;
                let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")?));
                let is_same =
                    asked["code_challenge"] == challenge && asked["redirect_uri"] == *form.get("redirect_uri")?;
                is_same.then_some(())?;
                nonce = asked.get("nonce").cloned().into();
            }
        }
        let mut answer = json!({
            "access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600, "scope": "openid  email",
            "id_token": self.id_token(&json!({ "nonce": nonce })),
        });
        merge(&mut answer, &self.says.borrow().tokens);
        Some(answer)
    }

    fn answer(&self, request: &Outgoing) -> Option<Value> {
        let form: BTreeMap<_, _> =
            form_urlencoded::parse(request.body.as_deref().unwrap_or_default().as_bytes()).into_owned().collect();
        self.asked.borrow_mut().push((request.url.clone(), form.clone()));
        let header = |name: &str| request.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str());
        assert_eq!(header("accept"), Some("application/json"));
        assert!(header("user-agent").is_some());
        let has_token = header("authorization").is_some_and(|token| token.starts_with("Bearer access-"));
        let says = self.says.borrow();
        match request.url.as_str() {
            "https://id.acme.co/.well-known/openid-configuration" => Some(says.discovery.clone()),
            "https://id.other.co/.well-known/openid-configuration" => {
                let at = |path: &str| format!("https://id.other.co{path}");
                Some(json!({
                    "issuer": "https://id.other.co", "authorization_endpoint": at("/authorize"),
                    "token_endpoint": at("/token"), "jwks_uri": at("/keys"),
                }))
            }
            "https://id.acme.co/keys" | "https://www.googleapis.com/oauth2/v3/certs" => {
                drop(says);
                Some(self.keys())
            }
            "https://id.acme.co/token"
            | "https://oauth2.googleapis.com/token"
            | "https://github.com/login/oauth/access_token" => {
                drop(says);
                self.exchange(&form, header("authorization"))
            }
            "https://id.acme.co/me"
            | "https://openidconnect.googleapis.com/v1/userinfo"
            | "https://api.github.com/user"
                if has_token =>
            {
                Some(says.userinfo.clone())
            }
            "https://api.github.com/user/emails" if has_token => Some(says.emails.clone()),
            _ => None,
        }
    }
}

impl Fetch for Issuer {
    fn fetch(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Incoming, FetchError>> {
        let answer = self.answer(&request);
        let status = if answer.is_some() { 200 } else { 400 };
        let body = answer.unwrap_or(json!({ "error": "invalid_request" })).to_string().into_bytes();
        Box::pin(std::future::ready(Ok(Incoming { status, body })))
    }
}

pub fn merge(into: &mut Value, more: &Value) {
    for (name, value) in more.as_object().unwrap() {
        let fields = into.as_object_mut().unwrap();
        if value.is_null() { drop(fields.remove(name)) } else { drop(fields.insert(name.clone(), value.clone())) }
    }
}
