//! What kubectl says of what is refused.

use serde_json::{Value, json};

use crate::harness::Served;
use crate::tasks::{self, qualified};

#[tokio::test]
async fn refusals() {
    let served = Served::start("refusals", tasks::spec()).await;
    let (g, n) = (&served.group, &served.namespace);
    let create = format!("create -n {n} --validate=ignore -f -");
    let valid = tasks::task(g, "a").to_string();
    served.kubectl.run_with(&valid, &create).await.success();
    let taken = format!(r#"error when creating "STDIN": customtasks.{g} "a" already exists"#);
    check(&served, &valid, &create, &format!("Error from server (AlreadyExists): {taken}")).await;
    let elsewhere = "create -n no-such-namespace --validate=ignore -f -";
    let missing = r#"error when creating "STDIN": namespaces "no-such-namespace" not found"#;
    check(&served, &valid, elsewhere, &format!("Error from server (NotFound): {missing}")).await;
    for (pointer, value, expected) in [
        (
            "/spec/title",
            json!(""),
            r#"spec.title: Invalid value: "": spec.title in body should be at least 1 chars long"#,
        ),
        (
            "/spec/total",
            json!("3"),
            r#"spec.total: Invalid value: "string": spec.total in body must be of type integer: "string""#,
        ),
        (
            "/spec/color",
            json!("pink"),
            r#"spec.color: Unsupported value: "pink": supported values: "red", "green", "blue""#,
        ),
        ("/spec", json!({}), "spec.title: Required value"),
        (
            "/metadata/name",
            json!("A"),
            r#"metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of"#,
        ),
    ] {
        let mut task = tasks::task(g, "a");
        *task.pointer_mut(pointer).unwrap() = value;
        let expected = format!("The CustomTask {} is invalid: {expected}", task["metadata"]["name"]);
        check(&served, &task.to_string(), &create, &expected).await;
    }
    let selected = format!(
        "Unable to find \"{g}/v1, Resource=customtasks\" that match label selector \"\", \
         field selector \"spec.color=red\": field label not supported: spec.color"
    );
    for (arguments, reason, expected) in [
        (format!("get customtask x -n {n}"), "NotFound", format!("customtasks.{g} \"x\" not found")),
        (format!("delete customtask x -n {n}"), "NotFound", format!("customtasks.{g} \"x\" not found")),
        ("get clustertask x".to_owned(), "NotFound", format!("clustertasks.{g} \"x\" not found")),
        (format!("get customtasks -n {n} --field-selector=spec.color=red"), "BadRequest", selected),
    ] {
        check(&served, "", &arguments, &format!("Error from server ({reason}): {expected}")).await;
    }
}

async fn check(served: &Served, input: &str, arguments: &str, expected: &str) {
    let said = served.kubectl.run_with(input, &qualified(arguments, &served.group)).await.failure();
    assert!(said.starts_with(expected), "kubectl {arguments}: {said}instead of\n{expected}");
}

#[tokio::test]
async fn unknown_fields() {
    let served = Served::start("unknown", tasks::spec()).await;
    let n = &served.namespace;
    let mut task = tasks::task(&served.group, "a");
    task["spec"]["titel"] = Value::from("x");
    let task = task.to_string();
    let strict =
        served.kubectl.run_with(&task, &format!("create -n {n} --validate=strict -f -")).await.failure();
    // kubectl itself judges, by OpenAPI, what is no kind that can be patched.
    assert!(strict.contains("unknown field \"") && strict.contains("titel\""), "{strict}");
    let warned = served.kubectl.run_with(&task, &format!("create -n {n} --validate=warn -f -")).await;
    assert!(warned.succeeded, "{}", warned.stderr);
    assert!(warned.stderr.contains("Warning: unknown field \"spec.titel\""), "{}", warned.stderr);
    let arguments = format!("get customtask a -n {n} -o jsonpath={{.spec}}");
    let spec = served.kubectl.says(&qualified(&arguments, &served.group)).await;
    assert_eq!(spec, r#"{"color":"green","title":"Task a","total":3}"#);
}
