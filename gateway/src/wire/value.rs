//! What is no version that is stored, in the form that was negotiated: a Scale, or what a dry run makes.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use tributary_registry::{Parameters, Status};
use tributary_schema::columns::Columns;

use super::negotiate::{Accepted, Form};
use super::represent::{Include, include, now};
use super::respond::encoded;

/// The object, its metadata, or a Table of one row. It has the revision that it says, or none.
pub(crate) fn object(
    code: StatusCode,
    columns: &Columns,
    object: &Value,
    accepted: Accepted,
    parameters: &Parameters,
) -> Result<Response, Status> {
    accepted.check(parameters)?;
    let Accepted { form, encoding, .. } = accepted;
    let answer = match form {
        Form::Object => object.clone(),
        Form::Metadata => metadata(object),
        Form::Table => table(columns, object, include(parameters)?),
    };
    Ok(encoded(code, encoding, &answer))
}

fn metadata(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

fn table(columns: &Columns, object: &Value, include: Include) -> Value {
    let now = now();
    let cells: Vec<Value> = columns.cells(object).iter().map(|cell| cell.render(now)).collect();
    let shown = match include {
        Include::None => Value::Null,
        Include::Metadata => metadata(object),
        Include::Object => object.clone(),
    };
    let revision = object["metadata"].get("resourceVersion");
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1",
        "metadata": revision.map_or_else(|| json!({}), |revision| json!({"resourceVersion": revision})),
        "columnDefinitions": columns.to_json(),
        "rows": [{"cells": cells, "object": shown}],
    })
}
