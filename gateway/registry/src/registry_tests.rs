use serde_json::{Value, json};

use crate::fixture::*;
use crate::*;

#[tokio::test]
async fn creates_fill_in_what_the_server_knows() {
    let tasks = resource(&registry(), "tasks");
    let body = json!({
        "apiVersion": "g.example.com/v1", "kind": "Task", "extra": 1,
        "metadata": {
            "name": "a", "labels": {"x": "y"}, "annotations": {}, "uid": "mine", "generation": 7,
            "creationTimestamp": null, "odd": true, "managedFields": [{"manager": "m"}],
        },
        "spec": {"title": "t", "unknown": {}},
    });
    let created = create(&tasks, address("default", ""), body, &[]).await.unwrap();
    let object = json_of(&created);
    assert_eq!(object["spec"], json!({"title": "t", "count": 1}));
    let metadata = object["metadata"].as_object().unwrap();
    let keys: Vec<_> = metadata.keys().map(String::as_str).collect();
    let expected =
        ["creationTimestamp", "generation", "labels", "name", "namespace", "resourceVersion", "uid"];
    assert_eq!(keys, expected);
    assert_eq!((&metadata["namespace"], &metadata["generation"]), (&json!("default"), &json!(1)));
    assert_ne!(metadata["uid"], "mine");
    assert_eq!(
        created.warnings,
        ["unknown field \"metadata.odd\"", "unknown field \"extra\"", "unknown field \"spec.unknown\""]
    );
    let read = tasks.get(address("default", "a"), &GetOptions::default()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(read.bytes()).unwrap(), object);
}

/// What is refused, with which code and text; nothing may be stored.
#[tokio::test]
async fn refusals() {
    let registry = registry();
    let tasks = resource(&registry, "tasks");
    create(&tasks, address("default", ""), task(json!({"name": "taken"})), &[]).await.unwrap();
    let before = tasks.objects();
    let spec = |spec: Value| json!({"apiVersion": "g.example.com/v1", "kind": "Task", "metadata": {"name": "a"}, "spec": spec});
    let wrong_type = "Task.g.example.com \"a\" is invalid: spec.title: Invalid value: \"integer\": spec.title in body must be of type string: \"integer\"";
    let cases: &[(&str, &str, Value, &[(&str, &str)], u16, &str)] = &[
        (
            "default",
            "",
            json!([]),
            &[],
            400,
            "Task in version \"v1\" cannot be handled as a Task: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct",
        ),
        (
            "default",
            "",
            json!({"metadata": {}}),
            &[],
            400,
            "Task in version \"v1\" cannot be handled as a Task: Object 'Kind' is missing",
        ),
        (
            "default",
            "",
            json!({"kind": "Task", "apiVersion": "v1"}),
            &[],
            400,
            "the API version in the data (v1) does not match the expected API version (g.example.com/v1)",
        ),
        (
            "default",
            "",
            json!({"kind": "Other", "apiVersion": "g.example.com/v1", "metadata": {"name": "a"}, "spec": {"title": "t"}}),
            &[],
            422,
            "Other.g.example.com \"a\" is invalid: kind: Invalid value: \"Other\": must be Task",
        ),
        (
            "default",
            "",
            task(json!({"name": 1})),
            &[],
            400,
            "Task in version \"v1\" cannot be handled as a Task:",
        ),
        (
            "default",
            "",
            task(json!({"name": "taken"})),
            &[],
            409,
            "tasks.g.example.com \"taken\" already exists",
        ),
        (
            "default",
            "",
            task(json!({"name": "taken"})),
            &[("dryRun", "All")],
            409,
            "tasks.g.example.com \"taken\" already exists",
        ),
        (
            "default",
            "b",
            task(json!({"name": "a"})),
            &[],
            400,
            "the name of the object (a) does not match the name on the URL (b)",
        ),
        (
            "default",
            "",
            task(json!({"name": "a", "namespace": "other"})),
            &[],
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            "default",
            "",
            task(json!({})),
            &[],
            422,
            "Task.g.example.com \"\" is invalid: metadata.name: Required value: name or generateName is required",
        ),
        (
            "default",
            "",
            task(json!({"name": "A"})),
            &[],
            422,
            "Task.g.example.com \"A\" is invalid: metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of",
        ),
        (
            "default",
            "",
            task(json!({"name": "a", "labels": {"a b": ""}})),
            &[],
            422,
            "Task.g.example.com \"a\" is invalid: metadata.labels: Invalid value: \"a b\": name part must consist of",
        ),
        (
            "default",
            "",
            task(json!({"name": "a", "finalizers": ["a b"]})),
            &[],
            422,
            "Task.g.example.com \"a\" is invalid: metadata.finalizers: Invalid value: \"a b\": name part must consist of",
        ),
        (
            "default",
            "",
            task(json!({"name": "a", "resourceVersion": "1"})),
            &[],
            500,
            "resourceVersion should not be set on objects to be created",
        ),
        ("default", "", spec(json!({"title": 1})), &[], 422, wrong_type),
        (
            "default",
            "",
            spec(json!({})),
            &[],
            422,
            "Task.g.example.com \"a\" is invalid: spec.title: Required value",
        ),
        (
            "default",
            "",
            spec(json!({"title": "t", "x": 1})),
            &[("fieldValidation", "Strict")],
            400,
            "Task in version \"v1\" cannot be handled as a Task: strict decoding error: unknown field \"spec.x\"",
        ),
        (
            "default",
            "",
            spec(json!({"title": "t"})),
            &[("fieldValidation", "No")],
            422,
            "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"No\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"",
        ),
        (
            "default",
            "",
            spec(json!({"title": "t"})),
            &[("dryRun", "Some")],
            422,
            "CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"",
        ),
        ("missing", "", task(json!({"name": "a"})), &[], 404, "namespaces \"missing\" not found"),
        (
            "ending",
            "",
            task(json!({"name": "a"})),
            &[],
            403,
            "tasks.g.example.com \"a\" is forbidden: unable to create new content in namespace ending because it is being terminated",
        ),
        ("unknown", "", task(json!({"name": "a"})), &[], 500, "Internal error occurred: no answer"),
    ];
    for (namespace, name, body, query, code, text) in cases {
        let status = create(&tasks, address(namespace, name), body.clone(), query).await.unwrap_err();
        assert_eq!(status.code(), *code, "{body} {query:?}: {}", status.message);
        assert!(status.message.starts_with(text), "{body} {query:?}:\n{}\n{text}", status.message);
        assert_eq!(tasks.objects(), before, "{body}");
    }
}

#[tokio::test]
async fn names() {
    let registry = registry();
    let tasks = resource(&registry, "tasks");
    let generated = create(&tasks, address("n", ""), task(json!({"generateName": "a-"})), &[]).await.unwrap();
    let name = json_of(&generated)["metadata"]["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("a-") && name.len() == 7, "{name}");
    let by_path = create(&tasks, address("n", "b"), task(json!({})), &[]).await.unwrap();
    assert_eq!(json_of(&by_path)["metadata"]["name"], "b");
    let dry =
        create(&tasks, address("n", ""), task(json!({"name": "c"})), &[("dryRun", "All")]).await.unwrap();
    assert_eq!(json_of(&dry)["metadata"].get("resourceVersion"), None);
    assert!(tasks.get(address("n", "c"), &GetOptions::default()).is_err());
    let hosts = resource(&registry, "hosts");
    let mut host = task(json!({"name": "h", "namespace": "n"}));
    host["kind"] = json!("Host");
    let host = create(&hosts, address("", ""), host, &[]).await.unwrap();
    assert_eq!(json_of(&host)["metadata"].get("namespace"), None);
}

#[tokio::test]
async fn lists() {
    let registry = registry();
    let tasks = resource(&registry, "tasks");
    let list = |query: &[(&str, &str)], namespace: &str| -> Result<Vec<String>, (u16, String)> {
        let options = ListOptions::read(&parameters(query), tasks.selectable_fields());
        let refused = |status: Status| (status.code(), status.message);
        let list = tasks.list(address(namespace, ""), &options.map_err(refused)?).map_err(refused)?;
        Ok(list.objects.iter().map(|object| object.key().to_string()).collect())
    };
    let empty = tasks.list(address("", ""), &ListOptions::default()).unwrap().revision;
    for (namespace, name) in [("a", "x"), ("b", "x"), ("b", "y")] {
        create(&tasks, address(namespace, ""), task(json!({"name": name, "labels": {"l": name}})), &[])
            .await
            .unwrap();
    }
    let all = tasks.list(address("", ""), &ListOptions { limit: 2, ..ListOptions::default() }).unwrap();
    assert_eq!((all.objects.len(), all.remaining), (2, Some(1)));
    let (revision, future) = (all.revision.to_string(), (all.revision + 1_000_000_000).to_string());
    let cases: &[(&[(&str, &str)], &str, Result<&[&str], (u16, &str)>)] = &[
        (&[], "", Ok(&["a/x", "b/x", "b/y"])),
        (&[], "b", Ok(&["b/x", "b/y"])),
        (&[], "none", Ok(&[])),
        (&[("labelSelector", "l=x")], "", Ok(&["a/x", "b/x"])),
        (&[("fieldSelector", "metadata.name=y")], "", Ok(&["b/y"])),
        (&[("limit", "2"), ("continue", &all.next)], "", Ok(&["b/y"])),
        (&[("resourceVersion", "0")], "b", Ok(&["b/x", "b/y"])),
        (&[("resourceVersion", &revision)], "b", Ok(&["b/x", "b/y"])),
        (&[("resourceVersion", &revision), ("resourceVersionMatch", "Exact")], "b", Ok(&["b/x", "b/y"])),
        (&[("resourceVersion", "1")], "b", Ok(&["b/x", "b/y"])),
        (&[("resourceVersion", "1"), ("resourceVersionMatch", "NotOlderThan")], "b", Ok(&["b/x", "b/y"])),
        (
            &[("resourceVersion", "1"), ("resourceVersionMatch", "Exact")],
            "",
            Err((410, "The resourceVersion for the provided list is too old.")),
        ),
        (&[("resourceVersion", &future)], "", Err((410, "too old resource version: "))),
        (&[("resourceVersion", "x")], "", Err((400, "invalid resource version: "))),
        (
            &[("resourceVersionMatch", "Exact")],
            "",
            Err((
                422,
                "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
            )),
        ),
        (
            &[("sendInitialEvents", "true")],
            "",
            Err((
                422,
                "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
            )),
        ),
        (&[("continue", "x")], "", Err((400, "invalid continue token: "))),
        (&[("continue", "x"), ("resourceVersion", "7")], "", Err((400, "invalid continue token: "))),
        (
            // {"v":"meta.k8s.io/v1","rv":1,"start":"n/a"}
            &[
                ("continue", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJuL2EifQ"),
                ("resourceVersion", "7"),
            ],
            "",
            Err((400, "specifying resource version is not allowed when using continue")),
        ),
        (&[("limit", "x")], "", Err((400, "strconv.ParseInt: parsing \"x\": invalid syntax"))),
        (&[("labelSelector", "=")], "", Err((400, "found '=', expected: !, identifier, or 'end of string'"))),
        (&[("fieldSelector", "spec.x=1")], "", Err((400, "field label not supported: spec.x"))),
        (&[("timeoutSeconds", "x")], "", Err((400, "strconv.ParseInt: parsing \"x\": invalid syntax"))),
    ];
    for (query, namespace, expected) in cases {
        match (list(query, namespace), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, *expected, "{query:?}"),
            (Err((code, text)), Err((expected, start))) => {
                assert_eq!(code, *expected, "{query:?}: {text}");
                assert!(text.starts_with(start), "{query:?}: {text}");
            }
            (found, expected) => panic!("{query:?}: {found:?}, expected {expected:?}"),
        }
    }
    let exact = ListOptions { revision: Some(empty), exact: true, ..ListOptions::default() };
    assert_eq!(tasks.list(address("", ""), &exact).unwrap_err().code(), 410);
}

#[tokio::test]
async fn pages_of_a_revision_that_is_past_and_of_one_that_is_forgotten() {
    let registry = registry();
    let tasks = resource(&registry, "tasks");
    let add = async |name: &str| {
        create(&tasks, address("n", ""), task(json!({"name": name})), &[]).await.unwrap();
    };
    for name in ["a", "b", "c"] {
        add(name).await;
    }
    let page = |options: ListOptions| tasks.list(address("", ""), &ListOptions { limit: 1, ..options });
    let names =
        |list: List| list.objects.iter().map(|object| object.key().name().to_owned()).collect::<Vec<_>>();
    let first = page(ListOptions::default()).unwrap();
    add("bb").await;
    let next = |token: &str| ListOptions { next: Some(token.to_owned()), ..ListOptions::default() };
    let second = page(next(&first.next)).unwrap();
    assert_eq!((second.revision, second.remaining), (first.revision, Some(1)));
    // All of a revision of which pages are still to come.
    let exact = ListOptions { revision: Some(first.revision), exact: true, ..ListOptions::default() };
    let past = tasks.list(address("", ""), &exact).unwrap();
    assert_eq!(
        (past.revision, names(past)),
        (first.revision, vec!["a".to_owned(), "b".to_owned(), "c".to_owned()])
    );

    // Lists of so many other revisions have begun that this one is forgotten.
    for other in 0..200 {
        add(&format!("x-{other}")).await;
        page(ListOptions::default()).unwrap();
    }
    assert_eq!(tasks.list(address("", ""), &exact).unwrap_err().code(), 410);
    let refused = page(next(&second.next)).unwrap_err();
    assert_eq!((refused.code(), refused.reason), (410, Some(Reason::Expired)));
    assert!(refused.message.starts_with("The provided continue parameter is too old"), "{}", refused.message);
    // Its token goes on, in what is current.
    let rest = page(next(&refused.metadata.next)).unwrap();
    assert!(rest.revision > first.revision);
    assert_eq!(names(rest), ["bb"]);
}

#[tokio::test]
async fn deletions() {
    let registry = registry();
    let tasks = resource(&registry, "tasks");
    let created = json_of(&create(&tasks, address("n", ""), task(json!({"name": "a"})), &[]).await.unwrap());
    let (uid, version) = (&created["metadata"]["uid"], &created["metadata"]["resourceVersion"]);
    let body = |preconditions: Value| json!({"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": preconditions});
    let cases = [
        (
            Some(body(json!({"uid": "other"}))),
            409,
            "Operation cannot be fulfilled on Task.g.example.com \"a\": the UID in the precondition (other) does not match",
        ),
        (
            Some(body(json!({"uid": uid, "resourceVersion": "1"}))),
            409,
            "Operation cannot be fulfilled on Task.g.example.com \"a\": the ResourceVersion in the precondition (1) does not match",
        ),
        (
            Some(json!({"propagationPolicy": "Odd"})),
            422,
            "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Odd\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"",
        ),
        (
            Some(json!({"dryRun": ["x"]})),
            422,
            "DeleteOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value",
        ),
        (
            Some(json!({"kind": "Pod", "apiVersion": "v1"})),
            400,
            "no kind \"Pod\" is registered for version \"v1\"",
        ),
        (
            Some(json!({"kind": "Status", "apiVersion": "apps/v1"})),
            400,
            "converting (v1.Status) to (v1.DeleteOptions): unknown conversion",
        ),
        (
            Some(json!({"kind": "ListOptions", "apiVersion": "v1"})),
            400,
            "no kind \"ListOptions\" is registered for version \"v1\"",
        ),
        (
            Some(json!({"kind": "ListOptions"})),
            400,
            "converting (v1.ListOptions) to (v1.DeleteOptions): unknown conversion",
        ),
        (
            Some(json!({"dryRun": 1})),
            400,
            "json: cannot unmarshal number into Go struct field DeleteOptions.dryRun of type []string",
        ),
        (Some(json!({"apiVersion": "odd/v1", "dryRun": ["All"], "preconditions": null})), 200, ""),
        (Some(json!({"dryRun": ["All"]})), 200, ""),
        (Some(body(json!({"uid": uid, "resourceVersion": version}))), 200, ""),
        (None, 404, "tasks.g.example.com \"a\" not found"),
    ];
    for (body, code, text) in cases {
        let shown = format!("{body:?}");
        let answer = match delete(&tasks, address("n", "a"), body).await {
            Ok(Deleted::Gone(status)) => Ok(*status),
            Ok(Deleted::Marked(_)) => panic!("{shown}: nothing holds it"),
            Err(status) => Err(status),
        };
        let status = answer.unwrap_or_else(|status| status);
        assert_eq!(status.code(), code, "{shown}: {}", status.message);
        assert!(status.message.starts_with(text), "{shown}: {}", status.message);
    }
}

#[tokio::test]
async fn objects_outlive_definitions() {
    let registry = registry();
    create(&resource(&registry, "tasks"), address("n", ""), task(json!({"name": "a"})), &[]).await.unwrap();
    let before = resource(&registry, "tasks").get(address("n", "a"), &GetOptions::default()).unwrap();
    registry.publish(definition(
        json!({"title": {"type": "string"}, "color": {"type": "string", "default": "red"}}),
    ));
    let after = resource(&registry, "tasks").get(address("n", "a"), &GetOptions::default()).unwrap();
    assert_eq!((before.revision(), before.uid()), (after.revision(), after.uid()));
    let object: Value = serde_json::from_slice(after.bytes()).unwrap();
    assert_eq!(object["spec"], json!({"title": "t", "color": "red"}), "read by the schema in force");
}

/// A fault of all owners repeats them all: of forty thousand it is told once.
#[tokio::test]
async fn many_owners_make_no_larger_answer() {
    let tasks = resource(&registry(), "tasks");
    let owner = |n: usize| json!({"apiVersion": "v1", "kind": "Pod", "name": format!("p{n}"), "uid": "u", "controller": true});
    let owners: Vec<_> = (0..40_000).map(owner).collect();
    let refused =
        create(&tasks, address("n", ""), task(json!({"name": "a", "ownerReferences": owners})), &[]).await;
    let causes = refused.unwrap_err().details.unwrap().causes;
    assert_eq!(causes.len(), 1);
}
