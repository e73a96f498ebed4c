//! Which form of an answer is accepted, and what a dry run shows in it; what a body is said to be.

use http::Method;
use serde_json::{Value, json};

use super::{LIST, merge, put, task};
use crate::control_plane::parity::cases::{METADATA, TABLE, case, delete, get, get_as, post};
use crate::control_plane::parity::request::Request;

const TABLE_ONLY: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

pub(super) fn table() -> Vec<Request> {
    let mut table = writes();
    table.extend(accepted());
    table.extend(said());
    table
}

/// What a dry run shows of revisions, and answers that cannot be given.
fn writes() -> Vec<Request> {
    let mut table = Vec::new();
    for accept in ["application/json", METADATA, TABLE, LIST, "application/yaml"] {
        table.push(post("?dryRun=All", task("p")).header("Accept", accept));
        table.push(post("?dryRun=All&includeObject=Object", task("p")).header("Accept", accept));
        table.push(post("?dryRun=All", with_revision("p", "0")).header("Accept", accept));
        table.push(put("/o?dryRun=All", changed()).header("Accept", accept));
        table.push(merge("/o?dryRun=All", json!({"spec": {"total": 6}})).header("Accept", accept));
        table.push(merge("/o?dryRun=All", json!({})).header("Accept", accept));
        table.push(merge("/o/status?dryRun=All", json!({"status": {"done": 1}})).header("Accept", accept));
        table.push(merge("/o/scale?dryRun=All", json!({"spec": {"replicas": 6}})).header("Accept", accept));
        table.push(delete("/o?dryRun=All", "").header("Accept", accept));
        table.push(delete("?dryRun=All&labelSelector=name=none", "").header("Accept", accept));
        table.push(post("", task("o")).header("Accept", accept));
        table.push(post("", "{}").header("Accept", accept));
        table.push(delete("/none", "").header("Accept", accept));
        table.push(merge("/none", "{}").header("Accept", accept));
        table.push(merge("/none/scale", "{}").header("Accept", accept));
    }
    // Refused, and nothing is changed here; a custom resource has it changed, so that it is changed back.
    let odd = "includeObject=Odd";
    table.extend([
        post(&format!("?dryRun=All&{odd}"), task("p")).header("Accept", TABLE_ONLY),
        post(&format!("?{odd}"), task("o")).header("Accept", TABLE_ONLY),
        post(&format!("?{odd}&dryRun=Some"), task("o")).header("Accept", TABLE_ONLY),
        merge(&format!("/o?dryRun=All&{odd}"), json!({"spec": {"total": 6}})).header("Accept", TABLE_ONLY),
        merge(&format!("/o?{odd}"), json!({"spec": {"total": -1}})).header("Accept", TABLE_ONLY),
        delete(&format!("/o?dryRun=All&{odd}"), "").header("Accept", TABLE_ONLY),
        delete(&format!("/none?{odd}"), "").header("Accept", TABLE_ONLY),
        delete(&format!("?dryRun=All&{odd}"), "").header("Accept", TABLE_ONLY),
        delete(&format!("/o?propagationPolicy=&{odd}"), "").header("Accept", TABLE_ONLY),
        post("?dryRun=All", with_revision("p", "00")),
        post("?dryRun=All", with_revision("p", "x")),
        post("?dryRun=All", with_revision("p", "-1")),
        post("?dryRun=All", with_revision("p", "5")),
        get("/o"),
    ]);
    table
}

fn with_revision(name: &str, revision: &str) -> Value {
    let mut task = task(name);
    task["metadata"]["resourceVersion"] = revision.into();
    task
}

fn changed() -> Value {
    let mut task = with_revision("o", "{rv}");
    task["spec"]["total"] = 5.into();
    task
}

/// Which clause of an Accept header counts.
fn accepted() -> Vec<Request> {
    let accepted = [
        "*/*,application/yaml",
        "application/*,application/yaml",
        "application/yaml;q=0.1,*/*",
        "application/json;q=0",
        "application/json;q=0,application/yaml;q=0.1",
        "application/json;q=x,application/yaml",
        "Application/JSON",
        "APPLICATION/YAML",
        "*",
        "text/html,*",
        "application",
        "application/json/x",
        ",",
        ";",
        "application/json;",
        "application/json;as",
        "application/json;as=",
        "application/json;as=;g=;v=",
        "application/json;as=Table",
        "application/json;as=Table;g=meta.k8s.io",
        "application/json;as=Table;v=v1;g=meta.k8s.io;as=PartialObjectMetadata",
        "application/json; as = Table ; v = v1 ; g = meta.k8s.io",
        "application/json;as=table;v=v1;g=meta.k8s.io",
        "application/json;stream=watch",
        "application/json;stream=odd",
        "application/json;stream=",
        "application/yaml;stream=watch",
        "application/json;sv=v1",
        "application/json;sv=v2",
        "application/json;sv=v2,application/yaml",
        "application/json;odd=1;export=1;profile=x",
        "application/json;pretty=true",
        "application/yaml;pretty=1",
        "*/json",
        "*/*;as=Table;v=v1;g=meta.k8s.io",
        "application/*;as=Table;v=v1;g=meta.k8s.io",
    ];
    let mut table: Vec<_> = accepted.iter().map(|accept| get_as(accept, "/o")).collect();
    table.extend(accepted.iter().map(|accept| get_as(accept, "/none")));
    for parameter in ["pretty=", "pretty=t", "pretty=T", "pretty=yes", "pretty=1&pretty=0"] {
        table.push(get(&format!("/o?{parameter}")));
        table.push(get(&format!("/o?{parameter}")).header("User-Agent", "curl/8"));
    }
    table
}

fn said() -> Vec<Request> {
    let mut table = Vec::new();
    let types = [
        "",
        " ",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json;",
        "application/json; x",
        "application/json; charset",
        "application/json, text/plain",
        "application/ json",
        "application/yaml; x=y",
        "application/x-yaml",
        "text/yaml",
        "application",
        ";",
    ];
    let patches = [
        "application/merge-patch+json; charset=utf-8",
        "application/merge-patch+json ;x",
        "Application/merge-patch+json",
        " application/merge-patch+json",
        ";application/merge-patch+json",
        "application/merge-patch+json, x",
    ];
    table.extend(types.map(|kind| case(Method::POST, "?dryRun=All", task("p")).header("Content-Type", kind)));
    table.extend(patches.map(|kind| case(Method::PATCH, "/o?dryRun=All", "{}").header("Content-Type", kind)));
    table.extend(
        types.map(|kind| case(Method::DELETE, "/o", json!({"dryRun": ["All"]})).header("Content-Type", kind)),
    );
    table
}
