//! A Scale in the form that was negotiated.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use tributary_registry::{Parameters, Status};
use tributary_schema::columns::Columns;

use super::negotiate::{Accepted, Form};
use super::represent::{Include, include, now};
use super::respond::encoded;

/// A Scale, its metadata, or a Table of one row.
pub(crate) fn scale(
    columns: &Columns,
    scale: &Value,
    accepted: Accepted,
    parameters: &Parameters,
) -> Result<Response, Status> {
    accepted.check(parameters)?;
    let Accepted { form, encoding, .. } = accepted;
    let answer = match form {
        Form::Object => scale.clone(),
        Form::Metadata => metadata(scale),
        Form::Table => table(columns, scale, include(parameters)?),
    };
    Ok(encoded(StatusCode::OK, encoding, &answer))
}

fn metadata(scale: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": scale["metadata"]})
}

fn table(columns: &Columns, scale: &Value, include: Include) -> Value {
    let now = now();
    let cells: Vec<Value> = columns.cells(scale).iter().map(|cell| cell.render(now)).collect();
    let object = match include {
        Include::None => Value::Null,
        Include::Metadata => metadata(scale),
        Include::Object => scale.clone(),
    };
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": scale["metadata"]["resourceVersion"]},
        "columnDefinitions": columns.to_json(),
        "rows": [{"cells": cells, "object": object}],
    })
}
