//! Requests that kubectl would not send, through kube-apiserver.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{QUICK, Served, unique, until};
use crate::tasks;

/// apiserver's limit of a request's body, in bytes.
const BODY: usize = 3 << 20;
const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";
const NO_METHOD: &str = "the server does not allow this method on the requested resource";
const UNRECOGNIZED: &str = "the object provided is unrecognized (must be of type CustomTask): couldn't get version/kind; json parse error: ";
/// The one answer that is no Status, as with any API server.
const NO_PAGE: &str = "404 page not found\n";
const NOT_ACCEPTED: &str = "only the following media types are accepted: application/json";
const UNKNOWN_FORMAT: &str =
    "the body of the request was in an unknown format - accepted media types include: application/json";
const OTHER_NAMESPACE: &str =
    "the namespace of the provided object does not match the namespace sent on the request";

/// A request that is refused; the message is the beginning of the Status'.
struct Refused {
    method: Method,
    path: String,
    content_type: &'static str,
    accept: &'static str,
    body: String,
    code: u16,
    message: String,
}

fn refused(method: Method, path: &str, body: impl ToString, code: u16, message: &str) -> Refused {
    let (path, message) = (path.to_owned(), message.to_owned());
    let content_type = if method == Method::PATCH { MERGE_PATCH } else { JSON };
    Refused { method, path, content_type, accept: JSON, body: body.to_string(), code, message }
}

fn get(path: &str, code: u16, message: &str) -> Refused {
    refused(Method::GET, path, "", code, message)
}

#[tokio::test]
async fn what_is_not_served() {
    let served = Served::start("unserved", tasks::spec()).await;
    let (list, one) = (served.namespaced("/customtasks"), served.namespaced("/customtasks/a"));
    let task = tasks::task(&served.group, "a");
    served.cluster.admin.post(&list, &task).await.expect(201);
    for case in [
        get(&format!("{list}?watch=true&resourceVersion=x"), 400, "invalid resource version"),
        refused(Method::POST, &served.path("/foo"), "{}", 405, NO_METHOD),
        get(&format!("{one}/status"), 404, &format!("customtasks.{} \"a\" not found", served.group)),
        get(&served.path("/nothing"), 404, NO_PAGE),
        get(&served.path("/customtasks/a"), 404, NO_PAGE),
        get(&served.namespaced("/clustertasks"), 404, NO_PAGE),
        Refused { accept: "text/html", ..get(&one, 406, NOT_ACCEPTED) },
        get(
            &format!("{list}?labelSelector=,,"),
            400,
            "found ',', expected: !, identifier, or 'end of string'",
        ),
        get(&format!("{list}?resourceVersion=x"), 400, "invalid resource version"),
        get(&format!("{list}?continue=x"), 400, "invalid continue token"),
    ] {
        check(&served, case).await;
    }
}

#[tokio::test]
async fn bodies_that_do_not_fit() {
    let served = Served::start("bodies", tasks::spec()).await;
    let (g, list) = (&served.group, served.namespaced("/customtasks"));
    let task = tasks::task(g, "a");
    let changed = |pointer: &str, value: Value| {
        let mut changed = task.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    };
    let post = |body: &str, code: u16, message: &str| refused(Method::POST, &list, body, code, message);
    let bad_object =
        |why: &str| format!("CustomTask in version \"v1\" cannot be handled as a CustomTask: {why}");
    let twice = format!(
        r#"{{"apiVersion":"{g}/v1","kind":"CustomTask","metadata":{{"name":"b","x":1}},
            "spec":{{"title":"b","titel":"c"}},"spec":{{"title":"b","y":1}}}}"#
    );
    let strict = bad_object(
        "strict decoding error: duplicate field \"spec\", unknown field \"metadata.x\", unknown field \"spec.y\"",
    );
    let invalid = format!(
        "CustomTask.{g} \"a\" is invalid: [spec.title: Invalid value: \"\": spec.title in body should be at least 1 \
         chars long, spec.total: Invalid value: 0: spec.total in body should be greater than or equal to 1]"
    );
    let version =
        format!("the API version in the data (other/v1) does not match the expected API version ({g}/v1)");
    let elsewhere = changed("/metadata", json!({"name": "b", "namespace": "other"}));
    let named = served.namespaced("/customtasks/c");
    let name = "the name of the object (a) does not match the name on the URL (c)";
    for case in [
        Refused { content_type: "text/plain", ..post(&task.to_string(), 415, UNKNOWN_FORMAT) },
        post("{", 400, UNRECOGNIZED),
        post("[]", 400, UNRECOGNIZED),
        post(&changed("/apiVersion", json!("other/v1")).to_string(), 400, &version),
        post(&elsewhere.to_string(), 400, OTHER_NAMESPACE),
        refused(Method::POST, &named, &task, 400, name),
        refused(Method::POST, &format!("{list}?fieldValidation=Strict"), twice, 400, &strict),
        post(&changed("/spec", json!({"title": "", "total": 0})).to_string(), 422, &invalid),
        post(&"x".repeat(BODY + 1), 413, "Request entity too large: limit is 3145728"),
    ] {
        check(&served, case).await;
    }
    let left = served.cluster.admin.get(&list).await.expect(200);
    assert_eq!(left["items"], json!([]), "what was refused is not there");
}

async fn check(served: &Served, case: Refused) {
    let caller = served.cluster.admin.clone().header("Accept", case.accept);
    let caller = caller.header("Content-Type", case.content_type);
    let shown = format!("{} {} {}", case.method, case.path, &case.body[..case.body.len().min(200)]);
    let answer = caller.send(case.method, &case.path, case.body).await;
    if case.message == NO_PAGE {
        assert_eq!((answer.code(), answer.text().as_str()), (case.code, NO_PAGE), "{shown}");
        return;
    }
    let status = answer.json();
    let fits = answer.code() == case.code && status["kind"] == "Status" && status["code"] == case.code;
    let fits = fits && answer.message().starts_with(&case.message);
    assert!(fits, "{shown}: {}instead of {} {}", answer.text(), case.code, case.message);
}

#[tokio::test]
async fn warned() {
    let served = Served::start("warned", tasks::spec()).await;
    let mut task = tasks::task(&served.group, "a");
    task["spec"]["titel"] = json!("x");
    let answer = served.cluster.admin.post(&served.namespaced("/customtasks"), &task).await;
    assert_eq!(answer.header("Warning"), r#"299 - "unknown field \"spec.titel\"""#);
    let created = answer.expect(201);
    assert_eq!(created["spec"], json!({"title": "Task a", "total": 3, "color": "green"}));
}

/// NamespaceLifecycle, which kube-apiserver runs for its own objects only.
#[tokio::test]
async fn a_terminating_namespace_takes_no_objects() {
    let mut served = Served::start("terminating", tasks::spec()).await;
    let namespace = unique("held");
    let holder = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
        "name": "holder", "namespace": namespace, "finalizers": ["example.com/held"]}});
    served
        .create(&[json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}), holder])
        .await;
    let admin = &served.cluster.admin;
    admin.delete(&format!("/api/v1/namespaces/{namespace}")).await.expect(200);
    let tasks = served.path(&format!("/namespaces/{namespace}/customtasks"));
    let refused = until("objects are refused", QUICK, async || {
        let task = tasks::task(&served.group, &unique("t"));
        let answer = admin.post(&tasks, &task).await;
        if answer.code() == 403 { Ok(answer) } else { Err(answer.text()) }
    })
    .await;
    let text =
        format!("unable to create new content in namespace {namespace} because it is being terminated");
    assert!(refused.message().ends_with(&text), "{}", refused.text());
    assert_eq!(refused.json()["details"]["causes"][0]["reason"], "NamespaceTerminating");
    let holder = format!("/api/v1/namespaces/{namespace}/configmaps/holder");
    admin.patch(&holder, &json!({"metadata": {"finalizers": null}})).await.expect(200);
    until("the namespace is gone", QUICK, async || {
        let answer = admin.get(&format!("/api/v1/namespaces/{namespace}")).await;
        if answer.code() == 404 { Ok(()) } else { Err(answer.text()) }
    })
    .await;
}
