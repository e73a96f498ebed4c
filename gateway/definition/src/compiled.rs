//! A definition ready to be served, and how it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tributary_crds::{AggregatedApi, AggregatedApiSpec};
use tributary_schema::field::{Error, Path};

use crate::document::sha256;
use crate::{
    Discovery, Endpoint, OpenApi, Resource, Scope, Storage, Verb, clash, endpoint, gateway, group, limits,
    resource, version,
};

/// What a gateway serves: immutable, swapped as a whole when the definition changes.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The API group.
    pub group: String,
    /// `metadata.generation` of the definition; 0 for one that no API server has numbered.
    pub generation: i64,
    /// Lower-case hexadecimal SHA-256 of the canonical JSON (keys sorted, compact, defaults filled in) of `spec`.
    pub hash: String,
    /// The versions that have a served resource or an endpoint, the preferred one first.
    pub versions: Vec<String>,
    /// How many processes are to serve it.
    pub replicas: i32,
    /// Where stored objects are kept. None if nothing is declared.
    pub storage: Option<Storage>,
    /// The discovery documents.
    pub discovery: Discovery,
    /// The OpenAPI documents.
    pub openapi: OpenApi,
    routes: BTreeMap<String, Routes>,
}

/// What lies below `/apis/<group>/<version>/`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes {
    pub(crate) resources: BTreeMap<String, Arc<Resource>>,
    pub(crate) endpoints: BTreeMap<String, Arc<Endpoint>>,
}

/// Compiles a definition. Pure: equal definitions give equal results, byte for byte.
///
/// # Errors
/// Everything that is wrong with the definition, in its order, with field paths in the index form
/// (`spec.resources[0].source.http`). What this version does not build is `Forbidden` at its own path.
pub fn compile(api: &AggregatedApi) -> Result<Compiled, Vec<Error>> {
    let spec = &api.spec;
    let mut errors = Vec::new();
    group::check(api, &mut errors);
    let resources = resources(spec, &mut errors);
    let endpoints = endpoints(spec, &mut errors);
    upstreams(spec, &mut errors);
    let storage = gateway::compile(spec, &resources, &mut errors);
    let canonical = canonical(spec).map_err(|error| vec![error])?;
    if !errors.is_empty() {
        return Err(errors);
    }
    let routes = routes(resources, endpoints);
    let mut versions: Vec<String> = routes.keys().cloned().collect();
    versions.sort_by(|a, b| version::by_preference(a, b));
    Ok(Compiled {
        group: spec.group.clone(),
        generation: api.metadata.generation.unwrap_or(0),
        hash: sha256(&canonical),
        discovery: Discovery::new(&spec.group, &versions, &routes),
        openapi: OpenApi::new(&spec.group, &versions, &routes),
        versions,
        replicas: spec.gateway.replicas,
        storage,
        routes,
    })
}

// === impl Compiled ===

impl Compiled {
    /// The resource at `/apis/<group>/<version>/…/<plural>`.
    #[must_use]
    pub fn resource(&self, version: &str, plural: &str) -> Option<&Arc<Resource>> {
        self.routes.get(version)?.resources.get(plural)
    }

    /// Every served resource, by version and plural.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.routes.values().flat_map(|routes| routes.resources.values())
    }

    /// The raw endpoint that answers `path` (below `/apis/<group>/<version>/`, no slash at either end): the one at that
    /// very path, else the one with the longest path above it that answers subpaths.
    #[must_use]
    pub fn endpoint(&self, version: &str, path: &str) -> Option<&Arc<Endpoint>> {
        let endpoints = &self.routes.get(version)?.endpoints;
        if let Some(exact) = endpoints.get(path) {
            return Some(exact);
        }
        let above = path.match_indices('/').rev().map(|(end, _)| &path[..end]);
        above.filter_map(|prefix| endpoints.get(prefix)).find(|endpoint| endpoint.subpaths)
    }

    /// The same, with discovery documents in which namespaced resources cannot be deleted: the namespace controller asks for the
    /// deletion of what can be, and keeps a namespace as long as it gets no answer.
    #[must_use]
    pub fn without_deletion(&self) -> Self {
        let mut routes = self.routes.clone();
        let resources = routes.values_mut().flat_map(|routes| routes.resources.values_mut());
        for resource in resources.filter(|resource| resource.scope == Scope::Namespaced) {
            Arc::make_mut(resource).verbs.remove(&Verb::Delete);
        }
        Self { discovery: Discovery::new(&self.group, &self.versions, &routes), ..self.clone() }
    }

    /// Every raw endpoint, by version and path.
    pub fn endpoints(&self) -> impl Iterator<Item = &Arc<Endpoint>> {
        self.routes.values().flat_map(|routes| routes.endpoints.values())
    }

    /// Whether `/apis/<group>/<version>` exists.
    #[must_use]
    pub fn serves_version(&self, version: &str) -> bool {
        self.routes.contains_key(version)
    }
}

fn resources(spec: &AggregatedApiSpec, errors: &mut Vec<Error>) -> Vec<Resource> {
    let at = Path::new("spec").child("resources");
    if spec.resources.len() > limits::RESOURCES {
        errors.push(Error::too_many(&at, spec.resources.len(), limits::RESOURCES as i64));
        return Vec::new();
    }
    let declared = spec.resources.iter().enumerate();
    let compiled =
        declared.flat_map(|(i, r)| resource::compile(&spec.group, r, &at.index(i), errors)).collect();
    clash::check(&spec.resources, errors);
    compiled
}

fn endpoints(spec: &AggregatedApiSpec, errors: &mut Vec<Error>) -> Vec<Endpoint> {
    let at = Path::new("spec").child("endpoints");
    if spec.endpoints.len() > limits::ENDPOINTS {
        errors.push(Error::too_many(&at, spec.endpoints.len(), limits::ENDPOINTS as i64));
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut compiled = Vec::new();
    for (index, declared) in spec.endpoints.iter().enumerate() {
        let at = at.index(index);
        if !seen.insert((&declared.version, &declared.path)) {
            let value = Value::from(format!("{}/{}", declared.version, declared.path));
            errors.push(Error::duplicate(&at, &value));
        }
        if let Some(owner) = plural_at(spec, declared) {
            let detail = format!("the first segment is the plural of {owner}");
            errors.push(Error::invalid(&at.child("path"), &Value::from(declared.path.as_str()), detail));
        }
        compiled.extend(endpoint::compile(declared, &at, errors));
    }
    compiled
}

/// The resource whose paths the endpoint would hide.
fn plural_at(spec: &AggregatedApiSpec, endpoint: &tributary_crds::Endpoint) -> Option<Path> {
    let first = endpoint.path.split('/').next();
    let index = spec.resources.iter().position(|resource| {
        Some(resource.name.as_str()) == first && resource.versions.iter().any(|v| v.name == endpoint.version)
    })?;
    Some(Path::new("spec").child("resources").index(index))
}

fn upstreams(spec: &AggregatedApiSpec, errors: &mut Vec<Error>) {
    if !spec.upstreams.is_empty() {
        let at = Path::new("spec").child("upstreams");
        errors.push(Error::forbidden(&at, "upstreams are not supported by this version"));
    }
}

fn routes(resources: Vec<Resource>, endpoints: Vec<Endpoint>) -> BTreeMap<String, Routes> {
    let mut routes: BTreeMap<String, Routes> = BTreeMap::new();
    for resource in resources {
        let version = routes.entry(resource.version.clone()).or_default();
        version.resources.insert(resource.plural.clone(), Arc::new(resource));
    }
    for endpoint in endpoints {
        let version = routes.entry(endpoint.version.clone()).or_default();
        version.endpoints.insert(endpoint.path.clone(), Arc::new(endpoint));
    }
    routes
}

/// The spec as JSON with its defaults filled in: serde_json's maps are sorted, which makes it canonical.
fn canonical(spec: &AggregatedApiSpec) -> Result<Value, Error> {
    serde_json::to_value(spec).map_err(|error| Error::internal(&Path::new("spec"), error))
}
