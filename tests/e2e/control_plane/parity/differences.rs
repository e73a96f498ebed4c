//! Every difference from a custom resource that is meant, with its reason. What is never compared at all, such as
//! managedFields, is in [`super::normal`].

use http::Method;
use serde_json::Value;

use super::exchange::{Rule, as_read};
use super::side::CLOSED;

/// Why quota is not enforced.
pub(super) const QUOTA: &str = "quota counts objects, and does not keep them from being created";
/// Why policies and webhooks of the cluster change nothing.
pub(super) const ADMISSION: &str =
    "admission of the cluster is not run yet: its policies and webhooks are not asked";

/// Meant, and meant to stay.
pub(super) const MEANT: &[Rule] = &[
    Rule {
        why: "a revision that is no number is the client's mistake, for which a custom resource answers 500",
        applies: |exchange| {
            // As a YAML text or as its words.
            let number = "ParseUint";
            let tells = |answer: &Value| answer["body"].to_string().contains(number);
            exchange.theirs["code"] == 500
                && exchange.our_class(400)
                && tells(exchange.ours)
                && tells(exchange.theirs)
        },
    },
    Rule {
        why: "POST to a named path creates that name; a custom resource takes the name of the body alone",
        applies: |exchange| {
            let path = exchange.request.path.split('?').next().unwrap_or_default();
            exchange.request.method == Method::POST && path.ends_with("/named")
        },
    },
    Rule {
        why: "apiextensions answers paths that no resource has with plain text",
        applies: |exchange| exchange.same_code(&[404]) && exchange.theirs["body"] == "404 page not found\n",
    },
    Rule {
        why: "protobuf is not offered, nor named among what is",
        applies: |exchange| {
            exchange.same_code(&[406, 415]) && {
                let [ours, theirs] = [exchange.ours, exchange.theirs].map(|answer| plain(&answer["body"]));
                let theirs = theirs.replace(",application/vnd.kubernetes.protobuf;stream=watch", "");
                ours == theirs.replace(",application/vnd.kubernetes.protobuf", "")
            }
        },
    },
    Rule {
        why: "server-side apply is not built yet, nor named among the forms of a patch",
        applies: |exchange| {
            let [ours, theirs] = exchange.messages();
            exchange.same_code(&[415]) && ours == theirs.replace(", application/apply-patch+yaml", "")
        },
    },
    Rule {
        why: "of a body that is refused at most 4 KiB are shown",
        applies: |exchange| {
            let [ours, theirs] =
                [exchange.ours, exchange.theirs].map(|answer| answer["body"].to_string().len());
            exchange.same_code(&[400, 422]) && ours < theirs && theirs > SHOWN_MOST
        },
    },
    Rule {
        why: "who accepts protobuf gets a custom resource's refusals in it",
        applies: |exchange| {
            let kinds = [exchange.ours, exchange.theirs].map(|answer| &answer["headers"][0]);
            (exchange.same_code(REFUSALS) || exchange.same_code(&[500]))
                && kinds[0] == "application/json"
                && kinds[1] == "application/vnd.kubernetes.protobuf"
        },
    },
    Rule {
        why: "objects in protobuf are not taken; a custom resource's server looks into them, or closes the connection",
        applies: |exchange| {
            exchange.ours["code"] == 415
                && exchange.request.header_value("Content-Type") == "application/vnd.kubernetes.protobuf"
                && [400, 422, u64::from(CLOSED)].into_iter().any(|code| exchange.theirs["code"] == code)
        },
    },
    Rule {
        why: "of one object no list of metadata can be had, which a custom resource notices when it is too late",
        applies: |exchange| {
            exchange.theirs["code"] == 500 && exchange.messages()[1] == "content is not a list"
        },
    },
    Rule {
        why: "of what a patch made a refusal shows numbers as they are read, a custom resource's as they were written",
        applies: |exchange| {
            let [ours, theirs] = exchange.messages();
            exchange.same_code(&[422])
                && theirs.starts_with(" \"\" is invalid: patch: Invalid value")
                && ours == as_read(theirs)
        },
    },
    Rule {
        why: "a state of the past that no page is left of is not kept: 410, as after a compaction",
        applies: |exchange| {
            let found = exchange.theirs["code"] == 200 || exchange.theirs["code"] == 406;
            exchange.ours["code"] == 410
                && found
                && exchange.request.is_read()
                && !exchange.request.is_watch()
                && !exchange.request.parameter_value("resourceVersion").is_empty()
        },
    },
    Rule {
        why: "a revision that was not given yet is of another time, and 410 at once; a custom resource waits for it, and is 504",
        applies: |exchange| {
            exchange.ours["code"] == 410
                && exchange.theirs["code"] == 504
                && exchange.their_text().contains("Too large resource version")
        },
    },
    Rule {
        why: "who watches lists of metadata gets metadata; a custom resource's server finds none in an event, and ends",
        applies: |exchange| {
            exchange.request.is_watch()
                && exchange.request.header_value("Accept").contains("as=PartialObjectMetadataList")
        },
    },
    Rule {
        why: "of a field that is given twice the last counts, also where the first is of a wrong type",
        applies: |exchange| {
            exchange.same_code(&[400])
                && exchange.request.body.text().contains("{again}")
                && exchange.messages().iter().all(|message| message.contains("json: cannot unmarshal"))
        },
    },
    Rule {
        why: "managedFields are not built yet: a write that changes nothing else is none",
        applies: |exchange| {
            let changes = [Method::PUT, Method::PATCH].contains(&exchange.request.method);
            changes && exchange.both_granted() && exchange.only_theirs_is_new()
        },
    },
    Rule {
        why: "a Scale that cannot be read is refused for what is wrong with it, not for how it is called in Go",
        applies: |exchange| {
            let [_, theirs] = exchange.messages();
            exchange.request.method == Method::PUT
                && exchange.request.is_of_scale()
                && exchange.same_code(&[400])
                && exchange.their_text().contains("no kind is registered for the type v1.Scale")
                && (theirs.is_empty() || theirs.starts_with("no kind is registered for the type v1.Scale"))
        },
    },
    Rule {
        why: "what a patch made of a Scale is shown with its fields in the order of their names, as any object is",
        applies: |exchange| {
            exchange.request.method == Method::PATCH
                && exchange.request.is_of_scale()
                && exchange.same_code(&[422])
                && exchange.same_letters()
        },
    },
    Rule {
        why: QUOTA,
        applies: |exchange| {
            exchange.our_class(200)
                && exchange.theirs["code"] == 403
                && exchange.messages()[1].contains(" quota: ")
        },
    },
    Rule {
        why: ADMISSION,
        applies: |exchange| {
            exchange.our_class(200)
                && exchange.theirs["code"] == 422
                && exchange.messages()[1].contains("ValidatingAdmissionPolicy ")
        },
    },
    Rule {
        why: "a dry run names an object's key in the storage without the storage's prefix",
        applies: |exchange| {
            let [ours, theirs] = exchange.messages();
            exchange.request.parameter_value("dryRun") == "All"
                && exchange.same_code(&[409])
                && ours == theirs.replace(", Key: /", ", Key: /registry/")
        },
    },
];

/// In bytes, of a message with a body.
const SHOWN_MOST: usize = 4 << 10;
const REFUSALS: &[u64] = &[400, 404, 405, 409, 410, 413, 415, 422];

/// A text without white space, as a Status may be written in JSON or YAML.
fn plain(body: &Value) -> String {
    let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    text.replace("\\n", "").split_whitespace().collect()
}
