//! Query parameters and headers.

use super::dice::Dice;
use crate::control_plane::parity::request::Request;

const ACCEPTED: [&str; 15] = [
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
    "application/json;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json",
    "application/vnd.kubernetes.protobuf,application/json",
    "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io, application/json;q=0.5, */*;q=0.1",
    "application/yaml",
    "application/json;pretty=1",
    "*/*",
    "application/*",
    "text/html",
    "application/json;as=Table;v=v9;g=meta.k8s.io",
    "application/cbor",
];
const DRY: [&str; 3] = ["All", "Some", ""];
const VALIDATION: [&str; 5] = ["Strict", "Ignore", "Warn", "Other", ""];
const MANAGERS: [&str; 3] = ["me", "\u{7}", "{long:129}"];
const LABELS: [&str; 14] = [
    "x=1",
    "x==1",
    "x!=1",
    "x",
    "!x",
    "x in (1,2)",
    "x notin (1)",
    "example.com/y=z,x",
    "x=",
    "a b",
    "x in ()",
    ",",
    "x>1",
    "bad key!=x",
];
const FIELDS: [&str; 13] = [
    "metadata.name=a",
    "metadata.name!=a",
    "metadata.namespace={n}",
    "metadata.name=a,metadata.namespace={m}",
    "spec.choice=red",
    "spec.choice!=red",
    "spec.small=2",
    "spec.flag=true",
    "spec.small!=2,spec.choice=green",
    "spec.text=text",
    "bad",
    "=",
    "metadata.name=",
];
const PROPAGATION: [&str; 3] = ["Background", "Other", ""];

/// Parameters that change what a list or watch gives.
pub(super) fn select(request: Request, dice: &mut Dice) -> Request {
    let mut request = request;
    if dice.percent(25) {
        request = request.parameter("labelSelector", dice.pick(&LABELS));
    }
    if dice.percent(20) {
        request = request.parameter("fieldSelector", dice.pick(&FIELDS));
    }
    request
}

/// Which page of a list, and how old it may be; `past` is the number of some earlier request.
pub(super) fn page(request: Request, past: usize, dice: &mut Dice) -> Request {
    let revision = dice.weighted(&[(6, 0), (6, 1), (1, 2), (1, 3), (1, 4)]);
    let revision = revision_text(past, revision);
    let mut request = request;
    if dice.percent(35) {
        request = request.parameter("limit", dice.pick(&["1", "2", "3", "500", "0", "-1", "x", "1.5"]));
    }
    if dice.percent(25) {
        let token = match dice.percent(80) {
            true => format!("{{continue@{past}}}"),
            false => dice.pick(&["x", "e30", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MX0", "%%"]).to_owned(),
        };
        request = request.parameter("continue", &token);
    }
    if dice.percent(20) {
        request = request.parameter("resourceVersion", &revision);
    }
    if dice.percent(12) {
        let matches = dice.pick(&["NotOlderThan", "Exact", "Other", ""]);
        request = request.parameter("resourceVersionMatch", matches);
    }
    request
}

fn revision_text(past: usize, choice: usize) -> String {
    match choice {
        0 => format!("{{rv@{past}}}"),
        1 => "0".to_owned(),
        2 => "1".to_owned(),
        3 => "x".to_owned(),
        _ => "-1".to_owned(),
    }
}

/// How a watch begins and ends.
pub(super) fn watch(request: Request, past: usize, dice: &mut Dice) -> Request {
    let mut request = request.parameter("watch", dice.pick(&["1", "true"]));
    if !dice.percent(3) {
        request = request.parameter("timeoutSeconds", "1");
    } else {
        request = request.parameter("timeoutSeconds", "x");
    }
    if dice.percent(80) {
        let revision = dice.weighted(&[(12, 0), (5, 1), (1, 2), (1, 3), (1, 4)]);
        request = request.parameter("resourceVersion", &revision_text(past, revision));
    }
    if dice.percent(12) {
        request = request.parameter("sendInitialEvents", dice.pick(&["true", "false", "x"]));
        request =
            request.parameter("resourceVersionMatch", dice.pick(&["NotOlderThan", "NotOlderThan", "Exact"]));
    }
    if dice.percent(10) {
        request = request.parameter("allowWatchBookmarks", "true");
    }
    request
}

/// Options of writes.
pub(super) fn write(request: Request, dice: &mut Dice) -> Request {
    let mut request = request;
    if dice.percent(12) {
        request = request.parameter("dryRun", dice.weighted(&[(8, DRY[0]), (1, DRY[1]), (1, DRY[2])]));
    }
    if dice.percent(30) {
        request = request.parameter("fieldValidation", dice.pick(&VALIDATION));
    }
    if dice.percent(8) {
        request = request.parameter("fieldManager", dice.pick(&MANAGERS));
    }
    if dice.percent(2) {
        request = request.parameter("force", dice.pick(&["true", "x"]));
    }
    request
}

/// Options of deletions in the query.
pub(super) fn deletion(request: Request, dice: &mut Dice) -> Request {
    let mut request = request;
    if dice.percent(20) {
        request = request.parameter("dryRun", dice.weighted(&[(8, DRY[0]), (1, DRY[1]), (1, DRY[2])]));
    }
    if dice.percent(20) {
        request = request.parameter("propagationPolicy", dice.pick(&PROPAGATION));
    }
    if dice.percent(10) {
        request = request.parameter("gracePeriodSeconds", dice.pick(&["0", "5", "-1", "x"]));
    }
    request
}

/// What any request may have.
pub(super) fn any(request: Request, dice: &mut Dice) -> Request {
    let mut request = request;
    if dice.percent(4) {
        request = request.parameter("pretty", dice.pick(&["true", "false", "1", "x"]));
    }
    if dice.percent(2) {
        let (name, value) =
            [("unknown", "x"), ("includeObject", "Object"), ("export", "true"), ("watch", "0")]
                [dice.below(4)];
        if request.parameter_value(name).is_empty() {
            request = request.parameter(name, value);
        }
    }
    if dice.percent(10) {
        request = request.header("Accept-Encoding", "gzip");
    }
    if dice.percent(22) {
        request = request.header("Accept", dice.pick(&ACCEPTED));
        if dice.percent(20) {
            request = request.parameter("includeObject", dice.pick(&["None", "Metadata", "Object", "Other"]));
        }
    }
    request
}
