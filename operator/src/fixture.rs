//! What tests begin with: a small accepted AggregatedAPI, its group, a site.

use serde_json::{Value, json};
use tributary_crds::AggregatedApi;

use crate::group::Group;
use crate::site::Site;

/// An AggregatedAPI with one stored resource in memory; `spec` is merged into its spec (RFC 7386).
pub(crate) fn api(spec: Value) -> AggregatedApi {
    let mut api = json!({
        "apiVersion": "tributary.dev/v1alpha1",
        "kind": "AggregatedAPI",
        "metadata": {"name": "tasks.example.com", "uid": "uid-1", "generation": 3},
        "spec": {
            "group": "tasks.example.com",
            "resources": [{
                "name": "tasks", "kind": "Task", "scope": "Namespaced",
                "versions": [{"name": "v1"}], "source": {"stored": {}},
            }],
            "gateway": {"storage": {"memory": {}}},
        },
    });
    merge(&mut api["spec"], spec);
    serde_json::from_value(api).expect("an AggregatedAPI")
}

/// Merges by RFC 7386.
pub(crate) fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.remove(&key);
                } else {
                    merge(target.entry(key).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch,
    }
}

/// The group of [`api`].
pub(crate) fn group() -> Group {
    Group::of(&api(json!({})), &site().namespace)
}

/// A site that allows one other image.
pub(crate) fn site() -> Site {
    Site {
        namespace: "tributary-system".to_owned(),
        gateway_image: "tributary.dev/gateway:dev".to_owned(),
        allowed_images: vec!["mirror.example/gateway:*".to_owned()],
    }
}
