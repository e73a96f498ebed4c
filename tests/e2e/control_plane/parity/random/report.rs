//! What a run found.

use std::collections::{BTreeMap, HashSet};
use std::fmt::{Display, Formatter, Result};

use super::lane::Wrong;
use super::shrink::Shrunken;
use crate::control_plane::parity::differences::MEANT;
use crate::control_plane::parity::request::Request;

/// How many kinds of mistakes are shrunken; of others the whole request is shown.
const SHRUNKEN_MOST: usize = 40;

/// Among so many requests every rule is used; otherwise its difference may be gone.
const MANY: usize = 10_000;

/// What all lanes of a run found.
#[derive(Default)]
pub(super) struct Report {
    /// How many requests the custom resource answered with each code.
    codes: BTreeMap<u16, usize>,
    /// How often each rule excused a difference.
    rules: BTreeMap<usize, usize>,
    /// How often each kind of mistake was made.
    kinds: BTreeMap<String, usize>,
    shrunken: HashSet<String>,
    shown: BTreeMap<String, String>,
}

impl Report {
    /// Takes note of a custom resource's answer.
    pub(super) fn answered(&mut self, code: u16) {
        *self.codes.entry(code).or_default() += 1;
    }

    pub(super) fn excused(&mut self, rule: usize) {
        *self.rules.entry(rule).or_default() += 1;
    }

    /// Takes note of a mistake; true if it is the first of its kind, and to be shrunken.
    pub(super) fn wrong(&mut self, wrong: &Wrong, request: &Request) -> bool {
        let kind = wrong.kind(request);
        let count = self.kinds.entry(kind.clone()).or_default();
        *count += 1;
        if *count > 1 {
            return false;
        }
        let text = format!("{}\n{}", request.shown(), answers(wrong));
        self.shown.insert(kind.clone(), text);
        self.shrunken.len() < SHRUNKEN_MOST && self.shrunken.insert(kind)
    }

    /// What became of one that was to be shrunken.
    pub(super) fn shrunken(&mut self, wrong: &Wrong, request: &Request, shrunken: &Shrunken) {
        let requests: Vec<_> = shrunken
            .sequence
            .iter()
            .map(|(number, request)| format!("#{number} {}", request.shown()))
            .collect();
        let again = if shrunken.again { "" } else { "(not wrong when asked again)\n" };
        let text = format!("{again}{}\n{}", requests.join("\n"), answers(&shrunken.wrong));
        self.shown.insert(wrong.kind(request), text);
    }

    /// How many differences are listed.
    pub(super) fn listed(&self) -> usize {
        self.rules.values().sum()
    }

    /// How many mistakes there are.
    pub(super) fn mistakes(&self) -> usize {
        self.kinds.values().sum()
    }
}

fn answers(wrong: &Wrong) -> String {
    format!(
        "  {}\n  ours:   {}\n  theirs: {}",
        wrong.what,
        cut(wrong.ours.to_string()),
        cut(wrong.theirs.to_string())
    )
}

/// Large lists are not to be shown whole.
fn cut(mut text: String) -> String {
    const SHOWN: usize = 3_000;
    if let Some(end) = (SHOWN..text.len()).find(|end| text.is_char_boundary(*end)) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let requests: usize = self.codes.values().sum();
        writeln!(formatter, "{requests} requests; codes: {:?}; listed differences:", self.codes)?;
        for (index, rule) in MEANT.iter().enumerate() {
            let count = self.rules.get(&index).unwrap_or(&0);
            let unused =
                if *count == 0 && requests >= MANY { " (NEVER FOUND: does it still differ?)" } else { "" };
            writeln!(formatter, "{count:6}  {}{unused}", rule.why)?;
        }
        let mut kinds: Vec<_> = self.kinds.iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        writeln!(formatter, "{} other differences, of {} kinds", self.mistakes(), kinds.len())?;
        for (kind, count) in kinds {
            writeln!(formatter, "\n== {count} times {kind}\n{}", self.shown[kind])?;
        }
        Ok(())
    }
}
