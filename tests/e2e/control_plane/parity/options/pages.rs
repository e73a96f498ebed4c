//! Pages: tokens, and when there is one. A page that is full has one if any key of what is listed follows, selected or not.

use serde_json::{Value, json};

use crate::control_plane::parity::cases::{delete, get, post};
use crate::control_plane::parity::request::Request;

pub(super) fn table() -> Vec<Request> {
    let mut table = tokens();
    table.extend(selected());
    table
}

/// `{"v":"meta.k8s.io/v1","rv":1}`, and the same with other fields.
fn tokens() -> Vec<Request> {
    [
        "?continue=%25%25",
        "?continue=x",
        "?continue=e3",
        "?continue=e30",
        "?continue=e30e3",
        "?continue=e30%3D",
        "?continue=bnVsbA",
        "?continue=W10",
        "?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MX0",
        "?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJzdGFydCI6ImEifQ",
        "?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTUsInN0YXJ0IjoiYSJ9",
        "?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiLi4vYSJ9",
        "?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6IngifQ",
        "?continue=x&resourceVersion=0",
        "?continue=x&resourceVersion=1",
        "?continue=x&resourceVersion=x",
        "?continue=x&resourceVersionMatch=Exact&resourceVersion=1",
        "?continue=x&limit=-1",
        "?continue=",
        "?continue=&limit=1",
    ]
    .map(get)
    .into()
}

/// `zz-1`, `zz-2`, `zz-3` are the last keys of their namespace; the second is of another label. There is a `zz-1`
/// elsewhere, too.
fn selected() -> Vec<Request> {
    let labelled = [("zz-1", "yes"), ("zz-2", "no"), ("zz-3", "yes")];
    let mut table: Vec<_> = labelled.map(|(name, page)| post("", labelled_task(name, page))).into();
    table.push(post("!/namespaces/default/customtasks", labelled_task("zz-1", "yes")));
    table.push(post("!/clustertasks", cluster_task("zz-1")));
    table.push(post("!/clustertasks", cluster_task("zz-2")));
    for selector in SELECTORS {
        for limit in [1, 2, 3] {
            for list in ["", "!/customtasks"] {
                table.push(get(&format!("{list}?limit={limit}&{selector}")));
                // Of all namespaces but one selected, the reference gives tokens that it does not find its way with.
                if !selector.contains("metadata.namespace=") {
                    table.push(get(&format!("{list}?limit={limit}&{selector}&continue={{continue@last}}")));
                }
            }
        }
    }
    for selector in ["labelSelector=page=no", "labelSelector=page=yes", "labelSelector=page", "limit=1"] {
        for revision in REVISIONS {
            table.push(get(""));
            table.push(get(&format!("?limit=1&{selector}&{revision}")));
        }
    }
    for selector in ["fieldSelector=metadata.name=zz-1", "fieldSelector=metadata.name!=zz-2", "limit=2"] {
        table.push(get(&format!("!/clustertasks?limit=1&{selector}")));
    }
    table.extend(["/zz-1", "/zz-2", "/zz-3"].map(|name| delete(name, "")));
    table.push(delete("!/namespaces/default/customtasks/zz-1", ""));
    table.extend(["/zz-1", "/zz-2"].map(|name| delete(&format!("!/clustertasks{name}"), "")));
    table
}

const SELECTORS: [&str; 11] = [
    "",
    "labelSelector=page=yes",
    "labelSelector=page=no",
    "labelSelector=page",
    "labelSelector=page!=yes",
    "fieldSelector=metadata.name=zz-1",
    "fieldSelector=metadata.name=none",
    "fieldSelector=metadata.name!=zz-3",
    "fieldSelector=metadata.namespace={n}",
    "fieldSelector=metadata.namespace=default",
    "fieldSelector=metadata.name=zz-1,metadata.namespace={n}",
];

/// As they are served: from a cache, from the storage, as of the last list.
const REVISIONS: [&str; 7] = [
    "resourceVersion=",
    "resourceVersion=0",
    "resourceVersion=0&resourceVersionMatch=NotOlderThan",
    "resourceVersion={rv@last}",
    "resourceVersion={rv@last}&resourceVersionMatch=Exact",
    "resourceVersion={rv@last}&resourceVersionMatch=NotOlderThan",
    // Still to come.
    "resourceVersion=9000000000000000000",
];

fn labelled_task(name: &str, page: &str) -> Value {
    let mut task = super::task(name);
    task["metadata"]["labels"] = json!({"page": page});
    task
}

fn cluster_task(name: &str) -> Value {
    json!({"apiVersion": "{g}/v1", "kind": "ClusterTask", "metadata": {"name": name}})
}
