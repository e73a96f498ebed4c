//! One request with both answers, and rules about it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::differences::{CHANGES_TO_BE_FIXED, MEANT, TO_BE_FIXED};
use super::request::Request;

/// One request and both answers, in the form in which they compare.
pub(super) struct Exchange<'a> {
    pub(super) request: &'a Request,
    pub(super) ours: &'a Value,
    pub(super) theirs: &'a Value,
}

/// A difference that requests may find.
pub(super) struct Rule {
    pub(super) why: &'static str,
    pub(super) applies: fn(&Exchange<'_>) -> bool,
}

/// The rule that excuses a difference, by its place in both lists together. An error of the server's own that a custom
/// resource does not have is never meant.
pub(super) fn excuse(exchange: &Exchange<'_>) -> Option<usize> {
    let failed = |answer: &Value| answer["code"].as_u64().is_none_or(|code| code >= 500);
    let lists = if failed(exchange.ours) && !failed(exchange.theirs) { MEANT.len() } else { 0 };
    MEANT
        .iter()
        .chain(TO_BE_FIXED)
        .skip(lists)
        .position(|rule| (rule.applies)(exchange))
        .map(|place| place + lists)
}

/// The rule that excuses that a refused request changed something, by its place in all lists.
pub(super) fn excuse_change(exchange: &Exchange<'_>) -> Option<usize> {
    let place = CHANGES_TO_BE_FIXED.iter().position(|rule| (rule.applies)(exchange));
    place.map(|place| place + MEANT.len() + TO_BE_FIXED.len())
}

/// Every rule.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    MEANT.iter().chain(TO_BE_FIXED).chain(CHANGES_TO_BE_FIXED)
}

impl Exchange<'_> {
    /// Whether these are the codes of both answers.
    pub(super) fn codes(&self, ours: u64, theirs: u64) -> bool {
        self.ours["code"] == ours && self.theirs["code"] == theirs
    }

    /// Whether both have one of these codes.
    pub(super) fn same_code(&self, codes: &[u64]) -> bool {
        let code = self.ours["code"].as_u64().unwrap_or_default();
        codes.contains(&code) && self.theirs["code"] == code
    }

    /// Whether ours is a client's mistake.
    pub(super) fn our_class(&self, class: u64) -> bool {
        self.ours["code"].as_u64().is_some_and(|code| code / 100 * 100 == class)
    }

    /// Whether the bodies are the same but for causes that are there more than once, which a message lists.
    pub(super) fn same_causes(&self) -> bool {
        if let [Value::String(ours), Value::String(theirs)] = [&self.ours["body"], &self.theirs["body"]] {
            let words = |text: &'_ str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
            return words(ours) == words(theirs);
        }
        let [ours, theirs] = [self.ours, self.theirs].map(|answer| {
            let mut body = answer["body"].clone();
            if let Some(message) = body.get_mut("message") {
                message.take();
            }
            if let Some(causes) = body.pointer_mut("/details/causes").and_then(Value::as_array_mut) {
                causes.dedup();
            }
            body
        });
        ours == theirs
            && ours["details"]["causes"].is_array()
            && self.ours["headers"] == self.theirs["headers"]
    }

    /// Whether both did what was asked.
    pub(super) fn both_granted(&self) -> bool {
        self.same_code(&[200, 201])
    }

    /// The text of a custom resource's answer, in which lines are broken nowhere.
    pub(super) fn their_text(&self) -> String {
        let body = &self.theirs["body"];
        let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The messages of both answers.
    pub(super) fn messages(&self) -> [&str; 2] {
        [self.ours, self.theirs].map(|answer| answer["body"]["message"].as_str().unwrap_or_default())
    }
}
