//! What is wrong with a resource, and what to do about it, in words: paths and kinds of errors, never data. Pure.

use tributary_crds::{ResourceState, SourceReason, SourceState};

use crate::verdict::truncated;

/// What is wrong with a resource; nothing if it is well.
pub(super) fn message(resource: Option<&ResourceState>, silence: Option<&str>) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(resource) = resource {
        parts.extend((!resource.sources.is_empty()).then(|| sources(&resource.sources)));
        parts.extend(being_read(resource));
        parts.extend(evaluations(resource));
        parts.extend(hidden(resource));
    }
    parts.extend(silence.map(|why| format!("the gateway does not tell how it fares: {why}")));
    (!parts.is_empty()).then(|| truncated(&parts.join("; ")))
}

/// Why sources cannot be read, and what to do.
pub(super) fn sources(sources: &[SourceState]) -> String {
    let texts: Vec<String> = sources.iter().map(source).collect();
    texts.join("; ")
}

fn source(source: &SourceState) -> String {
    let SourceState { api_version, resource, .. } = source;
    match source.reason {
        SourceReason::Forbidden => {
            let group = api_version.split_once('/').map_or("", |(group, _)| group);
            format!(
                "the gateway may not read {resource} of {api_version}.\n{}",
                remedy(&rule(group, resource))
            )
        }
        SourceReason::NotFound => {
            format!("there is no {resource} of {api_version}: apply it, or correct apiVersion and resource")
        }
        SourceReason::Unavailable => {
            format!("{resource} of {api_version} cannot be read, it is tried again: {}", source.message)
        }
    }
}

/// A rule that lets a source be read, as YAML.
pub(crate) fn rule(group: &str, resource: &str) -> String {
    format!("\n- apiGroups: [\"{group}\"]\n  resources: [{resource}]\n  verbs: [get, list, watch]")
}

/// What an administrator does about sources that the operator may not read itself.
pub(crate) fn remedy(rules: &str) -> String {
    format!(
        "The operator gives what it holds: a ClusterRole labelled tributary.dev/aggregate-to-sources: \"true\" is to have\nrules:{rules}"
    )
}

fn being_read(resource: &ResourceState) -> Option<String> {
    (!resource.synced && resource.sources.is_empty()).then(|| "its sources are being read".to_owned())
}

fn evaluations(resource: &ResourceState) -> Option<String> {
    let count = match resource.errors {
        0 => return None,
        1 => "1 evaluation failed".to_owned(),
        few @ 2..10 => format!("{few} evaluations failed"),
        // A view that fails goes on failing: its status is not to change with every failure.
        many => format!("{} evaluations and more failed", 10_u64.pow(many.ilog10())),
    };
    let last = resource.last_error.as_ref();
    Some(match last {
        Some(last) => format!("{count}, the last one at {}: {}", last.path, last.kind),
        None => count,
    })
}

fn hidden(resource: &ResourceState) -> Option<String> {
    match resource.hidden {
        0 => None,
        1 => Some("1 object is not shown: another one has its name".to_owned()),
        hidden => Some(format!("{hidden} objects are not shown: others have their names")),
    }
}

#[cfg(test)]
mod tests {
    use tributary_crds::EvaluationState;

    use super::*;

    fn failing(reason: SourceReason) -> ResourceState {
        let source = SourceState {
            api_version: "apps/v1".to_owned(),
            resource: "deployments".to_owned(),
            reason,
            message: "connection refused".to_owned(),
        };
        ResourceState { sources: vec![source], ..ResourceState::default() }
    }

    fn errors(errors: u64) -> ResourceState {
        let last = EvaluationState { path: "template.spec.x".to_owned(), kind: "no such key".to_owned() };
        ResourceState { synced: true, errors, last_error: Some(last), ..ResourceState::default() }
    }

    #[test]
    fn messages_say_what_to_do() {
        let well = ResourceState { synced: true, ..ResourceState::default() };
        let evaluated =
            |count: &str| Some(format!("{count} failed, the last one at template.spec.x: no such key"));
        let text = |text: &str| Some(text.to_owned());
        let rule = "rules:\n- apiGroups: [\"apps\"]\n  resources: [deployments]\n  verbs: [get, list, watch]";
        for (case, resource, silence, want) in [
            ("well", well.clone(), None, None),
            ("being read", ResourceState::default(), None, text("its sources are being read")),
            (
                "missing",
                failing(SourceReason::NotFound),
                None,
                text("there is no deployments of apps/v1: apply it, or correct apiVersion and resource"),
            ),
            (
                "unavailable",
                failing(SourceReason::Unavailable),
                None,
                text("deployments of apps/v1 cannot be read, it is tried again: connection refused"),
            ),
            ("forbidden", failing(SourceReason::Forbidden), None, {
                let first = "the gateway may not read deployments of apps/v1.\nThe operator gives what it holds: a ClusterRole labelled tributary.dev/aggregate-to-sources: \"true\" is to have";
                Some(format!("{first}\n{rule}"))
            }),
            ("one error", errors(1), None, evaluated("1 evaluation")),
            ("few", errors(9), None, evaluated("9 evaluations")),
            ("ten", errors(10), None, evaluated("10 evaluations and more")),
            ("eleven", errors(11), None, evaluated("10 evaluations and more")),
            ("a hundred", errors(100), None, evaluated("100 evaluations and more")),
            ("many", errors(54_321), None, evaluated("10000 evaluations and more")),
            (
                "a name twice",
                ResourceState { hidden: 1, ..well.clone() },
                None,
                text("1 object is not shown: another one has its name"),
            ),
            (
                "silent",
                ResourceState { hidden: 2, ..well },
                Some("Pod g-1: no answer within 5 s"),
                text(
                    "2 objects are not shown: others have their names; the gateway does not tell how it fares: Pod g-1: no answer within 5 s",
                ),
            ),
        ] {
            assert_eq!(message(Some(&resource), silence), want, "{case}");
        }
        assert_eq!(message(None, None), None);
        assert!(message(None, Some("why")).is_some());
    }
}
