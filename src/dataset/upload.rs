//! Many rows, which reach the store in parts: no more than one part is in memory, and none can be seen before all are there.
use super::{reader::Reader, rows::Rows};
use crate::{
    Error, Result,
    access::{AuthCtx, NewRows, OrgStore},
    id::UploadId,
    operation::upload::Upload,
    store::{Appended, Staged, Table},
    time::Timestamp,
};
use futures_util::{
    future::{Either, select},
    pin_mut,
};

#[cfg(test)]
mod tests;

/// How many bytes of rows make a part. The object inserts it in one step, and answers nothing meanwhile.
const PART_BYTES: usize = 2_000_000;
/// How long a body may pause.
const PAUSE_MS: u32 = 30_000;

/// Rows on their way to the store.
pub struct Filling<'a> {
    cx: &'a AuthCtx,
    store: OrgStore<'a>,
    table: &'a Table,
    replaces: bool,
    key: Option<&'a str>,
    upload: UploadId,
    parts: u32,
    /// What the key was answered before.
    answered: Option<Appended>,
}

impl<'a> Filling<'a> {
    /// None so far.
    ///
    /// # Errors
    /// `Internal` if the platform has no randomness.
    pub fn new(
        cx: &'a AuthCtx,
        store: OrgStore<'a>,
        table: &'a Table,
        replaces: bool,
        key: Option<&'a str>,
    ) -> Result<Self> {
        let upload = UploadId::generate(cx.now(), cx.random())?;
        Ok(Self { cx, store, table, replaces, key, upload, parts: 0, answered: None })
    }

    /// Reads the body, and sends every part but the last, which stays in `rows`.
    ///
    /// # Errors
    /// Those of a body and of a store; `Invalid` if it pauses for too long.
    pub async fn fill(&mut self, rows: &mut Rows<'_>, mut body: Upload) -> Result<()> {
        let mut reader = Reader::new(body.format);
        while let Some(piece) = self.next(&mut body).await? {
            reader.push(&piece, rows)?;
            if rows.bytes() >= PART_BYTES {
                self.send(rows).await?;
            }
        }
        reader.finish(rows)
    }

    async fn next(&self, body: &mut Upload) -> Result<Option<Vec<u8>>> {
        let (piece, pause) = (body.next(), (self.cx.runtime().sleep)(PAUSE_MS));
        pin_mut!(piece);
        match select(piece, pause).await {
            Either::Left((piece, _)) => piece,
            Either::Right(_) => Err(Error::invalid("body", "paused for 30 seconds: send it again")),
        }
    }

    async fn send(&mut self, rows: &mut Rows<'_>) -> Result<()> {
        let part = self.rows(rows.take()?);
        // The request may take minutes, in which its instant would look like that of one that broke off.
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        let now = Timestamp::from_unix_ms((self.cx.runtime().clock_ms)() as i64).max(self.cx.now());
        self.answered = self.store.stage(part, &self.upload, self.parts, now).await?;
        self.parts += 1;
        if self.answered.is_some() {
            rows.stop();
        }
        Ok(())
    }

    /// Adds the last rows and with them all; or, if there is an error in their place, none.
    ///
    /// # Errors
    /// That; and those of a store.
    pub async fn finish(self, last: Result<Vec<String>>) -> Result<Appended> {
        let added = match (last, self.answered.clone()) {
            (Ok(_), Some(answered)) => return Ok(answered),
            (Ok(chunks), None) => {
                let staged = Staged { upload: self.upload.clone(), parts: self.parts };
                self.store.append(self.rows(chunks), (self.parts > 0).then_some(staged)).await
            }
            (Err(error), _) => Err(error),
        };
        if added.is_err() && self.parts > 0 {
            self.store.discard(&self.upload).await;
        }
        added
    }

    const fn rows(&self, chunks: Vec<String>) -> NewRows<'a> {
        NewRows { table: self.table, replaces: self.replaces, chunks, key: self.key }
    }
}
