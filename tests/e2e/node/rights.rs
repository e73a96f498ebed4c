//! docs/rights.md says what operator, gateways and stand-in may do, and nothing else is so.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Declared, SYSTEM, operator, workspace};
use crate::tasks;

/// Who may do what on what, and where.
type Right = (String, BTreeSet<String>, String, String);

/// The rights of the table, one for each resource.
fn documented() -> BTreeSet<Right> {
    let page = std::fs::read_to_string(workspace().join("docs/rights.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ")).skip(1);
    let rights = rows.flat_map(|row| {
        let cells: Vec<String> =
            row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        let [who, verbs, on, place, why] = <[String; 5]>::try_from(cells).expect("five cells");
        assert!(!why.is_empty(), "{row}");
        let verbs: BTreeSet<String> = verbs.split(' ').map(str::to_owned).collect();
        let resources: Vec<String> = on.split(", ").map(str::to_owned).collect();
        resources.into_iter().map(move |on| (who.clone(), verbs.clone(), on, place.clone()))
    });
    rights.collect()
}

/// The rights of a role, one for each resource. What is named of the group is told as the page does.
fn rights(declared: &Declared, who: &str, role: &Value, place: &str) -> BTreeSet<Right> {
    let words = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let mut found = BTreeSet::new();
    for rule in role["rules"].as_array().unwrap_or_else(|| panic!("{role}")) {
        assert!(rule["nonResourceURLs"].is_null(), "{rule}");
        let names = words(&rule["resourceNames"]);
        let names: Vec<String> = if names.is_empty() {
            vec![String::new()]
        } else {
            names.iter().map(|name| format!("={name}")).collect()
        };
        for group in words(&rule["apiGroups"]) {
            for resource in words(&rule["resources"]) {
                for name in &names {
                    let dot = if group.is_empty() { "" } else { "." };
                    let on = format!("{resource}{dot}{group}{name}");
                    let on = on.replace(&declared.child(), "CHILD").replace(&declared.group, "GROUP");
                    found.insert((
                        who.to_owned(),
                        words(&rule["verbs"]).into_iter().collect(),
                        on,
                        place.to_owned(),
                    ));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn the_page_says_what_the_cluster_says() {
    let _operator = operator().await;
    let declared = Declared::apply("rights", tasks::spec()).await;
    declared.until_ready().await;
    let child = declared.child();
    let mut found = BTreeSet::new();
    for (who, name) in
        [("operator", "tributary-operator"), ("operator", "tributary-sources-workloads"), ("gateway", &child)]
    {
        let role = declared
            .cluster
            .admin
            .get(&format!("/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}"))
            .await;
        found.extend(rights(&declared, who, &role.expect(200), "cluster"));
    }
    for (who, name, namespace) in [
        ("operator", "tributary-operator", SYSTEM),
        ("operator", "tributary-operator-events", "default"),
        ("gateway", &child, SYSTEM),
        ("stand-in", "tributary-stand-in", SYSTEM),
        ("stand-in", &child, SYSTEM),
    ] {
        let path = format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/roles/{name}");
        let role = declared.cluster.admin.get(&path).await.expect(200);
        found.extend(rights(&declared, who, &role, namespace));
    }
    let documented = documented();
    let missing: Vec<_> = found.difference(&documented).collect();
    let untrue: Vec<_> = documented.difference(&found).collect();
    assert!(
        missing.is_empty() && untrue.is_empty(),
        "not on the page: {missing:#?}\nnot in the cluster: {untrue:#?}"
    );
    assert!(documented.iter().all(|(_, verbs, ..)| !verbs.contains("*")
        && !verbs.contains("escalate")
        && !verbs.contains("bind")));

    // Each of them is bound to nothing else.
    for (account, expected) in [
        ("tributary-operator", vec!["tributary-operator", "tributary-sources"]),
        ("tributary-stand-in", vec![]),
        (child.as_str(), vec![child.as_str()]),
    ] {
        let list = declared
            .cluster
            .admin
            .get("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings")
            .await
            .expect(200);
        let bindings = list["items"].as_array().unwrap().iter();
        let of_account = bindings.filter(|binding| {
            let subjects = binding["subjects"].as_array().into_iter().flatten();
            subjects.into_iter().any(|subject| {
                subject["kind"] == "ServiceAccount"
                    && subject["name"] == account
                    && subject["namespace"] == SYSTEM
            })
        });
        let mut bound: Vec<&str> =
            of_account.map(|binding| binding["roleRef"]["name"].as_str().unwrap()).collect();
        bound.sort_unstable();
        assert_eq!(bound, expected, "{account}");
    }
}
