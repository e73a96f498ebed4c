//! Schema fragments that derives cannot express, and the defaults of the contract.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::{Duration, HttpMethod, Scheme};

/// A DNS-1035 label: what a plural, a version or a Service is named.
pub(crate) const LABEL_1035: &str = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
/// A DNS-1123 label.
pub(crate) const LABEL_1123: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
/// A DNS-1123 subdomain.
pub(crate) const SUBDOMAIN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
/// A kind: a DNS-1035 label in any case.
pub(crate) const KIND: &str = "^[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$";
/// A CEL identifier, as a join's name is a variable of the template.
pub(crate) const IDENTIFIER: &str = "^[A-Za-z_][A-Za-z0-9_]*$";

/// The longest expression, in characters (8 KiB): what compiles in milliseconds.
pub(crate) const MAX_EXPRESSION: usize = 8192;

/// An object whose content the API server keeps as it is: schemas and templates.
pub(crate) fn preserved_object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

/// Any value, kept as it is: bodies.
pub(crate) fn preserved_value(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"x-kubernetes-preserve-unknown-fields": true})
}

/// Query parameters: at most 32 templates by name.
pub(crate) fn query(_: &mut SchemaGenerator) -> Schema {
    string_map(32)
}

/// Request headers: at most 32 by name.
pub(crate) fn headers(_: &mut SchemaGenerator) -> Schema {
    string_map(32)
}

/// Labels, annotations or a node selector.
pub(crate) fn labels(_: &mut SchemaGenerator) -> Schema {
    string_map(64)
}

fn string_map(max_properties: usize) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": max_properties,
        "additionalProperties": {"type": "string", "maxLength": MAX_EXPRESSION},
    })
}

// === defaults, as the contract states them ===

pub(crate) fn yes() -> bool {
    true
}

pub(crate) fn zero_duration() -> Duration {
    Duration::from("0s")
}

pub(crate) fn upstream_timeout() -> Duration {
    Duration::from("10s")
}

pub(crate) fn refresh() -> Duration {
    Duration::from("30s")
}

pub(crate) fn ca_duration() -> Duration {
    Duration::from("87600h")
}

pub(crate) fn serving_duration() -> Duration {
    Duration::from("2160h")
}

pub(crate) fn renew_before() -> Duration {
    Duration::from("720h")
}

pub(crate) fn max_concurrent() -> i32 {
    32
}

pub(crate) fn one_replica() -> i32 {
    1
}

pub(crate) fn gateway_port() -> i32 {
    crate::DEFAULT_PORT
}

pub(crate) fn etcd_prefix() -> String {
    "/tributary".to_owned()
}

pub(crate) fn text_plain() -> String {
    "text/plain".to_owned()
}

pub(crate) fn get_only() -> Vec<HttpMethod> {
    vec![HttpMethod::Get]
}

pub(crate) fn post() -> HttpMethod {
    HttpMethod::Post
}

pub(crate) fn put() -> HttpMethod {
    HttpMethod::Put
}

pub(crate) fn delete() -> HttpMethod {
    HttpMethod::Delete
}

pub(crate) fn https() -> Scheme {
    Scheme::Https
}

pub(crate) fn https_port() -> i32 {
    443
}
