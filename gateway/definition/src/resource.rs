//! A resource in one version, ready to be served.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tributary_crds::{ResourceVersion, SourceKind};
use tributary_schema::Structural;
use tributary_schema::columns::Columns;
use tributary_schema::field::{Error, Path};
use tributary_schema::names;

use crate::document::sha256;
use crate::endpoint::RAW_ENDPOINT;
use crate::names::complaint;
use crate::view::{self, View};
use crate::{JsonFieldPath, Scale, Verb, limits, resource_version, selectable, subresource};

pub use tributary_crds::Scope;

/// Words of the path that kube-apiserver reads itself: neither a resource nor a raw endpoint can be called that.
pub(crate) const RESERVED: [&str; 3] = ["namespaces", "watch", "proxy"];

/// A resource in one served version.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The API group.
    pub group: String,
    /// The version, `v1`.
    pub version: String,
    /// The name in paths and RBAC, `customtasks`.
    pub plural: String,
    /// `customtask`.
    pub singular: String,
    /// `CustomTask`.
    pub kind: String,
    /// `CustomTaskList`.
    pub list_kind: String,
    /// `ct`, as declared.
    pub short_names: Vec<String>,
    /// `all`, as declared.
    pub categories: Vec<String>,
    /// Whether objects live in namespaces.
    pub scope: Scope,
    /// What is served, and nothing else is.
    pub verbs: BTreeSet<Verb>,
    /// The place of this version among the declared ones.
    pub index: usize,
    /// How many versions are declared.
    pub versions: usize,
    /// The version in which objects are kept, where that is another one.
    pub storage: Option<Arc<Resource>>,
    /// What prunes, defaults and validates objects of this version.
    pub schema: Structural,
    /// The same of all declared versions, served or not, where there are others.
    schemas: Arc<[(String, Structural)]>,
    /// The columns of the Table.
    pub columns: Columns,
    /// The fields by which objects can be selected, beside those of metadata.
    pub selectable: Vec<JsonFieldPath>,
    /// Whether `/status` is served: then the status is written there, and only there.
    pub status: bool,
    /// Where `/scale` finds its values. None if it is not served.
    pub scale: Option<Scale>,
    /// The text of the `Warning` that every request draws. None unless the version is deprecated.
    pub deprecation_warning: Option<String>,
    /// Where the objects come from.
    pub source: Source,
    /// Lower-case hexadecimal SHA-256 of the resource's declaration: it changes whenever the resource does, and then
    /// the resource's watches have to end.
    pub fingerprint: String,
}

/// Where the objects come from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Source {
    /// The gateway keeps them, and lets one go when it has not changed for so long.
    Stored {
        /// None: it keeps them until they are deleted.
        ttl: Option<Duration>,
    },
    /// They are computed from objects of the cluster.
    View(Arc<View>),
}

// === impl Resource ===

impl Resource {
    /// `<group>/<version>`.
    #[must_use]
    pub fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// The version in which objects are kept.
    #[must_use]
    pub fn stored(&self) -> &Resource {
        self.storage.as_deref().unwrap_or(self)
    }

    /// The schema of a declared version, served or not.
    #[must_use]
    pub fn schema_of(&self, version: &str) -> Option<&Structural> {
        if version == self.version {
            return Some(&self.schema);
        }
        self.schemas.iter().find(|(name, _)| name == version).map(|(_, schema)| schema)
    }

    /// What can be asked of `/status` and `/scale`: get, patch and update, as far as the resource itself offers them.
    #[must_use]
    pub fn subresource_verbs(&self) -> BTreeSet<Verb> {
        subresource::VERBS.into_iter().filter(|verb| self.verbs.contains(verb)).collect()
    }

    /// Whether objects live in namespaces.
    #[must_use]
    pub fn namespaced(&self) -> bool {
        self.scope == Scope::Namespaced
    }
}

/// Compiles the resource declared at `at`, one for each served version; none if it has errors.
pub(crate) fn compile(
    group: &str,
    declared: &tributary_crds::Resource,
    at: &Path,
    errors: &mut Vec<Error>,
) -> Vec<Resource> {
    check_names(declared, at, errors);
    let source = source(declared, at, errors);
    let verbs = verbs(declared, at, errors);
    let common = Common { group, declared, verbs, source, fingerprint: sha256(&json!([group, declared])) };
    let at = at.child("versions");
    let storage = resource_version::storage(declared, &at, errors);
    let versions = declared.versions.iter().enumerate();
    let compiled: Vec<Option<Resource>> =
        versions.map(|(index, version)| common.version(index, version, &at.index(index), errors)).collect();
    let (Some(storage), Some(mut compiled)) = (storage, compiled.into_iter().collect::<Option<Vec<_>>>())
    else {
        return Vec::new();
    };
    let schemas = compiled.iter().map(|resource| (resource.version.clone(), resource.schema.clone()));
    if compiled.len() > 1 {
        let schemas: Arc<[_]> = schemas.collect();
        compiled.iter_mut().for_each(|resource| resource.schemas = schemas.clone());
    }
    let kept = compiled.iter().find(|resource| resource.version == storage.name).cloned().map(Arc::new);
    let served = |name: &str| declared.versions.iter().any(|version| version.name == name && version.served);
    compiled.retain(|resource| served(&resource.version));
    for resource in compiled.iter_mut().filter(|resource| resource.version != storage.name) {
        resource.storage.clone_from(&kept);
    }
    compiled
}

/// What all versions of a resource have in common.
struct Common<'a> {
    group: &'a str,
    declared: &'a tributary_crds::Resource,
    verbs: BTreeSet<Verb>,
    source: Option<Source>,
    fingerprint: String,
}

impl Common<'_> {
    /// The version at `at`, as if it were the one in which objects are kept.
    fn version(
        &self,
        index: usize,
        version: &ResourceVersion,
        at: &Path,
        errors: &mut Vec<Error>,
    ) -> Option<Resource> {
        let declared = self.declared;
        resource_version::check(version, at, errors);
        let schema = resource_version::schema(version, at, errors);
        let scale = subresource::scale(version, at, errors);
        let columns = resource_version::columns(version, at, errors);
        let has_any = subresource::status(version) || subresource::is_scalable(version);
        if matches!(declared.source.kind(), Ok(SourceKind::View(_))) && has_any {
            errors.push(Error::forbidden(&at.child("subresources"), "views are read-only"));
        }
        let selectable = selectable::fields(version, schema.as_ref(), at, errors);
        Some(Resource {
            group: self.group.to_owned(),
            version: version.name.clone(),
            plural: declared.name.clone(),
            singular: declared.singular_name(),
            kind: declared.kind.clone(),
            list_kind: declared.list_kind_name(),
            short_names: declared.short_names.clone(),
            categories: declared.categories.clone(),
            scope: declared.scope,
            verbs: self.verbs.clone(),
            index,
            versions: declared.versions.len(),
            storage: None,
            schema: schema?,
            schemas: Arc::default(),
            columns: columns?,
            selectable,
            status: subresource::status(version),
            scale,
            deprecation_warning: resource_version::deprecation_warning(self.group, &declared.kind, version),
            source: self.source.clone()?,
            fingerprint: self.fingerprint.clone(),
        })
    }
}

/// The rules of `ValidateCustomResourceDefinitionNames`.
fn check_names(declared: &tributary_crds::Resource, at: &Path, errors: &mut Vec<Error>) {
    let mut label = |at: &Path, value: &str| match complaint(names::dns_1035_label(value)) {
        Some(complaint) => errors.push(Error::invalid(at, &Value::from(value), complaint)),
        None if RESERVED.contains(&value) => errors.push(Error::invalid(
            at,
            &Value::from(value),
            format!("must not be one of {}: they are words of the path", RESERVED.join(", ")),
        )),
        None => {}
    };
    label(&at.child("name"), &declared.name);
    if let Some(singular) = &declared.singular {
        label(&at.child("singular"), singular);
    }
    for (index, name) in declared.short_names.iter().enumerate() {
        label(&at.child("shortNames").index(index), name);
    }
    for (index, name) in declared.categories.iter().enumerate() {
        label(&at.child("categories").index(index), name);
    }
    kind(&at.child("kind"), &declared.kind, errors);
    if let Some(list_kind) = &declared.list_kind {
        kind(&at.child("listKind"), list_kind, errors);
        if *list_kind == declared.kind {
            let value = Value::from(list_kind.as_str());
            errors.push(Error::invalid(
                &at.child("listKind"),
                &value,
                "kind and listKind may not be the same",
            ));
        }
    }
    for (name, list) in [("shortNames", &declared.short_names), ("categories", &declared.categories)] {
        if list.len() > limits::SHORT_NAMES {
            errors.push(Error::too_many(&at.child(name), list.len(), limits::SHORT_NAMES as i64));
        }
        duplicates(&at.child(name), list.iter().map(String::as_str), errors);
    }
}

fn kind(at: &Path, value: &str, errors: &mut Vec<Error>) {
    if let Some(complaint) = complaint(names::dns_1035_label(&value.to_ascii_lowercase())) {
        let detail = format!("may have mixed case, but should otherwise match: {complaint}");
        errors.push(Error::invalid(at, &Value::from(value), detail));
    } else if value == RAW_ENDPOINT {
        errors.push(Error::invalid(at, &Value::from(value), "is the kind of raw endpoints in discovery"));
    }
}

/// The second and later occurrences in a list that is a set.
pub(crate) fn duplicates<'a>(at: &Path, items: impl Iterator<Item = &'a str>, errors: &mut Vec<Error>) {
    let mut seen = BTreeSet::new();
    for (index, item) in items.enumerate() {
        if !seen.insert(item) {
            errors.push(Error::duplicate(&at.index(index), &Value::from(item)));
        }
    }
}

fn source(declared: &tributary_crds::Resource, at: &Path, errors: &mut Vec<Error>) -> Option<Source> {
    let at = at.child("source");
    let kind = match declared.source.kind() {
        Ok(kind) => kind,
        Err(union) => {
            errors.push(Error::invalid(&at, &json!(union.set), union));
            return None;
        }
    };
    let stored = match kind {
        SourceKind::Stored(stored) => stored,
        SourceKind::View(declared) => {
            let view = view::compile(declared, &at.child("view"), errors)?;
            return Some(Source::View(Arc::new(view)));
        }
        _ => {
            let detail = format!("source {} is not supported by this version", kind.name());
            errors.push(Error::forbidden(&at.child(kind.name()), detail));
            return None;
        }
    };
    let ttl = at.child("stored").child("ttl");
    match stored.ttl.parse() {
        Ok(ttl) => return Some(Source::Stored { ttl: (!ttl.is_zero()).then_some(ttl) }),
        Err(error) => errors.push(Error::invalid(&ttl, &Value::from(stored.ttl.as_str()), error)),
    }
    None
}

/// The declared verbs; all that the source can do where none are declared.
fn verbs(declared: &tributary_crds::Resource, at: &Path, errors: &mut Vec<Error>) -> BTreeSet<Verb> {
    let able: BTreeSet<Verb> = match declared.source.kind() {
        Ok(SourceKind::View(_)) => [Verb::Get, Verb::List, Verb::Watch].into(),
        _ => Verb::ALL.into(),
    };
    if declared.verbs.is_empty() {
        return able;
    }
    let at = at.child("verbs");
    duplicates(&at, declared.verbs.iter().map(|v| v.as_str()), errors);
    let verbs: BTreeSet<Verb> = declared.verbs.iter().map(|&verb| verb.into()).collect();
    for (index, verb) in declared.verbs.iter().enumerate() {
        if !able.contains(&Verb::from(*verb)) {
            let detail = format!("the source does not offer {}", verb.as_str());
            errors.push(Error::forbidden(&at.index(index), detail));
        }
    }
    verbs
}
