//! Applications that ask for access: registered ones, and those whose id is the URL of a document about them.
use super::{
    document,
    error::{Code, Failure, Refusal},
    redirect,
};
use crate::{
    Result,
    access::App,
    db::{Bind, Rows},
    time::Timestamp,
};
use serde::Deserialize;

/// The longest id, in bytes.
pub const MAX_ID_BYTES: usize = 512;
/// The longest name, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// An application, as it says of itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// Its id.
    pub id: String,
    /// What it calls itself. Nobody has checked that.
    pub name: String,
    /// Where it may be sent back to.
    pub redirect_uris: Vec<String>,
    /// When it is over, or of a document, when that is to be read again.
    pub expires_at: Timestamp,
}

impl Client {
    /// That client, if its row is good; of a document that is to be read, what it says now.
    ///
    /// # Errors
    /// `invalid_client`.
    pub async fn find(app: &App, id: &str, row: Rows) -> Result<Self, Failure> {
        let kept: Option<Self> = row.decode_first()?;
        match kept.filter(|client| !is_document(id) || client.expires_at > app.now) {
            Some(client) => Ok(client),
            None if is_document(id) => document::read(app, id).await,
            None => Err(Refusal::new(Code::InvalidClient, "There is no such client. It may have to register again."))?,
        }
    }

    /// That a request may name this redirect URI.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn require_redirect(&self, uri: &str) -> Result<(), Refusal> {
        if redirect::is_one_of(uri, &self.redirect_uris) {
            Ok(())
        } else {
            Err(Refusal::new(Code::InvalidRequest, "The redirect_uri is none of those that the client has registered."))
        }
    }

    /// The row, as [`server_sql::REGISTER_CLIENT`] and [`server_sql::KEEP_DOCUMENT`] take it.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    pub fn row(&self, now: Timestamp) -> Result<[Bind; 5]> {
        let uris = Bind::json(&self.redirect_uris)?;
        Ok([self.id.as_str().into(), self.name.as_str().into(), uris, now.into(), self.expires_at.into()])
    }
}

/// Whether the id is a URL; those that we give are none.
pub fn is_document(id: &str) -> bool {
    id.contains("://")
}
