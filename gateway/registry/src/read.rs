//! get and list.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tributary_collection::{Expired, Key, Query, Snapshot};

use crate::options::{GetOptions, ListOptions};
use crate::resource::{Address, Resource, Version};
use crate::row::Row;
use crate::status::{Cause, ListMeta, Reason, Status};
use crate::token::Token;
use crate::view::are_comparable;

/// How long a read waits for the revision that it asks for.
const FRESH_WITHIN: Duration = Duration::from_secs(3);

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
        self.check_issued(&snapshot, options.revision)?;
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
    pub(crate) fn place(&self, options: &ListOptions) -> Result<(Snapshot<Row>, Option<Key>), Status> {
        let Some(token) = &options.next else {
            let snapshot = self.stored.snapshot();
            self.check_issued(&snapshot, options.revision)?;
            let past = options.revision.filter(|wanted| options.exact && *wanted != snapshot.revision());
            let Some(past) = past else { return Ok((snapshot, None)) };
            // As long as pages of it are to come.
            let kept = self.stored.collection().retained(past, Instant::now());
            let expired = || self.expired("The resourceVersion for the provided list is too old.");
            return Ok((kept.ok_or_else(expired)?, None));
        };
        let token = Token::decode(token)?;
        if options.revision.is_some() {
            let text = "specifying resource version is not allowed when using continue";
            return Err(Status::bad_request(text));
        }
        let Some(revision) = token.revision else {
            return Ok((self.stored.snapshot(), Some(token.start)));
        };
        match self.stored.collection().retained(revision, Instant::now()) {
            Some(snapshot) => Ok((snapshot, Some(token.start))),
            None => Err(expired_token(token.start)),
        }
    }

    /// Waits a while until there is a revision that another process may have told of.
    ///
    /// # Errors
    /// 504 if it does not come (apiserver, `waitUntilFreshAndBlock`).
    pub async fn reach(&self, wanted: Option<u64>) -> Result<(), Status> {
        let Some(wanted) = wanted.filter(|_| self.stored.passes_revisions()) else { return Ok(()) };
        if !are_comparable(wanted, self.stored.snapshot().revision()) {
            // It will not come: it is of a time when the revisions were the view's own, and is told to be expired.
            return Ok(());
        }
        let mut committed = self.stored.subscribe();
        let reached = committed.wait_for(|revision| *revision >= wanted);
        match tokio::time::timeout(FRESH_WITHIN, reached).await {
            Ok(_) => Ok(()),
            Err(_) => Err(too_large(wanted, self.stored.snapshot().revision())),
        }
    }

    /// A revision that is still to come is one of another time: one that another process may have told of was waited for
    /// ([`Self::reach`]), and those of a collection in memory belong to this process. An older one asks for what is not
    /// older, which what there is satisfies.
    pub(crate) fn check_issued(&self, snapshot: &Snapshot<Row>, wanted: Option<u64>) -> Result<(), Status> {
        match wanted.filter(|wanted| *wanted > snapshot.revision()) {
            Some(wanted) => {
                let oldest = snapshot.revision();
                Err(self.expired(Expired { requested: wanted, oldest }.to_string()))
            }
            None => Ok(()),
        }
    }

    /// What came after `wanted` can be told: it was issued here, and the log goes back to it.
    pub(crate) fn check_logged(&self, snapshot: &Snapshot<Row>, wanted: u64) -> Result<(), Status> {
        self.check_issued(snapshot, Some(wanted))?;
        self.stored.collection().check(wanted).map_err(|expired| self.expired(expired.to_string()))
    }
}

/// A revision that is still to come (`NewTooLargeResourceVersionError`); clients know it by the cause.
fn too_large(wanted: u64, current: u64) -> Status {
    let text = format!("Timeout: Too large resource version: {wanted}, current: {current}");
    let cause = Cause {
        reason: "ResourceVersionTooLarge".to_owned(),
        message: "Too large resource version".to_owned(),
        ..Cause::default()
    };
    Status::failure(Reason::Timeout, text).with_cause(cause).with_retry_after(1)
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
