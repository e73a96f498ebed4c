//! The OpenAPI v3 document of one version.

use serde_json::{Map, Value, json};

use super::operation::{Body, Content, Operation, PathItem, Response};
use super::schema::{self, Dialect};
use super::shared::{SHARED, close};
use super::{endpoint, info, operation};
use crate::compiled::Routes;

pub(super) fn document(group: &str, version: &str, routes: &Routes) -> Value {
    let resources = routes.resources.values();
    let mut schemas: Map<String, Value> =
        resources.clone().flat_map(|r| schema::of(r, Dialect::V3)).collect();
    let items = resources.flat_map(|resource| operation::path_items(resource));
    let paths: Map<String, Value> = items
        .chain(endpoint::path_items(group, version, routes))
        .map(|item| (item.path.clone(), path_item(&item)))
        .collect();
    let paths = Value::Object(paths);
    close(&mut schemas, &paths, &SHARED.schemas);
    json!({"openapi": "3.0.0", "info": info(group), "paths": paths, "components": {"schemas": schemas}})
}

fn path_item(item: &PathItem) -> Value {
    let mut out: Map<String, Value> =
        item.operations.iter().map(|o| (o.method.to_owned(), operation(o))).collect();
    if !item.parameters.is_empty() {
        out.insert("parameters".to_owned(), parameters(&item.parameters));
    }
    Value::Object(out)
}

fn operation(operation: &Operation) -> Value {
    let responses: Map<String, Value> = operation
        .responses
        .iter()
        .map(|answer| (answer.code.to_string(), response(answer, &operation.produces)))
        .collect();
    let mut out = json!({
        "description": operation.description,
        "operationId": operation.id,
        "responses": responses,
        "tags": [operation.tag],
    });
    if !operation.parameters.is_empty() {
        out["parameters"] = parameters(&operation.parameters);
    }
    if let Some(body) = &operation.body {
        out["requestBody"] = request_body(body, &operation.consumes);
    }
    for (key, value) in &operation.extensions {
        out[*key] = value.clone();
    }
    out
}

fn request_body(body: &Body, consumes: &[String]) -> Value {
    let mut out = json!({"content": content(consumes, &Dialect::V3.reference(&body.definition))});
    if body.required {
        out["required"] = true.into();
    }
    out
}

fn response(response: &Response, produces: &[String]) -> Value {
    let mut out = json!({"description": response.description});
    match &response.content {
        Content::None => {}
        Content::Text => out["content"] = content(produces, &json!({"type": "string"})),
        Content::Definition(name) => out["content"] = content(produces, &Dialect::V3.reference(name)),
    }
    out
}

fn content(media_types: &[String], schema: &Value) -> Value {
    let typed = |media_type: &String| (media_type.clone(), json!({"schema": schema}));
    Value::Object(media_types.iter().map(typed).collect())
}

/// In v3 a parameter's type is in a schema of its own.
fn parameters(parameters: &[Value]) -> Value {
    parameters.iter().map(parameter).collect()
}

fn parameter(v2: &Value) -> Value {
    let (mut out, mut schema) = (Map::new(), Map::new());
    for (key, value) in v2.as_object().into_iter().flatten() {
        let target = match key.as_str() {
            "type" | "format" | "uniqueItems" => &mut schema,
            _ => &mut out,
        };
        target.insert(key.clone(), value.clone());
    }
    out.insert("schema".to_owned(), Value::Object(schema));
    Value::Object(out)
}
