//! One request with both answers, and rules about it.

use serde_json::Value;

use super::differences::MEANT;
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

/// The rule that excuses a difference, by its place. An error of the server's own that a custom resource does not have is
/// never meant.
pub(super) fn excuse(exchange: &Exchange<'_>) -> Option<usize> {
    let failed = |answer: &Value| answer["code"].as_u64().is_none_or(|code| code >= 500);
    if failed(exchange.ours) && !failed(exchange.theirs) {
        return None;
    }
    MEANT.iter().position(|rule| (rule.applies)(exchange))
}

impl Exchange<'_> {
    /// Whether both have one of these codes.
    pub(super) fn same_code(&self, codes: &[u64]) -> bool {
        let code = self.ours["code"].as_u64().unwrap_or_default();
        codes.contains(&code) && self.theirs["code"] == code
    }

    /// Whether ours is a client's mistake.
    pub(super) fn our_class(&self, class: u64) -> bool {
        self.ours["code"].as_u64().is_some_and(|code| code / 100 * 100 == class)
    }

    /// Whether the answers are the same but for the resourceVersion, which only a custom resource has made anew.
    pub(super) fn only_theirs_is_new(&self) -> bool {
        let mut theirs = self.theirs.clone();
        match theirs.pointer_mut("/body/metadata/resourceVersion") {
            Some(revision) if *revision == "<new resourceVersion>" => {
                *revision = Value::from("<known resourceVersion>");
            }
            _ => return false,
        }
        *self.ours == theirs
    }

    /// Whether the bodies have the same letters and digits, in any order, with numbers as they are read.
    pub(super) fn same_letters(&self) -> bool {
        let [ours, theirs] = [self.ours, self.theirs].map(|answer| {
            let mut letters: Vec<_> = as_read(&answer["body"].to_string())
                .chars()
                .filter(|letter| letter.is_alphanumeric())
                .collect();
            letters.sort_unstable();
            letters
        });
        ours == theirs
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

/// Numbers of a patch as they are read: an integer above 2^63 is a float, and a float without a fraction shows none.
pub(super) fn as_read(text: &str) -> String {
    let text = text.replace("18446744073709551615", "18446744073709552000");
    [",", "]", "}"].iter().fold(text, |text, after| text.replace(&format!(".0{after}"), after))
}
