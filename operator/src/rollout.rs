//! Makes the children of an accepted definition what they are to be, step by step, and reports what was seen.

mod claim;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, Secret, ServiceAccount};
use k8s_openapi::api::rbac::v1::ClusterRole;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::api::{Api, DynamicObject, ListParams};
use kube::{Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tributary_crds::{AggregatedApi, AggregatedApiSpec, GROUP_LABEL};

use crate::certificates::{Observed, Renewed, Stand, Terms, companions, read_authority, read_leaf, renew};
use crate::children::{self, Child, Reference, Serving};
use crate::claim::ClaimSeen;
use crate::cluster::{Cluster, Error, Inventory};
use crate::group::Group;
use crate::observation::{CertificatesSeen, Failure, Observation, Stage};
use crate::reports::{self, Definition, Served};
use crate::site::Site;
use crate::verdict::Accepted;

/// One pass over a group's children.
pub(crate) struct Rollout<'a> {
    /// The API server.
    pub(crate) cluster: &'a Cluster,
    /// The group.
    pub(crate) group: &'a Group,
    /// What all groups have in common.
    pub(crate) site: &'a Site,
    /// The children that existed when the pass began.
    pub(crate) inventory: &'a Inventory,
    /// What all gateways serve, as far as it is known.
    pub(crate) served: Served,
    /// The record of an absence that the stand-in follows.
    pub(crate) absence: Option<String>,
    /// The time of the pass.
    pub(crate) now: Timestamp,
}

// === impl Rollout ===

impl Rollout<'_> {
    /// Makes everything what an accepted definition wants. A step that fails ends the pass, and is in the observation.
    ///
    /// # Errors
    /// When the children cannot even be looked at.
    pub(crate) async fn apply(&self, api: &AggregatedApi, accepted: &Accepted) -> Result<Observation, Error> {
        let mut seen = Observation { api_services: self.registered().await?, ..Observation::default() };
        if let Err((stage, error)) = self.steps(api, accepted, &mut seen).await {
            let remedy = if stage == Stage::Sources { remedy(&api.spec) } else { String::new() };
            seen.failure = Some(Failure { stage, message: format!("{error}{remedy}") });
            self.look(&mut seen).await?;
            // What keeps a gateway from being changed must not keep callers from trusting its next certificate.
            if let Some(certificates) = &seen.certificates {
                self.refresh_api_services(&seen.api_services, &certificates.authority.bundle()).await?;
            }
        }
        Ok(seen)
    }

    /// Leaves the children of the last accepted definition as they are, only keeps their certificates valid.
    ///
    /// # Errors
    /// When the children cannot even be looked at.
    pub(crate) async fn maintain(&self, terms: Option<Terms>) -> Result<Observation, Error> {
        let mut seen = Observation { api_services: self.registered().await?, ..Observation::default() };
        let has_authority = self.inventory.typed::<Secret>(&self.group.ca_secret())?.is_some();
        if let Some(terms) = terms.filter(|_| has_authority && self.inventory.foreign(self.group).is_none()) {
            match self.certificates(&terms, &seen.api_services).await {
                Ok(certificates) => seen.certificates = Some(certificates),
                Err(error) => {
                    seen.failure = Some(Failure { stage: Stage::Certificates, message: error.to_string() });
                }
            }
        }
        self.look(&mut seen).await?;
        if let Some(certificates) = &seen.certificates {
            self.refresh_api_services(&seen.api_services, &certificates.authority.bundle()).await?;
        }
        Ok(seen)
    }

    async fn steps(
        &self,
        api: &AggregatedApi,
        accepted: &Accepted,
        seen: &mut Observation,
    ) -> Result<(), (Stage, Error)> {
        let at = |stage| move |error| (stage, error);
        let account = self.access().await.map_err(at(Stage::Access))?;
        let certificates = self.certificates(&accepted.terms, &seen.api_services).await;
        let certificates = certificates.map_err(at(Stage::Certificates))?;
        let ca_bundle = certificates.authority.bundle();
        seen.certificates = Some(certificates);
        self.apply_silently(&children::last_good(self.group, api)).await.map_err(at(Stage::Gateway))?;
        self.gateway(&api.spec, &account, seen).await.map_err(at(Stage::Gateway))?;
        self.api_services(accepted, accepted.definition(api), &ca_bundle, seen)
            .await
            .map_err(at(Stage::ApiServices))?;
        self.sources(&api.spec).await.map_err(at(Stage::Sources))
    }

    /// Last: a source that may not be read is its view's trouble, and nobody else's.
    async fn sources(&self, spec: &AggregatedApiSpec) -> Result<(), Error> {
        let role = children::sources_role(self.group, spec);
        // Where nothing was ever read there is nothing to take away.
        if children::sources(spec).is_empty()
            && self.inventory.typed::<ClusterRole>(&role.name_any())?.is_none()
        {
            return Ok(());
        }
        self.apply_silently(&role).await?;
        self.apply_silently(&children::sources_role_binding(self.group)).await
    }

    async fn access(&self) -> Result<ServiceAccount, Error> {
        let group = self.group;
        let account = self.apply_one(&children::service_account(group)).await?;
        self.apply_silently(&children::cluster_role(group)).await?;
        self.apply_silently(&children::cluster_role_binding(group)).await?;
        self.apply_silently(&children::role(group)).await?;
        self.apply_silently(&children::role_binding(group)).await?;
        Ok(account)
    }

    async fn certificates(
        &self,
        terms: &Terms,
        registered: &[APIService],
    ) -> Result<CertificatesSeen, Error> {
        let group = self.group;
        let names = group.dns_names();
        let ca_secret: Option<Secret> = self.inventory.typed(&group.ca_secret())?;
        let tls_secret: Option<Secret> = self.inventory.typed(&group.tls_secret())?;
        let stand = Stand {
            authority: read_authority(ca_secret.as_ref(), self.now),
            leaf: read_leaf(tls_secret.as_ref(), &names),
            companions: companions(tls_secret.as_ref(), self.now),
            since: ca_secret.as_ref().and_then(children::followed_since),
        };
        let observed = Observed {
            bundles: registered.iter().map(|service| ca_bundle(service).to_owned()).collect(),
            served: self.served.certificate.clone(),
        };
        let Renewed { authority, leaf, since, next } =
            renew((&group.name, &names), stand, &observed, terms, self.now)?;
        // Applied when nothing was issued too: labels and owner are repaired like those of all children. The CA goes
        // first: a leaf whose CA was lost would be useless, a CA whose leaf was lost is not.
        self.apply_silently(&children::ca_secret(group, &authority, since)).await?;
        self.apply_silently(&children::tls_secret(group, &authority, &leaf)).await?;
        let serving = leaf.fingerprint();
        Ok(CertificatesSeen { authority, serving_not_after: leaf.not_after, serving, next })
    }

    async fn gateway(
        &self,
        spec: &AggregatedApiSpec,
        account: &ServiceAccount,
        seen: &mut Observation,
    ) -> Result<(), Error> {
        let uid = account.uid().unwrap_or_default();
        self.apply_silently(&children::service(self.group)).await?;
        seen.claim = self.claim(&spec.gateway).await?;
        // Another Pod template would end the Pod, and with it the objects in a claim that is being deleted.
        if seen.claim.as_ref().is_some_and(ClaimSeen::is_going) {
            return self.look(seen).await;
        }
        let deployment = children::deployment(self.group, spec, self.site, &uid);
        seen.deployment = Some(self.apply_one(&deployment).await?);
        if !seen.is_rolled_out() {
            seen.pods = pods(self.cluster, self.group).await?;
        }
        Ok(())
    }

    async fn api_services(
        &self,
        accepted: &Accepted,
        definition: Option<Definition>,
        ca_bundle: &str,
        seen: &mut Observation,
    ) -> Result<(), Error> {
        for stale in not_among(&seen.api_services, self.group, &accepted.versions) {
            self.unregister(stale).await?;
        }
        let names: Vec<String> =
            accepted.versions.iter().map(|version| self.group.api_service(version)).collect();
        seen.api_services.retain(|service| names.contains(&service.name_any()));
        for (index, version) in accepted.versions.iter().enumerate() {
            let name = self.group.api_service(version);
            let existing = seen.api_services.iter().position(|service| service.name_any() == name);
            // A new version is registered only when a gateway answers: one that does not stops namespaces from being
            // deleted, and discovery everywhere.
            if existing.is_none() && seen.ready_replicas() == 0 {
                continue;
            }
            // What was served before stands until it is known what is served now.
            let known = existing.and_then(|position| children::definition(&seen.api_services[position]));
            let current = self.served.definition.clone().filter(|served| Some(served) == definition.as_ref());
            let served = current.or(known);
            let wanted =
                children::api_service(self.group, version, index, ca_bundle, self.serving(served.as_ref()));
            let wanted = Child::new(&wanted)?;
            let applied = self.cluster.find_and_apply(self.group, &wanted).await?;
            match existing {
                Some(position) => seen.api_services[position] = applied,
                None => seen.api_services.push(applied),
            }
        }
        Ok(())
    }

    /// Looks at what there is, changing nothing.
    async fn look(&self, seen: &mut Observation) -> Result<(), Error> {
        if seen.claim.is_none() {
            seen.claim = self.known_claim()?;
        }
        if seen.deployment.is_none() {
            let deployment: Option<Deployment> = self.inventory.typed(&self.group.child)?;
            seen.deployment = deployment.filter(|deployment| self.group.controls(&deployment.metadata));
        }
        if seen.deployment.is_some() && !seen.is_rolled_out() {
            seen.pods = pods(self.cluster, self.group).await?;
        }
        Ok(())
    }

    /// A CA that had to be replaced is of use only when kube-apiserver has it, and an absence when it knows of it.
    async fn refresh_api_services(&self, services: &[APIService], ca_bundle: &str) -> Result<(), Error> {
        for (index, service) in services.iter().enumerate() {
            let Some(spec) = &service.spec else { continue };
            let is_current = self::ca_bundle(service) == ca_bundle.as_bytes()
                && children::absence_of(service) == self.absence.as_deref();
            let Some(version) = spec.version.as_deref().filter(|_| !is_current) else { continue };
            let served = children::definition(service);
            let serving = self.serving(served.as_ref());
            let mut wanted = children::api_service(self.group, version, index, ca_bundle, serving);
            if let Some(wanted) = &mut wanted.spec {
                wanted.version_priority = spec.version_priority;
            }
            let _: DynamicObject = self.cluster.find_and_apply(self.group, &Child::new(&wanted)?).await?;
        }
        Ok(())
    }

    fn serving<'a>(&'a self, definition: Option<&'a Definition>) -> Serving<'a> {
        Serving { definition, absence: self.absence.as_deref() }
    }

    async fn registered(&self) -> Result<Vec<APIService>, Error> {
        registered(self.cluster, self.group).await
    }

    async fn unregister(&self, service: &APIService) -> Result<(), Error> {
        tracing::info!(group = self.group.name, service = service.name_any(), "removing an APIService");
        self.cluster
            .delete_one(&Reference::cluster_scoped::<APIService>(&service.name_any()), service.uid())
            .await
    }

    async fn apply_one<K>(&self, object: &K) -> Result<K, Error>
    where
        K: Resource<DynamicType = ()> + Serialize + DeserializeOwned,
    {
        let child = Child::new(object)?;
        self.cluster.apply(self.group, &child, self.inventory.get(&child.reference)).await
    }

    async fn apply_silently<K>(&self, object: &K) -> Result<(), Error>
    where
        K: Resource<DynamicType = ()> + Serialize + DeserializeOwned,
    {
        self.apply_one(object).await.map(drop)
    }
}

/// What an administrator does about sources that the operator may not read itself.
fn remedy(spec: &AggregatedApiSpec) -> String {
    let sources = children::sources(spec).into_iter();
    let rules: String = sources.map(|(group, resource)| reports::rule(&group, &resource)).collect();
    format!("\n{}", reports::remedy(&rules))
}

/// The Pods of a group's gateways.
pub(crate) async fn pods(cluster: &Cluster, group: &Group) -> Result<Vec<Pod>, Error> {
    let selector: Vec<String> =
        group.selector().iter().map(|(key, value)| format!("{key}={value}")).collect();
    cluster.pods(&group.namespace, &selector.join(",")).await
}

/// The APIServices that are the group's.
pub(crate) async fn registered(cluster: &Cluster, group: &Group) -> Result<Vec<APIService>, Error> {
    let params = ListParams::default().labels(&format!("{GROUP_LABEL}={}", group.name));
    let services: Api<APIService> = Api::all(cluster.client());
    let list = services.list(&params).await.map_err(|error| Error::kube("cannot list APIServices", error))?;
    Ok(list.items.into_iter().filter(|service| group.controls(&service.metadata)).collect())
}

/// What kube-apiserver trusts the group's gateways by; empty if that is nothing.
fn ca_bundle(service: &APIService) -> &[u8] {
    let bundle = service.spec.as_ref().and_then(|spec| spec.ca_bundle.as_ref());
    bundle.map_or(&[], |bundle| &bundle.0)
}

fn not_among<'a>(
    services: &'a [APIService],
    group: &Group,
    versions: &[String],
) -> impl Iterator<Item = &'a APIService> {
    let wanted: Vec<String> = versions.iter().map(|version| group.api_service(version)).collect();
    services.iter().filter(move |service| !wanted.contains(&service.name_any()))
}
