//! The form of a Scale: `autoscaling/v1`, decoded as a type of Go is.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};
use tributary_definition as definition;
use tributary_schema::gotext;

use super::accessor::{integer, string};
use crate::duplicates::Duplicates;
use crate::metadata;
use crate::mismatch;
use crate::options::FieldValidation;
use crate::receive::{Undecodable, judge, text};
use crate::type_meta::check_type_meta;

pub(super) const KIND: &str = "Scale";
const GROUP: &str = "autoscaling";
const VERSION: &str = "v1";
/// How many replicas there are to be where nothing says so.
pub(super) const UNSET: i32 = i32::MIN;
/// How the reference names what it knows kinds from.
const SCHEME: &str = "pkg/runtime/scheme.go:111";

/// A Scale.
#[derive(Clone, Debug, Default)]
pub(super) struct Scale {
    pub(super) metadata: ObjectMeta,
    /// How many there are to be.
    pub(super) replicas: i32,
    /// How many there are.
    present: i32,
    selector: String,
}

impl Scale {
    /// That of an object; the error says which value is of a wrong type.
    pub(super) fn of(declared: &definition::Scale, object: &Map<String, Value>) -> Result<Self, String> {
        let of_object = metadata::read(object, &mut Vec::new()).map_err(|error| error.to_string())?;
        let metadata = ObjectMeta {
            creation_timestamp: of_object.creation_timestamp,
            name: of_object.name,
            namespace: of_object.namespace,
            resource_version: of_object.resource_version,
            uid: of_object.uid,
            ..ObjectMeta::default()
        };
        let selector = declared.label_selector.as_ref();
        Ok(Self {
            metadata,
            // As Go converts them: what was stored fits.
            replicas: integer(&declared.spec_replicas, object)?.unwrap_or(0) as i32,
            present: integer(&declared.status_replicas, object)?.unwrap_or(0) as i32,
            selector: match selector {
                Some(path) => string(path, object)?.unwrap_or_default().to_owned(),
                None => String::new(),
            },
        })
    }

    /// Reads one. What says no kind is a Scale; what a strict decoder does not take is refused or added to `warnings`.
    pub(super) fn read(
        mut body: Value,
        duplicates: &Duplicates,
        validation: FieldValidation,
        warnings: &mut Vec<String>,
    ) -> Result<Self, Undecodable> {
        check_type_meta(&body)?;
        check_kind(&body)?;
        let mut unknown = Vec::new();
        mismatch::read_scale(&mut body, &mut unknown)?;
        let unknown = unknown.iter().map(|path| format!("unknown field {}", gotext::quoted(path))).collect();
        judge(duplicates, unknown, validation, warnings)?;
        let fields = body.as_object().cloned().unwrap_or_default();
        let metadata = metadata::read(&fields, &mut Vec::new()).map_err(|error| error.to_string())?;
        let replicas = body.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0) as i32;
        Ok(Self { metadata, replicas, ..Self::default() })
    }

    /// JSON, without what is empty as Go leaves it out.
    pub(super) fn to_json(&self) -> Value {
        let metadata = metadata::write(&self.metadata).unwrap_or_default();
        let mut scale = json!({
            "kind": KIND,
            "apiVersion": format!("{GROUP}/{VERSION}"),
            "metadata": metadata,
            "spec": {},
            "status": {"replicas": self.present},
        });
        if self.replicas != 0 {
            scale["spec"]["replicas"] = self.replicas.into();
        }
        if !self.selector.is_empty() {
            scale["status"]["selector"] = self.selector.as_str().into();
        }
        scale
    }
}

/// What a body does not say of its kind and version is that of a Scale (apimachinery, `gvkWithDefaults`).
fn check_kind(body: &Value) -> Result<(), String> {
    let Some(fields) = body.as_object() else { return Ok(()) };
    let (kind, said) = (text(fields, "kind"), text(fields, "apiVersion"));
    let (group, version) = match said {
        "" | "/" => (GROUP, VERSION),
        said => said.split_once('/').unwrap_or(("", said)),
    };
    let version = if version.is_empty() && group == GROUP { VERSION } else { version };
    let kind = if kind.is_empty() { KIND } else { kind };
    if (kind, group, version) == (KIND, GROUP, VERSION) {
        return Ok(());
    }
    let (kind, said) = (gotext::quoted(kind), gotext::quoted(said));
    Err(format!("no kind {kind} is registered for version {said} in scheme {SCHEME:?}"))
}
