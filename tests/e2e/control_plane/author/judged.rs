//! One table of definitions, judged by `check` and by a real API server with the CustomResourceDefinition.

use super::TASKS;
use crate::harness::{Cluster, gateway, workspace};

/// The path of the one error that both tell, or what the definition is when nothing is wrong with it.
const SOUND: &str = "sound";

/// Edits of [`TASKS`]: what stands there, what then does, and the field that is refused. It is the API server's path;
/// `check` may know a deeper one.
const EDITS: [(&str, &str, &str); 38] = [
    ("spec:", "spec: # as it is", SOUND),
    ("    kind: Task\n", "    knid: Task\n", "spec.resources[0].knid"),
    ("\nspec:", "\nextra: 1\nspec:", "extra"),
    ("  group: tasks.example.com\n", "", "spec.group"),
    ("scope: Namespaced", "scope: Everywhere", "spec.resources[0].scope"),
    ("scope: Namespaced", "scope: [Namespaced]", "spec.resources[0].scope"),
    // Scalars of YAML 1.1.
    ("name: tasks\n", "name: yes\n", "spec.resources[0].name"),
    ("name: tasks\n", "name: 'yes'\n", SOUND),
    ("name: tasks\n", "name: 010\n", "spec.resources[0].name"),
    ("  gateway:\n", "  gateway:\n    port: 010250\n", SOUND),
    ("  gateway:\n", "  gateway:\n    port: 0x2810\n", SOUND),
    ("  gateway:\n", "  gateway:\n    port: 99999999999\n", "spec.gateway.port"),
    ("  gateway:\n", "  gateway:\n    replicas: 1.0\n", SOUND),
    ("  gateway:\n", "  gateway:\n    replicas: 1.5\n", "spec.gateway.replicas"),
    ("  gateway:\n", "  gateway:\n    replicas: null\n", SOUND),
    ("  gateway:\n", "  gateway:\n    replicas: 0\n", "spec.gateway.replicas"),
    ("  gateway:\n", "  gateway:\n    nodeSelector: {a: 1}\n", "spec.gateway.nodeSelector.a"),
    ("  gateway:\n", "  gateway:\n    affinity: {a: 1}\n", "spec.gateway.affinity.a"),
    // Metadata.
    ("  name: tasks.example.com\n", "  name: other.example.com\n", "<nil>"),
    ("  name: tasks.example.com\n", "  name: tasks.example.com\n  lables: {a: b}\n", "metadata.lables"),
    ("  name: tasks.example.com\n", "  name: tasks.example.com\n  labels: {a: null}\n", SOUND),
    ("  name: tasks.example.com\n", "  name: tasks.example.com\n  labels: {-a: b}\n", "metadata.labels"),
    (
        "  name: tasks.example.com\n",
        "  name: tasks.example.com\n  annotations: {a b: c}\n",
        "metadata.annotations",
    ),
    ("\nspec:", "\nstatus: {resourceCount: x}\nspec:", SOUND),
    ("\nspec:", "\nstatus: {foo: x}\nspec:", "status.foo"),
    // Lists.
    ("    kind: Task\n", "    kind: Task\n    verbs: [get, frob]\n", "spec.resources[0].verbs[1]"),
    ("    kind: Task\n", "    kind: Task\n    verbs: [get, get]\n", "spec.resources[0].verbs[1]"),
    ("shortNames: [tk]", "shortNames: [TK]", "spec.resources[0].shortNames[0]"),
    (
        "  endpoints:\n",
        "  endpoints:\n  - {version: v1, path: foo, static: {body: a}}\n",
        "spec.endpoints[1]",
    ),
    ("    - name: v1\n", "    - name: V1\n", "spec.resources[0].versions[0].name"),
    // CEL rules.
    ("source: {stored: {}}", "source: {stored: null}", "spec.resources[0].source"),
    ("source: {stored: {}}", "source: {stored: {}, review: {template: {}}}", "spec.resources[0].source"),
    ("    storage: {memory: {}}\n", "    port: 10250\n", "spec"),
    ("storage: {memory: {}}", "storage: {memory: {}, embedded: {size: 1Gi}}", "spec.gateway.storage"),
    ("name: tasks\n", "name: watch\n", "spec.resources[0].name"),
    ("path: foo", "path: watch/foo", "spec.endpoints[0]"),
    ("    - name: v1\n", "    - name: v1\n      deprecationWarning: x\n", "spec.resources[0].versions[0]"),
    ("  gateway:\n", "  certificates: {duration: 1h, renewBefore: 2h}\n  gateway:\n", "spec.certificates"),
];

#[tokio::test]
async fn check_refuses_what_an_api_server_refuses() {
    let cluster = Cluster::with_definitions().await;
    for (from, to, field) in EDITS {
        assert!(TASKS.contains(from), "{from}");
        let text = TASKS.replacen(from, to, 1);
        let (code, problems, _) = gateway(&workspace(), "check -", &text);
        let server = cluster.kubectl.run_with(&text, "create --dry-run=server --validate=strict -f -").await;
        let both = format!("{from:?} -> {to:?}\ncheck: {problems}\nserver: {}", server.stderr);
        assert_eq!((code == Some(0), server.succeeded), (field == SOUND, field == SOUND), "{both}");
        if field == SOUND {
            continue;
        }
        assert!(
            server.stderr.contains(&format!("{field}: ")) || server.stderr.contains(&format!("\"{field}\"")),
            "{both}"
        );
        // Of the object as a whole `check` tells which field.
        let path = field.trim_start_matches("<nil>");
        let told = |problem: &str| {
            problem.splitn(3, ':').nth(2).is_some_and(|rest| rest.trim_start().starts_with(path))
        };
        assert!(problems.lines().any(told), "{both}");
    }
}
