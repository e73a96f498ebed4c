//! Whom the objects of a view are shown to: the caller is asked about at kube-apiserver, object by object.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::warn;
use tributary_access::{Attributes, Authorizer, Decision, User};
use tributary_definition::{Source, View};
use tributary_registry::{Guard, Reason, Resource, Status, Viewer};

/// A caller of a view that asks whom its objects are shown to.
pub(crate) struct Caller {
    authorizer: Authorizer,
    user: Arc<User>,
    identity: String,
    view: Arc<View>,
}

impl Caller {
    /// The caller of `resource`; none if all who may read it see all of it.
    pub(crate) fn of(
        resource: &Resource,
        user: &Arc<User>,
        authorizer: &Authorizer,
    ) -> Option<Arc<dyn Viewer>> {
        let Source::View(view) = &resource.definition().source else { return None };
        view.visible_if.as_ref()?;
        // Everything that a decision depends on, so that nobody gets the answers of another.
        let User { name, uid, groups, extra } = &**user;
        let identity = serde_json::json!([name, uid, groups, extra]).to_string();
        Some(Arc::new(Self {
            authorizer: authorizer.clone(),
            user: user.clone(),
            identity,
            view: view.clone(),
        }))
    }

    async fn authorized(&self, guard: &Guard) -> Result<bool, Status> {
        let Some(check) = &self.view.visible_if else { return Ok(true) };
        let attributes = Attributes::Resource {
            verb: check.verb.clone(),
            group: check.group.clone(),
            // Rules have no versions.
            version: "*".to_owned(),
            resource: check.resource.clone(),
            subresource: check.subresource.clone(),
            namespace: guard.namespace.to_string(),
            name: guard.name.to_string(),
            field_selector: Vec::new(),
            label_selector: Vec::new(),
        };
        match self.authorizer.authorize(&self.user, &attributes).await {
            Ok(decision) => Ok(decision == Decision::Allowed),
            Err(error) => {
                warn!(%error, "what of a view may be seen cannot be told");
                let text = format!("whether objects may be seen cannot be told: {error}");
                Err(Status::failure(Reason::InternalError, text))
            }
        }
    }
}

impl Viewer for Caller {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn may<'a>(&'a self, guard: &'a Guard) -> BoxFuture<'a, Result<bool, Status>> {
        self.authorized(guard).boxed()
    }
}
