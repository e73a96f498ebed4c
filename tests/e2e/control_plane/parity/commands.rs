//! What kubectl prints of the two groups, command by command.

use serde_json::json;

use super::custom::custom_resources;
use super::spec;
use crate::harness::{OPENAPI, SPACE, Served, until, words};

/// One command line; `{r}` is the resource, `{g}` the group, `{n}` the namespace, `{s}` a short name, `{c}` a category.
struct Line {
    line: &'static str,
    input: String,
    /// Why kubectl prints something else so far; empty: it does not.
    differs: &'static str,
}

impl Line {
    fn differs(self, why: &'static str) -> Self {
        Self { differs: why, ..self }
    }
}

fn line(line: &'static str) -> Line {
    Line { line, input: String::new(), differs: "" }
}

fn with(input: serde_json::Value, line: &'static str) -> Line {
    Line { line, input: input.to_string(), differs: "" }
}

fn task(name: &str, spec: serde_json::Value) -> serde_json::Value {
    json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "metadata": {"name": name, "namespace": "{n}"}, "spec": spec})
}

/// In order: each builds on those before.
fn lines() -> Vec<Line> {
    let a = || task("a", json!({"title": "first", "color": "red"}));
    let b = || task("b", json!({"title": "second", "total": 3}));
    let mut unknown = a();
    unknown["spec"]["unknown"] = json!(1);
    let changed = task("a", json!({"title": "changed"}));
    vec![
        with(unknown.clone(), "create -f - --validate=strict"),
        with(unknown, "create -f - --validate=warn --dry-run=server"),
        with(task("Bad_", json!({"title": ""})), "create -f - --validate=ignore"),
        with(a(), "create -f -"),
        with(a(), "create -f -"),
        with(b(), "apply -f -"),
        with(b(), "apply -f -"),
        with(changed.clone(), "diff -f -"),
        with(changed.clone(), "apply -f - --dry-run=server"),
        with(changed.clone(), "apply -f - --dry-run=client"),
        with(changed, "apply -f -"),
        line("get {r} -n {n}"),
        line("get {r} -n {n} -o wide"),
        line("get {r} -n {n} -o name"),
        line("get {r} -n {n} -o json"),
        line("get {r} a -n {n} -o yaml"),
        line("get {r} a -n {n} -o yaml --show-managed-fields=false"),
        line("get {r} -n {n} -o jsonpath={.items[*].spec.title}"),
        line("get {r} -n {n} -o custom-columns=NAME:.metadata.name,TOTAL:.spec.total,NONE:.spec.none"),
        line("get {r} -n {n} -o go-template={{range\u{a0}.items}}{{.metadata.name}},{{end}}"),
        line("get {r} -n {n} --sort-by=.spec.total"),
        line("get {r} -n {n} --chunk-size=1"),
        line("get {r} -n {n} --no-headers"),
        line("get {r} -n {n} --field-selector metadata.name=a"),
        line("get {r} -n {n} --field-selector spec.title=x"),
        line("get {r} missing -n {n}"),
        line("get {r} missing -n {n} --ignore-not-found"),
        line("get {r} a missing -n {n}"),
        line("get {r} -n {n} -w --output-watch-events --request-timeout=2s"),
        line("describe {r} a -n {n}"),
        line("describe {r} -n {n}"),
        line("explain {k} --api-version={g}/v1"),
        line("explain {k} --api-version={g}/v1 --recursive"),
        line("explain {k}.spec.total --api-version={g}/v1"),
        line("explain {k}.spec.none --api-version={g}/v1"),
        line("label {r} a tier=one -n {n}"),
        line("label {r} a tier=two -n {n}"),
        line("label {r} a tier=two -n {n} --overwrite"),
        line("label {r} a bad/label/x=y -n {n}"),
        line("annotate {r} a note=kept -n {n}"),
        line("get {r} -n {n} --show-labels"),
        line("get {r} -n {n} -L tier -l tier"),
        line("get {r} -n {n} -l tier\u{a0}in\u{a0}(one)"),
        line(r#"patch {r} a -n {n} --type=merge -p {"spec":{"color":"blue"}}"#),
        line(r#"patch {r} a -n {n} --type=merge -p {"spec":{"color":"pink"}}"#),
        line(r#"patch {r} a -n {n} --type=json -p [{"op":"remove","path":"/spec/color"}]"#),
        line(r#"patch {r} a -n {n} --type=json -p [{"op":"remove","path":"/spec/none"}]"#),
        line(r#"patch {r} a -n {n} --type=strategic -p {"spec":{}}"#)
            .differs("server-side apply is not among the patches that are offered"),
        line(
            r#"patch {r} a -n {n} --subresource=status --type=merge -p {"status":{"done":2,"phase":"Busy"}}"#,
        ),
        line("get {r} a -n {n} --subresource=status"),
        line("get {r} a -n {n} --subresource=scale"),
        line("wait {r}/a -n {n} --for=jsonpath={.status.phase}=Busy --timeout=10s"),
        line("wait {r}/a -n {n} --for=jsonpath={.status.phase}=Idle --timeout=1s"),
        line("scale {r} a -n {n} --replicas=7"),
        line("scale {r} a -n {n} --replicas=8 --current-replicas=2"),
        line("scale {r} a -n {n} --replicas=-1"),
        with(task("a", json!({"title": "replaced"})), "replace -f - --dry-run=server"),
        with(task("a", json!({"title": "replaced"})), "replace -f -"),
        with(task("missing", json!({"title": "t"})), "replace -f -"),
        line("auth can-i create {r} -n {n}"),
        line("auth can-i get {r}/status -n {n}"),
        line("auth can-i get {r} -n {n} --as=nobody"),
        line("get {r} -n {n} --as=nobody"),
        line("api-resources --api-group={g} --sort-by=name"),
        line("api-resources --categories={c} -o wide"),
        line("get {s} -n {n}"),
        line("get {s} b -n {n} -o name"),
        line("get {c} -n {n}"),
        line("get {c} -A -o name"),
        line("describe {s} b -n {n}"),
        line("delete {r} a -n {n} --dry-run=server"),
        line("delete {r} a -n {n} --cascade=foreground --wait=false"),
        line("delete {r} b -n {n} --cascade=orphan --wait=false"),
        line("delete {r} missing -n {n}"),
        with(task("c", json!({"title": "third"})), "create -f - -o name"),
        line("delete {r} c -n {n} --cascade=background --now"),
        with(task("d", json!({"title": "fourth"})), "apply -f - -o json"),
        line("delete {r} d -n {n}"),
        line("get {r} d -n {n}"),
        line("get {r} -A -l none=none"),
    ]
}

#[tokio::test]
async fn kubectl_prints_the_same() {
    let mut spec = spec();
    // The custom resource has none.
    spec["endpoints"] = json!([]);
    // Names of their own: kubectl takes the first of the cluster that fits.
    let name = |spec: &mut serde_json::Value, mark: &str| {
        spec["resources"][0]["shortNames"] = json!([short_name(mark)]);
        spec["resources"][0]["categories"] = json!([category(mark)]);
    };
    name(&mut spec, MARKS[0]);
    let mut served = Served::start("printed", spec.clone()).await;
    name(&mut spec, MARKS[1]);
    let custom = custom_resources(&mut served, &spec, "printing").await;
    let groups = [served.group.clone(), custom];
    for group in &groups {
        let arguments = format!("explain customtasks.spec --api-version={group}/v1");
        until("OpenAPI is published", OPENAPI, async || {
            let explained = served.kubectl.run(&arguments).await;
            if explained.succeeded { Ok(()) } else { Err(explained.stderr) }
        })
        .await;
    }
    let mut different = Vec::new();
    for Line { line, input, differs } in &lines() {
        let mut printed = Vec::new();
        for (group, mark) in groups.iter().zip(MARKS) {
            printed.push(run(&served, (group, mark), line, input).await);
        }
        if (printed[0] != printed[1]) == differs.is_empty() {
            different.push(format!(
                "kubectl {line} {differs}\n--- ours\n{}\n--- theirs\n{}",
                printed[0], printed[1]
            ));
        }
    }
    assert!(different.is_empty(), "{} commands differ:\n{}", different.len(), different.join("\n\n"));
    // An editor changes what is there.
    for (group, mark) in groups.iter().zip(MARKS) {
        run(&served, (group, mark), "create -f -", &task("e", json!({"title": "draft"})).to_string()).await;
        let editor = format!("sed{SPACE}-i{SPACE}s/draft/final/");
        let arguments = format!("edit customtask.{group} e -n {}", served.namespace);
        let edited = served.kubectl.edit(&editor, &arguments).await.success();
        assert_eq!(edited.trim(), format!("customtask.{group}/e edited"));
    }
}

/// What tells the names of the two groups apart.
const MARKS: [&str; 2] = ["our", "the"];

fn short_name(mark: &str) -> String {
    format!("pts{mark}")
}

fn category(mark: &str) -> String {
    format!("printed{mark}")
}

async fn run(served: &Served, (group, mark): (&str, &str), line: &str, input: &str) -> String {
    let place = |text: &str| {
        text.replace("{r}", &format!("customtasks.{group}"))
            .replace("{s}", &short_name(mark))
            .replace("{c}", &category(mark))
            .replace("{k}", "customtasks")
            .replace("{g}", group)
            .replace("{n}", &served.namespace)
    };
    let output = served.kubectl.run_with(&place(input), &place(line)).await;
    let text = format!("{}{}", output.stdout, output.stderr).replace(group, "GROUP");
    let text = text.replace(&short_name(mark), "SHORT").replace(&category(mark), "CATEGORY");
    let shown: Vec<String> = text.lines().filter_map(normal).collect();
    format!("succeeded: {}\n{}", output.succeeded, shown.join("\n"))
}

/// A line without what differs from one object to the next.
fn normal(line: &str) -> Option<String> {
    // The folders in which kubectl compares two files, and when it did.
    if ["diff ", "--- ", "+++ "].iter().any(|start| line.starts_with(start)) {
        return None;
    }
    let line = words(line);
    let key = line.trim_start_matches(['+', '-', ' ', '"']).split([':', '"']).next().unwrap_or_default();
    if matches!(key, "resourceVersion" | "Resource Version" | "uid" | "UID") {
        return Some(format!("{key}: ..."));
    }
    let is_age = |word: &str| {
        word.strip_suffix('s')
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_time =
        |word: &str| word.trim_matches(['"', ',']).ends_with('Z') && word.contains("T") && word.contains("-");
    let normal = line.split(' ').map(|word| match () {
        () if is_age(word) => "<age>",
        () if is_time(word) => "<time>",
        () => word,
    });
    Some(normal.collect::<Vec<_>>().join(" "))
}
