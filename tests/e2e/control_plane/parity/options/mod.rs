//! Options of requests: how query parameters and DeleteOptions are decoded, which fault is told first, and which form of
//! an answer is accepted.

mod deletions;
mod forms;
mod pages;

use http::Method;
use serde_json::{Value, json};

use super::cases::{METADATA, TABLE, case, delete, get, get_as, post};
use super::request::Request;

const LIST: &str = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
const WATCH: &str = "watch=1&timeoutSeconds=1";

pub(super) fn table() -> Vec<Request> {
    let mut table = vec![post("", task("o"))];
    table.extend(gets());
    table.extend(lists());
    table.extend(pages::table());
    table.extend(watches());
    table.extend(writes());
    table.extend(forms::table());
    table.extend(deletions::table());
    table.push(delete("/o", ""));
    table
}

fn task(name: &str) -> Value {
    json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "metadata": {"name": name}, "spec": {"title": "O"}})
}

fn put(rest: &str, body: impl ToString) -> Request {
    case(Method::PUT, rest, body).header("Content-Type", "application/json")
}

fn merge(rest: &str, body: impl ToString) -> Request {
    case(Method::PATCH, rest, body).header("Content-Type", "application/merge-patch+json")
}

fn gets() -> Vec<Request> {
    let rests = [
        "/o?resourceVersion=1",
        "/none?resourceVersion=1",
        "/none?resourceVersion=0",
        "/none?resourceVersion=x",
        "/o?resourceVersion=",
        "/o?export=",
        "/o?export=x",
        "/o?export=0",
        "/o?export=False",
        "/o?export=true&resourceVersion=x",
        "/o?export=0&export=1",
        "/o/status?export=1",
        "/o?watch=1",
        "/o?limit=x",
        "/o?labelSelector=,,",
    ];
    rests.map(get).into()
}

fn lists() -> Vec<Request> {
    let rests = [
        "?limit=",
        "?limit=1.5",
        "?limit=1_0",
        "?limit=%2B1",
        "?limit=99999999999999999999",
        "?timeoutSeconds=x&limit=y",
        "?timeoutSeconds=",
        "?timeoutSeconds=-1",
        "?limit=x&labelSelector=,,",
        "?labelSelector=,,&fieldSelector=bad",
        "?fieldSelector=bad&resourceVersionMatch=Exact",
        "?labelSelector=,,&sendInitialEvents=1",
        "?sendInitialEvents=",
        "?sendInitialEvents=0",
        "?sendInitialEvents=x&resourceVersionMatch=Odd",
        "?resourceVersionMatch=Odd&fieldSelector=spec.x=1",
        "?resourceVersion=x&fieldSelector=spec.x=1",
        "?resourceVersion=x",
        "?resourceVersion=-1",
        "?resourceVersion=99999999999999999999",
        "?resourceVersion=0&limit=1",
        "?resourceVersion=0&limit=1&resourceVersionMatch=NotOlderThan",
        "?resourceVersion=x&limit=1",
        "?resourceVersion=x&resourceVersionMatch=NotOlderThan",
        "?resourceVersion=x&resourceVersionMatch=Exact",
        "?resourceVersionMatch=",
        "?resourceVersion=0&resourceVersion=x",
        "?fieldSelector==",
        "?fieldSelector=!=",
        "?fieldSelector=,",
        "?fieldSelector==a",
        "?fieldSelector=spec.small!=2,spec.choice=green",
        "?fieldSelector=spec.choice=green,spec.small!=2",
        "?fieldSelector=metadata.name=o,spec.b=1,spec.a=1",
        "?fieldSelector=metadata.name=o,bad",
        "?fieldSelector=metadata.name=a%5Cx,bad",
        "?fieldSelector=metadata.name=",
        "?fieldSelector=metadata.name=o,metadata.name=a",
        "?fieldSelector=metadata.name=o,metadata.name!=a",
        "?fieldSelector=metadata.name=o&limit=1",
        "?fieldSelector=metadata.name!=o&limit=1",
        "?labelSelector=%01",
        "?labelSelector=x%01y=1",
        "?labelSelector=x=%E2%80%A8",
        "?fieldSelector=%01",
        "?fieldSelector=%01=1",
        "?watch=0",
        "?watch=False&limit=1",
        "?includeObject=Odd",
        "?shardSelector=x",
        "?allowWatchBookmarks=x",
    ];
    let mut table: Vec<_> = rests.map(get).into();
    table.extend([
        get_as(LIST, "?labelSelector=name=none"),
        get_as(LIST, "?labelSelector=name=none").header("User-Agent", "curl/8"),
        get_as(METADATA, "?labelSelector=name=none"),
        get_as(METADATA, "?limit=x"),
        get_as(METADATA, "?resourceVersionMatch=Odd"),
        get_as(METADATA, "?continue=x"),
        get_as(&format!("{METADATA},application/json"), ""),
        get_as(&format!("{METADATA},{LIST}"), ""),
        get_as(&format!("application/json;q=0.5,{LIST}"), ""),
        get_as(TABLE, "?includeObject=Odd&limit=x"),
        get_as(TABLE, "?includeObject=Odd&resourceVersionMatch=Odd"),
        get_as(TABLE, "?includeObject=Odd&continue=x"),
        get_as(TABLE, "?includeObject=%01"),
        get_as(TABLE, "?includeObject="),
        get_as(TABLE, "/none?includeObject=Odd"),
        get_as("text/html", "?limit=x"),
        get_as("text/html", "/none"),
        get_as(LIST, "/o"),
        get_as(LIST, "/none"),
        get_as(&format!("{LIST},application/json"), "/none"),
        get_as(METADATA, "/o/scale"),
        get_as(METADATA, "/none/scale"),
        get_as("application/yaml;as=Table;v=v1;g=meta.k8s.io", "?labelSelector=name=none"),
        get_as(
            "application/yaml;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            "?labelSelector=name=none",
        ),
    ]);
    table
}

fn watches() -> Vec<Request> {
    let watch = |rest: &str| get(&format!("?{WATCH}&{rest}"));
    let watch_as = |accept: &str, rest: &str| watch(rest).header("Accept", accept);
    vec![
        watch("labelSelector=name=none"),
        watch("labelSelector=name=none&allowWatchBookmarks=1"),
        watch("labelSelector=name=o&allowWatchBookmarks="),
        watch("labelSelector=name=none&allowWatchBookmarks=true&resourceVersion=0"),
        watch("labelSelector=name=none&allowWatchBookmarks=true&resourceVersion={rv@0}"),
        watch(
            "resourceVersionMatch=NotOlderThan&sendInitialEvents=true&resourceVersion=1&labelSelector=name=none",
        ),
        watch("resourceVersionMatch=NotOlderThan&sendInitialEvents=x&labelSelector=name=none"),
        watch("resourceVersionMatch=NotOlderThan&sendInitialEvents=&labelSelector=name=none"),
        watch("resourceVersionMatch=NotOlderThan&sendInitialEvents=0&labelSelector=name=none"),
        watch(
            "resourceVersionMatch=NotOlderThan&sendInitialEvents=true&allowWatchBookmarks=1&labelSelector=name=none",
        ),
        watch("sendInitialEvents=0"),
        watch("sendInitialEvents=0&resourceVersion=0"),
        watch("sendInitialEvents=0&resourceVersionMatch=Odd"),
        watch("continue=x"),
        watch("continue=x&resourceVersion=1"),
        watch("continue=x&resourceVersion=0"),
        watch("resourceVersion=x"),
        watch("resourceVersion=-1"),
        watch("resourceVersion=1"),
        watch("limit=x"),
        watch("limit=1&labelSelector=name=none"),
        watch("fieldSelector=spec.x=1&resourceVersionMatch=Exact"),
        watch("labelSelector=,,&resourceVersionMatch=Exact"),
        watch("labelSelector=,,&resourceVersion=x"),
        get("?watch=&timeoutSeconds=1&labelSelector=name=none"),
        get("?watch=x&timeoutSeconds=1&labelSelector=name=none"),
        get("?watch=1&timeoutSeconds=1&timeoutSeconds=x&labelSelector=name=none"),
        watch_as("application/yaml", "labelSelector=,,"),
        watch_as("application/yaml", "resourceVersionMatch=Odd"),
        watch_as("application/yaml", "resourceVersion=x"),
        watch_as("application/yaml", "resourceVersion=1"),
        watch_as("application/yaml", "resourceVersion={rv@0}"),
        watch_as("text/html", "labelSelector=,,"),
        watch_as(LIST, "labelSelector=name=none"),
        watch_as(LIST, "labelSelector=,,"),
        watch_as(METADATA, "labelSelector=name=o"),
        watch_as(METADATA, "labelSelector=name=none&allowWatchBookmarks=1"),
        watch_as(TABLE, "labelSelector=name=none&allowWatchBookmarks=1"),
        watch_as(TABLE, "labelSelector=,,&includeObject=Odd"),
        watch_as(TABLE, "resourceVersion=x&includeObject=Odd"),
        watch_as(TABLE, "includeObject=Odd"),
        watch_as(TABLE, "includeObject=None&labelSelector=name=o"),
    ]
}

/// Options that cannot be read, then those that are not valid, and the body after them.
fn writes() -> Vec<Request> {
    let faults = [
        "dryRun=",
        "dryRun=All&dryRun=All",
        "dryRun=All&dryRun=Some",
        "dryRun=Some&fieldManager=%01&fieldValidation=Odd",
        "fieldManager=%01%E2%80%A8",
        "fieldValidation=",
        "force=",
        "force=0",
        "force=x&dryRun=Some",
        "gracePeriodSeconds=x&dryRun=All",
    ];
    let mut table = Vec::new();
    for fault in faults {
        let dry = if fault.contains("dryRun") { "" } else { "&dryRun=All" };
        table.push(post(&format!("?{fault}{dry}"), task("p")));
        table.push(put(&format!("/o?{fault}{dry}"), "{}"));
        table.push(merge(&format!("/o?{fault}{dry}"), "{}"));
        table.push(merge(&format!("/none?{fault}{dry}"), "1"));
    }
    table.extend([
        case(Method::POST, "?dryRun=Some", "{}").header("Content-Type", "text/plain"),
        case(Method::PUT, "/o?dryRun=Some", "{}").header("Content-Type", "text/plain"),
        case(Method::PUT, "/o?dryRun=All", "{}").header("Content-Type", "text/plain"),
        case(Method::PATCH, "/o?dryRun=Some", "{}").header("Content-Type", "text/plain"),
        case(Method::PATCH, "/o", "{}").header("Accept", "text/html"),
        case(Method::PATCH, "/o", "{}"),
        case(Method::PATCH, "/none/scale", "{}").header("Accept", "text/html"),
        put("/o?dryRun=Some", "{").header("Accept", "text/html"),
        post("?dryRun=Some", "{").header("Accept", "text/html"),
        merge("/o?dryRun=Some", "{").header("Accept", "text/html"),
        merge("", "{}").header("Accept", "text/html"),
        case(Method::PATCH, "", "{}"),
    ]);
    table
}
