//! One resource in one served version.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tributary_collection::{Key, Object, Scope};
use tributary_definition as definition;
use tributary_sources::Stored;

use crate::row::Row;
use crate::status::{About, Reason, Status};
use crate::view::{ViewReport, ViewState};
use crate::visible::Readers;

/// One object version as the registry hands it out.
pub type Version = Object<Row>;

/// A resource that the definition serves, with its objects.
pub struct Resource {
    pub(crate) definition: Arc<definition::Resource>,
    pub(crate) stored: Arc<Stored<Row>>,
    pub(crate) namespaces: Arc<dyn Namespaces>,
    /// What is known of a view; none of what is stored.
    pub(crate) view: Option<Arc<ViewState>>,
    /// The fields that lists and watches can be selected by.
    pub(crate) selectable: Vec<String>,
    /// Cancelled when another definition of this resource takes the place of this one.
    pub(crate) changed: CancellationToken,
}

/// The object or collection that a request's path names. Empty: not given.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// The namespace.
    pub namespace: &'a str,
    /// The name.
    pub name: &'a str,
}

/// What admission needs to know of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceState {
    /// Objects can be created.
    Active,
    /// It is being deleted.
    Terminating,
    /// There is none of that name.
    Missing,
}

/// The namespaces of the cluster.
pub trait Namespaces: Send + Sync {
    /// The state of one; an error is why it cannot be told.
    fn state<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<NamespaceState, String>>;
}

// === impl Resource ===

impl Resource {
    /// What was declared.
    pub fn definition(&self) -> &definition::Resource {
        &self.definition
    }

    /// The same, to be kept.
    pub fn shared_definition(&self) -> Arc<definition::Resource> {
        self.definition.clone()
    }

    /// How many objects there are.
    pub fn objects(&self) -> usize {
        self.stored.snapshot().len()
    }

    /// What is known of a view beside its objects; none of what is stored.
    pub fn view_report(&self) -> Option<ViewReport> {
        self.view.as_ref().map(|view| view.report())
    }

    /// 404: there is no such object, or it has no such part.
    pub fn not_found(&self, name: &str) -> Status {
        Status::not_found(self.about(name))
    }

    /// 405: a verb that this resource does not have.
    pub fn unsupported(&self, verb: &str) -> Status {
        let (plural, group) = (&self.definition.plural, &self.definition.group);
        let text = format!("{verb} is not supported on resources of kind \"{plural}.{group}\"");
        Status::of(crate::status::Reason::MethodNotAllowed, self.about(""), text)
    }

    /// Who reads it, where each sees something else.
    pub(crate) fn readers(&self) -> Arc<Readers> {
        self.view.as_ref().map(|view| view.readers.clone()).unwrap_or_default()
    }

    /// A view that has not read its sources is not an empty one, nor is a resource whose file has not been read.
    pub fn check_ready(&self) -> Result<(), Status> {
        if let Some(why) = self.stored.unread() {
            let text = format!("{} cannot be read yet: {why}", self.definition.plural);
            return Err(Status::failure(Reason::ServiceUnavailable, text).with_retry_after(1));
        }
        let Some(why) = self.view.as_ref().and_then(|view| view.unready()) else { return Ok(()) };
        let text = format!("the view {} cannot be read yet: {why}", self.definition.plural);
        Err(Status::failure(Reason::ServiceUnavailable, text).with_retry_after(1))
    }

    /// What a Status says of an object: the plural names it.
    pub(crate) fn about<'a>(&'a self, name: &'a str) -> About<'a> {
        About { group: &self.definition.group, kind: &self.definition.plural, name }
    }

    /// What a Status says of an object that is invalid, or fails a precondition: the Kind names it.
    pub(crate) fn about_kind<'a>(&'a self, name: &'a str) -> About<'a> {
        About { group: &self.definition.group, kind: &self.definition.kind, name }
    }

    /// A version that no client can have seen here: never issued, or of another process.
    pub(crate) fn expired(&self, text: impl Into<String>) -> Status {
        Status::failure(crate::status::Reason::Expired, text)
    }
}

// === impl Address ===

impl Address<'_> {
    pub(crate) fn key(&self) -> Key {
        Key::new(self.namespace, self.name)
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        if self.namespace.is_empty() { Scope::All } else { Scope::Namespace(self.namespace) }
    }
}
