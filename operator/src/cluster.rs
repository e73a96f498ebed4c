//! The one place that reads and writes children: with our field manager, and never what is not ours.

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, Preconditions};
use kube::{Client, ResourceExt};
use serde::de::DeserializeOwned;
use thiserror::Error;
use tributary_crds::GROUP_LABEL;

use crate::children::{Child, Reference};
use crate::group::{Group, MANAGER, controller, labelled};
use crate::registrations::{ApiServiceMeta, DefinitionMeta};

/// Kubernetes as the operator's steps see it.
#[derive(Clone)]
pub(crate) struct Cluster {
    client: Client,
}

/// Why a step failed.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// An object is somebody else's.
    #[error("{0} belongs to {1}")]
    Foreign(Box<Reference>, String),
    /// The API server refused, or was not reached.
    #[error("{doing}: {}", text(.source))]
    Kube {
        /// What was tried.
        doing: String,
        /// What came of it.
        source: Box<kube::Error>,
    },
    /// An object could not be written as JSON or read from it.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// No certificate could be made.
    #[error("{0}")]
    Certificate(#[from] crate::certificates::CertificateError),
    /// A step before failed and was reported in the status.
    #[error("{0}")]
    Reported(String),
}

/// The most Pods that are looked at, to tell what is wrong, to ask them or to send callers there; the first few tell as much as all.
const MAX_PODS: u32 = 50;

/// What the API server answers to what may not be, and to what is not valid.
const REFUSALS: [u16; 2] = [403, 422];

/// The message of an API server's Status, or the error.
fn text(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status.message.clone(),
        other => other.to_string(),
    }
}

/// The children that exist.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inventory {
    found: Vec<(Reference, DynamicObject)>,
}

// === impl Cluster ===

impl Cluster {
    /// A cluster behind a client.
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The client.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Looks for objects, all at once.
    pub(crate) async fn find(&self, references: &[Reference]) -> Result<Inventory, Error> {
        let found = try_join_all(references.iter().map(|reference| self.get(reference))).await?;
        let found = references
            .iter()
            .cloned()
            .zip(found)
            .filter_map(|(reference, object)| Some((reference, object?)));
        Ok(Inventory { found: found.collect() })
    }

    async fn get(&self, reference: &Reference) -> Result<Option<DynamicObject>, Error> {
        self.api(reference)
            .get_opt(&reference.name)
            .await
            .map_err(|error| Error::kube(format!("cannot read {reference}"), error))
    }

    /// Makes a child what it is to be, and returns what it is then. `existing` is what was there, which must be the
    /// group's; the API server refuses if it is another object by now.
    pub(crate) async fn apply<K: DeserializeOwned>(
        &self,
        group: &Group,
        child: &Child,
        existing: Option<&DynamicObject>,
    ) -> Result<K, Error> {
        let reference = &child.reference;
        let mut body = child.body.clone();
        if let Some(existing) = existing {
            check_owner(group, reference, existing)?;
            body["metadata"]["uid"] = existing.metadata.uid.clone().into();
        }
        let params = PatchParams::apply(MANAGER).force();
        let applied = self
            .api(reference)
            .patch(&reference.name, &params, &Patch::Apply(&body))
            .await
            .map_err(|error| Error::kube(format!("cannot apply {reference}"), error))?;
        Ok(serde_json::from_value(serde_json::to_value(applied)?)?)
    }

    /// Looks for one child and makes it what it is to be.
    pub(crate) async fn find_and_apply<K: DeserializeOwned>(
        &self,
        group: &Group,
        child: &Child,
    ) -> Result<K, Error> {
        let existing = self.get(&child.reference).await?;
        self.apply(group, child, existing.as_ref()).await
    }

    /// Deletes those objects that the group controls, in their order; all others are left alone.
    pub(crate) async fn delete(&self, group: &Group, inventory: &Inventory) -> Result<(), Error> {
        for (reference, object) in &inventory.found {
            if group.controls(&object.metadata) {
                self.delete_one(reference, object.uid()).await?;
            }
        }
        Ok(())
    }

    /// Deletes an object, if it is still the one with this uid.
    pub(crate) async fn delete_one(&self, reference: &Reference, uid: Option<String>) -> Result<(), Error> {
        let params = DeleteParams {
            preconditions: Some(Preconditions { uid, resource_version: None }),
            ..DeleteParams::background()
        };
        match self.api(reference).delete(&reference.name, &params).await {
            Ok(_) => Ok(()),
            // It is gone, or another object has taken its name.
            Err(kube::Error::Api(status)) if [404, 409].contains(&status.code) => Ok(()),
            Err(error) => Err(Error::kube(format!("cannot delete {reference}"), error)),
        }
    }

    /// The Pods with these labels.
    pub(crate) async fn pods(&self, namespace: &str, labels: &str) -> Result<Vec<Pod>, Error> {
        let params = ListParams::default().labels(labels).limit(MAX_PODS);
        let pods: Api<Pod> = Api::namespaced(self.client(), namespace);
        let list = pods.list(&params).await.map_err(|error| Error::kube("cannot list Pods", error))?;
        Ok(list.items)
    }

    /// What is registered at this moment.
    pub(crate) async fn registrations(&self) -> Result<(Vec<ApiServiceMeta>, Vec<DefinitionMeta>), Error> {
        let params = ListParams::default();
        let api_services: Api<APIService> = Api::all(self.client());
        let definitions: Api<CustomResourceDefinition> = Api::all(self.client());
        let (api_services, definitions) =
            tokio::try_join!(api_services.list_metadata(&params), definitions.list_metadata(&params))
                .map_err(|error| Error::kube("cannot list what is registered", error))?;
        Ok((api_services.items, definitions.items))
    }

    fn api(&self, reference: &Reference) -> Api<DynamicObject> {
        match &reference.namespace {
            Some(namespace) => Api::namespaced_with(self.client(), namespace, &reference.resource),
            None => Api::all_with(self.client(), &reference.resource),
        }
    }
}

fn check_owner(group: &Group, reference: &Reference, existing: &DynamicObject) -> Result<(), Error> {
    if is_ours(group, reference, existing) {
        return Ok(());
    }
    Err(Error::Foreign(Box::new(reference.clone()), owner(existing)))
}

/// A claim is known by its label, since it outlives its AggregatedAPI; all else by its controller.
fn is_ours(group: &Group, reference: &Reference, object: &DynamicObject) -> bool {
    if reference.is_claim() { group.keeps(&object.metadata) } else { group.controls(&object.metadata) }
}

fn owner(object: &DynamicObject) -> String {
    match controller(&object.metadata) {
        Some(owner) => format!("{} {}", owner.kind, owner.name),
        None => "somebody else".to_owned(),
    }
}

// === impl Inventory ===

impl Inventory {
    /// The object that is there.
    pub(crate) fn get(&self, reference: &Reference) -> Option<&DynamicObject> {
        self.found.iter().find(|(found, _)| found == reference).map(|(_, object)| object)
    }

    /// The object of this kind and name that is there.
    pub(crate) fn typed<K>(&self, name: &str) -> Result<Option<K>, Error>
    where
        K: kube::Resource<DynamicType = ()> + DeserializeOwned,
    {
        let kind = K::kind(&());
        let found = self.found.iter().find(|(found, _)| found.resource.kind == kind && found.name == name);
        let Some((_, object)) = found else { return Ok(None) };
        Ok(Some(serde_json::from_value(serde_json::to_value(object)?)?))
    }

    /// An object that is not the group's, if there is one.
    pub(crate) fn foreign(&self, group: &Group) -> Option<String> {
        let (reference, object) =
            self.found.iter().find(|(reference, object)| !is_ours(group, reference, object))?;
        if !reference.is_claim() || labelled(&object.metadata) == Some(group.name.as_str()) {
            return Some(format!("{reference} (owned by {})", owner(object)));
        }
        Some(format!("{reference} (without the label {GROUP_LABEL}: {}, by which it is adopted)", group.name))
    }
}

// === impl Error ===

impl Error {
    /// Why the API server refused, if that is what happened.
    pub(crate) fn refusal(&self) -> Option<&str> {
        match self {
            Self::Kube { source, .. } => match &**source {
                kube::Error::Api(status) if REFUSALS.contains(&status.code) => Some(&status.message),
                _ => None,
            },
            _ => None,
        }
    }

    /// An error of the API server, and what was tried.
    pub(crate) fn kube(doing: impl Into<String>, source: kube::Error) -> Self {
        Self::Kube { doing: doing.into(), source: Box::new(source) }
    }
}
