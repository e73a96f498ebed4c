//! What several gateways told, made one: the worst of each. Pure.

use std::collections::BTreeMap;

use tributary_crds::{GatewayState, ResourceState, SourceState};

use super::Report;

/// Merges what gateways told. One that does not serve a resource yet says nothing of it.
pub(super) fn merge(states: &[GatewayState]) -> Report {
    let mut resources: BTreeMap<&str, ResourceState> = BTreeMap::new();
    for resource in states.iter().flat_map(|state| &state.resources) {
        match resources.get_mut(resource.name.as_str()) {
            Some(merged) => add(merged, resource),
            None => {
                resources.insert(&resource.name, resource.clone());
            }
        }
    }
    Report {
        resources: resources.into_values().collect(),
        // One without a definition has none.
        generation: states.iter().map(|state| state.generation).min().flatten(),
        hash: common(states, |state| state.hash.as_ref()),
        leaf: common(states, |state| state.leaf.as_ref()),
        absence: common(states, |state| state.absence.as_ref()),
        storage_fault: states.iter().find_map(|state| state.storage_fault.clone()),
        is_complete: true,
        silence: None,
    }
}

/// What all have.
fn common(states: &[GatewayState], of: impl Fn(&GatewayState) -> Option<&String>) -> Option<String> {
    let first = states.first().and_then(&of)?;
    states.iter().all(|state| of(state) == Some(first)).then(|| first.clone())
}

fn add(merged: &mut ResourceState, other: &ResourceState) {
    merged.synced &= other.synced;
    merged.objects = merged.objects.min(other.objects);
    merged.hidden = merged.hidden.max(other.hidden);
    if other.errors > merged.errors {
        merged.errors = other.errors;
        merged.last_error.clone_from(&other.last_error);
    }
    for source in &other.sources {
        let same = |known: &&mut SourceState| {
            (&known.api_version, &known.resource) == (&source.api_version, &source.resource)
        };
        match merged.sources.iter_mut().find(same) {
            Some(known) if known.reason <= source.reason => {}
            Some(known) => known.clone_from(source),
            None => merged.sources.push(source.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(case: &str, states: &[Value], want: Value) {
        let states: Vec<GatewayState> =
            states.iter().map(|state| serde_json::from_value(state.clone()).expect("a state")).collect();
        let report = merge(&states);
        let got =
            json!({"generation": report.generation, "hash": report.hash, "resources": report.resources});
        assert_eq!(got, want, "{case}");
    }

    #[test]
    fn the_worst_of_all_gateways() {
        let well = json!({"name": "a", "synced": true, "objects": 3, "errors": 0, "hidden": 0});
        let one = json!({"generation": 2, "hash": "h", "resources": [well]});
        check("none", &[], json!({"generation": null, "hash": null, "resources": []}));
        check("one", std::slice::from_ref(&one), one.clone());
        let started = json!({"resources": []});
        check("one without a definition", &[one.clone(), started], {
            json!({"generation": null, "hash": null, "resources": [well]})
        });
        let source = |reason: &str| json!({"apiVersion": "v1", "resource": "pods", "reason": reason, "message": reason});
        let failing = json!({"name": "a", "synced": false, "objects": 1, "errors": 4, "hidden": 1,
            "lastError": {"path": "where", "kind": "k"}, "sources": [source("NotFound")]});
        let worse = json!({"name": "a", "synced": false, "objects": 2, "errors": 1, "hidden": 0,
            "lastError": {"path": "template", "kind": "k"}, "sources": [source("Forbidden")]});
        let other = json!({"name": "b", "synced": true, "objects": 9, "errors": 0, "hidden": 0});
        let merged = json!({"name": "a", "synced": false, "objects": 1, "errors": 4, "hidden": 1,
            "lastError": {"path": "where", "kind": "k"}, "sources": [source("Forbidden")]});
        check(
            "three",
            &[
                one,
                json!({"generation": 2, "hash": "h", "resources": [failing]}),
                json!({"generation": 1, "hash": "g", "resources": [worse, other]}),
            ],
            json!({"generation": 1, "hash": null, "resources": [merged, other]}),
        );
    }
}
