//! What is published of a schema with every feature, beside what is published of it as a custom resource: kubectl's
//! explanations, and OpenAPI in both versions.

use serde_json::{Map, Value};

use super::LABEL;
use super::custom::{custom_resources, serve_too};
use super::random;
use crate::harness::{OPENAPI, Served, until};

/// Both groups have the same length, so that what is aligned is alike.
struct Both {
    served: Served,
    groups: [String; 2],
}

impl Both {
    async fn define() -> Self {
        let spec = random::spec(1);
        let mut served = Served::start(LABEL, spec.clone()).await;
        serve_too(&mut served, "v2").await;
        let custom = custom_resources(&mut served, &spec, LABEL).await;
        let groups = [served.group.clone(), custom];
        Self { served, groups }
    }

    /// What `get` finds of each group, when it finds something, without the group's name.
    async fn each(&self, what: &str, get: impl AsyncFn(&str) -> Result<Value, String>) -> [Value; 2] {
        let mut found = Vec::new();
        for group in &self.groups {
            let value = until(what, OPENAPI, async || get(group).await).await;
            found.push(without(group, &value));
        }
        found.try_into().unwrap()
    }
}

/// The group's name is in paths, in operations and, backwards, in the names of definitions.
fn without(group: &str, value: &Value) -> Value {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let upper: String = group.split(['.', '-']).map(capital).collect();
    let lower = upper[..1].to_lowercase() + &upper[1..];
    let text = value.to_string().replace(group, "GROUP").replace(&backwards(group), "PUORG");
    serde_json::from_str(&text.replace(&upper, "Group").replace(&lower, "group")).unwrap()
}

fn backwards(group: &str) -> String {
    group.split('.').rev().collect::<Vec<_>>().join(".")
}

/// Where two values differ: paths and what is there.
fn differences(path: &str, ours: &Value, theirs: &Value, into: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for name in names {
                let [a, b] = [a, b].map(|fields| fields.get(name).unwrap_or(&Value::Null));
                differences(&format!("{path}/{name}"), a, b, into);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}/{index}"), a, b, into);
            }
        }
        (a, b) if a == b => {}
        (a, b) => into.push(format!("{path}: {a:.200} is to be {b:.200}")),
    }
}

/// Each server says who it is; server-side apply is not built yet.
fn is_meant(difference: &str) -> bool {
    let apply = r#","application/apply-patch+yaml"]"#;
    let offered =
        difference.split_once("/patch/consumes: ").and_then(|(_, lists)| lists.split_once(" is to be "));
    let alike = offered.is_some_and(|(ours, theirs)| theirs.strip_suffix(apply) == ours.strip_suffix("]"));
    difference.starts_with("/info/") || difference.contains("/application/apply-patch+yaml: null") || alike
}

fn check([ours, theirs]: &[Value; 2]) {
    let mut different = Vec::new();
    differences("", ours, theirs, &mut different);
    different.retain(|difference| !is_meant(difference));
    assert!(different.is_empty(), "{} differences:\n{}", different.len(), different.join("\n"));
}

#[tokio::test]
async fn explanations_and_openapi_are_those_of_a_custom_resource() {
    let both = Both::define().await;
    let admin = &both.served.cluster.admin;
    for version in ["v1", "v2"] {
        let found = both
            .each("the document of version 3", async |group| {
                let answer = admin.get(&format!("/openapi/v3/apis/{group}/{version}")).await;
                let document = answer.json();
                let has = !document["components"]["schemas"].is_null() && answer.code() == 200;
                if has { Ok(document) } else { Err(answer.text()) }
            })
            .await;
        check(&found);
        for resource in ["things0", "zones0"].into_iter().filter(|name| version == "v1" || *name == "things0")
        {
            let explained = both
                .each("an explanation", async |group| {
                    let line = format!("explain {resource} --api-version={group}/{version} --recursive");
                    let output = both.served.kubectl.run(&line).await;
                    if output.succeeded { Ok(Value::from(output.stdout)) } else { Err(output.stderr) }
                })
                .await;
            assert_eq!(explained[0], explained[1], "{resource} in {version}");
        }
    }
    let found = both
        .each("the document of version 2", async |group| {
            let document = admin.get("/openapi/v2").await.json();
            let of_group = of_group(&document, group);
            if of_group["paths"].as_object().unwrap().is_empty() {
                Err("not there yet".to_owned())
            } else {
                Ok(of_group)
            }
        })
        .await;
    check(&found);
}

/// What a merged document has of a group.
fn of_group(document: &Value, group: &str) -> Value {
    let those = |name: &str, word: &str| -> Map<String, Value> {
        let all = document[name].as_object().into_iter().flatten();
        all.filter(|(key, _)| key.contains(word)).map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    serde_json::json!({"paths": those("paths", &format!("/apis/{group}/")), "definitions": those("definitions", &backwards(group))})
}
