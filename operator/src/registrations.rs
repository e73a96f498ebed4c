//! Who owns a group: what is registered with the API server, judged purely.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::ResourceExt;
use kube::core::PartialObjectMeta;

use crate::group::{Group, controller};

/// The metadata of an APIService; its name is `<version>.<group>`, which Kubernetes enforces.
pub(crate) type ApiServiceMeta = PartialObjectMeta<APIService>;
/// The metadata of a CustomResourceDefinition; its name is `<plural>.<group>`, which Kubernetes enforces.
pub(crate) type DefinitionMeta = PartialObjectMeta<CustomResourceDefinition>;

/// The group in the name of an APIService (`<version>.<group>`) or a CustomResourceDefinition (`<plural>.<group>`).
pub(crate) fn group_of(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, group)| group)
}

/// Why `group` may not be served, if it belongs to somebody else.
///
/// First come, first served: once an APIService of the group is ours, a CustomResourceDefinition or a foreign
/// APIService that comes later does not take the group away, unless it has the name of one of `versions`.
pub(crate) fn owner<'a>(
    group: &Group,
    versions: &[String],
    api_services: impl Iterator<Item = &'a ApiServiceMeta> + Clone,
    mut definitions: impl Iterator<Item = &'a DefinitionMeta>,
) -> Option<String> {
    let registered = api_services.filter(|service| group_of(&service.name_any()) == Some(&group.name));
    let foreign = || registered.clone().filter(|service| !group.controls(&service.metadata));
    let wanted = |service: &&ApiServiceMeta| {
        versions.iter().any(|version| group.api_service(version) == service.name_any())
    };
    let ours = registered.clone().any(|service| group.controls(&service.metadata));
    if ours {
        return foreign().find(wanted).map(describe);
    }
    if let Some(definition) =
        definitions.find(|definition| group_of(&definition.name_any()) == Some(&group.name))
    {
        return Some(format!("it is served by the CustomResourceDefinition {}", definition.name_any()));
    }
    let mut foreign: Vec<_> = foreign().collect();
    foreign.sort_by_key(|service| service.name_any());
    foreign.first().copied().map(describe)
}

fn describe(service: &ApiServiceMeta) -> String {
    match controller(&service.metadata) {
        Some(owner) => {
            format!("the APIService {} belongs to {} {}", service.name_any(), owner.kind, owner.name)
        }
        None => format!("the APIService {} belongs to somebody else", service.name_any()),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
    use kube::api::ObjectMeta;

    use super::*;

    fn group() -> Group {
        let mut api = tributary_crds::AggregatedApi::new("tasks.example.com", Default::default());
        api.metadata.uid = Some("our-uid".to_owned());
        Group::of(&api, "tributary-system")
    }

    fn service(name: &str, uid: Option<&str>) -> ApiServiceMeta {
        let owner = uid.map(|uid| OwnerReference {
            kind: "AggregatedAPI".to_owned(),
            name: "other".to_owned(),
            uid: uid.to_owned(),
            controller: Some(true),
            ..OwnerReference::default()
        });
        PartialObjectMeta {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                owner_references: owner.map(|owner| vec![owner]),
                ..ObjectMeta::default()
            },
            ..PartialObjectMeta::default()
        }
    }

    fn definition(name: &str) -> DefinitionMeta {
        PartialObjectMeta {
            metadata: ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
            ..PartialObjectMeta::default()
        }
    }

    fn check(case: &str, services: &[ApiServiceMeta], definitions: &[DefinitionMeta], want: Option<&str>) {
        let owner = owner(&group(), &["v1".to_owned()], services.iter(), definitions.iter());
        match (owner, want) {
            (None, None) => {}
            (Some(owner), Some(part)) => assert!(owner.contains(part), "{case}: {owner}"),
            (owner, want) => panic!("{case}: {owner:?}, want {want:?}"),
        }
    }

    #[test]
    fn owners() {
        let ours = service("v1.tasks.example.com", Some("our-uid"));
        check("nothing", &[], &[], None);
        check("another group", &[service("v1.example.com", None)], &[definition("a.example.com")], None);
        check("a longer group", &[service("v1.x.tasks.example.com", None)], &[], None);
        check(
            "foreign, our version",
            &[service("v1.tasks.example.com", None)],
            &[],
            Some("v1.tasks.example.com belongs to somebody else"),
        );
        check(
            "foreign, another version",
            &[service("v2.tasks.example.com", Some("x"))],
            &[],
            Some("AggregatedAPI other"),
        );
        check(
            "a definition",
            &[service("v1.tasks.example.com", None)],
            &[definition("a.tasks.example.com")],
            Some("CustomResourceDefinition a.tasks.example.com"),
        );
        check(
            "ours came first",
            &[ours.clone(), service("v2.tasks.example.com", None)],
            &[definition("a.tasks.example.com")],
            None,
        );
        check(
            "ours came first, a version is taken",
            &[service("v2.tasks.example.com", Some("our-uid")), service("v1.tasks.example.com", None)],
            &[],
            Some("v1.tasks.example.com belongs"),
        );
    }
}
