//! The OpenAPI v2 document: all versions in one.

use serde_json::{Map, Value, json};

use super::operation::{Content, Operation, PathItem, Response};
use super::schema::{self, Dialect};
use super::shared::{SHARED, close};
use super::{endpoint, info, operation};
use crate::compiled::Routes;

pub(super) fn document<'a>(group: &str, versions: impl Iterator<Item = (&'a String, &'a Routes)>) -> Value {
    let (mut paths, mut definitions, mut parameters) = (Map::new(), Map::new(), Map::new());
    for (version, routes) in versions {
        for resource in routes.resources.values() {
            definitions.extend(schema::of(resource, Dialect::V2));
        }
        let items = routes.resources.values().flat_map(|resource| operation::path_items(resource));
        for item in items.chain(endpoint::path_items(group, version, routes)) {
            paths.insert(item.path.clone(), path_item(&item, &mut parameters));
        }
    }
    let paths = Value::Object(paths);
    close(&mut definitions, &json!([paths, parameters]), &SHARED.definitions);
    json!({
        "swagger": "2.0",
        "info": info(group),
        "paths": paths,
        "definitions": definitions,
        "parameters": parameters,
    })
}

fn path_item(item: &PathItem, used: &mut Map<String, Value>) -> Value {
    let mut out: Map<String, Value> =
        item.operations.iter().map(|o| (o.method.to_owned(), operation(o, used))).collect();
    if !item.parameters.is_empty() {
        out.insert("parameters".to_owned(), shared(item.parameters.clone(), used));
    }
    Value::Object(out)
}

fn operation(operation: &Operation, used: &mut Map<String, Value>) -> Value {
    let responses: Map<String, Value> =
        operation.responses.iter().map(|r| (r.code.to_string(), response(r))).collect();
    let mut out = json!({
        "description": operation.description,
        "operationId": operation.id,
        "produces": operation.produces,
        "responses": responses,
        "schemes": ["https"],
        "tags": [operation.tag],
    });
    if !operation.consumes.is_empty() {
        out["consumes"] = json!(operation.consumes);
    }
    let parameters: Vec<Value> = body(operation).into_iter().chain(operation.parameters.clone()).collect();
    if !parameters.is_empty() {
        out["parameters"] = shared(parameters, used);
    }
    for (key, value) in &operation.extensions {
        out[*key] = value.clone();
    }
    out
}

/// The body is a parameter in v2.
fn body(operation: &Operation) -> Option<Value> {
    let body = operation.body.as_ref()?;
    let mut parameter =
        json!({"name": "body", "in": "body", "schema": Dialect::V2.reference(&body.definition)});
    if body.required {
        parameter["required"] = true.into();
    }
    Some(parameter)
}

fn response(response: &Response) -> Value {
    let mut out = json!({"description": response.description});
    match &response.content {
        Content::None => {}
        Content::Text => out["schema"] = json!({"type": "string"}),
        Content::Definition(name) => out["schema"] = Dialect::V2.reference(name),
    }
    out
}

/// Replaces what upstream shares between operations by references, and notes them in `used`.
fn shared(parameters: Vec<Value>, used: &mut Map<String, Value>) -> Value {
    let refer = |parameter: Value| match SHARED.parameters.iter().find(|(_, known)| **known == parameter) {
        None => parameter,
        Some((name, _)) => {
            let reference = json!({"$ref": format!("#/parameters/{name}")});
            used.insert(name.clone(), parameter);
            reference
        }
    };
    parameters.into_iter().map(refer).collect()
}
