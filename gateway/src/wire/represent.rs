//! Objects and lists in the form that was negotiated.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use tributary_definition::Resource;
use tributary_registry::{List, Parameters, Status, Version};

use super::list_body::{ListBody, WriteItem};
use super::negotiate::Form;
use super::respond::{JSON, with_type};

/// What a table row carries of its object (`includeObject`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Include {
    None,
    Metadata,
    Object,
}

/// How the objects of watch events are written.
pub(crate) enum Writer {
    /// As stored.
    Object,
    /// As PartialObjectMetadata.
    Metadata,
    /// As a Table of one row.
    Table(Include),
}

impl Writer {
    /// The writer of a negotiated form.
    pub(crate) fn new(form: Form, parameters: &Parameters) -> Result<Self, Status> {
        Ok(match form {
            Form::Object => Self::Object,
            Form::Metadata => Self::Metadata,
            Form::Table => Self::Table(include(parameters)?),
        })
    }

    /// Appends an object. The columns of a Table are told in the first event only.
    pub(crate) fn write(&self, line: &mut Vec<u8>, resource: &Resource, version: &Version, columns: bool) {
        match self {
            Self::Object => line.extend_from_slice(version.bytes()),
            Self::Metadata => write_metadata(line, version),
            Self::Table(include) => {
                let definitions = if columns { resource.columns.to_json() } else { Value::Null };
                let metadata = json!({"resourceVersion": version.revision().to_string()});
                line.extend(table_header(&definitions, &metadata));
                write_row(line, version, *include, now());
                line.extend_from_slice(b"]}");
            }
        }
    }

    /// The object of a bookmark.
    pub(crate) fn bookmark(&self, resource: &Resource, metadata: Value, columns: bool) -> Value {
        let plain =
            json!({"apiVersion": resource.api_version(), "kind": resource.kind, "metadata": metadata});
        match self {
            Self::Object => plain,
            Self::Metadata => json!({
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": plain["metadata"],
            }),
            Self::Table(include) => {
                let definitions = if columns { resource.columns.to_json() } else { Value::Null };
                let object = match include {
                    Include::None => Value::Null,
                    Include::Metadata => Self::Metadata.bookmark(resource, metadata.clone(), false),
                    Include::Object => plain,
                };
                json!({
                    "kind": "Table", "apiVersion": "meta.k8s.io/v1",
                    "metadata": {"resourceVersion": metadata["resourceVersion"]},
                    "columnDefinitions": definitions,
                    "rows": [{"cells": vec![Value::Null; resource.columns.definitions().len()], "object": object}],
                })
            }
        }
    }
}

/// One object.
pub(crate) fn object(
    code: StatusCode,
    resource: &Resource,
    version: &Version,
    form: Form,
    parameters: &Parameters,
) -> Result<Response, Status> {
    if form == Form::Object {
        return Ok(with_type(code, JSON, version.line().clone()));
    }
    let mut body = Vec::with_capacity(version.line().len() + 256);
    if form == Form::Metadata {
        write_metadata(&mut body, version);
    } else {
        let include = include(parameters)?;
        body.extend(table_header(
            &resource.columns.to_json(),
            &json!({"resourceVersion": version.revision().to_string()}),
        ));
        write_row(&mut body, version, include, now());
        body.extend(b"]}");
    }
    body.push(b'\n');
    Ok(with_type(code, JSON, body))
}

/// A list.
pub(crate) fn list(
    resource: &Resource,
    list: List,
    form: Form,
    parameters: &Parameters,
) -> Result<Response, Status> {
    let mut metadata = serde_json::Map::new();
    // An object of a custom resource's list always has `continue`; a Table and a metadata list leave it out.
    if form == Form::Object || !list.next.is_empty() {
        metadata.insert("continue".to_owned(), Value::String(list.next));
    }
    if let Some(remaining) = list.remaining {
        metadata.insert("remainingItemCount".to_owned(), remaining.into());
    }
    metadata.insert("resourceVersion".to_owned(), list.revision.to_string().into());
    let metadata = Value::Object(metadata);
    let (header, write_item, trailer): (_, WriteItem, _) = match form {
        Form::Object => (
            format!("{{\"apiVersion\":\"{}/{}\",\"items\":[", resource.group, resource.version).into_bytes(),
            Box::new(|frame, version| frame.extend_from_slice(version.bytes())),
            format!("],\"kind\":\"{}\",\"metadata\":{metadata}}}\n", resource.list_kind).into_bytes(),
        ),
        Form::Metadata => (
            format!(
                "{{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{metadata},\"items\":["
            )
            .into_bytes(),
            Box::new(write_metadata),
            b"]}\n".to_vec(),
        ),
        Form::Table => {
            let (include, now) = (include(parameters)?, now());
            (
                table_header(&resource.columns.to_json(), &metadata),
                Box::new(move |frame, version| write_row(frame, version, include, now)),
                b"]}\n".to_vec(),
            )
        }
    };
    Ok(with_type(StatusCode::OK, JSON, Body::new(ListBody::new(header, list.objects, write_item, trailer))))
}

fn include(parameters: &Parameters) -> Result<Include, Status> {
    match parameters.get("includeObject") {
        None | Some("Metadata") => Ok(Include::Metadata),
        Some("None") => Ok(Include::None),
        Some("Object") => Ok(Include::Object),
        Some(other) => Err(Status::bad_request(format!(
            "Unable to convert to Table as requested: unrecognized includeObject value {other:?}"
        ))),
    }
}

fn table_header(columns: &Value, metadata: &Value) -> Vec<u8> {
    format!(
        "{{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{metadata},\"columnDefinitions\":{columns},\"rows\":["
    )
    .into_bytes()
}

fn write_row(frame: &mut Vec<u8>, version: &Version, include: Include, now: i64) {
    frame.extend_from_slice(b"{\"cells\":[");
    for (index, cell) in version.derived().cells().iter().enumerate() {
        if index > 0 {
            frame.push(b',');
        }
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut *frame, &cell.render(now));
    }
    frame.push(b']');
    match include {
        Include::None => {}
        Include::Metadata => {
            frame.extend_from_slice(b",\"object\":");
            write_metadata(frame, version);
        }
        Include::Object => {
            frame.extend_from_slice(b",\"object\":");
            frame.extend_from_slice(version.bytes());
        }
    }
    frame.push(b'}');
}

fn write_metadata(frame: &mut Vec<u8>, version: &Version) {
    frame.extend_from_slice(
        b"{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":",
    );
    frame.extend_from_slice(version.metadata_bytes());
    frame.push(b'}');
}

/// Seconds since the epoch: ages are rendered per request.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
