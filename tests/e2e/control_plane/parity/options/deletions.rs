//! DeleteOptions in queries and bodies, and names that are to be quoted.

use http::Method;
use serde_json::json;

use super::{merge, put, task};
use crate::control_plane::parity::cases::{case, delete, get, post};
use crate::control_plane::parity::request::Request;

pub(super) fn table() -> Vec<Request> {
    let queries = [
        "propagationPolicy=",
        "propagationPolicy=Other",
        "propagationPolicy=&dryRun=",
        "propagationPolicy=Other&gracePeriodSeconds=x",
        "propagationPolicy=Background&orphanDependents=0",
        "gracePeriodSeconds=",
        "gracePeriodSeconds=-1",
        "gracePeriodSeconds=1.5",
        "gracePeriodSeconds=9223372036854775808",
        "gracePeriodSeconds=-9223372036854775809",
        "orphanDependents=",
        "orphanDependents=false",
        "dryRun=All&dryRun=x",
        "uid=x",
        "uid=",
        "resourceVersion=",
        "ignoreStoreReadErrorWithClusterBreakingPotential=true",
        "ignoreStoreReadErrorWithClusterBreakingPotential=true&propagationPolicy=Orphan",
    ];
    let mut table = Vec::new();
    for query in queries {
        let dry = if query.contains("dryRun") { "" } else { "&dryRun=All" };
        table.push(delete(&format!("/o?{query}{dry}"), ""));
        table.push(delete(&format!("/none?{query}{dry}"), ""));
        table.push(delete(&format!("?{query}{dry}&labelSelector=name=none"), ""));
    }
    let bodies = [
        "{}",
        "null",
        "[]",
        "1",
        "x",
        "{",
        " ",
        r#"{"apiVersion":"{g}/v1"}"#,
        r#"{"apiVersion":"{g}/v2"}"#,
        r#"{"apiVersion":"a/b/c"}"#,
        r#"{"apiVersion":"odd/v1","kind":"DeleteOptions"}"#,
        r#"{"apiVersion":"v1","kind":"DeleteOptions"}"#,
        r#"{"apiVersion":"apps/v1","kind":"DeleteOptions"}"#,
        r#"{"apiVersion":"meta.k8s.io/v1","kind":"DeleteOptions"}"#,
        r#"{"kind":"DeleteOptions"}"#,
        r#"{"kind":"Other"}"#,
        r#"{"apiVersion":"v1","kind":"Other"}"#,
        r#"{"apiVersion":"v1"}"#,
        r#"{"kind":1}"#,
        r#"{"apiVersion":1}"#,
        r#"{"gracePeriodSeconds":"x"}"#,
        r#"{"gracePeriodSeconds":0.25}"#,
        r#"{"gracePeriodSeconds":null}"#,
        r#"{"gracePeriodSeconds":9223372036854775807}"#,
        r#"{"gracePeriodSeconds":-9223372036854775808}"#,
        r#"{"dryRun":"All"}"#,
        r#"{"dryRun":[1]}"#,
        r#"{"dryRun":[null]}"#,
        r#"{"dryRun":[]}"#,
        r#"{"dryRun":null}"#,
        r#"{"propagationPolicy":1}"#,
        r#"{"propagationPolicy":""}"#,
        r#"{"propagationPolicy":"Other"}"#,
        r#"{"propagationPolicy":"Orphan","orphanDependents":true}"#,
        r#"{"orphanDependents":"true"}"#,
        r#"{"preconditions":[]}"#,
        r#"{"preconditions":"x"}"#,
        r#"{"preconditions":{"uid":1}}"#,
        r#"{"preconditions":{"uid":""}}"#,
        r#"{"preconditions":{"uid":"x","resourceVersion":1}}"#,
        r#"{"preconditions":{"uid":null,"resourceVersion":"x"}}"#,
        r#"{"preconditions":{"Uid":"x"}}"#,
        r#"{"DryRun":["x"]}"#,
        r#"{"odd":1}"#,
        r#"{"dryRun":["All"],"dryRun":["All"]}"#,
        r#"{"ignoreStoreReadErrorWithClusterBreakingPotential":true}"#,
        r#"{"ignoreStoreReadErrorWithClusterBreakingPotential":1}"#,
    ];
    for kind in KINDS {
        for version in ["v1", "meta.k8s.io/v1", "{g}/v1", ""] {
            table.push(delete("/none", json!({"apiVersion": version, "kind": kind})));
        }
    }
    // Of none: so that nothing is ever deleted, whatever a body is read as.
    table.extend(bodies.map(|body| delete("/none", body)));
    table.extend(bodies.map(|body| delete("?labelSelector=name=none", body)));
    table.extend([
        delete("/none?dryRun=Some", "{}"),
        delete("/none", "dryRun: [Some]").header("Content-Type", "application/yaml"),
        case(Method::DELETE, "/none", "dryRun: [Some]").header("Content-Type", "application/yaml"),
        case(Method::DELETE, "/none", "dryRun: {").header("Content-Type", "application/yaml"),
        case(Method::DELETE, "/none", "{}").header("Content-Type", "text/plain"),
        case(Method::DELETE, "/none", "").header("Content-Type", "text/plain"),
        case(Method::DELETE, "?limit=x", "{").header("Content-Type", "text/plain"),
        delete("?limit=x&dryRun=Some", ""),
        delete("?resourceVersionMatch=Odd", "{"),
        delete("?fieldSelector=spec.x=1", "{"),
        delete("?watch=1&labelSelector=name=none", ""),
        delete("?sendInitialEvents=1", ""),
        delete("?continue=x&labelSelector=name=none", ""),
        delete("?resourceVersion=x&labelSelector=name=none", ""),
        delete("/%01", ""),
        get("/%01"),
        get("/%E2%80%A8%22%5C"),
        merge("/%01", "{}"),
        put("/%01", task("\u{1}")),
        put("/a%FFb", task("a")),
        get("!/namespaces/a%FFb/customtasks"),
        get("!/custom%FFtasks"),
        post("?dryRun=All", task("a\u{1}b\u{2028}c\u{7f}\u{e9}\u{1f600}")),
    ]);
    table
}

/// Kinds that every API knows, and one that none does.
const KINDS: [&str; 16] = [
    "APIGroup",
    "APIGroupList",
    "APIResourceList",
    "APIVersions",
    "CreateOptions",
    "GetOptions",
    "List",
    "ListOptions",
    "PartialObjectMetadata",
    "PartialObjectMetadataList",
    "PatchOptions",
    "Status",
    "Table",
    "TableOptions",
    "UpdateOptions",
    "WatchEvent",
];
