//! Who reads a view as its caller needs the same right on what the view reads.

use axum::response::Response;
use http::Uri;
use tracing::warn;
use tributary_access::{Attributes, Decision, User};
use tributary_definition::{ReadAs, Source, SourceReference, View};

use super::forbidden;
use super::request_info::{RequestInfo, ResourceInfo, Verb};
use super::server::Server;

/// Asks for every source of the view that is asked for, if it is one that its callers read; the first that is denied is
/// told.
pub(crate) async fn authorize(
    server: &Server,
    user: &User,
    info: &RequestInfo,
    uri: &Uri,
) -> Result<(), Response> {
    let Some(asked) = &info.resource else { return Ok(()) };
    let Some(published) = server.registry.published() else { return Ok(()) };
    let Some(resource) = published.resource(&asked.version, &asked.resource) else { return Ok(()) };
    let Source::View(view) = &resource.definition().source else { return Ok(()) };
    if view.read_as != ReadAs::Caller {
        return Ok(());
    }
    for source in reads(view, asked) {
        match server.authorizer.authorize(user, &attributes(&source)).await {
            Ok(Decision::Allowed) => {}
            Ok(Decision::Denied { reason }) => {
                return Err(forbidden::refuse_source(user, asked, &source, &reason));
            }
            Err(error) => {
                warn!(%error, "the reading of a source could not be authorized");
                return Err(forbidden::internal_error(uri, &error.to_string()));
            }
        }
    }
    Ok(())
}

/// What the request reads: the same of the primary's source, and all items of each join in that namespace, or of the
/// cluster where the request or the join is.
fn reads(view: &View, asked: &ResourceInfo) -> Vec<ResourceInfo> {
    let verb = if asked.verb == Verb::Watch { Verb::Watch } else { Verb::List };
    let primary = of(&view.from, asked.verb, &asked.namespace, &asked.name, asked);
    let joins = view.joins.iter().map(|join| {
        let namespace = if join.across_namespaces { "" } else { &asked.namespace };
        of(&join.from, verb, namespace, "", asked)
    });
    std::iter::once(primary).chain(joins).collect()
}

fn of(
    source: &SourceReference,
    verb: Verb,
    namespace: &str,
    name: &str,
    asked: &ResourceInfo,
) -> ResourceInfo {
    let (group, version) = source.api_version.split_once('/').unwrap_or(("", &source.api_version));
    let namespace = source.namespace.as_deref().filter(|only| !only.is_empty()).unwrap_or(namespace);
    ResourceInfo {
        verb,
        group: group.to_owned(),
        version: version.to_owned(),
        resource: source.resource.clone(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        subresource: String::new(),
        ..asked.clone()
    }
}

fn attributes(info: &ResourceInfo) -> Attributes {
    Attributes::Resource {
        verb: info.verb.as_str().to_owned(),
        group: info.group.clone(),
        version: info.version.clone(),
        resource: info.resource.clone(),
        subresource: String::new(),
        namespace: info.namespace.clone(),
        name: info.name.clone(),
        // What the caller selects of the view is not what the view selects of its source.
        field_selector: Vec::new(),
        label_selector: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tributary_crds::AggregatedApi;

    use super::*;

    /// `verb group/resource namespace name` of everything that a request for the view reads.
    fn read(view: Value, verb: Verb, namespace: &str, name: &str) -> Vec<String> {
        let api: AggregatedApi = serde_json::from_value(json!({
            "apiVersion": "tributary.dev/v1alpha1", "kind": "AggregatedAPI", "metadata": {"name": "g.example.com"},
            "spec": {"group": "g.example.com", "resources": [{"name": "shown", "kind": "Shown", "scope": "Namespaced",
                "versions": [{"name": "v1"}], "source": {"view": view}}]},
        }))
        .unwrap();
        let compiled = tributary_definition::compile(&api).unwrap();
        let Source::View(view) = &compiled.resource("v1", "shown").unwrap().source else { panic!("a view") };
        let asked = ResourceInfo {
            verb,
            group: "g.example.com".to_owned(),
            version: "v1".to_owned(),
            namespace: namespace.to_owned(),
            resource: "shown".to_owned(),
            name: name.to_owned(),
            selected_name: String::new(),
            subresource: String::new(),
            rest: String::new(),
        };
        let words = |info: ResourceInfo| {
            format!(
                "{} {}/{} {} {}",
                info.verb.as_str(),
                info.group,
                info.resource,
                info.namespace,
                info.name
            )
        };
        reads(view, &asked).into_iter().map(words).collect()
    }

    #[test]
    fn the_same_of_the_primary_and_all_of_what_joins() {
        let keys = json!({"object": "object.metadata.uid", "item": "item.metadata.uid"});
        let join = |across: bool| {
            json!({
                "from": {"apiVersion": "apps/v1", "resource": "deployments"}, "template": {},
                "join": [{"name": "events", "from": {"apiVersion": "v1", "resource": "events"}, "keys": keys,
                    "acrossNamespaces": across}],
            })
        };
        let fixed =
            json!({"from": {"apiVersion": "v1", "resource": "pods", "namespace": "only"}, "template": {}});
        for (view, verb, namespace, name, expected) in [
            (join(false), Verb::Get, "n", "a", vec!["get apps/deployments n a", "list /events n "]),
            (join(false), Verb::List, "", "", vec!["list apps/deployments  ", "list /events  "]),
            (join(false), Verb::Watch, "n", "", vec!["watch apps/deployments n ", "watch /events n "]),
            (join(true), Verb::List, "n", "", vec!["list apps/deployments n ", "list /events  "]),
            (fixed.clone(), Verb::List, "", "", vec!["list /pods only "]),
            (fixed, Verb::Get, "other", "a", vec!["get /pods only a"]),
        ] {
            assert_eq!(read(view.clone(), verb, namespace, name), expected, "{view}");
        }
    }
}
