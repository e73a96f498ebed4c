//! The format `hostname`: strfmt's own pattern, which knows symbols and letters of Unicode 15.0.

use std::sync::LazyLock;

use regex::Regex;

/// One label: a character, perhaps a dash, and more of them. Oddly the dash may be the last.
const LONE_LABEL: usize = 62;
/// Characters of a label before a dot, and of the last label.
const LABEL: usize = 63;
/// Bytes of a label.
const LABEL_BYTES: usize = 63;
/// Bytes of a name.
const NAME_BYTES: usize = 255;

static CHARACTERS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[[0-9.\-\p{L}\p{S}]&&\p{Age=15.0}]+$").ok());
static LETTERS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}&&\p{Age=15.0}]{2,}$").ok());

pub(super) fn is_hostname(text: &str) -> bool {
    text.len() <= NAME_BYTES
        && matches(&CHARACTERS, text)
        && text.split('.').all(|label| label.len() <= LABEL_BYTES)
        && match text.rsplit_once('.') {
            None => is_lone_label(text),
            Some((labels, last)) => {
                labels.split('.').all(is_label) && last.chars().count() <= LABEL && matches(&LETTERS, last)
            }
        }
}

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

fn is_lone_label(text: &str) -> bool {
    let mut characters = text.chars();
    if characters.next() == Some('-') {
        return false;
    }
    let rest = characters.as_str();
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    !rest.contains('-') && rest.chars().count() <= LONE_LABEL
}

fn is_label(text: &str) -> bool {
    let length = text.chars().count();
    (1..=LABEL).contains(&length) && !text.starts_with('-') && !text.ends_with('-')
}
