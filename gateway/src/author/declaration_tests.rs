use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::author::manifest::Content;

/// What is wrong with the definitions of a text, as lines.
fn wrong(text: &str) -> Vec<String> {
    static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new().unwrap());
    let content = Content::read("f", text.as_bytes());
    let read = content.problems.iter().map(Problem::to_string);
    let judged = content.manifests.iter().filter(|manifest| is_declaration(manifest));
    let judged = judged.flat_map(|manifest| JUDGE.judge(manifest).err().unwrap_or_default());
    read.chain(judged.map(|problem| problem.to_string())).collect()
}

const SOUND: &str = r#"# A sound definition.
apiVersion: tributary.dev/v1alpha1
kind: AggregatedAPI
metadata:
  name: a.example.com
spec:
  group: a.example.com
  resources:
  - name: tasks
    kind: Task
    scope: Namespaced
    versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object}
    source:
      stored: {}
  - name: shown
    kind: Shown
    scope: Namespaced
    versions: [{name: v1}]
    source:
      view:
        from: {apiVersion: v1, resource: pods}
        template:
          spec:
            node: "${object.spec.nodeName}"
  gateway:
    storage: {memory: {}}
"#;

/// One change of the sound definition, and what is wrong then.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(SOUND.contains(from), "{from}");
    assert_eq!(wrong(&SOUND.replacen(from, to, 1)), expected, "{from} -> {to}");
}

#[test]
fn a_sound_definition_has_no_error() {
    assert_eq!(wrong(SOUND), [""; 0]);
}

#[test]
fn what_the_schema_refuses() {
    let missing = "f:9: spec.resources[0].kind: Required value";
    check(
        "    kind: Task\n",
        "    knid: Task\n",
        &[missing, "f:10: spec.resources[0].knid: Forbidden: unknown field"],
    );
    let enumeration = r#"f:11: spec.resources[0].scope: Unsupported value: "Everywhere": supported values: "Namespaced", "Cluster""#;
    check("scope: Namespaced", "scope: Everywhere", &[enumeration]);
    // What YAML 1.1 takes for a boolean.
    let boolean = r#"f:9: spec.resources[0].name: Invalid value: "boolean": spec.resources[0].name in body must be of type string: "boolean""#;
    check("name: tasks", "name: yes", &[boolean]);
    let float = r#"f:32: spec.gateway.replicas: Invalid value: "float64": spec.gateway.replicas in body must be of type int32: "float64""#;
    check("  gateway:\n", "  gateway:\n    replicas: 1.5\n", &[float]);
    check("\nspec:", "\nextra: 1\nspec:", &["f:6: extra: Forbidden: unknown field"]);
    check("  group: a.example.com\n", "", &["f:6: spec.group: Required value"]);
    let version = r#"f:2: apiVersion: Unsupported value: "tributary.dev/v1": supported values: "tributary.dev/v1alpha1""#;
    check("v1alpha1", "v1", &[version]);
    let twice = "f:12: spec.resources[0].scope: Duplicate value: the field is given more than once";
    check("    kind: Task\n", "    kind: Task\n    scope: Cluster\n", &[twice]);
    let item = r#"f:21: spec.resources[1]: Duplicate value: {"name":"tasks"}"#;
    let name = r#"f:21: spec.resources[1].name: Duplicate value: "tasks""#;
    check("- name: shown", "- name: tasks", &[item, name]);
}

#[test]
fn what_is_wrong_with_metadata() {
    let name =
        r#"f:5: metadata.name: Invalid value: "b.example.com": must equal spec.group: a group has one owner"#;
    check("  name: a.example.com\n", "  name: b.example.com\n", &[name]);
    let with = |line: &str| format!("  name: a.example.com\n  {line}\n");
    let unknown = "f:6: metadata.lables: Forbidden: unknown field";
    check("  name: a.example.com\n", &with("lables: {a: b}"), &[unknown]);
    let list = r#"f:6: metadata.labels: Invalid value: "object": invalid type: sequence, expected a map"#;
    check("  name: a.example.com\n", &with("labels: [a]"), &[list]);
    check("  name: a.example.com\n", &with("creationTimestamp: null\n  labels: {}\n  generation: 1"), &[]);
    check(
        "metadata:\n  name: a.example.com\n",
        "",
        &["f:2: metadata: Required value: an object with a name"],
    );
}

#[test]
fn a_status_is_known_and_not_looked_at() {
    check("\nspec:", "\nstatus: {resourceCount: x}\nspec:", &[]);
    check("\nspec:", "\nstatus: {foo: x}\nspec:", &["f:6: status.foo: Forbidden: unknown field"]);
}

#[test]
fn what_only_the_compiler_knows() {
    let node = "f:30: spec.resources[1].source.view.template.spec.node: Invalid value:";
    let syntax =
        format!(r#"{node} "${{object.spec.}}": 1:15: syntax error: no viable alternative at input '.'"#);
    check("${object.spec.nodeName}", "${object.spec.}", &[&syntax]);
    let variable = format!(r#"{node} "${{pod.spec}}": 1:3: undeclared reference to 'pod'"#);
    check("${object.spec.nodeName}", "${pod.spec}", &[&variable]);
    let kind = r#"f:18: spec.resources[0].versions[0].schema.openAPIV3Schema.properties[spec].type: Unsupported value: "objekt": supported values: "array", "boolean", "integer", "number", "object", "string""#;
    check("spec: {type: object}", "spec: {type: objekt}", &[kind]);
    let both = r#"f:19: spec.resources[0].source: Invalid value: ["stored","review"]: exactly one of stored, view, http, review must be set, found stored, review"#;
    check("      stored: {}", "      stored: {}\n      review: {template: {}}", &[both]);
    let storage = "spec.gateway.storage: Required value: required as soon as one source is stored";
    check("    storage: {memory: {}}", "    port: 10250", &[&format!("f:31: {storage}")]);
    // The line of what is around a field that is missing.
    let misspelt = "f:31: spec.gatway: Forbidden: unknown field";
    check("  gateway:\n", "  gatway:\n", &[&format!("f:6: {storage}"), misspelt]);
}

#[test]
fn several_errors_are_in_the_order_of_their_lines() {
    let text =
        SOUND.replacen("scope: Namespaced", "scope: Everywhere", 1).replace("spec.nodeName}", "spec.(}");
    let found = wrong(&text);
    let begun = |line: usize, begin: &str| assert!(found[line].starts_with(begin), "{found:?}");
    begun(0, "f:11: spec.resources[0].scope: Unsupported value: ");
    // A resource that cannot be read does not hide what is wrong with the next.
    begun(1, "f:30: spec.resources[1].source.view.template.spec.node: Invalid value: ");
    assert_eq!(found.len(), 2);
}

#[test]
fn lines_are_those_of_the_file() {
    let bad = SOUND.replace("storage: {memory: {}}", "storage: {memory: []}");
    let text = format!("---\n{SOUND}---\nkind: Other\napiVersion: v1\n--- # and\n{bad}");
    let path = "spec.gateway.storage.memory";
    let list =
        format!("f:69: {path}: Invalid value: \"array\": {path} in body must be of type object: \"array\"");
    assert_eq!(wrong(&text), [list]);
    let json = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": "a.b"},
            "spec": {"group": "a.b", "more": 1}}]});
    assert_eq!(wrong(&format!("\n{json:#}")), ["f:13: items[0].spec.more: Forbidden: unknown field"]);
}

#[test]
fn the_rules_of_the_definition_are_judged() {
    let judge = Judge::new().unwrap();
    let contract = include_str!("../../../crds/tests/contract.yaml");
    let content = Content::read("contract.yaml", contract.as_bytes());
    let check = |change: &dyn Fn(&mut Value), expected: &[&str]| {
        let mut object = Value::Object(content.manifests[0].object.clone());
        object["metadata"]["name"] = object["spec"]["group"].clone();
        change(&mut object);
        let mut errors = Vec::new();
        rules::judge(&judge.schema, &object, &field::Path::root(), &mut errors);
        assert_eq!(errors.iter().map(field::Error::to_string).collect::<Vec<_>>(), expected);
    };
    // It has every field, so that each rule is compiled and judged here.
    check(&|_| {}, &[]);
    let owner =
        "<nil>: Invalid value: \"object\": metadata.name must equal spec.group: a group has one owner";
    let dot = "spec.group: Invalid value: \"nodot\": a group has a dot";
    check(&|object| object["spec"]["group"] = "nodot".into(), &[owner, dot]);
    let word =
        "spec.resources[0].name: Invalid value: \"watch\": namespaces, watch and proxy are words of the path";
    check(&|object| object["spec"]["resources"][0]["name"] = "watch".into(), &[word]);
}

proptest! {
    /// Whatever is written, everything that is said has a line of the text, and nothing panics.
    #[test]
    fn any_edit_is_judged(at in 0..SOUND.len(), length in 0..60_usize, text in "[ \\-\\n:{}\\[\\]&*!|>\"'a-z$%é]{0,12}") {
        prop_assume!(SOUND.is_char_boundary(at));
        let end = (at + length).min(SOUND.len());
        let edited = format!("{}{text}{}", &SOUND[..at], &SOUND[end..]);
        let last = edited.lines().count() + 1;
        for problem in wrong(&edited) {
            let line = problem.split(':').nth(1).and_then(|line| line.parse::<usize>().ok());
            prop_assert!(line.is_some_and(|line| (1..=last).contains(&line)), "{problem}\n{edited}");
        }
    }
}
