//! Where we mean to differ, and why.

use super::Answer;

/// Expressions that differ one by one.
pub(crate) const SINGLE: [(&str, &str); 7] = [
    (
        "{1.5: 'a'}",
        "a double is no key: the specification has it so, upstream's interpreter forgets to check",
    ),
    ("{null: 1}", "neither is null"),
    ("google.protobuf.Duration{seconds: 1}", "no messages: duration() makes durations"),
    ("format.dns1123Label()", "a format as a result: upstream has no JSON for it, the table has its name"),
    (
        "object.metadata.labels[?'app'].optMap(w, quantity('500m'))",
        "upstream loses a literal quantity in an optional: the optional holds an error",
    ),
    ("[dyn(quantity('1'))] == ['a']", "upstream takes elements that cannot be compared for equal"),
    ("[dyn(quantity('1'))] != ['a']", "the same"),
];

/// Whether a difference is one of those that are meant.
pub(crate) fn is_meant(expression: &str, theirs: &Answer, ours: &Answer) -> bool {
    is_mixed_dyn(theirs, ours)
        || is_planned(theirs, ours)
        || is_optional_in_format(theirs, ours)
        || is_least_integer(expression)
        || is_panic(theirs)
        || is_quantity_text(theirs, ours)
        || SINGLE.iter().any(|(single, _)| *single == expression)
}

/// Variables have no types here, where Kubernetes knows them from schemas: it would refuse
/// `{'name': object.metadata.name, 'kind': 'Pod'}` for want of a schema only.
fn is_mixed_dyn(theirs: &Answer, ours: &Answer) -> bool {
    let Answer::Compile(message) = theirs else { return false };
    message.contains("expected type") && message.contains("dyn") && !matches!(ours, Answer::Compile(_))
}

/// A quantity as a result is canonical; upstream keeps some texts that are not, as `1e+3`, and has no JSON for them.
fn is_quantity_text(theirs: &Answer, ours: &Answer) -> bool {
    let (Answer::Value(theirs, kind), Answer::Value(ours, our_kind)) = (theirs, ours) else { return false };
    let value =
        |text: &serde_json::Value| text.as_str().map(|text| text.trim_start_matches(['+', '0']).to_owned());
    kind == our_kind
        && kind == "kubernetes.Quantity"
        && value(theirs).is_some()
        && value(ours).is_some()
        && [("1E3", "1e3"), ("+1", "1"), ("1.", "1"), ("1e+3", "1e3"), ("0001", "1")]
            .contains(&(theirs.as_str().unwrap_or_default(), ours.as_str().unwrap_or_default()))
}

/// Upstream evaluates constants when it plans a program and refuses it if that fails, even where it would never be
/// asked; we do so for conversions of literals only. Errors of its checker have a place, these have none.
fn is_planned(theirs: &Answer, ours: &Answer) -> bool {
    let Answer::Compile(message) = theirs else { return false };
    !message.starts_with(|first: char| first.is_ascii_digit()) && !matches!(ours, Answer::Compile(_))
}

/// Upstream's check of formats takes `[?a]` for a list of optionals.
fn is_optional_in_format(theirs: &Answer, ours: &Answer) -> bool {
    let Answer::Compile(message) = theirs else { return false };
    message.contains("error during formatting: string clause") && !matches!(ours, Answer::Compile(_))
}

/// Upstream negates the least integer to itself when it subtracts it from a quantity.
fn is_least_integer(expression: &str) -> bool {
    expression.contains("sub(-9223372036854775808)")
}

/// Upstream panics in its check of literals where an entry after `?` is `dyn`.
fn is_panic(theirs: &Answer) -> bool {
    matches!(theirs, Answer::Runtime(message) if message.starts_with("panic: "))
}
