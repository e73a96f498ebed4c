//! Raw endpoints in OpenAPI: paths that answer with text.

use std::collections::BTreeSet;

use super::operation::{Content, Operation, PathItem, Response, camel, id_prefix, tag};
use crate::compiled::Routes;
use crate::{Endpoint, HttpMethod};

/// The path items of a version's raw endpoints.
pub(super) fn path_items(group: &str, version: &str, routes: &Routes) -> Vec<PathItem> {
    let mut ids = BTreeSet::new();
    let endpoints = routes.endpoints.values();
    endpoints.map(|endpoint| path_item(group, version, endpoint, &mut ids)).collect()
}

fn path_item(group: &str, version: &str, endpoint: &Endpoint, ids: &mut BTreeSet<String>) -> PathItem {
    let published = endpoint.methods.iter().filter(|&&method| method != HttpMethod::Head);
    let operations = published
        .map(|&method| {
            let method = key(method);
            let id = unique(id_prefix(method, group, version) + "Raw" + &camel(&endpoint.path, true), ids);
            operation(endpoint, method, id, tag(group, version))
        })
        .collect();
    let path = format!("/apis/{group}/{version}/{}", endpoint.path);
    PathItem { path, parameters: Vec::new(), operations }
}

/// `id`, with underscores until no other operation has it: `foo-bar` and `foo/bar` read alike.
fn unique(mut id: String, ids: &mut BTreeSet<String>) -> String {
    while !ids.insert(id.clone()) {
        id.push('_');
    }
    id
}

fn operation(endpoint: &Endpoint, method: &'static str, id: String, tag: String) -> Operation {
    let answer = Response { code: 200, description: "OK", content: Content::Text };
    Operation {
        method,
        id,
        tag,
        description: format!("raw endpoint {}", endpoint.path),
        parameters: Vec::new(),
        consumes: Vec::new(),
        produces: vec![endpoint.response.content_type.clone()],
        body: None,
        responses: vec![answer, Response::unauthorized()],
        extensions: Vec::new(),
    }
}

fn key(method: HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "get",
        HttpMethod::Head => "head",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Patch => "patch",
        HttpMethod::Delete => "delete",
    }
}
