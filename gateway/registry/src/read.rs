//! get and list.

use std::sync::Arc;
use std::time::Instant;

use tributary_collection::{Key, Query, Snapshot};

use crate::options::{GetOptions, ListOptions};
use crate::resource::{Address, Resource, Version};
use crate::row::Row;
use crate::status::{ListMeta, Reason, Status};
use crate::token::Token;

/// One page of a list; every page of a list is of one revision.
#[derive(Debug)]
pub struct List {
    /// In the order of storage keys.
    pub objects: Vec<Arc<Version>>,
    /// metadata.resourceVersion of the list.
    pub revision: u64,
    /// metadata.continue; empty on the last page.
    pub next: String,
    /// metadata.remainingItemCount.
    pub remaining: Option<u64>,
}

impl Resource {
    /// The object at `address`.
    pub fn get(&self, address: Address<'_>, options: &GetOptions) -> Result<Arc<Version>, Status> {
        self.check_ready()?;
        let snapshot = self.stored.snapshot();
        self.check_revision(&snapshot, options.revision, false)?;
        let found = snapshot.get(&address.key()).cloned();
        found.map(|object| self.shown(object)).ok_or_else(|| Status::not_found(self.about(address.name)))
    }

    /// The objects at `address`: of a namespace, or all.
    pub fn list(&self, address: Address<'_>, options: &ListOptions) -> Result<List, Status> {
        self.check_ready()?;
        let (snapshot, start) = self.place(options)?;
        let query = Query {
            scope: address.scope(),
            labels: &options.labels,
            fields: &options.fields,
            start: start.as_ref(),
            limit: options.limit,
            lens: &self.lens(),
        };
        let page = snapshot.page(&query);
        let revision = snapshot.revision();
        let next = page.next.map(|start| {
            self.stored.collection().retain(&snapshot, Instant::now());
            Token { revision: Some(revision), start }.encode()
        });
        Ok(List {
            objects: page.objects,
            revision,
            next: next.unwrap_or_default(),
            remaining: page.remaining,
        })
    }

    /// The fields by which a list can be selected.
    pub fn selectable_fields(&self) -> &[String] {
        &self.selectable
    }

    /// The snapshot that a list is of, and where in it the page starts.
    fn place(&self, options: &ListOptions) -> Result<(Snapshot<Row>, Option<Key>), Status> {
        let Some(token) = &options.next else {
            let snapshot = self.stored.snapshot();
            self.check_revision(&snapshot, options.revision, options.exact)?;
            return Ok((snapshot, None));
        };
        let token = Token::decode(token)?;
        let Some(revision) = token.revision else {
            return Ok((self.stored.snapshot(), Some(token.start)));
        };
        match self.stored.collection().retained(revision, Instant::now()) {
            Some(snapshot) => Ok((snapshot, Some(token.start))),
            None => Err(expired_token(token.start)),
        }
    }

    /// Revisions of a collection in memory belong to this process: one that was never issued here cannot be
    /// waited for, and one that is older than the log cannot be told from one of another process.
    pub(crate) fn check_revision(
        &self,
        snapshot: &Snapshot<Row>,
        wanted: Option<u64>,
        exact: bool,
    ) -> Result<(), Status> {
        let Some(wanted) = wanted else { return Ok(()) };
        let current = snapshot.revision();
        let oldest = self.stored.collection().oldest();
        if exact && wanted != current {
            return Err(self.expired("The resourceVersion for the provided list is too old."));
        }
        if wanted > current || wanted < oldest {
            return Err(self.expired(format!("too old resource version: {wanted} ({oldest})")));
        }
        Ok(())
    }
}

/// 410 with a token that goes on inconsistently, from what is current (`handleCompactedErrorForPaging`).
fn expired_token(start: Key) -> Status {
    let text = "The provided continue parameter is too old to display a consistent list result. You can start \
        a new list without the continue parameter, or use the continue token in this response to retrieve the \
        remainder of the results. Continuing with the provided token results in an inconsistent list - objects \
        that were created, modified, or deleted between the time the first chunk was returned and now may show \
        up in the list.";
    let mut status = Status::failure(Reason::Expired, text);
    status.metadata = ListMeta { next: Token { revision: None, start }.encode() };
    status
}
