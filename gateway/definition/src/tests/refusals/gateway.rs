//! Storage, replicas, certificates, upstreams.

use serde_json::{Value, json};

use super::check;

#[test]
fn gateway_and_certificates() {
    let g = |rest: &str| format!("/spec/gateway/{rest}");
    for (key, value, want) in [
        ("storage", Value::Null, "storage: Required value: required as soon as one source is stored"),
        (
            "storage",
            json!({}),
            "storage: Invalid value: []: exactly one of memory, embedded, etcd must be set, found none",
        ),
        (
            "storage",
            json!({"embedded": {"size": "big"}}),
            "storage.embedded.size: Invalid value: \"big\": must be a quantity, such as 1Gi",
        ),
        (
            "storage",
            json!({"embedded": {"size": "1M"}}),
            "storage.embedded.size: Invalid value: \"1M\": must be at least 256Mi",
        ),
        (
            "storage",
            json!({"etcd": {"endpoints": ["https://etcd:2379"]}}),
            "storage.etcd: Forbidden: storage etcd is not supported by this version",
        ),
        (
            "replicas",
            json!(2),
            "replicas: Forbidden: more than one replica needs a shared revision in every resource",
        ),
        ("replicas", json!(0), "replicas: Invalid value: 0: must be between 1 and 16"),
        ("port", json!(443), "port: Invalid value: 443: must be between 1024 and 65535"),
    ] {
        check(&[(&g(key), value)], &[&format!("spec.gateway.{want}")]);
    }
    for (value, want) in [
        (
            json!({"caDuration": "10h", "duration": "10h", "renewBefore": "1h"}),
            "duration: Invalid value: \"10h\": must be shorter than caDuration",
        ),
        (
            json!({"duration": "1h", "renewBefore": "1h"}),
            "renewBefore: Invalid value: \"1h\": must be shorter than duration",
        ),
        (json!({"renewBefore": "119s"}), "renewBefore: Invalid value: \"119s\": must be at least 2m"),
        (
            json!({"caDuration": "7m", "duration": "5m", "renewBefore": "2m"}),
            "caDuration: Invalid value: \"7m\": must be at least 8m",
        ),
        (json!({"duration": "soon"}), "duration: Invalid value: \"soon\": invalid duration"),
    ] {
        check(&[("/spec/certificates", value)], &[&format!("spec.certificates.{want}")]);
    }
    let upstream = json!({"name": "tasks", "url": "https://tasks.example.com"});
    check(
        &[("/spec/upstreams", json!([upstream]))],
        &["spec.upstreams: Forbidden: upstreams are not supported by this version"],
    );
}
