//! Admission: NamespaceLifecycle, which kube-apiserver does not run for aggregated APIs.

use crate::resource::{NamespaceState, Resource};
use crate::status::{Cause, Details, Reason, Status};

/// What is to be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A new object.
    Create,
    /// A change of one that is there; a namespace that ends does not stop it.
    Update,
}

impl Resource {
    /// Whether the namespace allows the operation.
    pub(crate) async fn admit(
        &self,
        namespace: &str,
        name: &str,
        operation: Operation,
    ) -> Result<(), Status> {
        if !self.definition.namespaced() {
            return Ok(());
        }
        match (self.namespaces.state(namespace).await, operation) {
            (Ok(NamespaceState::Active), _) | (Ok(NamespaceState::Terminating), Operation::Update) => Ok(()),
            (Ok(NamespaceState::Missing), _) => Err(missing_namespace(namespace)),
            (Ok(NamespaceState::Terminating), Operation::Create) => {
                Err(self.terminating_namespace(namespace, name))
            }
            (Err(why), _) => {
                Err(Status::failure(Reason::InternalError, format!("Internal error occurred: {why}")))
            }
        }
    }

    fn terminating_namespace(&self, namespace: &str, name: &str) -> Status {
        let text =
            format!("unable to create new content in namespace {namespace} because it is being terminated");
        Status::forbidden(self.about(name), &text).with_cause(Cause {
            reason: "NamespaceTerminating".to_owned(),
            message: format!("namespace {namespace} is being terminated"),
            field: "metadata.namespace".to_owned(),
        })
    }
}

fn missing_namespace(namespace: &str) -> Status {
    let details = Details { name: namespace.to_owned(), kind: "namespaces".to_owned(), ..Details::default() };
    Status::failure(Reason::NotFound, format!("namespaces {namespace:?} not found")).with(details)
}
