//! Label and field selectors: what is printed reads as what was read, and matching ends.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use tributary_collection::{
    FieldRequirement, FieldSelector, LabelOperator, LabelRequirement, LabelSelector, LabelSet,
};

fuzz_target!(|text: &str| {
    if let Ok(selector) = LabelSelector::parse(text) {
        let printed = joined(selector.requirements().iter().map(label));
        assert_eq!(LabelSelector::parse(&printed).as_ref(), Ok(&selector), "{printed}");
        let labels = |value: &'static str| -> LabelSet {
            selector.requirements().iter().map(|one| (one.key.as_str(), value)).collect()
        };
        for value in ["", "1", "a", "99999999999999999999"] {
            selector.matches(&labels(value));
        }
        selector.matches(&LabelSet::default());
    }
    if let Ok(selector) = FieldSelector::parse_any(text) {
        // Requirements are in the order of their texts, of which `=` and `==` are two for the same.
        let printed = |selector: &FieldSelector| -> BTreeSet<String> {
            selector.requirements().iter().map(field).collect()
        };
        let terms = printed(&selector);
        let read = FieldSelector::parse_any(&joined(terms.iter().cloned()));
        assert_eq!(read.as_ref().map(printed), Ok(terms));
        selector.name();
    }
});

fn joined(terms: impl Iterator<Item = String>) -> String {
    terms.collect::<Vec<_>>().join(",")
}

fn label(requirement: &LabelRequirement) -> String {
    let key = &requirement.key;
    let values = requirement.values.join(",");
    match requirement.operator {
        LabelOperator::In if values.is_empty() => format!("{key}="),
        LabelOperator::NotIn if values.is_empty() => format!("{key}!="),
        LabelOperator::In => format!("{key} in ({values})"),
        LabelOperator::NotIn => format!("{key} notin ({values})"),
        LabelOperator::Exists => key.clone(),
        LabelOperator::DoesNotExist => format!("!{key}"),
        LabelOperator::GreaterThan => format!("{key}>{values}"),
        LabelOperator::LessThan => format!("{key}<{values}"),
    }
}

fn field(requirement: &FieldRequirement) -> String {
    let operator = if requirement.equal { "=" } else { "!=" };
    let value = requirement.value.replace('\\', "\\\\").replace(',', "\\,").replace('=', "\\=");
    format!("{}{operator}{value}", requirement.field)
}
