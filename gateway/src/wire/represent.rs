//! Objects and lists in the form that was negotiated.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use tributary_definition::Resource;
use tributary_expr::gotext;
use tributary_registry::{List, Parameters, Status, Version};

use super::encoding::Encoding;
use super::list_body::{Layout, ListBody, WriteItem};
use super::negotiate::{Accepted, Form};
use super::pretty::Pretty;
use super::respond::with_type;
use super::yaml;

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
                // A bookmark has no name, which is a text all the same, and nothing else to show.
                let mut cells = vec![Value::Null; resource.columns.definitions().len()];
                cells[..1].fill(Value::from(""));
                json!({
                    "kind": "Table", "apiVersion": "meta.k8s.io/v1",
                    "metadata": {"resourceVersion": metadata["resourceVersion"]},
                    "columnDefinitions": definitions,
                    "rows": [{"cells": cells, "object": object}],
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
    accepted: Accepted,
    parameters: &Parameters,
) -> Result<Response, Status> {
    accepted.check(parameters)?;
    let Accepted { form, encoding, .. } = accepted;
    if form == Form::Object {
        return Ok(with_type(code, encoding.media_type(), encoding.encode(version.line().clone())));
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
    Ok(with_type(code, encoding.media_type(), encoding.encode(body.into())))
}

/// A list.
pub(crate) fn list(
    resource: &Resource,
    list: List,
    accepted: Accepted,
    parameters: &Parameters,
) -> Result<Response, Status> {
    accepted.check(parameters)?;
    let Accepted { form, encoding, .. } = accepted;
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
    let write_item: WriteItem = match form {
        Form::Object => Box::new(|frame, version| frame.extend_from_slice(version.bytes())),
        Form::Metadata => Box::new(write_metadata),
        Form::Table => {
            let (include, now) = (include(parameters)?, now());
            Box::new(move |frame, version| write_row(frame, version, include, now))
        }
    };
    let layout = match encoding {
        Encoding::Json | Encoding::Pretty => {
            let (header, trailer) = around_json(resource, form, &metadata, list.objects.is_empty());
            let pretty = (encoding == Encoding::Pretty).then(Pretty::default);
            Layout { header, write_item, separator: b",", trailer, pretty }
        }
        Encoding::Yaml => {
            let (header, trailer) = around_yaml(resource, form, metadata, list.objects.is_empty());
            Layout { header, write_item: as_yaml(write_item), separator: b"", trailer, pretty: None }
        }
    };
    Ok(with_type(StatusCode::OK, encoding.media_type(), ListBody::body(layout, list.objects)))
}

/// What comes before and after the items of a list.
fn around_json(resource: &Resource, form: Form, metadata: &Value, empty: bool) -> (Vec<u8>, Vec<u8>) {
    let (header, trailer) = match form {
        Form::Object => (
            format!("{{\"apiVersion\":\"{}/{}\",\"items\":[", resource.group, resource.version).into_bytes(),
            format!("],\"kind\":\"{}\",\"metadata\":{metadata}}}\n", resource.list_kind),
        ),
        Form::Metadata => {
            // A list that was never filled is null in Go.
            let (open, close) = if empty { ("null", "") } else { ("[", "]") };
            let kind = "\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\"";
            let header = format!("{{{kind},\"metadata\":{metadata},\"items\":{open}");
            (header.into_bytes(), format!("{close}}}\n"))
        }
        Form::Table => (table_header(&resource.columns.to_json(), metadata), "]}\n".to_owned()),
    };
    (header, trailer.into_bytes())
}

/// The same in YAML, whose fields are in the order of their names.
fn around_yaml(resource: &Resource, form: Form, metadata: Value, empty: bool) -> (Vec<u8>, Vec<u8>) {
    let (before, after) = match form {
        Form::Object => (
            json!({"apiVersion": resource.api_version(), "items": []}),
            json!({"kind": resource.list_kind, "metadata": metadata}),
        ),
        Form::Metadata => (
            json!({"apiVersion": "meta.k8s.io/v1", "items": if empty { Value::Null } else { json!([]) }}),
            json!({"kind": "PartialObjectMetadataList", "metadata": metadata}),
        ),
        Form::Table => (
            json!({
                "apiVersion": "meta.k8s.io/v1", "kind": "Table", "metadata": metadata,
                "columnDefinitions": resource.columns.to_json(), "rows": [],
            }),
            Value::Null,
        ),
    };
    let mut header = yaml::encode(&before);
    if !empty {
        header.truncate(header.len() - " []\n".len());
        header.push(b'\n');
    }
    let trailer = if after.is_null() { Vec::new() } else { yaml::encode(&after) };
    (header, trailer)
}

/// Writes an item as YAML from its JSON.
fn as_yaml(write_json: WriteItem) -> WriteItem {
    Box::new(move |frame, version| {
        let mut json = Vec::new();
        write_json(&mut json, version);
        // What is stored is JSON.
        if let Ok(value) = serde_json::from_slice(&json) {
            yaml::encode_item(frame, &value);
        }
    })
}

/// What the rows of a Table are asked to carry.
pub(crate) fn include(parameters: &Parameters) -> Result<Include, Status> {
    match parameters.get("includeObject") {
        None | Some("Metadata") => Ok(Include::Metadata),
        Some("None") => Ok(Include::None),
        Some("Object") => Ok(Include::Object),
        Some(other) => Err(Status::bad_request(format!(
            "Unable to convert to Table as requested: includeObject: Invalid value: {}: must be 'Metadata', 'Object', 'None', or empty",
            gotext::json(&Value::from(other))
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
    frame.extend_from_slice(b"],\"object\":");
    match include {
        Include::None => frame.extend_from_slice(b"null"),
        Include::Metadata => write_metadata(frame, version),
        Include::Object => frame.extend_from_slice(version.bytes()),
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
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
