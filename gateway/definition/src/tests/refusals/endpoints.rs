//! Raw endpoints.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::check;
use crate::compile;
use crate::tests::{example_with, typed};

#[test]
fn endpoints() {
    let e = |rest: &str| format!("/spec/endpoints/0{rest}");
    let first = "the first segment is not a DNS label: a lowercase RFC 1123 label";
    let words = "must not begin with namespaces, watch, proxy";
    let segment = "each segment consists of";
    for (path, want) in [
        ("", first),
        ("/foo", first),
        ("Foo/bar", first),
        ("namespaces", words),
        ("watch/foo", words),
        ("proxy", words),
        ("foo/", segment),
        ("foo//bar", segment),
        ("foo/../bar", segment),
        ("foo/.", segment),
        ("foo/a b", segment),
        ("foo/%41", segment),
        ("customtasks/foo", "the first segment is the plural of spec.resources[0]"),
    ] {
        check(
            &[(&e("/path"), json!(path))],
            &[&format!("spec.endpoints[0].path: Invalid value: {path:?}: {want}")],
        );
    }
    check(&[(&e("/path"), json!("foo/bar"))], &["spec.endpoints[1]: Duplicate value: \"v1/foo/bar\""]);
    check(
        &[(&e("/version"), json!("1"))],
        &["spec.endpoints[0].version: Invalid value: \"1\": a DNS-1035 label"],
    );
    check(
        &[(&e("/methods"), json!([]))],
        &["spec.endpoints[0].methods: Required value: must have at least one method"],
    );
    check(
        &[(&e("/methods"), json!(["GET", "GET"]))],
        &["spec.endpoints[0].methods[1]: Duplicate value: \"GET\""],
    );
    check(
        &[(&e("/static"), Value::Null)],
        &["spec.endpoints[0]: Invalid value: []: exactly one of static, template, proxy must be set"],
    );
    check(
        &[(&e("/template"), json!({}))],
        &["spec.endpoints[0]: Invalid value: [\"static\",\"template\"]: exactly one of"],
    );
    check(
        &[(&e("/static"), Value::Null), (&e("/template"), json!({}))],
        &["spec.endpoints[0].template: Forbidden: endpoint template is not supported by this version"],
    );
    check(
        &[(&e("/static"), Value::Null), (&e("/proxy"), json!({"upstream": "a"}))],
        &["spec.endpoints[0].proxy: Forbidden: endpoint proxy is not supported by this version"],
    );
    for (content_type, want) in [
        ("", "must be a media type"),
        ("text", "must be a media type"),
        ("text /plain", "must be a media type"),
        ("text/plain\r\nX: y", "must consist of printable ASCII characters"),
        ("text/html", "kube-apiserver rewrites text/html"),
        ("Text/HTML ; charset=utf-8", "kube-apiserver rewrites text/html"),
    ] {
        check(
            &[(&e("/static/contentType"), json!(content_type))],
            &[&format!("spec.endpoints[0].static.contentType: Invalid value: {content_type:?}: {want}")],
        );
    }
    check(
        &[(&e("/static/body"), json!("x".repeat(262_145)))],
        &["spec.endpoints[0].static.body: Too long: may not be more than 262144 bytes"],
    );
    check(&[(&e("/static/contentType"), json!("text/plain; charset=utf-8"))], &[]);
    // The plural of another version hides nothing.
    check(&[(&e("/version"), json!("v2")), (&e("/path"), json!("customtasks"))], &[]);
}

proptest! {
    /// Whatever is accepted is one line of a header and a path with one spelling, and is found there.
    #[test]
    fn what_is_accepted_can_be_served(path in "[a-z./%~_ -]{0,12}|.{0,8}", content_type in "[a-z]{1,4}/[a-z; =\r\n]{0,6}|.{0,8}") {
        let declared = json!({"version": "v1", "path": path, "static": {"contentType": content_type, "body": "x"}});
        let Ok(api) = compile(&typed(example_with(&[("/spec/endpoints/0", declared)]))) else {
            return Ok(());
        };
        let endpoint = api.endpoint("v1", &path).expect("it is found");
        prop_assert_eq!(&endpoint.path, &path);
        prop_assert!(path.split('/').all(|segment| !matches!(segment, "" | "." | "..")));
        prop_assert!(path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b)));
        prop_assert!(content_type.bytes().all(|b| (b' '..=b'~').contains(&b)));
    }
}
