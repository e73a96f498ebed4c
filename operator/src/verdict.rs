//! Whether a definition is accepted: judged before anything is touched.

use std::collections::BTreeSet;

use tributary_crds::AggregatedApi;

use crate::certificates::Terms;
use crate::children;
use crate::group::Group;
use crate::registrations::{self, ApiServiceMeta, DefinitionMeta};
use crate::reports::Definition;
use crate::site::Site;

/// The longest message of a condition, in characters: a screen of `kubectl describe`, and what an Event may hold.
const MAX_MESSAGE: usize = 1000;

/// A definition that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The served versions, preferred first.
    pub(crate) versions: Vec<String>,
    /// The plurals of the served resources.
    pub(crate) resources: BTreeSet<String>,
    /// The hash of the definition, as gateways tell it.
    pub(crate) hash: String,
    /// How long certificates live.
    pub(crate) terms: Terms,
}

// === impl Accepted ===

impl Accepted {
    /// What gateways are to serve of `api`, whose definition this is.
    pub(crate) fn definition(&self, api: &AggregatedApi) -> Option<Definition> {
        Some(Definition { generation: api.metadata.generation?, hash: self.hash.clone() })
    }
}

/// A definition that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Why, as the reason of a condition.
    pub(crate) reason: RefusalReason,
    /// Why, for people.
    pub(crate) message: String,
}

/// The reasons of `Accepted=False`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalReason {
    /// The definition is wrong, or asks for what is not built.
    DefinitionRejected,
    /// The group is somebody else's.
    GroupTaken,
    /// An object with the name of a child is somebody else's.
    NameTaken,
}

/// Judges a definition by itself and by what is registered.
///
/// # Errors
/// The [`Refusal`], with everything that is wrong with the definition.
pub(crate) fn judge<'a>(
    api: &AggregatedApi,
    group: &Group,
    site: &Site,
    api_services: impl Iterator<Item = &'a ApiServiceMeta> + Clone,
    definitions: impl Iterator<Item = &'a DefinitionMeta>,
) -> Result<Accepted, Refusal> {
    let compiled = compile(api, site);
    let versions = compiled.as_ref().map(|accepted| accepted.versions.as_slice()).unwrap_or_default();
    match registrations::owner(group, versions, api_services, definitions) {
        Some(owner) => Err(Refusal::group_taken(&group.name, &owner)),
        None => compiled,
    }
}

fn compile(api: &AggregatedApi, site: &Site) -> Result<Accepted, Refusal> {
    let compiled = tributary_definition::compile(api);
    let terms = Terms::of(&api.spec.certificates);
    let mut errors: Vec<String> = Vec::new();
    if let Err(refused) = &compiled {
        errors.extend(refused.iter().map(ToString::to_string));
    }
    if let Err(error) = &terms {
        errors.push(error.to_string());
    }
    let image = children::image(&api.spec.gateway, site);
    if !site.allows(image) {
        errors.push(format!("spec.gateway.image: {image:?} is not among the operator's --allowed-images"));
    }
    match (compiled, terms) {
        (Ok(compiled), Ok(terms)) if errors.is_empty() => Ok(Accepted {
            resources: compiled.resources().map(|resource| resource.plural.clone()).collect(),
            versions: compiled.versions,
            hash: compiled.hash,
            terms,
        }),
        _ => Err(Refusal::definition(&errors)),
    }
}

// === impl Refusal ===

impl Refusal {
    fn definition(errors: &[String]) -> Self {
        Self { reason: RefusalReason::DefinitionRejected, message: truncated(&errors.join("; ")) }
    }

    /// The group is somebody else's.
    pub(crate) fn group_taken(group: &str, owner: &str) -> Self {
        Self {
            reason: RefusalReason::GroupTaken,
            message: truncated(&format!("the group {group} is taken: {owner}")),
        }
    }

    /// An object with the name of a child is somebody else's.
    pub(crate) fn name_taken(object: &str) -> Self {
        Self {
            reason: RefusalReason::NameTaken,
            message: truncated(&format!(
                "{object} exists and does not belong to this AggregatedAPI; it is left alone, delete or rename it"
            )),
        }
    }
}

// === impl RefusalReason ===

impl RefusalReason {
    /// The reason as conditions and Events have it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::DefinitionRejected => "DefinitionRejected",
            Self::GroupTaken => "GroupTaken",
            Self::NameTaken => "NameTaken",
        }
    }
}

/// The text, or its beginning and an ellipsis.
pub(crate) fn truncated(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use kube::core::PartialObjectMeta;
    use serde_json::{Value, json};

    use super::*;
    use crate::fixture;

    /// `want`: the served versions, or reason and a part of the message.
    fn check(case: &str, spec: Value, crds: &[&str], want: Result<&[&str], (&str, &str)>) {
        let (api, group) = (fixture::api(spec), fixture::group());
        let definitions: Vec<DefinitionMeta> = crds
            .iter()
            .map(|name| {
                let mut definition = PartialObjectMeta::default();
                definition.metadata.name = Some((*name).to_owned());
                definition
            })
            .collect();
        match (judge(&api, &group, &fixture::site(), [].iter(), definitions.iter()), want) {
            (Ok(accepted), Ok(versions)) => assert_eq!(accepted.versions, versions, "{case}"),
            (Err(refusal), Err((reason, part))) => {
                assert_eq!(refusal.reason.as_str(), reason, "{case}");
                assert!(refusal.message.contains(part), "{case}: {}", refusal.message);
            }
            (got, want) => panic!("{case}: {got:?}, want {want:?}"),
        }
    }

    #[test]
    fn verdicts() {
        let rejected = |part| Err(("DefinitionRejected", part));
        check("the fixture", json!({}), &[], Ok(&["v1"]));
        check("nothing declared", json!({"resources": []}), &[], Ok(&[]));
        let review = json!({"review": {"template": {}}});
        let resource = json!({"name": "a", "kind": "A", "scope": "Cluster", "versions": [{"name": "v1"}], "source": review});
        check(
            "not built",
            json!({"resources": [resource]}),
            &[],
            rejected("spec.resources[0].source.review: "),
        );
        check("an image", json!({"gateway": {"image": "mirror.example/gateway:1"}}), &[], Ok(&["v1"]));
        check(
            "a foreign image",
            json!({"gateway": {"image": "evil.example/gateway:1"}}),
            &[],
            rejected("spec.gateway.image: \"evil.example/gateway:1\" is not among"),
        );
        let certificates = json!({"certificates": {"duration": "1x"}});
        check(
            "a duration",
            certificates.clone(),
            &[],
            rejected("spec.certificates.duration: invalid duration"),
        );
        check(
            "two errors",
            json!({"certificates": {"duration": "1x"}, "gateway": {"image": "evil"}}),
            &[],
            rejected("; spec.gateway.image"),
        );
        check("taken", json!({}), &["a.tasks.example.com"], Err(("GroupTaken", "a.tasks.example.com")));
        check("taken and wrong", certificates, &["a.tasks.example.com"], Err(("GroupTaken", "is taken")));
    }

    #[test]
    fn long_messages_are_cut() {
        let message = Refusal::definition(&vec!["spec.ä: wrong".to_owned(); 200]).message;
        assert_eq!(message.chars().count(), MAX_MESSAGE + 1);
        assert!(message.ends_with('…'));
    }
}
