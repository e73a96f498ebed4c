use std::fs;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use super::*;

struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Self {
        let path =
            std::env::temp_dir().join(format!("tributary-objects-{}-{}", std::process::id(), Uuid::new_v4()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.0.join(name), content).unwrap();
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn source(api_version: &str, resource: &str) -> SourceReference {
    SourceReference {
        api_version: api_version.into(),
        resource: resource.into(),
        ..SourceReference::default()
    }
}

/// An event in a few words.
fn words(event: SourceEvent) -> String {
    let name = |object: SourceObject| {
        let object: Value = serde_json::from_str(&object.json).unwrap();
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        format!("{}/{} {}", text("namespace"), text("name"), object["data"])
    };
    match event {
        SourceEvent::Begun => "begun".to_owned(),
        SourceEvent::Complete(_) => "complete".to_owned(),
        SourceEvent::Reached(revision) => format!("reached {revision}"),
        SourceEvent::Listed(object) => format!("listed {}", name(object)),
        SourceEvent::Applied(object) => format!("applied {}", name(object)),
        SourceEvent::Deleted(object) => format!("deleted {}", name(object)),
        SourceEvent::Failed(why) => format!("failed {why}"),
        SourceEvent::Recovered => "recovered".to_owned(),
    }
}

async fn next(events: &mut BoxStream<'static, SourceEvent>, count: usize) -> Vec<String> {
    let events = events.take(count).map(words).collect();
    tokio::time::timeout(Duration::from_secs(10), events).await.unwrap()
}

/// Looks until what was written last has settled.
fn settle(objects: &mut Objects) -> Vec<String> {
    let mut problems = objects.look();
    problems.extend(objects.look());
    problems.iter().map(Problem::to_string).collect()
}

fn config_map(name: &str, data: u32) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata: {data}\n---\n")
}

#[tokio::test]
async fn changes_of_files_are_told_as_a_watch_tells_them() {
    let folder = Temporary::new();
    folder.write("a.yaml", &(config_map("a", 1) + &config_map("b", 2)));
    folder.write("c.yaml", &config_map("c", 3));
    let mut objects = Objects::open(&folder.0).unwrap();
    let shown = objects.shown();
    let mut early = shown.watch(&source("v1", "configmaps"), 0);
    assert_eq!(next(&mut early, 2).await, ["begun", "complete"]);
    assert_eq!(settle(&mut objects), [""; 0]);
    assert_eq!(
        next(&mut early, 3).await,
        ["applied default/a 1", "applied default/b 2", "applied default/c 3"]
    );
    let mut late = shown.watch(&source("v1", "configmaps"), 0);
    let listed = ["begun", "listed default/a 1", "listed default/b 2", "listed default/c 3", "complete"];
    assert_eq!(next(&mut late, 5).await, listed);

    folder.write("a.yaml", &(config_map("a", 7) + &config_map("d", 4)));
    assert_eq!(settle(&mut objects), [""; 0]);
    let changed = ["deleted default/b 2", "applied default/a 7", "applied default/d 4"];
    assert_eq!(next(&mut late, 3).await, changed);

    // A file that cannot be read stays as it was.
    folder.write("a.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {}\n");
    let file = folder.0.join("a.yaml").display().to_string();
    assert_eq!(settle(&mut objects), [format!("{file}:3: metadata.name: Required value")]);
    fs::remove_file(folder.0.join("c.yaml")).unwrap();
    assert_eq!(settle(&mut objects), [""; 0]);
    assert_eq!(next(&mut late, 1).await, ["deleted default/c 3"]);
}

#[tokio::test]
async fn an_object_is_found_by_its_resource() {
    let folder = Temporary::new();
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "people.e.com"}, "spec": {"group": "e.com", "scope": "Cluster",
        "names": {"kind": "Person", "plural": "people"}, "versions": [{"name": "v1"}, {"name": "v2"}]}});
    let object = |api_version: &str, kind: &str, metadata: Value| json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "data": 0});
    let items = json!([
        crd,
        object("v1", "Endpoints", json!({"name": "e"})),
        object("v1", "Node", json!({"name": "n"})),
        object("networking.k8s.io/v1", "NetworkPolicy", json!({"name": "p", "namespace": "x"})),
        object("e.com/v2", "Person", json!({"name": "p"})),
        object("e.com/v2", "Box", json!({"name": "b"})),
        object("v1", "Pod", json!({"name": "s", "labels": {"app": "a"}})),
        object("v1", "Pod", json!({"name": "t", "namespace": "x", "uid": "7", "creationTimestamp": "then"})),
    ]);
    folder.write("all.json", &json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
    let mut objects = Objects::open(&folder.0).unwrap();
    assert_eq!(settle(&mut objects), [""; 0]);
    for (api_version, resource, expected) in [
        ("v1", "endpoints", "listed default/e 0"),
        ("v1", "nodes", "listed /n 0"),
        ("networking.k8s.io/v1", "networkpolicies", "listed x/p 0"),
        ("e.com/v2", "people", "listed /p 0"),
        ("e.com/v2", "boxes", "listed /b 0"),
        ("v1", "persons", "complete"),
        ("v1", "pods", "listed default/s 0"),
    ] {
        let mut events = objects.shown().watch(&source(api_version, resource), 0);
        assert_eq!(next(&mut events, 2).await[1], expected, "{api_version} {resource}");
    }
    let selected = SourceReference { label_selector: Some("!app".to_owned()), ..source("v1", "pods") };
    let mut events = objects.shown().watch(&selected, 0);
    assert_eq!(next(&mut events, 3).await, ["begun", "listed x/t 0", "complete"]);
    let unreadable = SourceReference { label_selector: Some("a in".to_owned()), ..source("v1", "pods") };
    let mut events = objects.shown().watch(&unreadable, 0);
    assert!(next(&mut events, 1).await[0].starts_with("failed "));

    let mut pods = objects.shown().watch(&source("v1", "pods"), 0);
    let pods: Vec<_> = (&mut pods).take(3).collect().await;
    let SourceEvent::Listed(made) = &pods[1] else { panic!("{pods:?}") };
    let SourceEvent::Listed(given) = &pods[2] else { panic!("{pods:?}") };
    let [made, given] = [made, given].map(|object| serde_json::from_str::<Value>(&object.json).unwrap());
    assert!(Uuid::parse_str(made["metadata"]["uid"].as_str().unwrap()).is_ok(), "{made}");
    assert!(made["metadata"]["creationTimestamp"].as_str().unwrap().ends_with('Z'), "{made}");
    assert_eq!(given["metadata"]["uid"], "7");
    assert_eq!(given["metadata"]["creationTimestamp"], "then");
}

#[test]
fn of_two_objects_with_one_name_the_last_counts() {
    let folder = Temporary::new();
    folder.write("a.yaml", &config_map("a", 1));
    folder.write("b.yaml", &config_map("a", 2));
    let mut objects = Objects::open(&folder.0).unwrap();
    let file = folder.0.join("b.yaml").display().to_string();
    let problem = "metadata.name: Duplicate value: \"a\": this one takes the place of the other";
    assert_eq!(settle(&mut objects), [format!("{file}:4: {problem}")]);
}
