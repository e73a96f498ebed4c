//! Where we mean to differ, and why.

use super::Answer;

/// Expressions that differ one by one.
const SINGLE: [(&str, &str); 4] = [
    (
        "{1.5: 'a'}",
        "a double is no key: the specification has it so, upstream's interpreter forgets to check",
    ),
    ("{null: 1}", "neither is null"),
    ("google.protobuf.Duration{seconds: 1}", "no messages: duration() makes durations"),
    (
        "object.spec.map[null]",
        "upstream refuses a literal null when it plans the program, we when we find no such key",
    ),
];

/// Whether a difference is one of those that are meant.
pub(crate) fn is_meant(expression: &str, theirs: &Answer, ours: &Answer) -> bool {
    let mixed_dyn = match theirs {
        // Variables have no types here, where Kubernetes knows them from schemas. It would refuse
        // {'name': object.metadata.name, 'kind': 'Pod'} for want of a schema only.
        Answer::Compile(message) => {
            message.contains("expected type")
                && message.contains("dyn")
                && !matches!(ours, Answer::Compile(_))
        }
        _ => false,
    };
    mixed_dyn || SINGLE.iter().any(|(single, _)| *single == expression)
}
