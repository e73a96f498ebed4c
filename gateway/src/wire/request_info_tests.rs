use super::*;

fn parse(method: &str, uri: &str) -> RequestInfo {
    let uri: Uri = uri.parse().unwrap();
    let parameters = crate::wire::query::parameters(&uri);
    RequestInfo::parse(&method.parse().unwrap(), &uri, &parameters)
}

/// verb, namespace, resource, name, subresource
fn check(method: &str, path: &str, expected: Option<[&str; 5]>) {
    let info = parse(method, path).resource;
    let found = info
        .as_ref()
        .map(|info| [info.verb.as_str(), &info.namespace, &info.resource, &info.name, &info.subresource]);
    assert_eq!(found, expected, "{method} {path}");
}

#[test]
fn resources() {
    check("GET", "/apis/g.x/v1/tasks", Some(["list", "", "tasks", "", ""]));
    check("GET", "/apis/g.x/v1/tasks?watch=1", Some(["watch", "", "tasks", "", ""]));
    check("GET", "/apis/g.x/v1/tasks?watch=false", Some(["list", "", "tasks", "", ""]));
    check("GET", "/apis/g.x/v1/tasks?watch=", Some(["watch", "", "tasks", "", ""]));
    check("GET", "/apis/g.x/v1/watch/tasks", Some(["watch", "", "tasks", "", ""]));
    check("GET", "/apis/g.x/v1/watch/namespaces/n/tasks/a", Some(["watch", "n", "tasks", "a", ""]));
    check("POST", "/apis/g.x/v1/watch/tasks", Some(["", "", "tasks", "", ""]));
    check("HEAD", "/apis/g.x/v1/tasks/a", Some(["get", "", "tasks", "a", ""]));
    check("GET", "/apis/g.x/v1/namespaces/n/tasks", Some(["list", "n", "tasks", "", ""]));
    check("GET", "/apis/g.x/v1/namespaces/n/tasks/a/status", Some(["get", "n", "tasks", "a", "status"]));
    check("POST", "/apis/g.x/v1/namespaces/n/tasks", Some(["create", "n", "tasks", "", ""]));
    check("POST", "/apis/g.x/v1/namespaces/n/tasks/a", Some(["create", "n", "tasks", "a", ""]));
    check("PUT", "/apis/g.x/v1/tasks/a", Some(["update", "", "tasks", "a", ""]));
    check("PATCH", "/apis/g.x/v1/tasks/a", Some(["patch", "", "tasks", "a", ""]));
    check("DELETE", "/apis/g.x/v1/tasks/a", Some(["delete", "", "tasks", "a", ""]));
    check("DELETE", "/apis/g.x/v1/tasks", Some(["deletecollection", "", "tasks", "", ""]));
    check("GET", "/apis/g.x/v1/tasks/a%20b", Some(["get", "", "tasks", "a b", ""]));
    check("GET", "/apis/g.x/v1/namespaces", Some(["list", "", "namespaces", "", ""]));
    check("GET", "/apis/g.x/v1/namespaces/n", Some(["get", "", "namespaces", "n", ""]));
    check("OPTIONS", "/apis/g.x/v1/tasks", Some(["", "", "tasks", "", ""]));
}

#[test]
fn others() {
    for path in
        ["/", "/healthz", "/apis", "/apis/g.x", "/apis/g.x/v1", "/apis/g.x/v1/", "/openapi/v3/apis/g.x/v1"]
    {
        check("GET", path, None);
    }
    let expected = Attributes::NonResource { verb: "get".to_owned(), path: "/healthz".to_owned() };
    assert_eq!(parse("GET", "/healthz?verbose").attributes(&Parameters::default()), expected);
}

#[test]
fn a_selected_name_is_authorized() {
    for (query, name, fields, labels) in [
        ("fieldSelector=metadata.name%3Da&labelSelector=x", "a", 1, 1),
        ("fieldSelector=metadata.name!%3Da", "", 1, 0),
        ("fieldSelector=spec.x%3D1&labelSelector=%3D", "", 1, 0),
        ("labelSelector=x+in+(a,b),y%3E1", "", 0, 1),
        ("fieldSelector=metadata.name%3D..", "", 1, 0),
        (&*format!("fieldSelector=metadata.name%3D{}", "a".repeat(9000)), "", 0, 0),
    ] {
        let uri: Uri = format!("/apis/g.x/v1/tasks?{query}").parse().unwrap();
        let parameters = crate::wire::query::parameters(&uri);
        let info = RequestInfo::parse(&Method::GET, &uri, &parameters);
        let Attributes::Resource { name: found, field_selector, label_selector, .. } =
            info.attributes(&parameters)
        else {
            panic!("{query}");
        };
        assert_eq!((&*found, field_selector.len(), label_selector.len()), (name, fields, labels), "{query}");
    }
}

#[test]
fn a_selector_does_not_name_what_is_written() {
    for method in [Method::POST, Method::DELETE, Method::PUT, Method::PATCH] {
        let uri: Uri = "/apis/g.x/v1/namespaces/n/tasks?fieldSelector=metadata.name%3Da".parse().unwrap();
        let parameters = crate::wire::query::parameters(&uri);
        let info = RequestInfo::parse(&method, &uri, &parameters);
        let Attributes::Resource { name, .. } = info.attributes(&parameters) else { panic!("{method}") };
        assert_eq!(name, "", "{method}");
    }
}
