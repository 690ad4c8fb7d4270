//! All rows of a dataset, a page at a time.
use super::{AuthCtx, org_store::told};
use crate::{
    Error, Result,
    id::OrgId,
    store::{Page, PageOf, Reply, Request, Stores, Table},
};
use std::rc::Rc;

/// All rows of a dataset, in the order in which they came. Those that are added meanwhile are not among them.
///
/// It outlives the request's context: a body is still sent when the operation is done.
pub struct Pages {
    stores: Rc<dyn Stores>,
    organization: OrgId,
    table: Table,
    /// The last page, with how many rows have been read.
    last: Option<(Page, u64)>,
}

impl Pages {
    pub(super) fn new(cx: &AuthCtx, table: Table) -> Self {
        Self { stores: cx.app.databases.stores.clone(), organization: cx.org_id.clone(), table, last: None }
    }

    /// The dataset.
    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// Whether all rows have been read.
    #[must_use]
    pub fn are_read(&self) -> bool {
        self.last.as_ref().is_some_and(|(page, read)| *read >= page.of.until)
    }

    /// The next rows, as a JSON array of arrays; none after the last.
    ///
    /// # Errors
    /// `Conflict` if the rows have been replaced meanwhile.
    pub async fn next(&mut self) -> Result<Option<String>> {
        if self.are_read() {
            return Ok(None);
        }
        let (after, of) = self.last.as_ref().map_or((0, None), |(page, read)| (*read, Some(page.of)));
        let request = Request::Page(PageOf { table: self.table.clone(), after, of });
        match self.stores.ask(&self.organization, request).await {
            Ok(Reply::Page(mut page)) => {
                let rows = std::mem::take(&mut page.rows);
                let read = after + page.count;
                self.last = Some((page, read));
                Ok(Some(rows))
            }
            Ok(_) => Err(Error::internal("the store answered something else")),
            Err(error) => Err(told(error, Error::Conflict)),
        }
    }
}
