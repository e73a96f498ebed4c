//! The operations of a resource, before they are written as v2 or v3.

use serde_json::{Value, json};

use super::place::Place;
use super::schema;
use super::shared::SHARED;
use crate::{Resource, Verb};

/// What reads and writes of objects accept and answer with.
const MEDIA_TYPES: [&str; 2] = ["application/json", "application/yaml"];
/// The forms of a patch. Strategic merge is for types with Go structs; server-side apply is not built yet.
const PATCH_TYPES: [&str; 2] = ["application/json-patch+json", "application/merge-patch+json"];

const STATUS: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";
const DELETE_OPTIONS: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
const PATCH: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";

/// A path and what can be done there.
pub(super) struct PathItem {
    pub(super) path: String,
    /// Parameters of all operations, in v2 form, by name.
    pub(super) parameters: Vec<Value>,
    pub(super) operations: Vec<Operation>,
}

/// One method of a path.
pub(super) struct Operation {
    /// Lower case: the key in the path item.
    pub(super) method: &'static str,
    pub(super) id: String,
    pub(super) tag: String,
    pub(super) description: String,
    /// Parameters in v2 form, without the body, by name.
    pub(super) parameters: Vec<Value>,
    pub(super) consumes: Vec<String>,
    pub(super) produces: Vec<String>,
    pub(super) body: Option<Body>,
    pub(super) responses: Vec<Response>,
    /// `x-kubernetes-*`.
    pub(super) extensions: Vec<(&'static str, Value)>,
}

/// What a request carries.
pub(super) struct Body {
    /// The name of a definition.
    pub(super) definition: String,
    pub(super) required: bool,
}

/// One answer.
pub(super) struct Response {
    pub(super) code: u16,
    pub(super) description: &'static str,
    pub(super) content: Content,
}

/// What an answer carries.
pub(super) enum Content {
    None,
    Text,
    /// The name of a definition.
    Definition(String),
}

/// How a verb is published: method, `x-kubernetes-action`, first word of the operationId, word of the description.
struct Words {
    method: &'static str,
    action: &'static str,
    id: &'static str,
    description: &'static str,
}

/// The path items of a resource; those without an operation are left out.
pub(super) fn path_items(resource: &Resource) -> Vec<PathItem> {
    let items = Place::of(resource).into_iter().map(|place| path_item(resource, place));
    items.filter(|item| !item.operations.is_empty()).collect()
}

fn path_item(resource: &Resource, place: Place) -> PathItem {
    let served = place.verbs().iter().filter(|verb| resource.verbs.contains(verb));
    let mut operations: Vec<_> = served.filter_map(|&verb| operation(resource, place, verb)).collect();
    let parameters = take_common(&mut operations);
    PathItem { path: place.path(resource), parameters, operations }
}

/// Takes the parameters that all operations have out of them.
fn take_common(operations: &mut [Operation]) -> Vec<Value> {
    let Some((first, others)) = operations.split_first() else {
        return Vec::new();
    };
    let everywhere = |parameter: &&Value| others.iter().all(|o| o.parameters.contains(parameter));
    let common: Vec<Value> = first.parameters.iter().filter(everywhere).cloned().collect();
    for operation in operations {
        operation.parameters.retain(|parameter| !common.contains(parameter));
    }
    common
}

fn words(verb: Verb) -> Option<Words> {
    let (method, action, id, description) = match verb {
        Verb::List => ("get", "list", "list", "list"),
        Verb::Create => ("post", "post", "create", "create"),
        Verb::DeleteCollection => ("delete", "deletecollection", "delete", "deletecollection"),
        Verb::Get => ("get", "get", "read", "read"),
        Verb::Update => ("put", "put", "replace", "replace"),
        Verb::Delete => ("delete", "delete", "delete", "delete"),
        Verb::Patch => ("patch", "patch", "patch", "patch"),
        Verb::Watch => return None, // a list with ?watch=true: not an operation of its own
    };
    Some(Words { method, action, id, description })
}

fn operation(resource: &Resource, place: Place, verb: Verb) -> Option<Operation> {
    let words = words(verb)?;
    let consumes: &[&str] = if verb == Verb::Patch { &PATCH_TYPES } else { &MEDIA_TYPES };
    Some(Operation {
        method: words.method,
        id: operation_id(resource, place, verb, words.id),
        tag: tag(&resource.group, &resource.version),
        description: description(words.description, place.subresource(), &resource.kind),
        parameters: parameters(resource, place, words.action),
        consumes: strings(consumes),
        produces: strings(&MEDIA_TYPES),
        body: body(resource, place, verb),
        responses: responses(resource, place, verb),
        extensions: vec![
            ("x-kubernetes-action", words.action.into()),
            ("x-kubernetes-group-version-kind", schema::gvk(resource, &resource.kind)),
        ],
    })
}

/// `listCustomApiExampleComV1NamespacedCustomTask`.
fn operation_id(resource: &Resource, place: Place, verb: Verb, word: &str) -> String {
    let prefix = id_prefix(word, &resource.group, &resource.version);
    let collection = if verb == Verb::DeleteCollection { "Collection" } else { "" };
    let namespaced = if place.in_namespace(resource) { "Namespaced" } else { "" };
    let kind = camel(&resource.kind, true);
    let all = if place == Place::AllNamespaces { "ForAllNamespaces" } else { "" };
    let subresource = camel(place.subresource().unwrap_or_default(), true);
    format!("{prefix}{collection}{namespaced}{kind}{all}{subresource}")
}

/// `listCustomApiExampleComV1`.
pub(super) fn id_prefix(word: &str, group: &str, version: &str) -> String {
    format!("{word}{}{}", camel(short_group(group), true), camel(version, true))
}

/// `customApiExampleCom_v1`.
pub(super) fn tag(group: &str, version: &str) -> String {
    format!("{}_{}", camel(short_group(group), false), camel(version, false))
}

fn short_group(group: &str) -> &str {
    group.strip_suffix(".k8s.io").unwrap_or(group)
}

/// Letters, digits and underscores of `s`; what follows anything else is a capital, and so is the first if `capital`.
pub(super) fn camel(s: &str, mut capital: bool) -> String {
    let mut out = String::with_capacity(s.len());
    for (index, c) in s.char_indices() {
        if !(c.is_ascii_alphabetic() || c == '_' || (index > 0 && c.is_ascii_digit())) {
            capital = true;
        } else {
            out.push(if capital { c.to_ascii_uppercase() } else { c });
            capital = false;
        }
    }
    out
}

fn description(word: &str, subresource: Option<&str>, kind: &str) -> String {
    let of = subresource.map(|name| format!(" {name} of")).unwrap_or_default();
    match word {
        "list" => format!("list objects of kind {kind}"),
        "read" | "replace" => format!("{word}{of} the specified {kind}"),
        "patch" => format!("partially update{of} the specified {kind}"),
        "deletecollection" => format!("delete collection of {kind}"),
        _ => format!("{word}{}{kind}", article(kind)),
    }
}

/// " a ", " an ", or " " before a plural.
fn article(noun: &str) -> &'static str {
    if noun.ends_with('s') && !noun.ends_with("ss") {
        return " ";
    }
    let vowel = noun.starts_with(|c: char| "aeiou".contains(c.to_ascii_lowercase()));
    if vowel { " an " } else { " a " }
}

fn parameters(resource: &Resource, place: Place, action: &str) -> Vec<Value> {
    let mut parameters = SHARED.options.get(action).cloned().unwrap_or_default();
    if place.in_namespace(resource) {
        parameters.push(in_path("namespace", "object name and auth scope, such as for teams and projects"));
    }
    if place.is_named() {
        parameters.push(in_path("name", &format!("name of the {}", resource.kind)));
    }
    parameters.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    parameters
}

fn in_path(name: &str, description: &str) -> Value {
    json!({
        "name": name, "in": "path", "description": description,
        "required": true, "type": "string", "uniqueItems": true,
    })
}

fn body(resource: &Resource, place: Place, verb: Verb) -> Option<Body> {
    let (definition, required) = match verb {
        Verb::Create | Verb::Update => (place.schema(resource), true),
        Verb::Patch => (PATCH.to_owned(), true),
        Verb::Delete => (DELETE_OPTIONS.to_owned(), false),
        Verb::Get | Verb::List | Verb::Watch | Verb::DeleteCollection => return None,
    };
    Some(Body { definition, required })
}

fn responses(resource: &Resource, place: Place, verb: Verb) -> Vec<Response> {
    let definition = match verb {
        Verb::List | Verb::Watch => schema::name(resource, &resource.list_kind),
        Verb::Delete | Verb::DeleteCollection => STATUS.to_owned(),
        Verb::Get | Verb::Create | Verb::Update | Verb::Patch => place.schema(resource),
    };
    let codes: &[(u16, &str)] = match verb {
        Verb::Create => &[(200, "OK"), (201, "Created"), (202, "Accepted")],
        Verb::Update => &[(200, "OK"), (201, "Created")],
        Verb::Delete => &[(200, "OK"), (202, "Accepted")],
        _ => &[(200, "OK")],
    };
    let answer = |&(code, description)| Response {
        code,
        description,
        content: Content::Definition(definition.clone()),
    };
    codes.iter().map(answer).chain([Response::unauthorized()]).collect()
}

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|&item| item.to_owned()).collect()
}

// === impl Response ===

impl Response {
    /// What every operation may answer.
    pub(super) fn unauthorized() -> Self {
        Self { code: 401, description: "Unauthorized", content: Content::None }
    }
}
