//! Claims: what becomes of them, and what is told of them.

use serde_json::{Value, json};

use super::*;
use crate::fixture;

/// A claim of `tasks.example.com` that asks for 2Gi of class `fast`; `change` is merged into it.
fn claim(change: Value) -> PersistentVolumeClaim {
    let group = fixture::group();
    let mut claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": group.child, "namespace": group.namespace, "uid": "claim-uid",
            "labels": group.labels(), "annotations": {ADOPTED_BY: group.uid}},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast",
            "resources": {"requests": {"storage": "2Gi"}}},
        "status": {"phase": "Bound", "capacity": {"storage": "2Gi"}},
    });
    fixture::merge(&mut claim, change);
    serde_json::from_value(claim).expect("a claim")
}

fn declared(size: &str, class: Option<&str>) -> EmbeddedStorage {
    EmbeddedStorage { size: Quantity(size.to_owned()), storage_class_name: class.map(str::to_owned) }
}

fn pending() -> Value {
    json!({"status": {"phase": "Pending", "capacity": null}})
}

fn said(reason: &str, is_failure: bool) -> Option<Said> {
    Some(Said { reason: reason.to_owned(), message: "no space".to_owned(), is_failure })
}

/// `want`: the size that is applied, and a part of what is told.
fn check_size(case: &str, size: &str, change: Value, want: &str, told: &[&str]) {
    let (wish, shortfalls) = follow(&declared(size, None), &claim(change));
    assert_eq!(wish.size.0, want, "{case}");
    assert_eq!(shortfalls.len(), usize::from(!told.is_empty()), "{case}: {shortfalls:?}");
    for part in told {
        assert!(shortfalls[0].contains(part), "{case}: {}", shortfalls[0]);
    }
}

#[test]
fn sizes() {
    let bound = || json!({});
    check_size("the same", "2Gi", bound(), "2Gi", &[]);
    check_size("the same in other words", "2048Mi", bound(), "2Gi", &[]);
    check_size("the same as a number", "2147483648", bound(), "2Gi", &[]);
    check_size("more", "3Gi", bound(), "3Gi", &[]);
    check_size("more, before it has a volume", "3Gi", pending(), "2Gi", &[]);
    let names = "PersistentVolumeClaim tributary-system/g-tasks-example-com-76445ce3a9 asks for 2Gi";
    let remedy = "declare 2Gi, or, only if its objects may be lost, delete the claim and the gateway's Pod";
    check_size("less", "1Gi", bound(), "2Gi", &[names, "cannot shrink to 1Gi", remedy]);
    check_size("less, before it has a volume", "1Gi", pending(), "2Gi", &["which holds nothing yet"]);
    let growing = || json!({"status": {"capacity": {"storage": "1Gi"}}});
    check_size("back from a growth that has not come", "1536Mi", growing(), "1536Mi", &[]);
    check_size("back to what it has", "1Gi", growing(), "2Gi", &["cannot shrink to 1Gi"]);
    check_size(
        "a volume larger than asked for",
        "2Gi",
        json!({"status": {"capacity": {"storage": "10Gi"}}}),
        "2Gi",
        &[],
    );
}

#[test]
fn classes_stay() {
    for (case, class, change, want, told) in [
        ("none declared", None, json!({}), Some("fast"), None),
        ("the same", Some("fast"), json!({}), Some("fast"), None),
        ("another", Some("slow"), json!({}), Some("fast"), Some("declare \"fast\", or, only if its objects")),
        ("another, nothing bound", Some("slow"), pending(), Some("fast"), Some("which holds nothing yet")),
        ("no class at all", Some(""), json!({}), Some("fast"), Some("cannot be changed to \"\"")),
        (
            "no default class so far",
            Some("slow"),
            json!({"spec": {"storageClassName": null}}),
            Some("slow"),
            None,
        ),
        ("none, and none declared", None, json!({"spec": {"storageClassName": null}}), None, None),
    ] {
        let (wish, shortfalls) = follow(&declared("2Gi", class), &claim(change));
        assert_eq!(wish.class.as_deref(), want, "{case}");
        assert_eq!(wish.access_modes, ["ReadWriteOnce"], "{case}");
        assert_eq!(shortfalls.len(), usize::from(told.is_some()), "{case}: {shortfalls:?}");
        assert!(told.is_none_or(|part| shortfalls[0].contains(part)), "{case}: {shortfalls:?}");
    }
}

#[test]
fn growth_that_is_refused() {
    let claim = claim(json!({}));
    let class = |expands: Option<bool>| StorageClass {
        allow_volume_expansion: expands,
        ..storage_class("fast", json!({}))
    };
    for (case, class, part) in [
        (
            "not allowed",
            Some(class(None)),
            "StorageClass fast does not let volumes grow: set its allowVolumeExpansion",
        ),
        ("forbidden", Some(class(Some(false))), "or declare 2Gi"),
        ("a quota", Some(class(Some(true))), "3Gi was declared: exceeded quota"),
        ("no class", None, "3Gi was declared: exceeded quota"),
    ] {
        let (wish, _) = follow(&declared("3Gi", None), &claim);
        assert!(grows(&wish, &claim), "{case}");
        let (wish, shortfall) = without_growth(wish, &claim, class.as_ref(), "exceeded quota");
        assert_eq!((wish.size.0.as_str(), grows(&wish, &claim)), ("2Gi", false), "{case}");
        assert!(shortfall.contains(part) && shortfall.contains("stays at 2Gi"), "{case}: {shortfall}");
    }
}

#[test]
fn troubles_and_obstacles() {
    let going = || json!({"metadata": {"deletionTimestamp": "2027-01-01T00:00:00Z"}});
    let failing =
        json!({"status": {"conditions": [{"type": "NodeResizeError", "status": "True", "message": "I/O"}]}});
    let lost = json!({"status": {"phase": "Lost"}});
    let classless = json!({"spec": {"storageClassName": null}, "status": {"phase": "Pending"}});
    for (case, change, said, trouble, obstacle) in [
        ("bound", json!({}), None, None, None),
        (
            "going",
            going(),
            None,
            Some((TERMINATING, "goes with its objects")),
            Some((TERMINATING, "is being deleted")),
        ),
        ("lost", lost, None, Some((LOST, "has lost its volume")), Some((LOST, "has lost its volume"))),
        ("does not grow", failing, None, Some((RESIZE_FAILED, "does not grow: I/O")), None),
        (
            "nothing said",
            pending(),
            None,
            None,
            Some((VOLUME_PENDING, "waits for a volume, of StorageClass fast")),
        ),
        (
            "a provisioner is awaited",
            pending(),
            said("ExternalProvisioning", false),
            None,
            Some((VOLUME_PENDING, "of StorageClass fast: no space")),
        ),
        (
            "a provisioner fails",
            pending(),
            said("ProvisioningFailed", true),
            None,
            Some(("ProvisioningFailed", "of StorageClass fast: no space")),
        ),
        (
            "no default class",
            classless,
            said(NO_CLASS, true),
            None,
            Some((NO_CLASS, "as there is no default one: no space")),
        ),
        ("a Pod is awaited", pending(), said("WaitForFirstConsumer", false), None, None),
    ] {
        let seen = ClaimSeen { said, ..ClaimSeen::of(claim(change)) };
        for (got, want) in [(seen.trouble(), trouble), (seen.obstacle(), obstacle)] {
            assert_eq!(got.as_ref().map(|got| got.reason.as_str()), want.map(|(reason, _)| reason), "{case}");
            let message = got.map(|got| got.message).unwrap_or_default();
            assert!(message.contains(want.map_or("", |(_, part)| part)), "{case}: {message}");
            assert!(
                message.is_empty() || message.contains("g-tasks-example-com-76445ce3a9"),
                "{case}: {message}"
            );
        }
    }
}

const NO_CLASS: &str = "FailedBinding";

#[test]
fn what_is_declared_in_vain_is_told() {
    let shortfalls = vec!["declare 2Gi".to_owned()];
    let bound = ClaimSeen { shortfalls: shortfalls.clone(), ..ClaimSeen::of(claim(json!({}))) };
    assert_eq!(bound.trouble().map(|trouble| trouble.reason).as_deref(), Some(NOT_AS_DECLARED));
    assert_eq!(bound.obstacle(), None, "gateways serve all the same");
    let waiting = ClaimSeen { shortfalls, ..ClaimSeen::of(claim(pending())) };
    let message = waiting.obstacle().map(|trouble| trouble.message).unwrap_or_default();
    assert!(message.ends_with("of StorageClass fast; declare 2Gi"), "{message}");
}

#[test]
fn the_data_goes_with_who_used_it_and_says_so() {
    let spec = |storage: Value| json!({"gateway": {"storage": storage}});
    let embedded =
        |policy: &str| spec(json!({"memory": null, "embedded": {"size": "1Gi"}, "deletionPolicy": policy}));
    let memory = spec(json!({"deletionPolicy": "Delete"}));
    let other = json!({"metadata": {"annotations": {ADOPTED_BY: "uid-0"}}});
    let unlabelled = json!({"metadata": {"labels": {"tributary.dev/group": null}}});
    let another = json!({"metadata": {"labels": {"tributary.dev/group": "other.example.com"}}});
    let owned = json!({"metadata": {"ownerReferences": [
        {"apiVersion": "v1", "kind": "A", "name": "a", "uid": "u", "controller": true}]}});
    for (case, spec, change, want) in [
        ("Retain", embedded("Retain"), json!({}), false),
        ("Delete", embedded("Delete"), json!({}), true),
        ("never adopted, being refused from the start", embedded("Delete"), other, false),
        ("in memory, with a claim of before", memory, json!({}), false),
        ("somebody else's", embedded("Delete"), unlabelled, false),
        ("another group's", embedded("Delete"), another, false),
        ("somebody controls it", embedded("Delete"), owned, false),
    ] {
        assert_eq!(goes_with(&fixture::api(spec), &fixture::group(), &claim(change)), want, "{case}");
    }
}

fn storage_class(name: &str, metadata: Value) -> StorageClass {
    let mut class = json!({"metadata": {"name": name}, "provisioner": "csi.example.com"});
    fixture::merge(&mut class["metadata"], metadata);
    serde_json::from_value(class).expect("a StorageClass")
}

#[test]
fn the_class_of_a_claim() {
    let default =
        |key: &str, created: &str| json!({"annotations": {key: "true"}, "creationTimestamp": created});
    let (old, new) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let classes = [
        storage_class("plain", json!({"annotations": {classes::DEFAULT[0]: "false"}})),
        storage_class("old", default(classes::DEFAULT[0], old)),
        storage_class("new-b", default(classes::DEFAULT[1], new)),
        storage_class("new-a", default(classes::DEFAULT[0], new)),
    ];
    for (declared, known, want) in [
        (None, &classes[..], Some("new-a")),
        (None, &classes[..2], Some("old")),
        (None, &classes[..1], None),
        (Some("plain"), &classes[..], Some("plain")),
        (Some("missing"), &classes[..], None),
        (Some(""), &classes[..], None),
    ] {
        let class = class_of(declared, known).map(ResourceExt::name_any);
        assert_eq!(class.as_deref(), want, "{declared:?} of {}", known.len());
    }
    for (provisioner, want) in
        [("csi.example.com", Some("csi.example.com")), ("kubernetes.io/host-path", None), ("", None)]
    {
        let class = StorageClass { provisioner: provisioner.to_owned(), ..StorageClass::default() };
        assert_eq!(driver_of(&class), want, "{provisioner}");
    }
    let driver = serde_json::from_value(json!({"metadata": {"name": "csi.example.com"}, "spec": {}}))
        .expect("a driver");
    assert_eq!([access_mode(None), access_mode(Some(&driver))], ["ReadWriteOnce", "ReadWriteOncePod"]);
}

#[test]
fn what_was_said_last() {
    let event = |type_: &str, reason: &str, minute: u32| {
        json!({"metadata": {}, "involvedObject": {}, "type": type_, "reason": reason, "message": "m",
            "lastTimestamp": format!("2026-01-01T00:{minute:02}:00Z")})
    };
    let observed = |reason: &str, minute: u32| {
        json!({"metadata": {}, "involvedObject": {}, "type": "Normal", "reason": reason, "message": "m",
            "eventTime": "2026-01-01T00:00:00.000000Z",
            "series": {"count": 2, "lastObservedTime": format!("2026-01-01T00:{minute:02}:00.000000Z")}})
    };
    let waiting = || event("Normal", "ExternalProvisioning", 10);
    for (case, events, want) in [
        ("nothing", vec![], None),
        ("one", vec![waiting()], Some(("ExternalProvisioning", false))),
        (
            "it fails and is tried again",
            vec![event("Warning", "ProvisioningFailed", 5), waiting()],
            Some(("ProvisioningFailed", true)),
        ),
        (
            "it failed long ago",
            vec![event("Warning", "ProvisioningFailed", 4), waiting()],
            Some(("ExternalProvisioning", false)),
        ),
        ("no volume and no class", vec![event("Normal", NO_CLASS, 1)], Some((NO_CLASS, true))),
        (
            "a series",
            vec![waiting(), observed("WaitForFirstConsumer", 11)],
            Some(("WaitForFirstConsumer", false)),
        ),
    ] {
        let events: Vec<_> =
            events.into_iter().map(|event| serde_json::from_value(event).expect("an Event")).collect();
        let said = last_said(&events);
        let got = said.as_ref().map(|said| (said.reason.as_str(), said.is_failure));
        assert_eq!(got, want, "{case}");
    }
}

#[test]
fn a_claim_is_shown_with_its_size() {
    let name = "PersistentVolumeClaim tributary-system/g-tasks-example-com-76445ce3a9";
    let shown = |change: Value| ClaimSeen::of(claim(change)).to_string();
    assert_eq!(shown(json!({})), format!("{name} of 2Gi"));
    let growing = json!({"status": {"capacity": {"storage": "1Gi"}}});
    assert_eq!(shown(growing), format!("{name} of 1Gi, which is to grow to 2Gi"));
    assert_eq!(shown(pending()), name);
}
