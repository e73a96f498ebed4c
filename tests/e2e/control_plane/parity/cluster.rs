//! What the cluster adds to a custom resource's own server, and not to a gateway yet: each is a meant difference, shown here.

use http::Method;
use serde_json::{Value, json};

use super::custom::custom_resources;
use super::exchange::{Exchange, excuse};
use super::request::Request;
use super::side::Side;
use super::{LABEL, differences, spec};
use crate::harness::{Served, unique, until};

/// For the quota controller and admission to know of what was created; the former looks for new kinds every 30 s.
const KNOWN: std::time::Duration = std::time::Duration::from_secs(120);

struct Both {
    served: Served,
    custom: String,
}

impl Both {
    async fn define() -> Self {
        let spec = spec();
        let mut served = Served::start(LABEL, spec.clone()).await;
        let custom = custom_resources(&mut served, &spec, LABEL).await;
        Self { served, custom }
    }

    /// Asks both until the custom resource's server answers with `code`, for the reason that is excused as `why`.
    async fn check(&self, name: &str, code: u64, why: &str) {
        let words = [("n", self.served.namespace.clone())];
        let sides = [&self.served.group, &self.custom]
            .map(|group| Side::new(&self.served.cluster.admin, group, &words));
        let sides = tokio::sync::Mutex::new(sides);
        let path = "/apis/{g}/v1/namespaces/{n}/customtasks";
        let task = json!({"apiVersion": "{g}/v1", "kind": "CustomTask", "metadata": {"name": name}, "spec": {"title": "T"}});
        let request =
            Request::new(Method::POST, path).json("application/json", task).parameter("dryRun", "All");
        let [ours, theirs]: [Value; 2] = until("the custom resource is refused", KNOWN, async || {
            let mut sides = sides.lock().await;
            let [ours, theirs] = &mut *sides;
            let answers = [ours.ask(&request).await.normal, theirs.ask(&request).await.normal];
            if answers[1]["code"] == code { Ok(answers) } else { Err(answers[1].to_string()) }
        })
        .await;
        let exchange = Exchange { request: &request, ours: &ours, theirs: &theirs };
        let rule = excuse(&exchange).map(|place| differences::MEANT[place].why);
        assert_eq!(rule, Some(why), "ours: {ours}\ntheirs: {theirs}");
    }
}

#[tokio::test]
async fn quota_refuses_nothing() {
    let mut both = Both::define().await;
    let hard = json!({format!("count/customtasks.{}", both.served.group): "0", format!("count/customtasks.{}", both.custom): "0"});
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": both.served.namespace}, "spec": {"hard": hard}});
    both.served.create(&[quota]).await;
    both.check("counted", 403, differences::QUOTA).await;
}

#[tokio::test]
async fn policies_of_the_cluster_are_not_asked() {
    let mut both = Both::define().await;
    let groups = [both.served.group.clone(), both.custom.clone()];
    let name = unique("refuse");
    let api = "admissionregistration.k8s.io";
    let policy = json!({"apiVersion": format!("{api}/v1"), "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"resourceRules": [{"apiGroups": groups, "apiVersions": ["*"],
                "operations": ["CREATE"], "resources": ["customtasks"]}]},
            "validations": [{"expression": "object.metadata.name != 'refused'", "message": "not this one"}]}});
    let binding = json!({"apiVersion": format!("{api}/v1"), "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}});
    both.served.create(&[policy, binding]).await;
    both.check("refused", 422, differences::ADMISSION).await;
}
