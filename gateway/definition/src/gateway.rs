//! What the definition says about the process that serves it: storage, replicas, certificates.

use serde_json::{Value, json};
use tributary_crds::{
    AggregatedApiSpec, Certificates, Duration, MIN_CA_DURATION, MIN_RENEW_BEFORE, SourceKind, StorageKind,
};
use tributary_schema::field::{Error, Path};

use crate::limits;
use crate::resource::{Resource, Source};

/// Where stored objects are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Storage {
    /// In the process: lost with it.
    Memory,
    /// In a database file on a volume of the gateway's own.
    Embedded,
}

impl Storage {
    /// As it is declared.
    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Embedded => "embedded",
        }
    }
}

/// Checks `spec.gateway` and `spec.certificates`. The storage, if one is declared that this version has.
pub(crate) fn compile(
    spec: &AggregatedApiSpec,
    resources: &[Resource],
    errors: &mut Vec<Error>,
) -> Option<Storage> {
    let at = Path::new("spec").child("gateway");
    certificates(&spec.certificates, &Path::new("spec").child("certificates"), errors);
    let gateway = &spec.gateway;
    if !limits::PORTS.contains(&gateway.port) {
        let detail = format!("must be between {} and {}", limits::PORTS.start(), limits::PORTS.end());
        errors.push(Error::invalid(&at.child("port"), &Value::from(gateway.port), detail));
    }
    let replicas = at.child("replicas");
    if !(1..=limits::REPLICAS).contains(&gateway.replicas) {
        let detail = format!("must be between 1 and {}", limits::REPLICAS);
        errors.push(Error::invalid(&replicas, &Value::from(gateway.replicas), detail));
    }
    let storage = storage(spec, &at.child("storage"), errors);
    if let Some(plural) = own_revisions(resources).filter(|_| gateway.replicas > 1) {
        let detail = format!(
            "more than one replica needs a shared revision in every resource, and the view {plural} has its own: only one \
             without join and visibleIf, and with names that come of the object's own, passes its source's on"
        );
        errors.push(Error::forbidden(&replicas, detail));
    }
    let own = storage.filter(|_| gateway.replicas > 1 && has_stored(spec)).map(Storage::name);
    if let Some(own) = own {
        let detail = format!(
            "more than one replica needs a shared revision in every resource, and storage {own} is one process's own"
        );
        errors.push(Error::forbidden(&replicas, detail));
    }
    storage
}

fn storage(spec: &AggregatedApiSpec, at: &Path, errors: &mut Vec<Error>) -> Option<Storage> {
    let Some(declared) = &spec.gateway.storage else {
        if has_stored(spec) {
            errors.push(Error::required(at, "required as soon as one source is stored"));
        }
        return None;
    };
    match declared.kind() {
        Ok(StorageKind::Memory(_)) => Some(Storage::Memory),
        Ok(StorageKind::Embedded(embedded)) => {
            size(&embedded.size.0, &at.child("embedded").child("size"), errors);
            Some(Storage::Embedded)
        }
        Ok(StorageKind::Etcd(_)) => {
            let detail = "storage etcd is not supported by this version";
            errors.push(Error::forbidden(&at.child("etcd"), detail));
            None
        }
        Err(union) => {
            errors.push(Error::invalid(at, &json!(union.set), union));
            None
        }
    }
}

/// The size of a claim: whole bytes, and enough for a file that is new.
fn size(declared: &str, at: &Path, errors: &mut Vec<Error>) {
    let detail = match tributary_expr::quantity(declared) {
        None => "must be a quantity, such as 1Gi",
        Some(bytes) if bytes < limits::CLAIM => "must be at least 256Mi",
        Some(_) => return,
    };
    errors.push(Error::invalid(at, &Value::from(declared), detail));
}

/// A view whose revisions belong to one process.
fn own_revisions(resources: &[Resource]) -> Option<&str> {
    let own =
        |resource: &&Resource| matches!(&resource.source, Source::View(view) if !view.passes_revisions());
    resources.iter().find(own).map(|resource| resource.plural.as_str())
}

fn has_stored(spec: &AggregatedApiSpec) -> bool {
    spec.resources.iter().any(|r| matches!(r.source.kind(), Ok(SourceKind::Stored(_))))
}

/// `renewBefore < duration < caDuration`, and none too short.
fn certificates(declared: &Certificates, at: &Path, errors: &mut Vec<Error>) {
    let mut read = |name: &str, text: &Duration| {
        let parsed = text.parse();
        if let Err(error) = &parsed {
            errors.push(Error::invalid(&at.child(name), &Value::from(text.as_str()), error));
        }
        parsed.ok()
    };
    let ca = read("caDuration", &declared.ca_duration);
    let leaf = read("duration", &declared.duration);
    let renew = read("renewBefore", &declared.renew_before);
    let (Some(ca), Some(leaf), Some(renew)) = (ca, leaf, renew) else {
        return;
    };
    if renew >= leaf {
        let value = Value::from(declared.renew_before.as_str());
        errors.push(Error::invalid(&at.child("renewBefore"), &value, "must be shorter than duration"));
    }
    if leaf >= ca {
        let value = Value::from(declared.duration.as_str());
        errors.push(Error::invalid(&at.child("duration"), &value, "must be shorter than caDuration"));
    }
    if renew < MIN_RENEW_BEFORE {
        let value = Value::from(declared.renew_before.as_str());
        errors.push(Error::invalid(&at.child("renewBefore"), &value, "must be at least 2m"));
    }
    if ca < MIN_CA_DURATION {
        let value = Value::from(declared.ca_duration.as_str());
        errors.push(Error::invalid(&at.child("caDuration"), &value, "must be at least 8m"));
    }
}
